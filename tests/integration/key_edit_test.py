"""Changes of a key without a new secret, and rotations: what is in force afterwards, and what is on record."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."
READ, WRITE, DELETE = "read:policies:admin", "write:policies:admin", "delete:policies:admin"
BUNDLE = f'[[bundle]]\nname = "policy-work"\nsummary = "Read and write policies"\nscopes = ["{READ}", "{WRITE}"]\n'
DAY = 86400


class KeyEdit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        with open(os.path.join(cls.daemon.scopes_directory, "bundles.toml"), "w", encoding="utf-8") as file:
            file.write(BUNDLE)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def error(self, method, **parameters):
        with self.assertRaises(VarlinkError) as refused:
            self.call(method, **parameters)
        return refused.exception

    def issue(self, **parameters):
        issued = self.daemon.create_key(**parameters)
        return issued["key"], issued["record"]["key_id"]

    def record(self, key_id):
        return self.call("GetKey", key_id=key_id)["record"]

    def acts(self, key_id):
        return self.call("ListAudit", subject=key_id)["records"]

    def test_new_scopes_are_in_force_at_once_for_the_same_secret(self):
        key, key_id = self.issue()
        self.assertEqual(self.daemon.verify(key, scopes=[WRITE])["code"], "insufficient_scope")
        edited = self.call("EditKey", key_id=key_id, scopes=[READ, WRITE])
        self.assertEqual((edited["gained"], edited["lost"]), ([WRITE], []))
        self.assertEqual(edited["record"]["version"], 2)
        self.assertEqual(edited["record"]["generation"], 1)
        self.assertTrue(self.daemon.verify(key, scopes=[READ, WRITE])["valid"])
        narrowed = self.call("EditKey", key_id=key_id, scopes=[WRITE])
        self.assertEqual((narrowed["gained"], narrowed["lost"]), ([], [READ]))
        self.assertEqual(self.daemon.verify(key, scopes=[READ])["missing_scopes"], [READ])

    def test_an_edit_is_on_record_with_what_was_and_what_is(self):
        _, key_id = self.issue(name="before the edit")
        self.call("EditKey", key_id=key_id, name="after the edit")
        act = self.acts(key_id)[0]
        self.assertEqual((act["act"], act["before"]["name"], act["after"]["name"]),
                         ("key.edit", "before the edit", "after the edit"))
        self.assertEqual((act["before"]["version"], act["after"]["version"]), (1, 2))

    def test_what_is_not_named_stays_as_it_is(self):
        _, key_id = self.issue(team="storage", description="nightly", bundles=["policy-work"], lifetime=3 * DAY)
        before = self.record(key_id)
        for change in ({"name": "renamed"}, {"owner": "backup"}, {"team": "archive"}, {"description": "weekly"}):
            before |= change
            before["version"] += 1
            self.assertEqual(self.call("EditKey", key_id=key_id, **change)["record"], before)
            self.assertEqual(self.record(key_id), before)

    def test_an_empty_text_removes_team_and_description(self):
        _, key_id = self.issue(team="storage", description="nightly")
        record = self.call("EditKey", key_id=key_id, team="", description="")["record"]
        self.assertNotIn("team", record)
        self.assertNotIn("description", record)

    def test_a_bundle_gives_its_scopes_and_is_remembered(self):
        _, key_id = self.issue(scopes=[DELETE])
        record = self.call("EditKey", key_id=key_id, scopes=[DELETE], bundles=["policy-work"])["record"]
        self.assertEqual((record["scopes"], record["bundles"]), ([DELETE, READ, WRITE], ["policy-work"]))
        record = self.call("EditKey", key_id=key_id, scopes=[READ])["record"]
        self.assertEqual((record["scopes"], record["bundles"]), ([READ], []))

    def test_a_dry_run_tells_the_difference_and_changes_nothing(self):
        key, key_id = self.issue()
        before = self.record(key_id)
        told = self.call("EditKey", key_id=key_id, scopes=[DELETE], name="planned", dry_run=True)
        self.assertEqual((told["gained"], told["lost"]), ([DELETE], [READ]))
        self.assertEqual((told["record"]["name"], told["record"]["version"]), ("planned", 1))
        self.assertEqual(self.record(key_id), before)
        self.assertEqual([act["act"] for act in self.acts(key_id)], ["key.create"])
        self.assertTrue(self.daemon.verify(key, scopes=[READ])["valid"])
        refused = self.error("EditKey", key_id=key_id, scopes=["read:policy:admin"], dry_run=True)
        self.assertEqual(refused.parameters["field"], "scopes")

    def test_a_change_that_was_planned_for_another_version_is_a_conflict(self):
        _, key_id = self.issue()
        self.call("EditKey", key_id=key_id, name="someone was faster", version=1)
        error = self.error("EditKey", key_id=key_id, name="too late", version=1)
        self.assertEqual(error.name, ADMIN + "Conflict")
        self.assertIn("version 2", error.parameters["message"])
        self.assertEqual(self.record(key_id)["name"], "someone was faster")
        self.assertEqual(self.call("EditKey", key_id=key_id, name="now", version=2)["record"]["version"], 3)

    def test_an_expiry_comes_nearer_and_never_goes_away(self):
        _, key_id = self.issue(lifetime=2 * DAY)
        later = self.record(key_id)["expires_at"]
        sooner = self.issue(lifetime=DAY)[1]
        sooner = self.record(sooner)["expires_at"]
        self.assertEqual(self.call("EditKey", key_id=key_id, expires_at=sooner)["record"]["expires_at"], sooner)
        self.assertEqual(self.error("EditKey", key_id=key_id, expires_at=later).parameters["field"], "expires_at")

    def test_an_edit_survives_a_restart(self):
        key, key_id = self.issue()
        self.call("EditKey", key_id=key_id, scopes=[WRITE])
        self.daemon.restart()
        self.assertTrue(self.daemon.verify(key, scopes=[WRITE])["valid"])

    def test_a_rotation_gets_an_expiry_of_its_own_and_keeps_the_rest(self):
        _, key_id = self.issue(name="kept", team="storage", bundles=["policy-work"], lifetime=3600)
        before = self.record(key_id)
        after = self.call("RotateKey", key_id=key_id)["record"]
        self.assertGreater(after["expires_at"], before["expires_at"])
        for field in ("name", "owner", "team", "creator", "scopes", "bundles", "created_at"):
            self.assertEqual(after[field], before[field], field)
        self.assertEqual(after["previous_generation_ends_at"], before["expires_at"])

    def test_an_expired_key_comes_back_with_a_new_expiry_and_its_old_secret_does_not(self):
        old, key_id = self.issue(lifetime=1)
        while self.record(key_id)["state"] != "expired":
            pass
        rotated = self.call("RotateKey", key_id=key_id)
        self.assertEqual(rotated["record"]["state"], "active")
        self.assertTrue(self.daemon.verify(rotated["key"])["valid"])
        self.assertFalse(self.daemon.verify(old)["valid"])

    def test_a_leaked_secret_ends_at_once_and_the_leak_is_on_record(self):
        old, key_id = self.issue(name="in the wrong hands")
        self.assertTrue(self.daemon.verify(old)["valid"])
        rotated = self.call("RotateKey", key_id=key_id, leaked=True)
        self.assertFalse(self.daemon.verify(old)["valid"])
        self.assertTrue(self.daemon.verify(rotated["key"])["valid"])
        acts = {act["act"]: act["after"] for act in self.acts(key_id)}
        self.assertTrue(acts["key.rotate"]["leaked"])
        leak = acts["key.leak_reported"]
        self.assertEqual((leak["leaked_generation"], leak["outcome"], leak["name"]), (1, "rotated", "in the wrong hands"))
        self.assertIn(f"key {key_id} (in the wrong hands) was reported as leaked", self.daemon.log())
        self.assertNotIn(old, self.daemon.log())

    def test_a_leak_knows_no_grace(self):
        key, key_id = self.issue()
        for grace in ({"grace": 0}, {"grace": 60}, {"until_used": True}):
            error = self.error("RotateKey", key_id=key_id, leaked=True, **grace)
            self.assertEqual(error.parameters["field"], "leaked")
        self.assertTrue(self.daemon.verify(key)["valid"])
        self.call("RotateKey", key_id=key_id, leaked=False, until_used=False, grace=60)

    def test_a_rotation_until_the_new_secret_is_used_is_recorded_with_its_deadline(self):
        _, key_id = self.issue()
        record = self.call("RotateKey", key_id=key_id, until_used=True, grace=3600)["record"]
        self.assertTrue(record["previous_generation_until_used"])
        self.assertIn("previous_generation_ends_at", record)

    def test_a_paused_key_is_rotated_and_stays_paused(self):
        _, key_id = self.issue()
        self.call("PauseKeys", key_ids=[key_id])
        rotated = self.call("RotateKey", key_id=key_id)
        self.assertEqual(rotated["record"]["state"], "paused")
        self.assertEqual(self.daemon.verify(rotated["key"])["code"], "paused")


if __name__ == "__main__":
    unittest.main(verbosity=2)
