"""Compares the Debian package's description with the rest of the project. What the package does is tried by tests/system."""
import re
import subprocess
import sys
import unittest
from pathlib import Path

PROJECT = Path(sys.argv.pop(1))
EXAMPLES = {"network-hsm.conf", "notices.conf", "opencryptoki.conf", "tpm.conf", "usb-token.conf"}
OF_THE_BUILD_ONLY = {"g++"}  # Debian's build-essential has it


def text(path):
    return (PROJECT / path).read_text()


def packages(purpose):
    return set(re.findall(rf"^{purpose} +(\S+)", text("contrib/lib/packages"), re.M))


def field(name):
    """One field of debian/control's first paragraph, as the names of its packages."""
    found = re.search(rf"^{name}:((?:\n? .*)+)", text("debian/control").split("\n\n")[0], re.M)
    return {word.split()[0] for word in found[1].split(",") if word.strip()}


class Description(unittest.TestCase):
    def test_the_package_has_the_projects_version(self):
        project = re.search(r"project\(claviger VERSION (\S+)", text("CMakeLists.txt"))[1]
        self.assertEqual(project, re.match(r"claviger \(([^)]+)\)", text("debian/changelog"))[1])

    def test_it_is_built_with_the_packages_that_every_build_needs(self):
        for_debian = {name for name in field("Build-Depends") if not name.startswith(("debhelper-", "dh-"))}
        self.assertEqual(packages("build") - OF_THE_BUILD_ONLY, for_debian)

    def test_scripts_of_the_maintainer_are_shell_without_errors(self):
        scripts = sorted((PROJECT / "debian").glob("claviger.p*"))
        self.assertEqual(["postinst", "postrm"], [path.suffix[1:] for path in scripts])
        for path in scripts:
            self.assertEqual(0, subprocess.run(["sh", "-n", path]).returncode, path.name)
            self.assertIn("\nset -e\n", path.read_text(), path.name)
            self.assertIn("\n#DEBHELPER#\n", path.read_text(), path.name)

    def test_no_script_removes_the_state_the_pin_or_catalogues(self):
        for path in (PROJECT / "debian").glob("claviger.p*"):
            for removal in re.findall(r"^ *rm(?:dir)? (?:[^\n]*\\\n)*[^\n]*", path.read_text(), re.M):
                places = set(re.findall(r"(?:/[\w.*-]+)+", removal.replace("2>/dev/null", "")))
                self.assertTrue(places)
                for place in places:
                    self.assertRegex(place, r"^(/run/claviger|/var/lib/systemd/timers/stamp-claviger-[a-z]+\.timer)$")


class Units(unittest.TestCase):
    def setUp(self):
        self.files = {path.name for path in (PROJECT / "systemd").iterdir() if path.name != "CMakeLists.txt"}
        self.rules = text("debian/rules")

    def test_every_file_of_systemd_is_installed(self):
        rules = re.sub(r"RENAME \S+|#.*", "", text("systemd/CMakeLists.txt"))
        named = set(re.findall(r"[\w.-]+\.(?:service|socket|timer|conf|preset|catalog)\b", rules))
        self.assertEqual(self.files, named)

    def test_the_package_turns_on_what_the_preset_does(self):
        preset = set(re.findall(r"^enable (\S+)", text("systemd/claviger.preset"), re.M))
        turned_on = set(re.findall(r"claviger[a-z-]*\.(?:service|socket|timer)", self.rules))
        self.assertEqual(preset, turned_on)

    def test_what_can_be_enabled_is_in_the_preset_and_the_rest_is_not(self):
        preset = set(re.findall(r"^enable (\S+)", text("systemd/claviger.preset"), re.M))
        enabled = {name for name in self.files
                   if name.endswith((".service", ".socket", ".timer")) and "[Install]" in text(f"systemd/{name}")}
        self.assertEqual(enabled, preset)

    def test_every_timer_has_its_stamp_removed_at_a_purge(self):
        timers = {name for name in self.files if name.endswith(".timer")}
        self.assertEqual(timers, set(re.findall(r"stamp-(\S+\.timer)", text("debian/claviger.postrm"))))

    def test_additions_to_the_service_are_examples_and_not_in_force(self):
        self.assertEqual({name for name in self.files if name.endswith(".conf") and not name.startswith("claviger.")},
                         self.files & EXAMPLES)


class Build(unittest.TestCase):
    """What contrib/build-deb refuses before it begins."""

    def build(self, *arguments):
        return subprocess.run([PROJECT / "contrib/build-deb", *arguments], text=True, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=30)

    def test_what_cannot_be_part_of_a_version_is_refused(self):
        for suffix in ("1 2", "a/b", "$(true)", "x\ny", "-1"):
            done = self.build("--version-suffix", suffix)
            self.assertEqual(2, done.returncode, suffix)
            self.assertIn("cannot be part of a version", done.stderr)

    def test_options_that_do_not_exist_or_lack_a_value_are_refused(self):
        for arguments in (["--fast"], ["--output"], ["--version-suffix"], ["build"]):
            done = self.build(*arguments)
            self.assertEqual(2, done.returncode, arguments)
            self.assertRegex(done.stderr, "there is no option|needs a")

    def test_it_says_what_it_does(self):
        done = self.build("--help")
        self.assertEqual(0, done.returncode)
        self.assertIn("usage: contrib/build-deb", done.stdout)


if __name__ == "__main__":
    unittest.main()
