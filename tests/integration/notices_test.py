"""Commands that are told of events: what they get, and what becomes of those that fail, hang, or miss the end of the
daemon."""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

ADMIN = "io.claviger.Admin."
SECONDS = 30


class NoticeCase(unittest.TestCase):
    """Daemons with commands that are shell scripts in the daemon's folder."""

    def daemon_with(self, scripts, start=True):
        """`scripts`: name -> (text, settings of the command). $1 is the daemon's folder."""
        daemon = self.enterContext(Daemon(start=False))
        commands = []
        for name, (text, settings) in scripts.items():
            self.write_script(daemon, name, text)
            commands.append({"run": [daemon.path(name), daemon.root], "events": ["*"]} | settings)
        daemon.write_config({"command": commands})
        if start:
            daemon.start()
        return daemon

    def write_script(self, daemon, name, text):
        # At once, since the daemon may be starting it; and closed, since it could not be executed while open.
        with open(os.open(daemon.path(name + ".new"), os.O_WRONLY | os.O_CREAT, 0o700), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n" + text)
        os.replace(daemon.path(name + ".new"), daemon.path(name))

    def received(self, daemon, name="got"):
        try:
            with open(daemon.path(name), encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def wait_received(self, daemon, count, name="got"):
        deadline = time.monotonic() + SECONDS
        while len(self.received(daemon, name)) < count:
            self.assertLess(time.monotonic(), deadline, daemon.log())
            time.sleep(0.02)
        return self.received(daemon, name)

    def wait_file(self, daemon, name):
        deadline = time.monotonic() + SECONDS
        while not os.path.exists(daemon.path(name)):
            self.assertLess(time.monotonic(), deadline, daemon.log())
            time.sleep(0.02)

    def revoke(self, daemon, key_id, reason="of the test"):
        with daemon.admin() as admin:
            admin.call(ADMIN + "RevokeKey", key_id=key_id, reason=reason)


class Delivery(NoticeCase):
    def test_a_command_gets_one_line_of_json_for_each_event_that_it_wants(self):
        daemon = self.daemon_with({"tell": ("cat >> $1/got", {"events": ["key.created", "key.revoked"]})})
        record = daemon.create_key("deploy", team="platform")["record"]
        with daemon.admin() as admin:
            admin.call(ADMIN + "PauseKeys", key_ids=[record["key_id"]])
        self.revoke(daemon, record["key_id"])
        created, revoked = self.wait_received(daemon, 2)
        self.assertEqual((created["event"], revoked["event"]), ("key.created", "key.revoked"))
        self.assertGreater(revoked["event_id"], created["event_id"])
        fields = ("key_id", "name", "owner", "team", "creator", "expires_at")
        for notice, state in ((created, "active"), (revoked, "revoked")):
            self.assertEqual([notice[field] for field in fields], [record[field] for field in fields])
            self.assertEqual(notice["state"], state)
        self.assertEqual(revoked["reason"], "of the test")

    def test_each_command_gets_what_it_wants(self):
        daemon = self.daemon_with({"made": ("cat >> $1/made-got", {"events": ["key.created"]}),
                                   "ended": ("cat >> $1/ended-got", {"events": ["key.revoked"]})})
        self.revoke(daemon, daemon.create_key()["record"]["key_id"])
        self.assertEqual([n["event"] for n in self.wait_received(daemon, 1, "made-got")], ["key.created"])
        self.assertEqual([n["event"] for n in self.wait_received(daemon, 1, "ended-got")], ["key.revoked"])

    def test_a_command_that_fails_is_tried_again_with_the_same_event(self):
        script = "cat >> $1/got\n[ -e $1/tried ] || { : > $1/tried; echo not yet >&2; exit 7; }"
        daemon = self.daemon_with({"tell": (script, {"events": ["key.created"]})})
        daemon.create_key()
        first, second = self.wait_received(daemon, 2)
        self.assertEqual(first, second)
        self.assertIn("exited with status 7 and said: not yet; tried again in 1s", daemon.log())
        daemon.create_key()
        self.assertGreater(self.wait_received(daemon, 3)[2]["event_id"], first["event_id"])

    def test_a_command_that_hangs_is_ended_at_its_time_limit_and_holds_up_no_other(self):
        daemon = self.daemon_with({"hang": ("trap '' TERM\n: > $1/hanging\nwhile :; do sleep 1; done",
                                            {"time_limit": "1s"}),
                                   "tell": ("cat >> $1/got", {"events": ["key.created"]})})
        began = time.monotonic()
        for number in range(3):
            daemon.create_key(f"key {number}")
        self.wait_received(daemon, 3)
        self.wait_file(daemon, "hanging")
        daemon.wait_log("took longer than its time limit; tried again in 1s")
        self.assertGreater(time.monotonic() - began, 1)

    def test_a_command_that_does_not_exist_is_told_of_in_the_log(self):
        daemon = self.enterContext(Daemon(settings={"command": [{"run": ["/no/such/program"], "events": ["*"]}]}))
        self.assertTrue(daemon.verify(daemon.create_key()["key"])["valid"])
        daemon.wait_log("command /no/such/program, event 1 (key.created): cannot be executed: No such file or "
                        "directory; tried again in 1s")

    def test_a_command_that_comes_with_a_reload_is_told_of_what_follows(self):
        daemon = self.daemon_with({})
        daemon.create_key("before")
        self.write_script(daemon, "tell", "cat >> $1/got")
        daemon.write_config({"command": [{"run": [daemon.path("tell"), daemon.root], "events": ["key.created"]}]})
        daemon.reload()
        daemon.wait_log("settings and catalogue are in force")
        daemon.create_key("after")
        self.assertEqual([n["name"] for n in self.wait_received(daemon, 1)], ["after"])

    def test_a_key_string_is_in_no_notice(self):
        daemon = self.daemon_with({"tell": ("cat >> $1/got", {})})
        key = daemon.create_key()["key"]
        self.wait_received(daemon, 1)
        with open(daemon.path("got"), encoding="utf-8") as file:
            self.assertNotIn(key.rsplit("_", 1)[1], file.read())


class EndOfTheDaemon(NoticeCase):
    BUSY = ": > $1/busy\nsleep 1000"

    def test_what_was_not_told_when_the_daemon_was_killed_is_told_after_its_next_start(self):
        daemon = self.daemon_with({"tell": (self.BUSY, {"events": ["key.revoked"], "time_limit": "1m"})})
        key_ids = [daemon.create_key(f"key {number}")["record"]["key_id"] for number in range(3)]
        for key_id in key_ids:
            self.revoke(daemon, key_id)
        self.wait_file(daemon, "busy")
        daemon.kill()
        self.write_script(daemon, "tell", "cat >> $1/got")
        daemon.start()
        got = self.wait_received(daemon, 3)
        self.assertEqual([notice["key_id"] for notice in got], key_ids)

    def test_the_daemon_ends_soon_although_a_command_hangs_and_tells_again_afterwards(self):
        settings = {"events": ["key.created"], "time_limit": "5m"}
        daemon = self.daemon_with({"tell": ("trap '' TERM\n" + self.BUSY, settings)})
        key_id = daemon.create_key()["record"]["key_id"]
        self.wait_file(daemon, "busy")
        began = time.monotonic()
        daemon.stop()
        self.assertLess(time.monotonic() - began, 20)
        self.write_script(daemon, "tell", "cat >> $1/got")
        daemon.start()
        self.assertEqual(self.wait_received(daemon, 1)[0]["key_id"], key_id)

    def test_what_was_told_is_not_told_again(self):
        daemon = self.daemon_with({"tell": ("cat >> $1/got", {"events": ["key.created"]})})
        daemon.create_key("first")
        self.wait_received(daemon, 1)
        daemon.restart()
        daemon.create_key("second")
        self.assertEqual([n["name"] for n in self.wait_received(daemon, 2)], ["first", "second"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
