"""Every act on a key is told to the commands that want its event, and only once."""

import json
import os
import pwd
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon  # noqa: E402

ADMIN = "io.claviger.Admin."
PATIENCE = 60
USER = pwd.getpwuid(os.getuid()).pw_name


class KeyEvents(unittest.TestCase):
    def setUp(self):
        daemon = Daemon()
        self.told = daemon.path("told")
        program = ["/bin/sh", "-c", 'cat >> "$0"; echo >> "$0"', self.told]
        daemon.write_config({"command": [{"run": program, "events": ["*"]}]})
        self.daemon = self.enterContext(daemon)
        self.admin = self.enterContext(self.daemon.admin())

    def call(self, method, **parameters):
        return self.admin.call(ADMIN + method, **parameters)

    def events(self, count):
        """The events that were told, once there are `count`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            lines = []
            if os.path.exists(self.told):
                with open(self.told, encoding="utf-8") as file:
                    lines = [json.loads(line) for line in file.read().splitlines() if line]
            if len(lines) >= count:
                self.assertEqual(len(lines), count)
                return lines
            self.assertLess(time.monotonic(), deadline, lines)
            time.sleep(0.05)

    def test_each_act_has_its_event_with_the_key_and_who_did_it(self):
        issued = self.daemon.create_key(name="told of", team="storage")
        key_id = issued["record"]["key_id"]
        self.call("EditKey", key_id=key_id, name="told of again")
        self.call("PauseKeys", key_ids=[key_id], reason="looks odd")
        self.call("ResumeKeys", key_ids=[key_id])
        rotated = self.call("RotateKey", key_id=key_id)
        self.call("RotateKey", key_id=key_id, leaked=True)
        self.call("RevokeKeys", key_ids=[key_id], reason="done with")
        self.call("PurgeKeys", key_ids=[key_id])
        events = self.events(9)
        self.assertEqual([event["event"] for event in events],
                         ["key.created", "key.edited", "key.paused", "key.resumed", "key.rotated", "key.leaked",
                          "key.rotated", "key.revoked", "key.purged"])
        for event in events:
            self.assertEqual((event["key_id"], event["team"], event["by"]), (key_id, "storage", USER))
        self.assertEqual([event["name"] for event in events][:2], ["told of", "told of again"])
        self.assertEqual([event.get("reason") for event in events],
                         [None, None, "looks odd", None, None, None, None, "done with", None])
        self.assertEqual([event.get("leaked") for event in events][4:7], [None, None, True])
        with open(self.told, encoding="utf-8") as file:
            told = file.read()
        for key in (issued["key"], rotated["key"]):
            self.assertNotIn(key, told)

    def test_a_reported_leak_is_told_with_its_source_before_the_revocation(self):
        key = self.daemon.create_key()["key"]
        self.call("ReportLeak", key=key, source="ci.log:17")
        _, leak, revocation = self.events(3)
        self.assertEqual((leak["event"], leak["source"], leak["leaked_generation"], leak["outcome"]),
                         ("key.leaked", "ci.log:17", 1, "revoked"))
        self.assertEqual((revocation["event"], revocation["reason"]), ("key.revoked", "leaked: ci.log:17"))

    def test_what_is_refused_or_changes_nothing_is_no_event(self):
        key_id = self.daemon.create_key()["record"]["key_id"]
        self.call("ResumeKeys", key_ids=[key_id])
        self.call("PurgeKeys", key_ids=[key_id, "0" * 17])
        self.call("EditKey", key_id=key_id, name="only planned", dry_run=True)
        self.call("PreviewKey", name="only planned", scopes=["read:policies:admin"])
        self.call("RevokeKey", key_id=key_id)
        self.call("RevokeKey", key_id=key_id)
        self.assertEqual([event["event"] for event in self.events(2)], ["key.created", "key.revoked"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
