"""Every manual page passes mandoc's checks, is installed, and refers to pages of ours that exist."""

import os
import re
import subprocess
import sys
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else "."
FOLDER = os.path.join(ROOT, "man")
PAGES = sorted(name for name in os.listdir(FOLDER) if re.search(r"\.[1-9]$", name))
FOREIGN = {"socat 1", "systemd 1", "systemd-creds 1"}


class ManualFormat(unittest.TestCase):
    def test_there_are_pages(self):
        self.assertEqual(PAGES, ["claviger-setup.7", "claviger.1", "claviger.toml.5", "clavigerd.8", "io.claviger.7"])

    def test_mandoc_finds_nothing_to_warn_of(self):
        for page in PAGES:
            with self.subTest(page):
                lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", os.path.join(FOLDER, page)],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(lint.stdout + lint.stderr, "")
                self.assertEqual(lint.returncode, 0)

    def test_every_page_is_installed(self):
        with open(os.path.join(FOLDER, "CMakeLists.txt"), encoding="utf-8") as file:
            text = file.read()
        for page in PAGES:
            self.assertIn(f"install(FILES {page} DESTINATION ${{CMAKE_INSTALL_MANDIR}}/man{page[-1]})", text)

    def test_references_lead_to_pages(self):
        known = {f"{page[:-2]} {page[-1]}" for page in PAGES} | FOREIGN
        for page in PAGES:
            with open(os.path.join(FOLDER, page), encoding="utf-8") as file:
                references = set(re.findall(r"^\.Xr (\S+ \d)", file.read(), re.MULTILINE))
            self.assertLessEqual(references, known, page)


if __name__ == "__main__":
    unittest.main()
