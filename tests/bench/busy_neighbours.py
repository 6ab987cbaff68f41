"""One client verifies, one call after the other, while 64 others issue, rotate and revoke as fast as they can."""

import statistics

from dialect import Dialect, call, create_key
from key_string import parts
from load import Traffic, finish_load, run_load, start_load
from outcome import Outcome, rate
from bench_folder import middle, ratios

NAME = "neighbours"
TITLE = "verification while 64 others issue, rotate and revoke / idle; c1 P1, p99"
SECONDS = 3.0
KEYS, CHANGED = 1000, 2000
NEIGHBOURS = 64
ROTATE = Dialect("rotate", call("io.claviger.Admin.RotateKey", key_id="{id}"), b'{"parameters":{"key":"clv_{id}{*}\0')
REVOKE = Dialect("revoke", call("io.claviger.Admin.RevokeKey", key_id="{id}"), b'{"parameters":{"record":{{*}\0')


def run(place):
    with place.daemon() as daemon:
        traffic = place.valid(place.known(daemon, KEYS))
        count = place.count(CHANGED)
        changed = [parts(key)[1] for key in place.issue(daemon, 2 * count, name="changed")]
        work = Traffic(place.folder, [
            (place.write_lines("names", (f"new {number:08}" for number in range(count))), create_key()),
            (place.write_lines("rotated", changed[:count]), ROTATE),
            (place.write_lines("revoked", changed[count:]), REVOKE)])
        changes = []

        def verify():
            return run_load(daemon.verify_socket, traffic, seconds=place.seconds(SECONDS))

        def beside():
            neighbours = start_load(daemon.admin_socket, work, warm=False, connections=NEIGHBOURS,
                                    seconds=place.seconds(SECONDS) * 1.3 + 0.3)
            result = verify()
            changes.append(finish_load(neighbours)["per_second"])
            return result

        results = place.alternate(NAME, {"idle": verify, "beside": beside})
    worst = max(result["worst_us"] for result in results["beside"])
    more = f"{rate(statistics.median(changes))} changes, worst verification {worst / 1000:.1f} ms"
    for figure, floor, moonshot in (("p99_us", 3, 1.5), ("p50_us", None, None)):
        beside, idle = middle(results, "beside", figure), middle(results, "idle", figure)
        yield Outcome(NAME, figure.split("_")[0], ratios(results, "beside", "idle", figure), floor, moonshot, at_least=False,
                      note=f"{beside:.0f} µs, idle {idle:.0f} µs; {more}")
