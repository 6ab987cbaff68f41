"""What the service manager is told (sd_notify(3)), and the calls by which the daemon is steered while it runs."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from frozen_thread import Frozen, threads_named  # noqa: E402

PATIENCE = 30
WATCHDOG_SECONDS = 1
RELOAD = "io.claviger.Admin.Reload"
LEVEL = "io.claviger.Admin.SetLogLevel"


class Manager:
    """A NOTIFY_SOCKET: keeps each message as a dict, in order."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="clv-notify-", dir="/tmp")
        self.path = os.path.join(self.folder.name, "socket")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []
        self.looked_at = 0  # so many messages

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()

    def collect(self, seconds=0.0):
        """Takes what comes within `seconds`, and all that is there."""
        deadline = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                text = self.socket.recv(65536).decode()
            except (TimeoutError, BlockingIOError):
                if time.monotonic() >= deadline:
                    return
                continue
            self.messages.append(dict(line.split("=", 1) for line in text.splitlines()))

    def wait(self, condition, complaint):
        """The next message, behind the one that was waited for last, for which `condition` holds."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            while self.looked_at < len(self.messages):
                self.looked_at += 1
                if condition(self.messages[self.looked_at - 1]):
                    return self.messages[self.looked_at - 1]
            self.collect(0.05)
        raise AssertionError(f"{complaint}: {self.messages[-20:]}")

    def values(self, name):
        return [message[name] for message in self.messages if name in message]


class Notices(unittest.TestCase):
    def setUp(self):
        self.begin()

    def begin(self, **options):
        self.manager = self.enterContext(Manager())
        environment = {"NOTIFY_SOCKET": self.manager.path, "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1000000)}
        self.daemon = self.enterContext(Daemon(start=False, environment=environment, **options))

    def start(self, **options):
        self.daemon.start(**options)
        self.manager.wait(lambda message: message.get("READY") == "1", "it was never ready")

    def wait_status(self, text):
        return self.manager.wait(lambda message: text in message.get("STATUS", ""), f"no status with {text}")

    def test_a_life_is_told_in_order(self):
        self.start()
        self.manager.collect(0.2)
        self.daemon.reload()
        self.manager.wait(lambda message: message.get("RELOADING") == "1", "no reload was told")
        self.manager.wait(lambda message: message.get("READY") == "1", "the reload never ended")
        self.daemon.stop()
        self.manager.collect()
        life = [name for message in self.manager.messages for name in message
                if name in ("READY", "RELOADING", "STOPPING")]
        self.assertEqual(life, ["READY", "RELOADING", "READY", "STOPPING"])
        reloading = next(message for message in self.manager.messages if "RELOADING" in message)
        self.assertLess(abs(time.clock_gettime(time.CLOCK_MONOTONIC) - int(reloading["MONOTONIC_USEC"]) / 1e6), 60)

    def test_a_refused_reload_ends_too(self):
        self.start()
        self.daemon.write_config({"policy": {"maximum_lifetime": "1y"}})
        self.daemon.reload()
        self.manager.wait(lambda message: message.get("RELOADING") == "1", "no reload was told")
        self.manager.wait(lambda message: message.get("READY") == "1", "the reload never ended")

    def test_the_status_says_what_to_do_and_follows_the_token(self):
        self.begin(initialise=False)
        self.start(ready=False)
        self.manager.collect(0.2)
        self.assertIn("claviger setup", self.manager.values("STATUS")[-1])
        self.daemon.initialise_token()
        self.wait_status("serving; ")
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.Lock")
            self.assertIn("claviger unlock", self.wait_status("locked: ")["STATUS"])
            admin.call("io.claviger.Admin.Unlock")
        self.wait_status("serving; ")

    def test_a_worker_that_never_answers_does_not_hold_up_the_start(self):
        self.begin(initialise=False)
        worker = self.daemon.path("worker")
        with open(os.open(worker, os.O_WRONLY | os.O_CREAT, 0o755), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec sleep 600\n")
        self.daemon.write_config({"token": {"worker": worker}})
        began = time.monotonic()
        self.start(ready=False)
        self.assertLess(time.monotonic() - began, 10)
        self.assertNotIn("serving", self.manager.values("STATUS")[-1])

    def test_a_failed_start_is_told_with_its_reason(self):
        self.daemon.write_config({"server": {"loops": 65}})
        done = subprocess.run([self.daemon.program, "--config", self.daemon.config], env=self.daemon.environment,
                              capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 78)
        self.manager.collect(0.1)
        self.assertIn("[server] loops", self.manager.values("STATUS")[-1])
        self.assertEqual(self.manager.values("READY"), [])

    def test_signs_of_life_come_several_times_an_interval(self):
        self.start()
        self.manager.collect()
        before = len(self.manager.values("WATCHDOG"))
        self.manager.collect(3 * WATCHDOG_SECONDS)
        self.assertGreaterEqual(len(self.manager.values("WATCHDOG")) - before, 6)

    def test_signs_of_life_go_on_while_the_token_is_away(self):
        self.start()
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.Lock")
        self.manager.collect()
        before = len(self.manager.values("WATCHDOG"))
        self.manager.collect(3 * WATCHDOG_SECONDS)
        self.assertGreaterEqual(len(self.manager.values("WATCHDOG")) - before, 6)

    def test_signs_of_life_go_on_while_the_worker_hangs(self):
        self.daemon.write_config({"token": {"call_deadline": "5s"}})
        self.start()
        self.manager.collect()
        for pid in self.daemon.worker_pids():
            os.kill(pid, signal.SIGSTOP)
        before = len(self.manager.values("WATCHDOG"))
        self.manager.collect(3 * WATCHDOG_SECONDS)
        self.assertGreaterEqual(len(self.manager.values("WATCHDOG")) - before, 6)
        for pid in self.daemon.worker_pids():
            os.kill(pid, signal.SIGCONT)

    def assert_no_sign_while_frozen(self, name):
        self.start()
        thread = threads_named(self.daemon.process.pid, name)[0]
        with Frozen(thread):
            self.manager.collect(WATCHDOG_SECONDS)  # the last sign may still come
            before = len(self.manager.values("WATCHDOG"))
            self.manager.collect(2 * WATCHDOG_SECONDS)
            self.assertEqual(len(self.manager.values("WATCHDOG")), before)
        self.manager.wait(lambda message: "WATCHDOG" in message, "no sign of life came back")
        self.daemon.wait_log("no sign of life from ")

    @unittest.skipIf(os.getuid() != 0, "only root can hold a thread")
    def test_a_database_thread_that_is_stuck_ends_the_signs_of_life(self):
        self.assert_no_sign_while_frozen("claviger-store")
        self.assertIn("no sign of life from the store", self.daemon.log())

    @unittest.skipIf(os.getuid() != 0, "only root can hold a thread")
    def test_a_loop_that_is_stuck_ends_the_signs_of_life(self):
        self.assert_no_sign_while_frozen("loop")
        self.assertIn("no sign of life from the loops", self.daemon.log())

    def test_without_a_watchdog_no_sign_is_sent(self):
        del self.daemon.environment["WATCHDOG_USEC"]
        self.start()
        self.manager.collect(1)
        self.assertEqual(self.manager.values("WATCHDOG"), [])


class Steering(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(method, **parameters)

    def acts(self):
        return [(record["act"], record["user"]) for record in self.call("io.claviger.Admin.ListAudit")["records"]]

    def test_a_reload_by_call_is_in_force_when_it_is_answered(self):
        self.daemon.write_config({"policy": {"maximum_lifetime": "10d"}, "server": {"loops": 3}})
        self.assertEqual(self.call(RELOAD), {"restart_needed": ["[server] loops"]})
        with self.assertRaises(VarlinkError) as refused:
            self.daemon.create_key(lifetime=86400 * 20)
        self.assertEqual(refused.exception.name, "io.claviger.Admin.Refused")
        act, user = self.acts()[0]
        self.assertEqual(act, "config.reload")
        self.assertNotEqual(user, "clavigerd")

    def test_a_reload_of_a_bad_file_fails_and_names_the_line(self):
        self.daemon.write_config({"policy": {"maximum_lifetime": "1y"}})
        with self.assertRaises(VarlinkError) as refused:
            self.call(RELOAD)
        self.assertEqual(refused.exception.name, "io.claviger.Admin.Conflict")
        self.assertIn("claviger.toml:", refused.exception.parameters["message"])
        done = self.daemon.cli("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("months and years have no fixed length", done.stderr)

    def test_the_log_level_is_shown_and_set_until_the_next_reload(self):
        self.assertEqual(self.call(LEVEL), {"level": "debug", "configured": "debug"})
        before = self.acts()
        self.assertEqual(self.call(LEVEL, level="error"), {"level": "error", "configured": "debug"})
        self.assertEqual(self.acts()[0][0], "log.level")
        said = len(self.daemon.log())
        self.call(RELOAD)
        self.assertEqual(self.call(LEVEL), {"level": "debug", "configured": "debug"})
        self.assertIn("in force", self.daemon.log()[said:])
        self.assertEqual(len(self.acts()), len(before) + 2)

    def test_a_raised_level_silences_the_log(self):
        self.call(LEVEL, level="error")
        said = len(self.daemon.log())
        self.call("io.claviger.Admin.Lock")
        self.assertEqual(self.daemon.log()[said:], "")

    def test_a_level_that_there_is_not_is_refused_and_changes_nothing(self):
        for level in ("verbose", "INFO", "debug ", ""):
            with self.subTest(level), self.assertRaises(VarlinkError):
                self.call(LEVEL, level=level)
        self.assertEqual(self.call(LEVEL)["level"], "debug")

    def test_the_level_can_be_set_while_the_database_is_closed(self):
        self.call("io.claviger.Admin.Lock")
        self.assertEqual(self.call(LEVEL, level="warning")["level"], "warning")

    def test_the_command_line_shows_and_sets_it(self):
        self.assertEqual(self.daemon.cli("log-level").stdout, "debug\n")
        done = self.daemon.cli("log-level", "warning")
        self.assertEqual((done.returncode, done.stdout), (0, "warning\n"))
        self.assertIn("debug", done.stderr)
        self.assertEqual(self.daemon.cli("reload").returncode, 0)
        self.assertEqual(self.daemon.cli("log-level").stdout, "debug\n")
        self.assertNotEqual(self.daemon.cli("log-level", "loud").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
