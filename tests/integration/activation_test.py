"""Sockets that a service manager hands over (sd_listen_fds(3)): used as named, or refused with what to do."""

import os
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink, VarlinkError  # noqa: E402

WHO = "io.claviger.Verify.WhoAmI"
STATUS = "io.claviger.Admin.GetStatus"
FIRST = 3  # SD_LISTEN_FDS_START
CONFIGURATION = 78
PATIENCE = 60
# Brings the descriptors argv[2] ("200,201") to their places and sets LISTEN_PID, which only the process itself knows,
# to its pid plus argv[1]; then becomes the daemon, argv[3:].
BECOME = f"""
import os, sys
for number, fd in enumerate(map(int, sys.argv[2].split(","))):
    os.dup2(fd, {FIRST} + number)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid() + int(sys.argv[1]))
os.execv(sys.argv[3], sys.argv[3:])
"""


class Activated:
    """A daemon that was handed `sockets`: (file descriptor name, socket) pairs. A harness Daemon lends its tree."""

    def __init__(self, daemon, sockets, names=None, pid_offset=0):
        self.daemon = daemon
        self.sockets = [held for _, held in sockets]
        environment = dict(daemon.environment, LISTEN_FDS=str(len(sockets)),
                           LISTEN_FDNAMES=":".join(name for name, _ in sockets) if names is None else names)
        # Out of the way first, so that no descriptor is overwritten before it is in place.
        high = [os.dup2(held.fileno(), 200 + number, inheritable=True) for number, held in enumerate(self.sockets)]
        command = [sys.executable, "-c", BECOME, str(pid_offset), ",".join(map(str, high)), daemon.program, "--config",
                   daemon.config]
        with open(daemon.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, pass_fds=high, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        for fd in high:
            os.close(fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def wait(self):
        return self.process.wait(PATIENCE)


class Activation(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(start=False))
        os.mkdir(self.daemon.path("given"))
        self.verify, self.admin = self.daemon.path("given/v"), self.daemon.path("given/a")

    def listening(self, path, kind=socket.SOCK_STREAM, listen=True):
        made = self.enterContext(socket.socket(socket.AF_UNIX, kind))
        made.bind(path)
        if listen:
            made.listen()
        return made

    def activated(self, *sockets, **options):
        return self.enterContext(Activated(self.daemon, sockets, **options))

    def assert_serves(self, verify_name, admin_name):
        started = self.activated((admin_name, self.listening(self.admin)), (verify_name, self.listening(self.verify)))
        with Varlink(self.verify) as verify, Varlink(self.admin) as admin:
            self.assertEqual(verify.call(WHO)["uid"], os.getuid())
            self.assertIn("version", admin.call(STATUS))
            with self.assertRaises(VarlinkError) as refused:
                verify.call(STATUS)
            self.assertEqual(refused.exception.name, "org.varlink.service.InterfaceNotFound")
        # Nothing is bound besides, and what was handed over is not removed at the end.
        self.assertFalse(os.path.exists(self.daemon.verify_socket))
        started.process.terminate()
        self.assertEqual(started.wait(), 0, self.daemon.log())
        self.assertTrue(os.path.exists(self.verify))

    def test_sockets_are_told_apart_by_name_and_not_by_order(self):
        self.assert_serves("verify", "admin")

    def test_sockets_may_have_the_names_of_their_interfaces(self):
        self.assert_serves("io.claviger.Verify", "io.claviger.Admin")

    def test_sockets_may_have_the_names_of_their_units(self):
        self.assert_serves("claviger.socket", "claviger-admin.socket")

    def test_a_connection_made_before_the_start_is_served(self):
        verify, admin = self.listening(self.verify), self.listening(self.admin)
        with Varlink(self.verify) as early:
            early.send_raw(Varlink.frame(WHO))
            self.activated(("verify", verify), ("admin", admin))
            self.assertEqual(early.receive()["parameters"]["uid"], os.getuid())

    def test_one_socket_alone_is_all_that_is_served(self):
        self.activated(("verify", self.listening(self.verify)))
        with Varlink(self.verify) as verify:
            self.assertEqual(verify.call(WHO)["uid"], os.getuid())
        self.assertFalse(os.path.exists(self.daemon.admin_socket))

    def test_several_sockets_may_have_one_name(self):
        self.activated(("verify", self.listening(self.verify)), ("verify", self.listening(self.admin)))
        for path in (self.verify, self.admin):
            with Varlink(path) as verify:
                self.assertEqual(verify.call(WHO)["uid"], os.getuid())

    def assert_refused(self, started, *texts):
        self.assertEqual(started.wait(), CONFIGURATION)
        for text in texts:
            self.assertIn(text, self.daemon.log())
        self.assertEqual(os.listdir(self.daemon.state_directory), [])

    def test_a_socket_of_an_unknown_name_is_refused_by_name(self):
        for name in ("verfy", "Verify", "connection", "unknown"):
            with self.subTest(name):
                path = self.daemon.path(f"given/{name}")
                self.assert_refused(self.activated((name, self.listening(path))), f'"{name}"', "FileDescriptorName=")

    def test_one_unknown_name_among_known_ones_refuses_all(self):
        started = self.activated(("verify", self.listening(self.verify)), ("other", self.listening(self.admin)))
        self.assert_refused(started, '"other"')

    def test_what_is_no_listening_stream_socket_is_refused(self):
        kinds = (self.listening(self.verify, listen=False),
                 self.listening(self.daemon.path("given/d"), socket.SOCK_DGRAM, listen=False),
                 self.listening(self.daemon.path("given/s"), socket.SOCK_SEQPACKET),
                 self.enterContext(socket.create_server(("127.0.0.1", 0))))
        for kind in kinds:
            with self.subTest(kind):
                self.assert_refused(self.activated(("verify", kind)), "ListenStream=")

    def test_names_that_do_not_match_the_sockets_in_number_are_refused(self):
        started = self.activated(("verify", self.listening(self.verify)), names="verify:admin")
        self.assert_refused(started, "handed over")

    def test_sockets_meant_for_another_process_are_left_alone(self):
        self.activated(("verify", self.listening(self.verify)), pid_offset=1)
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(self.daemon.admin_socket):
            self.assertLess(time.monotonic(), deadline, self.daemon.log())
            time.sleep(0.02)

    def test_the_service_managers_own_tool_can_start_it(self):
        tool = shutil.which("systemd-socket-activate")
        self.assertIsNotNone(tool, "install the package systemd")
        keep = [f"--setenv={name}={self.daemon.environment[name]}" for name in ("SOFTHSM2_CONF", "ASAN_OPTIONS",
                "TSAN_OPTIONS", "UBSAN_OPTIONS") if name in self.daemon.environment]
        command = [tool, *keep, "--fdname=verify:admin", f"--listen={self.verify}", f"--listen={self.admin}",
                   self.daemon.program, "--config", self.daemon.config]
        with open(self.daemon.log_path, "ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                with self.connected(self.verify) as verify, self.connected(self.admin) as admin:
                    self.assertEqual(verify.call(WHO)["uid"], os.getuid())
                    self.assertIn("version", admin.call(STATUS))
            finally:
                process.terminate()
        self.assertEqual(process.returncode, 0, self.daemon.log())

    def connected(self, path):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return Varlink(path)
            except (FileNotFoundError, ConnectionRefusedError):
                self.assertLess(time.monotonic(), deadline, self.daemon.log())
                time.sleep(0.02)


if __name__ == "__main__":
    unittest.main(verbosity=2)
