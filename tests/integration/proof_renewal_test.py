"""A key in use goes on being valid while a stranger under the same uid has used up the uid's failures."""

import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
PROOF_LIFETIME_SECONDS = 4


class ProofRenewalTest(unittest.TestCase):
    def test_a_stranger_cannot_lock_a_good_key_out(self):
        settings = {"store": {"proof_lifetime": f"{PROOF_LIFETIME_SECONDS}s"},
                    "limits": {"failures_per_minute": 1, "failure_burst": 3}}
        with Daemon(settings=settings) as daemon:
            good = daemon.create_key(name="good")["key"]
            bad = daemon.create_key(name="ended")
            with daemon.admin() as admin:
                admin.call("io.claviger.Admin.RotateKey", key_id=bad["record"]["key_id"], grace=0)
                admin.call("io.claviger.Admin.RotateKey", key_id=bad["record"]["key_id"], grace=0)
            self.assertEqual(daemon.verify(good)["code"], "valid")
            stop, strangers = threading.Event(), set()

            def guess():
                with daemon.verifier() as verifier:
                    while not stop.is_set():
                        strangers.add(verifier.call(VERIFY, key=bad["key"])["code"])
                        time.sleep(0.01)

            stranger = threading.Thread(target=guess)
            stranger.start()
            try:
                codes = set()
                end = time.monotonic() + 3 * PROOF_LIFETIME_SECONDS
                with daemon.verifier() as verifier:
                    while time.monotonic() < end:
                        codes.add(verifier.call(VERIFY, key=good)["code"])
                        time.sleep(0.05)
            finally:
                stop.set()
                stranger.join()
            self.assertEqual(strangers, {"unknown", "rate_limited"})
            self.assertEqual(codes, {"valid"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
