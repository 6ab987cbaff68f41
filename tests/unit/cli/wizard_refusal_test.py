"""What the wizard does when the daemon, or it itself, refuses something."""

import signal
import unittest

from fake_keys import Close, Refusal
from wizard_case import CREATE, PREVIEW, WizardCase


class RefusalsTest(WizardCase):
    def test_a_refusal_leads_to_the_page_of_its_field(self):
        rows = (("team", "[name]"), ("expires_at", "[expiry]"), ("scopes", "[scopes]"))
        for field, step in rows:
            self.daemon.answers[PREVIEW] = Refusal("io.claviger.Admin.Refused", field=field, message=f"no such {field}")
            wizard = self.wizard()
            self.to_step(wizard, "[scopes]")
            wizard.press(" ", "enter")
            shown = wizard.see(step, f"no such {field}")
            self.assertNotIn("--", shown)
            del self.daemon.answers[PREVIEW]
            wizard.press("\x03")
            wizard.wait()

    def test_a_refused_create_goes_back_and_can_be_mended(self):
        wizard = self.wizard()
        self.to_step(wizard, "[review]")
        self.daemon.answers[CREATE] = Refusal("io.claviger.Admin.Refused", field="name", message="that name is taken")
        wizard.press("c")
        wizard.see("[name]", "that name is taken", "[wiki ")
        del self.daemon.answers[CREATE]
        wizard.press("2", "page down")
        wizard.see("[expiry]")
        wizard.press("enter")
        wizard.see("[scopes]")
        wizard.press("enter")
        wizard.see("[review]", "wiki2")
        wizard.press("c")
        wizard.see("This is the only time")

    def test_names_and_ends_are_checked_before_the_daemon_is_asked(self):
        wizard = self.wizard()
        self.to_step(wizard, "[name]")
        wizard.press("page down")
        wizard.see("[name]", "name: must be given")
        wizard.press("w", "page down")
        wizard.see("[expiry]")
        wizard.press(*["down"] * 5)
        wizard.write("2020-01-01")
        wizard.press("enter")
        wizard.see("[expiry]", "that is in the past")
        wizard.press("ctrl-u")
        wizard.write("900d")
        wizard.press("enter")
        wizard.see("[expiry]", "the longest that may be asked for is 365 days")
        self.assertEqual(self.calls(PREVIEW), [])

    def test_a_lost_answer_is_asked_for_again_with_the_same_request(self):
        wizard = self.wizard()
        self.to_step(wizard, "[review]")

        def lost(**parameters):
            self.daemon.CreateKey(**parameters)
            return Close()

        self.daemon.answers[CREATE] = lost
        wizard.press("c")
        wizard.see("[review]", "no answer from the daemon", "asking again makes no second key")
        del self.daemon.answers[CREATE]
        wizard.press("c")
        wizard.see("was done before, with key 00000000000000001", "claviger key rotate")
        self.assertEqual(len({call["request_id"] for call in self.calls(CREATE)}), 1)
        self.assertEqual(len(self.daemon.keys), 1)
        wizard.press("\x03")
        self.assertEqual(wizard.wait(), -signal.SIGINT)
        self.assertIn("00000000000000001", wizard.text())

    def test_a_daemon_that_cannot_review_loses_no_answer(self):
        self.daemon.answers[PREVIEW] = Refusal("io.claviger.Admin.Unavailable", message="the token is away",
                                               unknown_outcome=False)
        wizard = self.wizard()
        self.to_step(wizard, "[review]")
        wizard.see("the token is away", "r ask again")
        wizard.press("c")
        wizard.see("the token is away", "r ask again")
        self.assertEqual(self.calls(CREATE), [])
        del self.daemon.answers[PREVIEW]
        wizard.press("r")
        wizard.see("It can read domains", "c create the key")

    def test_who_may_issue_nothing_is_told_before_any_question(self):
        self.daemon.answers["io.claviger.Admin.GetPolicy"] = dict(self.daemon.GetPolicy(), ceilings=[])
        wizard = self.wizard()
        self.assertEqual(wizard.wait(), 4)
        self.assertIn("no ceiling names you", wizard.text())

    def test_an_issuer_sees_only_what_a_ceiling_covers(self):
        self.daemon.answers["io.claviger.Admin.GetPolicy"] = dict(self.daemon.GetPolicy(), ceilings=[
            {"scopes": ["read:*"], "owners": ["self"], "maximum_lifetime": 30 * 86400, "unscoped": False}])
        wizard = self.wizard()
        self.to_step(wizard, "[expiry]")
        wizard.see("(*) 7 days", "30 days")
        self.assertNotIn("90 days", wizard.text())
        wizard.press("enter")
        wizard.see("2 shown", "(1 more are not yours to grant)")


if __name__ == "__main__":
    unittest.main()
