"""claviger top: pages of text and of JSON, and the live page on a terminal, against a daemon in Python."""

import json
import os
import signal
import subprocess

from change_case import ADMIN, ChangeCase, id_of
from claviger_command import SECONDS, environment, program
from fake_keys import Close, Refusal
from fake_statistics import MEDIAN
from wizard_terminal import Screened, show

METHOD = ADMIN + "GetStatistics"


class Pages(ChangeCase):
    def test_without_a_terminal_one_page_is_printed(self):
        for words in ((), ("--once",), ("--count", "1")):
            page = self.cli("top", *words).stdout
            for text in ("1,020 per second", "keys found in memory: 99.0 %", "valid 1,000", "expired 20", "8.7 us",
                         "12,345 of at most 100,000", "38 MiB", "Connections 50", "backup of the database",
                         id_of(2), "web.service", "root"):
                self.assertIn(text, page)
            self.assertNotIn("\x1b", page)
            self.assertNotIn("quit", page)
            self.assertEqual([line for line in page.splitlines() if line != line.rstrip()], [])

    def test_what_did_not_happen_has_no_figure(self):
        self.daemon.statistics.each = {}
        self.daemon.statistics.changes = {"from_memory": 0, "missed": 0, "busiest_keys": [], "busiest_callers": []}
        page = self.cli("top", "--once").stdout
        self.assertIn("Verifications   0 per second   keys found in memory: -", page)
        write = next(line for line in page.splitlines() if "durable write" in line)
        self.assertEqual(write.split()[2:], ["0", "-", "-", "-", "7"])

    def test_as_many_pages_as_were_asked_for(self):
        self.assertEqual(self.cli("top", "--count", "2").stdout.count("Busiest keys"), 2)

    def test_json_has_one_object_for_each_interval(self):
        lines = self.cli("top", "--json", "--count", "2").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            record = json.loads(line)
            self.assertEqual(record["seconds"], 1)
            self.assertEqual(record["verifications_per_second"], 1020)
            self.assertEqual(record["verdicts_per_second"]["expired"], 20)
            self.assertEqual(record["from_memory_part"], 0.99)
            at_once = record["durations"]["answered_at_once"]
            self.assertEqual(at_once, {"per_second": 1020, "p50": MEDIAN, "p99": MEDIAN, "p999": MEDIAN})
            self.assertEqual(record["durations"]["store_writes"],
                             {"per_second": 0, "p50": None, "p99": None, "p999": None, "waiting": 7})
            self.assertEqual(record["busiest_keys"][1],
                             {"key_id": id_of(2), "valid_per_second": 100, "denied_per_second": 20})
            self.assertEqual(record["busiest_callers"][0],
                             {"uid": 0, "unit": "web.service", "valid_per_second": 950, "denied_per_second": 0})

    def test_a_daemon_that_was_started_anew_is_counted_from_its_start(self):
        def restarted():
            if self.daemon.statistics.calls == 2:
                self.daemon.statistics.restart("2026-02-02T00:00:00Z")
            return self.daemon.statistics()
        self.daemon.answers[METHOD] = restarted
        records = [json.loads(line) for line in self.cli("top", "--json", "--count", "2").stdout.splitlines()]
        self.assertEqual([record["verifications_per_second"] for record in records], [1020, 1020])

    def test_a_connection_that_is_lost_is_told_and_made_anew(self):
        def lost_once(calls=[]):  # pylint: disable=dangerous-default-value
            calls.append(1)
            return Close() if len(calls) in (2, 3) else self.daemon.statistics()
        self.daemon.answers[METHOD] = lost_once
        done = self.cli("top", "--json", "--count", "2")
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertEqual(done.stderr.count("trying again"), 1)

    def test_one_page_that_cannot_be_had_is_a_failure(self):
        def lost(calls=[]):  # pylint: disable=dangerous-default-value
            calls.append(1)
            return Close() if len(calls) > 1 else self.daemon.statistics()
        self.daemon.answers[METHOD] = lost
        self.assertEqual(self.cli("top", "--once", status=75).stdout, "")

    def test_who_may_not_have_the_figures_is_told_so(self):
        self.daemon.answers[METHOD] = Refusal("org.varlink.service.PermissionDenied")
        self.assert_refused("top", says="none of your roles allows it", status=4, called=["GetStatistics"])

    def test_options_that_make_no_sense_are_refused(self):
        for words, says in ((("--interval", "0s"), "from 1s to 1h"), (("--interval", "2h"), "from 1s to 1h"),
                            (("--interval", "soon"), "from 1s to 1h"), (("--count", "0"), "--count"),
                            (("--once", "--count", "2"), "exclude each other")):
            self.assert_refused("top", *words, says=says)

    def test_a_reader_that_goes_away_ends_it(self):
        with subprocess.Popen([program(), "top", "--json"], stdout=subprocess.PIPE,
                              env=environment(self.daemon.directory)) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.wait(SECONDS), 0)


class Live(ChangeCase):
    def top(self, *words, **options):
        return self.enterContext(Screened(self.daemon.directory, "top", *words, **options))

    def test_the_page_fits_small_and_large_terminals_of_every_kind(self):
        for columns, rows in ((80, 24), (140, 40)):
            for changes in ({}, {"LC_ALL": "C", "TERM": "vt100"}, {"NO_COLOR": "1"}, {"TERM": "vt100"}):
                top = self.top(columns=columns, rows=rows, **changes)
                shown = top.see("1,020 per second", "backup of the", "quit").splitlines()
                self.assertEqual(len(shown), rows)
                self.assertIn("claviger top", shown[0])
                self.assertIn("quit", shown[-1])
                self.assertEqual(id_of(1) in "\n".join(shown), columns > 100)
                show(top, f"top at {columns}x{rows} {changes}")
                top.press("q")
                self.assertEqual(top.wait(), 0)
                self.assertTrue(top.modes_restored())
                self.assertFalse(top.on_alternate)

    def test_it_is_drawn_again_by_itself(self):
        top = self.top()
        top.see("01:00:03Z")
        top.see("01:00:05Z")

    def test_the_first_page_knows_no_rates_yet(self):
        top = self.top("--interval", "1h")
        top.see("Verifications   - per second", "every 1h", "12,345 of at most 100,000")

    def test_keys_sort_the_busiest_and_show_ids_and_help(self):
        top = self.top("--interval", "1h")
        shown = top.see("backup of the", "web.service")
        self.assertLess(shown.index("backup of the"), shown.index(id_of(2)))
        top.press("d")
        shown = top.text()
        self.assertGreater(shown.index("backup of the"), shown.index(id_of(2)))
        top.press("n", "i")
        self.assertIn(id_of(1), top.text())
        top.press("v", "i", "?")
        self.assertIn("to a sixteenth", top.text())
        self.assertNotIn("Busiest keys", top.text())
        top.press(" ")
        self.assertIn("Busiest keys", top.text())

    def test_it_ends_after_as_many_pages_as_were_asked_for(self):
        top = self.top("--count", "1")
        self.assertEqual(top.wait(), 0)
        self.assertFalse(top.on_alternate)

    def test_a_lost_daemon_is_told_and_taken_up_again(self):
        top = self.top()
        top.see("1,020 per second")
        self.daemon.answers[METHOD] = Close()
        top.see("no figures: ", "trying again", "Verifications   - per second")
        del self.daemon.answers[METHOD]
        top.see("1,020 per second")
        self.assertNotIn("trying again", top.text())

    def test_a_daemon_that_no_longer_lets_one_in_ends_it_with_the_reason(self):
        top = self.top()
        top.see("1,020 per second")
        self.daemon.answers[METHOD] = Refusal("org.varlink.service.PermissionDenied")
        self.assertEqual(top.wait(), 4)
        self.assertFalse(top.on_alternate)
        self.assertIn("none of your roles allows it", top.text())

    def test_a_window_that_is_too_small_says_so_and_may_grow(self):
        top = self.top(columns=60, rows=15)
        top.see("This page needs 80 columns and 20 lines")
        top.resize(80, 24)
        top.see("1,020 per second")

    def test_a_signal_ends_it_with_the_terminal_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            top = self.top()
            top.see("per second")
            os.kill(top.process.pid, number)
            self.assertEqual(top.wait(), -number)
            self.assertTrue(top.modes_restored())
            self.assertFalse(top.on_alternate)

    def test_an_unknown_terminal_gets_pages_of_text(self):
        top = self.top("--count", "2", TERM="no-such-terminal")
        self.assertEqual(top.wait(), 0)
        self.assertEqual(top.scrollback().count("Busiest keys"), 2)


if __name__ == "__main__":
    import unittest
    unittest.main()
