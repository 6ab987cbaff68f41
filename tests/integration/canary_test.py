"""Secrets appear in the one reply that hands them over, and nowhere else: not in logs, audit, database, core or errors."""

import base64
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import PIN, SO_PIN, Daemon, VarlinkError  # noqa: E402

SECRET_AT = 4 + 17 + 1
SECRET_LENGTH = 43
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def decoded(secret):
    number = 0
    for character in secret:
        number = number * 62 + ALPHABET.index(character)
    return number.to_bytes(32, "big")


def forms(secret):
    """A secret as text, and as bytes in the ways in which bytes get written."""
    raw = decoded(secret)
    return [secret.encode(), raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw).rstrip(b"=")]


class CanaryTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.secrets = []
        self.said = []

    def take(self, reply):
        self.secrets.append(reply["key"][SECRET_AT:SECRET_AT + SECRET_LENGTH])
        self.said.append(json.dumps(reply["record"]).encode())
        return reply

    def refused(self, connection, method, **parameters):
        with self.assertRaises(VarlinkError) as caught:
            connection.call(method, **parameters)
        self.said.append(str(caught.exception).encode())

    def provoke(self):
        """Every way in which a key string can come in or go out, the wrong ones included."""
        daemon = self.daemon
        keys = [self.take(daemon.create_key(name=f"canary {i}")) for i in range(5)]
        with daemon.admin() as admin, daemon.verifier() as verifier:
            first = keys[0]["record"]["key_id"]
            rotated = self.take(admin.call("io.claviger.Admin.RotateKey", key_id=first, grace=60))
            admin.call("io.claviger.Admin.RevokeKey", key_id=keys[1]["record"]["key_id"], reason="canary")
            for key in [reply["key"] for reply in keys] + [rotated["key"]]:
                for parameters in ({}, {"scopes": ["write:policies:admin"]}, {"scopes": ["read:policies:admin"]}):
                    verdict = verifier.call("io.claviger.Verify.Verify", key=key, **parameters)
                    self.said.append(json.dumps(verdict).encode())
                # A key string where it does not belong.
                self.refused(admin, "io.claviger.Admin.GetKey", key_id=key)
                self.refused(verifier, "io.claviger.Verify.Verify", key=key, scopes=["no scope"])
                self.refused(verifier, "io.claviger.Verify.Verify", key=key, surplus=1)
                verifier_copy = daemon.verifier()
                verifier_copy.send_raw(b'{"method":"io.claviger.Verify.Verify","parameters":{"key":"' + key.encode() + b'"')
                verifier_copy.close()
            for method in ("ListKeys", "ListAudit"):
                self.said.append(json.dumps(admin.call("io.claviger.Admin." + method)).encode())
        for arguments in (("key", "list"), ("key", "show", first), ("audit", "list"), ("status",)):
            done = daemon.cli(*arguments)
            self.said.append((done.stdout + done.stderr).encode())
        done = daemon.cli("key", "verify", stdin=keys[2]["key"] + "\n")
        self.said.append((done.stdout + done.stderr).encode())

    def test_secrets_are_in_no_log_no_audit_no_file_and_no_error(self):
        self.provoke()
        self.daemon.restart()
        places = {f"reply {i}": text for i, text in enumerate(self.said)}
        places["log"] = self.daemon.log().encode()
        for folder, _, files in os.walk(self.daemon.state_directory):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    places[name] = file.read()
        self.assertIn("claviger.db", places)
        needles = [form for secret in self.secrets for form in forms(secret)] + [PIN.encode(), SO_PIN.encode()]
        for place, content in places.items():
            for needle in needles:
                self.assertNotIn(needle, content, f"a secret is in {place}")

    def test_the_processes_cannot_leave_a_core(self):
        for pid in [self.daemon.process.pid, *self.daemon.worker_pids()]:
            with open(f"/proc/{pid}/limits", encoding="ascii") as file:
                core = [line for line in file if line.startswith("Max core file size")][0]
            self.assertEqual(core.split()[4:6], ["0", "0"])

    def test_the_names_of_keys_are_not_readable_in_the_database(self):
        self.daemon.create_key(name="a name that nobody shall read")
        self.daemon.restart()
        for name in os.listdir(self.daemon.state_directory):
            with open(os.path.join(self.daemon.state_directory, name), "rb") as file:
                self.assertNotIn(b"a name that nobody shall read", file.read(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
