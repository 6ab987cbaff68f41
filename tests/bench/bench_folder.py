"""What scenarios share: a folder, a daemon with keys, files of keys, alternating rounds."""

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from claviger_harness import Daemon, HarnessError
from dialect import VALID, create_key
from load import Traffic, WrongAnswer, run_load
from seeded_store import SeededDaemon

ISSUE_CONNECTIONS, ISSUE_DEPTH = 16, 16
FIRST_SIGHTS = 64  # under way at the same time: they wait for the store and the token by turns
PATIENCE = 50  # times that keys are presented again
KEY_IN_REPLY = re.compile(rb'"key":"(clv_[0-9A-Za-z_]{67})"')


class PrivateDaemon(Daemon):
    """Ends at once: what it has still to write is of no use to anyone."""

    def launch(self):
        """Starts the process and waits for nothing."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __exit__(self, *exception):
        if self.process is not None:
            self.kill()
        super().__exit__(*exception)


class BenchFolder:
    """`quick`: shorter runs, for trying the suite itself. `scale`: keys of the scenarios about many keys."""

    def __init__(self, rounds, quick, scale=None):
        self.rounds, self.quick, self.scale = rounds, quick, scale
        self.folder = tempfile.mkdtemp(prefix="clv-bench-", dir="/tmp")
        self._exits = contextlib.ExitStack()
        self._shared = None
        self._seeded = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._exits.close()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def seconds(self, whole):
        """How long one run takes that takes `whole` seconds when it counts."""
        return min(whole, 0.2) if self.quick else whole

    def count(self, whole):
        """How many keys a run has that has `whole` when it counts."""
        return max(200, whole // 50) if self.quick else whole

    def say(self, text):
        """Shows how far it has come: on a terminal in one line, which "" removes."""
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif text:
            print(text, file=sys.stderr, flush=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_lines(self, name, lines):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
        return self.path(name)

    # Daemons and keys

    def settings(self, **tables):
        """Of a daemon under load: a budget of failures that is not used up, proofs that do not end meanwhile."""
        settings = {"log": {"level": "warning"}, "limits": {"failures_per_minute": 1000000, "failure_burst": 1000000},
                    "store": {"proof_lifetime": "1h", "cached_keys": 100000}}
        for table, values in tables.items():
            settings[table] = {**settings.get(table, {}), **values}
        return settings

    def daemon(self, **tables):
        return PrivateDaemon(settings=self.settings(**tables))

    def issue(self, daemon, count, name="key", **parameters):
        """Issues keys; their key strings."""
        names = self.write_lines("names", (f"{name} {number:08}" for number in range(count)))
        saved = self.path("issued")
        run_load(daemon.admin_socket, Traffic(self.folder, [(names, create_key(**parameters))]), warm=False, save=saved,
                 connections=ISSUE_CONNECTIONS, depth=ISSUE_DEPTH)
        with open(saved, "rb") as file:
            keys = [match.decode() for match in KEY_IN_REPLY.findall(file.read())]
        os.unlink(saved)
        if len(keys) != count:
            raise HarnessError(f"{len(keys)} of {count} keys were issued")
        return keys

    def valid(self, keys, name="keys"):
        return Traffic(self.folder, [(self.write_lines(name, keys), VALID)])

    def present(self, daemon, traffic):
        """Every key once, so that all are in memory; in the order in which they lie in the store, so that each of its pages is
        read once. What is `unavailable` for a moment is asked for again: how often."""
        for interruptions in range(PATIENCE):
            try:
                run_load(daemon.verify_socket, traffic, depth=FIRST_SIGHTS, warm=False, in_order=True)
                return interruptions
            except WrongAnswer as error:
                if '"code":"unavailable"' not in str(error):
                    raise
        raise HarnessError("the daemon has too little time for its store and its token")

    def known(self, daemon, count):
        """Issues keys and presents each once; their key strings."""
        keys = self.issue(daemon, count)
        self.present(daemon, self.valid(keys, "known"))
        return keys

    def shared(self):
        """A daemon with 10,000 keys that lives until the end, and these keys."""
        if self._shared is None:
            self.say("issuing 10,000 keys")
            daemon = self._exits.enter_context(self.daemon())
            self._shared = (daemon, self.known(daemon, self.count(10000)))
        return self._shared

    def seeded(self):
        """A daemon with `scale` keys in its store that lives until the end (SeededDaemon). It may be restarted."""
        if self._seeded is None:
            self._seeded = self._exits.enter_context(SeededDaemon(self, self.scale))
        return self._seeded

    def enter(self, server):
        """Starts a server that ends with this."""
        return self._exits.enter_context(server)

    # Rounds

    def alternate(self, title, runs):
        """Each of `runs` (name -> function) once per round, one after the other; name -> list of results."""
        results = {name: [] for name in runs}
        for number in range(self.rounds):
            for name, run in runs.items():
                self.say(f"{title}: round {number + 1} of {self.rounds}, {name}")
                results[name].append(run())
        return results


def ratios(results, ours, theirs, figure="per_second"):
    """One ratio per round."""
    return [a[figure] / b[figure] for a, b in zip(results[ours], results[theirs])]


def middle(results, name, figure="per_second"):
    return statistics.median(result[figure] for result in results[name])
