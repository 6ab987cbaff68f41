"""claviger key create, edit and rotate, against a daemon in Python."""

import json
import os
import stat
import unittest

from change_case import ADMIN, ID, ChangeCase
from claviger_command import Typed
from fake_daemon import KEY, Close, Refusal, sample_key

READ = "read:policies:admin"
WRITE = "write:policies:admin"


class Create(ChangeCase):
    def test_bundles_and_the_key_to_replace_are_sent(self):
        self.cli("key", "create", "--name", "n", "--bundle", "read-only", "--bundle", "b", "--replaces", ID)
        self.assertEqual(self.calls("CreateKey"), [{"name": "n", "bundles": ["read-only", "b"], "replaces": ID}])

    def test_the_review_shows_everything_and_issues_nothing(self):
        self.daemon.add(sample_key(1))
        done = self.cli("key", "create", "--name", "n", "--scope", READ, "--team", "t\u202e", "--dry-run", "--request-id",
                        "r", "--output", self.path("key"))
        for text in ("name", "t\\u{202E}", "2099-01-01T00:00:00Z", READ, "It can read policies of admin.",
                     "It cannot write or delete anything.", f"the same scopes: {ID}"):
            self.assertIn(text, done.stdout)
        self.assertIn("nothing was done", done.stderr)
        self.assertEqual(self.calls("PreviewKey"), [{"name": "n", "scopes": [READ], "team": "t\u202e"}])
        self.assertEqual((self.calls("CreateKey"), os.listdir(self.folder)), ([], []))
        shown = json.loads(self.cli("key", "create", "--name", "n", "--scope", READ, "--dry-run", "--json").stdout)
        self.assertEqual(sorted(shown), ["same_scopes", "terms", "warnings"])

    def test_the_review_of_a_key_without_scopes_says_what_that_means(self):
        done = self.cli("key", "create", "--name", "n", "--unscoped-reason", "why", "--dry-run")
        self.assertIn("There is nothing that it cannot do.", done.stdout)
        self.assertIn("warning: it has full access", done.stdout)

    def test_a_file_gets_the_key_and_nothing_else_does(self):
        path = self.path("key")
        done = self.cli("key", "create", "--name", "n", "--scope", READ, "--output", path)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), KEY.format(n=1) + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(done.stdout, "")
        self.assertNotIn(KEY.format(n=1), done.stderr)
        done = self.cli("key", "create", "--name", "n", "--scope", READ, "--output", self.path("2"), "--json")
        self.assertEqual(sorted(json.loads(done.stdout)), ["record"])

    def test_a_file_that_cannot_be_made_is_found_out_before_a_key_is_issued(self):
        taken = self.path("taken")
        with open(taken, "w", encoding="ascii") as file:
            file.write("mine")
        os.symlink(self.path("nowhere"), self.path("link"))
        for path, says in ((taken, "is not overwritten"), (self.path("link"), "is not overwritten"),
                           (self.path("no/such"), "No such file"), ("", "No such file"), (self.folder, "exists")):
            self.assert_refused("key", "create", "--name", "n", "--scope", READ, "--output", path, says=says, status=1)
        with open(taken, encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")
        self.assertEqual(sorted(os.listdir(self.folder)), ["link", "taken"])

    def test_no_file_is_left_of_a_key_that_was_not_issued(self):
        for answer, status in ((Refusal(ADMIN + "Refused", field="scopes", message="no"), 1), (Close(), 75)):
            self.daemon.answers[ADMIN + "CreateKey"] = answer
            self.cli("key", "create", "--name", "n", "--scope", READ, "--output", self.path("key"), status=status)
            self.assertEqual(os.listdir(self.folder), [])

    def test_without_options_and_without_a_terminal_it_says_what_is_missing(self):
        self.assert_refused("key", "create", says="--name TEXT is missing", hint="on a terminal")
        self.assert_refused("key", "create", "--json", says="--name TEXT is missing")
        self.assert_refused("key", "create", "--name", "n", "--dry-run", says="no scopes are given")


class Edit(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1, scopes=[READ, "read:domains:admin"], bundles=["read-only"], team="t"))

    def test_texts_are_changed_and_shown(self):
        done = self.cli("key", "edit", ID, "--name", "new", "--team", "", "--owner", "bob", "--description", "d")
        self.assertEqual(self.calls("EditKey")[-1], {"key_id": ID, "version": 1, "name": "new", "team": "", "owner": "bob",
                                                     "description": "d"})
        for text in ("name: key 1 -> new", "team: t -> (none)", "description: (none) -> d", "its secret stays"):
            self.assertIn(text, done.stderr)

    def test_a_dry_run_shows_and_changes_nothing(self):
        done = self.cli("key", "edit", ID, "--scope", WRITE, "--dry-run")
        self.assertEqual(done.stdout.splitlines(), ["  bundles: (none)", f"  + {WRITE}", "  - read:domains:admin",
                                                    f"  - {READ}"])
        self.assertEqual([call["dry_run"] for call in self.calls("EditKey")], [True])
        reply = json.loads(self.cli("key", "edit", ID, "--scope", WRITE, "--dry-run", "--json").stdout)
        self.assertEqual(reply["gained"], [WRITE])

    def test_adding_and_removing_scopes_sends_the_whole_list(self):
        self.cli("key", "edit", ID, "--add-scope", WRITE, "--yes")
        self.assertEqual(self.calls("EditKey")[-1]["scopes"], ["read:domains:admin", READ, WRITE])
        self.assertEqual(self.calls("EditKey")[-1]["bundles"], ["read-only"])
        self.cli("key", "edit", ID, "--remove-scope", READ)
        self.assertEqual(self.calls("EditKey")[-1]["scopes"], ["read:domains:admin", WRITE])
        self.assertEqual(self.calls("EditKey")[-1]["bundles"], [])

    def test_a_bundle_that_has_grown_gives_a_key_nothing_unasked(self):
        self.daemon.bundles[0]["scopes"].append("read:new:admin")
        self.cli("key", "edit", ID, "--add-scope", WRITE, "--yes")
        self.assertNotIn("read:new:admin", self.daemon.keys[ID]["scopes"])

    def test_widening_needs_a_yes_and_narrowing_none(self):
        self.assertIn("add --yes", self.cli("key", "edit", ID, "--add-scope", WRITE, status=2).stderr)
        self.assertEqual(self.daemon.keys[ID]["version"], 1)
        self.cli("key", "edit", ID, "--scope", READ)
        self.assertEqual(self.daemon.keys[ID]["scopes"], [READ])
        for answer, status in (("n\n", 1), ("y\n", 0)):
            typed = self.enterContext(Typed(self.daemon.directory, "key", "edit", ID, "--add-scope", WRITE))
            typed.expect(f'widen key "key 1" ({ID}) by 1 scope? [y/N] ')
            self.assertIn(f"+ {WRITE}", typed.output)
            typed.type(answer)
            self.assertEqual(typed.wait(), status)
        self.assertEqual(self.daemon.keys[ID]["scopes"], [READ, WRITE])

    def test_a_key_that_was_changed_meanwhile_is_not_changed(self):
        self.daemon.answers[ADMIN + "EditKey"] = Refusal(ADMIN + "Conflict", message="it was changed meanwhile")
        self.assertIn("changed meanwhile", self.cli("key", "edit", ID, "--name", "n", status=1).stderr)

    def test_what_cannot_be_meant_is_refused(self):
        self.assert_refused("key", "edit", ID, says="what to change", hint="--help")
        self.assert_refused("key", "edit", says="KEY_ID is missing")
        self.assert_refused("key", "edit", ID, "--scope", "a", "--add-scope", "b", says="the whole list")
        self.assert_refused("key", "edit", KEY.format(n=1), "--name", "n", says="a key string stands")
        self.assert_refused("key", "edit", ID, "--expires", "soon", says="--expires: ", called=["GetKey"])

    def test_scopes_that_it_does_not_hold_cannot_be_removed(self):
        done = self.cli("key", "edit", ID, "--remove-scope", "read:policy:admin", status=1)
        self.assertIn(f"did you mean: {READ}", done.stderr)
        done = self.cli("key", "edit", ID, "--remove-scope", READ, "--remove-scope", "read:domains:admin", status=1)
        self.assertIn("without any scope", done.stderr)
        self.daemon.add(sample_key(2, unscoped=True, scopes=[]))
        done = self.cli("key", "edit", "00000000000000002", "--add-scope", READ, status=1)
        self.assertIn("full access", done.stderr)
        self.assertEqual(self.calls("EditKey"), [])

    def test_an_earlier_end_is_sent_as_a_time(self):
        self.cli("key", "edit", ID, "--expires", "2098-01-01")
        self.assertEqual(self.calls("EditKey")[-1]["expires_at"], "2098-01-01T23:59:59Z")


class Rotate(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1))

    def test_a_leaked_secret_has_no_grace(self):
        self.cli("key", "rotate", ID, "--leaked", "--yes")
        self.assertEqual(self.calls("RotateKey"), [{"key_id": ID, "leaked": True}])

    def test_a_leaked_secret_is_not_ended_unasked(self):
        self.assert_refused("key", "rotate", ID, "--leaked", says="at once", hint="--yes")
        for other in (["--grace", "1d"], ["--until-used"]):
            self.assert_refused("key", "rotate", ID, "--leaked", "--yes", *other, says="exclude each other")

    def test_until_used_goes_with_a_grace(self):
        self.cli("key", "rotate", ID, "--until-used", "--grace", "2d")
        self.assertEqual(self.calls("RotateKey"), [{"key_id": ID, "until_used": True, "grace": 172800}])

    def test_a_file_gets_the_key_and_nothing_else_does(self):
        done = self.cli("key", "rotate", ID, "--output", self.path("key"), "--request-id", "r")
        with open(self.path("key"), encoding="ascii") as file:
            self.assertEqual(file.read(), KEY.format(n=9) + "\n")
        self.assertEqual(done.stdout, "")
        self.assertIn("cannot be shown again", done.stderr)
        self.assertEqual(self.calls("RotateKey"), [{"key_id": ID, "request_id": "r"}])


if __name__ == "__main__":
    unittest.main()
