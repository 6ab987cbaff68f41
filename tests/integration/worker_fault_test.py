"""The token's worker killed, stopped or answering garbage: calls are answered, the worker is replaced, nothing is lost."""

import os
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError, build_folder  # noqa: E402

ANSWERS = {"valid", "unavailable"}
PATIENCE = 30


class DaemonTest(unittest.TestCase):
    daemon = None

    def until_valid(self, key):
        """The token may be on its way back; no other verdict is right meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            code = self.daemon.verify(key)["code"]
            self.assertIn(code, ANSWERS)
            if code == "valid":
                return
            time.sleep(0.01)
        self.fail("the token did not come back")


class WorkerFaultTest(DaemonTest):
    def setUp(self):
        self.daemon = Daemon(settings={"limits": {"failure_burst": 100000, "failures_per_minute": 100000}})
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.keys = [self.daemon.create_key(name=f"key {i}")["key"] for i in range(4)]
        self.daemon.restart(forget=True)  # each needs the token
        self.daemon_pid = self.daemon.process.pid

    def until_replaced(self, workers):
        deadline = time.monotonic() + PATIENCE
        while set(self.daemon.worker_pids()) & set(workers) or not self.daemon.worker_pids():
            self.assertLess(time.monotonic(), deadline, "the worker was not replaced")
            time.sleep(0.01)
        self.daemon.wait_ready()

    def expect_all_valid_by_another_worker(self, workers):
        # First the worker: until the daemon has noticed its end, a key that was proved before is valid without it.
        self.until_replaced(workers)
        for key in self.keys:
            self.until_valid(key)
        self.assertEqual(self.daemon.process.pid, self.daemon_pid)
        self.assertIsNone(self.daemon.process.poll())

    def test_a_killed_worker_is_replaced(self):
        for _ in range(3):
            workers = self.daemon.worker_pids()
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            self.assertIn(self.daemon.verify(self.keys[0])["code"], ANSWERS)
            self.expect_all_valid_by_another_worker(workers)

    def test_a_stopped_worker_is_replaced_and_its_calls_are_answered(self):
        workers = self.daemon.worker_pids()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        self.assertEqual(self.daemon.verify_once(self.keys[1])["code"], "unavailable")
        self.expect_all_valid_by_another_worker(workers)

    def test_verifications_without_the_token_do_not_wait_for_it(self):
        """Malformed keys are told apart while the worker hangs."""
        for pid in self.daemon.worker_pids():
            os.kill(pid, signal.SIGSTOP)
        with self.daemon.verifier() as first, self.daemon.verifier() as second:
            first.send_raw(first.frame("io.claviger.Verify.Verify", {"key": self.keys[2]}))
            self.assertEqual(second.call("io.claviger.Verify.Verify", key="clv_x")["code"], "malformed")
            self.assertEqual(first.receive()["parameters"]["code"], "unavailable")

    def test_no_acknowledged_act_is_lost_while_workers_are_killed(self):
        acknowledged, stop = [], threading.Event()

        def issue():
            with self.daemon.admin() as admin:
                while not stop.is_set():
                    try:
                        reply = admin.call("io.claviger.Admin.CreateKey", name="under fire", scopes=["read:policies:admin"])
                        acknowledged.append(reply["key"])
                    except VarlinkError as error:
                        if not error.name.endswith(".Unavailable"):
                            raise

        issuer = threading.Thread(target=issue)
        issuer.start()
        for _ in range(10):
            time.sleep(0.1)
            workers = self.daemon.worker_pids()
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            self.until_replaced(workers)
        stop.set()
        issuer.join()
        self.assertGreater(len(acknowledged), 0)
        for key in acknowledged:
            self.until_valid(key)


class GarbageWorkerTest(DaemonTest):
    """With a worker in software that misbehaves on demand (tests/integration/hsm/fake_worker.cc)."""

    MODES = ("garbage", "wrong_id", "twice", "short_frame", "empty_frame", "long_frame", "long_length", "other_version",
             "wrong_mac", "exit", "silence")

    def setUp(self):
        self.mode = tempfile.NamedTemporaryFile("w", prefix="clv-mode-")
        self.addCleanup(self.mode.close)
        worker = os.path.join(build_folder(), "tests", "integration", "hsm", "hsm_fake_worker")
        self.daemon = Daemon(settings={"token": {"worker": worker, "uri": "pkcs11:token=claviger"}}, initialise=False,
                             start=False, environment={"CLAVIGER_FAKE_WORKER": self.mode.name})
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.start(ready=False)
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.InitialiseToken")
        self.daemon.wait_ready()
        self.keys = {mode: [self.daemon.create_key(name=mode)["key"] for _ in range(2)] for mode in self.MODES}
        self.daemon.restart(forget=True)

    def behave(self, mode):
        self.mode.seek(0)
        self.mode.truncate()
        self.mode.write(mode)
        self.mode.flush()

    def test_rubbish_never_makes_a_wrong_secret_valid_and_good_answers_bring_it_back(self):
        for mode in self.MODES:
            with self.subTest(mode=mode):
                self.behave("")
                self.daemon.wait_ready()
                key, other = self.keys[mode]
                self.behave(mode)
                self.assertEqual(self.daemon.verify_once(key)["code"], "unavailable")
                self.behave("")
                self.until_valid(key)
                self.until_valid(other)


if __name__ == "__main__":
    unittest.main(verbosity=2)
