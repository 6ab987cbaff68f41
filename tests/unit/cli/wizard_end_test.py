"""How the wizard ends: what is left on the screen, in the terminal, in files, and what is not."""

import os
import re
import signal
import stat
import time
import unittest

from claviger_command import SECONDS
from wizard_case import CREATE, SECRET, STEPS, WizardCase


# Of the secret part of the key: as it is received and written, and in the cells of ncurses (cchar_t: attributes, five
# wide characters, a pair of colours).
TRACES = (re.compile(b"s{12}"), re.compile(rb"(?:s\0{3}[\s\S]{24}){12}"))

LARGEST_READ = 1 << 28  # bytes; what is larger is the shadow memory of a sanitizer


def memory_has(pid, trace):
    """Whether it stands anywhere in the memory that the process can write to."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            addresses, permissions = line.split()[:2]
            begin, end = (int(address, 16) for address in addresses.split("-"))
            if "w" not in permissions or end - begin > LARGEST_READ:
                continue
            try:
                memory.seek(begin)
                if trace.search(memory.read(end - begin)):
                    return True
            except OSError:
                continue
    return False


class EndsTest(WizardCase):
    def test_ctrl_c_leaves_nothing_behind_on_any_page(self):
        for step in STEPS:
            wizard = self.wizard()
            self.to_step(wizard, step)
            wizard.press("\x03")
            self.leaves_nothing(wizard, -signal.SIGINT)
            self.assertIn("interrupted; nothing was done", wizard.text())

    def test_other_signals_and_a_hang_up_do_so_too(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            wizard = self.wizard()
            self.to_step(wizard, "[scopes]")
            wizard.process.send_signal(number)
            self.leaves_nothing(wizard, -number)

    def test_a_key_that_was_not_saved_is_named_with_the_way_out(self):
        wizard = self.wizard()
        self.to_secret(wizard)
        wizard.press("\x03")
        self.assertEqual(wizard.wait(), -signal.SIGINT)
        self.assertTrue(wizard.modes_restored())
        shown = wizard.text()
        self.assertIn("key 00000000000000001 was created, but its key string was not saved", shown)
        self.assertIn("claviger key rotate 00000000000000001 --grace 0", shown)
        self.assertNotIn("s" * 43, wizard.scrollback())

    def test_the_question_whether_it_is_saved_can_be_denied(self):
        wizard = self.wizard()
        self.to_secret(wizard)
        wizard.press("enter")
        wizard.see("Is the key saved?")
        wizard.press("n")
        wizard.see(SECRET, "write it to a file")
        wizard.press("escape", "x", "y")
        self.assertEqual(wizard.wait(), 0)

    def test_the_secret_is_on_the_alternate_screen_alone_and_wiped_from_it(self):
        wizard = self.wizard()
        self.to_secret(wizard)
        self.assertTrue(wizard.on_alternate)
        wizard.press("enter", "y")
        self.assertEqual(wizard.wait(), 0)
        self.assertFalse(wizard.on_alternate)
        self.assertNotIn("s" * 20, wizard.scrollback())
        self.assertNotIn("s" * 5, "\n".join(wizard.alternate.display))
        self.assertIn("created key", wizard.text())
        self.assertTrue(wizard.modes_restored())

    def test_a_terminal_without_an_alternate_screen_is_wiped_too(self):
        wizard = self.wizard(TERM="vt100")
        self.to_secret(wizard)
        wizard.press("enter", "y")
        self.assertEqual(wizard.wait(), 0)
        self.assertNotIn("s" * 20, wizard.scrollback())
        self.assertIn("created key", wizard.text())

    def test_the_key_goes_into_a_new_file_that_is_the_users_alone(self):
        path = os.path.join(self.folder, "key")
        with open(os.path.join(self.folder, "old"), "w", encoding="ascii") as file:
            file.write("mine")
        wizard = self.wizard(cwd=self.folder)
        self.to_secret(wizard)
        wizard.press("f")
        wizard.write("old")
        wizard.press("enter")
        wizard.see("old", "exists")
        wizard.press("ctrl-u")
        wizard.write("no/such/folder")
        wizard.press("enter")
        wizard.see("No such file or directory")
        wizard.press("ctrl-u")
        wizard.write(path)
        wizard.press("enter")
        wizard.see("written", "which only you can read")
        wizard.press("enter")
        self.assertEqual(wizard.wait(), 0)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), SECRET + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(os.path.join(self.folder, "old"), encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")
        self.assertIn(f"Its key string is in {path}", wizard.text().replace("\n", ""))

    def test_when_the_page_has_gone_the_secret_is_nowhere_in_the_process(self):
        # Its last words wait in a pipe that is full.
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        os.set_blocking(writing, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
        wizard = self.wizard(stderr=writing)
        self.to_secret(wizard)
        for trace in TRACES:
            self.assertTrue(memory_has(wizard.process.pid, trace), trace)
        wizard.press("enter", "y")
        deadline = time.monotonic() + SECONDS
        while wizard.on_alternate and time.monotonic() < deadline:
            wizard.press()
            time.sleep(0.1)
            wizard._read(0.1)
        self.assertFalse(wizard.on_alternate)
        time.sleep(0.2)
        self.assertIsNone(wizard.process.poll())
        for trace in TRACES:
            self.assertFalse(memory_has(wizard.process.pid, trace), trace)
        os.read(reading, 1 << 20)
        self.assertEqual(wizard.wait(), 0)

    def test_stop_and_continue_keep_the_page(self):
        wizard = self.wizard()
        self.to_step(wizard, "[scopes]")
        wizard.press(" ")
        wizard.process.send_signal(signal.SIGTSTP)
        time.sleep(0.2)
        wizard.process.send_signal(signal.SIGCONT)
        wizard.press("down")
        wizard.see("[scopes]", "1 chosen")


if __name__ == "__main__":
    unittest.main()
