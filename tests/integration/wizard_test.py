"""The wizard of `claviger key create` in a terminal, against the daemon, its token and its database."""

import os
import re
import shlex
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "unit", "cli")]

from claviger_harness import Daemon  # noqa: E402
from wizard_terminal import Screened, show  # noqa: E402

KEY = re.compile(r"clv_[0-9A-Za-z]{17}_[0-9A-Za-z]{49}")
ME = f"uid:{os.getuid()}"
RULES = [{"scopes": ["delete:*"], "maximum_lifetime": "1d"}]


class WizardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(Daemon(settings={"rule": RULES}))

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="clv-wizard-"))

    def wizard(self, *words, daemon=None, **options):
        directory = (daemon or self.daemon).socket_directory
        return self.enterContext(Screened(directory, "key", "create", *words, **options))

    def to_scopes(self, wizard, name, *expiry):
        wizard.see("step 1 of 5")
        wizard.press("enter")
        wizard.see("step 2 of 5")
        wizard.write(name)
        wizard.press("page down")
        wizard.see("step 3 of 5")
        wizard.press(*expiry, "enter")
        wizard.see("step 4 of 5", "22 shown")

    def record(self, key):
        with self.daemon.admin() as admin:
            return admin.call("io.claviger.Admin.GetKey", key_id=key.split("_")[1])["record"]

    def search(self, wizard, text):
        wizard.press("/")
        wizard.write(text)
        wizard.press("enter")

    def test_a_key_made_in_six_steps_can_do_what_was_chosen_and_no_more(self):
        for columns, rows in ((80, 24), (140, 40)):
            wizard = self.wizard(columns=columns, rows=rows)
            self.to_scopes(wizard, f"wiki {columns}")
            show(wizard, "scopes")
            self.search(wizard, "policies")
            wizard.press(" ")
            wizard.see("1 chosen: 0 read, 0 write, 1 delete")
            wizard.press(" ", "down", " ")
            wizard.see("1 chosen: 1 read, 0 write, 0 delete")
            wizard.press("enter")
            wizard.see("step 5 of 5", "It can read policies of admin. It cannot write or delete anything.")
            show(wizard, "review")
            wizard.press("c")
            wizard.see("This is the only time")
            show(wizard, "secret")
            key = KEY.search(wizard.text()).group()
            wizard.press("enter", "y")
            self.assertEqual(wizard.wait(), 0)
            self.assertNotIn(key, wizard.scrollback())
            self.assertTrue(wizard.modes_restored())
            self.assertTrue(self.daemon.verify(key, scopes=["read:policies:admin"])["valid"])
            self.assertFalse(self.daemon.verify(key, scopes=["delete:policies:admin"])["valid"])
            self.assertEqual(self.record(key)["name"], f"wiki {columns}")

    def test_the_command_that_is_shown_makes_the_same_key(self):
        path = os.path.join(self.folder, "key")
        wizard = self.wizard(columns=140, rows=40)
        self.to_scopes(wizard, "it's one")
        wizard.press(" ", "down", " ", "enter")
        wizard.see("step 3 of 5", "1d")  # the rule for delete
        wizard.press("up", "enter")
        wizard.see("step 4 of 5")
        wizard.press("enter")
        wizard.see("step 5 of 5")
        wizard.press("c")
        wizard.see("This is the only time")
        wizard.press("f")
        wizard.write(path)
        wizard.press("enter")
        wizard.see("written")
        wizard.press("enter")
        self.assertEqual(wizard.wait(), 0)
        with open(path, encoding="ascii") as file:
            first = self.record(file.read().strip())
        command = wizard.text().split("The same as a command:")[1].replace("\\\n", " ")
        words = shlex.split(command)
        self.assertEqual(words[0], "claviger")
        made = self.daemon.cli(*words[1:])
        self.assertEqual(made.returncode, 0, made.stderr)
        second = self.record(made.stdout.strip())
        for field in ("name", "scopes", "owner", "unscoped"):
            self.assertEqual(first[field], second[field])

    def test_a_warning_of_the_policy_is_on_the_review(self):
        wizard = self.wizard()
        self.to_scopes(wizard, "sweeper", "home", "up", "up")
        wizard.press(" ", "enter")
        wizard.see("step 5 of 5", "It can delete", "! ")

    def test_leaving_makes_no_key_and_no_record(self):
        def counts():
            with self.daemon.admin() as admin:
                return (admin.call("io.claviger.Admin.GetStatus")["keys"],
                        admin.call("io.claviger.Admin.ListAudit", limit=1)["records"][0]["sequence"])
        before = counts()
        wizard = self.wizard()
        self.to_scopes(wizard, "never")
        wizard.press(" ", "up", "enter")
        wizard.press("\x03")
        wizard.wait()
        self.assertEqual(counts(), before)

    def test_line_by_line(self):
        path = os.path.join(self.folder, "key")
        wizard = self.wizard("--plain")
        for question, answer in (("Number [1]:", ""), ("Name:", "plain"), ("Purpose", ""), ("Owner", ""), ("Team", ""),
                                 ("Number [2]:", "2"), ("Scopes (0 chosen", "read:domains:admin"),
                                 ("Scopes (1 chosen", ""), ("Type create", "create"), ("Number [1]:", "1"),
                                 ("File:", path)):
            wizard.expect(question)
            wizard.output = ""
            wizard.type(answer + "\n")
        self.assertEqual(wizard.wait(), 0)
        with open(path, encoding="ascii") as file:
            self.assertTrue(self.daemon.verify(file.read().strip(), scopes=["read:domains:admin"])["valid"])

    def test_an_issuer_is_led_within_the_ceiling(self):
        ceiling = {"members": [ME], "scopes": ["read:*"], "owners": ["self"], "maximum_lifetime": "3d"}
        with Daemon() as daemon:
            daemon.write_config({"roles": {"admin": ["uid:65533"], "issuer": [ME]}, "ceiling": [ceiling]})
            daemon.restart()
            wizard = self.wizard(daemon=daemon)
            wizard.see("step 1 of 5", "(not offered)")
            wizard.press("enter")
            wizard.see("step 2 of 5")
            wizard.write("mine")
            wizard.press("tab", "tab")
            wizard.write("nobody")
            wizard.press("page down")
            wizard.see("step 3 of 5", "3 days")
            self.assertNotIn("7 days", wizard.text())
            wizard.press("enter")
            wizard.see("step 4 of 5", "are not yours to grant")
            self.assertNotIn("delete", wizard.text().split("show:")[1].split("chosen")[0])
            wizard.press(" ", "enter")
            wizard.see("step 2 of 5", "nobody")  # an owner beyond the ceiling
            wizard.press("ctrl-u", "page down")
            wizard.see("step 3 of 5")
            wizard.press("enter")
            wizard.see("step 4 of 5")
            wizard.press("enter")
            wizard.see("step 5 of 5")
            wizard.press("c")
            wizard.see("This is the only time")
            wizard.press("enter", "y")
            self.assertEqual(wizard.wait(), 0)


if __name__ == "__main__":
    unittest.main()
