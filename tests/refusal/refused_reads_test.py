"""Questions that cannot be answered as they are put: lists, scopes, verifications with odd parameters."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, INVALID, READ, RefusalCase, Varlink, VarlinkError  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
BAD_IDS = ("", "x", "0" * 16, "0" * 18, "z" * 17, "../../etc/passwd0", "' OR 1=1 --      ")
ADDRESSES = ("192.0.2.1", "0.0.0.0", "::1", "2001:db8::192.0.2.1", "::ffff:192.0.2.1")
NO_ADDRESSES = ("", "localhost", "256.0.0.1", "1.2.3", "1.2.3.4.5", "192.0.2.1:80", "192.0.2.1/24", "[::1]", "::1%lo",
                ":::", "12345::", "192.0.2.1\n", "192.0.2.1\0", " ::1", "1" * 60, "\u0661.2.3.4", "x" * 60000)


class Reads(RefusalCase):
    def assert_parameter_refused(self, method, parameters):
        fault, = parameters
        with self.subTest(f"{method} {parameters}"):
            error = self.refusal(method, parameters)
            self.assertEqual((error.name, error.parameters), (INVALID, {"parameter": fault}))

    def test_a_page_has_1_to_500_entries(self):
        for method in ("ListKeys", "ListAudit"):
            for limit in (0, -1, 501, 2**31, 2**63 - 1, -2**63, 2**63, 1.5, "10", True):
                self.assert_parameter_refused(method, {"limit": limit})
            for limit in (1, 500):
                self.assertIsInstance(self.admin.call(ADMIN + method, limit=limit), dict)

    def test_a_place_to_go_on_from_must_be_one(self):
        for key_id in BAD_IDS:
            self.assert_parameter_refused("ListKeys", {"after": key_id})
        for sequence in (0, -1, -2**63, 2**63, "1"):
            self.assert_parameter_refused("ListAudit", {"before": sequence})
        self.assertEqual(self.admin.call(ADMIN + "ListKeys", after="1" + "0" * 16)["keys"], [])
        self.assertEqual(self.admin.call(ADMIN + "ListAudit", before=1)["records"], [])

    def test_unknown_states_and_actions_are_refused_and_not_ignored(self):
        for state in ("", "Active", "ended", "grace", "active "):
            self.assert_parameter_refused("ListKeys", {"state": state})
        for action in ("", "READ", "manage", "*"):
            self.assert_parameter_refused("ListScopes", {"action": action})

    def test_filters_that_nothing_matches_give_empty_lists(self):
        for owner in ("nobody at all", "' OR 1=1 --", "%"):
            self.assertEqual(self.admin.call(ADMIN + "ListKeys", owner=owner)["keys"], [])
        for filters in ({"domain": "no-such"}, {"search": "\0"}, {"search": "x" * 60000}):
            self.assertEqual(self.admin.call(ADMIN + "ListScopes", **filters)["scopes"], [])
        for subject in ("", "0" * 17, "%"):
            records = self.admin.call(ADMIN + "ListAudit", subject=subject)["records"]
            self.assertEqual(bool(records), subject == "")

    def test_an_unknown_scope_is_answered_with_the_nearest(self):
        error = self.refusal("GetScope", {"name": "read:policy:admin"})
        self.assertEqual((error.name, error.parameters),
                         (ADMIN + "ScopeNotFound", {"name": "read:policy:admin", "nearest": READ}))
        for name in ("", "\0", "x" * 5000):
            error = self.refusal("GetScope", {"name": name})
            self.assertEqual((error.name, error.parameters), (ADMIN + "ScopeNotFound", {"name": name}))

    def test_a_remote_address_must_be_one(self):
        with self.daemon.verifier() as verifier:
            for address in ADDRESSES:
                self.assertTrue(verifier.call(VERIFY, key=self.key, remote_address=address)["valid"])
            for address in NO_ADDRESSES:
                with self.subTest(repr(address[:20])):
                    with self.assertRaises(VarlinkError) as refused:
                        verifier.call(VERIFY, key=self.key, remote_address=address)
                    self.assertEqual((refused.exception.name, refused.exception.parameters),
                                     (INVALID, {"parameter": "remote_address"}))

    def test_a_description_of_an_unknown_interface_is_refused_by_name(self):
        for name in ("io.example.Other", "", "io.claviger", "IO.CLAVIGER.ADMIN"):
            self.admin.send_raw(Varlink.frame("org.varlink.service.GetInterfaceDescription", {"interface": name}))
            self.assertEqual(self.admin.receive(), {"error": "org.varlink.service.InterfaceNotFound",
                                                    "parameters": {"interface": name}})


if __name__ == "__main__":
    unittest.main(verbosity=2)
