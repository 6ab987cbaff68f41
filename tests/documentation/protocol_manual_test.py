"""io.claviger(7) describes what protocol/*.varlink declares: the same methods, types, errors, fields, in the same order."""

import os
import re
import sys
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else "."
INTERFACES = ["io.claviger.Verify", "io.claviger.Admin", "org.varlink.service"]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def fields(text):
    return [tuple(part.strip() for part in field.split(":")) for field in text.split(",") if field.strip()]


def declared(interface):
    """[(kind, name, [lists of (field, type)])] of an interface file."""
    text = re.sub(r"#.*", "", read(f"protocol/{interface}.varlink"))
    found = re.findall(r"\b(type|method|error)\s+(\w+)\s*\(([^)]*)\)(?:\s*->\s*\(([^)]*)\))?", text)
    return [(kind, name, [fields(part) for part in (first, second) if fields(part)])
            for kind, name, first, second in found]


def described(interface):
    """The same, of the manual page."""
    page = read("man/io.claviger.7")
    section = page.split(f".Sh INTERFACE {interface}\n", 1)[1].split("\n.Sh ", 1)[0]
    items = []
    for part in section.split("\n.Ss ")[1:]:
        kind, name = part.split("\n", 1)[0].split()
        lists = [re.findall(r"^\.It Ar (\w+) Pq Vt (\S+)$", block, re.MULTILINE)
                 for block in re.findall(r"^\.Bl -tag -width Ds\n(.*?)^\.El$", part, re.MULTILINE | re.DOTALL)]
        items.append((kind.lower(), name, lists))
    return items


class ProtocolManual(unittest.TestCase):
    maxDiff = None

    def test_every_interface_file_has_its_section(self):
        files = [name[:-len(".varlink")] for name in os.listdir(os.path.join(ROOT, "protocol"))
                 if name.endswith(".varlink")]
        self.assertEqual(sorted(files), sorted(INTERFACES))

    def test_methods_types_errors_and_their_fields_are_described(self):
        for interface in INTERFACES:
            with self.subTest(interface):
                self.assertGreater(len(declared(interface)), 1)
                self.assertEqual(described(interface), declared(interface))

    def test_every_verdict_is_described(self):
        codes = re.search(r"^# code: ([a-z_, \n#]+?):", read("protocol/io.claviger.Verify.varlink"), re.MULTILINE).group(1)
        names = re.split(r",\s+|\s+or\s+", re.sub(r"\s*\n#\s*", " ", codes))
        section = read("man/io.claviger.7").split(".Sh VERDICTS", 1)[1].split("\n.Sh ", 1)[0]
        self.assertEqual(re.findall(r"^\.It Li (\w+)$", section, re.MULTILINE), names)

    def test_every_field_has_a_text(self):
        page = read("man/io.claviger.7")
        self.assertEqual(re.findall(r"^\.It Ar .*\n(?=\.It|\.El)", page, re.MULTILINE), [])


if __name__ == "__main__":
    unittest.main()
