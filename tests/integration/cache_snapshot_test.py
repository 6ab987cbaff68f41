"""A planned restart keeps what the cache knew, and nothing else does: keys stay confirmed only in the daemon that starts
right after it, with the same database and token.

Whether a key is confirmed shows when the caller has used up its failures: then it is `valid` at once, while a key that
would have to be asked of the token is `rate_limited`.
"""

import os
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, copy_tree  # noqa: E402

SETTINGS = {"limits": {"failures_per_minute": 1, "failure_burst": 3}}
LOADED = "confirmed as they were before the restart"
IGNORED = "what the cache knew before the restart is not used"
VERIFY = "io.claviger.Verify.Verify"


class Host(Daemon):
    """A daemon with some keys, and a secret that it no longer knows."""

    def __init__(self, **more):
        super().__init__(settings=SETTINGS, **more)
        self.snapshot = os.path.join(self.state_directory, "cache.snapshot")
        self.keys, self.ids, self.bad, self.read = [], [], None, 0

    def make_keys(self, count=4):
        ended = self.create_key(name="ended")
        with self.admin() as admin:
            for _ in range(2):
                admin.call("io.claviger.Admin.RotateKey", key_id=ended["record"]["key_id"], grace=0)
        self.bad = ended["key"]
        for number in range(count):
            made = self.create_key(name=f"kept {number}")
            self.keys.append(made["key"])
            self.ids.append(made["record"]["key_id"])

    def start(self, ready=True):
        self.read = len(self.log())
        super().start(ready)

    def since_start(self):
        return self.log()[self.read:]

    def await_loading(self):
        self.wait_log(LOADED, after=self.read)

    def codes(self):
        """What each key is answered once the failures are used up."""
        with self.verifier() as verifier:
            for _ in range(20):
                if verifier.call(VERIFY, key=self.bad)["code"] == "rate_limited":
                    break
            else:
                raise AssertionError("the failures are never used up")
            return [verifier.call(VERIFY, key=key)["code"] for key in self.keys]

    def revoke(self, number):
        with self.admin() as admin:
            admin.call("io.claviger.Admin.RevokeKeys", key_ids=[self.ids[number]])


class CacheSnapshotTest(unittest.TestCase):
    def restarted(self, host, between=lambda: None):
        host.stop()
        between()
        host.start()
        self.assertFalse(os.path.exists(host.snapshot))
        self.assertFalse(os.path.exists(host.snapshot + ".new"))

    def test_a_planned_restart_keeps_what_is_confirmed(self):
        with Host() as host:
            host.make_keys()
            self.assertFalse(os.path.exists(host.snapshot))
            host.stop()
            self.assertEqual(stat.S_IMODE(os.stat(host.snapshot).st_mode), 0o600)
            with open(host.snapshot, "rb") as file:
                content = file.read()
            for number, key in enumerate(host.keys):
                for secret in (key, key[-49:-6], host.ids[number], f"kept {number}"):
                    self.assertNotIn(secret.encode(), content)
            host.start()
            self.assertFalse(os.path.exists(host.snapshot), "it is taken away when it is opened")
            host.await_loading()
            self.assertEqual(host.codes(), ["valid"] * 4)
            # And once more, with proofs that are older than the process.
            self.restarted(host)
            host.await_loading()
            self.assertEqual(host.codes(), ["valid"] * 4)
            reply = host.verify(host.keys[0], scopes=["read:policies:admin"])
            self.assertEqual((reply["code"], reply["name"], reply["scopes"]),
                             ("valid", "kept 0", ["read:policies:admin"]))
            self.assertEqual(host.verify(host.keys[0], scopes=["write:policies:admin"])["code"], "insufficient_scope")

    def test_what_changes_after_the_restart_is_in_force_at_once(self):
        with Host() as host:
            host.make_keys()
            self.restarted(host)
            host.revoke(1)
            host.await_loading()
            self.assertEqual(host.verify(host.keys[1])["code"], "revoked")
            self.assertEqual(host.codes(), ["valid", "revoked", "valid", "valid"])

    def test_a_kill_leaves_nothing(self):
        with Host() as host:
            host.make_keys()
            host.kill()
            self.assertFalse(os.path.exists(host.snapshot))
            host.start()
            self.assertEqual(host.codes(), ["rate_limited"] * 4)

    def test_it_is_used_once(self):
        with Host() as host:
            host.make_keys()
            self.restarted(host)
            host.await_loading()
            host.kill()
            host.start()
            self.assertEqual(host.codes(), ["rate_limited"] * 4)
            self.assertNotIn(LOADED, host.since_start())

    def test_a_lock_leaves_nothing(self):
        with Host() as host:
            host.make_keys()
            with host.admin() as admin:
                admin.call("io.claviger.Admin.Lock")
            host.stop()
            self.assertFalse(os.path.exists(host.snapshot))

    def test_a_start_without_the_token_takes_it_away(self):
        with Host() as host:
            host.make_keys()
            host.stop()
            os.rename(host.pin_file, host.pin_file + ".away")
            host.start(ready=False)
            deadline = time.monotonic() + 30  # the sockets are there before the daemon has waited for the token
            while os.path.exists(host.snapshot):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            os.rename(host.pin_file + ".away", host.pin_file)
            with host.admin() as admin:
                admin.call("io.claviger.Admin.Unlock")
            host.wait_ready()
            self.assertEqual(host.codes(), ["rate_limited"] * 4)

    def assert_ignored(self, host, codes):
        self.assertIn(IGNORED, host.since_start())
        self.assertNotIn(LOADED, host.since_start())
        self.assertEqual(host.codes(), codes)

    def test_a_changed_or_cut_off_file_is_ignored(self):
        def change(edit):
            def between():
                with open(host.snapshot, "r+b") as file:
                    edit(file)
            return between

        def flip(file):
            file.seek(100)
            byte = file.read(1)[0]
            file.seek(100)
            file.write(bytes([byte ^ 1]))

        with Host() as host:
            host.make_keys()
            for edit in (flip, lambda file: file.truncate(100), lambda file: file.truncate(0)):
                self.restarted(host, change(edit))
                self.assert_ignored(host, ["rate_limited"] * 4)
                host.restart()  # gives the failures back
                for key in host.keys:
                    self.assertEqual(host.verify(key)["code"], "valid")

    def test_an_older_one_does_not_fit_a_database_that_has_changed(self):
        with Host() as host:
            host.make_keys()
            host.stop()
            with open(host.snapshot, "rb") as file:
                old = file.read()
            host.start()
            host.revoke(1)

            def put_back():
                with open(host.snapshot, "wb") as file:
                    file.write(old)

            self.restarted(host, put_back)
            self.assert_ignored(host, ["rate_limited"] * 4)

    def test_it_does_not_fit_an_older_database(self):
        with Host() as host:
            host.make_keys()
            host.stop()
            os.unlink(host.snapshot)
            old = host.path("old")
            os.mkdir(old)
            copy_tree(host.state_directory, old)
            host.start()
            for key in host.keys:
                self.assertEqual(host.verify(key)["code"], "valid")
            with host.admin() as admin:
                admin.call("io.claviger.Admin.EditKey", key_id=host.ids[0], description="changed")
            self.restarted(host, lambda: copy_tree(old, host.state_directory))
            self.assert_ignored(host, ["rate_limited"] * 4)

    def test_another_installation_cannot_use_it(self):
        with Host() as other:
            other.make_keys()
            other.stop()
            with open(other.snapshot, "rb") as file:
                foreign = file.read()
            with Host() as host:
                host.make_keys()

                def put():
                    with open(host.snapshot, "wb") as file:
                        file.write(foreign)

                self.restarted(host, put)
                self.assert_ignored(host, ["rate_limited"] * 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
