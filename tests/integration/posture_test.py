"""What operators read besides lists: one key with all that is known of it, the policy and who breaks it, the review,
the catalogue's bundles."""

import os
import sys
import time
import tomllib
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import SOURCE, Daemon, HarnessError  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
READ, DELETE = "read:policies:admin", "delete:policies:admin"
DAY = 86400
# Ids that no account of a host has.
ISSUER, AUDITOR = 912345, 912346
ROLES = {"admin": ["uid:0"], "verifier": ["uid:0"], "issuer": [f"uid:{ISSUER}"], "auditor": [f"uid:{AUDITOR}"]}
CEILINGS = [
    {"members": [f"uid:{ISSUER}"], "scopes": ["read:*"], "owners": ["self", "web"], "maximum_lifetime": "30d"},
    {"members": [f"uid:{ISSUER}"], "scopes": [DELETE], "owners": ["*"], "maximum_lifetime": "1d", "unscoped": True},
    {"members": ["uid:912399"], "scopes": ["delete:*"], "owners": ["*"], "maximum_lifetime": "1d"},
]
LOOSE = {"unscoped": "allow-with-reason", "maximum_lifetime": "365d"}
STRICT = {"unscoped": "forbid", "maximum_lifetime": "30d", "required": ["team"], "name_pattern": "[a-z]+-[0-9]+",
          "excess": "clamp"}


class Posture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.getuid() != 0:
            raise HarnessError("these tests connect as other users; run them as root")

    def daemon(self, policy):
        daemon = self.enterContext(Daemon(settings={"policy": policy, "roles": ROLES, "ceiling": CEILINGS}))
        os.chmod(daemon.root, 0o755)
        os.chmod(daemon.admin_socket, 0o666)
        return daemon, self.enterContext(daemon.admin())

    def test_one_key_is_shown_with_its_callers_its_denials_and_its_successor(self):
        daemon, admin = self.daemon(LOOSE)
        key = daemon.create_key()
        key_id = key["record"]["key_id"]
        fresh = admin.call(ADMIN + "GetKey", key_id=key_id)
        self.assertEqual((fresh["callers"], fresh["asked_scopes"], fresh.get("replaced_by")), ([], [], None))
        for field in ("last_used_at", "last_denied_at", "last_denial", "ended_secret_presented_at", "replaces",
                      "paused_by"):
            self.assertNotIn(field, fresh["record"])
        daemon.verify(key["key"])
        daemon.verify(key["key"], scopes=[DELETE])
        successor = daemon.create_key(replaces=key_id)["record"]
        self.assertEqual(successor["replaces"], key_id)
        deadline = time.monotonic() + 30
        shown = admin.call(ADMIN + "GetKey", key_id=key_id)
        while not shown["callers"] or not shown["record"]["denials"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)
            shown = admin.call(ADMIN + "GetKey", key_id=key_id)
        self.assertEqual(shown["replaced_by"], successor["key_id"])
        caller, = shown["callers"]
        self.assertEqual((caller["generation"], caller["uid"], caller["uses"]), (1, os.getuid(), 1))
        record = shown["record"]
        self.assertEqual((record["last_denial"], record["last_denied_by_uid"]), ("insufficient_scope", os.getuid()))

    def test_what_is_asked_of_a_key_without_scopes_is_shown(self):
        daemon, admin = self.daemon(LOOSE)
        key = admin.call(ADMIN + "CreateKey", name="all of it", unscoped_reason="of this test")
        daemon.verify(key["key"], scopes=[READ, DELETE])
        deadline, asked = time.monotonic() + 30, []
        while not asked:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)
            asked = admin.call(ADMIN + "GetKey", key_id=key["record"]["key_id"])["asked_scopes"]
        self.assertEqual([scope["scope"] for scope in asked], [DELETE, READ])

    def test_the_policy_is_told_to_everyone_who_issues_with_their_own_ceilings(self):
        daemon, admin = self.daemon(STRICT)
        policy = admin.call(ADMIN + "GetPolicy")
        self.assertEqual(policy, {
            "default_lifetime": 7 * DAY, "maximum_lifetime": 30 * DAY, "default_grace": DAY, "maximum_grace": 7 * DAY,
            "unscoped": "forbid", "wildcards": False, "excess": "clamp", "name_pattern": "[a-z]+-[0-9]+",
            "required": ["team"], "rules": 0})
        with connect_as(daemon.admin_socket, ISSUER, ISSUER) as issuer:
            self.assertEqual(issuer.call(ADMIN + "GetPolicy"), policy | {"ceilings": [
                {"scopes": ["read:*"], "owners": ["self", "web"], "maximum_lifetime": 30 * DAY, "unscoped": False},
                {"scopes": [DELETE], "owners": ["*"], "maximum_lifetime": DAY, "unscoped": True}]})
        with connect_as(daemon.admin_socket, AUDITOR, AUDITOR) as auditor:
            self.assertEqual(auditor.call(ADMIN + "GetPolicy")["ceilings"], [])

    def violations(self, admin, limit):
        found, after = [], None
        while True:
            page = admin.call(ADMIN + "CheckPolicy", limit=limit, after=after)
            self.assertLessEqual(len(page["violations"]), limit)
            found += page["violations"]
            after = page.get("next_after")
            if after is None:
                return found

    def test_keys_that_break_a_stricter_policy_are_named_with_each_rule_on_pages_of_every_size(self):
        daemon, admin = self.daemon(LOOSE)
        good = daemon.create_key("good-1", team="ops")["record"]
        bad = daemon.create_key("Bad name", lifetime=100 * DAY)["record"]
        unscoped = admin.call(ADMIN + "CreateKey", name="all-1", team="ops", unscoped_reason="of this test")["record"]
        ended = daemon.create_key("Ended")["record"]
        admin.call(ADMIN + "RevokeKey", key_id=ended["key_id"])
        self.assertEqual(self.violations(admin, 100), [])
        said = len(daemon.log())
        daemon.write_config({"policy": STRICT, "roles": ROLES, "ceiling": CEILINGS})
        daemon.reload()
        daemon.wait_log("settings and catalogue are in force", after=said)
        expected = [(bad["key_id"], "name"), (bad["key_id"], "team"), (bad["key_id"], "expires_at"),
                    (unscoped["key_id"], "unscoped_reason")]
        for limit in (1, 2, 3, 4, 500):
            found = self.violations(admin, limit)
            self.assertEqual([(one["key_id"], one["field"]) for one in found], expected, limit)
            self.assertTrue(all(one["message"] and one["owner"] == "root" for one in found))
        review = admin.call(ADMIN + "GetReview")
        findings = {finding["kind"]: finding for finding in review["findings"]}
        self.assertEqual([key["key_id"] for key in findings["policy"]["keys"]], [bad["key_id"], unscoped["key_id"]])
        self.assertTrue(findings["policy"]["keys"][0]["detail"].startswith("name: "))
        self.assertEqual([key["key_id"] for key in findings["unscoped"]["keys"]], [unscoped["key_id"]])
        self.assertEqual([key["key_id"] for key in findings["expiring"]["keys"]], [good["key_id"], unscoped["key_id"]])
        same = {key["key_id"]: key["detail"] for key in findings["same_scopes"]["keys"]}
        self.assertEqual(same, {good["key_id"]: bad["key_id"], bad["key_id"]: good["key_id"]})

    def test_a_review_finds_no_keys_where_there_are_none_and_names_every_kind(self):
        _, admin = self.daemon(LOOSE)
        review = admin.call(ADMIN + "GetReview")
        self.assertEqual([finding["kind"] for finding in review["findings"]], [
            "ended_secret_presented", "expired_presented", "unscoped", "lost_scopes", "policy", "expiring",
            "never_used", "unused", "delete_scopes", "same_scopes", "long_lived"])
        self.assertEqual({(finding["count"], *finding["keys"]) for finding in review["findings"]}, {(0,)})
        self.assertEqual((review["scoped"], review["unscoped"], review["owners"]), (0, 0, []))

    def test_terms_of_a_review_decide_what_is_found(self):
        daemon, admin = self.daemon(LOOSE)
        daemon.create_key(lifetime=10 * DAY)
        for terms, kind, count in (
                ({"expiring_within": 9 * DAY}, "expiring", 0), ({"expiring_within": 11 * DAY}, "expiring", 1),
                ({"lifetime_over": 10 * DAY}, "long_lived", 0), ({"lifetime_over": 9 * DAY}, "long_lived", 1),
                ({"never_used_for": 0}, "never_used", 1), ({}, "never_used", 0)):
            with self.subTest(f"{terms} {kind}"):
                findings = admin.call(ADMIN + "GetReview", **terms)["findings"]
                self.assertEqual([found["count"] for found in findings if found["kind"] == kind], [count])

    def test_bundles_and_files_are_those_of_the_catalogue(self):
        daemon, admin = self.daemon(LOOSE)
        with open(os.path.join(SOURCE, "contrib", "scopes", "atlassian-admin.toml"), "rb") as file:
            catalogue = tomllib.load(file)
        reply = admin.call(ADMIN + "ListBundles")
        self.assertEqual([bundle["name"] for bundle in reply["bundles"]],
                         sorted(bundle["name"] for bundle in catalogue["bundle"]))
        reads = sorted(scope["name"] for scope in catalogue["scope"] if scope["name"].startswith("read:"))
        self.assertEqual([bundle["scopes"] for bundle in reply["bundles"] if bundle["name"] == "read-only"], [reads])
        path = os.path.join(daemon.scopes_directory, "atlassian-admin.toml")
        self.assertEqual(reply["files"], [{"file": path, "name": "atlassian-admin", "domain": "admin",
                                           "version": catalogue["catalogue"]["version"],
                                           "scopes": len(catalogue["scope"])}])


if __name__ == "__main__":
    unittest.main(verbosity=2)
