"""claviger policy and claviger scope reload, without a terminal, against a daemon in Python."""

import json
import time
import unittest

from claviger_command import Typed
from fake_daemon import Refusal
from find_case import ADMIN, ID, FindCase, moment


class ReloadTest(FindCase):
    LOSS = {"added": ["read:new:admin"], "reworded": [], "in_force": False,
            "lost": [{"name": "read:old:admin", "nearest": ["read:new:admin"], "keys": 2, "key_ids": [ID, ID[:-1] + "2"]},
                     {"name": "read:older:admin", "nearest": [], "keys": 1, "key_ids": [ID]},
                     {"name": "read:oldest:admin", "nearest": [], "keys": 0, "key_ids": []}]}

    def calls(self):
        return [parameters for method, parameters in self.daemon.calls if method.endswith("ReloadCatalogue")]

    def test_what_takes_nothing_from_keys_is_done_at_once(self):
        change = {"added": ["read:new:admin"], "reworded": ["read:domains:admin"], "lost": [], "in_force": True}
        self.answer("ReloadCatalogue", change)
        done = self.cli("scope", "reload")
        self.assertEqual(self.calls(), [{"dry_run": True}, {}])
        self.assertRegex(done.stdout, "added +read:new:admin\nreworded +read:domains:admin\n")
        self.assertIn("admin.toml version 3, 3 scopes", done.stdout)
        self.assertEqual(done.stderr, "the new catalogue is in force\n")
        self.assertEqual(json.loads(self.cli("scope", "reload", "--json").stdout), change)

    def test_a_dry_run_changes_nothing(self):
        self.assertIn("stay as they are", self.cli("scope", "reload", "--dry-run").stderr)
        self.answer("ReloadCatalogue", self.LOSS)
        done = self.cli("scope", "reload", "--dry-run", status=1)
        for text in ("read:old:admin, which is taken from 2 keys", "read:oldest:admin, which no key holds", ID):
            self.assertIn(text, done.stdout)
        self.assertEqual(json.loads(self.cli("scope", "reload", "--dry-run", "--json", status=1).stdout), self.LOSS)
        self.assertEqual(self.calls(), [{"dry_run": True}] * 3)

    def test_losses_need_consent(self):
        self.answer("ReloadCatalogue", self.LOSS)
        done = self.cli("scope", "reload", status=1)
        self.assertIn("2 keys would lose scopes", done.stderr)
        self.assertIn("--accept-losses", done.stderr)
        with Typed(self.daemon.directory, "scope", "reload") as typed:
            typed.expect("take these scopes from 2 keys? [y/N]")
            typed.type("n\n")
            self.assertEqual(typed.wait(), 1)
        self.assertEqual(self.calls(), [{"dry_run": True}] * 2)
        with Typed(self.daemon.directory, "scope", "reload") as typed:
            typed.expect("take these scopes from 2 keys? [y/N]")
            typed.type("y\n")
            self.assertEqual(typed.wait(), 0)
        self.assertEqual(self.calls()[-1], {"accept_losses": True})
        for option in ("--accept-losses", "--yes"):
            self.cli("scope", "reload", option)
            self.assertEqual(self.calls()[-1], {"accept_losses": True})


class PolicyTest(FindCase):
    VIOLATIONS = [{"key_id": ID, "name": "n", "owner": "o", "expires_at": "2099-01-01T00:00:00Z", "field": "expires_at",
                   "message": "the lifetime may be at most 90d"},
                  {"key_id": ID, "name": "n", "owner": "o", "expires_at": "2099-01-01T00:00:00Z", "field": "team",
                   "message": "is required"},
                  {"key_id": ID[:-1] + "2", "name": "m", "owner": "o", "expires_at": "2020-01-02T00:00:00Z", "field": "team",
                   "message": "is required"}]

    def test_show(self):
        shown = self.cli("policy", "show").stdout
        for text in ("7d unless asked otherwise, at most 365d", "is refused", "forbidden"):
            self.assertIn(text, shown)
        self.assertNotIn("you may grant", shown)
        self.answer("GetPolicy", {**self.daemon.GetPolicy(), "unscoped": "allow-with-reason", "name_pattern": "[a-z]+",
                                  "required": ["team"], "rules": 2, "ceilings": [
                                      {"scopes": ["read:*"], "owners": ["self"], "maximum_lifetime": 2592000,
                                       "unscoped": False}]})
        shown = self.cli("policy", "show").stdout
        for text in ("allowed, with a reason", "[a-z]+", "team", "scopes read:*; for owners self; at most 30d"):
            self.assertIn(text, shown)
        self.assertEqual(json.loads(self.cli("policy", "show", "--json").stdout)["rules"], 2)
        self.answer("GetPolicy", {**self.daemon.GetPolicy(), "ceilings": []})
        self.assertRegex(self.cli("policy", "show").stdout, "you may grant +nothing")

    def test_check_exits_by_what_it_finds(self):
        self.assertIn("every key complies", self.cli("policy", "check").stderr)
        self.answer("CheckPolicy", lambda after=None, **_: {"violations": self.VIOLATIONS[2:]} if after else
                    {"violations": self.VIOLATIONS[:2], "next_after": "x"})
        done = self.cli("policy", "check", status=1)
        self.assertEqual(len(done.stdout.splitlines()), 4)
        self.assertIn("the lifetime may be at most 90d", done.stdout)
        self.assertEqual(json.loads(self.cli("policy", "check", "--json", status=1).stdout), {"violations": self.VIOLATIONS})

    def test_a_deadline_goes_to_each_key_once_that_would_live_longer(self):
        left = list(self.VIOLATIONS)
        edits = []

        def edit(**parameters):
            edits.append(parameters)
            left.clear()
            return {"record": {}, "gained": [], "lost": []}

        self.answer("CheckPolicy", lambda **_: {"violations": left})
        self.answer("EditKey", edit)
        self.assertIn("add --yes", self.cli("policy", "check", "--deadline", "30d", status=2).stderr)
        self.assertEqual(edits, [])
        done = self.cli("policy", "check", "--deadline", "30d", "--yes")
        self.assertEqual([edit["key_id"] for edit in edits], [ID])
        self.assertAlmostEqual(moment(edits[0]["expires_at"]), time.time() + 30 * 86400, delta=60)
        self.assertIn("1 key ends", done.stderr)
        self.assertIn("every key complies", done.stderr)

    def test_a_key_that_cannot_be_changed_does_not_stop_the_others(self):
        second = {**self.VIOLATIONS[0], "key_id": ID[:-1] + "3"}
        self.answer("CheckPolicy", {"violations": [self.VIOLATIONS[0], second]})
        self.answer("EditKey", lambda key_id, **_: Refusal(ADMIN + "Conflict", message="it was changed") if key_id == ID else
                    {"record": {}, "gained": [], "lost": []})
        done = self.cli("policy", "check", "--deadline", "30d", "--yes", status=1)
        self.assertIn(f"{ID} keeps its end: it was changed", done.stderr)
        self.assertIn("1 key ends", done.stderr)
        printed = json.loads(self.cli("policy", "check", "--deadline", "30d", "--yes", "--json", status=1).stdout)
        self.assertEqual((printed["done"], [row["key_id"] for row in printed["refused"]]), ([second["key_id"]], [ID]))

    def test_a_daemon_that_fails_ends_it_and_says_how_far_it_came(self):
        second = {**self.VIOLATIONS[0], "key_id": ID[:-1] + "3"}
        self.answer("CheckPolicy", {"violations": [self.VIOLATIONS[0], second]})
        self.answer("EditKey", lambda key_id, **_: {"record": {}} if key_id == ID else
                    Refusal(ADMIN + "Unavailable", message="the store is closed", unknown_outcome=False))
        done = self.cli("policy", "check", "--deadline", "30d", "--yes", status=75)
        self.assertIn("1 of 2 keys had been given the deadline", done.stderr)

    def test_a_deadline_in_the_past_is_refused(self):
        self.assertIn("in the past", self.cli("policy", "check", "--deadline", "2021-01-01", status=2).stderr)
        self.assertIn("--deadline", self.cli("policy", "check", "--deadline", "x", status=2).stderr)


if __name__ == "__main__":
    unittest.main()
