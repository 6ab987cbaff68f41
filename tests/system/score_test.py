"""What systemd-analyze says of the units is what they, and the manual, say of themselves. Needs no booted systemd."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else "."
FOLDER = os.path.join(ROOT, "systemd")
SERVICES = sorted(name for name in os.listdir(FOLDER) if name.endswith(".service"))
DROP_INS = sorted(name for name in os.listdir(FOLDER)
                  if name.endswith(".conf") and not name.startswith("claviger."))


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def score_of(service, drop_in=None):
    with tempfile.TemporaryDirectory() as folder:
        unit = shutil.copy(os.path.join(FOLDER, service), folder)
        if drop_in:
            os.mkdir(unit + ".d")
            shutil.copy(os.path.join(FOLDER, drop_in), unit + ".d")
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
                              capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout
    return re.search(r"exposure level for \S+: (\d+\.\d)", said)[1]


class Score(unittest.TestCase):
    def test_the_service_is_at_half_a_point_or_better(self):
        self.assertLessEqual(float(score_of("claviger.service")), 0.5)

    def test_a_weaker_unit_would_have_a_worse_score(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = os.path.join(folder, "claviger.service")
            with open(unit, "w", encoding="utf-8") as file:
                file.write(text_of("systemd", "claviger.service").replace("PrivateNetwork=yes", "PrivateNetwork=no"))
            self.assertGreater(float(score_of(unit)), 0.5)

    def test_each_service_names_its_score(self):
        for service in SERVICES:
            with self.subTest(service):
                self.assertRegex(text_of("systemd", service), rf"says {re.escape(score_of(service))}[.,]")

    def test_each_drop_in_names_the_score_with_it_and_so_does_the_manual(self):
        manual = text_of("man", "clavigerd.8")
        for drop_in in DROP_INS:
            with self.subTest(drop_in):
                score = re.escape(score_of("claviger.service", drop_in))
                self.assertRegex(text_of("systemd", drop_in), rf"then says {score},")
                self.assertRegex(manual, rf"\.It Pa {re.escape(drop_in)}\n(?:(?!\.It).*\n)*?.*{score}\.\n")


if __name__ == "__main__":
    unittest.main()
