"""The shipped scope catalogue is well-formed and complete."""

import os
import re
import sys
import tomllib
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else "."


class AtlassianAdmin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ROOT, "contrib", "scopes", "atlassian-admin.toml"), "rb") as file:
            cls.content = tomllib.load(file)

    def test_the_head_names_the_catalogue(self):
        self.assertEqual(self.content["catalogue"], {"name": "atlassian-admin", "domain": "admin", "version": 1})

    def test_there_are_22_different_scopes(self):
        self.assertEqual(len({scope["name"] for scope in self.content["scope"]}), 22)
        self.assertEqual(len(self.content["scope"]), 22)

    def test_every_scope_has_name_summary_description_and_evidence(self):
        for scope in self.content["scope"]:
            with self.subTest(scope["name"]):
                self.assertEqual(list(scope), ["name", "summary", "description", "evidence"])
                self.assertRegex(scope["name"], r"^(read|write|delete):[a-z-]+:admin$")
                self.assertLessEqual(len(scope["summary"].encode()), 128)
                self.assertTrue(scope["summary"] and scope["description"])
                self.assertTrue(re.fullmatch(r"[ABC](,[ABC])*", scope["evidence"]))

    def test_every_bundle_has_name_and_summary_and_gives_scopes_of_the_file(self):
        names = [scope["name"] for scope in self.content["scope"]]
        for bundle in self.content["bundle"]:
            with self.subTest(bundle["name"]):
                self.assertEqual(list(bundle), ["name", "summary", "scopes"])
                self.assertRegex(bundle["name"], r"^[a-z-]+$")
                self.assertTrue(0 < len(bundle["summary"].encode()) <= 128)
                for entry in bundle["scopes"]:
                    self.assertTrue(any(matches(entry, name) for name in names), entry)

    def test_bundles_have_different_names_and_contents(self):
        bundles = self.content["bundle"]
        self.assertEqual(len({bundle["name"] for bundle in bundles}), len(bundles))
        self.assertEqual(len({frozenset(self.scopes_of(bundle)) for bundle in bundles}), len(bundles))

    def test_the_bundle_read_only_gives_every_read_scope_and_nothing_else(self):
        (bundle,) = [bundle for bundle in self.content["bundle"] if bundle["name"] == "read-only"]
        names = [scope["name"] for scope in self.content["scope"]]
        self.assertEqual(self.scopes_of(bundle), {name for name in names if name.startswith("read:")})

    def scopes_of(self, bundle):
        names = [scope["name"] for scope in self.content["scope"]]
        return {name for name in names if any(matches(entry, name) for entry in bundle["scopes"])}


def matches(pattern, name):
    """As daemon/keys/scope.h: a last * stands for the rest, any other for one part."""
    wanted, parts = pattern.split(":"), name.split(":")
    if wanted[-1] == "*" and len(wanted) <= len(parts):
        wanted, parts = wanted[:-1], parts[: len(wanted) - 1]
    return len(wanted) == len(parts) and all(part in ("*", own) for part, own in zip(wanted, parts))


if __name__ == "__main__":
    unittest.main()
