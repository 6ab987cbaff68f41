"""Daemons that are replaced under load, on sockets that a service manager keeps: nobody is refused, nobody needs more
than one more try, and what was acknowledged is there."""

import os
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
CREATE = "io.claviger.Admin.CreateKey"
SCOPE = "read:policies:admin"
RESTARTS = 5
VERIFIERS = 8
ISSUERS = 2
FIRST = 3  # SD_LISTEN_FDS_START
BECOME = f"""
import os, sys
for number, fd in enumerate(map(int, sys.argv[1].split(","))):
    os.dup2(fd, {FIRST} + number)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


class Client(threading.Thread):
    """Calls `call` in a loop on one connection. A call that gets no byte of a reply is made once more on a new one."""

    def __init__(self, path, call, stop):
        super().__init__()
        self.path, self.call, self.stop = path, call, stop
        self.calls, self.retries, self.most_tries, self.slowest = 0, 0, 0, 0.0
        self.failure = None

    def run(self):
        try:
            connection = Varlink(self.path)
            while not self.stop.is_set():
                began = time.monotonic()
                connection = self.one_call(connection)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.calls += 1
            connection.close()
        except BaseException as failure:  # told by the test
            self.failure = failure

    def one_call(self, connection):
        for tries in range(1, 4):
            try:
                self.call(connection, self.calls)
                self.most_tries = max(self.most_tries, tries)
                return connection
            except (ConnectionError, EOFError):
                self.retries += 1
                connection.close()
                connection = Varlink(self.path)  # ConnectionRefusedError here is a failure
        raise AssertionError("a call got no reply three times")


class RestartUnderLoad(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        self.key = self.daemon.create_key(scopes=[SCOPE])["key"]
        self.daemon.stop()
        os.mkdir(self.daemon.path("given"))
        self.paths = [self.daemon.path("given/v"), self.daemon.path("given/a")]
        self.sockets = []
        for path in self.paths:
            made = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            made.bind(path)
            made.listen(4096)
            self.sockets.append(made)
        self.issued, self.lock = {}, threading.Lock()

    def start(self):
        high = [os.dup2(held.fileno(), 200 + number, inheritable=True) for number, held in enumerate(self.sockets)]
        environment = dict(self.daemon.environment, LISTEN_FDS="2", LISTEN_FDNAMES="verify:admin")
        command = [sys.executable, "-c", BECOME, ",".join(map(str, high)), self.daemon.program, "--config",
                   self.daemon.config]
        with open(self.daemon.log_path, "ab") as log:
            process = subprocess.Popen(command, env=environment, pass_fds=high, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log)
        for fd in high:
            os.close(fd)
        return process

    def verify(self, connection, _):
        verdict = connection.call(VERIFY, key=self.key, scopes=[SCOPE])
        if not verdict["valid"]:
            raise AssertionError(f"a wrong answer: {verdict}")

    def issue(self, connection, number):
        name = f"{threading.current_thread().name} {number}"
        reply = connection.call(CREATE, name=name, scopes=[SCOPE], request_id=name.replace(" ", "-"))
        with self.lock:
            self.issued[reply["record"]["key_id"]] = reply["key"]

    def test_nobody_is_refused_and_nothing_acknowledged_is_lost(self):
        stop = threading.Event()
        process = self.start()
        clients = [Client(self.paths[0], self.verify, stop) for _ in range(VERIFIERS)]
        clients += [Client(self.paths[1], self.issue, stop) for _ in range(ISSUERS)]
        for client in clients:
            client.start()
        for _ in range(RESTARTS):
            time.sleep(1)
            process.terminate()
            self.assertEqual(process.wait(60), 0, self.daemon.log()[-4000:])
            process = self.start()
        time.sleep(1)
        stop.set()
        for client in clients:
            client.join(60)
        try:
            self.check(clients)
            with Varlink(self.paths[0]) as verify:
                for key in self.issued.values():
                    self.assertTrue(verify.call(VERIFY, key=key, scopes=[SCOPE])["valid"])
        finally:
            process.terminate()
            process.wait(60)

    def check(self, clients):
        for client in clients:
            if client.failure is not None:
                raise client.failure
            self.assertFalse(client.is_alive())
            self.assertGreater(client.calls, RESTARTS)
            self.assertLessEqual(client.most_tries, 2, "a call needed more than one more try")
            self.assertLessEqual(client.retries, RESTARTS, "a client lost more than one call in a restart")
        calls, again = (sum(getattr(client, name) for client in clients) for name in ("calls", "retries"))
        slowest = max(client.slowest for client in clients)
        print(f"{calls} calls, {again} made again, slowest {slowest:.2f} s; {len(self.issued)} keys", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
