"""claviger review, without a terminal, against a daemon in Python."""

import html.parser
import json
import os
import pwd
import stat
import unittest

from fake_daemon import sample_key
from find_case import HOSTILE, ID, FindCase

ME = pwd.getpwuid(os.getuid()).pw_name
FOREIGN = "--foreign-owners"


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


if __name__ == "__main__":
    unittest.main()
