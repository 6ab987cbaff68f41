"""A warm verification allocates nothing: counted in the daemon itself, on the threads of its loops."""

import mmap
import os
import struct
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, build_folder  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
KEYS = 40
ROUNDS = 300


class AllocationTest(unittest.TestCase):
    def test_a_verification_allocates_nothing_once_its_key_is_known(self):
        library = os.path.join(build_folder(), "tests", "integration", "libcount_allocations.so")
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(8))
            file.flush()
            memory = mmap.mmap(file.fileno(), 8)

            def count():
                return struct.unpack("=Q", memory[:8])[0]

            environment = {"LD_PRELOAD": library, "COUNT_ALLOCATIONS": file.name}
            with Daemon(settings={"server": {"loops": 1}}, environment=environment) as daemon:
                keys = [daemon.create_key(name=f"key {i}")["key"] for i in range(KEYS)]
                with daemon.verifier() as verifier:
                    calls = [(VERIFY, {"key": key, "scopes": scopes})
                             for key in keys for scopes in (["read:policies:admin"], ["write:policies:admin"], [])]
                    calls.append((VERIFY, {"key": keys[0][:-1] + "_"}))

                    def ask():
                        return [reply["parameters"]["code"] for reply in verifier.pipeline(calls)]

                    for _ in range(20):
                        expected = ask()
                    self.assertEqual(set(expected), {"valid", "insufficient_scope", "malformed"})
                    time.sleep(5)  # what was noted has been collected
                    for _ in range(20):
                        ask()
                    before = count()
                    self.assertGreater(before, 0)  # it does count
                    for _ in range(ROUNDS):
                        self.assertEqual(ask(), expected)
                    self.assertEqual(count() - before, 0, f"allocations in {ROUNDS * len(calls)} verifications")


if __name__ == "__main__":
    unittest.main(verbosity=2)
