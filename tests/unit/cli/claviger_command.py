"""Runs claviger as a person does on a terminal, or as a script does without one. Standard library only."""

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

SECONDS = 30
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def program():
    return os.path.join(os.environ["CLAVIGER_BUILD"], "cli", "claviger")


def environment(directory, **changes):
    """Of a person with a UTF-8 locale whose daemon has its sockets in `directory`. None as a value removes one."""
    values = dict(os.environ, CLAVIGER_SOCKET_DIRECTORY=directory, LC_ALL="C.UTF-8", TERM="xterm")
    for name in ("NO_COLOR", "COLUMNS"):
        values.pop(name, None)
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return values


def run(directory, *words, stdin="", **changes):
    """Without a terminal: the completed process with text stdout and stderr."""
    return subprocess.run([program(), *words], input=stdin, text=True, capture_output=True, timeout=SECONDS,
                          check=False, env=environment(directory, **changes))


class Typed:
    """claviger on a terminal of its own."""

    def __init__(self, directory, *words, columns=80, rows=24, command=None, cwd=None, stdout=None, stderr=None,
                 **changes):
        self.output = ""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)  # before anyone can have changed them
        self.process = subprocess.Popen(
            command or [program(), *words], stdin=slave, stdout=slave if stdout is None else stdout,
            stderr=slave if stderr is None else stderr,
            cwd=cwd, env=environment(directory, **changes), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self._slave = slave

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def _read(self, seconds):
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        self.output += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return True

    def expect(self, text):
        """Waits until `text` has been shown."""
        deadline = time.monotonic() + SECONDS
        while text not in self.output:
            if not self._read(0.2) and (time.monotonic() > deadline or self.process.poll() is not None):
                self._read(0.2)
                if text in self.output:
                    return
                raise AssertionError(f"{text!r} was not shown, but {self.output!r}")

    def type(self, text):
        os.write(self._master, text.encode())

    def wait(self):
        """The exit status, once everything that was shown is in `output`."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            self._read(0.05)
            if time.monotonic() > deadline:
                raise AssertionError(f"claviger did not end; it showed {self.output!r}")
        while self._read(0.05):
            pass
        return self.process.returncode

    def shows_typing(self):
        """True if characters are shown while they are typed."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    @property
    def plain(self):
        """The output without colours."""
        return ESCAPE.sub("", self.output)
