"""What every kind of token must do for the daemon through the same settings; tests of one kind inherit it."""

import os
import signal
import time

from claviger_harness import Daemon, VarlinkError

__all__ = ["TokenLife"]

SCOPE, OTHER_SCOPE = "read:policies:admin", "write:policies:admin"
PATIENCE = 30


class TokenLife:
    """Mixed into a TestCase. Its token is there, with the user PIN `pin` and without claim by any daemon."""

    module = None
    pin, other_pin = "12341234", "43214321"
    label = "claviger-test"
    environment = {}

    def change_pin(self, old, new):
        """With the token's own tool."""
        raise NotImplementedError

    def start_daemon(self):
        # Every verification asks the token anew once a second.
        self.daemon = Daemon(settings={"token": {"module": self.module, "uri": f"pkcs11:token={self.label}"},
                                       "store": {"proof_lifetime": "1s"}},
                             initialise=False, start=False, environment=self.environment)
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.write_pin(self.pin)
        self.daemon.start(ready=False)
        self.daemon.wait_token_state("uninitialised")
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.InitialiseToken")
        self.daemon.wait_ready()
        self.key = self.daemon.create_key(name="kept", scopes=[SCOPE])["key"]

    def write_pin(self, pin):
        os.chmod(self.daemon.pin_file, 0o600)
        with open(self.daemon.pin_file, "w", encoding="ascii") as file:
            file.write(pin + "\n")
        os.chmod(self.daemon.pin_file, 0o400)

    def until_valid(self):
        deadline = time.monotonic() + PATIENCE
        while (code := self.daemon.verify(self.key)["code"]) != "valid":
            self.assertEqual(code, "unavailable")
            self.assertLess(time.monotonic(), deadline, f"the token did not come back: {self.daemon.token_status()}")
            time.sleep(0.02)

    def cli(self, *arguments, stdin="", status=0):
        done = self.daemon.cli(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_keys_are_issued_verified_rotated_and_revoked(self):
        daemon = self.daemon
        self.assertEqual(daemon.verify(self.key, scopes=[SCOPE])["code"], "valid")
        self.assertEqual(daemon.verify(self.key, scopes=[OTHER_SCOPE])["code"], "insufficient_scope")
        created = daemon.create_key(name="second", scopes=[SCOPE])
        with daemon.admin() as admin:
            key_id = created["record"]["key_id"]
            rotated = admin.call("io.claviger.Admin.RotateKey", key_id=key_id, grace=0)
            self.assertEqual(daemon.verify(created["key"])["code"], "expired")
            self.assertEqual(daemon.verify(rotated["key"])["code"], "valid")
            admin.call("io.claviger.Admin.RevokeKey", key_id=key_id, reason="tried")
        self.assertEqual(daemon.verify(rotated["key"])["code"], "revoked")
        self.assertEqual(daemon.verify(self.key)["code"], "valid")

    def test_a_restart_and_a_killed_daemon_lose_nothing(self):
        self.daemon.restart()
        self.until_valid()
        self.daemon.kill()
        self.daemon.start()
        self.until_valid()
        self.assertEqual(self.daemon.create_key()["record"]["state"], "active")

    def test_a_killed_and_a_stopped_worker_are_replaced(self):
        for fault in (signal.SIGKILL, signal.SIGSTOP):
            workers = self.daemon.worker_pids()
            for pid in workers:
                os.kill(pid, fault)
            time.sleep(1.1)  # until no proof is fresh
            self.daemon.verify(self.key)
            deadline = time.monotonic() + PATIENCE
            while set(self.daemon.worker_pids()) & set(workers) or not self.daemon.worker_pids():
                self.assertLess(time.monotonic(), deadline, "the worker was not replaced")
                time.sleep(0.02)
            self.until_valid()
            self.assertEqual(self.daemon.create_key()["record"]["state"], "active")

    def test_lock_stops_everything_until_unlock(self):
        self.cli("lock", "--yes")
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")
        self.cli("unlock", stdin=self.pin + "\n")
        self.until_valid()

    def test_a_wrong_pin_is_tried_once(self):
        self.daemon.stop()
        self.write_pin(self.other_pin)
        self.daemon.start(ready=False)
        self.daemon.wait_token_state("pin_refused")
        for _ in range(2):
            self.daemon.restart(ready=False)
            self.daemon.wait_token_state("pin_refused")
        with self.daemon.admin() as admin, self.assertRaises(VarlinkError):
            admin.call("io.claviger.Admin.Unlock", pin=self.other_pin)
        self.expect_one_failed_login()
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")
        self.write_pin(self.pin)
        self.until_valid()

    def expect_one_failed_login(self):
        """Of the token itself, where it counts."""

    def test_a_changed_pin_is_taken_from_the_file(self):
        self.change_pin(self.pin, self.other_pin)
        self.addCleanup(self.change_pin, self.other_pin, self.pin)
        self.write_pin(self.other_pin)
        self.daemon.restart()
        self.until_valid()
        self.daemon.stop()
        self.write_pin(self.pin)  # the old one
        self.daemon.start(ready=False)
        self.daemon.wait_token_state("pin_refused")
        self.write_pin(self.other_pin)
        self.until_valid()

    def test_the_speed_and_the_abilities_of_the_token_are_told(self):
        shown = self.cli("doctor")
        self.assertRegex(shown, r"ok +CKM_SHA256_HMAC +offered")
        self.assertRegex(shown, r"ok +C_GenerateRandom +offered")
        self.assertRegex(shown, r"HMAC speed +[0-9.]+ us in the token")
        print("\n".join(line for line in shown.splitlines() if "HMAC speed" in line or "token model" in line))
