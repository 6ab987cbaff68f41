"""Verifications that are refused are told in sum, and nobody can fill the log by asking."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
ADMIN = "io.claviger.Admin."


class DenialEvents(unittest.TestCase):
    def lines(self, daemon, part):
        return [line for line in daemon.log().splitlines() if part in line]

    def test_denials_of_one_key_are_summed_up(self):
        with Daemon() as daemon:
            issued = daemon.create_key("deploy")
            with daemon.verifier() as verifier:
                for _ in range(1000):
                    reply = verifier.call(VERIFY, key=issued["key"], scopes=["write:policies:admin"])
                    self.assertEqual(reply["code"], "insufficient_scope")
            daemon.wait_log(": insufficient_scope")
            daemon.stop()
            lines = self.lines(daemon, ": insufficient_scope")
            self.assertLessEqual(len(lines), 10)
            counted = sum(int(line.split(" verification")[0].rsplit(" ", 1)[1]) for line in lines)
            self.assertEqual(counted, 1000)
            self.assertIn(f"key {issued['record']['key_id']} (deploy)", lines[0])
            self.assertIn(f"uid {os.getuid()}", lines[0])

    def test_each_reason_is_told_by_itself(self):
        with Daemon() as daemon:
            issued = daemon.create_key("deploy")
            with daemon.verifier() as verifier, daemon.admin() as admin:
                verifier.call(VERIFY, key=issued["key"], scopes=["write:policies:admin"])
                admin.call(ADMIN + "RevokeKey", key_id=issued["record"]["key_id"])
                verifier.call(VERIFY, key=issued["key"])
            daemon.wait_log(": insufficient_scope")
            daemon.wait_log(": revoked")

    def test_good_verifications_are_not_told(self):
        with Daemon() as daemon:
            issued = daemon.create_key("deploy")
            for _ in range(20):
                self.assertTrue(daemon.verify(issued["key"])["valid"])
            daemon.stop()
            self.assertEqual(self.lines(daemon, "verification"), [])

    def test_denials_of_very_many_keys_are_bounded(self):
        with Daemon() as daemon:
            with daemon.admin() as admin, daemon.verifier() as verifier:
                keys = [admin.call(ADMIN + "CreateKey", name=f"k{number}", scopes=["read:policies:admin"])["key"]
                        for number in range(300)]
                for key in keys:
                    verifier.call(VERIFY, key=key, scopes=["write:policies:admin"])
            daemon.wait_log(": insufficient_scope")
            daemon.stop()
            # At most 100 at a time and 100 lines of a severity in ten seconds.
            self.assertLess(len(self.lines(daemon, ": insufficient_scope")), 250)

    def test_a_peer_that_guesses_is_told_once_in_a_while(self):
        with Daemon({"limits": {"failures_per_minute": 60, "failure_burst": 5}}) as daemon:
            key = daemon.create_key()["key"]
            with daemon.admin() as admin:
                admin.call(ADMIN + "RevokeKey", key_id=key.split("_")[1])
                admin.call(ADMIN + "PurgeKeys", key_ids=[key.split("_")[1]])
            with daemon.verifier() as verifier:
                codes = [verifier.call(VERIFY, key=key)["code"] for _ in range(200)]
            self.assertIn("rate_limited", codes)
            daemon.wait_log("too many bad keys")
            lines = self.lines(daemon, "too many bad keys")
            self.assertLessEqual(len(lines), 5)
            self.assertIn(f"uid {os.getuid()}", lines[0])

    def test_denials_are_left_out_above_the_level(self):
        with Daemon({"log": {"level": "error"}}) as daemon:
            issued = daemon.create_key("deploy")
            daemon.verify(issued["key"], scopes=["write:policies:admin"])
            daemon.stop()
            self.assertEqual(self.lines(daemon, "insufficient_scope"), [])


if __name__ == "__main__":
    unittest.main()
