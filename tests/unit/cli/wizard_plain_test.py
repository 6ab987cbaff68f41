"""`claviger key create --plain`: the wizard line by line."""

import os
import signal
import stat
import subprocess
import tempfile
import unittest

from claviger_command import environment, program, run
from fake_keys import Refusal
from wizard_case import CREATE, PREVIEW, SECRET, WizardCase


class PlainTest(WizardCase):
    def plain(self, *words, **options):
        return self.wizard(*(words or ("--plain",)), **options)

    def answer(self, wizard, *rows):
        """Pairs of a question and what is typed after it."""
        for question, text in rows:
            wizard.expect(question)
            wizard.output = ""
            wizard._fed = 0
            wizard.type(text + "\n")

    def to_review(self, wizard):
        self.answer(wizard, ("Number [1]:", ""), ("Name:", "wiki"), ("Purpose", ""), ("Owner", ""), ("Team", ""),
                    ("Number [2]:", ""), ("Scopes (0 chosen", "1"), ("Scopes (1 chosen", ""))
        wizard.expect("Type create to issue this key")

    def test_six_steps_make_a_key(self):
        wizard = self.plain()
        self.answer(wizard, ("Number [1]:", ""), ("Name:", "wiki backup"), ("Purpose", "copies the wiki"),
                    ("Owner", "alice"), ("Team", "ops"), ("Number [2]:", "3"), ("Scopes (0 chosen", "/domains"))
        wizard.expect("1. read:domains:admin: Read domains. read")
        self.answer(wizard, ("Scopes (0 chosen", "1"), ("Scopes (1 chosen", ""))
        wizard.expect("It can read domains of admin. It cannot write or delete anything.")
        self.assertEqual(self.calls(CREATE), [])
        self.answer(wizard, ("Type create", "create"), ("Number [1]:", "2"))
        wizard.expect(SECRET)
        self.answer(wizard, ("Type saved", "no"), ("Type saved", "saved"))
        self.assertEqual(wizard.wait(), 0)
        self.assertTrue(wizard.modes_restored())
        self.assertIn("claviger key create --name 'wiki backup'", wizard.output)
        created = self.calls(CREATE)[-1]
        created.pop("request_id")
        self.assertEqual(created, {"name": "wiki backup", "description": "copies the wiki", "owner": "alice",
                                   "team": "ops", "lifetime": 30 * 86400, "scopes": ["read:domains:admin"]})

    def test_nothing_but_lines_is_written(self):
        for options in ({}, {"TERM": "dumb"}):
            wizard = self.plain(*(["--plain"] if not options else ["--no-color"]), **options)
            self.to_review(wizard)
            self.assertNotIn("\x1b", wizard.output)

    def test_an_unknown_terminal_gets_lines(self):
        wizard = self.plain("--no-color", TERM="no-such-terminal")
        wizard.expect("this terminal's type is not known")
        self.to_review(wizard)

    def test_back_keeps_the_answers(self):
        wizard = self.plain()
        self.to_review(wizard)
        self.answer(wizard, ("Type create", "<"), ("Scopes (1 chosen", "<"), ("Number [2]:", "<"),
                    ("Name [wiki]:", "<"), ("Number [1]:", "<"))
        wizard.expect("This is the first question")
        self.answer(wizard, ("Number [1]:", ""), ("Name [wiki]:", "wiki2"), ("Purpose", "<"), ("Name [wiki2]:", ""),
                    ("Purpose", ""), ("Owner", ""), ("Team", ""), ("Number [2]:", ""), ("Scopes (1 chosen", ""))
        self.answer(wizard, ("Type create", "create"))
        wizard.expect("was issued")
        self.assertEqual(self.calls(CREATE)[-1]["name"], "wiki2")

    def test_scopes_are_chosen_by_number_range_name_bundle_and_filter(self):
        wizard = self.plain()
        self.answer(wizard, ("Number [1]:", ""), ("Name:", "w"), ("Purpose", ""), ("Owner", ""), ("Team", ""),
                    ("Number [2]:", ""), ("Scopes (0 chosen", "1-2"), ("Scopes (2 chosen", "1,2"),
                    ("Scopes (0 chosen", "write:policies:admin"), ("Scopes (1 chosen", "bundle:read-only"),
                    ("Scopes (3 chosen", "bundle:read-only"), ("Scopes (1 chosen", "read"))
        wizard.expect("1 to 2 of 2 read scopes")
        self.answer(wizard, ("Scopes (1 chosen", "all"), ("Scopes (3 chosen", "7 nonsense"))
        wizard.expect('"7" is neither a number of the list')
        wizard.expect('"nonsense" is neither')
        self.answer(wizard, ("Scopes (3 chosen", "?"))
        wizard.expect("bundle:NAME chooses one")

    def test_wrong_answers_are_asked_again_with_the_reason(self):
        wizard = self.plain()
        self.answer(wizard, ("Number [1]:", "7"))
        wizard.expect("Type a number from 1 to 1.")
        self.answer(wizard, ("Number [1]:", ""), ("Name:", ""), ("Purpose", ""), ("Owner", ""), ("Team", ""))
        wizard.expect("Wrong: name: must be given")
        self.answer(wizard, ("Name:", "w"), ("Purpose", ""), ("Owner", ""), ("Team", ""), ("Number [2]:", "6"),
                    ("Ends (", "2020-01-01"))
        wizard.expect("Wrong: that is in the past")
        self.answer(wizard, ("Number [6]:", ""), ("Ends (", "45d"), ("Scopes (0 chosen", ""))
        wizard.expect("Wrong: choose at least one scope")

    def test_a_refusal_leads_to_its_question(self):
        wizard = self.plain()
        self.daemon.answers[PREVIEW] = Refusal("io.claviger.Admin.Refused", field="team", message="no such team")
        self.answer(wizard, ("Number [1]:", ""), ("Name:", "wiki"), ("Purpose", ""), ("Owner", ""), ("Team", ""),
                    ("Number [2]:", ""), ("Scopes (0 chosen", "1"), ("Scopes (1 chosen", ""))
        wizard.expect("Wrong: no such team")
        wizard.expect("Name [wiki]:")

    def test_the_key_goes_into_a_file_without_being_shown(self):
        path = os.path.join(self.folder, "key")
        wizard = self.plain()
        self.to_review(wizard)
        everything = wizard.output
        self.answer(wizard, ("Type create", "create"), ("Number [1]:", ""), ("File:", "/no/such/folder/key"))
        wizard.expect("Wrong:")
        self.answer(wizard, ("Number [1]:", "1"), ("File:", path))
        self.assertEqual(wizard.wait(), 0)
        self.assertNotIn("s" * 43, everything + wizard.output)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), SECRET + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_with_standard_output_in_a_file_only_the_key_goes_there(self):
        with tempfile.TemporaryFile("w+", encoding="ascii") as file:
            wizard = self.plain("--plain", stdout=file)
            self.to_review(wizard)
            self.answer(wizard, ("Type create", "create"))
            self.assertEqual(wizard.wait(), 0)
            file.seek(0)
            self.assertEqual(file.read(), SECRET + "\n")
        self.assertNotIn("s" * 43, wizard.output)

    def test_ctrl_c_and_the_end_of_input_do_nothing(self):
        wizard = self.plain()
        self.to_review(wizard)
        wizard.type("\x03")
        self.leaves_nothing(wizard, -signal.SIGINT)
        self.assertIn("interrupted; nothing was done", wizard.output)
        wizard = self.plain()
        wizard.expect("Number [1]:")
        wizard.type("\x04")
        self.leaves_nothing(wizard, 1)
        self.assertIn("no key was created", wizard.output)

    def test_a_key_that_was_not_handed_over_is_named_with_the_way_out(self):
        wizard = self.plain()
        self.to_review(wizard)
        self.answer(wizard, ("Type create", "create"))
        wizard.expect("Number [1]:")
        wizard.type("\x03")
        self.assertEqual(wizard.wait(), -signal.SIGINT)
        self.assertIn("claviger key rotate 00000000000000001 --grace 0", wizard.output)

    def test_pasted_lines_answer_one_question_only(self):
        wizard = self.plain()
        wizard.expect("Number [1]:")
        wizard.type("\nname\npurpose\nalice\nops\n\n1\n\ncreate\n")
        wizard.expect("Name:")
        self.assertNotIn("Owner", wizard.output)
        self.assertEqual(self.calls(CREATE), [])

    def test_without_a_terminal_there_is_nobody_to_ask(self):
        for words in (("--plain",), ("--plain", "--no-input")):
            ended = run(self.daemon.directory, "key", "create", *words, stdin="1\n")
            self.assertEqual(ended.returncode, 2)
            self.assertIn("no terminal on which to ask", ended.stderr)
            self.assertIn("--name", ended.stderr)
        ended = subprocess.run([program(), "key", "create"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               check=False, env=environment(self.daemon.directory))
        self.assertEqual(ended.returncode, 2)
        self.assertEqual(self.daemon.calls, [])

    def test_options_beside_plain_are_not_dropped_in_silence(self):
        wizard = self.plain("--plain", "--name", "lost")
        self.assertEqual(wizard.wait(), 2)
        self.assertIn("--name has no place beside it", wizard.output.replace("\n", " "))
        self.assertEqual(self.daemon.calls, [])


if __name__ == "__main__":
    unittest.main()
