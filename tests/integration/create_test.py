"""Issuing keys: bundles, successors, and the preview of what would be issued."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, VarlinkError  # noqa: E402

ADMIN = "io.claviger.Admin."
READ, WRITE, DELETE = "read:policies:admin", "write:policies:admin", "delete:policies:admin"
BUNDLE = f'[[bundle]]\nname = "policy-work"\nsummary = "Read and write policies"\nscopes = ["{READ}", "{WRITE}"]\n'
DAY = 86400
ABSENT_ID = "0" * 17


class CreateCase(unittest.TestCase):
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(settings=cls.settings)
        with open(os.path.join(cls.daemon.scopes_directory, "bundles.toml"), "w", encoding="utf-8") as file:
            file.write(BUNDLE)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def call(self, method, **parameters):
        with self.daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def error(self, method, **parameters):
        with self.assertRaises(VarlinkError) as refused:
            self.call(method, **parameters)
        return refused.exception

    def keys(self):
        return self.call("CountKeys")["keys"]

    def preview(self, **parameters):
        """The preview, after which nothing is other than before; with the codes of its warnings."""
        before = self.keys(), self.call("ListAudit", limit=1)["records"]
        reply = self.call("PreviewKey", **parameters)
        self.assertEqual((self.keys(), self.call("ListAudit", limit=1)["records"]), before)
        return reply, [warning["code"] for warning in reply["warnings"]]


class Create(CreateCase):
    def test_a_bundle_is_expanded_when_the_key_is_made_and_remembered(self):
        issued = self.call("CreateKey", name="from a bundle", scopes=[DELETE, READ], bundles=["policy-work"])
        self.assertEqual((issued["record"]["scopes"], issued["record"]["bundles"]),
                         ([DELETE, READ, WRITE], ["policy-work"]))
        self.assertTrue(self.daemon.verify(issued["key"], scopes=[DELETE, READ, WRITE])["valid"])
        self.assertEqual(self.call("CreateKey", name="bundle alone", bundles=["policy-work"])["record"]["scopes"],
                         [READ, WRITE])
        error = self.error("CreateKey", name="x", bundles=["policy-wrok"])
        self.assertEqual(error.parameters["field"], "bundles")
        self.assertIn("did you mean policy-work", error.parameters["message"])

    def test_a_key_names_the_one_that_it_replaces_and_has_one_live_successor(self):
        old = self.daemon.create_key()["record"]["key_id"]
        first = self.daemon.create_key(replaces=old)["record"]
        self.assertEqual(first["replaces"], old)
        self.assertEqual(self.call("GetKey", key_id=old)["replaced_by"], first["key_id"])
        for method in ("CreateKey", "PreviewKey"):
            error = self.error(method, name="second", scopes=[READ], replaces=old)
            self.assertEqual(error.name, ADMIN + "Conflict")
            self.assertIn(first["key_id"], error.parameters["message"])
        self.call("RevokeKey", key_id=first["key_id"])
        second = self.daemon.create_key(replaces=old)["record"]["key_id"]
        self.assertEqual(self.call("GetKey", key_id=old)["replaced_by"], second)

    def test_a_successor_needs_a_key_to_succeed(self):
        for method in ("CreateKey", "PreviewKey"):
            error = self.error(method, name="x", scopes=[READ], replaces=ABSENT_ID)
            self.assertEqual((error.name, error.parameters), (ADMIN + "KeyNotFound", {"key_id": ABSENT_ID}))
            self.assertEqual(self.error(method, name="x", scopes=[READ], replaces="no id").parameters["field"],
                             "replaces")

    def test_a_repeated_request_for_a_successor_is_known_and_no_conflict(self):
        old = self.daemon.create_key()["record"]["key_id"]
        first = self.daemon.create_key(replaces=old, request_id="successor")["record"]["key_id"]
        error = self.error("CreateKey", name="again", scopes=[READ], replaces=old, request_id="successor")
        self.assertEqual((error.name, error.parameters), (ADMIN + "RequestAlreadyDone", {"key_id": first}))

    def test_a_preview_shows_the_terms_and_issues_nothing(self):
        asked = {"name": "planned", "scopes": [WRITE], "bundles": ["policy-work"], "team": "storage", "lifetime": DAY}
        reply, _ = self.preview(**asked)
        terms = reply["terms"]
        self.assertEqual((terms["name"], terms["scopes"], terms["bundles"], terms["team"], terms["unscoped"]),
                         ("planned", [READ, WRITE], ["policy-work"], "storage", False))
        self.assertEqual(terms["owner"], terms["creator"])
        issued = self.call("CreateKey", **asked)["record"]
        for field in set(terms) - {"not_before", "expires_at"}:
            self.assertEqual(terms[field], issued[field], field)

    def test_a_preview_warns_of_what_should_be_thought_over(self):
        self.assertEqual(self.preview(name="x", scopes=["read:orgs:admin"])[1], [])
        self.assertEqual(self.preview(name="x", scopes=["read:orgs:admin"], lifetime=91 * DAY)[1], ["long_lived"])
        self.assertEqual(self.preview(name="x", scopes=["delete:tokens:admin"])[1], ["delete_scopes"])

    def test_a_preview_names_the_live_keys_with_exactly_these_scopes(self):
        scopes = ["read:events:admin", "read:groups:admin"]
        same = [self.daemon.create_key(scopes=order)["record"]["key_id"] for order in (scopes, scopes[::-1])]
        for other in (scopes[:1], scopes + [READ]):
            self.daemon.create_key(scopes=other)
        ended = self.daemon.create_key(scopes=scopes)["record"]["key_id"]
        self.call("RevokeKey", key_id=ended)
        reply, codes = self.preview(name="x", scopes=scopes)
        self.assertEqual((reply["same_scopes"], codes), (same, ["same_scopes"]))
        self.call("PauseKeys", key_ids=same[:1])
        self.assertEqual(self.preview(name="x", scopes=scopes)[0]["same_scopes"], same)
        self.assertEqual(self.preview(name="x", scopes=["read:keys:admin"])[0]["same_scopes"], [])

    def test_a_preview_names_at_most_a_hundred_keys(self):
        scopes = ["read:workspaces:admin"]
        for _ in range(101):
            self.daemon.create_key(scopes=scopes)
        reply, _ = self.preview(name="x", scopes=scopes)
        self.assertEqual(len(reply["same_scopes"]), 100)
        self.assertIn("100 or more", reply["warnings"][0]["message"])

    def test_a_preview_is_refused_as_the_key_would_be(self):
        for parameters, field in (({"name": "", "scopes": [READ]}, "name"), ({"name": "x"}, "scopes"),
                                  ({"name": "x", "scopes": ["read:policy:admin"]}, "scopes"),
                                  ({"name": "x", "scopes": [READ], "lifetime": 366 * DAY}, "expires_at"),
                                  ({"name": "x", "scopes": ["read:*"]}, "scopes"),
                                  ({"name": "x", "unscoped_reason": "why"}, "unscoped_reason")):
            for method in ("CreateKey", "PreviewKey"):
                with self.subTest(f"{method} {parameters}"):
                    error = self.error(method, **parameters)
                    self.assertEqual((error.name, error.parameters["field"]), (ADMIN + "Refused", field))
        self.assertEqual(self.error("PreviewKey", name="x", scopes=[READ], request_id="1").name,
                         "org.varlink.service.InvalidParameter")


class Generous(CreateCase):
    settings = {"policy": {"unscoped": "allow-with-reason", "wildcards": "allow", "excess": "clamp",
                           "maximum_lifetime": "60d"}}

    def test_a_pattern_and_full_access_are_warned_of(self):
        self.assertEqual(self.preview(name="x", scopes=["read:*"])[1], ["wildcard"])
        self.assertEqual(self.preview(name="x", scopes=["delete:*:admin"])[1], ["delete_scopes", "wildcard"])
        reply, codes = self.preview(name="x", unscoped_reason="migration")
        self.assertEqual((codes, reply["terms"]["unscoped_reason"]), (["unscoped"], "migration"))

    def test_a_pattern_gives_what_it_matches(self):
        key = self.daemon.create_key(scopes=["read:*:admin"])["key"]
        self.assertTrue(self.daemon.verify(key, scopes=[READ, "read:orgs:admin"])["valid"])
        self.assertEqual(self.daemon.verify(key, scopes=[READ, WRITE])["missing_scopes"], [WRITE])

    def test_a_life_that_is_cut_to_the_maximum_is_said_to_be(self):
        reply, codes = self.preview(name="x", scopes=[READ], lifetime=300 * DAY)
        self.assertEqual(codes, ["clamped"])
        self.assertIn(reply["terms"]["expires_at"], reply["warnings"][0]["message"])
        self.assertEqual(self.preview(name="x", scopes=[READ], lifetime=59 * DAY)[1], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
