"""claviger report-leak and expire, against a daemon in Python."""

import json
import os
import signal
import subprocess
import unittest

from change_case import ADMIN, ID, ChangeCase
from claviger_command import Typed, environment, program
from fake_daemon import KEY, Close, Refusal, sample_key

OURS = KEY.format(n=1)
FOREIGN = "abcd_" + "F" * 17 + "_" + "x" * 49
ENDED = KEY.format(n=2)


class Leak(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1, name="evil \u202ename"), sample_key(2, state="revoked"))
        self.daemon.leaked = {OURS: ("revoked", ID), FOREIGN: ("unknown", None),
                              ENDED: ("already_ended", "00000000000000002")}

    def file(self, name, content):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def sources(self):
        return [call["source"] for call in self.calls("ReportLeak")]

    def test_each_string_is_reported_once_with_its_first_place(self):
        first = self.file("a.log", f"one\ntoken={OURS}, again {OURS}\n{FOREIGN}\n".encode())
        second = self.file("b.log", f"'{OURS}' and secret-token:{ENDED}".encode())
        done = self.cli("report-leak", first, second)
        self.assertEqual(self.calls("ReportLeak"), [{"source": f"{first}:2", "key": OURS},
                                                    {"source": f"{first}:3", "key": FOREIGN},
                                                    {"source": f"{second}:1", "key": ENDED}])
        rows = done.stdout.splitlines()
        self.assertTrue(rows[1].startswith(f"revoked    {ID}  evil \\u{{202E}}name  alice"))
        self.assertTrue(rows[2].startswith("not ours  "))
        self.assertTrue(rows[3].startswith("had ended  00000000000000002"))
        self.assertEqual(done.stderr, "3 key strings: 1 revoked, 1 had ended before, 1 not ours\n")
        self.assertEqual(self.daemon.keys[ID]["state"], "revoked")

    def test_no_string_is_ever_printed(self):
        path = self.file("x", f"{OURS} {FOREIGN} {ENDED}".encode())
        for words in (["report-leak", path], ["report-leak", path, "--json"]):
            done = self.cli(*words)
            for secret in (OURS, FOREIGN, ENDED):
                self.assertNotIn(secret[-40:], done.stdout + done.stderr)

    def test_the_letters_before_a_key_are_told_from_its_prefix(self):
        self.cli("report-leak", stdin="xxclv" + OURS[3:])
        self.assertEqual([call["key"] for call in self.calls("ReportLeak")], ["xclv" + OURS[3:], OURS])
        self.assertEqual(self.daemon.keys[ID]["state"], "revoked")

    def test_binary_input_of_any_size_is_searched_across_its_pieces(self):
        for before in (65536 - 30, 3 * 65536 - 1, 65536 - len(OURS), 65536):
            self.daemon.calls.clear()
            self.cli("report-leak", "--source", "dump",
                     self.file("dump", b"\xff\x00" * (before // 2) + b"\n" * (before % 2) + OURS.encode() + b"\x00\xfe"))
            self.assertEqual(self.calls("ReportLeak"), [{"source": "dump", "key": OURS}], before)

    def test_a_slow_writer_is_waited_for(self):
        process = subprocess.Popen([program(), "report-leak", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment(self.daemon.directory))
        for part in (OURS[:1], OURS[1:30], OURS[30:]):
            process.stdin.write(part.encode())
            process.stdin.flush()
        _, messages = process.communicate()
        self.assertEqual((process.returncode, self.sources()), (0, ["standard input:1"]), messages)

    def test_what_is_nearly_a_key_string_is_not_reported(self):
        prefix, key_id, secret = OURS.split("_")
        for text in (f"{prefix}-{key_id}_{secret}", f"{prefix}_{key_id}_{secret[:-1]}", f"{prefix}_{key_id}x_{secret}",
                     f"c_{key_id}_{secret}", f"{prefix}_{key_id}_{secret[:20]}-{secret[21:]}", f"CLV_{key_id}_{secret}",
                     f"{prefix}_{key_id}\n_{secret}"):
            done = self.cli("report-leak", stdin=text)
            self.assertEqual((done.stdout, done.stderr), ("", "no key string was found\n"), text)
        self.assertEqual(self.daemon.calls, [])

    def test_a_string_with_a_wrong_checksum_is_none(self):
        done = self.cli("report-leak", stdin=OURS[:-1] + "x")
        self.assertEqual(done.stderr, "no key string was found\n")

    def test_a_key_string_in_the_command_line_is_refused(self):
        for word in (OURS, "secret-token:" + OURS, OURS[:-3]):
            done = self.assert_refused("report-leak", word, says="a key string stands where a file should",
                                       hint="standard input")
            self.assertNotIn(word, done.stderr)

    def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_read(self):
        folder = self.path("folder")
        os.mkdir(folder)
        done = self.cli("report-leak", self.path("nowhere"), folder, self.file("x", OURS.encode()), status=1)
        self.assertIn("No such file", done.stderr)
        self.assertIn(f"find {folder} -type f", done.stderr)
        self.assertEqual(self.daemon.keys[ID]["state"], "revoked")

    def test_an_error_of_the_daemon_stops_it_and_what_was_done_is_told(self):
        for answer, status in ((Refusal(ADMIN + "Unavailable", message="locked", unknown_outcome=False), 75), (Close(), 75),
                               (Refusal("org.varlink.service.PermissionDenied"), 4)):
            answers = iter([{"outcome": "unknown"}, answer])
            self.daemon.answers[ADMIN + "ReportLeak"] = lambda _=answers, **__: next(_)
            done = self.cli("report-leak", stdin=f"{FOREIGN} {OURS}", status=status)
            self.assertIn("not ours", done.stdout)
            self.assertIn("hint: ", done.stderr)

    def test_a_long_file_name_keeps_its_end(self):
        path = self.path("\u00e9" * 100 + "/" + "n" * 100)
        os.mkdir(os.path.dirname(path))
        self.cli("report-leak", self.file(os.path.relpath(path, self.folder), OURS.encode()))
        source = self.sources()[0]
        self.assertTrue(source.startswith("...") and source.endswith("nnn:1"), source)
        self.assertLessEqual(len(source.encode()), 256)

    def test_more_strings_than_are_taken_at_once_are_said(self):
        def string(number):
            return f"clv_{number:017}_" + "z" * 49
        self.daemon.answers[ADMIN + "ReportLeak"] = {"outcome": "unknown"}
        text = "\n".join(map(string, range(10001)))
        done = self.cli("report-leak", "--json", stdin=text, status=1)
        self.assertEqual(len(json.loads(done.stdout)["reports"]), 10000)
        self.assertIn("more than 10000 different key strings; those before standard input:10001 were", done.stderr)
        self.cli("report-leak", "--quiet", stdin=text.rsplit("\n", 1)[0])

    def test_on_a_terminal_it_asks_for_one_and_does_not_show_it(self):
        typed = self.enterContext(Typed(self.daemon.directory, "report-leak"))
        typed.expect("Key (not shown): ")
        self.assertFalse(typed.shows_typing())
        typed.type(OURS + "\n")
        self.assertEqual(typed.wait(), 0)
        self.assertNotIn(OURS, typed.output)
        self.assertEqual(self.sources(), ["terminal:1"])
        typed = self.enterContext(Typed(self.daemon.directory, "report-leak"))
        typed.expect("Key (not shown): ")
        typed.type(OURS[:-1] + "\n")
        self.assertEqual(typed.wait(), 2)
        self.assertIn("that is no key string", typed.output)

    def test_an_interrupted_read_tells_what_was_done(self):
        typed = self.enterContext(Typed(self.daemon.directory, "report-leak", "-"))
        typed.type(OURS + "\n")
        while not self.calls("ReportLeak"):
            self.assertIsNone(typed.process.poll())
        typed.process.send_signal(signal.SIGINT)
        self.assertEqual(typed.wait(), 1)
        self.assertIn("interrupted: not everything was read", typed.output)
        self.assertIn("1 revoked", typed.output)


class Expire(ChangeCase):
    def test_it_shows_which_keys_were_warned_of(self):
        self.daemon.add(sample_key(1, warn=True), sample_key(2))
        done = self.cli("expire")
        self.assertIn(ID, done.stdout)
        self.assertIn("7d", done.stdout)
        self.assertEqual(done.stderr, "warned of 1 key\n")
        self.assertEqual(len(json.loads(self.cli("expire", "--json").stdout)["announced"]), 1)
        del self.daemon.keys[ID]
        self.assertEqual(self.cli("expire").stderr, "no key has reached a warning since the last time\n")
        self.assertEqual(self.cli("expire", "--quiet").stderr, "")
        self.daemon.calls.clear()
        self.assert_refused("expire", "now", says="does not take")


if __name__ == "__main__":
    unittest.main()
