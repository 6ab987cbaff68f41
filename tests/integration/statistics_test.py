"""The figures of GetStatistics count what happens, and claviger shows them."""

import json
import os
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402
from key_string import with_unknown_id, with_wrong_secret  # noqa: E402
from openmetrics import parse  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
READ, WRITE = "read:policies:admin", "write:policies:admin"
PATIENCE = 60  # seconds after which a test gives up
MANY = 200
DURATIONS = ("answered_at_once", "answered_later", "token_calls", "store_reads", "store_writes")


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def figures(self):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + "GetStatistics")

    def figures_when(self, is_so):
        """The first for which `is_so`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            figures = self.figures()
            if is_so(figures):
                return figures
            self.assertLess(time.monotonic(), deadline, figures)
            time.sleep(0.1)

    def verify_many(self, key, scopes=()):
        with self.daemon.verifier() as verifier:
            return verifier.pipeline([(VERIFY, {"key": key, "scopes": list(scopes)})] * MANY)

    def cli(self, *words):
        environment = dict(os.environ, CLAVIGER_SOCKET_DIRECTORY=self.daemon.socket_directory)
        return subprocess.run([self.daemon.claviger, *words], capture_output=True, text=True, check=True,
                              timeout=PATIENCE, env=environment).stdout

    def test_every_verification_is_counted_once_whichever_way_it_was_answered(self):
        key = self.daemon.create_key()["key"]
        before = self.figures()
        self.daemon.verify("no key")
        self.daemon.verify(with_unknown_id(key))
        self.verify_many(key)
        # What waits is counted a moment after its reply, as is the turn of a loop.
        after = self.figures_when(lambda now: sum(now[name]["count"] - before[name]["count"] for name in DURATIONS[:2])
                                  >= MANY + 2)
        grown = {code: count - before["verifications"][code] for code, count in after["verifications"].items()}
        self.assertEqual({code: count for code, count in grown.items() if count},
                         {"valid": MANY, "malformed": 1, "unknown": 1})
        at_once, later = (after[name]["count"] - before[name]["count"] for name in DURATIONS[:2])
        self.assertEqual(at_once + later, MANY + 2)
        self.assertEqual(later, after["missed"] - before["missed"])
        self.assertGreaterEqual(later, 1)  # the unknown one; a secret that was just made is known to be right
        self.assertEqual(after["from_memory"] - before["from_memory"], at_once - 1)  # no key needs no looking

    def test_token_and_database_are_counted_when_they_are_asked(self):
        key = self.daemon.create_key()["key"]
        self.daemon.verify(key)
        before = self.figures()
        self.verify_many(key)
        after = self.figures()
        self.assertEqual(after["token_calls"]["count"], before["token_calls"]["count"])
        self.daemon.verify(self.daemon.create_key()["key"])
        last = self.figures_when(lambda now: now["token_calls_waiting"] == 0 and now["store_writes_waiting"] == 0)
        for name in ("token_calls", "store_writes"):
            self.assertGreater(last[name]["count"], after[name]["count"], name)
        self.assertGreater(last["store_reads"]["count"], 0)

    def test_the_token_is_asked_as_much_about_a_wrong_secret_as_about_a_key_that_is_not_there(self):
        once = self.daemon.create_key()["key"]
        rotated = self.daemon.create_key()
        with self.daemon.admin() as admin:
            admin.call(ADMIN + "RotateKey", key_id=rotated["record"]["key_id"])
        calls = {key: self.token_calls_for(key) for key in (
            with_unknown_id(once), with_wrong_secret(once), with_wrong_secret(rotated["key"]))}
        self.assertEqual(set(calls.values()), {2}, calls)

    def token_calls_for(self, key):
        """Of a verification that is not valid."""
        before = self.figures()["token_calls"]["count"]
        self.assertEqual(self.daemon.verify(key)["code"], "unknown")
        return self.figures_when(lambda now: now["token_calls_waiting"] == 0)["token_calls"]["count"] - before

    def test_durations_agree_with_themselves(self):
        self.verify_many(self.daemon.create_key()["key"])
        figures = self.figures()
        for name in DURATIONS:
            durations = figures[name]
            self.assertEqual(sum(bucket["count"] for bucket in durations["buckets"]), durations["count"], name)
            self.assertEqual(durations["buckets"], sorted(durations["buckets"], key=lambda bucket: bucket["from"]))
            if durations["count"] == 0:
                self.assertNotIn("p50", durations, name)
                continue
            self.assertLessEqual(durations["p50"], durations["p99"], name)
            self.assertLessEqual(durations["p99"], durations["p999"], name)
            # Each duration lies in its bucket, so the total lies between the sums of the buckets' ends.
            self.assertGreaterEqual(durations["total"],
                                    sum(bucket["from"] * bucket["count"] for bucket in durations["buckets"]), name)
            if all("until" in bucket for bucket in durations["buckets"]):
                self.assertLessEqual(durations["total"],
                                     sum(bucket["until"] * bucket["count"] for bucket in durations["buckets"]), name)

    def test_the_busiest_keys_and_callers_are_named(self):
        busy, quiet = self.daemon.create_key(name="busy"), self.daemon.create_key(name="quiet")
        ids = [issued["record"]["key_id"] for issued in (busy, quiet)]
        stop = threading.Event()

        def use():
            while not stop.is_set():
                self.verify_many(busy["key"])
                self.verify_many(busy["key"], [WRITE])
                self.daemon.verify(quiet["key"])

        user = threading.Thread(target=use)
        user.start()
        try:
            figures = self.figures_when(
                lambda now: set(ids) <= {row["key_id"] for row in now["busiest_keys"]})
        finally:
            stop.set()
            user.join()
        rows = {row["key_id"]: row for row in figures["busiest_keys"]}
        self.assertEqual([rows[key_id]["name"] for key_id in ids], ["busy", "quiet"])
        order = [row["key_id"] for row in figures["busiest_keys"]]
        self.assertLess(order.index(ids[0]), order.index(ids[1]))
        for field in ("valid", "denied"):
            self.assertGreater(rows[ids[0]][field], 0)
        self.assertEqual(rows[ids[1]]["denied"], 0)
        self.assertGreater(figures["busiest_over"], 0)
        caller = figures["busiest_callers"][0]
        self.assertEqual(caller["uid"], os.getuid())
        self.assertGreater(caller["denied"], 0)
        self.figures_when(lambda now: not now["busiest_keys"])  # once they rest

    def test_the_state_of_the_process_is_told(self):
        first, second = self.figures(), self.figures()
        self.assertTrue(first["serving"])
        self.assertEqual((first["token_state"], first["started_at"]), ("ready", second["started_at"]))
        self.assertGreater(second["elapsed"], first["elapsed"])
        self.assertGreater(first["memory"], 1 << 20)
        self.assertGreaterEqual(first["connections"], 1)
        self.assertGreaterEqual(first["cache_capacity"], first["cached_keys"])

    def test_claviger_shows_them(self):
        key = self.daemon.create_key(name="for show")["key"]
        self.verify_many(key)
        families = parse(self.cli("status", "--metrics"))
        self.assertGreaterEqual(families["claviger_verifications"].value("_total", verdict="valid"), MANY)
        self.assertGreater(families["claviger_token_call_duration_seconds"].value("_count"), 0)
        statistics = json.loads(self.cli("status", "--json"))["statistics"]
        self.assertGreaterEqual(statistics["verifications"]["valid"], MANY)
        self.assertIn("50% within", self.cli("status"))
        record = json.loads(self.cli("top", "--json", "--count", "1"))
        self.assertEqual(set(record["durations"]), set(DURATIONS))
        self.assertIn("Time taken", self.cli("top", "--once"))


class Unavailable(unittest.TestCase):
    def test_figures_are_told_while_the_token_is_locked(self):
        with Daemon() as daemon, daemon.admin() as admin:
            key = daemon.create_key()["key"]
            admin.call(ADMIN + "Lock")
            self.assertEqual(daemon.verify(key)["code"], "unavailable")
            figures = admin.call(ADMIN + "GetStatistics")
            self.assertFalse(figures["serving"])
            self.assertEqual(figures["token_state"], "locked")
            self.assertGreaterEqual(figures["verifications"]["unavailable"], 1)


if __name__ == "__main__":
    unittest.main()
