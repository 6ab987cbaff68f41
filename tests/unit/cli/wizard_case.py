"""What the tests of the wizard share."""

import tempfile
import unittest

from fake_daemon import FakeDaemon
from fake_keys import KEY
from wizard_terminal import Screened

CREATE = "io.claviger.Admin.CreateKey"
PREVIEW = "io.claviger.Admin.PreviewKey"
SECRET = KEY.format(n=1)
STEPS = ("[access]", "[name]", "[expiry]", "[scopes]", "[review]")


class WizardCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="clv-wizard-"))

    def wizard(self, *words, **options):
        return self.enterContext(Screened(self.daemon.directory, "key", "create", *words, **options))

    def calls(self, method):
        return [parameters for name, parameters in self.daemon.calls if name == method]

    @staticmethod
    def to_step(wizard, step):
        """From the first page to one of STEPS, by the shortest answers that do."""
        wizard.see("[access]", "with scopes (recommended)")
        acts = [("enter",), ("w", "i", "k", "i", "page down"), ("enter",), (" ", "enter")]
        for shown, act in zip(STEPS[1:], acts):
            if STEPS.index(step) < STEPS.index(shown):
                return
            wizard.press(*act)
            wizard.see(shown)

    def to_secret(self, wizard):
        self.to_step(wizard, "[review]")
        wizard.press("c")
        wizard.see("This is the only time", SECRET[-8:])

    def leaves_nothing(self, wizard, status):
        self.assertEqual(wizard.wait(), status)
        self.assertTrue(wizard.modes_restored())
        self.assertFalse(wizard.on_alternate)
        self.assertEqual(self.calls(CREATE), [])
