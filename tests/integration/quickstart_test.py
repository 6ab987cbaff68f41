"""contrib/quickstart shows what it promises, wherever its tree lies."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import SOURCE, Varlink, build_folder  # noqa: E402

SCRIPT = os.path.join(SOURCE, "contrib", "quickstart")


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="clv-quickstart-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def run_script(self, tree, *options, status=0):
        done = subprocess.run([SCRIPT, "--tree", tree, "--programs", build_folder(), *options], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def start(self, tree):
        self.addCleanup(subprocess.run, [SCRIPT, "--tree", tree, "--purge"], capture_output=True, check=False)
        return self.run_script(tree)

    def path(self, output, label):
        return re.search(rf"^{label}: (.*)$", output, re.MULTILINE).group(1)

    def check_at_work(self, tree):
        """Runs the script in `tree` and checks what it printed and left; the output."""
        output = self.start(tree)
        self.assertRegex(output, r"(?m)^Catalogue +22 scopes")
        self.assertRegex(output, r"(?m)^Verify \(valid\) +read:policies:admin$")
        self.assertRegex(output, r"(?m)^Verify \(refused\) +write:policies:admin$")
        refused = output.split("Verify (refused)", 1)[1]
        self.assertIn("write:policies:admin", refused.split("\n", 1)[1].split("\nList", 1)[0])
        self.assertIn("read only demo", refused.split("\nList", 1)[1])
        with open(os.path.join(tree, "demo-key"), encoding="ascii") as file:
            key = file.read().strip()
        self.assertNotIn(key, output)
        with Varlink(self.path(output, "verify socket")) as verifier:
            # On a busy host the token may take longer than a call to it may; then one asks again.
            for _ in range(50):
                verdict = verifier.call("io.claviger.Verify.Verify", key=key, scopes=["read:policies:admin"])
                if verdict["code"] != "unavailable":
                    break
                time.sleep(0.1)
            self.assertEqual((verdict["code"], verdict["name"]), ("valid", "read only demo"))
        command = self.path(output, "claviger command")
        listed = subprocess.run([command, "key", "list"], text=True, capture_output=True, check=False)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("read only demo", listed.stdout)
        return output

    def test_it_goes_from_nothing_to_purged(self):
        tree = os.path.join(self.root, "tree")
        first = self.check_at_work(tree)
        for name in ("demo-key", "pin", "so-pin", "claviger.toml"):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(tree, name)).st_mode) & 0o077, 0, name)
        again = self.start(tree)
        self.assertRegex(again, r"(?m)^Daemon +runs already")
        self.assertRegex(again, r"(?m)^Issue +kept from before")
        self.assertEqual(self.path(again, "admin socket"), self.path(first, "admin socket"))

        self.assertIn("stopped", self.run_script(tree, "--stop"))
        with self.assertRaises(OSError):
            Varlink(self.path(first, "verify socket"))
        self.assertIn("was not running", self.run_script(tree, "--stop"))
        self.assertRegex(self.start(tree), r"(?m)^Daemon +started")
        self.run_script(tree, "--purge")
        self.assertEqual(os.listdir(self.root), [])

    def test_it_works_in_a_path_with_spaces_and_quotes(self):
        tree = os.path.join(self.root, "with space", "and 'quotes\" #1=\\x")
        self.check_at_work(tree)
        self.run_script(tree, "--purge")
        self.assertFalse(os.path.exists(tree))

    def test_it_works_in_a_very_deep_path(self):
        tree = os.path.join(self.root, *["deep-folder-of-forty-characters-in-all"] * 40)
        output = self.check_at_work(tree)
        sockets = os.path.dirname(self.path(output, "verify socket"))
        self.assertLess(len(sockets), 88)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(sockets)).st_mode), 0o700)
        self.run_script(tree, "--purge")
        self.assertFalse(os.path.exists(sockets))

    def test_it_leaves_folders_of_others_alone(self):
        with open(os.path.join(self.root, "precious"), "w", encoding="ascii") as file:
            file.write("data")
        self.assertIn("was not made by this script", self.run_script(self.root, status=1))
        self.assertIn("was not made by this script", self.run_script(self.root, "--purge", status=1))
        self.assertEqual(os.listdir(self.root), ["precious"])

    def test_it_says_which_packages_are_missing_without_root(self):
        folder = os.path.join(self.root, "bin")
        os.mkdir(folder)
        for name, body in {"id": "echo 1000", "dpkg-query": '[ "$4" != softhsm2 ] && printf installed'}.items():
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(f"#!/bin/sh\n{body}\n")
            os.chmod(file.name, 0o755)
        done = subprocess.run([SCRIPT, "--tree", os.path.join(self.root, "tree"), "--programs", build_folder()],
                              env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("These packages are missing:\n  softhsm2\n", done.stderr)
        self.assertIn("apt-get install softhsm2", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.root, "tree")))

    def test_it_refuses_options_that_it_does_not_know(self):
        self.assertIn("there is no option --force", self.run_script(self.root, "--force", status=2))


if __name__ == "__main__":
    unittest.main(verbosity=2)
