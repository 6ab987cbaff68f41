"""Questions that cannot be answered as they are put: lists, scopes, verifications with odd parameters."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, INVALID, READ, RefusalCase, Varlink, VarlinkError  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
BAD_IDS = ("", "x", "0" * 16, "0" * 18, "z" * 17, "../../etc/passwd0", "' OR 1=1 --      ")
PAGED, FILTERED = ("ListKeys", "CheckPolicy", "ListAudit"), ("ListKeys", "CountKeys")
BAD_PLACES = ("", "x", "1", ".", "1.", "0.0", "-1.0", "01.0", "1.00", "1.0.0", "1.x0", "1.xzz", "1.xAA", "+1.0", " 1.0",
              "1.0 ", "9223372036854775807.0", "-9223372036854775808.0", "9223372036854775808.0", "1.x" + "61" * 300,
              "0" * 17)
TEXTS = ("search", "owner", "creator", "team")
TIMES = ("created_after", "created_before", "expires_after", "expires_before", "used_after", "used_before",
         "unused_since")
NO_NAMES = ("x" * 129, "\u00e9" * 65, "a\0", "\0", "a\nb", "\u202eb", "\u200b", "\x1b[2J", "x" * 60000)
NO_TIMES = ("2026-12-24", "2026-12-24T00:00:00", "24.12.2026", "2026-02-30T00:00:00Z", "7d", "now", "0", "1790000000",
            "2026-12-24T00:00:00.5Z", "1970-01-01T00:00:00Z", 1790000000)
BAD_WORDS = {
    "states": (["Active"], ["ended"], ["active", "grace"], ["active "], [""]),
    "kind": ("Scoped", "all", "unscoped "),
    "gives_scope": ("read", "read:*", "*", "read:policies:admin read:users:admin", "READ:policies:admin", "x" * 200),
    "holds_action": ("READ", "manage", "*", "read:"),
}
ADDRESSES = ("192.0.2.1", "0.0.0.0", "::1", "2001:db8::192.0.2.1", "::ffff:192.0.2.1")
NO_ADDRESSES = ("", "localhost", "256.0.0.1", "1.2.3", "1.2.3.4.5", "192.0.2.1:80", "192.0.2.1/24", "[::1]", "::1%lo",
                ":::", "12345::", "192.0.2.1\n", "192.0.2.1\0", " ::1", "1" * 60, "\u0661.2.3.4", "x" * 60000)


class Reads(RefusalCase):
    def assert_parameter_refused(self, method, parameters, fault=None):
        fault = fault or next(iter(parameters))
        with self.subTest(f"{method} {parameters}"):
            error = self.refusal(method, parameters)
            self.assertEqual((error.name, error.parameters), (INVALID, {"parameter": fault}))

    def test_a_page_has_1_to_500_entries(self):
        for method in PAGED:
            for limit in (0, -1, 501, 2**31, 2**63 - 1, -2**63, 2**63, 1.5, "10", True):
                self.assert_parameter_refused(method, {"limit": limit})
            for limit in (1, 500):
                self.assertIsInstance(self.admin.call(ADMIN + method, limit=limit), dict)

    def test_a_place_to_go_on_from_must_be_one(self):
        for method in ("ListKeys", "CheckPolicy"):
            for place in BAD_PLACES:
                self.assert_parameter_refused(method, {"after": place})
            reply = self.admin.call(ADMIN + method, after="9000000000.0")
            self.assertIn(reply, ({"keys": []}, {"violations": []}))
        for sequence in (0, -1, -2**63, 2**63, "1"):
            self.assert_parameter_refused("ListAudit", {"before": sequence})
        self.assertEqual(self.admin.call(ADMIN + "ListAudit", before=1)["records"], [])

    def test_a_place_in_one_order_is_none_in_another(self):
        number, text = "1.0", "1.x" + "test key".encode().hex()
        for sort in ("created", "-expires", "last_used"):
            self.admin.call(ADMIN + "ListKeys", sort=sort, after=number)
            self.assert_parameter_refused("ListKeys", {"after": text, "sort": sort}, "after")
        for sort in ("name", "-owner", "creator"):
            self.admin.call(ADMIN + "ListKeys", sort=sort, after=text)
            self.assert_parameter_refused("ListKeys", {"after": number, "sort": sort}, "after")
        self.assert_parameter_refused("CheckPolicy", {"after": text})

    def test_unknown_words_are_refused_and_not_ignored(self):
        for method in FILTERED:
            for name, values in BAD_WORDS.items():
                for value in values:
                    self.assert_parameter_refused(method, {name: value})
        for sort in ("", "-", "--name", "Name", "state", "name ", "scopes", "+name"):
            self.assert_parameter_refused("ListKeys", {"sort": sort})
        for action in ("", "READ", "manage", "*"):
            self.assert_parameter_refused("ListScopes", {"action": action})
        for name in ("sort", "after", "limit", "state", "owners", "unused"):
            self.assert_parameter_refused("CountKeys", {name: "created"})

    def test_a_filter_that_is_given_but_empty_does_not_mean_every_key(self):
        for method in FILTERED:
            for name in (*TEXTS, *TIMES, *BAD_WORDS):
                self.assert_parameter_refused(method, {name: [] if name == "states" else ""})

    def test_texts_that_no_key_can_have_are_refused(self):
        for method in FILTERED:
            for name in TEXTS:
                for text in NO_NAMES:
                    self.assert_parameter_refused(method, {name: text})
                self.admin.call(ADMIN + method, **{name: "x" * 128})

    def test_a_time_needs_day_time_and_zone(self):
        for method in FILTERED:
            for name in TIMES:
                for time in NO_TIMES:
                    self.assert_parameter_refused(method, {name: time})
                self.admin.call(ADMIN + method, **{name: "2026-12-24T01:00:00+01:00"})

    def test_a_range_does_not_end_before_it_begins(self):
        early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
        for method in FILTERED:
            for kind in ("created", "expires", "used"):
                after, before = f"{kind}_after", f"{kind}_before"
                self.assert_parameter_refused(method, {after: late, before: early}, after)
                for first, last in ((early, late), (early, early)):
                    self.admin.call(ADMIN + method, **{after: first, before: last})

    def test_filters_of_a_wrong_type_are_refused(self):
        for method in FILTERED:
            for name in (*TEXTS, *TIMES, "kind", "gives_scope", "holds_action"):
                for value in (1, True, ["x"], {}):
                    self.assert_parameter_refused(method, {name: value})
            for value in ("true", 0, 1, []):
                self.assert_parameter_refused(method, {"used": value})
            for value in ("active", [1], ["active", None], {"active": True}):
                self.assert_parameter_refused(method, {"states": value})

    def test_lengths_of_a_review_are_not_negative_and_end(self):
        century = 36525 * 86400
        for name in ("expiring_within", "unused_for", "never_used_for", "lifetime_over"):
            for length in (-1, century + 1, -2**63, 2**63 - 1, 2**63, 1.5, "30d", True):
                self.assert_parameter_refused("GetReview", {name: length})
            for length in (0, century):
                self.assertEqual(len(self.admin.call(ADMIN + "GetReview", **{name: length})["findings"]), 11)

    def test_reads_without_parameters_take_none(self):
        for method in ("GetPolicy", "ListBundles", "GetStatus", "GetStatistics"):
            self.assert_parameter_refused(method, {"limit": 1})

    def test_filters_that_nothing_matches_give_empty_lists(self):
        nothing = [{"owner": "nobody at all"}, {"owner": "' OR 1=1 --"}, {"owner": "%"}, {"search": "%"}, {"search": "_"},
                   {"search": "' OR 1=1 --"}, {"search": "\\"}, {"creator": "*"}, {"team": "%"},
                   {"gives_scope": "read:no-such"}, {"states": ["revoked"]}, {"kind": "unscoped"},
                   {"holds_action": "delete"}]
        for filters in nothing:
            with self.subTest(filters):
                self.assertEqual(self.admin.call(ADMIN + "ListKeys", **filters)["keys"], [])
                self.assertEqual(self.admin.call(ADMIN + "CountKeys", **filters)["keys"], 0)
        for filters in ({"domain": "no-such"}, {"search": "\0"}, {"search": "x" * 60000}):
            self.assertEqual(self.admin.call(ADMIN + "ListScopes", **filters)["scopes"], [])
        for subject in ("", "0" * 17, "%"):
            records = self.admin.call(ADMIN + "ListAudit", subject=subject)["records"]
            self.assertEqual(bool(records), subject == "")

    def test_an_id_that_is_none_is_refused_and_one_of_no_key_is_not_found(self):
        for key_id in BAD_IDS:
            self.assert_parameter_refused("GetKey", {"key_id": key_id})
        error = self.refusal("GetKey", {"key_id": "0" * 17})
        self.assertEqual((error.name, error.parameters), (ADMIN + "KeyNotFound", {"key_id": "0" * 17}))

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
