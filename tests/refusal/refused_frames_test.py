"""Frames that are no calls, or too large, deep, slow or many: refused, and the daemon goes on serving others."""

import json
import os
import select
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
WHO = "io.claviger.Verify.WhoAmI"
MAX_VERIFY_FRAME = 64 * 1024
MAX_ADMIN_FRAME = 1024 * 1024


class Frames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.key = cls.daemon.create_key()["key"]

    def tearDown(self):
        self.assertTrue(self.daemon.verify(self.key)["valid"])

    def closed_after(self, data, path=None):
        """Sends `data`; the replies until the daemon closes the connection."""
        with Varlink(path or self.daemon.verify_socket) as peer:
            try:
                peer.send_raw(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            replies = []
            try:
                while (reply := peer.receive()) is not None:
                    replies.append(reply)
            except ConnectionResetError:
                pass
            return replies

    def assert_refused(self, data):
        """Nothing that follows can be trusted: the connection ends, at most with one error."""
        replies = self.closed_after(data)
        self.assertLessEqual(len(replies), 1)
        for reply in replies:
            self.assertIn("error", reply)

    def test_what_is_not_json(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n\0", b"\0", b"{\0", b"}\0", b"null\0", b"[]\0", b'"text"\0', b"7\0",
                     b'{"method":"io.claviger.Verify.WhoAmI"}}\0', b"\xff\xfe\0"):
            with self.subTest(data):
                self.assert_refused(data)

    def test_calls_of_a_wrong_form(self):
        for call in ({}, {"method": 7}, {"method": WHO, "parameters": []}, {"method": WHO, "oneway": "yes"},
                     {"method": WHO, "extra": 1}, {"method": WHO, "oneway": True, "more": True}):
            with self.subTest(call):
                self.assert_refused(json.dumps(call).encode() + b"\0")

    def test_numbers_that_no_integer_can_hold(self):
        for number in ("18446744073709551616", "1e999", "-9223372036854775809", "01", "0x10", "NaN"):
            with self.subTest(number):
                self.assert_refused(b'{"method":"%s","parameters":{"key":%s}}\0' % (VERIFY.encode(), number.encode()))

    def test_doubled_keys(self):
        self.assert_refused(b'{"method":"%s","method":"%s"}\0' % ((WHO.encode(),) * 2))
        with self.daemon.verifier() as peer:
            peer.send_raw(b'{"method":"%s","parameters":{"key":"a","key":"b"}}\0' % VERIFY.encode())
            reply = peer.receive()
            self.assertTrue(reply is None or "error" in reply, reply)

    def test_invalid_utf8(self):
        self.assert_refused(b'{"method":"%s","parameters":{"key":"\xc3\x28"}}\0' % VERIFY.encode())
        self.assert_refused(b'{"method":"%s","parameters":{"key":"\xed\xa0\x80"}}\0' % VERIFY.encode())

    def test_deep_nesting(self):
        for depth in (17, 1000, 30000):
            with self.subTest(depth):
                self.assert_refused(b'{"method":"%s","parameters":{"key":%s%s}}\0'
                                    % (VERIFY.encode(), b"[" * depth, b"]" * depth))

    def frame_of(self, size):
        """A whole call of `size` bytes, its NUL not counted."""
        empty = len(Varlink.frame(VERIFY, {"key": ""})) - 1
        return Varlink.frame(VERIFY, {"key": "x" * (size - empty)})

    def test_the_largest_frame_is_answered_and_one_byte_more_is_not(self):
        with self.daemon.verifier() as peer:
            peer.send_raw(self.frame_of(MAX_VERIFY_FRAME))
            self.assertEqual(peer.receive()["parameters"]["code"], "malformed")
        self.assert_refused(self.frame_of(MAX_VERIFY_FRAME + 1))

    def test_the_largest_frame_on_the_admin_socket(self):
        with self.daemon.admin() as peer:
            peer.send_raw(self.frame_of(MAX_ADMIN_FRAME))
            self.assertEqual(peer.receive()["parameters"]["code"], "malformed")
        self.assertLessEqual(len(self.closed_after(self.frame_of(MAX_ADMIN_FRAME + 1), self.daemon.admin_socket)), 1)

    def test_a_frame_without_end(self):
        self.assert_refused(b"x" * (MAX_VERIFY_FRAME * 4))

    def test_a_truncated_frame(self):
        whole = Varlink.frame(VERIFY, {"key": self.key})
        for length in (1, 10, len(whole) // 2, len(whole) - 1):
            with self.subTest(length), self.daemon.verifier() as peer:
                peer.send_raw(whole[:length])
                peer.socket.shutdown(socket.SHUT_WR)
                self.assertIsNone(peer.receive())

    def test_a_frame_in_single_bytes_is_answered(self):
        with self.daemon.verifier() as peer:
            for byte in Varlink.frame(VERIFY, {"key": self.key}):
                peer.send_raw(bytes([byte]))
            self.assertTrue(peer.receive()["parameters"]["valid"])

    def test_calls_before_a_broken_one_are_answered(self):
        replies = self.closed_after(Varlink.frame(VERIFY, {"key": self.key}) * 3 + b"rubbish\0" +
                                    Varlink.frame(VERIFY, {"key": self.key}))
        self.assertEqual([reply["parameters"]["valid"] for reply in replies[:3]], [True] * 3)
        self.assertLessEqual(len(replies), 4)

    def test_ten_thousand_pipelined_calls_are_answered_in_order(self):
        count = 10000
        calls = b"".join(Varlink.frame(VERIFY, {"key": self.key, "scopes": ["write:policies:admin"]} if i % 3 == 0
                                       else {"key": self.key}) for i in range(count))
        with self.daemon.verifier() as peer:
            peer.socket.setblocking(False)
            received, sent = b"", 0
            while received.count(b"\0") < count:
                readable, writable, _ = select.select([peer.socket], [peer.socket] if sent < len(calls) else [], [], 60)
                self.assertTrue(readable or writable, "no progress for a minute")
                if writable:
                    sent += peer.socket.send(calls[sent:sent + 65536])
                if readable:
                    received += peer.socket.recv(1 << 20)
            replies = [json.loads(frame)["parameters"]["code"] for frame in received.split(b"\0")[:-1]]
        self.assertEqual(replies, ["insufficient_scope" if i % 3 == 0 else "valid" for i in range(count)])

    def test_a_peer_that_never_reads_does_not_hold_up_others(self):
        with self.daemon.verifier() as deaf:
            deaf.socket.setblocking(False)
            frame = Varlink.frame(VERIFY, {"key": self.key})
            sent = 0
            # Until the daemon stops reading: what it holds for this peer is bounded.
            while sent < 256 << 20 and select.select([], [deaf.socket], [], 2)[1]:
                try:
                    sent += deaf.socket.send(frame * 256)
                except BlockingIOError:
                    continue
            self.assertLess(sent, 256 << 20)
            self.assertTrue(self.daemon.verify(self.key)["valid"])

    def test_file_descriptors_in_a_message_are_dropped(self):
        with self.daemon.verifier() as peer, open(os.devnull, "rb") as null:
            frame = Varlink.frame(VERIFY, {"key": self.key})
            try:
                socket.send_fds(peer.socket, [frame], [null.fileno()] * 10)
            except PermissionError:  # the daemon asked its kernel to refuse them
                peer.send_raw(frame)
            self.assertTrue(peer.receive()["parameters"]["valid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
