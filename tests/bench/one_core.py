"""One connection, one request at a time, client and server on the same processor: what is added to the bare socket."""

from dialect import ECHO
from load import Traffic, run_load
from outcome import Outcome
from servers import EchoServer, pin, unpin
from bench_folder import middle, ratios

NAME = "one-core"
TITLE = "p50 of one verification / of one echo; c1 P1, client and server on one processor"
SECONDS = 1.5
CPU = 0


def run(place):
    daemon, keys = place.shared()
    with EchoServer(place.folder) as echo:
        pin(echo.process.pid, CPU)
        pin(daemon.process.pid, CPU)
        try:
            path = place.write_lines("keys", keys)
            options = {"seconds": place.seconds(SECONDS), "cpu": CPU}
            results = place.alternate(NAME, {
                "verify": lambda: run_load(daemon.verify_socket, place.valid(keys), **options),
                "echo": lambda: run_load(echo.socket, Traffic(place.folder, [(path, ECHO)]), **options)})
        finally:
            unpin(daemon.process.pid)
    p50 = {name: f"{name} {middle(results, name, 'p50_us'):.1f} µs" for name in results}
    yield Outcome(NAME, "verify / echo, p50", ratios(results, "verify", "echo", "p50_us"), 1.25, 1.1, at_least=False,
                  note=", ".join(p50.values()))
    yield Outcome(NAME, "verify / echo, p99", ratios(results, "verify", "echo", "p99_us"), at_least=False)
