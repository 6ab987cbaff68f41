"""Which secret of a key was presented, by whom, and what follows from it."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402
from key_string import with_wrong_secret  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
READ, WRITE, DOMAINS = "read:policies:admin", "write:policies:admin", "read:domains:admin"
SERVICE = 4711  # a uid that no account has
PATIENCE = 60


class Generations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        me = f"uid:{os.getuid()}"
        cls.daemon = Daemon(settings={"policy": {"unscoped": "allow-with-reason"},
                                      "roles": {"admin": [me], "verifier": [me, f"uid:{SERVICE}"]}})
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def let_everyone_connect(self):
        os.chmod(self.daemon.root, 0o755)
        os.chmod(self.daemon.socket_directory, 0o755)
        os.chmod(self.daemon.verify_socket, 0o666)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def code(self, key, **parameters):
        return self.daemon.verify(key, **parameters)["code"]

    def acts(self, key_id, act):
        return [record for record in self.call("ListAudit", subject=key_id)["records"] if record["act"] == act]

    def eventually(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not (result := condition()):
            self.assertLess(time.monotonic(), deadline, "it did not come about")
            time.sleep(0.05)
        return result

    def rotated(self, **parameters):
        """A key that was rotated: its id, its first and its second key string."""
        issued = self.daemon.create_key()
        key_id = issued["record"]["key_id"]
        self.assertEqual(self.code(issued["key"]), "valid")
        return key_id, issued["key"], self.call("RotateKey", key_id=key_id, **parameters)["key"]

    def test_an_old_secret_that_waits_for_the_new_one_ends_with_its_first_use_also_after_a_restart(self):
        key_id, old, new = self.rotated(until_used=True, grace=3600)
        self.assertEqual(self.code(old), "valid")
        self.assertTrue(self.call("GetKey", key_id=key_id)["record"]["previous_generation_until_used"])
        self.assertEqual(self.code(new), "valid")
        self.assertEqual(self.code(old), "expired")
        self.eventually(lambda: self.acts(key_id, "key.grace_end"))
        record = self.call("GetKey", key_id=key_id)["record"]
        self.assertFalse(record["previous_generation_until_used"])
        self.daemon.restart()
        self.assertEqual(self.code(old), "expired")
        self.assertEqual(self.code(new), "valid")
        self.assertEqual(len(self.acts(key_id, "key.grace_end")), 1)

    def test_in_one_pipeline_the_old_secret_is_refused_behind_the_first_use_of_the_new_one(self):
        _, old, new = self.rotated(until_used=True)
        self.assertEqual(self.code(old), "valid")
        with self.daemon.verifier() as verifier:
            replies = verifier.pipeline([(VERIFY, {"key": key}) for key in (old, new, old)])
        self.assertEqual([reply["parameters"]["code"] for reply in replies], ["valid", "valid", "expired"])

    def test_a_denied_use_of_the_new_secret_ends_nothing(self):
        _, old, new = self.rotated(until_used=True)
        self.assertEqual(self.code(new, scopes=[WRITE]), "insufficient_scope")
        self.assertEqual(self.code(old), "valid")

    def test_an_ordinary_grace_does_not_end_with_the_use_of_the_new_secret(self):
        key_id, old, new = self.rotated(grace=3600)
        self.assertEqual(self.code(new), "valid")
        self.assertEqual(self.code(old), "valid")
        self.assertEqual(self.acts(key_id, "key.grace_end"), [])

    def test_uses_are_told_by_generation_and_by_who_made_them(self):
        key_id, old, new = self.rotated(grace=3600)
        self.let_everyone_connect()
        with connect_as(self.daemon.verify_socket, SERVICE, SERVICE) as service:
            for key, times in ((old, 2), (new, 3)):
                for _ in range(times):
                    self.assertTrue(service.call(VERIFY, key=key)["valid"])

        def counted():
            callers = self.call("GetKey", key_id=key_id)["callers"]
            found = {(caller["generation"], caller["uid"]): caller["uses"] for caller in callers}
            return found == {(1, os.getuid()): 1, (1, SERVICE): 2, (2, SERVICE): 3} and callers

        for caller in self.eventually(counted):
            self.assertLessEqual(caller["first_used_at"], caller["last_used_at"])

    def test_a_secret_whose_generation_has_ended_raises_one_alarm(self):
        key_id, first, second = self.rotated(grace=0)
        self.call("RotateKey", key_id=key_id, grace=0)
        self.assertNotIn("ended_secret_presented_at", self.call("GetKey", key_id=key_id)["record"])
        # The record still knows the second generation, but no longer the first.
        self.assertEqual(self.code(second), "expired")
        alarms = self.eventually(lambda: self.acts(key_id, "key.ended_secret_presented"))
        self.assertEqual(alarms[0]["after"], {"generation": 2, "caller_uid": os.getuid()} | (
            {"caller_unit": alarms[0]["after"]["caller_unit"]} if "caller_unit" in alarms[0]["after"] else {}))
        self.assertIn("ended_secret_presented_at", self.call("GetKey", key_id=key_id)["record"])
        self.daemon.wait_log(f"key {key_id} (test key): the secret of generation 2")
        for _ in range(5):
            self.assertEqual(self.code(second), "expired")
        self.assertEqual(self.code(first), "unknown")
        self.eventually(lambda: len(self.acts(key_id, "key.ended_secret_presented")) == 2)
        self.assertEqual(self.acts(key_id, "key.ended_secret_presented")[0]["after"]["generation"], 1)

    def test_a_wrong_secret_raises_no_alarm(self):
        key_id, _, second = self.rotated(grace=0)
        self.call("RotateKey", key_id=key_id, grace=0)
        self.assertEqual(self.code(with_wrong_secret(second)), "unknown")
        # What would be written stands in the store's queue behind the answer; this is behind both.
        time.sleep(0.3)
        self.assertEqual(self.acts(key_id, "key.ended_secret_presented"), [])

    def test_what_is_asked_of_an_unscoped_key_is_kept_if_it_is_catalogued(self):
        with self.daemon.admin() as admin:
            issued = admin.call(ADMIN + "CreateKey", name="legacy", unscoped_reason="migration")
        key_id = issued["record"]["key_id"]
        for scopes in ([READ], [READ, DOMAINS], ["read:nowhere:admin"], []):
            self.assertEqual(self.code(issued["key"], scopes=scopes), "valid")

        def asked():
            return [one["scope"] for one in self.call("GetKey", key_id=key_id)["asked_scopes"]]

        self.eventually(lambda: len(asked()) >= 2)
        self.assertEqual(asked(), [DOMAINS, READ])

    def test_nothing_is_kept_of_what_is_asked_of_a_scoped_key(self):
        issued = self.daemon.create_key()
        self.assertEqual(self.code(issued["key"], scopes=[READ]), "valid")
        self.eventually(lambda: self.call("GetKey", key_id=issued["record"]["key_id"])["record"]["uses"] == 1)
        self.assertEqual(self.call("GetKey", key_id=issued["record"]["key_id"])["asked_scopes"], [])

    def test_the_last_denial_is_told_with_its_code_and_caller(self):
        issued = self.daemon.create_key()
        key_id = issued["record"]["key_id"]
        self.assertEqual(self.code(issued["key"], scopes=[WRITE]), "insufficient_scope")
        self.eventually(lambda: self.call("GetKey", key_id=key_id)["record"]["denials"] == 1)
        record = self.call("GetKey", key_id=key_id)["record"]
        self.assertEqual((record["last_denial"], record["last_denied_by_uid"]), ("insufficient_scope", os.getuid()))
        self.assertIn("last_denied_at", record)


if __name__ == "__main__":
    unittest.main()
