"""What the suite makes of what was measured."""

import argparse
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import report  # noqa: E402
from claviger_harness import HarnessError  # noqa: E402
from outcome import LeftOut, Outcome, rate, shown  # noqa: E402

SCENARIO = types.SimpleNamespace(NAME="some", TITLE="some / others")
ARGUMENTS = argparse.Namespace(rounds=3)


class Outcomes(unittest.TestCase):
    def test_the_median_decides(self):
        self.assertFalse(Outcome("s", "n", [0.1, 1.0, 1.0], floor=1.0).missed())
        self.assertTrue(Outcome("s", "n", [9.0, 0.99, 0.98], floor=1.0).missed())

    def test_less_can_be_better(self):
        self.assertFalse(Outcome("s", "n", [1.25], floor=1.25, at_least=False).missed())
        self.assertTrue(Outcome("s", "n", [1.26], floor=1.25, at_least=False).missed())

    def test_a_floor_that_is_missed_is_called_so(self):
        verdicts = [Outcome("s", "n", [value], floor=1.0, moonshot=2.0).verdict() for value in (0.9, 1.5, 2.0)]
        self.assertEqual(verdicts, ["MISSED", "held", "held +"])

    def test_each_is_held_or_missed_or_broken_or_nothing(self):
        lines = [Outcome("s", "n", [1.0], floor=1.0), Outcome("s", "n", [0.9], floor=1.0), Outcome("s", "n", [0.9]),
                 LeftOut("s", "not asked for"), LeftOut("s", "no token", broken=True)]
        self.assertEqual([[kind for kind in ("held", "missed", "broken") if line.is_a(kind)] for line in lines],
                         [["held"], ["missed"], [], [], ["broken"]])

    def test_without_a_floor_nothing_is_held_or_missed(self):
        outcome = Outcome("s", "n", [0.0])
        self.assertEqual((outcome.verdict(), outcome.missed()), ("-", False))

    def test_numbers_are_short(self):
        self.assertEqual([shown(value) for value in (1.234, 12.34, 123.4, None)], ["1.23", "12.3", "123", "-"])
        self.assertEqual([rate(value) for value in (12, 1234, 45678, 2.5e6)], ["12/s", "1.23k/s", "45.7k/s", "2.50M/s"])


class ThePage(unittest.TestCase):
    def setUp(self):
        self.page = tempfile.NamedTemporaryFile("w+", prefix="clv-page-", suffix=".md")
        self.addCleanup(self.page.close)
        self.before, report.PAGE = report.PAGE, self.page.name
        self.addCleanup(setattr, report, "PAGE", self.before)

    def write(self, page, lines):
        self.page.write(page)
        self.page.flush()
        report.write(lines, [SCENARIO], ARGUMENTS)
        with open(self.page.name, encoding="utf-8") as file:
            return file.read()

    def test_keeps_what_people_wrote_around_the_figures(self):
        page = self.write(f"before\n{report.BEGIN}old figures\n{report.END}after\n",
                          [Outcome("some", "c1", [0.5], floor=1.0), Outcome("some", "c2", [1.5], floor=1.0),
                           LeftOut("some", "no token")])
        self.assertTrue(page.startswith("before\n") and page.endswith("after\n"), page)
        self.assertNotIn("old figures", page)
        self.assertIn("1 of 2 floors hold", page)
        self.assertIn("Missed: some, c1.", page)
        self.assertIn("not measured: no token", page)

    def test_is_left_alone_without_its_marks(self):
        with self.assertRaises(HarnessError):
            self.write("no marks\n", [])

    def test_of_the_project_has_its_marks(self):
        with open(self.before, encoding="utf-8") as file:
            page = file.read()
        self.assertEqual((page.count(report.BEGIN), page.count(report.END)), (1, 1))


if __name__ == "__main__":
    unittest.main()
