"""What the tests of refusals share: a daemon per class that must be as it was after each test."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink, VarlinkError  # noqa: E402

__all__ = ["ADMIN", "GOOD", "INVALID", "READ", "REFUSED", "RefusalCase", "Varlink", "VarlinkError"]

ADMIN = "io.claviger.Admin."
REFUSED = "io.claviger.Admin.Refused"
INVALID = "org.varlink.service.InvalidParameter"
READ = "read:policies:admin"
GOOD = {"name": "good", "scopes": [READ]}
USAGE = ("first_used_at", "last_used_at", "last_used_by_uid", "uses", "denials", "last_denied_at", "last_denied_by_uid",
         "last_denial", "ended_secret_presented_at")


class RefusalCase(unittest.TestCase):
    """Starts `cls.daemon` with `cls.settings` and one key, `cls.key`. After each test the keys and the acts on record
    are those that were there before it, and the key is still valid: the daemon serves, and nothing was lost or made.
    A test that changes something on purpose calls `self.accept_changes()`."""

    settings = {}
    scopes = ()  # catalogued besides those of the harness

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(settings=cls.settings)
        with open(os.path.join(cls.daemon.scopes_directory, "own.toml"), "w", encoding="utf-8") as file:
            file.writelines(f'[[scope]]\nname = "{scope}"\nsummary = "Of this test"\n' for scope in cls.scopes)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        issued = cls.daemon.create_key()
        cls.key, cls.key_id = issued["key"], issued["record"]["key_id"]
        # From here on it is answered without the token, whose deadline a flooded loop may miss.
        if not cls.daemon.verify(cls.key)["valid"]:
            raise AssertionError("the key of this class is not valid")

    def setUp(self):
        self.admin = self.enterContext(self.daemon.admin())
        self.accept_changes()
        self.addCleanup(self.check_unchanged)

    def everything(self):
        with self.daemon.admin() as admin:
            keys = admin.call(ADMIN + "ListKeys", limit=500)["keys"]
            for key in keys:
                for field in USAGE:
                    key.pop(field, None)
            return keys, admin.call(ADMIN + "ListAudit", limit=500)["records"]

    def accept_changes(self):
        self.before = self.everything()

    def check_unchanged(self):
        self.assertEqual(self.everything(), self.before)
        self.assertTrue(self.daemon.verify(self.key)["valid"])

    def refusal(self, method, parameters):
        """The VarlinkError that an admin method is answered with."""
        with self.assertRaises(VarlinkError, msg=f"{method} {parameters}") as refused:
            self.admin.call(ADMIN + method, **parameters)
        return refused.exception

    def assert_refused(self, method, parameters, *texts, name=REFUSED):
        error = self.refusal(method, parameters)
        self.assertEqual(error.name, name, error)
        for text in texts:
            self.assertIn(text, str(error.parameters))
