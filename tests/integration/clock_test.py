"""Time as keys are judged by it: to the second, and never backwards."""

import datetime
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from faked_clock import FakedClock  # noqa: E402

ADMIN = "io.claviger.Admin."
HOUR = 3600
SECOND = datetime.timedelta(seconds=1)


class Clock(unittest.TestCase):
    def setUp(self):
        self.clock = FakedClock(self.enterContext(tempfile.TemporaryDirectory()))
        self.daemon = self.enterContext(Daemon(environment=self.clock.environment))

    def admin(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def code(self, key):
        return self.daemon.verify(key)["code"]

    def state(self, issued):
        return self.admin("GetKey", key_id=issued["record"]["key_id"])["record"]["state"]

    def test_a_key_ends_at_the_second_that_it_names(self):
        issued = self.daemon.create_key(lifetime=HOUR)
        ends = FakedClock.read(issued["record"]["expires_at"])
        self.assertEqual((ends - self.clock.now).total_seconds(), HOUR)
        self.clock.set(ends - SECOND)
        self.assertEqual((self.code(issued["key"]), self.state(issued)), ("valid", "active"))
        self.clock.move(seconds=1)
        self.assertEqual((self.code(issued["key"]), self.state(issued)), ("expired", "expired"))

    def test_a_key_begins_at_the_second_that_it_names(self):
        begins = FakedClock.write(self.clock.now + 600 * SECOND)
        issued = self.daemon.create_key(not_before=begins, lifetime=HOUR)
        self.clock.move(seconds=599)
        self.assertEqual((self.code(issued["key"]), self.state(issued)), ("pending", "pending"))
        self.clock.move(seconds=1)
        self.assertEqual((self.code(issued["key"]), self.state(issued)), ("valid", "active"))

    def test_the_secret_before_a_rotation_ends_at_the_second_that_its_grace_does(self):
        issued = self.daemon.create_key(lifetime=2 * HOUR)
        rotated = self.admin("RotateKey", key_id=issued["record"]["key_id"], grace=HOUR)
        self.clock.set(FakedClock.read(rotated["record"]["previous_generation_ends_at"]) - SECOND)
        self.assertEqual((self.code(issued["key"]), self.code(rotated["key"])), ("valid", "valid"))
        self.clock.move(seconds=1)
        self.assertEqual((self.code(issued["key"]), self.code(rotated["key"])), ("expired", "valid"))

    def test_a_grace_does_not_outlive_the_expiry_before_the_rotation(self):
        issued = self.daemon.create_key(lifetime=HOUR)
        rotated = self.admin("RotateKey", key_id=issued["record"]["key_id"], grace=24 * HOUR)
        self.assertEqual(rotated["record"]["previous_generation_ends_at"], issued["record"]["expires_at"])

    def test_an_expired_key_stays_expired_when_the_clock_is_set_back(self):
        key = self.daemon.create_key(lifetime=HOUR)["key"]
        self.clock.move(seconds=HOUR)
        self.assertEqual(self.code(key), "expired")
        for seconds in (-1, -HOUR + 1, -6 * HOUR):
            with self.subTest(seconds):
                self.clock.move(seconds=seconds)
                self.assertEqual(self.code(key), "expired")

    def test_an_expired_key_stays_expired_when_the_clock_is_set_back_over_a_restart(self):
        for back in ({"seconds": 1}, {"hours": 12}, {"days": 400}):
            with self.subTest(back):
                key = self.daemon.create_key(lifetime=HOUR)["key"]
                self.clock.move(seconds=HOUR)
                self.assertEqual(self.code(key), "expired")
                self.daemon.create_key()  # a commit, and with it the time
                reached = self.admin("GetStatus")["now"]
                self.daemon.stop()
                self.clock.move(**{unit: -number for unit, number in back.items()})
                self.daemon.start()
                self.assertGreaterEqual(self.admin("GetStatus")["now"], reached)
                self.assertEqual(self.code(key), "expired")
                self.daemon.stop()
                self.clock.set(FakedClock.read(reached))
                self.daemon.start()

    def test_a_clock_that_is_set_back_gives_new_keys_no_time_in_the_past(self):
        before = self.admin("GetStatus")["now"]
        self.clock.move(hours=-12)
        self.assertGreaterEqual(self.daemon.create_key()["record"]["created_at"], before)

    def test_a_jump_of_more_than_a_day_is_reported_and_ends_no_key(self):
        key = self.daemon.create_key(lifetime=HOUR)["key"]
        self.assertFalse(self.admin("GetStatus")["clock_suspect"])
        self.clock.move(days=2)
        self.assertEqual(self.code(key), "valid")
        status = self.admin("GetStatus")
        self.assertTrue(status["clock_suspect"])
        self.assertLess(status["now"], FakedClock.write(self.clock.now))
        checks = {check["name"]: check["state"] for check in self.admin("Diagnose")["checks"]}
        self.assertNotEqual(checks["clock"], "ok", checks)

    def test_a_jump_of_more_than_a_day_is_not_kept_over_a_restart(self):
        key = self.daemon.create_key(lifetime=HOUR)["key"]
        self.clock.move(days=2)
        self.assertEqual(self.code(key), "valid")
        self.daemon.create_key()
        self.daemon.stop()
        self.clock.move(days=-2)
        self.daemon.start()
        self.assertFalse(self.admin("GetStatus")["clock_suspect"])
        self.assertEqual(self.code(key), "valid")

    def test_a_key_that_expires_while_the_clock_is_suspect_stays_expired_when_the_daemon_is_killed(self):
        key = self.daemon.create_key(lifetime=HOUR)["key"]
        short = self.daemon.create_key(lifetime=2)["key"]
        self.clock.move(days=-365)
        self.assertTrue(self.admin("GetStatus")["clock_suspect"])
        for _ in range(100):
            if self.code(short) == "expired":
                break
            time.sleep(0.1)
        self.assertEqual(self.code(short), "expired")
        time.sleep(5)  # the time is recorded every two seconds
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual((self.code(short), self.code(key)), ("expired", "valid"))

    def test_a_clock_that_was_far_ahead_at_a_start_can_be_taken_back_by_an_operator(self):
        key = self.daemon.create_key(lifetime=HOUR)["key"]
        self.daemon.stop()
        self.clock.move(days=365)
        self.daemon.start()
        self.assertEqual(self.code(key), "expired")
        self.daemon.create_key()
        self.daemon.stop()
        self.clock.move(days=-365)
        self.daemon.start()
        self.assertTrue(self.admin("GetStatus")["clock_suspect"])
        self.daemon.stop()
        order = os.path.join(self.daemon.state_directory, "accept-clock")
        with open(order, "w", encoding="ascii"):
            pass
        self.daemon.start()
        status = self.admin("GetStatus")
        self.assertFalse(status["clock_suspect"])
        self.assertLess(abs((FakedClock.read(status["now"]) - self.clock.now).total_seconds()), 60)
        self.assertEqual(self.code(key), "valid")
        self.assertFalse(os.path.exists(order))
        acts = self.admin("ListAudit")["records"]
        self.assertEqual([act["act"] for act in acts].count("clock.accept"), 1)

    def test_an_expiry_is_measured_by_the_time_that_keys_are_judged_by(self):
        self.clock.move(hours=-12)
        behind = FakedClock.write(self.clock.now)
        with self.assertRaises(VarlinkError) as refused:
            self.daemon.create_key(expires_at=behind)
        self.assertEqual(refused.exception.name, ADMIN + "Refused")


if __name__ == "__main__":
    unittest.main(verbosity=2)
