"""Many keys that end at once, by their time or by one command, beside one client that verifies others."""

import datetime
import time

from claviger_harness import HarnessError
from dialect import Dialect, VERIFY, verdict
from load import Traffic, finish_load, run_load, start_load
from outcome import Outcome
from bench_folder import middle, ratios

NAME = "mass-end"
TITLE = "many keys end at once: verification of others / idle; c1 P1, p99"
EXPIRING, REVOKED, KEYS = 100000, 10000, 1000
SECONDS = 2.0
TRIAL = 2000  # keys that tell how long the rest will take
EXPIRED = Dialect("expired", VERIFY, verdict("expired") + b',"key_id":"{id}"{*}"}}\0')


def expire(place, daemon, traffic):
    """Issues keys for one second in the future, and verifies others around that second."""
    count = place.count(min(EXPIRING, place.scale or EXPIRING))
    began = time.monotonic()
    place.known(daemon, TRIAL)
    end = int(time.time() + 1.5 * count / TRIAL * (time.monotonic() - began) + 10)
    text = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    place.say(f"{NAME}: issuing {count} keys that expire in the same second")
    ending = place.issue(daemon, count, name="ending", lifetime=None, expires_at=text)
    place.present(daemon, place.valid(ending, "ending"))
    if time.time() > end - 4:
        raise HarnessError("the machine is too busy: the keys expired before all were issued and presented")
    idle = run_load(daemon.verify_socket, traffic, seconds=place.seconds(SECONDS))
    time.sleep(max(0, end - time.time() - place.seconds(SECONDS) / 2))
    result = run_load(daemon.verify_socket, traffic, seconds=place.seconds(SECONDS) + 0.5)
    time.sleep(max(0, end + 1 - time.time()))
    path = place.write_lines("ending", ending)
    place.present(daemon, Traffic(place.folder, [(path, EXPIRED)]))
    return idle, result, count


def revoke(place, daemon, traffic, number):
    """Revokes keys with one command, and verifies others as long as that takes."""
    count = place.count(REVOKED)
    place.issue(daemon, count, name=f"revoked {number}", team=f"doomed-{number}")
    idle = run_load(daemon.verify_socket, traffic, seconds=place.seconds(SECONDS))
    beside = start_load(daemon.verify_socket, traffic, connections=1, seconds=place.seconds(SECONDS))
    began = time.monotonic()
    done = daemon.cli("key", "revoke", "--team", f"doomed-{number}", "--yes", timeout=600)
    took = time.monotonic() - began
    result = finish_load(beside)
    if done.returncode != 0:
        raise HarnessError(f"claviger key revoke: {done.stdout}{done.stderr}")
    return idle, result, took


def run(place):
    with place.daemon(store={"cached_keys": 300000}) as daemon:
        traffic = place.valid(place.known(daemon, KEYS))
        rounds = [expire(place, daemon, traffic) for _ in range(min(place.rounds, 3))]
        results = {"idle": [r[0] for r in rounds], "expiry": [r[1] for r in rounds]}
        yield Outcome(NAME, f"{rounds[0][2]} keys expire in one second", ratios(results, "expiry", "idle", "p99_us"), 1.5,
                      1.1, at_least=False, note=note(results, "expiry"))
        rounds = [revoke(place, daemon, traffic, number) for number in range(place.rounds)]
        results = {"idle": [r[0] for r in rounds], "revocation": [r[1] for r in rounds]}
        yield Outcome(NAME, f"{place.count(REVOKED)} keys are revoked by one command",
                      ratios(results, "revocation", "idle", "p99_us"), 1.5, 1.1, at_least=False,
                      note=f"{note(results, 'revocation')}; the command took {max(r[2] for r in rounds):.1f} s")


def note(results, name):
    return (f"{middle(results, name, 'p99_us'):.0f} µs, idle {middle(results, 'idle', 'p99_us'):.0f} µs; worst "
            f"{max(result['worst_us'] for result in results[name]) / 1000:.1f} ms, "
            f"idle {max(result['worst_us'] for result in results['idle']) / 1000:.1f} ms")
