"""Shows what was measured: lines for the terminal, and the figures in doc/performance.md."""

import datetime
import os
import platform
import re
import subprocess

from claviger_harness import SOURCE, HarnessError
from outcome import LeftOut

WIDTHS = (46, 9, 9, 9, 15, 7)
HEAD = ("", "floor", "moonshot", "measured", "rounds", "")
PAGE = os.path.join(SOURCE, "doc", "performance.md")
BEGIN, END = "<!-- figures: contrib/bench --write -->\n", "<!-- end of the figures -->\n"
PACKAGES = ("redis-server", "softhsm2", "libsqlcipher0", "g++")


def line(outcome):
    if isinstance(outcome, LeftOut):
        return f"{outcome.scenario}: left out: {outcome.reason}"
    cells = outcome.row()
    return f"{_columns(cells)}  {cells[-1]}".rstrip()


def head():
    return _columns(HEAD).rstrip()


def _columns(cells):
    return " ".join(f"{cell:<{width}}" if number == 0 else f"{cell:>{width}}"
                    for number, (cell, width) in enumerate(zip(cells, WIDTHS)))


def machine():
    """The machine in one line, and how much other work it has."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for text in file:
            if text.startswith("model name"):
                model = text.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} processors {model}, {memory:.0f} GiB, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}"


def versions():
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *PACKAGES], capture_output=True, text=True,
                          check=False)
    return done.stdout.rstrip(", ")


def _table(outcomes):
    yield "| | floor | moonshot | median | rounds from, to | | |\n|---|---|---|---|---|---|---|\n"
    for outcome in outcomes:
        if isinstance(outcome, LeftOut):
            yield f"| not measured: {outcome.reason} | | | | | | |\n"
            continue
        _, *cells = outcome.row()
        yield f"| {' | '.join([outcome.name, *cells])} |\n"


def figures(lines, scenarios, arguments):
    """The text between the marks of the page."""
    outcomes = [one for one in lines if not isinstance(one, LeftOut) and one.floor is not None]
    missed = [one for one in outcomes if one.missed()]
    parts = [f"Measured on {datetime.date.today()}: {machine()}; {versions()}. Medians of {arguments.rounds} rounds. "
             f"{len(outcomes) - len(missed)} of {len(outcomes)} floors hold.\n"]
    if missed:
        parts.append("\nMissed: " + "; ".join(f"{one.scenario}, {one.name}" for one in missed) + ".\n")
    for scenario in scenarios:
        parts.append(f"\n### {scenario.TITLE}\n\n")
        parts += _table([one for one in lines if one.scenario == scenario.NAME])
    return "".join(parts)


def write(lines, scenarios, arguments):
    """Puts the figures into the page; what people wrote around them stays."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    marks = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.S)
    if len(marks.findall(page)) != 1:
        raise HarnessError(f"{PAGE} has lost the marks between which the figures stand")
    page = marks.sub(lambda _: BEGIN + "\n" + figures(lines, scenarios, arguments) + "\n" + END, page)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
