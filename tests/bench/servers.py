"""What Claviger is compared with, each on a Unix socket in a folder of its own."""

import os
import socket
import subprocess
import time

from claviger_harness import HarnessError, build_folder
from dialect import ECHO_REQUEST_BYTES, VALUE_BYTES
from key_string import parts

START_SECONDS = 20
SET_BATCH = 500


def pin(pid, cpu):
    """Binds every thread of a process to one processor."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {cpu})


def unpin(pid):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), range(os.cpu_count()))


class Server:
    """A process that listens on `socket`. As a context manager it starts and ends."""

    name = ""

    def __init__(self, folder):
        self.folder = folder
        self.socket = os.path.join(folder, f"{self.name}.sock")
        self.process = None

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        self.log_path = os.path.join(self.folder, f"{self.name}.log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise HarnessError(f"{self.name} did not start; see {self.log_path}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.socket)
        except OSError:
            connection.close()
            raise
        return connection

    def _listens(self):
        try:
            self.connect().close()
        except OSError:
            return False
        return True


class EchoServer(Server):
    """Our own echo_server: what the socket costs by itself."""

    name = "echo"

    def command(self):
        return [os.path.join(build_folder(), "tests", "bench", "echo_server"), self.socket, str(ECHO_REQUEST_BYTES),
                str(VALUE_BYTES)]


class RedisServer(Server):
    """Debian's redis-server without persistence."""

    name = "redis"

    def command(self):
        return ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no",
                "--dir", self.folder]

    def fill(self, keys):
        """A value of VALUE_BYTES for each key id, which begins with that id."""
        with self.connect() as connection, connection.makefile("rb") as replies:
            for start in range(0, len(keys), SET_BATCH):
                ids = [parts(key)[1] for key in keys[start:start + SET_BATCH]]
                connection.sendall(b"".join(
                    f"*3\r\n$3\r\nSET\r\n${len(name)}\r\n{name}\r\n${VALUE_BYTES}\r\n{name:x<{VALUE_BYTES}}\r\n".encode()
                    for name in ids))
                for _ in ids:
                    if replies.readline() != b"+OK\r\n":
                        raise HarnessError("redis did not take a value")
