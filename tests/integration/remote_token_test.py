"""A token behind p11-kit's remoting: its module runs in another process, which can be taken away like a device."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import softhsm_module  # noqa: E402
from token_life import TokenLife  # noqa: E402

LABEL = "claviger-test"
SO_PIN = "56785678"
START_SECONDS = 10


def client_module():
    found = glob.glob("/usr/lib/*/pkcs11/p11-kit-client.so")
    return found[0] if found else None


def missing():
    absent = [package for package, there in (("p11-kit", shutil.which("p11-kit")), ("p11-kit-modules", client_module()))
              if not there]
    return "needs the packages " + ", ".join(absent) if absent else None


class Remote:
    """A SoftHSM token served by `p11-kit server`. A context manager."""

    def __init__(self, pin):
        self.root = tempfile.mkdtemp(prefix="clv-p11-", dir="/tmp")
        self.socket = os.path.join(self.root, "socket")
        self.process = None
        config = os.path.join(self.root, "softhsm2.conf")
        os.mkdir(os.path.join(self.root, "tokens"), 0o700)
        with open(config, "w", encoding="ascii") as file:
            file.write(f"directories.tokendir = {self.root}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self._environment = {**os.environ, "SOFTHSM2_CONF": config}
        self.environment = {"P11_KIT_SERVER_ADDRESS": f"unix:path={self.socket}"}
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", pin, "--so-pin", SO_PIN],
                       env=self._environment, check=True, capture_output=True)

    def discard(self):
        self.take_away()
        shutil.rmtree(self.root)

    def put_back(self):
        self.process = subprocess.Popen(["p11-kit", "server", "--foreground", "--provider", softhsm_module(), "--name",
                                         self.socket, f"pkcs11:token={LABEL}"], env=self._environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not os.path.exists(self.socket):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("p11-kit server did not start")
            time.sleep(0.02)

    def take_away(self):
        """The server and the processes that it forks for each client, at once."""
        if self.process is not None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
            if os.path.exists(self.socket):
                os.remove(self.socket)
        self.process = None


@unittest.skipIf(missing(), missing())
class RemoteTokenTest(TokenLife, unittest.TestCase):
    module = client_module()

    def setUp(self):
        self.remote = Remote(self.pin)
        self.addCleanup(self.remote.discard)
        self.environment = self.remote.environment
        self.remote.put_back()
        self.start_daemon()

    def change_pin(self, old, new):
        subprocess.run(["pkcs11-tool", "--module", self.module, "--token-label", LABEL, "--login", "--pin", old,
                        "--change-pin", "--new-pin", new], env={**os.environ, **self.remote.environment}, check=True,
                       capture_output=True)

    def test_a_token_that_is_taken_away_is_missed_and_comes_back_without_a_restart(self):
        pid = self.daemon.process.pid
        for _ in range(3):
            self.remote.take_away()
            deadline = time.monotonic() + START_SECONDS
            while self.daemon.verify(self.key)["code"] == "valid":  # as long as a proof is fresh
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            self.assertNotEqual(self.daemon.token_status()["state"], "ready")
            self.remote.put_back()
            back = time.monotonic()
            self.until_valid()
            print(f"back after {time.monotonic() - back:.2f} s")
            self.assertEqual(self.daemon.create_key()["record"]["state"], "active")
        self.assertEqual(self.daemon.process.pid, pid)
        self.assertIsNone(self.daemon.process.poll())

    def test_a_token_that_is_not_there_at_the_start_is_waited_for(self):
        self.daemon.stop()
        self.remote.take_away()
        self.daemon.start(ready=False)
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")
        self.remote.put_back()
        self.until_valid()


if __name__ == "__main__":
    unittest.main(verbosity=2)
