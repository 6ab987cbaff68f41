"""What the CLI shows of a real daemon whose catalogue, policy and roles change under its keys."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

DAY = 86400
NOBODY = "uid:4294967294"


class Examine(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def cli(self, *words, status=0):
        done = self.daemon.cli(*words)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def key(self, name, *scopes, **parameters):
        return self.daemon.create_key(name, scopes or ("read:policies:admin",), **parameters)["record"]["key_id"]

    def reload(self, settings):
        said = len(self.daemon.log())
        self.daemon.write_config(settings)
        self.daemon.reload()
        self.daemon.wait_log("settings and catalogue are in force", after=said)

    def write_scopes(self, *names):
        path = os.path.join(self.daemon.scopes_directory, "extra.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write('[catalogue]\nname = "Extra"\nversion = 2\n')
            for name in names:
                file.write(f'[[scope]]\nname = "{name}"\nsummary = "Something of {name}"\n')

    def test_a_scope_is_not_taken_from_a_key_by_accident(self):
        self.write_scopes("read:boats", "read:cars")
        self.assertIn("read:boats", self.cli("scope", "reload").stdout)
        key = self.key("sailor", "read:boats", "read:policies:admin")
        self.write_scopes("read:ships", "read:cars")
        shown = self.cli("scope", "reload", "--dry-run", status=1).stdout
        for text in ("read:boats, which is taken from 1 key", key, "read:ships"):
            self.assertIn(text, shown)
        self.assertIn("--accept-losses", self.cli("scope", "reload", status=1).stderr)
        self.assertIn("1 key", self.cli("scope", "show", "read:boats").stdout)
        self.assertIn("extra.toml version 2, 2 scopes", self.cli("scope", "reload", "--accept-losses").stdout)
        self.cli("scope", "show", "read:boats", status=3)
        self.assertIn("lost_scopes", json.loads(self.cli("review", "--json", status=1).stdout)["attention"])
        self.assertEqual(self.cli("scope", "reload").stderr, "the catalogue's scopes stay as they are\n")

    def test_a_tightened_policy_finds_its_keys_and_gives_them_a_deadline(self):
        long = self.key("long", lifetime=90 * DAY)
        short = self.key("short", lifetime=DAY)
        self.cli("policy", "check")
        self.reload({"policy": {"maximum_lifetime": "30d"}})
        self.assertIn("at most 30d", self.cli("policy", "show").stdout)
        shown = self.cli("policy", "check", status=1).stdout
        self.assertIn(long, shown)
        self.assertNotIn(short, shown)
        self.assertIn("add --yes", self.cli("policy", "check", "--deadline", "7d", status=2).stderr)
        done = self.cli("policy", "check", "--deadline", "7d", "--yes")
        self.assertIn("1 key ends", done.stderr)
        self.assertIn("every key complies", done.stderr)
        self.assertEqual(self.cli("key", "list", "--expires-within", "8d", "--ids").stdout.split(), [long, short])
        self.assertIn("key.edit", self.cli("key", "show", long).stdout)

    def test_a_required_field_is_a_violation_that_a_deadline_does_not_mend(self):
        self.key("old")
        self.reload({"policy": {"required": ["team"]}})
        self.assertIn("team", self.cli("policy", "check", status=1).stdout)
        done = self.cli("policy", "check", "--deadline", "1d", "--yes", "--json", status=1)
        printed = json.loads(done.stdout)
        self.assertEqual((len(printed["done"]), len(printed["violations"])), (1, 1))

    def test_the_review_counts_what_is_there(self):
        unused = self.key("unused", owner="root")
        for number in range(3):
            self.key(f"same {number}", "delete:policies:admin", owner="root", lifetime=300 * DAY)
        printed = json.loads(self.cli("review", "--expiring-within", "1h", "--json").stdout)
        counts = {finding["kind"]: finding["count"] for finding in printed["findings"] if finding["count"]}
        self.assertEqual(counts, {"delete_scopes": 3, "same_scopes": 3, "long_lived": 3})
        self.assertEqual((printed["scoped"], printed["never_used"], printed["attention"]), (4, 4, []))
        self.assertEqual(self.cli("review", "--expiring-within", "8d", "--quiet", status=1).stdout,
                         "1 key: end within 8d\n")
        self.assertIn(f"-> claviger key rotate {unused}", self.cli("review", status=1).stdout)
        self.cli("key", "revoke", unused, "--yes")
        self.assertIn("nothing needs attention", self.cli("review").stdout)

    def test_an_issuer_sees_keys_but_not_their_history_nor_the_review(self):
        key = self.key("seen")
        me = f"uid:{os.getuid()}"
        self.reload({"roles": {"admin": [NOBODY], "issuer": [me]}})
        shown = self.cli("key", "show", key)
        self.assertIn("seen", shown.stdout)
        self.assertNotIn("History", shown.stdout)
        self.assertEqual(shown.stderr, "")
        for words in (["review"], ["policy", "check"], ["audit", "list"], ["scope", "reload"]):
            self.assertIn("none of your roles allows it", self.cli(*words, status=4).stderr)
        self.assertIn("you may grant", self.cli("policy", "show").stdout)
        self.cli("key", "list")
        self.cli("scope", "show", "read:policies:admin")
        self.reload({"roles": {"admin": [NOBODY], "auditor": [me]}})
        self.assertIn("History", self.cli("key", "show", key).stdout)
        self.cli("review", "--foreign-owners", "--expiring-within", "1h")
        self.cli("policy", "check")


if __name__ == "__main__":
    unittest.main()
