"""Changes of several keys, edits and leak reports that are wrong in form: refused whole, before anything is done."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from refusal_case import ADMIN, INVALID, READ, RefusalCase  # noqa: E402

NOT_FOUND = ADMIN + "KeyNotFound"
CONFLICT = ADMIN + "Conflict"
ABSENT_ID = "0" * 17
MOST = 100  # keys in one call
WITH_REASON = ("RevokeKeys", "PauseKeys")
ALL = (*WITH_REASON, "ResumeKeys", "PurgeKeys")
BAD_REASONS = ("line\nbreak", "nul\0", "bell\a", "right\u202eleft", " ", " x", "x ", "x" * 129)


class Bulk(RefusalCase):
    def test_an_empty_list_is_refused(self):
        for method in ALL:
            self.assert_refused(method, {"key_ids": []}, "key_ids", "at least one")

    def test_a_list_that_is_missing_or_of_another_type_is_an_invalid_parameter(self):
        for method in ALL:
            for parameters in ({}, {"key_ids": None}, {"key_ids": self.key_id}, {"key_ids": {}}, {"key_ids": [1]},
                               {"key_ids": [None]}, {"key_ids": [[self.key_id]]}):
                with self.subTest(f"{method} {parameters}"):
                    self.assert_refused(method, parameters, "key_ids", name=INVALID)

    def test_101_keys_are_refused_even_if_they_are_one_and_100_are_taken(self):
        for method in ALL:
            self.assert_refused(method, {"key_ids": [self.key_id] * (MOST + 1)}, "key_ids", "101", "100")
        reply = self.admin.call(ADMIN + "ResumeKeys", key_ids=[self.key_id] * MOST)
        self.assertEqual((reply["done"], reply["unchanged"], reply["refused"]), ([], [self.key_id], []))

    def test_one_text_that_is_no_key_id_refuses_all(self):
        for method in ALL:
            for wrong in ("", "x", "0" * 16, "0" * 18, "z" * 17, "\u0660" * 17, "' OR 1=1 --      "):
                with self.subTest(f"{method} {wrong!r}"):
                    self.assert_refused(method, {"key_ids": [self.key_id, wrong]}, "key_ids")

    def test_unknown_keys_are_refused_each_for_itself(self):
        for method in ALL:
            reply = self.admin.call(ADMIN + method, key_ids=[ABSENT_ID])
            self.assertEqual(reply, {"done": [], "unchanged": [],
                                     "refused": [{"key_id": ABSENT_ID, "message": "there is no such key"}]})

    def test_a_reason_that_could_not_be_shown_is_refused(self):
        for method in WITH_REASON:
            for reason in BAD_REASONS:
                with self.subTest(f"{method} {reason!r}"):
                    self.assert_refused(method, {"key_ids": [self.key_id], "reason": reason}, "reason")
        for reason in BAD_REASONS:
            self.assert_refused("RevokeKey", {"key_id": self.key_id, "reason": reason}, "reason")

    def test_only_revoking_and_pausing_have_a_reason(self):
        for method in ("ResumeKeys", "PurgeKeys"):
            self.assert_refused(method, {"key_ids": [self.key_id], "reason": "x"}, "reason", name=INVALID)

    def test_a_live_key_is_not_purged(self):
        reply = self.admin.call(ADMIN + "PurgeKeys", key_ids=[self.key_id])
        self.assertEqual((reply["done"], [entry["key_id"] for entry in reply["refused"]]), ([], [self.key_id]))


class Edits(RefusalCase):
    def edit(self, **fields):
        return {"key_id": self.key_id} | fields

    def test_a_key_that_is_not_there_is_not_found(self):
        error = self.refusal("EditKey", {"key_id": ABSENT_ID, "name": "x"})
        self.assertEqual((error.name, error.parameters), (NOT_FOUND, {"key_id": ABSENT_ID}))
        for wrong in ("", "x", "0" * 18):
            self.assert_refused("EditKey", {"key_id": wrong, "name": "x"}, "key_id", name=INVALID)

    def test_an_edit_that_changes_nothing_is_refused(self):
        for fields in ({}, {"name": "test key"}, {"scopes": [READ]}, {"dry_run": True}, {"version": 1}):
            with self.subTest(fields):
                self.assert_refused("EditKey", self.edit(**fields), "nothing would change")

    def test_what_breaks_a_rule_is_refused_with_its_field(self):
        for fields, field in (({"name": ""}, "name"), ({"name": "a\nb"}, "name"), ({"owner": ""}, "owner"),
                              ({"team": "x" * 129}, "team"), ({"description": "x" * 1025}, "description"),
                              ({"scopes": []}, "scopes"), ({"bundles": []}, "scopes"),
                              ({"scopes": ["read:policy:admin"]}, "scopes"), ({"scopes": ["read:*"]}, "scopes"),
                              ({"bundles": ["no-such-bundle"]}, "bundles"), ({"expires_at": "soon"}, "expires_at"),
                              ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
                              ({"expires_at": "2999-01-01T00:00:00Z"}, "expires_at")):
            for dry_run in (False, True):
                with self.subTest(f"{fields} {dry_run}"):
                    error = self.refusal("EditKey", self.edit(**fields, dry_run=dry_run))
                    self.assertEqual((error.name, error.parameters["field"]), (ADMIN + "Refused", field))

    def test_values_of_another_type_are_invalid_parameters(self):
        for fields in ({"name": 1}, {"scopes": READ}, {"scopes": [1]}, {"version": "1"}, {"version": 0},
                       {"version": -1}, {"version": 2**63}, {"dry_run": "yes"}, {"dry_run": 1}, {"lifetime": 60}):
            with self.subTest(fields):
                self.assert_refused("EditKey", self.edit(**{"name": "x"} | fields), *fields, name=INVALID)

    def test_another_version_is_a_conflict(self):
        for version in (2, 2**62):
            self.assert_refused("EditKey", self.edit(name="x", version=version), "version 1", name=CONFLICT)

    def test_a_revoked_key_is_not_edited(self):
        key_id = self.daemon.create_key()["record"]["key_id"]
        self.admin.call(ADMIN + "RevokeKey", key_id=key_id)
        self.accept_changes()
        self.assert_refused("EditKey", {"key_id": key_id, "name": "x"}, "revoked", name=CONFLICT)


class Leaks(RefusalCase):
    def test_a_report_without_a_key_string_is_an_invalid_parameter(self):
        for parameters in ({}, {"key": None}, {"key": 1}, {"key": [self.key]}, {"source": "x"}):
            self.assert_refused("ReportLeak", parameters, "key", name=INVALID)

    def test_a_refused_report_revokes_nothing(self):
        for source in (*BAD_REASONS[:-1], "x" * 1025):
            with self.subTest(repr(source[:20])):
                self.assert_refused("ReportLeak", {"key": self.key, "source": source}, "source")
        self.assert_refused("ReportLeak", {"key": self.key, "source": 1}, "source", name=INVALID)
        self.assert_refused("ReportLeak", {"key": self.key, "reason": "x"}, "reason", name=INVALID)

    def test_rubbish_is_malformed_and_no_error(self):
        for text in ("", "x" * 100000, self.key[:-1], self.key_id):
            self.assertEqual(self.admin.call(ADMIN + "ReportLeak", key=text), {"outcome": "malformed"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
