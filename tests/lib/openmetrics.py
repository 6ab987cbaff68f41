"""A strict reader of OpenMetrics 1.0 text, as far as it has what claviger writes. Standard library only.

    families = parse(text)      # {name: Family}; OpenMetricsError names the line that breaks a rule
"""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (\S+)")
SUFFIXES = {"gauge": ("",), "counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_count", "_sum")}
NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")


class OpenMetricsError(Exception):
    pass


class Family:
    def __init__(self, kind):
        self.kind = kind
        self.unit = None
        self.help = None
        self.samples = {}  # value by (suffix, labels as a sorted tuple of pairs)

    def value(self, suffix="", **labels):
        return self.samples[suffix, tuple(sorted(labels.items()))]


class Reader:
    def __init__(self):
        self.families = {}
        self.open = None  # name of the family that is being read
        self.described = {}

    def metadata(self, line):
        match = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({NAME}) (\S.*)", line)
        if not match:
            raise OpenMetricsError("a comment that is no TYPE, UNIT or HELP")
        what, name, text = match.groups()
        if what == "TYPE":
            if name in self.families:
                raise OpenMetricsError(f"{name} has come before: families must not be mixed")
            if text not in SUFFIXES:
                raise OpenMetricsError(f"{text} is no type that is known here")
            for suffix in SUFFIXES[text]:
                if name + suffix in self.described:
                    raise OpenMetricsError(f"{name}{suffix} is a sample of another family too")
                self.described[name + suffix] = name
            self.families[name] = Family(text)
            self.open = name
            return
        if name != self.open or self.families[name].samples:
            raise OpenMetricsError(f"{what} of {name} must stand behind its TYPE and before its samples")
        field = what.lower()
        if getattr(self.families[name], field) is not None:
            raise OpenMetricsError(f"{what} of {name} is there twice")
        if what == "UNIT" and not name.endswith("_" + text):
            raise OpenMetricsError(f"the name {name} does not end with its unit {text}")
        if what == "HELP" and re.search(r'\\(?![\\n"])', text):
            raise OpenMetricsError("a backslash that escapes nothing")
        setattr(self.families[name], field, text)

    def sample(self, line):
        match = SAMPLE.fullmatch(line)
        if not match:
            raise OpenMetricsError("neither metadata nor a sample")
        name, labels, number = match.group(1), match.group(2) or "", match.groups()[-1]
        if self.described.get(name) != self.open:
            raise OpenMetricsError(f"{name} is no sample of the family {self.open}")
        pairs = re.findall(LABEL, labels)
        if len({key for key, _ in pairs}) != len(pairs):
            raise OpenMetricsError("a label is there twice")
        if not NUMBER.fullmatch(number):
            raise OpenMetricsError(f"{number} is no number")
        key = (name[len(self.open):], tuple(sorted(pairs)))
        samples = self.families[self.open].samples
        if key in samples:
            raise OpenMetricsError(f"{line} has come before")
        samples[key] = float(number)


def check_histogram(name, family):
    series = {}
    for suffix, labels in family.samples:
        others = tuple(pair for pair in labels if pair[0] != "le")
        series.setdefault(others, {})
        if suffix == "_bucket":
            bound = dict(labels).get("le")
            if bound is None or not NUMBER.fullmatch(bound) or ("." not in bound and "e" not in bound
                                                                and bound != "+Inf"):
                raise OpenMetricsError(f"{name} has the bound {bound}, which is no canonical number")
            series[others][float(bound)] = family.samples[suffix, labels]
    for labels, buckets in series.items():
        if list(buckets) != sorted(buckets) or math.inf not in buckets:
            raise OpenMetricsError(f"the bounds of {name} do not rise to +Inf")
        counts = list(buckets.values())
        if counts != sorted(counts) or any(count < 0 or count != int(count) for count in counts):
            raise OpenMetricsError(f"the counts of {name} do not add up")
        if family.samples.get(("_count", labels)) != buckets[math.inf]:
            raise OpenMetricsError(f"{name}_count is not the count of +Inf")
        if family.samples.get(("_sum", labels), -1) < 0:
            raise OpenMetricsError(f"{name}_sum is missing or negative")


def check_family(name, family):
    if not family.samples:
        raise OpenMetricsError(f"{name} has no sample")
    for (suffix, _), value in family.samples.items():
        if family.kind == "counter" and not 0 <= value < math.inf:
            raise OpenMetricsError(f"{name}{suffix} is {value}")
        if family.kind == "info" and value != 1:
            raise OpenMetricsError(f"{name}{suffix} is not 1")
    if len({tuple(key for key, _ in labels if key != "le") for _, labels in family.samples}) != 1:
        raise OpenMetricsError(f"the samples of {name} have different labels")
    if family.kind == "histogram":
        check_histogram(name, family)


def parse(text):
    if not text.endswith("\n# EOF\n"):
        raise OpenMetricsError("the text does not end with # EOF and a line feed")
    reader = Reader()
    for number, line in enumerate(text[:-len("# EOF\n")].split("\n")[:-1], 1):
        try:
            if line.startswith("#"):
                reader.metadata(line)
            else:
                reader.sample(line)
        except OpenMetricsError as error:
            raise OpenMetricsError(f"line {number}, {line!r}: {error}") from None
    for name, family in reader.families.items():
        check_family(name, family)
    return reader.families
