"""claviger on a terminal: prompts, confirmation, colours, width."""

import signal
import tempfile
import unittest

from claviger_command import Typed, program
from fake_daemon import KEY, FakeDaemon, sample_key

ID = "00000000000000001"


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.daemon.add(sample_key(1))

    def typed(self, *words, **options):
        return self.enterContext(Typed(self.daemon.directory, *words, **options))

    def test_a_typed_key_is_not_shown(self):
        claviger = self.typed("key", "verify")
        claviger.expect("Key (not shown): ")
        self.assertFalse(claviger.shows_typing())
        claviger.type(KEY.format(n=1) + "\n")
        self.assertEqual(claviger.wait(), 0)
        self.assertTrue(claviger.shows_typing())
        self.assertNotIn(KEY.format(n=1), claviger.output)
        self.assertIn("\nvalid\n", claviger.plain)

    def test_an_interrupted_prompt_leaves_the_terminal_as_it_was(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            claviger = self.typed("unlock")
            claviger.expect("User PIN (not shown): ")
            if number == signal.SIGINT:
                claviger.type("12\x03")
            else:
                claviger.process.send_signal(number)
            self.assertEqual(claviger.wait(), -number)
            self.assertTrue(claviger.shows_typing())
        self.assertEqual(self.daemon.calls, [])

    def test_the_end_of_input_at_a_prompt_does_nothing(self):
        claviger = self.typed("unlock")
        claviger.expect("User PIN (not shown): ")
        claviger.type("\x04")
        self.assertEqual(claviger.wait(), 1)
        self.assertIn("nothing was typed", claviger.output)
        claviger = self.typed("unlock")
        claviger.expect("User PIN (not shown): ")
        claviger.type("\n")
        self.assertEqual(claviger.wait(), 2)
        self.assertIn("--from-source", claviger.output)
        self.assertEqual(self.daemon.calls, [])

    def test_a_stopped_prompt_asks_again_when_it_is_continued(self):
        # Under a shell with job control, which continues what has stopped.
        claviger = self.typed(command=["/bin/bash", "-mc", f"'{program()}' unlock; fg >/dev/null"])
        claviger.expect("User PIN (not shown): ")
        claviger.type("12\x1a")
        claviger.expect("unlock\nUser PIN (not shown): ")
        claviger.type("8642\n")
        self.assertEqual(claviger.wait(), 0)
        self.assertEqual(self.daemon.calls, [("io.claviger.Admin.Unlock", {"pin": "8642"})])

    def test_token_init_asks_for_the_pin_twice(self):
        claviger = self.typed("token", "init")
        claviger.expect("User PIN (not shown; ")
        claviger.type("8642\n")
        claviger.expect("User PIN again: ")
        claviger.type("8642\n")
        claviger.expect("Security officer's PIN")
        claviger.type("9753\n")
        self.assertEqual(claviger.wait(), 0)
        self.assertEqual(self.daemon.calls,
                         [("io.claviger.Admin.InitialiseToken", {"pin": "8642", "so_pin": "9753"})])
        self.assertNotIn("8642", claviger.output)

    def test_token_init_refuses_two_pins_that_differ(self):
        claviger = self.typed("token", "init")
        claviger.expect("User PIN (not shown; ")
        claviger.type("8642\n")
        claviger.expect("User PIN again: ")
        claviger.type("8643\n")
        self.assertEqual(claviger.wait(), 2)
        self.assertIn("the two PINs differ", claviger.output)
        self.assertEqual(self.daemon.calls, [])

    def test_token_init_without_pins_uses_the_daemons_source(self):
        claviger = self.typed("token", "init")
        claviger.expect("User PIN (not shown; ")
        claviger.type("\n")
        claviger.expect("Security officer's PIN")
        claviger.type("\n")
        self.assertEqual(claviger.wait(), 0)
        self.assertEqual(self.daemon.calls, [("io.claviger.Admin.InitialiseToken", {})])

    def test_no_input_asks_for_nothing(self):
        claviger = self.typed("token", "init", "--no-input")
        self.assertEqual(claviger.wait(), 0)
        claviger = self.typed("key", "revoke", ID, "--no-input")
        self.assertEqual(claviger.wait(), 2)
        self.assertIn("add --yes", claviger.output)
        self.assertEqual(self.daemon.keys[ID]["state"], "active")

    def test_revoke_shows_the_key_and_asks(self):
        for answer, status in (("n\n", 1), ("\n", 1), ("\x04", 1), ("maybe\n", 1), ("yes\n", 0)):
            claviger = self.typed("key", "revoke", ID)
            claviger.expect(f"revoke key {ID} for good? [y/N] ")
            self.assertIn("key 1", claviger.output)
            self.assertIn("never", claviger.output)
            self.assertEqual(self.daemon.keys[ID]["state"], "active")
            claviger.type(answer)
            self.assertEqual(claviger.wait(), status)
        self.assertEqual(self.daemon.keys[ID]["state"], "revoked")

    def test_rotate_without_grace_and_lock_ask(self):
        claviger = self.typed("key", "rotate", ID, "--grace", "0")
        claviger.expect("at once? [y/N] ")
        claviger.type("y\n")
        self.assertEqual(claviger.wait(), 0)
        claviger = self.typed("lock")
        claviger.expect("? [y/N] ")
        claviger.type("\n")
        self.assertEqual(claviger.wait(), 1)
        self.assertIn("nothing was done", claviger.output)
        self.assertEqual([method for method, _ in self.daemon.calls], ["io.claviger.Admin.RotateKey"])

    def test_create_shows_a_summary_and_the_key_once(self):
        claviger = self.typed("key", "create", "--name", "demo", "--all-scopes", "read")
        self.assertEqual(claviger.wait(), 0)
        self.assertEqual(claviger.output.count(KEY.format(n=2)), 1)
        for text in ('created key "demo"', "read:domains:admin", "expires", "Save this key now. It cannot be shown again."):
            self.assertIn(text, claviger.output)

    def test_create_into_a_file_from_a_terminal_leaves_only_the_key_there(self):
        with tempfile.TemporaryFile("w+") as file:
            claviger = self.typed("key", "create", "--name", "demo", "--scope", "a", stdout=file)
            self.assertEqual(claviger.wait(), 0)
            file.seek(0)
            self.assertEqual(file.read(), KEY.format(n=2) + "\n")
        self.assertNotIn(KEY.format(n=2), claviger.output)
        self.assertIn("cannot be shown again", claviger.output)

    def test_colours_are_used_only_where_they_are_wanted(self):
        def escapes(*words, **options):
            claviger = self.typed("key", "list", *words, **options)
            self.assertEqual(claviger.wait(), 0)
            return "\x1b[" in claviger.output
        self.assertTrue(escapes())
        self.assertTrue(escapes(NO_COLOR=""))
        self.assertFalse(escapes(NO_COLOR="1"))
        self.assertFalse(escapes(TERM="dumb"))
        self.assertFalse(escapes("--no-color"))

    def test_tables_fit_the_terminal(self):
        self.daemon.add(sample_key(2, name="\u9375" * 60, owner="o" * 60), sample_key(3, name="e\u0301" * 70))
        for columns, seen, unseen in ((160, ["creator", "owner", "expires in"], []),
                                      (80, ["name", "state", "expires in"], ["creator"]),
                                      (45, ["key id", "name", "state"], ["scopes", "owner"])):
            claviger = self.typed("key", "list", columns=columns)
            self.assertEqual(claviger.wait(), 0)
            titles = claviger.plain.splitlines()[0]
            for title in seen:
                self.assertIn(title, titles)
            for title in unseen:
                self.assertNotIn(title, titles)
            for line in claviger.plain.splitlines():
                self.assertLessEqual(len(line) + line.count("\u9375") - line.count("\u0301"), columns)
        claviger = self.typed("key", "list", columns=160, COLUMNS="45")
        self.assertEqual(claviger.wait(), 0)
        self.assertNotIn("owner", claviger.plain.splitlines()[0])

    def test_a_shortened_name_ends_as_the_locale_can_show(self):
        self.daemon.add(sample_key(2, name="n" * 120))
        for locale, mark in (("C.UTF-8", "nn\u2026"), ("C", "nn~")):
            claviger = self.typed("key", "list", LC_ALL=locale)
            self.assertEqual(claviger.wait(), 0)
            self.assertIn(mark, claviger.plain)


if __name__ == "__main__":
    unittest.main()
