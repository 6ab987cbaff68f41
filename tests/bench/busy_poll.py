"""The setting busy_poll: the daemon looks for requests instead of sleeping. One connection; a processor for each side."""

import os

from claviger_harness import SOURCE
from dialect import REDIS_GET
from load import Traffic, run_load
from outcome import LeftOut, Outcome
from servers import RedisServer, pin
from bench_folder import middle, ratios

NAME = "busy-poll"
TITLE = "p50 with busy polling, two pinned processors / redis GET, not pinned; c1 P1"
SETTING = {"busy_poll": "1ms", "loops": 1}
SECONDS = 1.5
KEYS = 1000


def is_known(place):
    """Whether this daemon has the setting."""
    with open(os.path.join(SOURCE, "contrib", "claviger.toml"), encoding="utf-8") as file:
        return any(line.startswith("#busy_poll = ") for line in file)


def run(place):
    if not is_known(place):
        yield LeftOut(NAME, "this version has no such setting")
        return
    if os.cpu_count() < 2:
        yield LeftOut(NAME, "needs two processors")
        return
    with place.daemon(server=SETTING) as daemon, RedisServer(place.folder) as redis:
        keys = place.known(daemon, KEYS)
        redis.fill(keys)
        path = place.write_lines("keys", keys)
        pin(daemon.process.pid, 0)
        options = {"seconds": place.seconds(SECONDS)}
        results = place.alternate(NAME, {
            "verify": lambda: run_load(daemon.verify_socket, place.valid(keys), cpu=1, **options),
            "redis": lambda: run_load(redis.socket, Traffic(place.folder, [(path, REDIS_GET)]), **options)})
    yield Outcome(NAME, "verify / redis, p50", ratios(results, "verify", "redis", "p50_us"), 0.5, 0.2, at_least=False,
                  note=", ".join(f"{name} {middle(results, name, 'p50_us'):.1f} µs" for name in results))
