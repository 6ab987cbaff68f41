"""The commands that find and examine, without a terminal, against a daemon in Python."""

import csv
import datetime
import html.parser
import io
import json
import os
import pwd
import stat
import subprocess
import tempfile
import time
import unittest

from claviger_command import Typed, environment, program, run
from fake_daemon import SCOPES, FakeDaemon, Refusal, sample_key

ID = "00000000000000001"
ADMIN = "io.claviger.Admin."
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m\"'&"
LIVE = ["pending", "active", "paused"]
ME = pwd.getpwuid(os.getuid()).pw_name
FOREIGN = "--foreign-owners"


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()


class FindCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def cli(self, *words, status=0, **options):
        done = run(self.daemon.directory, *words, **options)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def terminal(self, *words, columns=80, status=0, **changes):
        with Typed(self.daemon.directory, *words, columns=columns, **changes) as typed:
            self.assertEqual(typed.wait(), status, typed.output)
            return typed.plain

    def answer(self, method, reply):
        self.daemon.answers[ADMIN + method] = reply

    def parameters(self, method=None):
        calls = [call for call in self.daemon.calls if method is None or call[0] == ADMIN + method]
        return calls[-1][1]

    def path(self, name):
        return os.path.join(self.folder, name)


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
        pages = []

        def slowly(**parameters):
            pages.append(parameters)
            if len(pages) == 2:
                typed.expect("00000000000000499")
            return self.daemon.ListKeys(**parameters)

        self.answer("ListKeys", slowly)
        with Typed(self.daemon.directory, "key", "list") as typed:
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


class PageReader(html.parser.HTMLParser):
    """Checks that elements are closed in order, and collects what matters."""

    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.tags = []
        self.links = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action")]
        self.links += [name for name, _ in attributes if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.text += data


class ReviewTest(FindCase):
    def page(self, *words, status=1):
        path = self.path("review.html")
        self.cli("review", "--html", path, *words, status=status)
        with open(path, encoding="utf-8") as file:
            reader = PageReader()
            text = file.read()
        reader.feed(text)
        reader.close()
        self.assertEqual(reader.open, [])
        return text, reader

    def test_nothing_to_do_is_0(self):
        self.daemon.add(sample_key(1))
        done = self.cli("review", FOREIGN)
        self.assertIn("nothing needs attention", done.stdout)
        self.assertEqual(self.cli("review", FOREIGN, "--quiet").stdout, "")
        self.assertEqual(json.loads(self.cli("review", FOREIGN, "--json").stdout)["attention"], [])

    def test_findings_come_first_with_what_mends_them(self):
        self.daemon.add(sample_key(1), sample_key(2, unscoped=True, scopes=[]))
        shown = self.cli("review", FOREIGN, status=1).stdout
        self.assertIn("1 finding needs attention", shown)
        self.assertIn("-> claviger rotate plan --unscoped", shown)
        self.assertLess(shown.index("1 key: full access"), shown.index("Totals"))
        self.assertEqual(self.cli("review", FOREIGN, "--quiet", status=1).stdout, "1 key: full access\n")
        self.assertEqual(json.loads(self.cli("review", FOREIGN, "--json", status=1).stdout)["attention"], ["unscoped"])

    def test_every_kind_has_its_words_and_its_command(self):
        attention = ["ended_secret_presented", "expired_presented", "policy", "lost_scopes", "unscoped", "expiring", "unused",
                     "never_used", "something_new"]
        review = self.daemon.GetReview()
        for kind in attention + ["long_lived", "delete_scopes", "same_scopes"]:
            key = {"key_id": ID, "name": "n", "owner": "o", "expires_at": "2099-01-01T00:00:00Z", "uses": 0}
            review["findings"] = [{"kind": kind, "count": 1, "keys": [key]}]
            self.answer("GetReview", review)
            done = self.cli("review", FOREIGN, status=1 if kind in attention else 0)
            self.assertIn("-> claviger ", done.stdout)
            self.assertIn("1 key: ", done.stdout)
            if "_" in kind and kind != "something_new":
                self.assertNotIn(kind, done.stdout)

    def test_commands_name_the_key_if_it_is_one_and_the_periods(self):
        review = self.daemon.GetReview()
        keys = [{"key_id": ID, "name": "n", "owner": "o"}, {"key_id": ID[:-1] + "2", "name": "m", "owner": "o"}]
        review["findings"] = [{"kind": "expiring", "count": 1, "keys": keys[:1]},
                              {"kind": "unused", "count": 2, "keys": keys}, {"kind": "long_lived", "count": 7, "keys": keys}]
        self.answer("GetReview", review)
        shown = self.cli("review", FOREIGN, "--expiring-within", "10d", "--unused-for", "20d", "--never-used-for", "12h",
                         "--lifetime-over", "1d12h", status=1).stdout
        self.assertEqual(self.parameters(), {"expiring_within": 864000, "unused_for": 1728000, "never_used_for": 43200,
                                             "lifetime_over": 129600, "limit": 3})
        self.assertIn("1 key: end within 10d", shown)
        self.assertIn(f"-> claviger key rotate {ID}", shown)
        self.assertIn("-> claviger key revoke --unused-for 20d --dry-run", shown)
        self.assertIn("-> claviger key edit KEY_ID", shown)
        self.assertIn("7 keys: live longer than 1d12h", shown)
        self.assertIn("and 5 more", shown)

    def test_owners_that_are_gone_are_found(self):
        self.daemon.add(sample_key(1, owner=ME), sample_key(2, owner="no such user"), sample_key(3, owner="-gone'"),
                        sample_key(4, owner="no such user", state="revoked"))
        printed = json.loads(self.cli("review", "--json", status=1).stdout)
        finding = printed["findings"][-1]
        self.assertEqual((finding["kind"], finding["count"]), ("owner_gone", 2))
        self.assertEqual([key["key_id"][-1] for key in finding["keys"]], ["3", "2"])
        self.assertEqual(printed["owners_gone"], ["-gone'", "no such user"])
        self.assertIn("-> claviger principal leave OWNER", self.cli("review", status=1).stdout)
        del self.daemon.keys["00000000000000002"]
        self.assertIn("-> claviger principal leave -- '-gone'\\'''", self.cli("review", status=1).stdout)
        self.cli("review", FOREIGN)

    def test_wrong_values_are_refused(self):
        for option in ("--expiring-within", "--unused-for", "--never-used-for", "--lifetime-over"):
            for value in ("", "x", "0d", "2026-01-01"):
                self.assertIn(option, self.cli("review", f"{option}={value}", status=2).stderr)
        for value in ("0", "501", "x"):
            self.assertIn("--limit", self.cli("review", "--limit", value, status=2).stderr)
        self.assertIn("--html", self.cli("review", "--html", self.folder, FOREIGN, status=2).stderr)
        self.cli("review", "--html", "-", "--json", status=2)
        self.assertIn("/no/such", self.cli("review", FOREIGN, "--html", "/no/such/folder/x", status=3).stderr)

    def test_the_page_needs_nothing_but_itself(self):
        self.daemon.add(sample_key(1), sample_key(2, unscoped=True, scopes=[]))
        text, reader = self.page(FOREIGN)
        self.assertEqual(reader.links, [])
        self.assertFalse({"script", "link", "img", "iframe", "object"} & set(reader.tags))
        self.assertNotIn("url(", text)
        self.assertNotIn("@import", text)
        self.assertIn("default-src 'none'", text)
        self.assertGreaterEqual(reader.tags.count("svg"), 5)
        for words in ("1 finding needs attention", "claviger rotate plan --unscoped", "When they end", "Who owns them"):
            self.assertIn(words, reader.text)

    def test_hostile_texts_stay_texts(self):
        self.daemon.add(sample_key(1, name=HOSTILE, owner=HOSTILE, creator=HOSTILE, unscoped=True, scopes=[]))
        text, reader = self.page()
        self.assertNotIn("script", reader.tags)
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertIn("<script>alert(1)</script>\\u{202E}", reader.text)
        for words in (["review"], ["review", "--quiet"]):
            shown = self.cli(*words, status=1).stdout
            self.assertNotIn("\x1b", shown)
            self.assertNotIn("\u202e", shown)

    def test_the_file_is_the_owners_alone_unless_it_was_there(self):
        path = self.path("review.html")
        self.page(FOREIGN, status=0)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        os.chmod(path, 0o640)
        self.page(FOREIGN, status=0)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        self.assertEqual(os.listdir(self.folder), ["review.html"])
        self.assertTrue(self.cli("review", FOREIGN, "--html", "-").stdout.startswith("<!DOCTYPE html>"))

    def test_no_line_is_wider_than_the_terminal(self):
        self.daemon.add(sample_key(1, name="n" * 100, owner="o" * 100, unscoped=True, scopes=[]))
        for columns in (60, 80, 140):
            lines = self.terminal("review", FOREIGN, columns=columns, status=1).splitlines()
            self.assertTrue(all(len(line) <= columns for line in lines if " o" not in line), lines)


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
