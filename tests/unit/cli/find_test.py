"""The commands that list and show, without a terminal, against a daemon in Python."""

import csv
import io
import json
import os
import pwd
import subprocess
import threading
import time
import unittest

from claviger_command import Typed, environment, program
from fake_daemon import SCOPES, Refusal, sample_key
from find_case import HOSTILE, ID, FindCase, moment

LIVE = ["pending", "active", "paused"]
ME = pwd.getpwuid(os.getuid()).pw_name


class FilterTest(FindCase):
    def filter(self, *words):
        self.cli("key", "list", "--count", *words)
        return self.parameters("CountKeys")

    def refused(self, text, *words):
        done = self.cli("key", "list", *words, status=2)
        self.assertIn(text, done.stderr)
        self.assertEqual(self.daemon.calls, [])

    def test_each_option_is_one_condition(self):
        for words, parameters in (
                ((), {}),
                (("--search", "back"), {"search": "back"}),
                (("--owner", "alice"), {"owner": "alice"}),
                (("--creator", "root"), {"creator": "root"}),
                (("--team", "payments"), {"team": "payments"}),
                (("--state", "active", "--state", "paused", "--state", "active"), {"states": ["active", "paused"]}),
                (("--scoped",), {"kind": "scoped"}),
                (("--unscoped",), {"kind": "unscoped"}),
                (("--scope", "read:policies:admin"), {"gives_scope": "read:policies:admin"}),
                (("--action", "delete"), {"holds_action": "delete"}),
                (("--never-used",), {"used": False}),
                (("--created-after", "2026-01-02"), {"created_after": "2026-01-02T00:00:00Z"}),
                (("--created-before", "2026-01-02T03:04:05+01:00"), {"created_before": "2026-01-02T02:04:05Z"}),
                (("--expires-after", "2026-01-02"), {"expires_after": "2026-01-02T00:00:00Z"}),
                (("--expires-before", "2026-01-02"), {"expires_before": "2026-01-02T00:00:00Z"}),
                (("--used-after", "2026-01-02"), {"used_after": "2026-01-02T00:00:00Z"}),
                (("--used-before", "2026-01-02"), {"used_before": "2026-01-02T00:00:00Z"})):
            self.assertEqual(self.filter(*words), parameters, words)

    def test_a_duration_is_ago_for_making_and_use_and_ahead_for_the_end(self):
        day = 86400
        for option, parameter, days in (
                ("--created-after", "created_after", -7), ("--created-before", "created_before", -7),
                ("--used-after", "used_after", -7), ("--used-before", "used_before", -7),
                ("--unused-for", "unused_since", -7), ("--expires-after", "expires_after", 7),
                ("--expires-before", "expires_before", 7), ("--expires-within", "expires_before", 7)):
            sent = self.filter(option, "7d")[parameter]
            self.assertAlmostEqual(moment(sent), time.time() + days * day, delta=60, msg=option)

    def test_what_ends_within_a_time_has_not_ended_yet(self):
        sent = self.filter("--expires-within", "1h")
        self.assertEqual(sent["states"], LIVE)
        self.assertAlmostEqual(moment(sent["expires_after"]), time.time(), delta=60)
        self.assertEqual(self.filter("--expires-within", "1h", "--state", "revoked")["states"], ["revoked"])

    def test_a_time_before_all_keys_is_the_earliest(self):
        self.assertEqual(self.filter("--created-after", "5200w")["created_after"],
                         "2020-01-01T00:00:00Z")

    def test_conditions_that_no_key_meets_are_refused(self):
        self.refused("exclude each other", "--scoped", "--unscoped")
        self.refused("exclude each other", "--unscoped", "--scope", "read:policies:admin")
        self.refused("exclude each other", "--unscoped", "--action", "read")
        self.refused("exclude each other", "--never-used", "--used-after", "7d")
        self.refused("exclude each other", "--expires-within", "7d", "--expires-before", "8d")
        self.refused("no key is between them", "--created-after", "2026-02-01", "--created-before", "2026-01-01")
        self.refused("no key is between them", "--used-after", "1d", "--used-before", "2d")

    def test_values_that_are_none_are_refused(self):
        self.refused("did you mean: active", "--state", "actve")
        self.refused("it is one of: read, write, delete", "--action", "fly")
        self.refused("--owner is empty", "--owner", "")
        for option in ("--created-after", "--created-before", "--expires-after", "--expires-before", "--used-after",
                       "--used-before", "--expires-within", "--unused-for"):
            for value in ("", "x", "-7d", "7", "2026-02-30", "1m1d1x", "\x1b[31m"):
                self.refused(option, f"{option}={value}")
        self.refused("no length of time", "--unused-for", "2026-01-01")
        self.refused("given twice", "--owner", "a", "--owner", "b")


class KeyListTest(FindCase):
    def test_pages_are_shown_one_after_the_other(self):
        for number in range(1201):
            key_id = f"{number:017}"
            self.daemon.add(sample_key(1, key_id=key_id, name=f"key {number}"))
        done = self.cli("key", "list", "--json")
        self.assertEqual(len(json.loads(done.stdout)["keys"]), 1201)
        self.assertNotIn("next_after", json.loads(done.stdout))
        self.assertEqual([call[1]["limit"] for call in self.daemon.calls], [500, 500, 500])
        self.assertEqual(len(self.cli("key", "list").stdout.splitlines()), 1202)
        ids = self.cli("key", "list", "--ids", "--limit", "501")
        self.assertEqual(len(ids.stdout.splitlines()), 501)
        self.assertIn("--after 00000000000000500", ids.stderr)
        limited = json.loads(self.cli("key", "list", "--limit", "2", "--after", "00000000000000500", "--json").stdout)
        self.assertEqual(limited["next_after"], "00000000000000502")
        self.assertEqual(self.cli("key", "list", "--count").stdout, "1201\n")
        self.assertEqual(json.loads(self.cli("key", "list", "--count", "--json").stdout), {"keys": 1201})

    def test_the_first_page_is_shown_before_the_last_is_there(self):
        self.daemon.add(*(sample_key(1, key_id=f"{number:017}") for number in range(600)))
        pages, first_is_shown = [], threading.Event()

        def slowly(**parameters):
            pages.append(parameters)
            if len(pages) == 2:
                first_is_shown.wait(30)
            return self.daemon.ListKeys(**parameters)

        self.answer("ListKeys", slowly)
        with Typed(self.daemon.directory, "key", "list") as typed:
            typed.expect("00000000000000499")
            first_is_shown.set()
            self.assertEqual(typed.wait(), 0)
        self.assertEqual(len(pages), 2)

    def test_a_list_that_nobody_reads_is_not_fetched_to_its_end(self):
        self.daemon.add(*(sample_key(1, key_id=f"{number:017}") for number in range(5000)))
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([program(), "key", "list"], stdout=writing, stderr=subprocess.PIPE, check=False,
                              env=environment(self.daemon.directory))
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(self.daemon.calls), 1)

    def test_it_filters_and_sorts_and_says_when_nothing_is_there(self):
        done = self.cli("key", "list", "--state", "revoked", "--owner", "bob", "--sort", "-last_used")
        self.assertEqual((done.stdout, done.stderr), ("", "there are no such keys\n"))
        self.assertEqual(self.parameters(), {"states": ["revoked"], "owner": "bob", "sort": "-last_used", "limit": 500})
        self.assertEqual(self.cli("key", "list", "--json").stdout, '{"keys":[]}\n')
        self.assertIn("did you mean: last_used", self.cli("key", "list", "--sort", "last-used", status=2).stderr)

    def test_forms_exclude_each_other(self):
        for words in (["--json", "--csv"], ["--csv", "--ids"], ["--ids", "--count"], ["--count", "--csv"],
                      ["--count", "--limit", "3"], ["--count", "--sort", "name"]):
            self.cli("key", "list", *words, status=2)
        self.assertEqual(self.daemon.calls, [])
        for limit in ("0", "-1", "x", "1.5"):
            self.assertIn("--limit", self.cli("key", "list", f"--limit={limit}", status=2).stderr)

    def test_it_shows_scopes_use_and_end(self):
        self.daemon.add(sample_key(1, scopes=["a", "b"]),
                        sample_key(2, unscoped=True, scopes=[], uses=3, last_used_at="2026-01-01T00:00:00Z", team="t"),
                        sample_key(3, state="revoked", name="evil \u202e\x1b[31mname", denials=7))
        lines = [line.split() for line in self.cli("key", "list").stdout.splitlines()]
        self.assertEqual(" ".join(lines[0]), "key id name owner team creator scopes state created last used uses denials "
                                             "generation expires in")
        self.assertEqual(lines[1][:7], [ID, "key", "1", "alice", "root", "2", "active"])
        self.assertIn("never", lines[1])
        self.assertIn("unscoped", lines[2])
        self.assertEqual(lines[3][2], "\\u{202E}\\u{1B}[31mname")
        self.assertEqual(lines[3][-1], "-")

    def test_a_narrow_terminal_loses_the_least_important_columns(self):
        self.daemon.add(sample_key(1, name="a name that is as long as names of keys are, and longer", owner="o" * 40))
        for columns in (40, 60, 80, 100, 140, 200):
            lines = self.terminal("key", "list", columns=columns).splitlines()
            self.assertEqual(len(lines), 2)
            self.assertTrue(all(len(line) <= columns for line in lines), lines)
            self.assertIn("state", lines[0])
        self.assertNotIn("denials", self.terminal("key", "list", columns=80))
        self.assertIn("denials", self.terminal("key", "list", columns=240))

    def test_csv_is_what_a_reader_of_csv_understands(self):
        names = ['comma, "quote"', "=1+1", "+1", "-1", "@x", "plain", "two\nlines"]
        self.daemon.add(*(sample_key(number, name=name, scopes=["a", "b"]) for number, name in enumerate(names, 1)))
        done = subprocess.run([program(), "key", "list", "--csv"], capture_output=True, check=True,
                              env=environment(self.daemon.directory))
        self.assertEqual(done.stdout.count(b"\r\n"), len(names) + 1)
        rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
        self.assertEqual([row["name"] for row in rows],
                         [names[0], "'=1+1", "'+1", "'-1", "'@x", "plain", "two\\u{0A}lines"])
        self.assertEqual((rows[0]["scopes"], rows[0]["unscoped"], rows[0]["uses"], rows[0]["last_used_at"]),
                         ("a b", "false", "0", ""))


class KeyShowTest(FindCase):
    def test_everything_about_a_key_is_shown(self):
        key = sample_key(1, description="what for", previous_generation_ends_at="2098-01-01T00:00:00Z",
                         previous_generation_until_used=True, denials=2, last_denial="insufficient_scope",
                         last_denied_at="2026-01-01T00:00:00Z", last_denied_by_uid=os.getuid(), bundles=["read-only"],
                         replaces="00000000000000009", ended_secret_presented_at="2026-01-01T00:00:00Z")
        self.daemon.add(key)
        reply = {"record": key, "replaced_by": "00000000000000008", "asked_scopes": [
                     {"scope": "read:domains:admin", "last_asked_at": "2026-01-01T00:00:00Z"}],
                 "callers": [{"generation": 1, "uid": os.getuid(), "unit": "report.service", "uses": 12,
                              "first_used_at": "2026-01-01T00:00:00Z", "last_used_at": "2026-01-02T00:00:00Z"},
                             {"generation": 1, "uid": 4000000000, "uses": 1,
                              "first_used_at": "2026-01-01T00:00:00Z", "last_used_at": "2026-01-02T00:00:00Z"}]}
        self.answer("GetKey", reply)
        shown = self.cli("key", "show", ID).stdout
        for text in ("what for", "old secret ends", "as soon as the new one is used", "2 times, last as insufficient_scope",
                     "never", "read-only", "00000000000000009", "00000000000000008", "report.service", ME,
                     "uid 4000000000", "read:domains:admin", "key.create", "ended secret seen"):
            self.assertIn(text, shown)
        printed = json.loads(self.cli("key", "show", ID, "--json").stdout)
        self.assertEqual(len(printed.pop("history")), 20)
        self.assertEqual(printed, reply)
        self.assertEqual(self.parameters("ListAudit"), {"subject": ID, "limit": 20})

    def test_the_history_is_left_out_for_those_who_may_not_read_it(self):
        self.daemon.add(sample_key(1))
        self.answer("ListAudit", Refusal("org.varlink.service.PermissionDenied"))
        done = self.cli("key", "show", ID)
        self.assertNotIn("History", done.stdout)
        self.assertEqual(done.stderr, "")
        self.assertNotIn("history", json.loads(self.cli("key", "show", ID, "--json").stdout))

    def test_a_key_that_is_not_there_is_3(self):
        self.assertIn("there is no key zzz", self.cli("key", "show", "zzz", status=3).stderr)

    def test_hostile_texts_are_escaped(self):
        key = sample_key(1, name=HOSTILE, description=HOSTILE, owner=HOSTILE, end_reason=HOSTILE, last_denial=HOSTILE, denials=1)
        self.answer("GetKey", {"record": key, "callers": [{"generation": 1, "uid": 1, "unit": HOSTILE}],
                               "asked_scopes": [{"scope": HOSTILE}]})
        shown = self.cli("key", "show", ID).stdout
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\u202e", shown)
        self.assertIn("\\u{202E}", shown)


class ScopeTest(FindCase):
    def scopes(self, *words):
        return self.cli("scope", "list", "--names", *words).stdout.split()

    def test_the_daemon_filters(self):
        self.assertEqual(self.scopes("--action", "read"), ["read:domains:admin", "read:policies:admin"])
        self.cli("scope", "list", "--domain", "admin", "--search", "POLICIES")
        self.assertEqual(self.parameters(), {"domain": "admin", "search": "POLICIES"})
        self.assertEqual(json.loads(self.cli("scope", "list", "--json").stdout), {"scopes": SCOPES})
        self.assertIn("there are no such scopes", self.cli("scope", "list", "--search", "zzz").stderr)
        self.assertIn("did you mean: read", self.cli("scope", "list", "--action", "raed", status=2).stderr)

    def test_a_bundle_is_a_filter(self):
        self.assertEqual(self.scopes("--bundle", "read-only"), ["read:domains:admin", "read:policies:admin"])
        self.assertIn('no bundle "x"', self.cli("scope", "list", "--bundle", "x", status=3).stderr)

    def test_they_are_sorted_by_any_column_in_both_directions(self):
        self.answer("ListScopes", {"scopes": [
            {"name": "b", "action": "delete", "domain": "x", "summary": "2"}, {"name": "c", "action": "read", "summary": "3"},
            {"name": "a", "action": "write", "domain": "y", "summary": "1"}, {"name": "d", "action": "read", "summary": "0"}]})
        for sort, names in (("name", "abcd"), ("-name", "dcba"), ("action", "cdab"), ("-action", "badc"), ("domain", "cdba"),
                            ("summary", "dabc")):
            self.assertEqual("".join(self.scopes("--sort", sort)), names, sort)
        self.assertIn("did you mean: domain", self.cli("scope", "list", "--sort", "domian", status=2).stderr)

    def test_pages_of_14_as_on_a_screen(self):
        all_scopes = [{"name": f"read:x{number:02}", "action": "read", "summary": "s"} for number in range(22)]
        self.answer("ListScopes", {"scopes": all_scopes})
        first = self.cli("scope", "list", "--page-size", "14")
        self.assertEqual((len(first.stdout.splitlines()), first.stderr), (15, "page 1 of 2, 22 scopes\n"))
        second = self.cli("scope", "list", "--page", "2")
        self.assertEqual((len(second.stdout.splitlines()), second.stderr), (9, "page 2 of 2, 22 scopes\n"))
        self.assertEqual(json.loads(self.cli("scope", "list", "--page-size", "10", "--page", "3", "--json").stdout),
                         {"scopes": all_scopes[20:], "page": 3, "pages": 3, "all": 22})
        self.assertIn("only 2 pages", self.cli("scope", "list", "--page", "3", status=2).stderr)
        for words in (["--page", "0"], ["--page-size", "0"], ["--page", "x"]):
            self.cli("scope", "list", *words, status=2)
        self.answer("ListScopes", {"scopes": []})
        self.assertIn("no such scopes", self.cli("scope", "list", "--page", "1").stderr)
        self.assertEqual(len(self.cli("scope", "list", "--page-size", "9223372036854775806").stdout), 0)

    def test_a_scope_is_shown_with_its_bundles_and_keys(self):
        self.daemon.add(sample_key(1), sample_key(2, unscoped=True, scopes=[]), sample_key(3, scopes=["write:policies:admin"]),
                        sample_key(4, state="revoked"))
        shown = self.cli("scope", "show", "read:policies:admin").stdout
        for text in ("List policies", "read-only", "1 key, and 1 key without scopes, which can do everything", ID):
            self.assertIn(text, shown)
        self.assertNotIn("00000000000000003", shown)
        printed = json.loads(self.cli("scope", "show", "read:policies:admin", "--json").stdout)
        self.assertEqual((printed["holders"], printed["unscoped_keys"], printed["bundles"], printed["keys"]),
                         (1, 1, ["read-only"], [self.daemon.keys[ID]]))
        self.assertIn("did you mean: read:domains:admin", self.cli("scope", "show", "zzz", status=3).stderr)

    def test_a_scope_of_many_keys_shows_the_first_and_how_to_see_the_rest(self):
        self.daemon.add(*(sample_key(1, key_id=f"{number:017}") for number in range(12)))
        done = self.cli("scope", "show", "read:policies:admin")
        self.assertIn("12 keys", done.stdout)
        self.assertEqual(done.stdout.count("active"), 10)
        self.assertIn("claviger key list --scope read:policies:admin", done.stderr)

    def test_bundles(self):
        self.assertIn("Every read scope", self.cli("bundle", "list").stdout)
        self.assertEqual(self.cli("bundle", "list", "--names").stdout, "read-only\n")
        self.assertIn("bundles", json.loads(self.cli("bundle", "list", "--json").stdout))
        self.answer("ListBundles", {"bundles": [], "files": []})
        self.assertIn("no bundles", self.cli("bundle", "list").stderr)


class AuditTest(FindCase):
    def test_acts_are_listed_newest_first(self):
        self.assertEqual(len(self.cli("audit", "list").stdout.splitlines()), 101)
        done = self.cli("audit", "list", "--limit", "3", "--before", "100", "--key", ID)
        self.assertEqual(self.parameters(), {"subject": ID, "before": 100, "limit": 3})
        self.assertEqual(done.stdout.splitlines()[1].split(),
                         ["99", "2026-01-01T00:00:00Z", "root", "key.create", ID, "key", "99", "claviger[7]"])
        self.assertIn("claviger audit list --before 97", done.stderr)
        records = json.loads(self.cli("audit", "list", "--limit", "600", "--json").stdout)
        self.assertEqual([record["sequence"] for record in records["records"]], list(range(250, 0, -1)))
        self.assertNotIn("next_before", records)


if __name__ == "__main__":
    unittest.main()
