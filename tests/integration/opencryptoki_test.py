"""A token of another maker: openCryptoki's in software, reached through shared memory of a daemon of its own."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import opencryptoki  # noqa: E402
from token_life import TokenLife  # noqa: E402


@unittest.skipIf(opencryptoki.missing(), opencryptoki.missing())
class OpencryptokiTest(TokenLife, unittest.TestCase):
    module = opencryptoki.module()

    def setUp(self):
        self.slotd = opencryptoki.Slotd(self.pin)
        self.addCleanup(self.slotd.__exit__, None, None, None)
        self.start_daemon()

    def change_pin(self, old, new):
        self.slotd.change_pin(old, new)

    def expect_one_failed_login(self):
        flags = self.slotd.flags()
        self.assertTrue(flags & opencryptoki.PIN_LOW)
        self.assertFalse(flags & opencryptoki.PIN_FINAL)

    def test_a_token_that_was_made_anew_is_refused_though_label_and_serial_are_the_same(self):
        self.daemon.stop()
        self.slotd.stop()
        self.slotd.forget_token()
        self.slotd.start()
        self.slotd.initialise(self.pin)
        self.daemon.start(ready=False)
        self.daemon.wait_token_state("keys_missing")
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")

    def test_the_daemon_waits_for_the_slot_daemon_and_serves_as_soon_as_it_is_there(self):
        self.daemon.stop()
        self.slotd.stop()
        self.daemon.start(ready=False)
        time.sleep(1)
        self.assertEqual(self.daemon.verify(self.key)["code"], "unavailable")
        print("without pkcsslotd:", self.daemon.token_status()["state"], self.daemon.token_status()["message"])
        self.slotd.start()
        self.until_valid()

    def test_a_restart_of_the_slot_daemon_is_survived(self):
        self.slotd.stop()
        self.slotd.start()
        time.sleep(1.1)  # until no proof is fresh
        self.until_valid()
        self.assertEqual(self.daemon.create_key()["record"]["state"], "active")


if __name__ == "__main__":
    opencryptoki.enter_private_host(__file__)
    unittest.main(verbosity=2)
