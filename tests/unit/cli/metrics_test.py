"""claviger status --metrics, read by a strict reader of OpenMetrics; and that the reader is strict."""

import os
import sys
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "lib"))
from change_case import ADMIN, ChangeCase  # noqa: E402
from fake_keys import Refusal  # noqa: E402
from fake_statistics import BEGIN, CODES  # noqa: E402
from openmetrics import OpenMetricsError, parse  # noqa: E402


class Metrics(ChangeCase):
    def metrics(self):
        return parse(self.cli("status", "--metrics").stdout)

    def test_every_verdict_is_counted(self):
        verifications = self.metrics()["claviger_verifications"]
        self.assertEqual((verifications.kind, len(verifications.samples)), ("counter", len(CODES)))
        self.assertEqual(verifications.value("_total", verdict="valid"), 1000)
        self.assertEqual(verifications.value("_total", verdict="unknown"), 0)

    def test_durations_are_histograms_in_seconds(self):
        family = self.metrics()["claviger_verification_duration_seconds"]
        self.assertEqual((family.kind, family.unit), ("histogram", "seconds"))
        self.assertEqual(family.value("_count", answered="at_once"), 1020)
        self.assertAlmostEqual(family.value("_sum", answered="at_once"), 1020 * BEGIN / 1e9)
        self.assertEqual(family.value("_bucket", answered="at_once", le="8.192e-06"), 0)
        self.assertEqual(family.value("_bucket", answered="at_once", le="1.6384e-05"), 1020)
        self.assertEqual(family.value("_bucket", answered="later", le="+Inf"), 10)
        idle = self.metrics()["claviger_store_duration_seconds"]
        self.assertEqual(idle.value("_count", work="write"), 0)

    def test_what_is_true_now_is_a_gauge(self):
        families = self.metrics()
        self.assertEqual(families["claviger_serving"].value(), 1)
        self.assertEqual(families["claviger_waiting"].value(work="store_write"), 7)
        self.assertEqual(families["claviger_resident_memory_bytes"].value(), 38 << 20)
        self.assertEqual(families["claviger_build"].value("_info", version="0.1.0"), 1)
        self.assertEqual(families["claviger_start_time_seconds"].value(), 1767225600)
        self.assertEqual(families["claviger_keys"].value(), 0)
        self.assertNotIn("claviger_newest_backup_time_seconds", families)

    def test_a_daemon_that_does_not_serve_is_told_by_its_metrics(self):
        status = {**self.daemon.GetStatus(), "serving": False, "version": 'a"b\\c\nd'}
        del status["keys"]
        self.daemon.answers[ADMIN + "GetStatus"] = status
        families = self.metrics()
        self.assertEqual(families["claviger_serving"].value(), 0)
        self.assertNotIn("claviger_keys", families)
        self.assertEqual(families["claviger_build"].value("_info", version='a\\"b\\\\c\\nd'), 1)

    def test_without_figures_nothing_is_printed(self):
        self.daemon.answers[ADMIN + "GetStatistics"] = Refusal("org.varlink.service.PermissionDenied")
        done = self.cli("status", "--metrics", status=4)
        self.assertEqual(done.stdout, "")
        self.assertIn("none of your roles allows it", done.stderr)

    def test_metrics_are_not_json(self):
        self.assert_refused("status", "--metrics", "--json", says="exclude each other")


GOOD = """# TYPE a_seconds histogram
# UNIT a_seconds seconds
# HELP a_seconds Time.
a_seconds_bucket{le="0.5"} 1
a_seconds_bucket{le="+Inf"} 2
a_seconds_count 2
a_seconds_sum 1.5
# TYPE b counter
b_total{x="1"} 3
# EOF
"""


class Strictness(unittest.TestCase):
    def test_what_is_right_is_read(self):
        self.assertEqual(parse(GOOD)["b"].value("_total", x="1"), 3)

    def test_what_breaks_a_rule_is_refused(self):
        for before, after in (("# EOF\n", ""), ("# EOF\n", "# EOF"), ("# EOF\n", "\n# EOF\n"), ("b_total", "b"),
                              ("b_total", "c_total"), (' 3\n', ' 3 \n'), (' 3\n', ' x\n'), (' 3\n', ' -3\n'),
                              ('{x="1"}', '{x=1}'), ('{x="1"}', '{x="1",x="2"}'), ('{x="1"}', '{x="\\a"}'),
                              ("# UNIT a_seconds seconds", "# UNIT a_seconds bytes"), ('le="0.5"', 'le="1"'),
                              ('{le="0.5"} 1', '{le="0.5"} 3'), ("a_seconds_count 2", "a_seconds_count 1"),
                              ('a_seconds_bucket{le="+Inf"} 2\n', ""), ("a_seconds_sum 1.5\n", ""),
                              ("# TYPE b counter", "# TYPE b sum"), ("# HELP a_seconds Time.", "# HELP b Time."),
                              ('b_total{x="1"} 3\n', 'b_total{x="1"} 3\nb_total{x="1"} 3\n'),
                              ('b_total{x="1"} 3\n', 'b_total{x="1"} 3\na_seconds_sum 1\n'),
                              ("# TYPE b counter\n", "# TYPE b counter\n# TYPE c gauge\n")):
            self.assertIn(before, GOOD)
            with self.assertRaises(OpenMetricsError, msg=(before, after)):
                parse(GOOD.replace(before, after, 1))


if __name__ == "__main__":
    unittest.main()
