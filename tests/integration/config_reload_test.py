"""Settings that are checked, refused and reloaded by the daemon."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402


class Check(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(start=False))

    def check(self):
        return subprocess.run([self.daemon.program, "--check", "--config", self.daemon.config],
                              env=self.daemon.environment, capture_output=True, text=True, timeout=60, check=False)

    def test_good_settings_pass(self):
        self.assertEqual(self.check().returncode, 0)

    def test_a_bad_setting_is_named_with_file_and_line(self):
        with open(self.daemon.config, "a", encoding="utf-8") as file:
            file.write("[limits]\nfailure_bust = 5\n")
        with open(self.daemon.config, encoding="utf-8") as file:
            lines = len(file.readlines())
        done = self.check()
        self.assertEqual(done.returncode, 78)
        self.assertIn(f"{self.daemon.config}:{lines}: there is no setting failure_bust in [limits]; "
                      "did you mean failure_burst", done.stderr)

    def test_a_bad_catalogue_is_named_with_file_and_line(self):
        path = os.path.join(self.daemon.scopes_directory, "bad.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write('[[scope]]\nname = "fetch:things"\nsummary = "No such action"\n')
        done = self.check()
        self.assertEqual(done.returncode, 78)
        self.assertIn("bad.toml:2", done.stderr)

    def test_a_missing_file_is_named(self):
        os.unlink(self.daemon.config)
        done = self.check()
        self.assertEqual(done.returncode, 78)
        self.assertIn(self.daemon.config, done.stderr)

    def test_the_daemon_itself_ends_with_the_same_status(self):
        self.daemon.write_config({"server": {"loops": 65}})
        done = subprocess.run([self.daemon.program, "--config", self.daemon.config], env=self.daemon.environment,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn("[server] loops: write a whole number from 0 to 64", done.stderr)


class Reload(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def reload(self, settings, text):
        said = len(self.daemon.log())
        self.daemon.write_config(settings)
        self.daemon.reload()
        self.daemon.wait_log(text, after=said)

    def test_a_good_file_is_in_force_without_a_restart(self):
        self.daemon.create_key(lifetime=86400 * 20)
        self.reload({"policy": {"maximum_lifetime": "10d"}}, "settings and catalogue are in force")
        with self.assertRaises(VarlinkError) as refused:
            self.daemon.create_key(lifetime=86400 * 20)
        self.assertEqual(refused.exception.name, "io.claviger.Admin.Refused")

    def test_a_bad_file_keeps_the_old_settings_and_says_why(self):
        self.reload({"policy": {"maximum_lifetime": "1y"}}, "months and years have no fixed length")
        self.daemon.create_key(lifetime=86400 * 20)

    def test_a_change_that_needs_a_restart_is_named(self):
        self.reload({"server": {"loops": 3}}, "loops has changed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
