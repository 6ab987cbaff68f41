"""claviger key create --from that is broken off: killed, interrupted, left by its reader or by the daemon, on a full disk."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "unit", "cli")]

from claviger_command import Typed  # noqa: E402
from claviger_harness import Daemon  # noqa: E402

KILLS = 10
WINDOW = 64  # calls under way and keys not yet in the file, at most


class Case(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.out = os.path.join(self.folder, "issued")

    def write_lines(self, count):
        """A file that names so many keys."""
        path = os.path.join(self.folder, "keys")
        with open(path, "w", encoding="utf-8") as file:
            for number in range(count):
                file.write(json.dumps({"name": f"key {number}", "scopes": ["read:policies:admin"], "expires": "7d"}) + "\n")
        return path

    def start(self, *words, **options):
        environment = dict(self.daemon.environment, CLAVIGER_SOCKET_DIRECTORY=self.daemon.socket_directory)
        return subprocess.Popen([self.daemon.claviger, "key", "create", "--from", *words], env=environment, text=True,
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE, **options})

    def run_to_end(self, path, status=0):
        process = self.start(path, "--out", self.out, "--json")
        output, messages = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, messages)
        return json.loads(output), messages

    def in_file(self):
        """What the file holds, without its head; a line that is not whole does not count."""
        if not os.path.exists(self.out):
            return []
        with open(self.out, encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().split("\n")[1:-1]]

    def keys(self):
        """All keys that the daemon has ever issued, by their ids."""
        done = self.daemon.cli("key", "list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {key["key_id"]: key for key in json.loads(done.stdout)["keys"]}

    def wait_for_keys(self, process, count):
        """Until so many are in the file, or the run has ended."""
        while process.poll() is None and len(self.in_file()) < count:
            time.sleep(0.005)

    def check_whole(self, count):
        """Each line has one key that lives, its secret is in the file, and no other key lives."""
        entries = self.in_file()
        self.assertEqual(sorted(entry["line"] for entry in entries), list(range(1, count + 1)))
        keys = self.keys()
        living = {key_id for key_id, key in keys.items() if key["state"] == "active"}
        self.assertEqual(living, {entry["key_id"] for entry in entries})
        with self.daemon.verifier() as verifier:
            for entry in entries:
                answer = verifier.call("io.claviger.Verify.Verify", key=entry["key"])
                self.assertEqual((answer["code"], answer["key_id"], answer["name"]),
                                 ("valid", entry["key_id"], f"key {entry['line'] - 1}"))
        for key_id in keys.keys() - living:
            self.assertEqual((keys[key_id]["state"], keys[key_id]["uses"]), ("revoked", 0))
        return keys.keys() - living


class Killed(Case):
    def test_no_key_is_issued_twice_and_no_secret_is_lost_however_often_it_is_killed(self):
        count = 1500
        path = self.write_lines(count)
        chance = random.Random(5)
        lost = 0
        for _ in range(KILLS):
            before = len(self.in_file())
            process = self.start(path, "--out", self.out)
            self.wait_for_keys(process, before + chance.randrange(count // KILLS))
            time.sleep(chance.random() / 100)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.assertGreaterEqual(len(self.in_file()), before)
        report, _ = self.run_to_end(path)
        self.assertEqual(report["issued"] + report["already_there"], count)
        self.assertEqual((report["refused"], report["not_issued"]), ([], 0))
        lost = self.check_whole(count)
        self.assertLessEqual(len(lost), KILLS * WINDOW)
        told = {key["key_id"] for key in report["lost"]}
        self.assertLessEqual(told, lost)
        self.assertEqual({key["revoked"] for key in report["lost"]} - {True}, set())
        living = {entry["line"]: entry["key_id"] for entry in self.in_file()}
        for key in report["lost"]:
            self.assertEqual(key["successor"], living[key["line"]])

    def test_a_key_whose_secret_never_arrived_is_told_revoked_and_replaced(self):
        path = self.write_lines(3)
        self.run_to_end(path)
        entries = self.in_file()
        self.forget(entries[1])
        report, messages = self.run_to_end(path)
        lost, successor = entries[1]["key_id"], self.in_file()[2]["key_id"]
        self.assertEqual(report, {"issued": 1, "already_there": 2, "refused": [], "not_issued": 0, "lost": [
            {"line": 2, "key_id": lost, "revoked": True, "successor": successor}]})
        self.assertIn(f"claviger: line 2: the secret of key {lost} reached nobody; it was revoked, and {successor} issued",
                      messages)
        self.assertEqual(self.keys()[lost]["end_reason"], "issued from a file, but its secret reached nobody")
        self.check_whole(3)

    def forget(self, entry):
        """As if the run had been killed before it wrote this entry."""
        with open(self.out, encoding="utf-8") as file:
            lines = file.read().splitlines(keepends=True)
        with open(self.out, "w", encoding="utf-8") as file:
            file.writelines(line for line in lines if entry["key_id"] not in line)

    def test_a_key_that_was_used_is_not_taken_for_lost(self):
        path = self.write_lines(2)
        self.run_to_end(path)
        entry = self.in_file()[0]
        self.assertTrue(self.daemon.verify(entry["key"])["valid"])
        while self.keys()[entry["key_id"]]["uses"] == 0:
            time.sleep(0.2)
        self.forget(entry)
        report, messages = self.run_to_end(path, status=1)
        self.assertEqual((report["issued"], report["already_there"], report["lost"]), (0, 1, []))
        self.assertIn(f"claviger: line 1 was refused: its key {entry['key_id']} is not in {self.out}, but is in use", messages)
        self.assertEqual(self.keys()[entry["key_id"]]["state"], "active")

    def test_what_is_cut_in_the_middle_of_a_line_is_gone_on_with(self):
        path = self.write_lines(4)
        self.run_to_end(path)
        with open(self.out, "r+b") as file:
            file.truncate(os.path.getsize(self.out) - 20)
        report, _ = self.run_to_end(path)
        self.assertEqual((report["issued"], report["already_there"], len(report["lost"])), (1, 3, 1))
        self.check_whole(4)

    def test_a_file_without_a_whole_head_is_begun_anew(self):
        path = self.write_lines(2)
        for size in (0, 5, 60, 100):
            self.run_to_end(path)
            with open(self.out, "r+b") as file:
                file.truncate(size)
            report, _ = self.run_to_end(path)
            self.assertEqual(report["issued"], 2, size)
            os.remove(self.out)


class BrokenOff(Case):
    def test_an_interrupted_run_writes_what_is_under_way_and_loses_nothing(self):
        path = self.write_lines(4000)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.start(path, "--out", self.out, "--json")
            self.wait_for_keys(process, len(self.in_file()) + 100)
            process.send_signal(number)
            output, messages = process.communicate(timeout=60)
            report = json.loads(output)
            self.assertEqual(process.returncode, 1, messages)
            self.assertGreater(report["not_issued"], 0)
            self.assertEqual(report["lost"], [])
            self.assertIn("interrupted", messages)
            self.assertEqual(report["issued"] + report["already_there"], len(self.in_file()))
            self.assertEqual(len(self.keys()), len(self.in_file()))

    def test_progress_is_shown_on_a_terminal_alone(self):
        path = self.write_lines(2000)
        with Typed(self.daemon.socket_directory,
                   command=[self.daemon.claviger, "key", "create", "--from", path, "--out", self.out]) as typed:
            self.assertEqual(typed.wait(), 0)
        self.assertRegex(typed.output, r"\rissued \d+ of 2000 \[#+-+\]")
        self.assertTrue(typed.output.endswith(f"issued 2000 keys into {self.out}\n"))

    def test_a_daemon_that_dies_is_told_and_what_it_had_issued_is_found_again(self):
        count = 1500
        path = self.write_lines(count)
        process = self.start(path, "--out", self.out, "--json")
        self.wait_for_keys(process, 300)
        self.daemon.kill()
        output, messages = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 69, messages)
        self.assertEqual(json.loads(output)["issued"], len(self.in_file()))
        self.assertIn("keys of 1500 were not issued", messages)
        self.daemon.start()
        report, _ = self.run_to_end(path)
        self.assertEqual(report["issued"] + report["already_there"], count)
        self.check_whole(count)

    def test_a_reader_that_goes_away_ends_it_and_what_could_not_be_written_is_revoked(self):
        path = self.write_lines(4000)
        reading, writing = os.pipe()
        process = self.start(path, stdout=writing)
        os.close(writing)
        read = b""
        while read.count(b"\n") < 200:
            read += os.read(reading, 4096)
        os.close(reading)
        _, messages = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, messages)
        self.assertIn("write standard output: Broken pipe", messages)
        keys = self.keys()
        self.assertLess(len(keys), 4000)
        revoked = {key_id for key_id, key in keys.items() if key["state"] == "revoked"}
        self.assertGreater(len(revoked), 0)
        for key_id in revoked:
            self.assertIn(f"the secret of key {key_id} reached nobody; it was revoked", messages)
        for line in read.decode().split("\n")[:200]:
            self.assertTrue(self.daemon.verify(json.loads(line)["key"])["valid"])

    def test_a_full_disk_ends_it_and_leaves_no_key_that_nobody_has(self):
        path = self.write_lines(400)
        process = self.start(path, "--out", self.out, "--json", preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))))
        output, messages = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, messages)
        self.assertIn("File too large", messages)
        report = json.loads(output)
        self.assertEqual(report["issued"], len(self.in_file()))
        keys = self.keys()
        self.assertEqual({key["key_id"] for key in report["lost"]}, keys.keys() - {e["key_id"] for e in self.in_file()})
        self.assertEqual({keys[key["key_id"]]["state"] for key in report["lost"]}, {"revoked"})
        report, _ = self.run_to_end(path)
        self.assertEqual(report["issued"] + report["already_there"], 400)
        self.check_whole(400)


if __name__ == "__main__":
    unittest.main()
