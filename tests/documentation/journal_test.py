"""The kinds of journal entries are the same in the daemon, in the journal's catalogue and in clavigerd(8)."""

import os
import re
import sys
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else "."


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def kinds():
    return dict(re.findall(r'EventKind\{"([^"]+)",\s*"([0-9a-f]{32})"', read("daemon", "api", "event_table.cc")))


def catalogue():
    """id -> (headers, body)"""
    entries = {}
    for text in re.split(r"^-- ", read("systemd", "claviger.catalog"), flags=re.M)[1:]:
        identity, rest = text.split("\n", 1)
        head, body = rest.split("\n\n", 1)
        entries[identity] = (dict(line.split(": ", 1) for line in head.splitlines()), body)
    return entries


class Journal(unittest.TestCase):
    def test_there_are_kinds(self):
        self.assertGreater(len(kinds()), 25)

    def test_the_catalogue_explains_every_kind_and_nothing_else(self):
        self.assertEqual(set(catalogue()), set(kinds().values()))

    def test_every_entry_says_what_happened_who_helps_and_where_to_read_on(self):
        for identity, (head, body) in catalogue().items():
            with self.subTest(identity):
                self.assertEqual(list(head), ["Subject", "Defined-By", "Support", "Documentation"])
                self.assertEqual(head["Defined-By"], "claviger")
                self.assertRegex(head["Documentation"], r"^man:")
                self.assertGreater(len(body.strip()), 20)

    def test_the_catalogue_names_only_fields_that_entries_have(self):
        source = "".join(read("daemon", "api", name) for name in os.listdir(os.path.join(ROOT, "daemon", "api"))
                         if name.endswith((".cc", ".h"))) + read("daemon", "journal.cc")
        for identity, (head, body) in catalogue().items():
            for field in re.findall(r"@([A-Z_]+)@", head["Subject"] + body):
                with self.subTest(identity, field=field):
                    self.assertIn(f'"{field}"', source)

    def test_the_manual_lists_every_kind_with_its_message_id(self):
        section = read("man", "clavigerd.8").split(".Sh JOURNAL")[1].split(".Sh ")[0]
        listed = dict(re.findall(r"^\.It Li (\S+)\n.+\n\.Li ([0-9a-f]{32})$", section, flags=re.M))
        self.assertEqual(listed, kinds())


if __name__ == "__main__":
    unittest.main()
