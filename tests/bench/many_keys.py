"""How long an operator waits with many keys: python3 tests/bench/many_keys.py [KEYS], with CLAVIGER_BUILD set.

Issues that many keys (default 100,000) through the socket of a daemon of its own, uses some, and then times first pages
of lists in every order, filters, the review and dry runs of bulk changes, each five times; through the socket and, where
a command does it, through the CLI. While the slowest of them runs, another client verifies a key that is in memory and
one that is not, and its worst wait is told. Exit status 1 if a limit is missed.
"""

import os
import random
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
ROUNDS = 5
PAGE_LIMIT, WALK_LIMIT = 0.1, 1.0
OWNERS = [f"owner-{number}" for number in range(200)]
SORTS = ["created", "-created", "name", "-name", "owner", "creator", "expires", "-expires", "last_used", "-last_used"]


def scopes_of(daemon):
    with daemon.admin() as admin:
        return [scope["name"] for scope in admin.call(ADMIN + "ListScopes")["scopes"]]


def issue(daemon, count):
    """Issues `count` keys; some key strings."""
    names, picked = scopes_of(daemon), []
    chooser = random.Random(7)
    began = time.monotonic()
    with daemon.admin() as admin:
        for start in range(0, count, 200):
            calls = [(ADMIN + "CreateKey", {"name": f"key {chooser.randrange(10**6):06} {number}",
                                            "owner": chooser.choice(OWNERS), "team": f"team-{number % 17}",
                                            "lifetime": chooser.randrange(3600, 180 * 86400),
                                            "scopes": chooser.sample(names, chooser.randrange(1, 12))})
                     for number in range(start, min(start + 200, count))]
            picked.append(admin.pipeline(calls)[0]["parameters"]["key"])
            if start % 10000 == 0:
                print(f"\rissued {start} of {count} keys", end="", file=sys.stderr, flush=True)
    print(f"\rissued {count} keys in {time.monotonic() - began:.1f} s", file=sys.stderr)
    return picked


def use(daemon, picked):
    with daemon.verifier() as verifier:
        for start in range(0, len(picked), 100):
            verifier.pipeline([(VERIFY, {"key": key}) for key in picked[start:start + 100]])
    time.sleep(5)  # until usage is written


class Table:
    def __init__(self):
        self.failed = False

    def row(self, what, act, limit):
        seconds = []
        for _ in range(ROUNDS):
            began = time.monotonic()
            act()
            seconds.append(time.monotonic() - began)
        median = statistics.median(seconds)
        kept = median <= limit
        self.failed |= not kept
        print(f"{what:52} {median * 1000:8.1f} ms {max(seconds) * 1000:8.1f} ms  {limit * 1000:6.0f} ms  "
              f"{'' if kept else 'MISSED'}", flush=True)


def probe(daemon, keys, stop, worst):
    """Verifies keys one after the other until told to stop; the longest wait and what was answered."""
    with daemon.verifier() as verifier:
        number = 0
        while not stop.is_set():
            key = keys[number % len(keys)]
            number += 1
            began = time.monotonic()
            code = verifier.call(VERIFY, key=key)["code"]
            worst.append((time.monotonic() - began, code))


def beside(daemon, keys, act):
    """The worst verification while `act` runs, and every code that was answered."""
    stop, waits = threading.Event(), []
    thread = threading.Thread(target=probe, args=(daemon, keys, stop, waits))
    thread.start()
    try:
        act()
    finally:
        stop.set()
        thread.join()
    return max(wait for wait, _ in waits), sorted({code for _, code in waits}), len(waits)


def measure(daemon, count, table):
    def call(method, **parameters):
        with daemon.admin() as admin:
            return admin.call(ADMIN + method, **parameters)

    def cli(*arguments, statuses=(0,)):
        done = daemon.cli(*arguments)
        if done.returncode not in statuses:
            raise SystemExit(f"claviger {' '.join(arguments)}: {done.returncode} {done.stderr}")

    print(f"{count} keys{'':44} {'median':>10} {'worst':>11} {'limit':>10}")
    for sort in SORTS:
        table.row(f"ListKeys sort={sort}", lambda s=sort: call("ListKeys", sort=s), PAGE_LIMIT)
    filters = [{"search": "key 0000"}, {"owner": "owner-7"}, {"team": "team-3"}, {"used": True},
               {"gives_scope": "delete:policies:admin"}, {"holds_action": "delete"}, {"states": ["paused"]},
               {"used_after": "2020-01-01T00:00:00Z"}, {"kind": "unscoped"}]
    for one in filters:
        table.row(f"ListKeys {one}", lambda f=one: call("ListKeys", **f), PAGE_LIMIT)
    table.row("CountKeys owner", lambda: call("CountKeys", owner="owner-7"), WALK_LIMIT)
    table.row("GetReview", lambda: call("GetReview"), WALK_LIMIT)
    table.row("CheckPolicy", lambda: call("CheckPolicy"), WALK_LIMIT)
    table.row("claviger key list --limit 20 --sort name", lambda: cli("key", "list", "--limit", "20", "--sort", "name"),
              PAGE_LIMIT)
    table.row("claviger review", lambda: cli("review", statuses=(0, 1)), WALK_LIMIT)
    table.row("claviger key list --search 'key 0000'", lambda: cli("key", "list", "--search", "key 0000"), WALK_LIMIT)
    table.row("claviger key revoke --owner owner-7 --dry-run",
              lambda: cli("key", "revoke", "--owner", "owner-7", "--dry-run"), WALK_LIMIT)
    table.row("claviger key revoke --state active --dry-run (all)",
              lambda: cli("key", "revoke", "--state", "active", "--dry-run"), WALK_LIMIT)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    table = Table()
    with Daemon(settings={"store": {"cached_keys": 1000}, "log": {"level": "warning"}}) as daemon:
        picked = issue(daemon, count)
        use(daemon, picked)
        measure(daemon, count, table)

        def review():
            with daemon.admin() as admin:
                admin.call(ADMIN + "GetReview")

        for name, keys in (("in memory", picked[-1:]), ("read from the store", picked)):
            wait, codes, times = beside(daemon, keys, review)
            print(f"verification beside GetReview, key {name}: worst of {times}: {wait * 1000:.1f} ms, answers {codes}")
            table.failed |= codes != ["valid"]
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
