"""claviger restore: the state of the backup comes back, what was taken from keys since does not, and nothing that was
changed, or belongs to another token, is believed."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."


class RestoreCase(unittest.TestCase):
    def call(self, daemon, method, **parameters):
        with daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def backup(self, daemon):
        return self.call(daemon, "MakeBackup")["backup"]["name"]

    def refused(self, daemon, method, error, **parameters):
        with self.assertRaises(VarlinkError) as refusal:
            self.call(daemon, method, **parameters)
        self.assertTrue(refusal.exception.name.endswith("." + error), refusal.exception.name)
        return refusal.exception.parameters["message"]

    def code(self, daemon, key):
        return daemon.verify(key)["code"]

    def path(self, daemon, name):
        return os.path.join(daemon.state_directory, "backups", name)


class RestoreTest(RestoreCase):
    def test_what_was_taken_from_keys_since_does_not_come_back(self):
        with Daemon() as daemon:
            keys = {name: daemon.create_key(name=name) for name in
                    ("kept", "revoked", "rotated", "paused", "edited", "purged", "ended")}
            ids = {name: made["record"]["key_id"] for name, made in keys.items()}
            self.call(daemon, "RevokeKey", key_id=ids["ended"])
            name = self.backup(daemon)
            for gone in ("revoked", "purged"):
                self.call(daemon, "RevokeKey", key_id=ids[gone], reason="it leaked")
            self.call(daemon, "PurgeKeys", key_ids=[ids["purged"]])
            rotated = self.call(daemon, "RotateKey", key_id=ids["rotated"], grace=0)["key"]
            self.call(daemon, "PauseKeys", key_ids=[ids["paused"]])
            self.call(daemon, "EditKey", key_id=ids["edited"], description="less")
            late = daemon.create_key(name="late")

            plan = self.call(daemon, "PlanRestore", name=name)
            self.assertEqual((plan["current"], plan["checked"]), ("later", True))
            self.assertGreaterEqual(plan["acts_since"], 8)
            self.assertEqual({change["fate"]: (change["becomes"], change["keys"]) for change in plan["changes"]},
                             {"lost": ("lost", 1), "revoked": ("revoked", 1), "rotated": ("revoked", 1),
                              "paused": ("paused", 1), "edited": ("paused", 1), "purged": ("revoked", 1)})
            self.assertEqual(self.code(daemon, late["key"]), "valid")

            done = self.call(daemon, "RestoreBackup", name=name)
            self.assertEqual((done["revoked"], done["paused"], done["lost"]), (3, 2, 1))
            self.assertTrue(os.path.exists(done["replaced"]))
            codes = {key: self.code(daemon, made["key"]) for key, made in keys.items()}
            self.assertEqual(codes, {"kept": "valid", "revoked": "revoked", "rotated": "revoked", "paused": "paused",
                                     "edited": "paused", "purged": "revoked", "ended": "revoked"})
            self.assertEqual(self.code(daemon, late["key"]), "unknown")
            self.assertEqual(self.code(daemon, rotated), "unknown")
            record = self.call(daemon, "GetKey", key_id=ids["revoked"])["record"]
            self.assertEqual(record["end_reason"], "it leaked")
            newest = self.call(daemon, "ListAudit", limit=1)["records"][0]
            self.assertEqual(newest["act"], "backup.restore")

            daemon.restart()
            self.assertEqual(self.code(daemon, keys["kept"]["key"]), "valid")
            self.assertEqual(self.code(daemon, keys["revoked"]["key"]), "revoked")
            self.assertEqual(daemon.create_key(name="after")["record"]["state"], "active")

    def test_revive_brings_back_what_was_revoked(self):
        with Daemon() as daemon:
            made = daemon.create_key()
            name = self.backup(daemon)
            self.call(daemon, "RevokeKey", key_id=made["record"]["key_id"])
            self.assertEqual(self.code(daemon, made["key"]), "revoked")
            done = self.call(daemon, "RestoreBackup", name=name, revive=True)
            self.assertEqual(done["revoked"], 0)
            self.assertEqual(self.code(daemon, made["key"]), "valid")

    def test_a_plan_changes_nothing(self):
        with Daemon() as daemon:
            daemon.create_key()
            name = self.backup(daemon)
            before = sorted(os.listdir(daemon.state_directory))
            self.call(daemon, "PlanRestore", name=name)
            self.assertEqual(sorted(os.listdir(daemon.state_directory)), before)
            self.assertEqual(os.listdir(os.path.join(daemon.state_directory, "backups")), [name])

    def test_pausing_or_reviving_all_is_refused_while_the_database_tells_more(self):
        with Daemon() as daemon:
            name = self.backup(daemon)
            self.refused(daemon, "RestoreBackup", "Conflict", name=name, without_current="pause_all")
            self.assertEqual(self.call(daemon, "GetStatus")["serving"], True)

    def test_the_audit_log_is_whole_afterwards_and_gives_no_alarm(self):
        with Daemon() as daemon:
            daemon.create_key()
            name = self.backup(daemon)
            self.call(daemon, "CheckpointAudit")
            daemon.create_key()
            before = self.call(daemon, "CheckpointAudit")
            self.call(daemon, "RestoreBackup", name=name)
            verified = self.call(daemon, "VerifyAudit")
            self.assertEqual((verified["whole"], verified.get("reason")), (True, None))
            after = self.call(daemon, "CheckpointAudit")
            self.assertLess(after["sequence"], before["sequence"] + 3)
            daemon.restart()
            self.assertTrue(self.call(daemon, "VerifyAudit")["whole"])

    def ruin(self, daemon):
        """The database as a broken disk leaves it."""
        daemon.stop()
        path = os.path.join(daemon.state_directory, "claviger.db")
        with open(path, "r+b") as file:
            file.seek(0)
            file.write(os.urandom(8192))
        daemon.start(ready=False)
        daemon.wait_token_state("ready")

    def test_a_ruined_database_comes_back_as_the_operator_says(self):
        with Daemon() as daemon:
            live, ended = daemon.create_key(name="live"), daemon.create_key(name="ended")
            self.call(daemon, "RevokeKey", key_id=ended["record"]["key_id"])
            name = self.backup(daemon)
            self.ruin(daemon)
            self.assertEqual(self.code(daemon, live["key"]), "unavailable")
            self.assertEqual(self.call(daemon, "PlanRestore", name=name)["current"], "unreadable")
            self.refused(daemon, "RestoreBackup", "Conflict", name=name)
            self.call(daemon, "RestoreBackup", name=name, without_current="pause_all")
            self.assertEqual(self.code(daemon, live["key"]), "paused")
            self.assertEqual(self.code(daemon, ended["key"]), "revoked")
            self.call(daemon, "ResumeKeys", key_ids=[live["record"]["key_id"]])
            self.assertEqual(self.code(daemon, live["key"]), "valid")
            self.ruin(daemon)
            self.call(daemon, "RestoreBackup", name=name, without_current="revive_all")
            self.assertEqual(self.code(daemon, live["key"]), "valid")
            self.assertEqual(self.code(daemon, ended["key"]), "revoked")

    def test_a_new_host_with_the_token_is_bound_by_the_restore(self):
        with Daemon() as first:
            key = first.create_key()["key"]
            name = self.backup(first)
            first.stop()
            with Daemon(initialise=False, start=False) as second:
                shutil.copytree(first.token_directory, second.token_directory, dirs_exist_ok=True)
                os.mkdir(os.path.join(second.state_directory, "backups"), 0o700)
                shutil.copy(self.path(first, name), self.path(second, name))
                second.start(ready=False)
                second.wait_token_state("uninitialised")
                plan = self.call(second, "PlanRestore", name=name)
                self.assertEqual((plan["checked"], plan["current"]), (False, "absent"))
                self.call(second, "RestoreBackup", name=name, without_current="revive_all")
                self.assertEqual(self.code(second, key), "valid")
                second.restart()
                self.assertEqual(self.code(second, key), "valid")

    def test_another_token_refuses_it(self):
        with Daemon() as first, Daemon() as second:
            key = first.create_key()["key"]
            name = self.backup(first)
            self.backup(second)
            shutil.copy(self.path(first, name), self.path(second, "foreign.clvbak"))
            for method in ("PlanRestore", "RestoreBackup"):
                self.assertIn("another installation", self.refused(second, method, "Conflict", name="foreign.clvbak"))
            self.assertEqual(self.code(second, key), "unknown")
            # Even if it claims to be of this installation.
            with open(self.path(first, name), "rb") as file:
                content = file.read()
            ids = [self.installation(daemon) for daemon in (first, second)]
            with open(self.path(second, "foreign.clvbak"), "wb") as file:
                file.write(content.replace(ids[0].encode(), ids[1].encode()))
            self.refused(second, "RestoreBackup", "Corrupt", name="foreign.clvbak")

    def installation(self, daemon):
        with open(os.path.join(daemon.state_directory, "installation.toml"), encoding="utf-8") as file:
            return next(line.split("'" if "'" in line else '"')[1] for line in file if line.startswith("id"))

    def test_a_changed_byte_is_refused_wherever_it_is(self):
        with Daemon() as daemon:
            key = daemon.create_key()["key"]
            name = self.backup(daemon)
            with open(self.path(daemon, name), "rb") as file:
                content = file.read()
            head = content.index(b"\n\n") + 2
            mac = len(content) - 69
            places = [*range(0, head, 7), *range(head, mac, (mac - head) // 40), *range(mac, len(content), 7)]
            for place in places:
                changed = bytearray(content)
                changed[place] ^= 1
                with open(self.path(daemon, "changed.clvbak"), "wb") as file:
                    file.write(changed)
                with self.assertRaises(VarlinkError, msg=f"byte {place}"):
                    self.call(daemon, "RestoreBackup", name="changed.clvbak", revive=True)
            self.assertEqual(self.code(daemon, key), "valid")
            print(f"bytes changed={len(places)} of {len(content)}", flush=True)

    def test_names_lead_out_of_no_folder(self):
        with Daemon() as daemon:
            for name in ("../claviger.db", "/etc/passwd", "", "x" * 200 + ".clvbak", ".making-backup.clvbak"):
                self.refused(daemon, "PlanRestore", "Refused", name=name)
            self.refused(daemon, "PlanRestore", "Conflict", name="absent.clvbak")


class RestoreCommandTest(RestoreCase):
    def test_it_shows_asks_and_restores_a_file_from_elsewhere(self):
        with Daemon() as daemon:
            key = daemon.create_key(name="first")["key"]
            output = os.path.join(daemon.root, "elsewhere.clvbak")
            self.assertEqual(daemon.cli("backup", "--output", output).returncode, 0)
            daemon.create_key(name="late one")
            shown = daemon.cli("restore", output, "--dry-run")
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("late one", shown.stdout)
            self.assertIn("issued since: lost", shown.stdout)
            asked = daemon.cli("restore", output)
            self.assertNotEqual(asked.returncode, 0)
            made_at = self.call(daemon, "ListBackups")["backups"][0]["made_at"]
            self.assertIn(made_at, asked.stderr)
            wrong = daemon.cli("restore", output, "--yes", "--made-at", "2020-01-01T00:00:00Z")
            self.assertNotEqual(wrong.returncode, 0)
            self.assertEqual(self.call(daemon, "GetStatus")["keys"], 2)
            done = daemon.cli("restore", "elsewhere.clvbak", "--yes", "--made-at", made_at)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("claviger.db.replaced-", done.stderr)
            self.assertEqual(self.call(daemon, "GetStatus")["keys"], 1)
            self.assertEqual(self.code(daemon, key), "valid")

    def test_options_that_do_not_fit_are_refused(self):
        with Daemon() as daemon:
            name = self.backup(daemon)
            for options in (["--pause-all"], ["--pause-all", "--revive-all"]):
                self.assertNotEqual(daemon.cli("restore", name, "--yes", *options).returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
