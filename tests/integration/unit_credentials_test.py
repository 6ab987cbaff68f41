"""Keys for units: a peer that connects as systemd does gets a key that works; whoever else asks, and whoever may not,
gets what no start survives."""

import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import PIN, Daemon, VarlinkError  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
READ, WRITE, DOMAINS = "read:policies:admin", "write:policies:admin", "read:domains:admin"
MOST_FOR_SYSTEMD = 1024 * 1024  # a credential of more bytes fails the start
STRANGER = 4711  # a uid that no account has
PATIENCE = 60


def address(unit, credential="api-key", digits=None):
    digits = f"{random.getrandbits(64):x}" if digits is None else digits
    return f"\0{digits}/unit/{unit}/{credential}".encode()


class UnitCredentials(unittest.TestCase):
    units = [
        {"name": "app.service", "scopes": [READ]},
        {"name": "strict.service", "scopes": [READ], "previous": "0s", "owner": "ops", "team": "platform",
         "description": "reads policies", "lifetime": "1h"},
        {"name": "two.service", "scopes": [READ]},
        {"name": "two.service", "credential": "other-key", "scopes": [DOMAINS]},
        {"name": "worker@*.service", "scopes": [READ]},
        {"name": "worker@special.service", "scopes": [WRITE]},
        {"name": "ends.service", "scopes": [READ], "end_with_unit": True},
        {"name": "stormy.service", "scopes": [READ]},
    ]

    def setUp(self):
        self.daemon = self.enterContext(Daemon(settings={"unit": self.units}))
        self.path = self.daemon.path("run/credential.sock")

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def connected(self, bound_to):
        peer = self.enterContext(socket.socket(socket.AF_UNIX))
        peer.settimeout(PATIENCE)
        if bound_to is not None:
            peer.bind(bound_to)
        peer.connect(self.path)
        return peer

    @staticmethod
    def read(peer):
        """What systemd would read: all until the end, or its limit and one byte."""
        peer.shutdown(socket.SHUT_WR)
        got = b""
        while len(got) <= MOST_FOR_SYSTEMD:
            part = peer.recv(65536)
            if not part:
                break
            got += part
        return got

    def start(self, unit, credential="api-key"):
        got = self.read(self.connected(address(unit, credential)))
        self.assertLess(len(got), 100, f"{unit} was refused")
        return got.decode("ascii")

    def assert_refused(self, bound_to):
        self.assertGreater(len(self.read(self.connected(bound_to))), MOST_FOR_SYSTEMD)

    def code(self, key, **parameters):
        return self.daemon.verify(key, **parameters)["code"]

    def record(self, key):
        return self.call("GetKey", key_id=key.split("_")[1])["record"]

    def refusals(self):
        acts = self.call("ListAudit")["records"]
        return [act["after"] for act in acts if act["act"] == "unit.refused"]

    def test_a_unit_that_starts_gets_a_key_for_its_scopes_alone(self):
        key = self.start("app.service")
        self.assertEqual(self.code(key, scopes=[READ]), "valid")
        self.assertEqual(self.code(key, scopes=[WRITE]), "insufficient_scope")
        record = self.record(key)
        self.assertEqual([record[field] for field in ("name", "owner", "creator", "scopes")],
                         ["app.service/api-key", "app", "unit:app.service", [READ]])

    def test_the_entry_says_owner_team_description_and_lifetime(self):
        record = self.record(self.start("strict.service"))
        self.assertEqual([record[field] for field in ("owner", "team", "description")],
                         ["ops", "platform", "reads policies"])
        self.assertEqual(self.call("GetKey", key_id=record["key_id"])["record"]["scopes"], [READ])

    def test_the_next_start_gets_another_secret_of_the_same_key(self):
        first, second = self.start("app.service"), self.start("app.service")
        self.assertEqual(first.split("_")[1], second.split("_")[1])
        self.assertNotEqual(first, second)
        self.assertEqual(self.code(second), "valid")
        self.assertEqual(self.daemon.verify(second)["generation"], 2)
        self.assertEqual(self.code(first), "valid")  # for a minute
        self.assertNotEqual(self.code(self.start("app.service")), "unknown")
        self.assertEqual(self.code(first), "unknown")  # two starts ago

    def test_with_previous_0s_the_secret_of_the_start_before_ends_at_once(self):
        first, second = self.start("strict.service"), self.start("strict.service")
        self.assertEqual(self.code(first), "expired")
        self.assertEqual(self.code(second), "valid")

    def test_a_unit_has_one_key_for_each_credential(self):
        one, other = self.start("two.service"), self.start("two.service", "other-key")
        self.assertNotEqual(one.split("_")[1], other.split("_")[1])
        self.assertEqual(self.code(other, scopes=[DOMAINS]), "valid")
        self.assertEqual(self.code(one, scopes=[DOMAINS]), "insufficient_scope")

    def test_instances_have_keys_of_their_own_and_a_name_goes_before_a_pattern(self):
        one, two = self.start("worker@1.service"), self.start("worker@2.service")
        self.assertNotEqual(one.split("_")[1], two.split("_")[1])
        self.assertEqual(self.code(self.start("worker@special.service"), scopes=[WRITE]), "valid")
        self.assert_refused(address("worker@.service"))

    def test_a_changed_entry_takes_effect_at_the_next_start(self):
        key = self.start("app.service")
        self.daemon.write_config({"unit": [{"name": "app.service", "scopes": [DOMAINS], "owner": "others"}]})
        after = len(self.daemon.log())
        self.daemon.reload()
        self.daemon.wait_log("settings and catalogue are in force", after=after)
        self.assertEqual(self.code(key, scopes=[READ]), "valid")
        later = self.start("app.service")
        self.assertEqual(later.split("_")[1], key.split("_")[1])
        self.assertEqual(self.code(later, scopes=[DOMAINS]), "valid")
        self.assertEqual(self.code(later, scopes=[READ]), "insufficient_scope")
        self.assertEqual(self.record(later)["owner"], "others")
        # It got more than it had: whoever still holds the secret before does not.
        self.assertEqual(self.code(key), "expired")

    def test_a_unit_without_an_entry_is_refused_and_that_is_on_record(self):
        self.assert_refused(address("other.service"))
        self.assert_refused(address("app.service", "password"))
        refused = self.refusals()
        self.assertEqual({(act["unit"], act["credential"]) for act in refused},
                         {("other.service", "api-key"), ("app.service", "password")})
        self.assertIn("[[unit]]", refused[0]["reason"])

    def test_a_removed_entry_gives_no_more_secrets(self):
        self.start("app.service")
        self.daemon.write_config({})
        after = len(self.daemon.log())
        self.daemon.reload()
        self.daemon.wait_log("settings and catalogue are in force", after=after)
        self.assert_refused(address("app.service"))

    def test_a_key_that_an_operator_revoked_comes_back_only_once_it_is_purged(self):
        key_id = self.start("app.service").split("_")[1]
        self.call("RevokeKey", key_id=key_id)
        self.assert_refused(address("app.service"))
        self.assertIn(f"claviger key purge {key_id}", self.refusals()[0]["reason"])
        self.call("PurgeKeys", key_ids=[key_id])
        key = self.start("app.service")
        self.assertNotEqual(key.split("_")[1], key_id)
        self.assertEqual(self.code(key), "valid")

    def test_a_paused_key_is_not_handed_out(self):
        key_id = self.start("app.service").split("_")[1]
        self.call("PauseKeys", key_ids=[key_id])
        self.assert_refused(address("app.service"))
        self.call("ResumeKeys", key_ids=[key_id])
        self.start("app.service")

    def test_a_key_that_shall_end_with_a_unit_that_cannot_be_seen_is_refused(self):
        self.assert_refused(address("ends.service"))  # this process is in no group of that unit
        self.assertIn("end_with_unit", self.refusals()[0]["reason"])

    def test_every_shape_but_systemds_is_refused(self):
        for bound_to in (None, b"\0nobody", address("app.service", digits=""), address("app.service", digits="1" * 17),
                         address("app.service", digits="XYZ"), address("app.service", digits="AB"),
                         address("app"), address(""), address("app.service", ""), address("app.service", "a/b"),
                         address("../app.service"), address("app.service\n"), b"\x001/user/app.service/api-key",
                         b"\x001/unit/app.service", address("app.service").replace(b"\0", b"", 1)):
            if bound_to is not None and not bound_to.startswith(b"\0"):
                bound_to = self.daemon.path("ordinary").encode()
            with self.subTest(bound_to=bound_to):
                self.assert_refused(bound_to)
        self.assertEqual(self.refusals(), [])
        self.daemon.wait_log("not one that systemd connects from")
        self.start("app.service")

    def test_leading_zeros_that_systemd_leaves_out_are_not_missed(self):
        got = self.read(self.connected(address("app.service", digits="f")))
        self.assertEqual(self.code(got.decode()), "valid")

    def test_other_users_cannot_connect_and_are_refused_if_they_can(self):
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        for folder in (self.daemon.root, self.daemon.socket_directory):
            os.chmod(folder, 0o755)
        with self.assertRaises(PermissionError):
            connect_as(self.path, STRANGER, STRANGER)
        os.chmod(self.path, 0o666)
        with connect_as(self.path, STRANGER, STRANGER) as stranger:
            got = self.read(stranger.socket)
        self.assertGreater(len(got), MOST_FOR_SYSTEMD)
        self.daemon.wait_log(f"uid {STRANGER}")

    def test_units_that_start_again_and_again_are_refused_after_a_while(self):
        got = [self.read(self.connected(address("stormy.service"))) for _ in range(80)]
        refused = sum(len(each) > MOST_FOR_SYSTEMD for each in got)
        self.assertGreaterEqual(refused, 10)
        self.assertLess(refused, 20)
        self.assertIn("too often", self.refusals()[0]["reason"])
        self.start("app.service")  # others are not concerned

    def test_many_units_start_at_once_and_none_waits_for_one_that_does_not_read(self):
        idle = [self.connected(address("app.service")) for _ in range(8)]
        flood = [self.connected(address("other.service")) for _ in range(64)]  # refusals that nobody reads
        keys = {}

        def begin(number):
            keys[number] = self.start(f"worker@{number}.service")

        threads = [threading.Thread(target=begin, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(len({key.split("_")[1] for key in keys.values()}), 64)
        self.assertEqual({self.code(key) for key in keys.values()}, {"valid"})
        self.assertTrue(idle and flood)

    def test_what_a_peer_sends_is_not_read_and_concerns_nobody_else(self):
        peer = self.connected(address("app.service"))
        peer.setblocking(False)
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                sent += peer.send(b"\0" * 65536)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
        self.assertLess(sent, 64 * 1024 * 1024)
        self.assertEqual(self.code(self.start("app.service")), "valid")

    def test_a_unit_waits_for_a_locked_token_for_a_while(self):
        self.call("Lock")
        peer = self.connected(address("app.service"))
        self.assertEqual(select.select([peer], [], [], 1)[0], [], "it was answered while the token was locked")
        self.call("Unlock", pin=PIN)
        self.daemon.wait_ready()
        self.assertEqual(self.code(self.read(peer).decode()), "valid")

    def test_a_unit_is_refused_if_the_token_stays_locked(self):
        self.call("Lock")
        began = time.monotonic()
        self.assert_refused(address("app.service"))
        self.assertGreater(time.monotonic() - began, 15)
        self.daemon.wait_log("app.service does not get its credential")

    def test_a_daemon_that_ends_refuses_those_that_wait(self):
        self.call("Lock")
        peer = self.connected(address("app.service"))
        time.sleep(0.2)
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertGreater(len(self.read(peer)), MOST_FOR_SYSTEMD)
        self.daemon.stop()

    def test_a_secret_that_was_sent_is_durable(self):
        key = self.start("app.service")
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.code(key), "valid")
        again = self.start("app.service")
        self.assertEqual(again.split("_")[1], key.split("_")[1])

    def test_secrets_stand_neither_in_the_log_nor_in_the_record_of_acts(self):
        secret = self.start("app.service").split("_")[2]
        acts = self.call("ListAudit")["records"]
        self.assertNotIn(secret, str(acts) + self.daemon.log())
        created = [act for act in acts if act["act"] == "key.create"]
        self.assertEqual(created[0]["after"]["unit"], "app.service")


class Entries(unittest.TestCase):
    def refusal(self, **entry):
        daemon = self.enterContext(Daemon(start=False, initialise=False))
        daemon.write_config({"unit": [entry]})
        done = subprocess.run([daemon.program, "--check", "--config", daemon.config], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 78, done.stdout)
        return done.stderr

    def test_a_scope_that_is_not_catalogued_is_refused_when_the_file_is_read(self):
        said = self.refusal(name="app.service", scopes=["read:policy:admin"])
        self.assertIn("did you mean read:policies:admin", said)

    def test_a_lifetime_beyond_the_policy_is_refused_when_the_file_is_read(self):
        self.assertIn("lifetime", self.refusal(name="app.service", scopes=[READ], lifetime="366d"))

    def test_a_grace_beyond_the_policy_is_refused_when_the_file_is_read(self):
        self.assertIn("maximum_grace", self.refusal(name="app.service", scopes=[READ], previous="8d"))

    def test_an_unknown_bundle_is_refused_when_the_file_is_read(self):
        self.assertIn("bundles", self.refusal(name="app.service", bundles=["no-such-bundle"]))


if __name__ == "__main__":
    unittest.main()
