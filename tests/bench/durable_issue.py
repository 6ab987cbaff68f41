"""Keys that are issued and on the disk, beside the bare cost of one row on the disk."""

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


def append_rows(place):
    os.makedirs(place.path("rows"), exist_ok=True)
    done = subprocess.run([os.path.join(build_folder(), "tests", "bench", "append_rows"), place.path("rows"),
                           str(place.seconds(SECONDS))], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(place):
    with place.daemon() as daemon:
        names = place.write_lines("names", (f"key {number:08}" for number in range(NAMES)))
        traffic = Traffic(place.folder, [(names, create_key())])

        def issue(clients):
            return run_load(daemon.admin_socket, traffic, warm=False, connections=clients,
                            seconds=place.seconds(SECONDS))

        results = place.alternate(NAME, {"append": lambda: append_rows(place), "one client": lambda: issue(1),
                                         f"{CLIENTS} clients": lambda: issue(CLIENTS)})
    base = f"append {rate(middle(results, 'append'))}"
    for name, floor, moonshot in (("one client", 0.5, 0.8), (f"{CLIENTS} clients", 4, 10)):
        yield Outcome(NAME, name, ratios(results, name, "append"), floor, moonshot,
                      note=f"{rate(middle(results, name))}, p99 {middle(results, name, 'p99_us') / 1000:.1f} ms; {base}")
