"""For how long the daemon remembers which requests it has done."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from faked_clock import FakedClock  # noqa: E402

ADMIN = "io.claviger.Admin."
MEMORY = 30  # days
AT_ONCE = 16  # old requests that each new one forgets


class RequestMemory(unittest.TestCase):
    def setUp(self):
        self.clock = FakedClock(self.enterContext(tempfile.TemporaryDirectory()))
        self.daemon = self.enterContext(Daemon(environment=self.clock.environment))

    def later(self, **delta):
        """A running daemon does not follow a leap of the clock; one that starts does."""
        self.daemon.stop()
        self.clock.move(**delta)
        self.daemon.start()

    def is_known(self, request_id):
        """Whether the request was done before; it is now."""
        try:
            self.daemon.create_key(request_id=request_id)
        except VarlinkError as error:
            self.assertEqual(error.name, ADMIN + "RequestAlreadyDone")
            return True
        return False

    def test_a_request_is_known_for_thirty_days_and_forgotten_by_the_requests_after_them(self):
        self.assertFalse(self.is_known("first"))
        self.later(days=MEMORY, seconds=-60)
        self.assertFalse(self.is_known("before the time is over"))
        self.assertTrue(self.is_known("first"))
        self.later(seconds=120)
        self.assertFalse(self.is_known("after it"))
        self.assertFalse(self.is_known("first"))
        self.assertTrue(self.is_known("before the time is over"))

    def test_one_request_forgets_few_others(self):
        for number in range(AT_ONCE + 1):
            self.assertFalse(self.is_known(f"old {number}"))
            self.clock.move(seconds=1)
        self.later(days=MEMORY + 1)
        self.assertFalse(self.is_known("new"))
        self.assertTrue(self.is_known(f"old {AT_ONCE}"))
        self.assertFalse(self.is_known(f"old {AT_ONCE - 1}"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
