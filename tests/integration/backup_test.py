"""claviger backup: whole under load, encrypted, bound to its token, on record; old ones go."""

import os
import sqlite3
import stat
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."


def folder_of(daemon):
    return os.path.join(daemon.state_directory, "backups")


def make(daemon):
    with daemon.admin() as admin:
        return admin.call(ADMIN + "MakeBackup")


class BackupTest(unittest.TestCase):
    def test_a_backup_is_private_encrypted_and_on_record(self):
        with Daemon() as daemon:
            key = daemon.create_key(name="very-readable-name")["key"]
            made = make(daemon)
            path = os.path.join(made["folder"], made["backup"]["name"])
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(stat.S_IMODE(os.stat(folder_of(daemon)).st_mode), 0o700)
            with open(path, "rb") as file:
                content = file.read()
            self.assertTrue(content.startswith(b"claviger backup 1\n"))
            for secret in (b"SQLite format 3", b"very-readable-name", key.encode()):
                self.assertNotIn(secret, content)
            self.assertEqual(made["backup"]["keys"], 1)
            self.assertEqual(made["backup"]["bytes"], len(content))
            with daemon.admin() as admin:
                newest = admin.call(ADMIN + "ListAudit", limit=1)["records"][0]
                status = admin.call(ADMIN + "GetStatus")
            self.assertEqual(newest["act"], "backup.make")
            self.assertEqual(status["newest_backup_at"], made["backup"]["made_at"])
            self.assertEqual(os.listdir(folder_of(daemon)), [made["backup"]["name"]])

    def test_no_other_library_reads_the_database_inside(self):
        with Daemon() as daemon:
            made = make(daemon)
            with open(os.path.join(made["folder"], made["backup"]["name"]), "rb") as file:
                body = file.read().split(b"\n\n", 1)[1]
            plain = os.path.join(daemon.root, "inside.db")
            with open(plain, "wb") as file:
                file.write(body)
            with self.assertRaises(sqlite3.DatabaseError):
                sqlite3.connect(plain).execute("SELECT count(*) FROM sqlite_master").fetchall()

    def test_a_backup_is_whole_while_keys_are_issued_and_verified(self):
        settings = {"limits": {"failures_per_minute": 1000000, "failure_burst": 1000000}}
        with Daemon(settings=settings) as daemon:
            key = daemon.create_key()["key"]
            with daemon.admin() as admin:
                for number in range(400):
                    admin.call(ADMIN + "CreateKey", name=f"key {number}", scopes=["read:policies:admin"])
            ended, failures = threading.Event(), []

            def issue():
                with daemon.admin() as admin:
                    while not ended.is_set():
                        admin.call(ADMIN + "CreateKey", name="more", scopes=["read:policies:admin"])

            def verify():
                with daemon.verifier() as verifier:
                    while not ended.is_set():
                        reply = verifier.call("io.claviger.Verify.Verify", key=key)
                        if reply["code"] not in ("valid", "unavailable"):
                            failures.append(reply)
            threads = [threading.Thread(target=issue), threading.Thread(target=verify)]
            for thread in threads:
                thread.start()
            try:
                made = [make(daemon) for _ in range(3)]
            finally:
                ended.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(failures, [])
            counts = [one["backup"]["keys"] for one in made]
            self.assertGreaterEqual(counts[0], 401)
            self.assertEqual(counts, sorted(counts))
            with daemon.admin() as admin:
                for backup in admin.call(ADMIN + "ListBackups", check=True)["backups"]:
                    self.assertNotIn("problem", backup)

    def test_the_newest_are_kept_and_other_files_too(self):
        with Daemon(settings={"backup": {"keep": 2}}) as daemon:
            names = [make(daemon)["backup"]["name"] for _ in range(2)]
            foreign = os.path.join(folder_of(daemon), "mine.clvbak")
            with open(foreign, "w", encoding="ascii") as file:
                file.write("x")
            third = make(daemon)
            self.assertEqual(third["removed"], names[:1])
            self.assertEqual(sorted(os.listdir(folder_of(daemon))),
                             sorted([names[1], third["backup"]["name"], "mine.clvbak"]))
            with daemon.admin() as admin:
                listed = admin.call(ADMIN + "ListBackups")["backups"]
            self.assertEqual([one["name"] for one in listed][:1], [third["backup"]["name"]])
            self.assertIn("problem", next(one for one in listed if one["name"] == "mine.clvbak"))

    def test_what_a_daemon_that_died_left_is_removed_by_the_next_backup(self):
        with Daemon() as daemon:
            make(daemon)
            for name in (".making-database", ".making-backup"):
                with open(os.path.join(folder_of(daemon), name), "w", encoding="ascii") as file:
                    file.write("half")
            make(daemon)
            self.assertFalse([name for name in os.listdir(folder_of(daemon)) if name.startswith(".")])

    def test_a_locked_daemon_makes_none(self):
        with Daemon() as daemon:
            with daemon.admin() as admin:
                admin.call(ADMIN + "Lock")
                with self.assertRaises(VarlinkError) as refused:
                    admin.call(ADMIN + "MakeBackup")
            self.assertTrue(refused.exception.name.endswith(".Unavailable"))
            self.assertFalse(os.path.exists(folder_of(daemon)) and os.listdir(folder_of(daemon)))

    def test_the_command_makes_lists_and_copies_and_overwrites_nothing(self):
        with Daemon() as daemon:
            output = os.path.join(daemon.root, "copy.clvbak")
            made = daemon.cli("backup", "--output", output)
            self.assertEqual(made.returncode, 0, made.stderr)
            with open(made.stdout.strip(), "rb") as first, open(output, "rb") as second:
                self.assertEqual(first.read(), second.read())
            again = daemon.cli("backup", "--output", output)
            self.assertNotEqual(again.returncode, 0)
            self.assertIn("exists already", again.stderr)
            listed = daemon.cli("backup", "list", "--check")
            self.assertEqual(listed.returncode, 0, listed.stderr)
            self.assertEqual(len(listed.stdout.splitlines()), 2, listed.stdout)
            self.assertIn("whole", listed.stdout)
            self.assertIn(os.path.basename(made.stdout.strip()), listed.stdout)

    def test_doctor_warns_until_there_is_one(self):
        def check(daemon):
            with daemon.admin() as admin:
                rows = admin.call(ADMIN + "Diagnose")["checks"]
            return next(row for row in rows if row["name"] == "backup")
        with Daemon() as daemon:
            self.assertEqual(check(daemon)["state"], "warning")
            make(daemon)
            self.assertEqual(check(daemon)["state"], "ok")


if __name__ == "__main__":
    unittest.main(verbosity=2)
