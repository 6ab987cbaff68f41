"""The life of a key, as its clients see it."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402
from key_string import with_unknown_id, with_wrong_secret  # noqa: E402

READ = "read:policies:admin"
WRITE = "write:policies:admin"


class KeyLife(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def test_a_key_is_issued_verified_refused_rotated_and_revoked(self):
        issued = self.daemon.create_key(name="life", scopes=[READ])
        key, key_id = issued["key"], issued["record"]["key_id"]

        verdict = self.daemon.verify(key, scopes=[READ])
        self.assertTrue(verdict["valid"])
        self.assertEqual((verdict["code"], verdict["key_id"], verdict["generation"], verdict["name"]),
                         ("valid", key_id, 1, "life"))
        self.assertEqual(verdict["scopes"], [READ])

        refused = self.daemon.verify(key, scopes=[READ, WRITE])
        self.assertFalse(refused["valid"])
        self.assertEqual((refused["code"], refused["missing_scopes"]), ("insufficient_scope", [WRITE]))

        with self.daemon.admin() as admin:
            rotated = admin.call("io.claviger.Admin.RotateKey", key_id=key_id, grace=3600)
            self.assertTrue(self.daemon.verify(key)["valid"])
            self.assertEqual(self.daemon.verify(rotated["key"])["generation"], 2)

            admin.call("io.claviger.Admin.RevokeKey", key_id=key_id, reason="end of the test")
            for secret in (key, rotated["key"]):
                self.assertEqual(self.daemon.verify(secret)["code"], "revoked")
            record = admin.call("io.claviger.Admin.GetKey", key_id=key_id)["record"]
            self.assertEqual((record["state"], record["end_reason"]), ("revoked", "end of the test"))

    def test_a_rotation_without_grace_ends_the_old_secret_at_once(self):
        issued = self.daemon.create_key()
        with self.daemon.admin() as admin:
            rotated = admin.call("io.claviger.Admin.RotateKey", key_id=issued["record"]["key_id"], grace=0)
        self.assertFalse(self.daemon.verify(issued["key"])["valid"])
        self.assertTrue(self.daemon.verify(rotated["key"])["valid"])

    def test_everything_is_still_so_after_a_restart(self):
        kept = self.daemon.create_key(name="kept")
        revoked = self.daemon.create_key(name="revoked")
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.RevokeKey", key_id=revoked["record"]["key_id"])
            before = admin.call("io.claviger.Admin.ListAudit")["records"]
        self.daemon.restart()
        self.assertTrue(self.daemon.verify(kept["key"])["valid"])
        self.assertEqual(self.daemon.verify(revoked["key"])["code"], "revoked")
        with self.daemon.admin() as admin:
            after = admin.call("io.claviger.Admin.ListAudit")["records"]
        self.assertEqual(after[-len(before):], before)

    def test_a_wrong_secret_and_an_unknown_key_are_answered_alike(self):
        key = self.daemon.create_key()["key"]
        unknown = {"valid": False, "code": "unknown"}
        self.assertEqual(self.daemon.verify(with_wrong_secret(key)), unknown)
        self.assertEqual(self.daemon.verify(with_unknown_id(key)), unknown)
        self.assertTrue(self.daemon.verify(key)["valid"])

    def test_what_is_no_key_string_is_malformed(self):
        key = self.daemon.create_key()["key"]
        for wrong in ("", "no key at all", key[:-1], key + "0", key.upper(), " " + key, key.replace("_", "-")):
            self.assertEqual(self.daemon.verify(wrong), {"valid": False, "code": "malformed"}, wrong[:12])
        self.assertTrue(self.daemon.verify("secret-token:" + key)["valid"])

    def test_every_management_act_is_on_record_with_who_did_it(self):
        issued = self.daemon.create_key(name="on record")
        key_id = issued["record"]["key_id"]
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.RevokeKey", key_id=key_id)
            records = admin.call("io.claviger.Admin.ListAudit", subject=key_id)["records"]
        self.assertEqual([record["act"] for record in records], ["key.revoke", "key.create"])
        for record in records:
            self.assertEqual((record["uid"], record["pid"]), (os.getuid(), os.getpid()))

    def test_the_database_does_not_open_as_plain_text(self):
        self.daemon.create_key(name="needle in the database")
        self.daemon.stop()
        seen = 0
        for folder, _, names in os.walk(self.daemon.state_directory):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                self.assertNotIn(b"needle in the database", content, name)
                self.assertNotIn(b"SQLite format 3", content, name)
                seen += len(content)
        self.assertGreater(seen, 4096)


if __name__ == "__main__":
    unittest.main(verbosity=2)
