"""What the tests of the commands that change keys have in common."""

import os
import tempfile
import unittest

from claviger_command import run
from fake_daemon import FakeDaemon

ID = "00000000000000001"
ADMIN = "io.claviger.Admin."
LIVE = ["pending", "active", "paused"]


def id_of(number):
    return f"{number:017}"


class ChangeCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def cli(self, *words, status=0, **options):
        done = run(self.daemon.directory, *words, **options)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def path(self, name):
        return os.path.join(self.folder, name)

    def calls(self, method):
        """The parameters of all calls of this method."""
        return [parameters for name, parameters in self.daemon.calls if name == ADMIN + method]

    def assert_refused(self, *words, says, hint=None, status=2, called=(), **options):
        done = self.cli(*words, status=status, **options)
        self.assertIn(says, done.stderr)
        if hint is not None:
            self.assertIn("hint: ", done.stderr)
            self.assertIn(hint, done.stderr)
        self.assertEqual([name.removeprefix(ADMIN) for name, _ in self.daemon.calls], list(called))
        self.assertEqual(done.stdout, "")
        return done
