"""Keys that are issued and on the disk, beside the bare cost of one row on the disk.

And beside what an issue costs in the store alone, and in the token's process: what is left where all else costs nothing.
"""

import json
import os
import subprocess

from claviger_harness import build_folder
from dialect import create_key
from load import Traffic, run_load
from outcome import Outcome, rate
from bench_folder import middle, ratios

NAME = "issue"
TITLE = "durable issues / one SQLCipher append per commit"
SECONDS = 3.0
CLIENTS = 64
NAMES = 5000
ALONE = {"the store alone, one issue per commit": 1, f"the store alone, {CLIENTS} per commit": CLIENTS}


def appended(place, program, *arguments):
    """What a program that only writes tells of it."""
    os.makedirs(place.path("rows"), exist_ok=True)
    done = subprocess.run([os.path.join(build_folder(), "tests", "bench", program), place.path("rows"),
                           str(place.seconds(SECONDS)), *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def processor_seconds(pids):
    """What processes have used since they began, all their threads together."""
    seconds = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                seconds += int(file.read().split()[0]) / 1e9
    return seconds


def run(place):
    with place.daemon() as daemon:
        names = place.write_lines("names", (f"key {number:08}" for number in range(NAMES)))
        traffic = Traffic(place.folder, [(names, create_key())])

        def issue(clients):
            processes = {"token_us": daemon.worker_pids(), "daemon_us": [daemon.process.pid]}
            before = {name: processor_seconds(pids) for name, pids in processes.items()}
            figures = run_load(daemon.admin_socket, traffic, warm=False, connections=clients,
                               seconds=place.seconds(SECONDS))
            for name, pids in processes.items():
                figures[name] = (processor_seconds(pids) - before[name]) / figures["replies"] * 1e6
            return figures

        results = place.alternate(NAME, {
            "append": lambda: appended(place, "append_rows"),
            "one client": lambda: issue(1), f"{CLIENTS} clients": lambda: issue(CLIENTS),
            **{name: lambda count=count: appended(place, "append_issues", count) for name, count in ALONE.items()}})
    base = f"append {rate(middle(results, 'append'))}"
    for name, floor, moonshot in (("one client", 0.5, 0.8), (f"{CLIENTS} clients", 4, 10)):
        busy = (f"processor time of each: claviger-token {middle(results, name, 'token_us'):.0f} µs, "
                f"clavigerd {middle(results, name, 'daemon_us'):.0f} µs")
        yield Outcome(NAME, name, ratios(results, name, "append"), floor, moonshot,
                      note=f"{rate(middle(results, name))}, p99 {middle(results, name, 'p99_us') / 1000:.1f} ms; {base}; {busy}")
    for name in ALONE:
        yield Outcome(NAME, name, ratios(results, name, "append"), note=rate(middle(results, name)))
