"""A token that is absent, foreign, emptied or locked: each has its own message and exit status, and loses nothing."""

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import PIN, SO_PIN, TOKEN_LABEL, Daemon, VarlinkError, copy_tree, softhsm_module  # noqa: E402


class TokenStateTest(unittest.TestCase):
    """Each test spoils the token of a stopped daemon, starts it again, looks, mends, and finds its key valid."""

    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.key = self.daemon.create_key(name="kept")["key"]
        self.assertEqual(self.daemon.verify(self.key)["code"], "valid")

    def expect(self, state, status, *words):
        """The daemon runs in `state`, answers unavailable, and the CLI says so with `status` and `words`."""
        self.daemon.wait_token_state(state)
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")
        with self.assertRaises(VarlinkError) as refused:
            self.daemon.create_key()
        self.assertEqual(refused.exception.name, "io.claviger.Admin.Unavailable")
        done = self.daemon.cli("token", "status")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout + done.stderr)
        return done

    def expect_nothing_lost(self):
        self.daemon.wait_ready()
        self.assertEqual(self.daemon.verify(self.key)["code"], "valid")
        self.assertEqual(self.daemon.cli("token", "status").returncode, 0)
        self.assertEqual(self.daemon.create_key()["record"]["state"], "active")

    def write_pin(self, pin):
        os.chmod(self.daemon.pin_file, 0o600)
        with open(self.daemon.pin_file, "w", encoding="ascii") as file:
            file.write(pin + "\n")
        os.chmod(self.daemon.pin_file, 0o400)

    def set_aside(self, name):
        place = self.daemon.path(name)
        copy_tree(self.daemon.token_directory, place)
        return place

    def put_back(self, place):
        shutil.rmtree(self.daemon.token_directory)
        copy_tree(place, self.daemon.token_directory)

    def test_an_absent_module_is_named_with_its_path(self):
        self.daemon.stop()
        self.daemon.write_config({"token": {"module": "/nonexistent/libtoken.so"}})
        self.daemon.start(ready=False)
        self.expect("module_absent", 24, "/nonexistent/libtoken.so")
        self.daemon.stop()
        self.daemon.write_config({})
        self.daemon.start(ready=False)
        self.expect_nothing_lost()

    def test_an_absent_token_is_waited_for_without_a_restart(self):
        self.daemon.stop()
        place = self.set_aside("elsewhere")
        shutil.rmtree(self.daemon.token_directory)
        os.mkdir(self.daemon.token_directory, 0o700)
        self.daemon.start(ready=False)
        self.expect("token_absent", 25, f"pkcs11:token={TOKEN_LABEL}")
        self.put_back(place)
        self.expect_nothing_lost()

    def test_a_token_that_goes_away_while_running_is_noticed_and_comes_back(self):
        away = self.daemon.path("away")
        os.rename(self.daemon.token_directory, away)
        os.mkdir(self.daemon.token_directory, 0o700)
        self.expect("token_absent", 25)
        os.rmdir(self.daemon.token_directory)
        os.rename(away, self.daemon.token_directory)
        self.expect_nothing_lost()

    def test_a_wrong_pin_is_tried_once_and_never_again_until_it_changes(self):
        self.daemon.stop()
        self.write_pin("a wrong one")
        self.daemon.start(ready=False)
        self.expect("pin_refused", 22, "PIN")
        self.daemon.restart(ready=False)
        self.expect("pin_refused", 22, "PIN")
        with self.daemon.admin() as admin, self.assertRaises(VarlinkError):
            admin.call("io.claviger.Admin.Unlock", pin="a wrong one")
        self.write_pin(PIN)
        self.expect_nothing_lost()

    def test_without_a_pin_the_daemon_waits_for_unlock(self):
        self.daemon.stop()
        self.daemon.write_config({"token": {"pin_file": None}})
        self.daemon.start(ready=False)
        self.expect("locked", 21, "claviger unlock")
        done = self.daemon.cli("unlock", stdin=PIN + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_nothing_lost()

    def test_lock_stops_everything_until_unlock(self):
        self.assertEqual(self.daemon.cli("lock", "--yes").returncode, 0)
        self.expect("locked", 21, "claviger unlock")
        self.assertEqual(self.daemon.cli("unlock", stdin=PIN + "\n").returncode, 0)
        self.expect_nothing_lost()
        with self.daemon.admin() as admin:
            acts = [record["act"] for record in admin.call("io.claviger.Admin.ListAudit")["records"]]
        self.assertIn("token.lock", acts)
        self.assertIn("token.unlock", acts)

    def test_deleted_objects_are_never_made_anew(self):
        self.daemon.stop()
        place = self.set_aside("whole")
        for purpose in ("mint", "verify", "record", "store", "audit"):
            subprocess.run(["pkcs11-tool", "--module", softhsm_module(), "--token-label", TOKEN_LABEL, "--login", "--pin",
                            PIN, "--delete-object", "--type", "secrkey", "--label", f"claviger/{purpose}/1"],
                           env=self.daemon.environment, check=True, capture_output=True)
        self.daemon.start(ready=False)
        self.expect("keys_missing", 27, "backup")
        self.daemon.stop()
        self.put_back(place)
        self.daemon.start(ready=False)
        self.expect_nothing_lost()

    def test_a_token_with_the_same_label_but_another_serial_is_foreign(self):
        self.daemon.stop()
        place = self.set_aside("whole")
        shutil.rmtree(self.daemon.token_directory)
        os.mkdir(self.daemon.token_directory, 0o700)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", TOKEN_LABEL, "--pin", PIN, "--so-pin", SO_PIN],
                       env=self.daemon.environment, check=True, capture_output=True)
        self.daemon.start(ready=False)
        self.expect("foreign_token", 26, "serial")
        self.daemon.stop()
        self.put_back(place)
        self.daemon.start(ready=False)
        self.expect_nothing_lost()


    def test_a_database_whose_installation_is_lost_is_not_bound_anew(self):
        self.daemon.stop()
        installation = self.daemon.path("state/installation.toml")
        os.rename(installation, self.daemon.path("kept.toml"))
        self.daemon.start(ready=False)
        self.daemon.wait_token_state("uninitialised")
        with self.daemon.admin() as admin, self.assertRaises(VarlinkError) as refused:
            admin.call("io.claviger.Admin.InitialiseToken")
        self.assertEqual(refused.exception.name, "io.claviger.Admin.Conflict")
        self.assertFalse(os.path.exists(installation))
        self.daemon.stop()
        os.rename(self.daemon.path("kept.toml"), installation)
        self.daemon.start(ready=False)
        self.expect_nothing_lost()


class BlankTokenTest(unittest.TestCase):
    def test_a_daemon_that_was_never_bound_says_how_to_bind_it(self):
        with Daemon(initialise=False, start=False) as daemon:
            daemon.start(ready=False)
            daemon.wait_token_state("uninitialised")
            done = daemon.cli("token", "status")
            self.assertEqual(done.returncode, 20)
            self.assertIn("claviger token init", done.stdout + done.stderr)

    def test_the_database_is_unreadable_for_another_token(self):
        with Daemon() as first:
            first.create_key(name="hidden")
            first.stop()
            with Daemon() as second:
                second.stop()
                for name in os.listdir(second.state_directory):
                    if name.startswith("claviger.db"):
                        os.remove(second.path(f"state/{name}"))
                shutil.copy(first.path("state/claviger.db"), second.path("state/claviger.db"))
                second.start(ready=False)
                second.wait_token_state("ready")
                second.wait_log("database")
                self.assertEqual(second.verify("clv_00000000000000000_" + "0" * 49)["code"], "malformed")
                with second.admin() as admin:
                    self.assertFalse(admin.call("io.claviger.Admin.GetStatus")["serving"])
                with open(second.path("state/claviger.db"), "rb") as copy, open(first.path("state/claviger.db"), "rb") as own:
                    self.assertEqual(copy.read(), own.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
