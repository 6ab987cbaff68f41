"""Better Auth's verifyApiKey with SQLite in its own process, beside one connection to the daemon; each on one processor."""

import json
import os
import shutil
import subprocess

from claviger_harness import SOURCE, HarnessError
from load import run_load
from outcome import LeftOut, Outcome, rate
from servers import pin, unpin
from bench_folder import middle, ratios

NAME = "better-auth"
TITLE = "one connection on one processor / Better Auth 1.7.5 verifyApiKey in process, 10,000 keys"
SECONDS = 2.0
CPU = 0
INSTALL_SECONDS = 900
HERE = os.path.join(SOURCE, "tests", "bench", "better_auth")
PEERS = os.path.join(SOURCE, "build", "bench-peers")


def install():
    """Why it cannot be measured; "" if it can."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "node and npm are not installed"
    os.makedirs(PEERS, exist_ok=True)
    for name in ("package.json", "verify.mjs"):
        shutil.copy(os.path.join(HERE, name), PEERS)
    if os.path.exists(os.path.join(PEERS, "installed")):
        return ""
    try:
        # The plugin's peers are pinned by package.json; npm would take newer ones, which do not fit together.
        with open(os.path.join(PEERS, "npm.log"), "wb") as log:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps"], cwd=PEERS, stdout=log,
                           stderr=log, check=True, timeout=INSTALL_SECONDS)
            subprocess.run(["node", "-e", "new (require('better-sqlite3'))(':memory:')"], cwd=PEERS, stdout=log, stderr=log,
                           check=True, timeout=INSTALL_SECONDS)
    except (subprocess.SubprocessError, OSError):
        return "npm could not install it; see build/bench-peers/npm.log"
    with open(os.path.join(PEERS, "installed"), "w", encoding="ascii"):
        return ""


class BetterAuth:
    """The process of verify.mjs, bound to one processor. A context manager."""

    def __init__(self, place, keys):
        with open(place.path("better-auth.log"), "wb") as log:
            self.process = subprocess.Popen(["node", "verify.mjs", place.path("better-auth.db"), str(keys)], cwd=PEERS,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def answer(self):
        """The next line of figures; None if the process has ended."""
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def run(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        figures = self.answer()
        if figures is None:
            raise HarnessError("Better Auth's process has ended, or gave a wrong answer")
        return figures


def run(place):
    place.say(f"{NAME}: npm install")
    obstacle = install()
    if obstacle:
        yield LeftOut(NAME, obstacle)
        return
    daemon, keys = place.shared()
    place.say(f"{NAME}: making {len(keys)} keys")
    with BetterAuth(place, len(keys)) as peer:
        if peer.answer() is None:
            yield LeftOut(NAME, "node could not run it")
            return
        pin(peer.process.pid, CPU)
        pin(daemon.process.pid, CPU)
        seconds = place.seconds(SECONDS)
        try:
            results = place.alternate(NAME, {
                "verify": lambda: run_load(daemon.verify_socket, place.valid(keys), seconds=seconds, cpu=CPU),
                "better-auth": lambda: peer.run(seconds)})
        finally:
            unpin(daemon.process.pid)
    yield Outcome(NAME, "verifications per second", ratios(results, "verify", "better-auth"), 30, 50,
                  note=" / ".join(f"{name} {rate(middle(results, name))}, p50 {middle(results, name, 'p50_us'):.0f} µs"
                                  for name in results))
