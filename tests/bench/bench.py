"""Measures Claviger beside what it is compared with, and says whether the targets hold. contrib/bench starts it.

The build folder is named by CLAVIGER_BUILD, which must be a release build. Exit status: 0 if every floor that was
measured holds, 1 if one does not, 3 if an answer was wrong.
"""

import argparse
import importlib
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
# pylint: disable=wrong-import-position
import report  # noqa: E402
from claviger_harness import HarnessError  # noqa: E402
from load import WrongAnswer  # noqa: E402
from outcome import LeftOut  # noqa: E402
from bench_folder import BenchFolder  # noqa: E402

SCENARIOS = [importlib.import_module(name) for name in (
    "matrix", "one_core", "invalid_keys", "first_sight", "durable_issue", "busy_neighbours", "mass_end", "memory",
    "busy_poll", "scale", "better_auth")]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="contrib/bench", description="Measures Claviger and says whether the targets "
                                     "of doc/performance.md hold.")
    parser.add_argument("--quick", action="store_true", help="short runs of one round: tries the suite, not Claviger")
    parser.add_argument("--rounds", type=int, help="alternating rounds (default: 5)")
    parser.add_argument("--only", nargs="+", choices=[scenario.NAME for scenario in SCENARIOS], metavar="NAME",
                        help="only these: " + ", ".join(scenario.NAME for scenario in SCENARIOS))
    parser.add_argument("--scale", type=int, metavar="N", help="also with a store of N keys")
    parser.add_argument("--list", action="store_true", help="what can be measured")
    parser.add_argument("--write", action="store_true", help="write doc/performance.md anew")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{scenario.NAME:14} {scenario.TITLE}" for scenario in SCENARIOS))
        sys.exit(0)
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 5)
    if arguments.rounds < 1 or (arguments.scale is not None and arguments.scale < 1000):
        parser.error("--rounds takes a number from 1, --scale one from 1000")
    if arguments.write and (arguments.quick or arguments.only):
        parser.error("--write is for a whole run, without --quick and --only")
    return arguments


def outcomes_of(scenario, place):
    """What it measures, or why it could not."""
    try:
        yield from scenario.run(place)
    except (HarnessError, OSError, subprocess.SubprocessError) as error:
        yield LeftOut(scenario.NAME, str(error), broken=True)


def measure(arguments):
    lines = []
    with BenchFolder(arguments.rounds, arguments.quick, arguments.scale) as place:
        for scenario in SCENARIOS:
            if arguments.only and scenario.NAME not in arguments.only:
                continue
            place.say("")
            print(f"\n{scenario.TITLE}\n{report.head()}", flush=True)
            for outcome in outcomes_of(scenario, place):
                place.say("")
                print(report.line(outcome), flush=True)
                lines.append(outcome)
    return lines


def main():
    arguments = parse_arguments()
    print(report.machine())
    try:
        lines = measure(arguments)
    except WrongAnswer as error:
        print(f"\ncontrib/bench: {error}", file=sys.stderr)
        return 3
    if arguments.write:
        report.write(lines, SCENARIOS, arguments)
    held, missed, broken = (sum(line.is_a(kind) for line in lines) for kind in ("held", "missed", "broken"))
    print(f"\n{held} held, {missed} missed" + (f", {broken} could not be measured" if broken else ""))
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
