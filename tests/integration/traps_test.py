"""Mistakes that other systems for API keys have made, each tried here."""

import os
import sys
import time
import unittest
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from key_string import with_unknown_id, with_wrong_secret  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
READ, WRITE = "read:policies:admin", "write:policies:admin"
DAY = 86400
STRANGER, ISSUER = 4701, 4702  # uids that no account has
BURST = 5


def seconds(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


class Traps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        me = f"uid:{os.getuid()}"
        cls.daemon = Daemon(settings={
            "roles": {"admin": [me], "verifier": [me, f"uid:{STRANGER}"], "issuer": [f"uid:{ISSUER}"]},
            "limits": {"failure_burst": BURST, "failures_per_minute": 1},
            "ceiling": [{"members": [f"uid:{ISSUER}"], "scopes": ["read:*"], "owners": ["self"],
                         "maximum_lifetime": "1d"}]})
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        for path, mode in ((cls.daemon.root, 0o755), (cls.daemon.socket_directory, 0o755),
                           (cls.daemon.verify_socket, 0o666), (cls.daemon.admin_socket, 0o666)):
            os.chmod(path, mode)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def refused(self, method, **parameters):
        with self.assertRaises(VarlinkError) as raised:
            self.call(method, **parameters)
        return raised.exception

    def test_a_rotation_does_not_inherit_an_expiry_that_has_passed(self):
        issued = self.daemon.create_key(lifetime=1)
        key_id = issued["record"]["key_id"]
        while self.daemon.verify(issued["key"])["code"] != "expired":
            time.sleep(0.1)
        rotated = self.call("RotateKey", key_id=key_id)
        self.assertAlmostEqual(seconds(rotated["record"]["expires_at"]), time.time() + 7 * DAY, delta=60)
        self.assertTrue(self.daemon.verify(rotated["key"])["valid"])

    def test_a_rotation_beyond_the_policy_is_refused_and_leaves_the_key_as_it_was(self):
        issued = self.daemon.create_key()
        key_id = issued["record"]["key_id"]
        failure = self.refused("RotateKey", key_id=key_id, lifetime=400 * DAY)
        self.assertEqual((failure.name, failure.parameters["field"]), (ADMIN + "Refused", "expires_at"))
        self.assertEqual(self.call("GetKey", key_id=key_id)["record"], issued["record"])
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])

    def test_one_request_is_counted_once(self):
        issued = self.daemon.create_key()
        self.daemon.restart(forget=True)  # so that it is proved by the token, then served from memory
        for _ in range(2):
            self.assertTrue(self.daemon.verify(issued["key"])["valid"])
        deadline = time.monotonic() + 30
        while (uses := self.call("GetKey", key_id=issued["record"]["key_id"])["record"]["uses"]) == 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        time.sleep(2.5)  # one more time that usage is written
        self.assertEqual(self.call("GetKey", key_id=issued["record"]["key_id"])["record"]["uses"], max(uses, 2))

    def test_a_limit_of_rate_is_called_so_and_good_keys_are_not_held_up_by_it(self):
        issued = self.daemon.create_key()
        os.chmod(self.daemon.verify_socket, 0o666)
        with connect_as(self.daemon.verify_socket, STRANGER, STRANGER) as stranger:
            self.assertTrue(stranger.call(VERIFY, key=issued["key"])["valid"])
            codes = [stranger.call(VERIFY, key=with_unknown_id(issued["key"]))["code"] for _ in range(BURST + 3)]
            self.assertEqual(set(codes), {"unknown", "rate_limited"})
            self.assertEqual(codes[-1], "rate_limited")
            self.assertTrue(stranger.call(VERIFY, key=issued["key"])["valid"])

    def test_a_denial_with_the_right_secret_spends_nothing(self):
        issued = self.daemon.create_key()
        for _ in range(4 * BURST):
            self.assertEqual(self.daemon.verify(issued["key"], scopes=[WRITE])["code"], "insufficient_scope")
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])

    def test_a_key_that_does_not_exist_looks_like_a_wrong_secret(self):
        issued = self.daemon.create_key()
        self.daemon.restart()
        unknown = self.daemon.verify(with_unknown_id(issued["key"]), scopes=[WRITE])
        wrong = self.daemon.verify(with_wrong_secret(issued["key"]), scopes=[WRITE])
        self.assertEqual(unknown, wrong)
        self.assertEqual(unknown["code"], "unknown")

    def test_a_key_that_looks_like_an_admins_opens_nothing_of_the_daemon(self):
        name = "io.claviger.Admin"
        issued = self.daemon.create_key(name=name, owner="root", scopes=["read:keys:admin", "delete:keys:admin"])
        self.assertTrue(self.daemon.verify(issued["key"], scopes=["delete:keys:admin"])["valid"])
        os.chmod(self.daemon.admin_socket, 0o666)
        with connect_as(self.daemon.admin_socket, STRANGER, STRANGER) as stranger:
            with self.assertRaises(VarlinkError) as raised:
                stranger.call(ADMIN + "RevokeKey", key_id=issued["record"]["key_id"])
            self.assertEqual(raised.exception.name, "org.varlink.service.PermissionDenied")
            with self.assertRaises(VarlinkError) as raised:
                stranger.call(ADMIN + "RevokeKey", key_id=issued["record"]["key_id"], key=issued["key"])
            self.assertEqual(raised.exception.name, "org.varlink.service.PermissionDenied")
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])

    def test_what_is_public_of_a_key_does_not_get_it_revoked_as_leaked(self):
        issued = self.daemon.create_key()
        key_id = issued["record"]["key_id"]
        for found in (key_id, f"clv_{key_id}", with_wrong_secret(issued["key"])):
            self.assertIn(self.call("ReportLeak", key=found)["outcome"], ("malformed", "unknown"))
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])
        self.assertEqual(self.call("ReportLeak", key=issued["key"])["outcome"], "revoked")

    def test_an_edit_of_one_field_drops_no_limit(self):
        issued = self.daemon.create_key(description="for the report", team="web", lifetime=3 * DAY)
        before = issued["record"]
        edited = self.call("EditKey", key_id=before["key_id"], name="another name")["record"]
        changed = {field for field in before if before[field] != edited.get(field)}
        self.assertEqual(changed, {"name", "version"})
        self.assertEqual(self.daemon.verify(issued["key"], scopes=[WRITE])["code"], "insufficient_scope")

    def test_what_was_narrowed_is_judged_at_every_verification_also_from_memory(self):
        issued = self.daemon.create_key(scopes=[READ, WRITE])
        self.assertTrue(self.daemon.verify(issued["key"], scopes=[WRITE])["valid"])
        self.call("EditKey", key_id=issued["record"]["key_id"], scopes=[READ])
        self.assertEqual(self.daemon.verify(issued["key"], scopes=[WRITE])["missing_scopes"], [WRITE])
        self.assertTrue(self.daemon.verify(issued["key"], scopes=[READ])["valid"])

    def test_an_old_secret_does_not_outlive_its_own_expiry_in_grace(self):
        issued = self.daemon.create_key(lifetime=60)
        rotated = self.call("RotateKey", key_id=issued["record"]["key_id"], grace=DAY)["record"]
        self.assertEqual(rotated["previous_generation_ends_at"], issued["record"]["expires_at"])

    def test_who_may_grant_for_a_day_gets_no_key_that_lives_longer_by_any_way(self):
        os.chmod(self.daemon.admin_socket, 0o666)
        with connect_as(self.daemon.admin_socket, ISSUER, ISSUER) as issuer:
            for method, parameters in (("CreateKey", {"name": "x", "scopes": [READ], "lifetime": 2 * DAY}),
                                       ("CreateKey", {"name": "x", "scopes": [READ]})):
                with self.assertRaises(VarlinkError) as raised:
                    issuer.call(ADMIN + method, **parameters)
                self.assertEqual(raised.exception.parameters["field"], "expires_at")
            issued = issuer.call(ADMIN + "CreateKey", name="x", scopes=[READ], lifetime=DAY)["record"]
            with self.assertRaises(VarlinkError) as raised:
                issuer.call(ADMIN + "RotateKey", key_id=issued["key_id"], lifetime=2 * DAY)
            self.assertEqual(raised.exception.parameters["field"], "expires_at")
            rotated = issuer.call(ADMIN + "RotateKey", key_id=issued["key_id"], lifetime=DAY)["record"]
            self.assertLessEqual(seconds(rotated["expires_at"]), time.time() + DAY + 1)


if __name__ == "__main__":
    unittest.main()
