"""A verification that began after a revocation was acknowledged is never valid.

Environment: CLAVIGER_VERIFICATIONS, how many to count (default one million)."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, build_folder  # noqa: E402

VERIFICATIONS = os.environ.get("CLAVIGER_VERIFICATIONS", "1000000")
CONNECTIONS = "64"


class RevocationTest(unittest.TestCase):
    def test_no_verification_after_the_acknowledgement_is_valid(self):
        program = os.path.join(build_folder(), "tests", "integration", "revocation_race")
        with Daemon(settings={"server": {"loops": 2}}) as daemon:
            done = subprocess.run([program, daemon.verify_socket, daemon.admin_socket, CONNECTIONS, VERIFICATIONS],
                                  capture_output=True, text=True, check=False, timeout=1500)
            print(done.stdout.strip(), flush=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
