"""What the tests of the commands that find and examine have in common."""

import datetime
import os
import tempfile
import unittest

from claviger_command import Typed, run
from fake_daemon import FakeDaemon

ID = "00000000000000001"
ADMIN = "io.claviger.Admin."
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m\"'&"


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()


class FindCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def cli(self, *words, status=0, **options):
        done = run(self.daemon.directory, *words, **options)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def terminal(self, *words, columns=80, status=0, **changes):
        with Typed(self.daemon.directory, *words, columns=columns, **changes) as typed:
            self.assertEqual(typed.wait(), status, typed.output)
            return typed.plain

    def answer(self, method, reply):
        self.daemon.answers[ADMIN + method] = reply

    def parameters(self, method=None):
        calls = [call for call in self.daemon.calls if method is None or call[0] == ADMIN + method]
        return calls[-1][1]

    def path(self, name):
        return os.path.join(self.folder, name)
