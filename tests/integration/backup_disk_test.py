"""A disk that fills up while a backup is made: it is refused with the reason, nothing of it stays, and keys go on."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."


class BackupDiskTest(unittest.TestCase):
    def test_a_full_disk_leaves_no_half_backup(self):
        with Daemon(start=False) as daemon:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", daemon.state_directory], check=True)
            try:
                self.check(daemon)
                daemon.stop()
            finally:
                if daemon.process is not None:
                    daemon.kill()
                subprocess.run(["umount", daemon.state_directory], check=True)

    def check(self, daemon):
        daemon.start()
        key = daemon.create_key()["key"]
        with daemon.admin() as admin:
            for number in range(300):
                admin.call(ADMIN + "CreateKey", name=f"key {number}", scopes=["read:policies:admin"])
        filler = os.path.join(daemon.state_directory, "filler")
        state = os.statvfs(daemon.state_directory)
        with open(filler, "wb") as file:
            file.write(bytes(max(0, state.f_bavail * state.f_frsize - 300 * 1024)))
        with daemon.admin() as admin:
            with self.assertRaises(VarlinkError) as refused:
                admin.call(ADMIN + "MakeBackup")
        self.assertTrue(refused.exception.name.endswith(".Unavailable"), refused.exception.name)
        print(refused.exception.parameters["message"], flush=True)
        self.assertEqual(os.listdir(os.path.join(daemon.state_directory, "backups")), [])
        self.assertEqual(daemon.verify(key)["code"], "valid")
        os.unlink(filler)
        with daemon.admin() as admin:
            name = admin.call(ADMIN + "MakeBackup")["backup"]["name"]
            with open(filler, "wb") as file:
                state = os.statvfs(daemon.state_directory)
                file.write(bytes(max(0, state.f_bavail * state.f_frsize - 300 * 1024)))
            with self.assertRaises(VarlinkError):
                admin.call(ADMIN + "RestoreBackup", name=name)
            self.assertEqual(admin.call(ADMIN + "GetStatus")["serving"], True)
        self.assertEqual(daemon.verify(key)["code"], "valid")


if __name__ == "__main__":
    unittest.main(verbosity=2)
