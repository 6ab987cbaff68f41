"""What a secret costs that the daemon has not seen since its start: store, token, two MACs."""

from load import run_load
from outcome import Outcome
from bench_folder import middle

NAME = "first-sight"
TITLE = "first sight of a secret on SoftHSM: what is added to the p50; c1 P1"
KEYS = 3000


def run(place):
    with place.daemon() as daemon:
        keys = place.issue(daemon, place.count(KEYS))
        traffic = place.valid(keys)

        def first():
            daemon.restart(forget=True)  # proofs are made anew
            return run_load(daemon.verify_socket, traffic, warm=False)

        results = place.alternate(NAME, {"first": first, "cached": lambda: run_load(daemon.verify_socket, traffic)})
    added = [a["p50_us"] - b["p50_us"] for a, b in zip(results["first"], results["cached"])]
    yield Outcome(NAME, "added p50", added, 60, 15, at_least=False, unit="µs",
                  note=f"first {middle(results, 'first', 'p50_us'):.0f} µs (p99 {middle(results, 'first', 'p99_us'):.0f}), "
                       f"cached {middle(results, 'cached', 'p50_us'):.0f} µs")
