"""Whether the audit log is whole: checked in the running daemon, and by checkpoints that are kept outside of it."""

import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError, copy_tree  # noqa: E402

ADMIN = "io.claviger.Admin."


class AuditIntegrity(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        self.checkpoints = os.path.join(self.daemon.state_directory, "checkpoints")

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def cli(self, *words, status=0):
        done = self.daemon.cli(*words)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done.stdout

    def keep_state(self):
        """A copy of the state as it is now, taken while the daemon is stopped."""
        self.daemon.stop()
        copy = self.daemon.path("old-state")
        copy_tree(self.daemon.state_directory, copy)
        self.daemon.start()
        return copy

    def put_back(self, copy, *names):
        self.daemon.stop()
        for name in os.listdir(self.daemon.state_directory):
            if name.startswith("claviger.db"):
                os.unlink(os.path.join(self.daemon.state_directory, name))
        for name in os.listdir(copy):
            if name.startswith("claviger.db") or name in names:
                shutil.copy(os.path.join(copy, name), self.daemon.state_directory)
        self.daemon.start()

    def test_a_whole_log_is_verified_and_grows_by_the_checkpoint(self):
        self.daemon.create_key()
        before = self.call("VerifyAudit")
        self.assertTrue(before["whole"])
        made = self.call("CheckpointAudit")
        self.assertEqual(made["sequence"], before["records"])
        after = self.call("VerifyAudit")
        self.assertEqual((after["whole"], after["records"], after["checkpoints"]), (True, before["records"] + 1, 1))
        newest = self.call("ListAudit", limit=1)["records"][0]
        self.assertEqual((newest["act"], newest["after"]["checkpoint"]), ("audit.checkpoint", made["checkpoint"]))
        with open(self.checkpoints, encoding="ascii") as file:
            self.assertEqual(file.read(), made["checkpoint"] + "\n")
        self.assertEqual(os.stat(self.checkpoints).st_mode & 0o777, 0o600)

    def test_a_checkpoint_looks_only_at_what_came_since_the_last(self):
        for number in range(5):
            self.daemon.create_key(f"key {number}")
        self.assertGreaterEqual(self.call("CheckpointAudit")["checked"], 6)
        self.daemon.create_key("one more")
        self.assertEqual(self.call("CheckpointAudit")["checked"], 2)  # the key, and the checkpoint itself
        self.daemon.restart()
        self.assertEqual(self.call("CheckpointAudit")["checked"], 1)
        self.assertTrue(self.call("VerifyAudit")["whole"])

    def test_the_status_tells_the_newest_checkpoint(self):
        self.assertNotIn("newest_checkpoint_at", self.call("GetStatus"))
        made = self.call("CheckpointAudit")
        self.assertEqual(self.call("GetStatus")["newest_checkpoint_at"], made["at"])
        self.daemon.restart()
        status = self.call("GetStatus")
        self.assertEqual(status["newest_checkpoint_at"], made["at"])
        self.assertNotIn("audit_message", status)

    def test_an_old_database_in_the_place_of_the_new_one_is_told(self):
        old = self.keep_state()
        self.daemon.create_key()
        self.call("CheckpointAudit")
        said = len(self.daemon.log())
        self.put_back(old)
        self.daemon.wait_log("the database is older than it was", after=said)
        self.assertIn("older", self.call("GetStatus")["audit_message"])
        self.assertIn("older", self.cli("status"))
        check = [check for check in self.call("Diagnose")["checks"] if check["name"] == "audit"]
        self.assertEqual(check[0]["state"], "failed")
        found = self.call("VerifyAudit")
        self.assertFalse(found["whole"])
        self.assertIn("missing", found["reason"])
        self.assertIn("broken at record", self.cli("audit", "verify", status=1))
        self.assertFalse(json.loads(self.cli("audit", "verify", "--json", status=1))["whole"])
        with self.assertRaises(VarlinkError):
            self.call("CheckpointAudit")

    def test_an_old_database_with_its_checkpoints_shows_by_a_line_that_was_kept_elsewhere(self):
        self.call("CheckpointAudit")
        old = self.keep_state()
        self.daemon.create_key()
        line = self.call("CheckpointAudit")["checkpoint"]
        self.put_back(old, "checkpoints")
        self.assertNotIn("audit_message", self.call("GetStatus"))
        self.assertTrue(self.call("VerifyAudit")["whole"])
        self.assertFalse(self.call("VerifyAudit", checkpoint=line)["whole"])
        self.cli("audit", "verify", "--checkpoint", line, status=1)
        kept = self.daemon.path("kept")
        with open(kept, "w", encoding="ascii") as file:
            file.write("Nov 24 host clavigerd: " + line + "\n")
        self.cli("audit", "verify", "--checkpoint", kept, status=1)

    def test_a_checkpoint_that_was_changed_is_told(self):
        self.daemon.create_key()
        line = self.call("CheckpointAudit")["checkpoint"]
        words = line.split(" ")
        words[1] = "1"
        for changed in (line[:-1] + ("0" if line[-1] != "0" else "1"), " ".join(words)):
            with open(self.checkpoints, "w", encoding="ascii") as file:
                file.write(changed + "\n")
            found = self.call("VerifyAudit")
            self.assertFalse(found["whole"])
            self.assertNotIn("broken_at", found)
            self.assertIn("not this token's", found["reason"])
            with self.assertRaises(VarlinkError):
                self.call("CheckpointAudit")
            self.daemon.restart()
            self.assertIn("not this token's", self.call("GetStatus")["audit_message"])

    def test_what_is_no_checkpoint_is_refused(self):
        for text in ("", "rubbish", "claviger-checkpoint/1 1 2 3"):
            with self.assertRaises(VarlinkError) as refused:
                self.call("VerifyAudit", checkpoint=text)
            self.assertEqual(refused.exception.name, "org.varlink.service.InvalidParameter")
        empty = self.daemon.path("empty")
        open(empty, "w", encoding="ascii").close()
        self.cli("audit", "verify", "--checkpoint", empty, status=2)

    def test_verifications_go_on_while_a_long_log_is_walked(self):
        key = self.daemon.create_key()["key"]
        with self.daemon.admin() as admin, self.daemon.verifier() as verifier:
            for number in range(300):
                admin.call(ADMIN + "CreateKey", name=f"k{number}", scopes=["read:policies:admin"])
            self.assertTrue(verifier.call("io.claviger.Verify.Verify", key=key)["valid"])
            self.assertTrue(admin.call(ADMIN + "VerifyAudit")["whole"])


if __name__ == "__main__":
    unittest.main()
