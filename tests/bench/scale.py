"""Many keys in the store: how soon the daemon serves, how fast it is when all are in memory, how long until they are."""

import time

from claviger_harness import HarnessError
from load import run_load
from outcome import LeftOut, Outcome, rate
from bench_folder import middle, ratios

NAME = "scale"
TITLE = "many keys (--scale) / 1,000 keys; and the start with many"
SMALL = 1000
PATIENCE = 120  # seconds
SECONDS = 1.5
DEPTHS = ((1, 0.75, 0.9), (64, 0.6, 0.85))


def statistics(daemon):
    with daemon.admin() as admin:
        return admin.call("io.claviger.Admin.GetStatistics")


def wait_until_hot(seeded):
    """Until all keys are in memory."""
    patient_until = time.monotonic() + PATIENCE
    while statistics(seeded.daemon)["cached_keys"] < seeded.count:
        if time.monotonic() > patient_until:
            raise HarnessError("not all keys came to memory")
        time.sleep(0.005)


def first_verdict(seeded):
    """Milliseconds from the start of the process to the first valid answer, which is asked for all the time. Ends when all
    keys are in memory again: what is not, would be missing after the next start."""
    daemon = seeded.daemon
    with open(seeded.path, encoding="ascii") as file:
        key = file.readline().strip()
    daemon.stop()
    began = time.monotonic()
    daemon.launch()
    while time.monotonic() < began + PATIENCE:
        try:
            if daemon.verify(key)["code"] == "valid":
                milliseconds = (time.monotonic() - began) * 1000
                wait_until_hot(seeded)
                return {"ms": milliseconds}
        except (FileNotFoundError, ConnectionError):
            pass
        time.sleep(0.0005)
    raise HarnessError("the daemon does not serve")


def all_hot(place, seeded):
    """Seconds from the start of the process until every key is in memory. Then each is asked for once: how many were not
    answered from there."""
    seeded.daemon.stop()
    began = time.monotonic()
    seeded.daemon.start()
    wait_until_hot(seeded)
    seconds = time.monotonic() - began
    missed = statistics(seeded.daemon)["missed"]
    place.present(seeded.daemon, seeded.traffic())
    return seconds, statistics(seeded.daemon)["missed"] - missed


def run(place):
    if not place.scale:
        yield LeftOut(NAME, "needs --scale")
        return
    seeded = place.seeded()
    if statistics(seeded.daemon)["cached_keys"] < seeded.count:
        place.say(f"{NAME}: presenting all keys for the first time")
        place.present(seeded.daemon, seeded.traffic())
    results = place.alternate(f"{NAME}, first verdict", {"start": lambda: first_verdict(seeded)})
    yield Outcome(NAME, f"exec to first verdict, {place.scale} keys", [r["ms"] for r in results["start"]], 500, 50,
                  at_least=False, unit="ms")
    place.say(f"{NAME}: starting, and presenting all keys once")
    seconds, missed = all_hot(place, seeded)
    if missed:
        raise HarnessError(f"{missed} of the keys that are in memory were not answered from there")
    yield Outcome(NAME, "exec to all hot / full scan of the store", [seconds / seeded.scan_seconds], 0.5, 0.1, at_least=False,
                  note=f"{seconds:.1f} s until all are in memory, where every key is then found; "
                       f"scan {seeded.scan_seconds:.1f} s")
    with place.daemon() as small:
        few = place.valid(place.known(small, SMALL), "few")
        many = seeded.traffic()
        for depth, floor, moonshot in DEPTHS:
            options = {"depth": depth, "seconds": place.seconds(SECONDS), "warm": False}
            results = place.alternate(f"{NAME}, P{depth}", {
                "many": lambda: run_load(seeded.daemon.verify_socket, many, **options),
                "few": lambda: run_load(small.verify_socket, few, **options)})
            yield Outcome(NAME, f"{place.scale} / {SMALL} keys, c1 P{depth}", ratios(results, "many", "few"), floor,
                          moonshot, note=f"{rate(middle(results, 'many'))}, few {rate(middle(results, 'few'))}")
