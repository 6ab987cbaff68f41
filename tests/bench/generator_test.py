"""The generator and the suite, for correctness alone: nothing here depends on how fast anything is."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import key_string  # noqa: E402
from claviger_harness import Daemon, build_folder  # noqa: E402
from dialect import ECHO, KEY_BYTES, MALFORMED, UNKNOWN, VALID, VALUE_BYTES, Dialect, create_key  # noqa: E402
from invalid_keys import with_wrong_crc  # noqa: E402
from load import Traffic, WrongAnswer, run_load  # noqa: E402
from servers import EchoServer  # noqa: E402
from bench_folder import BenchFolder  # noqa: E402

SUITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench.py")
IDS = [f"{number:017}" for number in range(100)]
KEYS = [key_string.compose("clv", name, "0" * 43) for name in IDS]
WORD = Dialect("word", b"{key}\n", b"{id}!{*}\0")


class FakeServer:
    """Answers each line with what `answer` makes of it; None closes the connection. A context manager."""

    def __init__(self, folder, answer):
        self.socket = os.path.join(folder, "fake.sock")
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.socket)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Where nobody came it still waits: were its socket only closed, it would take from the next one, whose
        # descriptor is the same.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        os.unlink(self.socket)

    def _serve(self):
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            for line in lines:
                reply = self._answer(line.strip())
                if reply is None:
                    return
                connection.sendall(reply)


class InAFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="clv-bench-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, lines, name="lines"):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
        return file.name

    def traffic(self, *groups):
        return Traffic(self.folder, [(self.file(lines, f"lines-{number}"), dialect)
                                     for number, (lines, dialect) in enumerate(groups)])


class TheGenerator(InAFolder):
    def ask(self, answer, dialect=WORD, **options):
        with FakeServer(self.folder, answer) as server:
            return run_load(server.socket, self.traffic((IDS, dialect)), warm=False, **options)

    def test_takes_right_answers_each_once(self):
        for options in ({}, {"depth": 7}, {"depth": 64}, {"blocking": False, "depth": 16}):
            figures = self.ask(lambda line: line + b"! yes\0", **options)
            self.assertEqual((figures["replies"], figures["wrong"]), (len(IDS), 0), options)

    def test_asks_in_the_order_of_the_lines_if_told_so_and_in_another_otherwise(self):
        asked = []

        def note(line):
            asked.append(line.decode())
            return line + b"!\0"
        for in_order in (True, False):
            asked.clear()
            self.ask(note, depth=7, in_order=in_order)
            self.assertEqual(asked == IDS, in_order)
            self.assertEqual(sorted(asked), IDS)

    def test_takes_an_answer_that_comes_in_pieces(self):
        rest = []

        def half_a_reply_late(line):
            whole = b"".join(rest) + line + b"! yes\0"
            last = line == b"%b" % IDS[-1].encode()
            rest[:] = [] if last or len(seen) == len(IDS) - 1 else [whole[-9:]]
            seen.append(line)
            return whole if not rest else whole[:-9]
        seen = []
        self.assertEqual(self.ask(half_a_reply_late, depth=100)["replies"], len(IDS))

    def test_ends_with_the_first_answer_for_another_key(self):
        with self.assertRaisesRegex(WrongAnswer, "a wrong answer"):
            self.ask(lambda line: (IDS[0].encode() if line == IDS[50].encode() else line) + b"!\0", depth=10)

    def test_ends_with_an_answer_that_begins_or_ends_otherwise(self):
        tailed = Dialect("tailed", b"{key}\n", b"{id}!{*}}}\0")
        for answer in (lambda line: b"?" + line + b"!\0", lambda line: line + b"?\0", lambda line: b"\0"):
            with self.assertRaisesRegex(WrongAnswer, "a wrong answer"):
                self.ask(answer)
        self.assertEqual(self.ask(lambda line: line + b"! }}\0", tailed)["replies"], len(IDS))
        with self.assertRaisesRegex(WrongAnswer, "a wrong answer"):
            self.ask(lambda line: line + b"! }\0", tailed)

    def test_ends_when_the_server_closes_before_it_has_answered(self):
        with self.assertRaisesRegex(WrongAnswer, "closed a connection"):
            self.ask(lambda line: None if line == IDS[50].encode() else line + b"!\0")

    def test_ends_when_there_are_more_answers_than_questions(self):
        with self.assertRaisesRegex(WrongAnswer, "more replies|a wrong answer"):
            self.ask(lambda line: line + b"!\0" + line + b"!\0")

    def test_tells_http_replies_apart_by_their_length(self):
        get = Dialect("get", b"GET /{key}\n", b"HTTP/1.1 200 OK\r\n", "http")

        def answer(line):
            body = b"x" * (line[-1] - ord("0"))
            return b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        self.assertEqual(self.ask(answer, get, depth=8)["replies"], len(IDS))
        with self.assertRaisesRegex(WrongAnswer, "a wrong answer"):
            self.ask(lambda line: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", get)
        with self.assertRaisesRegex(WrongAnswer, "no Content-Length"):
            self.ask(lambda line: b"HTTP/1.1 200 OK\r\n\r\n", get)

    def test_refuses_a_request_that_is_the_same_for_every_key(self):
        with self.assertRaisesRegex(WrongAnswer, "neither"):
            self.ask(lambda line: b"\0", Dialect("same", b"hello\n", b"{id}"))

    def test_asks_the_echo_server_as_many_clients(self):
        with EchoServer(self.folder) as echo:
            for connections, depth in ((1, 1), (1, 64), (20, 16)):
                figures = run_load(echo.socket, self.traffic((KEYS, ECHO)), connections=connections, depth=depth)
                self.assertEqual(figures["replies"], len(KEYS))
            with self.assertRaisesRegex(WrongAnswer, "a wrong answer"):
                run_load(echo.socket, self.traffic((KEYS, Dialect("echo", ECHO.request, b"no", ECHO.reply))))

    def test_knows_how_long_a_key_is(self):
        self.assertEqual({len(key) for key in KEYS}, {KEY_BYTES})
        self.assertEqual(ECHO.reply, f"bytes:{VALUE_BYTES}")


class TheDaemon(InAFolder):
    def test_gives_every_key_its_own_answer(self):
        with BenchFolder(1, True) as place, place.daemon() as daemon:
            keys = place.issue(daemon, 300)
            groups = ((keys, VALID), ([with_wrong_crc(key) for key in keys[:100]], MALFORMED),
                      ([key_string.with_unknown_id(key) for key in keys[:50]], UNKNOWN),
                      ([key_string.with_wrong_secret(key) for key in keys[:50]], UNKNOWN))
            for connections, depth in ((1, 1), (1, 16), (4, 1), (4, 16)):
                figures = run_load(daemon.verify_socket, self.traffic(*groups), connections=connections, depth=depth)
                self.assertEqual((figures["replies"], figures["wrong"]), (500, 0))

    def test_is_found_out_when_one_key_of_many_is_not_what_it_should_be(self):
        with BenchFolder(1, True) as place, place.daemon() as daemon:
            keys = place.issue(daemon, 100)
            with daemon.admin() as admin:
                admin.call("io.claviger.Admin.RevokeKey", key_id=key_string.parts(keys[40])[1])
            with self.assertRaisesRegex(WrongAnswer, "revoked"):
                run_load(daemon.verify_socket, self.traffic((keys, VALID)), warm=False, depth=8)

    def test_issues_each_key_once(self):
        with Daemon() as daemon:
            saved = os.path.join(self.folder, "saved")
            run_load(daemon.admin_socket, self.traffic((IDS, create_key())), warm=False, connections=3, depth=4, save=saved)
            with daemon.admin() as admin:
                self.assertEqual(admin.call("io.claviger.Admin.CountKeys")["keys"], len(IDS))


class TheSuite(unittest.TestCase):
    def run_suite(self, *arguments):
        return subprocess.run([sys.executable, "-B", SUITE, *arguments], text=True, capture_output=True, check=False,
                              env=dict(os.environ, CLAVIGER_BUILD=build_folder()))

    def test_measures_and_finds_every_answer_right(self):
        names = ["one-core", "invalid", "first-sight", "issue"] + (["matrix"] if shutil.which("redis-server") else [])
        done = self.run_suite("--quick", "--only", *names)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        for name in names:
            self.assertIn(f"\n{name}: ", done.stdout)
        self.assertRegex(done.stdout, r"\n\d+ held, \d+ missed\n$")

    def test_refuses_to_write_what_was_measured_in_part(self):
        for part in (["--quick"], ["--only", "matrix"]):
            done = self.run_suite("--write", *part)
            self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main()
