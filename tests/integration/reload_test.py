"""SIGHUP: what a reload changes for keys that are known already, what it leaves, and what of it is on record."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from key_string import with_wrong_secret  # noqa: E402

ADMIN = "io.claviger.Admin."
REFUSED = ADMIN + "Refused"
READ = "read:policies:admin"
OWN = "write:things:own"
CATALOGUE = '[[scope]]\nname = "{}"\nsummary = "Of this test"\n'
IN_FORCE = "settings and catalogue are in force"
KEPT = "the settings in force stay as they are"
DAY = 86400


class ReloadCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(start=False))
        self.catalogue = os.path.join(self.daemon.scopes_directory, "own.toml")
        self.write_catalogue(OWN)
        self.daemon.start()
        self.admin = self.enterContext(self.daemon.admin())

    def write_catalogue(self, *scopes):
        # At once, since the daemon may be reading it.
        with open(self.catalogue + ".new", "w", encoding="utf-8") as file:
            file.writelines(CATALOGUE.format(scope) for scope in scopes)
        os.replace(self.catalogue + ".new", self.catalogue)

    def reload(self, text=IN_FORCE):
        """The log that the reload wrote, up to `text`."""
        said = len(self.daemon.log())
        self.daemon.reload()
        self.daemon.wait_log(text, after=said)
        return self.daemon.log()[said:]

    def reload_settings(self, settings, text=IN_FORCE):
        self.daemon.write_config(settings)
        return self.reload(text)

    def acts(self, name):
        records = self.admin.call(ADMIN + "ListAudit", limit=500)["records"]
        return [record for record in records if record["act"] == name]

    def reloads_on_record(self):
        return self.acts("config.reload")


class Catalogue(ReloadCase):
    def test_a_scope_that_is_taken_out_is_no_longer_granted_nor_satisfied_by_known_keys(self):
        issued = self.daemon.create_key(scopes=[READ, OWN])
        key, key_id = issued["key"], issued["record"]["key_id"]
        self.assertTrue(self.daemon.verify(key, scopes=[OWN])["valid"])
        os.unlink(self.catalogue)
        self.assertTrue(self.admin.call(ADMIN + "ReloadCatalogue", accept_losses=True)["in_force"])
        verdict = self.daemon.verify(key, scopes=[READ, OWN])
        self.assertEqual((verdict["code"], verdict["missing_scopes"]), ("insufficient_scope", [OWN]))
        self.assertTrue(self.daemon.verify(key, scopes=[READ])["valid"])
        with self.assertRaises(VarlinkError) as refused:
            self.daemon.create_key(scopes=[OWN])
        self.assertEqual(refused.exception.name, REFUSED)
        # The record is as it was issued: the scope has its force again as soon as it is catalogued again.
        self.assertEqual(self.admin.call(ADMIN + "GetKey", key_id=key_id)["record"]["scopes"], [READ, OWN])
        self.write_catalogue(OWN)
        self.reload()
        self.assertTrue(self.daemon.verify(key, scopes=[READ, OWN])["valid"])

    def test_known_keys_are_decided_by_names_when_all_positions_in_the_catalogue_move(self):
        keys = {scope: self.daemon.create_key(scopes=[scope])["key"] for scope in (READ, OWN)}
        for scope, key in keys.items():
            self.assertTrue(self.daemon.verify(key, scopes=[scope])["valid"])
        self.write_catalogue("delete:a:own", "read:a:own", OWN, "write:zz:own", "delete:zz:own")
        self.reload()
        for scope, key in keys.items():
            for asked in (READ, OWN, "delete:a:own", "read:a:own", "write:zz:own", "delete:zz:own"):
                with self.subTest(f"{scope} {asked}"):
                    self.assertEqual(self.daemon.verify(key, scopes=[asked])["valid"], asked == scope)

    def test_a_new_scope_can_be_granted_and_is_listed(self):
        self.write_catalogue(OWN, "delete:things:own")
        self.reload()
        names = [scope["name"] for scope in self.admin.call(ADMIN + "ListScopes", domain="own")["scopes"]]
        self.assertEqual(names, ["delete:things:own", OWN])
        key = self.daemon.create_key(scopes=["delete:things:own"])["key"]
        self.assertTrue(self.daemon.verify(key, scopes=["delete:things:own"])["valid"])

    def test_a_bad_catalogue_keeps_the_old_one_and_the_log_names_file_and_line(self):
        key = self.daemon.create_key(scopes=[OWN])["key"]
        for text, line in (('[[scope]]\nname = "fetch:things"\nsummary = "No such action"\n', 2),
                           (CATALOGUE.format(OWN) + CATALOGUE.format(OWN), 5), ("[[scope]]\nname = \n", 2),
                           ('[[scope]]\nname = "read:x"\nsumary = "Misspelt"\n', 3)):
            with self.subTest(text):
                with open(self.catalogue, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertIn(f"{self.catalogue}:{line}", self.reload(KEPT))
                self.assertTrue(self.daemon.verify(key, scopes=[OWN])["valid"])
        self.assertEqual(self.reloads_on_record(), [])


class Losses(ReloadCase):
    """A catalogue that takes scopes from keys."""

    def setUp(self):
        super().setUp()
        self.issued = self.daemon.create_key("holder", scopes=[READ, OWN])
        self.key_id = self.issued["record"]["key_id"]

    def split(self):
        """The scope of the key is split in two."""
        self.write_catalogue("write:things-large:own", "write:things-small:own", "read:rest:own")

    def reload_catalogue(self, **parameters):
        return self.admin.call(ADMIN + "ReloadCatalogue", **parameters)

    def error_of(self, **parameters):
        with self.assertRaises(VarlinkError) as refused:
            self.reload_catalogue(**parameters)
        return refused.exception

    def assert_old_catalogue(self):
        self.assertTrue(self.daemon.verify(self.issued["key"], scopes=[READ, OWN])["valid"])
        self.assertEqual(self.reloads_on_record(), [])

    def test_a_reload_refuses_it_whole_and_says_which_keys_lose_what(self):
        os.unlink(self.catalogue)
        said = self.reload_settings({"policy": {"maximum_lifetime": "10d"}}, KEPT)
        self.assertIn(f"the catalogue takes scopes from keys: {OWN} (1 key)", said)
        self.assertIn("claviger scope reload --accept-losses", said)
        self.assert_old_catalogue()
        self.assertIn("key", self.daemon.create_key(lifetime=20 * DAY))

    def test_a_dry_run_shows_what_would_happen_and_does_nothing(self):
        self.split()
        self.assertEqual(self.reload_catalogue(dry_run=True), {
            "added": ["read:rest:own", "write:things-large:own", "write:things-small:own"], "reworded": [],
            "lost": [{"name": OWN, "nearest": ["write:things-large:own", "write:things-small:own"], "keys": 1,
                      "key_ids": [self.key_id]}],
            "in_force": False})
        self.assert_old_catalogue()
        self.assertEqual(self.acts("catalogue.reload"), [])

    def test_it_is_a_conflict_that_names_scope_and_keys(self):
        self.split()
        refused = self.error_of()
        self.assertEqual(refused.name, ADMIN + "Conflict")
        self.assertIn(f"{OWN} (1 key)", refused.parameters["message"])
        self.assert_old_catalogue()

    def test_it_comes_into_force_when_the_losses_are_accepted_and_that_is_on_record(self):
        self.split()
        reply = self.reload_catalogue(accept_losses=True)
        self.assertTrue(reply["in_force"])
        self.assertEqual(self.daemon.verify(self.issued["key"], scopes=[OWN])["missing_scopes"], [OWN])
        act = self.acts("catalogue.reload")[0]
        self.assertEqual((act["after"]["removed"], act["after"]["losing_keys"], act["uid"]), ([OWN], 1, os.getuid()))
        self.daemon.wait_log("1 key holds scopes that the catalogue does not have, and that are without effect: "
                             f"{OWN} (1)")
        # What was accepted is not asked again.
        self.reload()

    def test_a_scope_that_no_key_holds_is_removed_by_a_plain_reload(self):
        self.write_catalogue(OWN, "read:more:own")
        self.reload()
        self.write_catalogue(OWN)
        self.reload()
        self.assertEqual([act["after"]["removed"] for act in self.acts("catalogue.reload")], [["read:more:own"], []])

    def test_a_key_that_has_ended_loses_nothing(self):
        self.admin.call(ADMIN + "RevokeKey", key_id=self.key_id)
        self.split()
        self.assertEqual(self.reload_catalogue()["lost"][0]["keys"], 0)

    def test_a_paused_key_does_lose_something(self):
        self.admin.call(ADMIN + "PauseKeys", key_ids=[self.key_id])
        self.split()
        self.assertEqual(self.error_of().name, ADMIN + "Conflict")

    def test_a_pattern_counts_for_what_it_gave(self):
        self.write_catalogue(OWN, "write:more:own")
        self.reload_settings({"policy": {"wildcards": "allow"}})
        wide = self.daemon.create_key("wide", scopes=["write:*:own"])
        self.write_catalogue(OWN)
        lost = self.reload_catalogue(dry_run=True)["lost"]
        self.assertEqual([(scope["name"], scope["key_ids"]) for scope in lost],
                         [("write:more:own", [wide["record"]["key_id"]])])

    def test_a_bundle_that_changes_takes_nothing_from_keys(self):
        bundle = '[[bundle]]\nname = "own"\nsummary = "Of this test"\nscopes = ["{}"]\n'
        with open(self.catalogue, "a", encoding="utf-8") as file:
            file.write(bundle.format(OWN))
        self.reload()
        self.daemon.create_key("bundled", scopes=[], bundles=["own"])
        self.write_catalogue(OWN)
        self.assertEqual(self.reload_catalogue()["lost"], [])

    def test_a_start_with_it_tells_of_it_once(self):
        self.daemon.stop()
        os.unlink(self.catalogue)
        said = len(self.daemon.log())
        self.daemon.start()
        self.daemon.wait_log(f"without effect: {OWN} (1); see: claviger review", after=said)
        with self.daemon.admin() as admin:
            admin.call(ADMIN + "Lock")
            admin.call(ADMIN + "Unlock")
        self.daemon.wait_ready()
        self.assertEqual(self.daemon.log()[said:].count("without effect"), 1)

    def test_a_bad_file_is_named_by_the_call_too(self):
        with open(self.catalogue, "w", encoding="utf-8") as file:
            file.write('[[scope]]\nname = "fetch:things"\nsummary = "No such action"\n')
        self.assertIn(f"{self.catalogue}:2", self.error_of(dry_run=True).parameters["message"])
        self.assert_old_catalogue()

    def test_while_the_database_is_closed_only_a_catalogue_without_losses_is_taken(self):
        self.admin.call(ADMIN + "Lock")
        self.assertEqual(self.error_of(dry_run=True).name, ADMIN + "Unavailable")
        self.split()
        self.assertIn("which keys hold that cannot be seen", self.reload(KEPT))
        self.write_catalogue(OWN, "read:rest:own")
        self.reload()
        self.admin.call(ADMIN + "Unlock")
        self.assertIn("key", self.daemon.create_key(scopes=["read:rest:own"]))


class Settings(ReloadCase):
    def test_a_changed_policy_holds_for_new_secrets_and_leaves_issued_keys_alone(self):
        issued = self.daemon.create_key(lifetime=20 * DAY)
        self.reload_settings({"policy": {"maximum_lifetime": "10d", "maximum_grace": "1h", "default_grace": "1h"}})
        for method, parameters in (("CreateKey", {"name": "x", "scopes": [READ], "lifetime": 20 * DAY}),
                                   ("RotateKey", {"key_id": issued["record"]["key_id"], "lifetime": 20 * DAY}),
                                   ("RotateKey", {"key_id": issued["record"]["key_id"], "grace": 7200})):
            with self.subTest(f"{method} {parameters}"):
                with self.assertRaises(VarlinkError) as refused:
                    self.admin.call(ADMIN + method, **parameters)
                self.assertEqual(refused.exception.name, REFUSED)
        verdict = self.daemon.verify(issued["key"])
        self.assertEqual((verdict["valid"], verdict["expires_at"]), (True, issued["record"]["expires_at"]))

    def test_a_bad_file_changes_nothing_and_the_log_names_file_and_line(self):
        with open(self.daemon.config, encoding="utf-8") as file:
            good = file.read()
        line = good.count("\n") + 2
        for text in ("[policy]\nmaximum_lifetime = 10\n", "[policy]\nmaximun_lifetime = '10d'\n",
                     "[policy]\nunscoped = 'allow'\n", "[limits]\nfailure_burst = 0\n", "[limits]\nfailure_burst =\n"):
            with self.subTest(text):
                with open(self.daemon.config, "w", encoding="utf-8") as file:
                    file.write(good + text)
                self.assertIn(f"{self.daemon.config}:{line}", self.reload(KEPT))
                self.assertTrue(self.daemon.verify(self.daemon.create_key(lifetime=20 * DAY)["key"])["valid"])
        self.assertEqual(self.reloads_on_record(), [])

    def test_a_good_part_of_a_bad_file_is_not_taken_over(self):
        self.reload_settings({"policy": {"maximum_lifetime": "10d"}, "limits": {"failure_burst": -1}}, KEPT)
        self.assertIn("key", self.daemon.create_key(lifetime=20 * DAY))

    def test_a_missing_file_changes_nothing(self):
        os.rename(self.daemon.config, self.daemon.config + ".away")
        self.assertIn(self.daemon.config, self.reload(KEPT))
        self.assertIn("key", self.daemon.create_key())

    def test_changes_that_need_a_restart_are_each_named_and_left(self):
        said = len(self.daemon.log())
        self.reload_settings({"server": {"loops": 3}, "store": {"cached_keys": 7}, "token": {"call_deadline": "2s"}})
        for setting in ("loops", "cached_keys", "call_deadline"):
            self.daemon.wait_log(f"{setting} has changed; it takes effect when the daemon is restarted", after=said)
        self.assertEqual(self.daemon.log()[said:].count("has changed"), 3)

    def test_a_changed_prefix_is_for_new_keys_and_the_old_ones_stay_valid(self):
        old = self.daemon.create_key()["key"]
        self.reload_settings({"keys": {"prefix": "acme"}})
        new = self.daemon.create_key()["key"]
        self.assertEqual((old[:4], new[:5]), ("clv_", "acme_"))
        for key in (old, new):
            self.assertTrue(self.daemon.verify(key)["valid"])

    def test_each_reload_is_on_record_as_the_daemons_own_act(self):
        for count in (1, 2):
            self.reload()
            records = self.reloads_on_record()
            self.assertEqual(len(records), count)
            self.assertEqual((records[0]["user"], records[0]["pid"]), ("clavigerd", 0))

    def test_changed_limits_hold_at_once(self):
        key = self.daemon.create_key()["key"]
        self.reload_settings({"limits": {"failure_burst": 2, "failures_per_minute": 1}})
        codes = [self.daemon.verify(with_wrong_secret(key))["code"] for _ in range(4)]
        self.assertEqual(codes, ["unknown", "unknown", "rate_limited", "rate_limited"])

    def test_a_reload_does_not_make_known_good_keys_pay_for_the_failures_of_others(self):
        key = self.daemon.create_key()["key"]
        limits = {"limits": {"failure_burst": 2, "failures_per_minute": 1}}
        self.reload_settings(limits)
        self.assertTrue(self.daemon.verify(key)["valid"])
        codes = [self.daemon.verify(with_wrong_secret(key))["code"] for _ in range(3)]
        self.assertEqual(codes[-1], "rate_limited")
        self.reload()
        self.assertTrue(self.daemon.verify(key)["valid"])

    def test_reloads_under_verification_never_refuse_a_good_key(self):
        key = self.daemon.create_key(scopes=[OWN])["key"]
        with self.daemon.verifier() as verifier:
            for number in range(10):
                self.write_catalogue(OWN, *(f"read:thing-{i}:own" for i in range(number)))
                self.daemon.reload()
                for _ in range(50):
                    verdict = verifier.call("io.claviger.Verify.Verify", key=key, scopes=[OWN])
                    self.assertTrue(verdict["valid"], verdict)


if __name__ == "__main__":
    unittest.main(verbosity=2)
