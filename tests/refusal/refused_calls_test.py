"""Calls that break the protocol's rules, floods, and peers that do not read: one connection ends or waits, no other."""

import json
import os
import re
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, INVALID, READ, RefusalCase, Varlink  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
WHO = "io.claviger.Verify.WhoAmI"
DESCRIBE = "org.varlink.service.GetInterfaceDescription"
CREATE = b'"method":"io.claviger.Admin.CreateKey"'
GOOD_NAME = b'"name":"good"'
GOOD_SCOPES = b'"scopes":["read:policies:admin"]'
# Each would issue a key if the daemon overlooked what is wrong with it.
UNSOUND = (
    b'{%s,"parameters":{%s,%s},"method":"io.claviger.Admin.CreateKey"}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"parameters":{%s,%s}}' % (CREATE, GOOD_NAME, GOOD_SCOPES, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":null,"parameters":{%s,%s}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,"name":"other"}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,"n\\u0061me":"other"}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{"name":null,%s,%s}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,"":"x"}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"x.y":{"a":1,"a":2}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"x.y":{"a":[{"b":{"c":1,"c":1}}]}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"extra":{}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"x.y":1}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"continues":true}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"upgrade":true}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"more":true,"oneway":true}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"more":1}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s},"oneway":null}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":[{%s,%s}]}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'[{%s,"parameters":{%s,%s}}]' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s}}x' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s}},' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b"\xef\xbb\xbf" + b'{%s,"parameters":{%s,%s}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,"scopes":%s"read:policies:admin"%s}}' % (CREATE, GOOD_NAME, b"[" * 30, b"]" * 30),
    b'{%s,"parameters":{%s,%s,"lifetime":1e999}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,"lifetime":18446744073709551616}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,"lifetime":060}}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s}, /* no */ "more":false}' % (CREATE, GOOD_NAME, GOOD_SCOPES),
    b'{%s,"parameters":{%s,%s,%s}}' % (CREATE, GOOD_NAME, GOOD_SCOPES,
                                       b",".join(b'"p%d":0' % number for number in range(64))),
)
# Sound, but not what the method takes: answered on a connection that stays.
INVALID_PARAMETERS = (
    ({"name": "good", "scopes": [READ], "extra": None}, "extra"),
    ({"name": "good", "scopes": [READ], "Name": "x"}, "Name"),
    ({"scopes": [READ]}, "name"),
    ({"name": None, "scopes": [READ]}, "name"),
    ({"name": 1, "scopes": [READ]}, "name"),
    ({"name": ["good"], "scopes": [READ]}, "name"),
    ({"name": {"name": "good"}, "scopes": [READ]}, "name"),
    ({"name": True, "scopes": [READ]}, "name"),
    ({"name": "good", "scopes": READ}, "scopes"),
    ({"name": "good", "scopes": {"0": READ}}, "scopes"),
    ({"name": "good", "scopes": [READ, None]}, "scopes"),
    ({"name": "good", "scopes": [READ, 7]}, "scopes"),
    ({"name": "good", "scopes": [[READ]]}, "scopes"),
    ({"name": "good", "scopes": [READ], "owner": 0}, "owner"),
    ({"name": "good", "scopes": [READ], "expires_at": 1800000000}, "expires_at"),
    ({"name": "good", "scopes": [READ], "lifetime": "7d"}, "lifetime"),
    ({"name": "good", "scopes": [READ], "request_id": 1}, "request_id"),
)
MAX_FRAME = {"verify": 64 * 1024, "admin": 1024 * 1024}
DEAF_PEERS = 200
MEBIBYTE = 1 << 20


def until_closed(peer, data):
    """Sends `data`; the replies until the daemon closes the connection."""
    replies = []
    try:
        peer.send_raw(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        while (reply := peer.receive()) is not None:
            replies.append(reply)
    except ConnectionResetError:
        pass
    return replies


class Rules(RefusalCase):
    def test_a_call_that_breaks_a_rule_ends_its_connection_and_issues_nothing(self):
        for call in UNSOUND:
            with self.subTest(call[:200]), self.daemon.admin() as peer:
                self.assertEqual(until_closed(peer, call + b"\0"), [])

    def test_what_follows_a_broken_call_is_not_carried_out(self):
        good = b'{%s,"parameters":{%s,%s}}\0' % (CREATE, GOOD_NAME, GOOD_SCOPES)
        for call in UNSOUND[:3]:
            with self.daemon.admin() as peer:
                self.assertEqual(until_closed(peer, call + b"\0" + good), [])

    def test_wrong_parameters_are_named_and_the_connection_stays(self):
        for parameters, fault in INVALID_PARAMETERS:
            with self.subTest(parameters):
                self.assert_refused("CreateKey", parameters, name=INVALID)
                self.assertEqual(self.refusal("CreateKey", parameters).parameters, {"parameter": fault})

    def test_a_method_without_parameters_takes_none(self):
        for method in (ADMIN + "GetStatus", ADMIN + "Lock", ADMIN + "Diagnose", WHO, "org.varlink.service.GetInfo"):
            with self.subTest(method):
                self.admin.send_raw(Varlink.frame(method, {"x": 1}))
                self.assertEqual(self.admin.receive(), {"error": INVALID, "parameters": {"parameter": "x"}})

    def test_methods_of_no_interface_are_answered_and_the_connection_stays(self):
        for method, error in (("io.claviger.Verify.verify", "MethodNotFound"), ("io.claviger.Admin.", "MethodNotFound"),
                              ("io.claviger.Admin", "InterfaceNotFound"), ("GetInfo", "InterfaceNotFound"),
                              (".", "InterfaceNotFound"), ("x" * 60000, "InterfaceNotFound"),
                              ("io.claviger.Admin.CreateKey\0", "MethodNotFound")):
            with self.subTest(method[:40]):
                self.admin.send_raw(Varlink.frame(method, {}))
                self.assertEqual(self.admin.receive()["error"], "org.varlink.service." + error)

    def test_the_largest_frame_is_answered_and_one_byte_more_ends_the_connection(self):
        for name, most in MAX_FRAME.items():
            path = self.daemon.verify_socket if name == "verify" else self.daemon.admin_socket
            empty = len(Varlink.frame(VERIFY, {"key": ""})) - 1
            with self.subTest(name), Varlink(path) as peer, Varlink(path) as other:
                peer.send_raw(Varlink.frame(VERIFY, {"key": "x" * (most - empty)}))
                self.assertEqual(peer.receive()["parameters"]["code"], "malformed")
                self.assertEqual(until_closed(peer, Varlink.frame(VERIFY, {"key": "x" * (most + 1 - empty)})), [])
                self.assertEqual(other.call(WHO)["uid"], os.getuid())

    def test_65_asked_scopes_are_one_too_many(self):
        with self.daemon.verifier() as peer:
            scopes = [f"read:thing-{number}:x" for number in range(65)]
            peer.send_raw(Varlink.frame(VERIFY, {"key": self.key, "scopes": scopes}))
            self.assertEqual(peer.receive(), {"error": INVALID, "parameters": {"parameter": "scopes"}})
            self.assertEqual(peer.call(VERIFY, key=self.key, scopes=scopes[:64])["missing_scopes"], scopes[:64])
            self.assertTrue(peer.call(VERIFY, key=self.key, scopes=[READ] * 64)["valid"])

    def test_malformed_asked_scopes_are_no_verdict(self):
        with self.daemon.verifier() as peer:
            for scope in ("", "read", "read:*:admin", "READ:policies:admin", "read:policies:admin\0", "\u202e"):
                peer.send_raw(Varlink.frame(VERIFY, {"key": self.key, "scopes": [scope]}))
                self.assertEqual(peer.receive(), {"error": INVALID, "parameters": {"parameter": "scopes"}})

    def test_a_call_that_asks_for_more_gets_its_one_reply(self):
        with self.daemon.verifier() as peer:
            peer.send_raw(Varlink.frame(WHO, {}, more=True) + Varlink.frame(VERIFY, {"key": self.key}, more=True))
            replies = [peer.receive(), peer.receive()]
            self.assertEqual(replies[0]["parameters"]["uid"], os.getuid())
            self.assertTrue(replies[1]["parameters"]["valid"])
            self.assertFalse(any(reply.get("continues") for reply in replies))


class Order(RefusalCase):
    def test_oneway_calls_get_no_reply_and_the_replies_after_them_keep_their_order(self):
        key = self.daemon.create_key()["key"]  # not proved yet: its first verdict comes late
        self.accept_changes()
        fresh, unknown = {"key": key}, {"key": key[:-1]}
        silent = [Varlink.frame(method, parameters, oneway=True) for method, parameters in
                  ((VERIFY, fresh), (VERIFY, unknown), (WHO, {}), ("no.such.Method", {}), (VERIFY, {"nonsense": 1}))]
        with self.daemon.verifier() as peer:
            peer.send_raw(silent[0] + Varlink.frame(VERIFY, fresh) + silent[1] + Varlink.frame(WHO) +
                          b"".join(silent) + Varlink.frame(VERIFY, unknown) + silent[2] + Varlink.frame(WHO, {"x": 1}))
            self.assertTrue(peer.receive()["parameters"]["valid"])
            self.assertEqual(peer.receive()["parameters"]["uid"], os.getuid())
            self.assertEqual(peer.receive()["parameters"]["code"], "malformed")
            self.assertEqual(peer.receive()["error"], INVALID)
            self.assertTrue(peer.call(VERIFY, key=key)["valid"])

    def test_oneway_management_is_carried_out_in_silence(self):
        self.admin.send_raw(Varlink.frame(ADMIN + "CreateKey", {"name": "silent", "scopes": [READ]}, oneway=True) +
                            Varlink.frame(ADMIN + "CreateKey", {"name": ""}, oneway=True))
        # Nobody was told when it is done, and a call behind it may overtake it while it waits for the token.
        deadline = time.monotonic() + 30
        while not (names := [key["name"] for key in self.admin.call(ADMIN + "ListKeys")["keys"]]).count("silent"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.assertEqual(names.count("silent"), 1)
        self.accept_changes()

    def test_ten_thousand_calls_written_before_any_reply_is_read_are_answered_in_order(self):
        asked = (({"key": self.key}, "valid"), ({"key": self.key, "scopes": ["write:policies:admin"]},
                                                "insufficient_scope"), ({"key": "x"}, "malformed"))
        with self.daemon.verifier() as peer:
            peer.send_raw(b"".join(Varlink.frame(VERIFY, asked[i % 3][0]) for i in range(10000)))
            codes = [peer.receive()["parameters"]["code"] for _ in range(10000)]
        self.assertEqual(codes, [asked[i % 3][1] for i in range(10000)])

    def test_late_verdicts_keep_their_place_among_early_ones(self):
        keys = [self.daemon.create_key()["key"] for _ in range(20)]
        self.accept_changes()
        with self.daemon.verifier() as peer:
            replies = peer.pipeline([call for key in keys for call in ((VERIFY, {"key": key}), (VERIFY, {"key": "x"}))])
        self.assertEqual([reply["parameters"]["code"] for reply in replies], ["valid", "malformed"] * 20)


class Deaf(RefusalCase):
    """A few bytes of these calls ask for kilobytes of replies each."""

    CALLS = Varlink.frame(DESCRIBE, {"interface": "io.claviger.Admin"}) * 1500

    def resident(self):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024

    def deaf_peer(self):
        peer = self.enterContext(self.daemon.admin())
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MEBIBYTE)
        peer.socket.setblocking(False)
        sent = peer.socket.send(self.CALLS)
        self.assertGreater(sent, len(self.CALLS) // 10)
        return peer

    def test_peers_that_never_read_cost_bounded_memory_and_others_are_served(self):
        before = self.resident()
        peers = [self.deaf_peer() for _ in range(DEAF_PEERS)]
        # Answered by the same loops, so by the time of these replies the deaf peers have had their turn too.
        for _ in range(200):
            self.assertTrue(self.daemon.verify(self.key)["valid"])
        grown = self.resident() - before
        self.assertLess(grown, 512 * MEBIBYTE, "64 MiB of replies in total are held back, and a sanitizer's own share")
        self.assertEqual(len(peers), DEAF_PEERS)

    def test_a_peer_that_reads_late_gets_every_reply_whole_and_in_order(self):
        with self.daemon.admin() as peer:
            pair = Varlink.frame(DESCRIBE, {"interface": "io.claviger.Admin"}) + Varlink.frame(WHO)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MEBIBYTE)
            peer.send_raw(pair * 1000)
            self.assertTrue(self.daemon.verify(self.key)["valid"])
            description = json.loads(peer.receive_raw())
            self.assertIn("interface io.claviger.Admin", description["parameters"]["description"])
            self.assertEqual(peer.receive()["parameters"]["uid"], os.getuid())
            for _ in range(999):
                self.assertEqual(peer.receive(), description)
                self.assertEqual(peer.receive()["parameters"]["uid"], os.getuid())

    def test_a_peer_that_leaves_its_replies_behind_disturbs_nobody(self):
        for _ in range(50):
            with self.daemon.admin() as peer:
                peer.send_raw(self.CALLS[:20000])
        self.assertTrue(self.daemon.verify(self.key)["valid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
