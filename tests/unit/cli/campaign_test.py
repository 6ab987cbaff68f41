"""claviger rotate status, plan, apply and finish, against a daemon in Python."""

import json
import os
import stat
import unittest

from change_case import ADMIN, ChangeCase, id_of
from claviger_command import Typed
from fake_daemon import KEY, Close, Refusal, sample_key

READ = "read:policies:admin"
NOW = "2026-11-24T00:00:00Z"


def asked(*scopes):
    return [{"scope": scope, "last_asked_at": NOW} for scope in scopes]


def caller(uid=0, generation=1, last=NOW, unit=None):
    found = {"generation": generation, "uid": uid, "first_used_at": "2026-01-02T00:00:00Z", "last_used_at": last, "uses": 3}
    return found if unit is None else {**found, "unit": unit}


class Campaign(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1, unscoped=True, scopes=[], unscoped_reason="old", team="t", description="d"),
                        sample_key(2, unscoped=True, scopes=[]), sample_key(3))
        self.daemon.asked[id_of(1)] = asked(READ, "write:policies:admin")
        self.out = self.path("keys")

    def apply(self, *words, **options):
        return self.cli("rotate", "apply", *words, "--output-dir", self.out, **options)

    def secret(self, number=1):
        with open(os.path.join(self.out, id_of(number) + ".key"), encoding="ascii") as file:
            return file.read()


class Plan(Campaign):
    def test_each_key_without_scopes_is_proposed_what_was_asked_of_it(self):
        done = self.cli("rotate", "plan", "--unscoped")
        self.assertIn(f'"key 1" ({id_of(1)}) of alice, never used\n  {READ}, asked ', done.stdout)
        self.assertIn("no scope was asked of it yet; it must be watched longer", done.stdout)
        self.assertNotIn(id_of(3), done.stdout)
        self.assertIn("1 key can get a successor with these scopes, 1 must be watched longer, 0 have one", done.stderr)
        self.assertIn("claviger rotate apply --all", done.stderr)
        plan = json.loads(self.cli("rotate", "plan", "--unscoped", "--json").stdout)
        self.assertEqual({name: [key["record"]["key_id"] for key in keys] for name, keys in plan.items()},
                         {"ready": [id_of(1)], "unknown": [id_of(2)], "replaced": []})

    def test_a_key_with_a_living_successor_needs_none(self):
        self.daemon.add(sample_key(4, replaces=id_of(1)))
        self.assertIn(f"has the successor {id_of(4)} already", self.cli("rotate", "plan", "--unscoped").stdout)
        self.daemon.keys[id_of(4)]["state"] = "revoked"
        self.assertNotIn("already", self.cli("rotate", "plan", "--unscoped").stdout)

    def test_it_wants_to_know_which_keys(self):
        self.assert_refused("rotate", "plan", says="which keys", hint="--unscoped")


class Apply(Campaign):
    def test_a_successor_gets_the_scopes_and_its_secret_goes_into_a_file(self):
        done = self.apply(id_of(1), "--expires", "30d")
        self.assertEqual(self.calls("CreateKey"), [
            {"name": "key 1", "owner": "alice", "team": "t", "description": "d", "replaces": id_of(1),
             "scopes": [READ, "write:policies:admin"], "lifetime": 30 * 86400, "request_id": "successor-" + id_of(1)}])
        self.assertEqual(self.secret(), KEY.format(n=4) + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.out, id_of(1) + ".key")).st_mode), 0o600)
        self.assertNotIn(KEY.format(n=4), done.stdout + done.stderr)
        self.assertIn(f"key {id_of(1)} has the successor {id_of(4)}", done.stderr)

    def test_all_takes_those_that_can_and_names_those_that_must_wait(self):
        done = self.apply("--all", "--json")
        self.assertEqual(json.loads(done.stdout), {"done": [id_of(1)], "unchanged": [], "refused": [], "waiting": [
            {"key_id": id_of(2), "message": "no scope was asked of it yet; it must be watched longer"}]})
        self.assertEqual(os.listdir(self.out), [id_of(1) + ".key"])

    def test_a_second_run_issues_nothing_more(self):
        self.apply("--all")
        secret = self.secret()
        done = self.apply("--all")
        self.assertEqual(len(self.calls("CreateKey")), 1)
        self.assertEqual(self.calls("RotateKey"), [])
        self.assertEqual(self.secret(), secret)
        self.assertIn("was replaced already", done.stderr)

    def test_a_run_that_lost_the_reply_is_gone_on_with(self):
        def lost(**parameters):
            self.daemon.CreateKey(**parameters)
            return Close()
        self.daemon.answers[ADMIN + "CreateKey"] = lost
        self.apply("--all", status=75)
        self.assertEqual(os.listdir(self.out), [])
        del self.daemon.answers[ADMIN + "CreateKey"]
        self.apply("--all")
        self.assertEqual(self.calls("RotateKey"), [{"key_id": id_of(4), "grace": 0}])
        self.assertEqual(self.secret(), KEY.format(n=9) + "\n")
        self.assertEqual(len([key for key in self.daemon.keys.values() if "replaces" in key]), 1)

    def test_an_empty_file_of_a_run_that_was_killed_is_made_anew(self):
        os.mkdir(self.out, 0o700)
        with open(os.path.join(self.out, id_of(1) + ".key"), "w", encoding="ascii"):
            pass
        self.daemon.add(sample_key(4, replaces=id_of(1)))
        self.apply(id_of(1))
        self.assertEqual(self.secret(), KEY.format(n=9) + "\n")

    def test_a_successor_that_is_used_keeps_its_secret(self):
        self.daemon.add(sample_key(4, replaces=id_of(1), uses=1))
        self.apply(id_of(1))
        self.assertEqual((self.calls("RotateKey"), os.listdir(self.out)), ([], []))

    def test_after_a_successor_that_has_ended_there_can_be_another(self):
        self.apply(id_of(1))
        self.daemon.keys[id_of(4)]["state"] = "revoked"
        os.remove(os.path.join(self.out, id_of(1) + ".key"))
        self.apply(id_of(1))
        self.assertEqual(self.calls("CreateKey")[-1]["request_id"], f"successor-{id_of(1)}-{id_of(4)}")
        self.assertEqual(self.secret(), KEY.format(n=5) + "\n")

    def test_a_file_that_is_something_else_is_not_touched(self):
        os.mkdir(self.out, 0o700)
        path = os.path.join(self.out, id_of(1) + ".key")
        for content in ("mine", KEY.format(n=7) + "\n"):
            with open(path, "w", encoding="ascii") as file:
                file.write(content)
            done = self.apply(id_of(1), status=1)
            self.assertIn("is something else than the key of its successor", done.stderr)
            self.assertEqual((self.secret(), self.calls("CreateKey")), (content, []))

    def test_what_one_key_is_refused_does_not_stop_the_next(self):
        self.daemon.asked[id_of(2)] = asked(READ)

        def answer(**parameters):
            if parameters["replaces"] == id_of(1):
                return Refusal(ADMIN + "Refused", field="scopes", message="not in the catalogue")
            return self.daemon.CreateKey(**parameters)
        self.daemon.answers[ADMIN + "CreateKey"] = answer
        done = self.apply("--all", status=1)
        self.assertIn("--scope: not in the catalogue", done.stderr)
        self.assertEqual(os.listdir(self.out), [id_of(2) + ".key"])

    def test_a_folder_that_others_can_use_is_refused(self):
        os.mkdir(self.out)
        os.chmod(self.out, 0o750)
        self.assertIn(f"chmod 0700 {self.out}", self.apply("--all", status=1).stderr)
        self.assertEqual(self.calls("CreateKey"), [])
        os.rmdir(self.out)
        with open(self.out, "w", encoding="ascii"):
            pass
        self.assertIn("Not a directory", self.apply("--all", status=1).stderr)

    def test_keys_with_scopes_and_ended_ones_are_refused(self):
        self.daemon.keys[id_of(2)]["state"] = "expired"
        done = self.apply(id_of(2), id_of(3), id_of(9), status=1)
        for text in ("it has ended", "it has scopes already", "there is no such key"):
            self.assertIn(text, done.stderr)
        self.assertEqual(self.calls("CreateKey"), [])

    def test_it_wants_to_know_which_keys_and_where_to(self):
        self.assert_refused("rotate", "apply", "--all", says="--output-dir DIR is missing")
        self.assert_refused("rotate", "apply", "--output-dir", self.out, says="which keys", hint="--all")
        self.assert_refused("rotate", "apply", id_of(1), "--all", "--output-dir", self.out, says="which keys")
        self.assertFalse(os.path.exists(self.out))


class Finish(Campaign):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(4, replaces=id_of(1), uses=5), sample_key(5, replaces=id_of(2)))

    def use(self, number, last):
        self.daemon.keys[id_of(number)].update(uses=3, last_used_at=last, last_used_by_uid=0)
        self.daemon.callers[id_of(number)] = [caller(last=last, unit="report.service")]

    def test_an_old_key_that_is_not_used_any_more_is_revoked(self):
        self.use(1, "2021-01-01T00:00:00Z")
        done = self.cli("rotate", "finish", "--all", "--yes")
        self.assertEqual(self.calls("RevokeKeys"), [{"key_ids": [id_of(1)], "reason": "replaced by " + id_of(4)}])
        self.assertIn(f"key {id_of(2)} stays: its successor {id_of(5)} was not used yet", done.stderr)

    def test_an_old_key_that_is_still_used_stays_and_it_is_said_by_whom(self):
        self.use(1, "2098-01-01T00:00:00Z")
        done = self.cli("rotate", "finish", id_of(1), "--yes")
        self.assertIn(f"key {id_of(1)} stays: still used by root (report.service), last seen ", done.stderr)
        self.assertEqual(self.calls("RevokeKeys"), [])

    def test_how_long_it_must_be_unused_can_be_said(self):
        self.use(1, "2026-01-01T00:00:00Z")
        self.cli("rotate", "finish", "--all", "--unused-for", "3650d", "--yes")
        self.assertEqual(self.calls("RevokeKeys"), [])
        self.daemon.calls.clear()
        self.assert_refused("rotate", "finish", "--all", "--unused-for", "x", "--yes", says="--unused-for: ")

    def test_it_can_be_repeated(self):
        self.cli("rotate", "finish", id_of(1), "--yes")
        done = self.cli("rotate", "finish", id_of(1), "--yes")
        self.assertIn("was revoked already", done.stderr)
        self.assertEqual(len(self.calls("RevokeKeys")), 1)
        self.daemon.keys[id_of(5)]["state"] = "revoked"
        self.assertEqual(self.cli("rotate", "finish", "--all", "--yes").stderr, "there is no replaced key to end\n")

    def test_a_successor_that_has_ended_is_none(self):
        self.daemon.keys[id_of(4)]["state"] = "revoked"
        self.assertIn(f"its successor {id_of(4)} has ended", self.cli("rotate", "finish", id_of(1), "--yes").stderr)

    def test_it_asks_and_a_dry_run_does_not(self):
        done = self.cli("rotate", "finish", "--all", "--dry-run")
        self.assertIn(id_of(1), done.stdout)
        self.assertIn("would revoke 1 key", done.stderr)
        self.assertEqual(self.daemon.keys[id_of(1)]["state"], "active")
        for answer, status, state in (("n\n", 1, "active"), ("y\n", 0, "revoked")):
            typed = self.enterContext(Typed(self.daemon.directory, "rotate", "finish", "--all"))
            typed.expect("revoke 1 key that is replaced for good? [y/N] ")
            typed.type(answer)
            self.assertEqual((typed.wait(), self.daemon.keys[id_of(1)]["state"]), (status, state))

    def test_keys_without_successor_and_unknown_ones_are_refused(self):
        done = self.cli("rotate", "finish", id_of(3), id_of(9), "--yes", status=1)
        self.assertIn("it has no successor", done.stderr)
        self.assertIn("there is no such key", done.stderr)
        self.daemon.calls.clear()
        self.assert_refused("rotate", "finish", "--yes", says="which old keys", hint="--all")
        self.assert_refused("rotate", "finish", "--all", says="no terminal", hint="--yes")


class Status(Campaign):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(6, generation=2, generation_created_at="2026-11-20T00:00:00Z",
                                   previous_generation_ends_at="2098-01-01T00:00:00Z",
                                   previous_generation_until_used=True),
                        sample_key(7, generation=2, generation_created_at="2021-01-01T00:00:00Z",
                                   previous_generation_ends_at="2021-01-02T00:00:00Z"),
                        sample_key(8, replaces=id_of(1), uses=1, created_at="2026-11-20T00:00:00Z"))
        self.daemon.callers[id_of(6)] = [caller(generation=2, uid=0), caller(uid=4242424, unit="old.service"),
                                         caller(uid=0, last="2026-11-01T00:00:00Z", unit="gone.service")]
        self.daemon.callers[id_of(1)] = [caller(last="2026-11-01T00:00:00Z")]

    def test_it_says_who_still_uses_the_old_secret(self):
        shown = self.cli("rotate", "status").stdout
        self.assertRegex(shown, rf"{id_of(6)}  key 6  generation 1  in \S+ or at first use  uid 4242424 \(old.service\)  ")
        self.assertRegex(shown, rf"{id_of(1)}  key 1  {id_of(8)}  used  nobody since  ")
        for absent in (id_of(7), "gone.service"):
            self.assertNotIn(absent, shown)

    def test_as_json_and_for_named_keys(self):
        shown = json.loads(self.cli("rotate", "status", id_of(6), "--json").stdout)
        self.assertEqual(shown["successions"], [])
        self.assertEqual([(entry["record"]["key_id"], entry["generation"], len(entry["callers"]))
                          for entry in shown["rotations"]], [(id_of(6), 1, 1)])
        self.assertIn("no old secret", self.cli("rotate", "status", id_of(7)).stderr)
        self.assertIn("there is no key", self.cli("rotate", "status", id_of(9), status=3).stderr)

    def test_a_replaced_key_that_was_purged_is_left_out(self):
        del self.daemon.keys[id_of(1)]
        self.assertNotIn(id_of(8), self.cli("rotate", "status").stdout)


if __name__ == "__main__":
    unittest.main()
