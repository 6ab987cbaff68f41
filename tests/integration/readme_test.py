"""What README.md tells the reader to type works."""

import json
import os
import pwd
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import SOURCE, Daemon  # noqa: E402

SCOPE = "read:policies:admin"
KEY_ID = r"\b[0-9A-Za-z]{17}\b"


def block(language):
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        return re.search(rf"```{language}\n(.*?)```", file.read(), re.DOTALL).group(1)


def stable(line):
    """A line without what differs from run to run: ids, times, who runs it, how wide the columns are."""
    line = re.sub(KEY_ID, "ID", line)
    line = re.sub(r"\b(never|now|\d+s ago)\b", "USED", line)
    line = re.sub(rf"\b(root|{re.escape(pwd.getpwuid(os.getuid()).pw_name)})\b", "USER", line)
    return " ".join(line.split())


class Readme(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        self.folder = self.daemon.path("reader")
        os.mkdir(self.folder)

    def shell(self, commands):
        environment = dict(self.daemon.environment, CLAVIGER_SOCKET_DIRECTORY=self.daemon.socket_directory)
        environment["PATH"] = os.path.dirname(self.daemon.claviger) + ":" + environment["PATH"]
        return subprocess.run(["sh", "-c", commands], cwd=self.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)

    def on_terminal(self, command):
        """The same on a terminal of 80 columns, which all output goes to."""
        command = f"stty cols 80; export NO_COLOR=1; {command}"
        return self.shell(f"script -qefc {shlex.quote(command)} /dev/null")

    def test_the_session_prints_what_it_shows(self):
        shown = re.split(r"^\$ ", block(""), flags=re.MULTILINE)[1:]
        key_id = None
        for part in shown:
            command, _, expected = part.partition("\n")
            if key_id:
                command = re.sub(KEY_ID, key_id, command)
            done = self.on_terminal(command)
            self.assertEqual(done.returncode, 3 if "not valid" in expected else 0, f"{command}: {done.stderr}")
            for line in expected.splitlines():
                self.assertIn(stable(line), [stable(printed) for printed in done.stdout.splitlines()])
            key_id = key_id or re.search(f"({KEY_ID})|$", done.stdout).group(1)
        self.assertIn(f"{key_id} policy reader", re.sub(" +", " ", self.shell("claviger key list").stdout))
        self.assertIn("revoked", self.shell("claviger key list").stdout)

    def test_the_shell_lines_ask_the_daemon(self):
        key = self.daemon.create_key(name="policy reader", scopes=[SCOPE])["key"]
        with open(os.path.join(self.folder, "reader.key"), "w", encoding="ascii") as file:
            file.write(key + "\n")
        done = self.shell(block("sh").replace("/run/claviger", self.daemon.socket_directory))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.rstrip("\0"))["parameters"]["code"], "valid")

    def test_the_python_function_asks_the_daemon(self):
        names = {}
        exec(block("python"), names)  # pylint: disable=exec-used
        key = self.daemon.create_key(scopes=[SCOPE])["key"]
        path = self.daemon.verify_socket
        self.assertTrue(names["verify"](key, SCOPE, path=path)["valid"])
        self.assertEqual(names["verify"](key, "write:policies:admin", path=path)["code"], "insufficient_scope")


if __name__ == "__main__":
    unittest.main(verbosity=2)
