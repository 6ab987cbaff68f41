"""Use of keys as it is shown, and what guessing costs the guesser."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink  # noqa: E402
from key_string import with_unknown_id, with_wrong_secret  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
READ, WRITE = "read:policies:admin", "write:policies:admin"
PATIENCE = 60  # seconds after which a test gives up; what is promised is five
SOME = 20


class Use(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def record(self, key_id):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + "GetKey", key_id=key_id)["record"]

    def record_with(self, key_id, uses, denials):
        """The record once it shows these counts, which must not be exceeded on the way."""
        deadline = time.monotonic() + PATIENCE
        while True:
            record = self.record(key_id)
            self.assertLessEqual((record["uses"], record["denials"]), (uses, denials))
            if (record["uses"], record["denials"]) == (uses, denials):
                return record
            self.assertLess(time.monotonic(), deadline, record)
            time.sleep(0.1)

    def test_a_key_that_was_never_used_says_so(self):
        issued = self.daemon.create_key()["record"]
        self.daemon.verify("no key")
        record = self.record(issued["key_id"])
        self.assertEqual((record["uses"], record["denials"]), (0, 0))
        for field in ("first_used_at", "last_used_at", "last_used_by_uid"):
            self.assertNotIn(field, record)

    def test_uses_and_denials_are_counted_each_for_itself(self):
        issued = self.daemon.create_key()
        key, key_id = issued["key"], issued["record"]["key_id"]
        with self.daemon.verifier() as verifier:
            verifier.pipeline([(VERIFY, {"key": key})] * SOME + [(VERIFY, {"key": key, "scopes": [WRITE]})] * 3)
        record = self.record_with(key_id, SOME, 3)
        self.assertEqual(record["last_used_by_uid"], os.getuid())
        self.assertLessEqual(issued["record"]["created_at"], record["first_used_at"])
        self.assertLessEqual(record["first_used_at"], record["last_used_at"])
        self.assertTrue(self.daemon.verify(key)["valid"])
        self.assertEqual(self.record_with(key_id, SOME + 1, 3)["first_used_at"], record["first_used_at"])

    def test_denials_alone_are_no_use(self):
        issued = self.daemon.create_key()
        self.assertEqual(self.daemon.verify(issued["key"], scopes=[WRITE])["code"], "insufficient_scope")
        self.assertNotIn("first_used_at", self.record_with(issued["record"]["key_id"], 0, 1))

    def test_a_wrong_secret_is_neither_a_use_nor_a_denial_of_the_key(self):
        issued = self.daemon.create_key()
        for _ in range(3):
            self.assertEqual(self.daemon.verify(with_wrong_secret(issued["key"]))["code"], "unknown")
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])
        self.record_with(issued["record"]["key_id"], 1, 0)

    def test_use_belongs_to_the_key_through_rotation_and_revocation(self):
        issued = self.daemon.create_key()
        key_id = issued["record"]["key_id"]
        self.assertTrue(self.daemon.verify(issued["key"])["valid"])
        with self.daemon.admin() as admin:
            rotated = admin.call(ADMIN + "RotateKey", key_id=key_id, grace=60)["key"]
            self.assertTrue(self.daemon.verify(rotated)["valid"])
            self.assertTrue(self.daemon.verify(issued["key"])["valid"])
            admin.call(ADMIN + "RevokeKey", key_id=key_id)
        self.assertEqual(self.daemon.verify(rotated)["code"], "revoked")
        self.record_with(key_id, 3, 1)

    def test_use_is_no_act_on_record(self):
        key = self.daemon.create_key()["key"]
        with self.daemon.admin() as admin:
            before = admin.call(ADMIN + "ListAudit", limit=500)["records"]
            self.daemon.verify(key)
            self.daemon.verify(key, scopes=[WRITE])
            self.assertEqual(admin.call(ADMIN + "ListAudit", limit=500)["records"], before)

    def test_verdicts_are_counted_by_code(self):
        key = self.daemon.create_key()["key"]
        with self.daemon.admin() as admin:
            before = admin.call(ADMIN + "GetStatus")["verifications"]
            for presented, scopes in ((key, [READ]), (key, [WRITE]), ("x", []), (with_unknown_id(key), [])):
                self.daemon.verify(presented, scopes=scopes)
            after = admin.call(ADMIN + "GetStatus")["verifications"]
        grown = {code: count - before.get(code, 0) for code, count in after.items() if count != before.get(code, 0)}
        self.assertEqual(grown, {"valid": 1, "insufficient_scope": 1, "malformed": 1, "unknown": 1})


class Restart(unittest.TestCase):
    def test_uses_before_a_stop_are_kept(self):
        with Daemon() as daemon:
            issued = daemon.create_key()
            for _ in range(SOME):
                self.assertTrue(daemon.verify(issued["key"])["valid"])
            daemon.restart()
            with daemon.admin() as admin:
                record = admin.call(ADMIN + "GetKey", key_id=issued["record"]["key_id"])["record"]
            self.assertEqual(record["uses"], SOME)


class Guessing(unittest.TestCase):
    BURST = 5

    def daemon_with(self, per_minute):
        return self.enterContext(Daemon(settings={"limits": {"failure_burst": self.BURST,
                                                             "failures_per_minute": per_minute}}))

    def exhaust(self, daemon, key):
        codes = [daemon.verify(with_wrong_secret(key))["code"] for _ in range(self.BURST + 2)]
        self.assertEqual(codes, ["unknown"] * self.BURST + ["rate_limited"] * 2)

    def test_a_key_with_a_fresh_proof_is_valid_while_its_caller_is_limited(self):
        daemon = self.daemon_with(1)
        proved, stranger = daemon.create_key()["key"], daemon.create_key()["key"]
        daemon.restart(forget=True)  # that both were issued a moment ago
        self.assertTrue(daemon.verify(proved)["valid"])
        self.exhaust(daemon, proved)
        for _ in range(SOME):
            self.assertTrue(daemon.verify(proved)["valid"])
        self.assertEqual(daemon.verify(proved, scopes=[WRITE])["code"], "insufficient_scope")
        # A key that was not confirmed before looks like one more guess.
        self.assertEqual(daemon.verify(stranger), {"valid": False, "code": "rate_limited"})

    def test_a_limited_caller_recovers(self):
        daemon = self.daemon_with(600)
        key = daemon.create_key()["key"]
        wrong = with_wrong_secret(key)
        deadline = time.monotonic() + PATIENCE
        with daemon.verifier() as verifier:
            while verifier.pipeline([(VERIFY, {"key": wrong})] * 50)[-1]["parameters"]["code"] != "rate_limited":
                self.assertLess(time.monotonic(), deadline)
            while not (verdict := verifier.call(VERIFY, key=key))["valid"]:
                self.assertEqual(verdict["code"], "rate_limited")
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)

    def test_malformed_keys_cost_nothing(self):
        daemon = self.daemon_with(1)
        key = daemon.create_key()["key"]
        with daemon.verifier() as verifier:
            for wrong in ("", key[:-1], key + "0", key[:-1] + ("0" if key[-1] != "0" else "1"), "x" * 60000):
                replies = verifier.pipeline([(VERIFY, {"key": wrong})] * (4 * self.BURST))
                self.assertEqual({reply["parameters"]["code"] for reply in replies}, {"malformed"})
            self.assertEqual(verifier.call(VERIFY, key=with_wrong_secret(key))["code"], "unknown")
            self.assertTrue(verifier.call(VERIFY, key=key)["valid"])

    def test_denials_of_good_keys_cost_nothing(self):
        daemon = self.daemon_with(1)
        issued = daemon.create_key()
        for _ in range(4 * self.BURST):
            self.assertEqual(daemon.verify(issued["key"], scopes=[WRITE])["code"], "insufficient_scope")
        with daemon.admin() as admin:
            admin.call(ADMIN + "RevokeKey", key_id=issued["record"]["key_id"])
        for _ in range(4 * self.BURST):
            self.assertEqual(daemon.verify(issued["key"])["code"], "revoked")
        self.assertTrue(daemon.verify(daemon.create_key()["key"])["valid"])

    def test_a_new_connection_does_not_bring_a_new_budget(self):
        daemon = self.daemon_with(1)
        key = daemon.create_key()["key"]
        self.exhaust(daemon, key)
        for path in (daemon.verify_socket, daemon.admin_socket):
            with Varlink(path) as fresh:
                self.assertEqual(fresh.call(VERIFY, key=with_wrong_secret(key))["code"], "rate_limited")


class Alike(unittest.TestCase):
    def test_an_unknown_id_and_a_wrong_secret_get_the_same_bytes_whatever_the_state_of_the_key(self):
        with Daemon() as daemon, daemon.verifier() as verifier, daemon.admin() as admin:
            proved, untouched, revoked, rotated = (daemon.create_key() for _ in range(4))
            self.assertTrue(daemon.verify(proved["key"])["valid"])
            admin.call(ADMIN + "RevokeKey", key_id=revoked["record"]["key_id"])
            admin.call(ADMIN + "RotateKey", key_id=rotated["record"]["key_id"], grace=60)
            replies = set()
            for issued in (proved, untouched, revoked, rotated):
                for wrong in (with_wrong_secret(issued["key"]), with_unknown_id(issued["key"])):
                    for parameters in ({}, {"scopes": [READ]}, {"scopes": ["read:no-such:scope"]}):
                        verifier.send_raw(Varlink.frame(VERIFY, {"key": wrong} | parameters))
                        replies.add(verifier.receive_raw())
            self.assertEqual(replies, {b'{"parameters":{"valid":false,"code":"unknown"}}'})


if __name__ == "__main__":
    unittest.main(verbosity=2)
