"""The wizard's screen: sizes, colours, character sets, pasted text, large catalogues."""

import time
import unittest

from wizard_case import CREATE, SECRET, STEPS, WizardCase
from wizard_terminal import show, wcswidth

BOXES = "\u2500\u203a\u00b7\u2026"
COLOURS = ("\x1b[31m", "\x1b[32m", "\x1b[33m")


class SizeTest(WizardCase):
    def test_every_page_is_usable_at_60_by_16(self):
        wizard = self.wizard(columns=60, rows=16)
        for step in STEPS:
            self.to_step(wizard, step) if step == STEPS[0] else wizard.press(
                *{"[name]": ["enter"], "[expiry]": ["w", "page down"], "[scopes]": ["enter"],
                  "[review]": [" ", "enter"]}[step])
            lines = wizard.see(step).splitlines()
            show(wizard, f"60x16 {step}")
            self.assertIn("Esc", lines[-1] + lines[-2])
            self.assertTrue(all(len(line) <= 60 for line in lines))
        wizard.press("c")
        shown = wizard.see("one string, in several lines")
        self.assertIn(SECRET, "".join(line.strip() for line in shown.splitlines()))

    def test_a_terminal_that_is_too_small_says_so_and_loses_nothing(self):
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        wizard.press(" ")
        wizard.see("1 chosen")
        wizard.resize(40, 10)
        shown = wizard.see("40x10", "60x16")
        self.assertNotIn("[scopes]", shown)
        wizard.press(" ", "enter")
        wizard.resize(60, 16)
        wizard.see("[scopes]", "1 chosen")
        wizard.resize(140, 40)
        shown = wizard.see("[scopes]", "1 chosen")
        self.assertEqual(len(shown.splitlines()), 40)

    def test_the_key_follows_the_size_of_the_terminal_and_hides_where_it_does_not_fit(self):
        wizard = self.wizard(columns=100)
        self.to_secret(wizard)
        wizard.see(SECRET)
        wizard.resize(60, 16)
        shown = wizard.see("one string, in several lines")
        self.assertIn(SECRET, "".join(line.strip() for line in shown.splitlines()))
        wizard.resize(50, 10)
        self.assertNotIn("sssss", wizard.see("50x10"))
        wizard.resize(80, 24)
        wizard.see(SECRET)

    def test_columns_and_lines_of_the_environment_do_not_matter(self):
        wizard = self.wizard(columns=100, rows=30, COLUMNS="40", LINES="10")
        self.assertEqual(len(wizard.see("[access]").splitlines()), 30)

    def test_fourteen_scopes_are_on_a_page_at_80_by_24(self):
        self.catalogue(30)
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        shown = wizard.see("page 1 of 3, 30 shown")
        self.assertEqual(sum("[ ] read:resource" in line for line in shown.splitlines()), 14)
        wizard.press("page down")
        wizard.see("page 2 of 3", "> [ ] read:resource-0014")
        wizard.press("end")
        wizard.see("page 3 of 3", "> [ ] read:resource-0029")
        wizard.press("p")
        wizard.see("page 6 of 6")

    def catalogue(self, count):
        self.daemon.answers["io.claviger.Admin.ListScopes"] = {"scopes": [
            {"name": f"read:resource-{i:04}", "action": "read", "summary": f"Read the resource {i}"}
            for i in range(count)]}
        self.daemon.bundles = []

    def test_a_catalogue_as_large_as_can_be_is_searched_as_one_types(self):
        self.catalogue(4096)
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        wizard.see("4096 shown")
        wizard.press("/")
        wizard.type("resource-4095")
        wizard.see("read:resource-4095", "1 shown")
        wizard.press("enter", "escape")
        wizard.see("[expiry]")
        wizard.press("enter")
        wizard.see("1 shown")
        wizard.press("/", "escape", "a")
        wizard.see("4096 chosen")
        wizard.press("enter")
        wizard.see("[scopes]", "a key holds at most 256")


class ColourTest(WizardCase):
    def drawn(self, *words, **changes):
        wizard = self.wizard(*words, **changes)
        self.to_step(wizard, "[scopes]")
        wizard.press("enter")
        wizard.see("choose at least one scope", "* write")
        return wizard.output

    def test_colours_only_where_they_are_wanted(self):
        def coloured(*words, **changes):
            return any(colour in self.drawn(*words, **changes) for colour in COLOURS)
        self.assertTrue(coloured())
        self.assertFalse(coloured(NO_COLOR="1"))
        self.assertFalse(coloured(TERM="vt100"))

    def test_ascii_where_the_locale_has_no_more(self):
        self.assertTrue(any(box in self.drawn() for box in BOXES))
        for changes in ({"LC_ALL": "C"}, {"LC_ALL": None, "LANG": "C"}):
            self.assertTrue(self.drawn(**changes).isascii())

    def test_a_locale_that_is_not_installed_still_shows_utf_8(self):
        self.assertIn("\u2500", self.drawn(LC_ALL="xx_YY.UTF-8"))


class TextTest(WizardCase):
    def test_wide_and_combining_characters_stand_in_their_columns(self):
        name = "\u9375\u306e\u7ba1\u7406 cafe\u0301"
        wizard = self.wizard()
        self.to_step(wizard, "[name]")
        wizard.write(name)
        wizard.press("page down")
        wizard.see("[expiry]")
        wizard.press("escape")
        wizard.see("[name]")
        ends = {wcswidth(line[:line.index("]")]) for line in wizard.text().splitlines() if line.strip().startswith(("Name", "Purpose"))}
        self.assertEqual(len(ends), 1)
        wizard.press("page down", "enter")
        wizard.see("[scopes]")
        wizard.press(" ", "enter")
        wizard.see("[review]")
        wizard.press("c")
        wizard.see("This is the only time")
        self.assertEqual(self.calls(CREATE)[0]["name"], name)

    def test_pasted_lines_stay_in_their_field(self):
        for begin, end in (("\x1b[200~", "\x1b[201~"), ("", "")):
            wizard = self.wizard()
            self.to_step(wizard, "[name]")
            wizard.type(f"{begin}one\r\rtwo\rcccc\r\r\r{end}")
            shown = wizard.see("[name]", "two")
            self.assertIn("[one", shown)
            self.assertEqual(self.calls(CREATE), [])
            wizard.press("\x03")
            wizard.wait()

    def test_pasted_text_answers_no_question_and_presses_no_key(self):
        wizard = self.wizard()
        self.to_step(wizard, "[review]")
        for text in ("\x1b[200~c\x1b[201~", "cc\r\rcc", "claviger\r"):
            wizard.type(text)
            time.sleep(0.3)
            wizard.see("[review]")
        self.assertEqual(self.calls(CREATE), [])
        wizard.press("c")
        wizard.see("This is the only time")
        wizard.press("enter")
        wizard.see("Is the key saved?")
        wizard.type("yes\r")
        time.sleep(0.3)
        wizard.see("Is the key saved?")

    def test_unknown_keys_do_nothing(self):
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        for sequence in ("\x1b[24~", "\x1b[1;5C", "\x1bx", "\x1b[99~", "\x01"):
            wizard.press(sequence)
        wizard.see("[scopes]", "none chosen")

    def test_what_the_daemon_says_cannot_draw(self):
        self.daemon.answers["io.claviger.Admin.ListScopes"] = {"scopes": [
            {"name": "read:a", "action": "read", "summary": "\x1b[2J\u202eevil\r\n" + "x" * 500}]}
        self.daemon.bundles = []
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        shown = wizard.see("\\u{1B}[2J\\u{202E}evil")
        self.assertIn("step 4 of 5", shown)


if __name__ == "__main__":
    unittest.main()
