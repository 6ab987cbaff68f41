"""The steps of the wizard of `claviger key create`, in a terminal whose screen is read."""

import unittest

from fake_keys import KEY
from wizard_case import CREATE, STEPS, WizardCase
from wizard_terminal import show

SIZES = ((80, 24), (140, 40))


class StepsTest(WizardCase):
    def test_six_steps_make_a_key_at_every_size(self):
        for number, (columns, rows) in enumerate(SIZES, 1):
            wizard = self.wizard(columns=columns, rows=rows)
            wizard.see("step 1 of 5", "with scopes (recommended)")
            show(wizard, "access")
            wizard.press("enter")
            wizard.see("step 2 of 5")
            for text in ("wiki backup", "copies the wiki", "alice", "ops"):
                wizard.write(text)
                wizard.see(f"[{text}")
                show(wizard, "name")
                wizard.press("enter")
            wizard.see("step 3 of 5", "(*) 7 days")
            wizard.press("down")
            wizard.see("(*) 30 days")
            show(wizard, "expiry")
            wizard.press("enter")
            wizard.see("step 4 of 5", "none chosen")
            wizard.press("/")
            wizard.write("domains")
            wizard.see("search: [domains", "1 shown")
            wizard.press("enter", " ")
            wizard.see("[x] read:domains:admin", "1 chosen: 1 read, 0 write, 0 delete")
            show(wizard, "scopes")
            wizard.press("enter")
            wizard.see("step 5 of 5", "It can read domains of admin", "wiki backup", "alice", "ops")
            show(wizard, "review")
            self.assertEqual(len(self.calls(CREATE)), number - 1)
            wizard.press("c")
            wizard.see(KEY.format(n=number), "This is the only time")
            show(wizard, "secret")
            wizard.press("enter")
            wizard.see("Is the key saved?")
            wizard.press("y")
            self.assertEqual(wizard.wait(), 0)
            created = self.calls(CREATE)[-1]
            self.assertTrue(created.pop("request_id").startswith("wizard-"))
            self.assertEqual(created, {"name": "wiki backup", "description": "copies the wiki", "owner": "alice",
                                       "team": "ops", "lifetime": 30 * 86400, "scopes": ["read:domains:admin"]})

    def test_the_same_is_shown_as_a_command_that_makes_the_same_key(self):
        wizard = self.wizard(columns=140, rows=40)
        self.to_secret(wizard)
        wizard.press("enter", "y")
        self.assertEqual(wizard.wait(), 0)
        self.assertIn("claviger key create --name wiki --expires 7d --scope read:domains:admin", wizard.text())

    def test_back_keeps_what_was_answered(self):
        wizard = self.wizard()
        self.to_step(wizard, "[review]")
        for step, kept in (("[scopes]", "[x] read:domains:admin"), ("[expiry]", "(*) 7 days"), ("[name]", "[wiki "),
                           ("[access]", "(*) with scopes")):
            wizard.press("escape")
            wizard.see(step, kept)
        wizard.press("escape")
        wizard.see("Leave without a key?")
        wizard.press("n")
        for step in STEPS[1:]:
            wizard.press("page down" if step == "[expiry]" else "enter")
            wizard.see(step)
        wizard.press("escape")
        wizard.see("[scopes]")
        self.assertEqual(self.calls(CREATE), [])

    def test_leaving_by_the_keyboard_is_asked_and_does_nothing(self):
        wizard = self.wizard()
        wizard.see("[access]")
        wizard.press("escape", "y")
        self.leaves_nothing(wizard, 1)
        self.assertIn("no key was created", wizard.text())

    def test_every_page_shows_its_keys_and_has_help(self):
        wizard = self.wizard()
        for step in STEPS:
            self.to_step(wizard, step) if step == STEPS[0] else wizard.press(
                *{"[name]": ["enter"], "[expiry]": ["w", "page down"], "[scopes]": ["enter"],
                  "[review]": [" ", "enter"]}[step])
            shown = wizard.see(step)
            self.assertIn("Esc", shown.splitlines()[-1] + shown.splitlines()[-2])
            wizard.press("f1")
            wizard.see("any key back to the page", "Ctrl-C leaves at once")
            wizard.press("x")
            wizard.see_gone("any key back")
            wizard.see(step)

    def test_a_bundle_is_chosen_as_a_whole(self):
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        wizard.press("tab")
        wizard.see("[ ] read-only")
        wizard.press(" ", "tab")
        wizard.see("[b] read:domains:admin", "[b] read:policies:admin", "[ ] write:policies:admin", "2 chosen")
        wizard.press("enter")
        wizard.see("[review]", "read-only")
        wizard.press("c")
        wizard.see("This is the only time")
        created = self.calls(CREATE)[-1]
        self.assertEqual(created["bundles"], ["read-only"])
        self.assertNotIn("scopes", created)

    def test_filter_page_size_and_all_shown(self):
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        wizard.press("r")
        wizard.see("show: read", "2 shown")
        self.assertNotIn("write:policies", wizard.text())
        wizard.press("a")
        wizard.see("2 chosen: 2 read, 0 write, 0 delete")
        wizard.press("r", "w")
        wizard.see("show: write", "* write")
        wizard.press("w", "p")
        wizard.see("3 shown")
        wizard.press("a", "a")
        wizard.see("none chosen")
        wizard.press("enter")
        wizard.see("[scopes]", "choose at least one scope")

    def test_an_unscoped_key_needs_the_policy_and_a_reason(self):
        wizard = self.wizard()
        wizard.see("[access]", "(not offered)")
        wizard.press("down", "enter")
        wizard.see("[access]", "the policy does not let you issue keys without scopes")
        wizard.press("\x03")
        wizard.wait()
        policy = dict(self.daemon.GetPolicy(), unscoped="allow-with-reason")
        self.daemon.answers["io.claviger.Admin.GetPolicy"] = policy
        wizard = self.wizard()
        wizard.see("[access]", "(not recommended)", "read, write and delete everything")
        wizard.press("down", "enter")
        wizard.see("Reason")
        wizard.press("enter")
        wizard.see("say why this key cannot do with scopes")
        wizard.write("old proxy")
        wizard.press("enter")
        wizard.see("step 2 of 4")
        wizard.press("w", "page down")
        wizard.see("[expiry]")
        wizard.press("enter")
        wizard.see("[review]", "There is nothing that it cannot do", "! it has full access", "old proxy")
        wizard.press("c")
        wizard.see("This is the only time")
        self.assertEqual(self.calls(CREATE)[-1]["unscoped_reason"], "old proxy")


if __name__ == "__main__":
    unittest.main()
