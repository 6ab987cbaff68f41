"""kill -9 while a backup is made or restored: the database is the old or the new one, whole, and no half backup is listed.

Environment: CLAVIGER_KILLS, the number of kills of each (default 12)."""

import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

KILLS = int(os.environ.get("CLAVIGER_KILLS", "12"))
ADMIN = "io.claviger.Admin."


def call_until_killed(daemon, method, **parameters):
    """Calls in a thread of its own; the seconds that a whole call took, or None if it did not end."""
    outcome = {}

    def run():
        begun = time.monotonic()
        try:
            with daemon.admin() as admin:
                admin.call(ADMIN + method, **parameters)
            outcome["seconds"] = time.monotonic() - begun
        except (ConnectionError, OSError, VarlinkError):
            pass
    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


class RestoreKillTest(unittest.TestCase):
    def kill_during(self, daemon, longest, method, **parameters):
        thread, outcome = call_until_killed(daemon, method, **parameters)
        time.sleep(random.uniform(0, longest))
        daemon.kill()
        thread.join(30)
        daemon.start()
        return "seconds" in outcome

    def duration(self, daemon, method, **parameters):
        begun = time.monotonic()
        with daemon.admin() as admin:
            reply = admin.call(ADMIN + method, **parameters)
        return time.monotonic() - begun, reply

    def test_the_database_is_always_whole(self):
        with Daemon() as daemon:
            with daemon.admin() as admin:
                for number in range(1500):
                    admin.call(ADMIN + "CreateKey", name=f"key {number}", scopes=["read:policies:admin"])
            old = daemon.create_key(name="old")
            longest, made = self.duration(daemon, "MakeBackup")
            name = made["backup"]["name"]
            unfinished = 0
            for _ in range(KILLS):
                unfinished += not self.kill_during(daemon, longest, "MakeBackup")
                with daemon.admin() as admin:
                    for backup in admin.call(ADMIN + "ListBackups", check=True)["backups"]:
                        self.assertNotIn("problem", backup)
            self.assertGreater(unfinished, 0, "every backup was faster than its kill")

            longest, _ = self.duration(daemon, "RestoreBackup", name=name)
            results = {"old": 0, "new": 0}
            for _ in range(KILLS):
                late = daemon.create_key(name="late")
                with daemon.admin() as admin:
                    keys = admin.call(ADMIN + "GetStatus")["keys"]
                self.kill_during(daemon, longest * 1.2, "RestoreBackup", name=name)
                self.assertEqual(daemon.verify(old["key"])["code"], "valid")
                code = daemon.verify(late["key"])["code"]
                self.assertIn(code, ("valid", "unknown"))
                results["new" if code == "unknown" else "old"] += 1
                with daemon.admin() as admin:
                    acts = [record["act"] for record in admin.call(ADMIN + "ListAudit", limit=500)["records"]]
                    self.assertEqual(admin.call(ADMIN + "GetStatus")["keys"], keys if code == "valid" else 1501)
                self.assertIn("backup.restore", acts)
            print(f"kills={KILLS} of each, backups unfinished={unfinished}, databases after a restore: {results}",
                  flush=True)
            leftovers = [name for name in os.listdir(daemon.state_directory) if "restoring" in name]
            with daemon.admin() as admin:
                admin.call(ADMIN + "RestoreBackup", name=name)
            self.assertFalse([name for name in os.listdir(daemon.state_directory) if "restoring" in name], leftovers)


if __name__ == "__main__":
    unittest.main(verbosity=2)
