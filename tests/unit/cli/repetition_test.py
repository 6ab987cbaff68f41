"""A daemon that ends instead of answering: what is harmless is asked once more, and nothing else."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from claviger_command import run
from fake_daemon import Close, FakeDaemon

ADMIN = "io.claviger.Admin."


class Repetition(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())

    def end_times(self, method, times, then):
        """The first `times` calls of `method` find a daemon that ends; after that it answers `then`."""
        left = [times]

        def answer(**_):
            left[0] -= 1
            return Close() if left[0] >= 0 else then
        self.daemon.answers[ADMIN + method] = answer

    def run_and_count(self, method, *words):
        done = run(self.daemon.directory, *words)
        return done, [name for name, _ in self.daemon.calls].count(ADMIN + method)

    def test_a_read_is_asked_once_more(self):
        self.end_times("SetLogLevel", 1, {"level": "info", "configured": "info"})
        done, calls = self.run_and_count("SetLogLevel", "log-level")
        self.assertEqual((done.returncode, done.stdout, done.stderr, calls), (0, "info\n", "", 2))

    def test_a_read_is_not_asked_a_third_time(self):
        self.end_times("SetLogLevel", 2, {"level": "info", "configured": "info"})
        done, calls = self.run_and_count("SetLogLevel", "log-level")
        self.assertEqual((done.returncode, calls), (75, 2))

    def test_a_change_without_a_request_id_is_left_to_the_operator(self):
        self.end_times("Lock", 1, {})
        done, calls = self.run_and_count("Lock", "lock", "--yes")
        self.assertEqual((done.returncode, calls), (75, 1))

    def test_a_change_with_a_request_id_is_asked_once_more(self):
        create = ("key", "create", "--name", "n", "--scope", "read:policies:admin", "--expires", "7d")
        self.end_times("CreateKey", 1, self.daemon.CreateKey(name="n", scopes=["read:policies:admin"]))
        self.assertEqual(self.run_and_count("CreateKey", *create)[1], 1)
        self.end_times("CreateKey", 1, self.daemon.CreateKey(name="n", scopes=["read:policies:admin"]))
        done, calls = self.run_and_count("CreateKey", *create, "--request-id", "r")
        self.assertEqual((done.returncode, calls), (0, 3), done.stderr)


class Reload(unittest.TestCase):
    def test_what_waits_for_a_restart_is_named(self):
        with FakeDaemon() as daemon:
            done = run(daemon.directory, "reload")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("[server] loops has changed", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
