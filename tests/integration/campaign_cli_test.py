"""From keys with full access to keys with scopes by `claviger rotate`, with a real daemon: also when it is broken off."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, build_folder  # noqa: E402

READ, WRITE = "read:policies:admin", "write:policies:admin"
USAGE_SECONDS = 6  # usage is at most five seconds late
LIVE = ("pending", "active", "paused")


class Campaign(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(settings={"policy": {"unscoped": "allow-with-reason"}}))
        self.folder = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "new-keys")

    def cli(self, *words, status=0):
        done = self.daemon.cli(*words)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def unscoped(self, name):
        issued = self.daemon.create_key(name, scopes=(), unscoped_reason="from before")
        return issued["key"], issued["record"]["key_id"]

    def secret(self, old_id):
        with open(os.path.join(self.folder, old_id + ".key"), encoding="ascii") as file:
            return file.read().strip()

    def successors(self):
        """Living successors by the id of the old key."""
        found = {}
        for key in json.loads(self.cli("key", "list", "--json").stdout)["keys"]:
            if "replaces" in key and key["state"] in LIVE:
                found.setdefault(key["replaces"], []).append(key)
        return found

    def test_a_key_with_full_access_becomes_one_with_what_it_is_used_for(self):
        key, key_id = self.unscoped("legacy")
        silent, silent_id = self.unscoped("silent")
        for scopes in ([READ], [WRITE], []):
            self.assertTrue(self.daemon.verify(key, scopes=scopes)["valid"])
        self.assertTrue(self.daemon.verify(silent)["valid"])
        time.sleep(USAGE_SECONDS)
        plan = json.loads(self.cli("rotate", "plan", "--unscoped", "--json").stdout)
        self.assertEqual([[asked["scope"] for asked in entry["asked_scopes"]] for entry in plan["ready"]], [[READ, WRITE]])
        self.assertEqual([entry["record"]["key_id"] for entry in plan["unknown"]], [silent_id])

        done = self.cli("rotate", "apply", "--all", "--output-dir", self.folder)
        self.assertIn(f"key {silent_id} stays: no scope was asked of it yet", done.stderr)
        new = self.secret(key_id)
        self.assertTrue(self.daemon.verify(key)["valid"])
        self.assertTrue(self.daemon.verify(new, scopes=[READ, WRITE])["valid"])
        self.assertEqual(self.daemon.verify(new, scopes=["delete:policies:admin"])["code"], "insufficient_scope")

        self.assertIn("not used yet", self.cli("rotate", "finish", key_id, "--unused-for", "1s", "--yes").stderr)
        time.sleep(USAGE_SECONDS)
        done = self.cli("rotate", "finish", key_id, "--yes")
        self.assertRegex(done.stderr, rf"key {key_id} stays: still used by .*last seen")
        status = json.loads(self.cli("rotate", "status", "--json").stdout)
        self.assertEqual([entry["record"]["key_id"] for entry in status["successions"]], [key_id])
        self.assertIn("revoked key", self.cli("rotate", "finish", "--all", "--unused-for", "1s", "--yes").stderr)
        self.assertEqual(self.daemon.verify(key)["code"], "revoked")
        self.assertTrue(self.daemon.verify(new)["valid"])
        self.assertEqual(json.loads(self.cli("key", "show", key_id, "--json").stdout)["record"]["end_reason"],
                         "replaced by " + new.split("_")[1])
        self.assertTrue(self.daemon.verify(silent)["valid"])

    def test_a_run_that_is_killed_anywhere_is_gone_on_with(self):
        keys = [self.unscoped(f"legacy {number}") for number in range(40)]
        for key, _ in keys:
            self.assertTrue(self.daemon.verify(key, scopes=[READ])["valid"])
        time.sleep(USAGE_SECONDS)
        command = [os.path.join(build_folder(), "cli", "claviger"), "--socket-directory", self.daemon.socket_directory,
                   "rotate", "apply", "--all", "--output-dir", self.folder]
        killed = 0
        for _ in range(200):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                process.communicate(timeout=random.uniform(0.01, 0.08))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(random.choice((signal.SIGKILL, signal.SIGINT)))
                process.communicate()
                killed += 1
        self.assertGreater(killed, 0)
        self.cli("rotate", "apply", "--all", "--output-dir", self.folder)
        successors = self.successors()
        for old, old_id in keys:
            self.assertEqual(len(successors[old_id]), 1)
            self.assertIn(successors[old_id][0]["key_id"], self.secret(old_id))
            self.assertTrue(self.daemon.verify(self.secret(old_id), scopes=[READ])["valid"])
            self.assertTrue(self.daemon.verify(old)["valid"])
        self.assertEqual(len(os.listdir(self.folder)), len(keys))


if __name__ == "__main__":
    unittest.main()
