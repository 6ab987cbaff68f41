"""What was measured beside what was wanted."""

import dataclasses
import statistics


@dataclasses.dataclass
class Outcome:
    """One line of the table. `values`: one per round; what counts is their median.

    unit: "" for a ratio. at_least: whether more is better. floor, moonshot: None where there is no such target.
    """

    scenario: str
    name: str
    values: list
    floor: float = None
    moonshot: float = None
    at_least: bool = True
    unit: str = ""
    note: str = ""

    def median(self):
        return statistics.median(self.values)

    def reaches(self, target):
        return self.median() >= target if self.at_least else self.median() <= target

    def missed(self):
        return self.floor is not None and not self.reaches(self.floor)

    def is_a(self, kind):
        """"held", "missed" or, of what could not be measured, "broken"."""
        return self.floor is not None and kind == ("missed" if self.missed() else "held")

    def verdict(self):
        if self.floor is None:
            return "-"
        if self.missed():
            return "MISSED"
        return "held +" if self.moonshot is not None and self.reaches(self.moonshot) else "held"

    def row(self):
        sign = "" if self.floor is None else ("≥ " if self.at_least else "≤ ")
        return [f"{self.scenario}: {self.name}", sign + shown(self.floor, self.unit), shown(self.moonshot, self.unit),
                shown(self.median(), self.unit), f"{shown(min(self.values))} to {shown(max(self.values))}",
                self.verdict(), self.note]


@dataclasses.dataclass
class LeftOut:
    """A scenario that was not measured, and why: not asked for, or, `broken`, it failed."""

    scenario: str
    reason: str
    broken: bool = False

    def is_a(self, kind):
        return self.broken and kind == "broken"


def shown(value, unit=""):
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}{' ' + unit if unit else ''}"


def rate(per_second):
    """A number of replies per second as people read it."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if per_second >= size:
            return f"{per_second / size:.{2 if per_second < 10 * size else 1 if per_second < 100 * size else 0}f}{letter}/s"
    return f"{per_second:.0f}/s"
