"""Key strings that were found where they should not be."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402
from key_string import with_unknown_id, with_wrong_secret  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
AUDITOR = 912347
MOST_SOURCE = 1024  # bytes
MOST_ENDED = 64  # generations


class Leaks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(settings={"roles": {"auditor": [f"uid:{AUDITOR}"]}})
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        os.chmod(cls.daemon.root, 0o755)
        os.chmod(cls.daemon.admin_socket, 0o666)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def report(self, key, **parameters):
        return self.call("ReportLeak", key=key, **parameters)

    def issue(self, **parameters):
        issued = self.daemon.create_key(**parameters)
        return issued["key"], issued["record"]["key_id"]

    def code(self, key):
        return self.daemon.verify(key)["code"]

    def acts(self, key_id):
        return [record["act"] for record in self.call("ListAudit", subject=key_id)["records"]]

    def test_a_key_of_ours_is_revoked_before_the_reply_and_the_evidence_is_kept(self):
        key, key_id = self.issue(name="pasted into a chat")
        self.assertEqual(self.code(key), "valid")
        reply = self.report(key, source="chat export, line 17")
        self.assertEqual(self.code(key), "revoked")
        self.assertEqual((reply["outcome"], reply["key_id"], reply["generation"]), ("revoked", key_id, 1))
        self.assertEqual((reply["record"]["state"], reply["record"]["end_reason"]),
                         ("revoked", "leaked: chat export, line 17"))
        revocation, leak, _ = self.call("ListAudit", subject=key_id)["records"]
        self.assertEqual((revocation["act"], revocation["after"]["end_reason"]),
                         ("key.revoke", "leaked: chat export, line 17"))
        self.assertEqual((leak["act"], leak["after"]["name"], leak["after"]["source"],
                          leak["after"]["leaked_generation"], leak["after"]["outcome"], leak["uid"]),
                         ("key.leak_reported", "pasted into a chat", "chat export, line 17", 1, "revoked", os.getuid()))
        self.assertIn(f"key {key_id} (pasted into a chat) was reported as leaked", self.daemon.log())
        self.assertNotIn(key, str(self.call("ListAudit")) + self.daemon.log())

    def test_a_secret_in_its_grace_revokes_the_key(self):
        old, key_id = self.issue()
        new = self.call("RotateKey", key_id=key_id, grace=3600)["key"]
        reply = self.report(old)
        self.assertEqual((reply["outcome"], reply["generation"]), ("revoked", 1))
        self.assertEqual((self.code(old), self.code(new)), ("revoked", "revoked"))
        self.assertEqual(reply["record"]["end_reason"], "leaked")

    def test_a_paused_and_a_pending_key_are_revoked_too(self):
        paused, key_id = self.issue()
        self.call("PauseKeys", key_ids=[key_id])
        self.assertEqual(self.report(paused)["outcome"], "revoked")
        pending, _ = self.issue(not_before="2999-01-01T00:00:00Z")
        self.assertEqual(self.report(pending)["outcome"], "revoked")

    def test_secrets_that_have_ended_are_known_as_ours_and_end_nothing(self):
        secrets = []
        key, key_id = self.issue()
        for _ in range(4):
            secrets.append(key)
            key = self.call("RotateKey", key_id=key_id, grace=0)["key"]
        for generation, old in enumerate(secrets, 1):
            reply = self.report(old, source="an old backup")
            self.assertEqual((reply["outcome"], reply["key_id"], reply["generation"]),
                             ("already_ended", key_id, generation))
            self.assertEqual(reply["record"]["state"], "active")
        self.assertEqual(self.code(key), "valid")
        self.assertEqual(self.acts(key_id)[:4], ["key.leak_reported"] * 4)

    def test_the_last_64_secrets_that_the_record_no_longer_holds_are_known(self):
        secrets = []
        key, key_id = self.issue()
        for _ in range(MOST_ENDED + 2):  # the record itself holds the last two
            secrets.append(key)
            key = self.call("RotateKey", key_id=key_id, grace=0)["key"]
        self.assertEqual(self.report(secrets[0]), {"outcome": "unknown"})
        self.assertEqual(self.report(secrets[1])["generation"], 2)
        self.assertEqual(self.code(key), "valid")

    def test_a_key_that_has_ended_is_reported_as_such(self):
        revoked, key_id = self.issue()
        self.call("RevokeKeys", key_ids=[key_id], reason="first")
        reply = self.report(revoked)
        self.assertEqual((reply["outcome"], reply["record"]["end_reason"]), ("already_ended", "first"))
        expired, key_id = self.issue(lifetime=1)
        while self.call("GetKey", key_id=key_id)["record"]["state"] != "expired":
            pass
        self.assertEqual(self.report(expired)["outcome"], "already_ended")

    def test_a_wrong_secret_and_an_unknown_key_change_nothing_and_are_answered_alike(self):
        key, key_id = self.issue()
        for wrong in (with_wrong_secret(key), with_unknown_id(key)):
            self.assertEqual(self.report(wrong, source="found"), {"outcome": "unknown"})
            newest = self.call("ListAudit", limit=1)["records"][0]
            self.assertEqual((newest["act"], newest["after"]["source"]), ("leak.unknown", "found"))
            self.assertNotIn("subject", newest)
            self.assertNotIn(wrong, str(newest) + self.daemon.log())
        self.assertEqual(self.code(key), "valid")
        self.assertEqual(self.acts(key_id), ["key.create"])

    def test_what_is_no_key_string_is_malformed_and_leaves_no_record(self):
        key, _ = self.issue()
        before = self.call("ListAudit", limit=1)["records"]
        for text in ("", "no key", key[:-1], key + "0", key.swapcase(), " " + key):
            self.assertEqual(self.report(text), {"outcome": "malformed"})
        self.assertEqual(self.call("ListAudit", limit=1)["records"], before)
        self.assertEqual(self.code(key), "valid")

    def test_the_prefix_for_scanners_is_taken_too(self):
        key, _ = self.issue()
        self.assertEqual(self.report("secret-token:" + key)["outcome"], "revoked")

    def test_an_auditor_may_report_what_it_found_and_revoke_nothing_else(self):
        key, key_id = self.issue()
        with connect_as(self.daemon.admin_socket, AUDITOR, AUDITOR) as auditor:
            with self.assertRaises(VarlinkError):
                auditor.call(ADMIN + "RevokeKeys", key_ids=[key_id])
            self.assertEqual(self.code(key), "valid")
            self.assertEqual(auditor.call(ADMIN + "ReportLeak", key=key)["outcome"], "revoked")
        self.assertEqual(self.call("ListAudit", subject=key_id)["records"][0]["uid"], AUDITOR)

    def test_a_source_has_at_most_1024_bytes_of_text_and_its_beginning_is_the_reason(self):
        key, _ = self.issue()
        for wrong in ("x" * (MOST_SOURCE + 1), "line\nbreak", " "):
            with self.assertRaises(VarlinkError) as refused:
                self.report(key, source=wrong)
            self.assertEqual(refused.exception.parameters["field"], "source")
        self.assertEqual(self.code(key), "valid")
        reason = self.report(key, source="\u00e4" * (MOST_SOURCE // 2))["record"]["end_reason"]
        self.assertEqual(reason, "leaked: " + "\u00e4" * 60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
