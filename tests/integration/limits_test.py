"""What one peer can take: connections, time for a frame, and what a refusal of it costs the others."""

import os
import resource
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
WHO = "io.claviger.Verify.WhoAmI"
MAX_CONNECTIONS_PER_UID = 1024


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.key = cls.daemon.create_key()["key"]

    def allow_descriptors(self, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertTrue(hard == resource.RLIM_INFINITY or hard >= count, f"this test needs {count} open files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def assert_closed(self, peer):
        try:
            peer.send_raw(Varlink.frame(WHO))
            self.assertIsNone(peer.receive())
        except (BrokenPipeError, ConnectionResetError):
            pass

    def test_one_user_has_so_many_connections_and_no_more(self):
        self.allow_descriptors(MAX_CONNECTIONS_PER_UID + 200)
        peers = []
        for _ in range(MAX_CONNECTIONS_PER_UID):
            peers.append(self.enterContext(self.daemon.verifier()))
            self.assertEqual(peers[-1].call(WHO)["uid"], os.getuid())
        for _ in range(3):
            with self.daemon.verifier() as refused:
                self.assert_closed(refused)
        for peer in peers:
            self.assertTrue(peer.call(VERIFY, key=self.key)["valid"])
        for peer in peers:
            peer.close()
        self.daemon.wait_ready()
        self.assertTrue(self.daemon.verify(self.key)["valid"])

    def test_a_frame_that_is_not_finished_in_time_ends_its_connection_only(self):
        whole = Varlink.frame(VERIFY, {"key": self.key})
        with self.daemon.verifier() as slow, self.daemon.verifier() as idle:
            slow.send_raw(whole + whole[:20])
            self.assertTrue(slow.receive()["parameters"]["valid"])
            self.assertIsNone(slow.receive())
            self.assertTrue(idle.call(VERIFY, key=self.key)["valid"])

    def test_an_idle_connection_stays(self):
        with self.daemon.verifier() as idle, self.daemon.verifier() as slow:
            slow.send_raw(b"{")
            self.assertIsNone(slow.receive())  # so long at least has the other been idle
            self.assertTrue(idle.call(VERIFY, key=self.key)["valid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
