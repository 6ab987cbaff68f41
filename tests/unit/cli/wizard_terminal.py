"""claviger on a terminal whose screen is read, as pyte (python3-pyte) draws it."""

import fcntl
import os
import struct
import sys
import termios
import time

from claviger_command import SECONDS, Typed

# Where Debian has pyte, for a Python that is not Debian's.
sys.path.append("/usr/lib/python3/dist-packages")
import pyte  # noqa: E402
from wcwidth import wcswidth  # noqa: E402,F401 (for the tests; pyte needs it too)

KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "page down": "\x1b[6~",
        "page up": "\x1b[5~", "home": "\x1b[H", "end": "\x1b[F", "f1": "\x1bOP", "ctrl-c": "\x03", "ctrl-u": "\x15"}
APPLICATION_KEYS = {"up": "\x1bOA", "down": "\x1bOB", "home": "\x1bOH", "end": "\x1bOF"}
SETTLED = 0.05  # seconds without output after which the screen is taken as drawn
ALTERNATE_ON, ALTERNATE_OFF = "\x1b[?1049h", "\x1b[?1049l"


class Screened(Typed):
    """Typed with a screen. What was drawn on the alternate screen and what on the normal one are told apart."""

    def __init__(self, directory, *words, columns=80, rows=24, **changes):
        self.normal = pyte.HistoryScreen(columns, rows, history=1000)
        self.alternate = pyte.Screen(columns, rows)
        self._streams = {False: pyte.Stream(self.normal), True: pyte.Stream(self.alternate)}
        self._on_alternate = False
        self._fed = 0
        super().__init__(directory, *words, columns=columns, rows=rows, **changes)

    def _rows_are(self, rows, columns):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _feed(self):
        text, self._fed = self.output[self._fed:], len(self.output)
        while text:
            switch = ALTERNATE_OFF if self._on_alternate else ALTERNATE_ON
            part, found, text = text.partition(switch)
            self._streams[self._on_alternate].feed(part.replace("\n", "\r\n"))
            if found:
                self._on_alternate = not self._on_alternate
                if self._on_alternate:
                    self.alternate.reset()

    @property
    def on_alternate(self):
        self._feed()
        return self._on_alternate

    def text(self):
        """What is on the screen now."""
        self._feed()
        screen = self.alternate if self._on_alternate else self.normal
        return "\n".join(line.rstrip() for line in screen.display)

    def scrollback(self):
        """All that the normal screen has shown and still has, what has left at its top included."""
        self._feed()
        lines = ["".join(line[column].data for column in sorted(line)) for line in self.normal.history.top]
        return "\n".join(lines + list(self.normal.display))

    def see(self, *texts):
        """Waits until all of these are on the screen."""
        deadline = time.monotonic() + SECONDS
        while True:
            drawn = self._read(SETTLED)
            shown = self.text()
            if not drawn and all(text in shown for text in texts):
                return shown
            if not drawn and (time.monotonic() > deadline or self.process.poll() is not None):
                raise AssertionError(f"{texts!r} is not on the screen:\n{shown}")

    def see_gone(self, text):
        """Waits until this is on the screen no more."""
        deadline = time.monotonic() + SECONDS
        while self._read(SETTLED) or text in self.text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"{text!r} is still on the screen:\n{self.text()}")

    def press(self, *keys):
        """Key after key, as a person does: names of KEYS, or characters."""
        for key in keys:
            sequence = APPLICATION_KEYS.get(key) or KEYS.get(key, key)
            self.type(sequence)
            time.sleep(0.03)
            while self._read(SETTLED):
                pass

    def write(self, text):
        self.press(*text)

    def resize(self, columns, rows):
        self.text()
        self.alternate.resize(rows, columns)
        self.normal.resize(rows, columns)
        self._rows_are(rows, columns)

    def modes_restored(self):
        return termios.tcgetattr(self._slave) == self.before


def show(screened, title):
    """For looking at the screens: with CLAVIGER_SHOW_SCREENS set, they are printed."""
    if os.environ.get("CLAVIGER_SHOW_SCREENS"):
        print(f"--- {title}\n{screened.text()}\n", file=sys.stderr)
