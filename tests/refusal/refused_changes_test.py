"""Issues, rotations and revocations that the policy, the catalogue or the key's own state forbids."""

import datetime
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, GOOD, INVALID, READ, REFUSED, RefusalCase, VarlinkError  # noqa: E402

DAY = 86400
NOT_FOUND = ADMIN + "KeyNotFound"
CONFLICT = ADMIN + "Conflict"
DONE = ADMIN + "RequestAlreadyDone"
ABSENT_ID = "0" * 17
BAD_IDS = ("", "x", "0" * 16, "0" * 18, "z" * 17, "clv_" + "0" * 17, "0" * 16 + "_", "0" * 16 + " ", "0" * 16 + "\0",
           "\u0660" * 17, "../../etc/passwd0", "' OR 1=1 --      ", "0" * 5000)
TOO_LARGE = (365 * DAY + 1, 2**31, 2**32, 2**53 + 1, 2**62, 2**63 - 1)
MANY_SCOPES = [f"read:thing-{number}:many" for number in range(257)]
NO_INT64 = (2**63, 2**64 - 1, 1.0, 1e3, True, "60", [60], {"s": 60})


def in_days(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Scopes(RefusalCase):
    scopes = MANY_SCOPES

    def test_an_unknown_scope_is_answered_with_the_nearest_one(self):
        for wrong, nearest in (("read:policy:admin", READ), ("read:polices:admin", READ), ("raed:policies:admin", None),
                               ("read:policies:admn", READ), ("read:nothing-at-all-like-it:x", None)):
            with self.subTest(wrong):
                error = self.refusal("CreateKey", GOOD | {"scopes": [wrong]})
                self.assertEqual(error.name, REFUSED)
                if nearest:
                    self.assertIn(f"did you mean {nearest}", error.parameters["message"])
                else:
                    self.assertNotIn("did you mean", error.parameters["message"])

    def test_one_bad_scope_among_good_ones_refuses_the_whole_key(self):
        for bad in ("read:no-such-thing:x", "read", "READ:policies:admin", "read:*:admin", ""):
            with self.subTest(bad):
                self.assert_refused("CreateKey", GOOD | {"scopes": [READ, bad, "write:policies:admin"]}, "scope")

    def test_malformed_scopes_are_refused_with_the_rule(self):
        for scope in ("read:policies:admin:x", "read::admin", ":::", "read:policies :admin", "read:policies:admin\n",
                      "read:poli\0cies:admin", "execute:policies:admin", "read:pol\u0456cies:admin", "*", "*:policies",
                      "read:pol*:admin", "read:*x", "read:" + "x" * 124, "r" * 5000):
            with self.subTest(repr(scope[:40])):
                self.assert_refused("CreateKey", GOOD | {"scopes": [scope]}, "'field': 'scopes'", "write it as")

    def test_a_pattern_is_refused_where_the_policy_does_not_allow_it(self):
        for scope in ("read:*", "read:policies:*", "read:*:admin"):
            with self.subTest(scope):
                self.assert_refused("CreateKey", GOOD | {"scopes": [scope]}, "policy forbids", "bundle")

    def test_257_scopes_are_refused_before_any_is_looked_up(self):
        for scopes in (MANY_SCOPES, [f"read:unknown-{i}:x" for i in range(257)]):
            self.assert_refused("CreateKey", GOOD | {"scopes": scopes}, "257", "256")

    def test_256_scopes_are_accepted(self):
        issued = self.admin.call(ADMIN + "CreateKey", **GOOD | {"scopes": MANY_SCOPES[:256]})
        self.accept_changes()
        self.assertEqual(issued["record"]["scopes"], sorted(MANY_SCOPES[:256]))
        self.assertTrue(self.daemon.verify(issued["key"], scopes=MANY_SCOPES[192:256])["valid"])
        self.assertEqual(self.daemon.verify(issued["key"], scopes=MANY_SCOPES[256:])["missing_scopes"], MANY_SCOPES[256:])

    def test_a_scope_named_twice_counts_once(self):
        record = self.admin.call(ADMIN + "CreateKey", **GOOD | {"scopes": [READ] * 300})["record"]
        self.assertEqual(record["scopes"], [READ])
        self.accept_changes()


class Times(RefusalCase):
    def test_an_expiry_in_the_past_names_what_is_accepted(self):
        for expiry in ("2020-01-01T00:00:00Z", in_days(-1), in_days(0)):
            with self.subTest(expiry):
                self.assert_refused("CreateKey", GOOD | {"expires_at": expiry}, "expires_at", "past", "at most")

    def test_an_expiry_beyond_the_maximum_names_it(self):
        for expiry in (in_days(366), "2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
            with self.subTest(expiry):
                self.assert_refused("CreateKey", GOOD | {"expires_at": expiry}, "expires_at", "365d", "at most")

    def test_a_lifetime_that_no_key_can_have_is_refused_and_nothing_overflows(self):
        for lifetime in (0, -1, -2**62, -2**63, *TOO_LARGE):
            for method, parameters in (("CreateKey", GOOD), ("RotateKey", {"key_id": self.key_id})):
                with self.subTest(f"{method} {lifetime}"):
                    self.assert_refused(method, parameters | {"lifetime": lifetime})

    def test_a_late_beginning_does_not_lengthen_a_life(self):
        late = {"not_before": in_days(100)}
        self.assert_refused("CreateKey", GOOD | late | {"lifetime": 365 * DAY + 1}, "365d")
        self.assert_refused("CreateKey", GOOD | late | {"expires_at": in_days(99)}, "not_before")
        for lifetime in (1, 365 * DAY):
            with self.subTest(lifetime):
                self.assert_refused("CreateKey", GOOD | {"not_before": "9999-12-31T23:59:59Z", "lifetime": lifetime})
        for moment in ("2019-12-31T23:59:59Z", "292277026596-12-04T15:30:08Z", "soon", ""):
            with self.subTest(moment):
                self.assert_refused("CreateKey", GOOD | {"not_before": moment}, "not_before")

    def test_a_grace_beyond_the_maximum_is_refused_and_nothing_overflows(self):
        for grace in (7 * DAY + 1, *TOO_LARGE):
            with self.subTest(grace):
                self.assert_refused("RotateKey", {"key_id": self.key_id, "grace": grace}, "grace", "7d")
        for grace in (-1, -2**63):
            with self.subTest(grace):
                self.assert_refused("RotateKey", {"key_id": self.key_id, "grace": grace}, "grace", name=INVALID)

    def test_what_is_no_integer_of_64_bits_is_no_length_of_time(self):
        for value in NO_INT64:
            for method, parameters, field in (("CreateKey", GOOD, "lifetime"),
                                              ("RotateKey", {"key_id": self.key_id}, "lifetime"),
                                              ("RotateKey", {"key_id": self.key_id}, "grace")):
                with self.subTest(f"{method} {field} {value!r}"):
                    self.assert_refused(method, parameters | {field: value}, field, name=INVALID)

    def test_an_expiry_and_a_lifetime_exclude_each_other(self):
        both = {"expires_at": in_days(1), "lifetime": DAY}
        self.assert_refused("CreateKey", GOOD | both, "exclude each other")
        self.assert_refused("RotateKey", {"key_id": self.key_id} | both, "exclude each other")

    def test_times_in_any_other_form_are_refused(self):
        for text in ("tomorrow", "7d", "1800000000", "2027-02-30T00:00:00Z", "2027-01-01T24:00:00Z", "2027-1-1",
                     "2027-01-01 00:00:00", "2027-01-01T00:00:00", "2027-01-01T00:00:00.5Z", "2027-01-01T00:00:00Z ",
                     "2027-01-01T00:00:00+99:00", "-2027-01-01T00:00:00Z", "\u0662027-01-01T00:00:00Z"):
            with self.subTest(text):
                self.assert_refused("CreateKey", GOOD | {"expires_at": text}, "expires_at")


class Changes(RefusalCase):
    def test_a_malformed_key_id_is_an_invalid_parameter(self):
        for method in ("GetKey", "RotateKey", "RevokeKey"):
            for key_id in BAD_IDS:
                with self.subTest(f"{method} {key_id[:20]!r}"):
                    error = self.refusal(method, {"key_id": key_id})
                    self.assertEqual((error.name, error.parameters), (INVALID, {"parameter": "key_id"}))

    def test_an_unknown_key_id_is_not_found_and_named(self):
        for method in ("GetKey", "RotateKey", "RevokeKey"):
            error = self.refusal(method, {"key_id": ABSENT_ID})
            self.assertEqual((error.name, error.parameters), (NOT_FOUND, {"key_id": ABSENT_ID}))

    def revoked_key(self):
        issued = self.daemon.create_key(name="to be revoked")
        record = self.admin.call(ADMIN + "RevokeKey", key_id=issued["record"]["key_id"], reason="first")["record"]
        self.accept_changes()
        return issued["key"], record

    def test_a_revoked_key_has_no_next_secret(self):
        key, record = self.revoked_key()
        self.assert_refused("RotateKey", {"key_id": record["key_id"]}, "revoked", name=CONFLICT)
        self.assertEqual(self.daemon.verify(key)["code"], "revoked")

    def test_revoking_a_revoked_key_changes_nothing_and_is_no_error(self):
        _, record = self.revoked_key()
        again = self.admin.call(ADMIN + "RevokeKey", key_id=record["key_id"], reason="second")["record"]
        self.assertEqual((again["end_reason"], again["version"], again["revoked_at"]),
                         ("first", record["version"], record["revoked_at"]))

    def test_a_repeated_request_issues_nothing_and_names_the_key(self):
        first = self.admin.call(ADMIN + "CreateKey", **GOOD, request_id="request 1")["record"]["key_id"]
        self.accept_changes()
        for parameters in (GOOD, GOOD | {"name": "another"}):
            error = self.refusal("CreateKey", parameters | {"request_id": "request 1"})
            self.assertEqual((error.name, error.parameters), (DONE, {"key_id": first}))
        self.assertEqual(self.refusal("RotateKey", {"key_id": self.key_id, "request_id": "request 1"}).name, DONE)

    def test_a_repeated_rotation_does_not_end_the_secret_that_it_made(self):
        issued = self.daemon.create_key()
        asked = {"key_id": issued["record"]["key_id"], "grace": 0, "request_id": "rotation 1"}
        rotated = self.admin.call(ADMIN + "RotateKey", **asked)
        self.accept_changes()
        error = self.refusal("RotateKey", asked)
        self.assertEqual((error.name, error.parameters), (DONE, {"key_id": asked["key_id"]}))
        self.assertEqual(self.daemon.verify(rotated["key"])["generation"], 2)

    def test_a_refused_request_does_not_use_up_its_id(self):
        self.assert_refused("CreateKey", GOOD | {"scopes": ["read:policy:admin"], "request_id": "second try"})
        self.assertIn("key", self.admin.call(ADMIN + "CreateKey", **GOOD, request_id="second try"))
        self.accept_changes()

    def test_repeated_requests_are_known_after_a_restart(self):
        first = self.admin.call(ADMIN + "CreateKey", **GOOD, request_id="before the restart")["record"]["key_id"]
        self.accept_changes()
        self.daemon.restart()
        with self.daemon.admin() as admin, self.assertRaises(VarlinkError) as refused:
            admin.call(ADMIN + "CreateKey", **GOOD, request_id="before the restart")
        self.assertEqual((refused.exception.name, refused.exception.parameters), (DONE, {"key_id": first}))

    def test_requests_of_one_id_in_a_pipeline_issue_one_key(self):
        calls = [(ADMIN + "CreateKey", GOOD | {"request_id": "pipelined"})] * 20
        replies = self.admin.pipeline(calls)
        self.assertIn("key", replies[0]["parameters"])
        key_id = replies[0]["parameters"]["record"]["key_id"]
        self.assertEqual(replies[1:], [{"error": DONE, "parameters": {"key_id": key_id}}] * 19)
        self.accept_changes()


class FullAccessForbidden(RefusalCase):
    def test_a_key_with_full_access_is_forbidden_by_default_whatever_the_reason(self):
        for parameters in ({"unscoped_reason": "migration"}, {"unscoped_reason": "migration", "scopes": []}):
            self.assert_refused("CreateKey", {"name": "full"} | parameters, "forbids", "scopes")

    def test_no_scopes_do_not_mean_full_access(self):
        for parameters in ({}, {"scopes": []}, {"scopes": None, "unscoped_reason": None}):
            self.assert_refused("CreateKey", {"name": "full"} | parameters, "at least one scope")


class FullAccessAllowed(RefusalCase):
    settings = {"policy": {"unscoped": "allow-with-reason"}}

    def test_a_key_with_full_access_needs_a_reason(self):
        for parameters in ({}, {"scopes": []}, {"unscoped_reason": ""}, {"unscoped_reason": " "},
                           {"unscoped_reason": "line\nbreak"}, {"unscoped_reason": "x" * 129}):
            with self.subTest(parameters):
                self.assert_refused("CreateKey", {"name": "full"} | parameters)

    def test_scopes_and_a_reason_for_none_exclude_each_other(self):
        self.assert_refused("CreateKey", GOOD | {"unscoped_reason": "migration"}, "unscoped_reason")

    def test_with_a_reason_it_is_issued_reported_and_may_do_everything(self):
        issued = self.admin.call(ADMIN + "CreateKey", name="full", unscoped_reason="migration")
        self.accept_changes()
        self.assertTrue(issued["record"]["unscoped"])
        self.assertEqual((issued["record"]["scopes"], issued["record"]["unscoped_reason"]), ([], "migration"))
        verdict = self.daemon.verify(issued["key"], scopes=[READ, "delete:anything-at-all"])
        self.assertTrue(verdict["valid"])
        self.assertNotIn("scopes", verdict)


if __name__ == "__main__":
    unittest.main(verbosity=2)
