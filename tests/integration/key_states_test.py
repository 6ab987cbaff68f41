"""Pausing, resuming, revoking and purging, one key or many at once."""

import os
import pwd
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
ABSENT_ID = "0" * 17
USER = pwd.getpwuid(os.getuid()).pw_name
MOST = 100  # keys in one call


class KeyStates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def issue(self, **parameters):
        issued = self.daemon.create_key(**parameters)
        return issued["key"], issued["record"]["key_id"]

    def code(self, key):
        return self.daemon.verify(key)["code"]

    def acts(self, key_id):
        return [record["act"] for record in self.call("ListAudit", subject=key_id)["records"]]

    def assert_outcome(self, reply, done=(), unchanged=(), refused=()):
        self.assertEqual(reply["done"], list(done))
        self.assertEqual(reply["unchanged"], list(unchanged))
        self.assertEqual([entry["key_id"] for entry in reply["refused"]], list(refused))
        for entry in reply["refused"]:
            self.assertTrue(entry["message"])

    def test_a_paused_key_is_refused_at_the_next_use_and_valid_again_once_resumed(self):
        key, key_id = self.issue(name="paused for a while")
        self.assertEqual(self.code(key), "valid")
        self.assert_outcome(self.call("PauseKeys", key_ids=[key_id], reason="looks odd"), done=[key_id])
        self.assertEqual(self.code(key), "paused")
        record = self.call("GetKey", key_id=key_id)["record"]
        self.assertEqual((record["state"], record["end_reason"]), ("paused", "looks odd"))
        self.assertTrue(record["paused_by"])
        self.assert_outcome(self.call("ResumeKeys", key_ids=[key_id]), done=[key_id])
        self.assertEqual(self.code(key), "valid")
        record = self.call("GetKey", key_id=key_id)["record"]
        self.assertEqual(record["state"], "active")
        self.assertNotIn("paused_by", record)
        self.assertNotIn("end_reason", record)
        acts = self.call("ListAudit", subject=key_id)["records"]
        self.assertEqual([act["act"] for act in acts], ["key.resume", "key.pause", "key.create"])
        self.assertEqual({act["after"]["name"] for act in acts}, {"paused for a while"})

    def test_a_pause_is_still_in_force_after_a_restart(self):
        key, key_id = self.issue()
        self.call("PauseKeys", key_ids=[key_id])
        self.daemon.restart()
        self.assertEqual(self.code(key), "paused")

    def test_what_is_so_already_is_said_to_be_unchanged_and_leaves_no_record(self):
        _, key_id = self.issue()
        self.assert_outcome(self.call("ResumeKeys", key_ids=[key_id]), unchanged=[key_id])
        self.call("PauseKeys", key_ids=[key_id], reason="first")
        self.assert_outcome(self.call("PauseKeys", key_ids=[key_id], reason="second"), unchanged=[key_id])
        self.call("RevokeKeys", key_ids=[key_id], reason="third")
        self.assert_outcome(self.call("RevokeKeys", key_ids=[key_id], reason="fourth"), unchanged=[key_id])
        self.assertEqual(self.call("GetKey", key_id=key_id)["record"]["end_reason"], "third")
        self.assertEqual(self.acts(key_id), ["key.revoke", "key.pause", "key.create"])

    def test_each_key_of_a_call_gets_its_own_answer(self):
        active, paused, revoked = (self.issue()[1] for _ in range(3))
        self.call("PauseKeys", key_ids=[paused])
        self.call("RevokeKeys", key_ids=[revoked])
        mixed = [revoked, active, ABSENT_ID, paused, active]
        reply = self.call("PauseKeys", key_ids=mixed)
        self.assert_outcome(reply, done=[active], unchanged=[paused], refused=[revoked, ABSENT_ID])
        self.assertEqual(reply["refused"][1]["message"], "there is no such key")
        self.assert_outcome(self.call("ResumeKeys", key_ids=mixed), done=[active, paused],
                            refused=[revoked, ABSENT_ID])
        self.assert_outcome(self.call("PurgeKeys", key_ids=mixed), done=[revoked],
                            refused=[active, ABSENT_ID, paused])
        self.assert_outcome(self.call("RevokeKeys", key_ids=mixed), done=[active, paused],
                            refused=[revoked, ABSENT_ID])

    def test_a_hundred_keys_are_revoked_before_the_reply_and_each_is_on_record(self):
        issued = [self.issue(name=f"one of many {number}") for number in range(MOST)]
        keys, key_ids = [key for key, _ in issued], [key_id for _, key_id in issued]
        with self.daemon.verifier() as verifier, self.daemon.admin() as admin:
            def codes():
                replies = verifier.pipeline([(VERIFY, {"key": key}) for key in keys])
                return {reply["parameters"]["code"] for reply in replies}
            self.assertEqual(codes(), {"valid"})
            reply = admin.call(ADMIN + "RevokeKeys", key_ids=key_ids, reason="end of the project")
            self.assertEqual(codes(), {"revoked"})
            self.assert_outcome(reply, done=key_ids)
            acts = admin.call(ADMIN + "ListAudit", limit=MOST)["records"]
        self.assertEqual([act["act"] for act in acts], ["key.revoke"] * MOST)
        self.assertEqual([act["subject"] for act in reversed(acts)], key_ids)
        self.assertEqual({act["after"]["end_reason"] for act in acts}, {"end of the project"})
        log = self.daemon.log()
        self.assertIn(f"100 keys were revoked by {USER}: end of the project", log)
        self.assertNotIn(") was revoked", log)
        for key in keys:
            self.assertNotIn(key, log)

    def test_few_keys_are_named_in_the_log(self):
        issued = [self.issue(name=f"one of few {number}")[1] for number in range(3)]
        self.call("PauseKeys", key_ids=issued, reason="looks odd")
        for number, key_id in enumerate(issued):
            self.assertIn(f"key {key_id} (one of few {number}) was paused by {USER}: looks odd", self.daemon.log())

    def test_a_purged_key_is_unknown_and_its_last_record_is_in_the_audit_log(self):
        key, key_id = self.issue(name="to be forgotten")
        self.assertEqual(self.code(key), "valid")
        self.call("RevokeKeys", key_ids=[key_id], reason="old")
        self.assertEqual(self.code(key), "revoked")
        self.assert_outcome(self.call("PurgeKeys", key_ids=[key_id]), done=[key_id])
        self.assertEqual(self.daemon.verify(key), {"valid": False, "code": "unknown"})
        with self.assertRaises(VarlinkError) as refused:
            self.call("GetKey", key_id=key_id)
        self.assertEqual(refused.exception.name, ADMIN + "KeyNotFound")
        purge = self.call("ListAudit", subject=key_id)["records"][0]
        self.assertEqual((purge["act"], purge["before"]["name"], purge["before"]["end_reason"]),
                         ("key.purge", "to be forgotten", "old"))
        self.assertNotIn("after", purge)
        self.daemon.restart()
        self.assertEqual(self.code(key), "unknown")

    def test_an_expired_key_can_be_purged_and_a_live_one_not(self):
        key, expired = self.issue(lifetime=1)
        _, live = self.issue()
        while self.call("GetKey", key_id=expired)["record"]["state"] != "expired":
            pass
        reply = self.call("PurgeKeys", key_ids=[live, expired])
        self.assert_outcome(reply, done=[expired], refused=[live])
        self.assertIn("revoke it first", reply["refused"][0]["message"])
        self.assertEqual(self.code(key), "unknown")
        self.assertEqual(self.call("GetKey", key_id=live)["record"]["version"], 1)

    def test_usage_of_a_key_that_is_purged_does_not_lose_that_of_others(self):
        used, used_id = self.issue()
        gone, gone_id = self.issue()
        for key in (used, gone):
            self.assertEqual(self.code(key), "valid")
        self.call("RevokeKeys", key_ids=[gone_id])
        self.assertEqual(self.code(gone), "revoked")
        self.call("PurgeKeys", key_ids=[gone_id])
        self.daemon.restart()
        self.assertEqual(self.call("GetKey", key_id=used_id)["record"]["uses"], 1)

    def test_an_expired_key_that_is_resumed_is_expired(self):
        key, key_id = self.issue(lifetime=2)
        self.call("PauseKeys", key_ids=[key_id])
        self.assert_outcome(self.call("ResumeKeys", key_ids=[key_id]), done=[key_id])
        while self.code(key) == "valid":
            pass
        self.call("PauseKeys", key_ids=[key_id])
        self.assertEqual(self.code(key), "paused")
        self.call("ResumeKeys", key_ids=[key_id])
        self.assertEqual(self.code(key), "expired")


if __name__ == "__main__":
    unittest.main(verbosity=2)
