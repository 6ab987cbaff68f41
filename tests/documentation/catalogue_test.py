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


if __name__ == "__main__":
    unittest.main()
