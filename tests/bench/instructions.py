"""How many instructions of its own a verification costs the daemon, counted by callgrind.

    CLAVIGER_BUILD=build/release python3 tests/bench/instructions.py

Needs valgrind. Counts what the threads of clavigerd's loops execute outside of the kernel between two moments when
its keys are known; so it does not depend on what else the machine does. callgrind counts one for each byte that a
string instruction wipes.
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, build_folder  # noqa: E402

VERIFY = "io.claviger.Verify.Verify"
KEYS = 200
VERIFICATIONS = 20000
FUNCTIONS = 20
LOOP = "::EventLoop::Start("


class CountedDaemon(Daemon):
    """Runs clavigerd under callgrind."""

    def __init__(self, folder, **options):
        without_pidfd = os.path.join(build_folder(), "tests", "bench", "libwithout_pidfd.so")
        super().__init__(environment={"LD_PRELOAD": without_pidfd}, **options)
        self._folder = folder
        program, self.program = self.program, os.path.join(folder, "clavigerd")
        with open(self.program, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec valgrind -q --tool=callgrind --callgrind-out-file={folder}/out.%p {program} \"$@\"\n")
        os.chmod(self.program, 0o700)

    def control(self, option):
        subprocess.run(["callgrind_control", option, str(self.process.pid)], check=True, stdout=subprocess.DEVNULL)

    def rows(self, inclusive):
        """[(count, function)] of what was dumped last."""
        dumps = [os.path.join(self._folder, name) for name in os.listdir(self._folder) if name.startswith("out.")]
        command = ["callgrind_annotate", f"--inclusive={inclusive}", "--auto=no", "--threshold=100",
                   max(dumps, key=os.path.getmtime)]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        rows = re.findall(r"^ *([\d,]+) \([^)]*\)  \S*?:(.*)$", text, re.MULTILINE)
        return [(int(count.replace(",", "")), name) for count, name in rows]


def ask(verifier, calls, depth):
    for begin in range(0, VERIFICATIONS, depth):
        batch = [calls[(begin + i) % KEYS] for i in range(depth)]
        for reply in verifier.pipeline(batch):
            if reply["parameters"]["code"] != "valid":
                raise SystemExit(f"a verification failed: {reply}")


def report(daemon, title):
    whole = max(count for count, name in daemon.rows("yes") if LOOP in name)
    print(f"{title}: {whole / VERIFICATIONS:.0f} instructions a verification, among them in")
    sums = {}
    for count, name in daemon.rows("no"):
        short = re.sub(r"\(.*|<.*| \[.*", "", name.replace("(anonymous namespace)::", ""))
        # What runs on a thread is counted under it once more.
        if "thread" not in short and not short.startswith("0x") and short not in ("clone", ""):
            sums[short] = sums.get(short, 0) + count
    for name, count in sorted(sums.items(), key=lambda item: -item[1])[:FUNCTIONS]:
        print(f"  {count / VERIFICATIONS:6.0f}  {name}")


def main():
    with tempfile.TemporaryDirectory(prefix="clv-callgrind-", dir="/tmp") as folder:
        settings = {"server": {"loops": 1}, "token": {"call_deadline": "5s"}}
        with CountedDaemon(folder, settings=settings) as daemon:
            keys = [daemon.create_key(name=f"key {i}")["key"] for i in range(KEYS)]
            usual = [(VERIFY, {"key": key, "scopes": ["read:policies:admin"]}) for key in keys]
            # What the scanner of calls does not know goes to the JSON parser, as all calls would without it.
            unusual = [(VERIFY, dict(parameters, remote_address=None)) for _, parameters in usual]
            with daemon.verifier() as verifier:
                ask(verifier, usual, 8)
                for title, calls, depth in (("P1", usual, 1), ("P16", usual, 16), ("by the JSON parser, P1", unusual, 1),
                                            ("by the JSON parser, P16", unusual, 16)):
                    daemon.control("--zero")
                    ask(verifier, calls, depth)
                    daemon.control("--dump")
                    report(daemon, title)


if __name__ == "__main__":
    main()
