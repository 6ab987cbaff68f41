"""Warnings of keys that end soon: once for each key, expiry and step; to the log, the record of acts and commands."""

import json
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402
from faked_clock import FakedClock  # noqa: E402

ADMIN = "io.claviger.Admin."
DAY = 86400
HOUR = 3600


class ExpiryCase(unittest.TestCase):
    """The clock moves on by days only while the daemon is not running: a running one would not believe it."""

    def setUp(self):
        self.clock = FakedClock(self.enterContext(tempfile.TemporaryDirectory()))
        self.daemon = self.enterContext(Daemon(start=False, environment=self.clock.environment))
        script = self.daemon.path("tell")
        with open(os.open(script, os.O_WRONLY | os.O_CREAT, 0o700), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\ncat >> $1/got\n")
        self.settings = {"command": [{"run": [script, self.daemon.root], "events": ["key.expiring"]}]}
        self.daemon.write_config(self.settings)
        self.daemon.start()

    def pass_time(self, **delta):
        self.daemon.stop()
        self.clock.move(**delta)
        self.daemon.start()

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def announce(self):
        """The names and steps that are announced now, in days."""
        return [(told["name"], told["step"] / DAY) for told in self.call("AnnounceExpiries")["announced"]]

    def received(self, count):
        deadline = time.monotonic() + 30
        while True:
            try:
                with open(self.daemon.path("got"), encoding="utf-8") as file:
                    got = [json.loads(line) for line in file if line.endswith("\n")]
            except FileNotFoundError:
                got = []
            if len(got) >= count:
                return got
            self.assertLess(time.monotonic(), deadline, self.daemon.log())
            time.sleep(0.02)


class Steps(ExpiryCase):
    def test_a_key_is_announced_once_for_each_step_also_after_a_restart(self):
        self.daemon.create_key("deploy", lifetime=60 * DAY)
        told = []
        for days, hours in ((29, 0), (1, 0), (1, 0), (21, 23), (0, 1), (6, 0), (0, 23)):
            self.pass_time(days=days, hours=hours)
            told += self.announce()
            self.assertEqual(self.announce(), [])
        self.assertEqual(told, [("deploy", 30), ("deploy", 7), ("deploy", 1)])

    def test_of_several_steps_that_are_due_only_the_nearest_is_told(self):
        self.daemon.create_key("deploy", lifetime=60 * DAY)
        self.pass_time(days=55)
        self.assertEqual(self.announce(), [("deploy", 7)])
        # The longer one counts as told, also when it is the only one that is left.
        self.daemon.write_config(self.settings | {"notices": {"steps": ["30d"]}})
        self.daemon.restart()
        self.assertEqual(self.announce(), [])

    def test_a_step_that_was_due_when_the_secret_was_made_is_left_out(self):
        self.daemon.create_key("short", lifetime=7 * DAY)
        self.daemon.create_key("shorter", lifetime=HOUR)
        self.assertEqual(self.announce(), [])
        self.pass_time(days=6)
        self.assertEqual(self.announce(), [("short", 1)])

    def test_a_new_expiry_is_announced_anew(self):
        issued = self.daemon.create_key("deploy", lifetime=60 * DAY)
        self.pass_time(days=54)
        self.assertEqual(self.announce(), [("deploy", 7)])
        self.call("RotateKey", key_id=issued["record"]["key_id"], lifetime=60 * DAY)
        self.assertEqual(self.announce(), [])
        self.pass_time(days=54)
        self.assertEqual(self.announce(), [("deploy", 7)])

    def test_only_keys_that_have_not_ended_are_announced(self):
        issued = {name: self.daemon.create_key(name, lifetime=60 * DAY)["record"]["key_id"]
                  for name in ("active", "paused", "revoked")}
        self.daemon.create_key("expired", lifetime=50 * DAY)
        self.call("PauseKeys", key_ids=[issued["paused"]])
        self.call("RevokeKey", key_id=issued["revoked"])
        self.pass_time(days=55)
        self.assertEqual(self.announce(), [("active", 7), ("paused", 7)])

    def test_no_steps_mean_no_warnings(self):
        self.daemon.write_config(self.settings | {"notices": {"steps": []}})
        self.daemon.restart()
        self.daemon.create_key("deploy", lifetime=60 * DAY)
        self.pass_time(days=55)
        self.assertEqual(self.announce(), [])

    def test_many_keys_are_all_announced_and_the_log_stays_readable(self):
        with self.daemon.admin() as admin:
            for number in range(200):
                admin.call(ADMIN + "CreateKey", name=f"key {number:03}", scopes=["read:policies:admin"],
                           lifetime=60 * DAY)
        self.pass_time(days=55)
        self.assertEqual(self.announce(), [(f"key {number:03}", 7) for number in range(200)])
        self.assertEqual(len(self.received(200)), 200)
        self.assertEqual(self.daemon.log().count("rotate it with: claviger key rotate"), 50)
        self.assertIn("150 more keys end soon", self.daemon.log())


class WhereTo(ExpiryCase):
    def test_a_warning_goes_to_the_log_the_record_and_the_commands(self):
        record = self.daemon.create_key("deploy", team="platform", lifetime=60 * DAY)["record"]
        self.pass_time(days=53, hours=2)
        self.assertEqual(self.announce(), [("deploy", 7)])
        key_id, owner = record["key_id"], record["owner"]
        self.assertIn(f"key {key_id} (deploy, {owner}, platform) ends in 6d22h; rotate it with: claviger key rotate "
                      f"{key_id}", self.daemon.log())
        acts = self.call("ListAudit", subject=key_id)["records"]
        self.assertEqual(acts[0]["act"], "key.expiring")
        self.assertEqual(acts[0]["after"], {"key_id": key_id, "name": "deploy", "owner": owner,
                                            "expires_at": record["expires_at"], "step": 7 * DAY})
        notice = self.received(1)[0]
        self.assertEqual((notice["event"], notice["key_id"], notice["step"]), ("key.expiring", key_id, 7 * DAY))

    def test_the_daemon_looks_by_itself_a_minute_after_its_start(self):
        key_id = self.daemon.create_key("deploy", lifetime=60 * DAY)["record"]["key_id"]
        self.pass_time(days=55)
        self.daemon.wait_log(f"key {key_id} (deploy", seconds=100)
        self.assertEqual(len(self.received(1)), 1)
        self.assertEqual(self.announce(), [])


class ClockJumps(ExpiryCase):
    def test_a_clock_that_is_set_back_announces_nothing_again(self):
        self.daemon.create_key("deploy", lifetime=60 * DAY)
        self.pass_time(days=55)
        self.assertEqual(self.announce(), [("deploy", 7)])
        self.clock.move(hours=-20)
        self.assertEqual(self.announce(), [])
        self.pass_time(days=-30)
        self.assertEqual(self.announce(), [])

    def test_a_clock_that_jumps_ahead_by_months_announces_nothing(self):
        for number in range(20):
            self.daemon.create_key(f"key {number}", lifetime=60 * DAY)
        self.clock.move(days=55)
        self.assertEqual(self.announce(), [])
        self.assertTrue(self.call("GetStatus")["clock_suspect"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
