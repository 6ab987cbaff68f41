"""A wall clock for a daemon that a test sets as it likes, by libfaketime (Debian package libfaketime)."""

import datetime
import glob
import os

from claviger_harness import HarnessError

__all__ = ["FakedClock"]

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"


class FakedClock:
    """The wall clock of the daemons that are started with `environment`: stands still at the second that was set last.
    Monotonic and boot clock go on as they do. `folder` is the caller's and outlives the daemons. A running daemon can
    ask for the time at any moment, also between two settings."""

    def __init__(self, folder):
        found = glob.glob(LIBRARIES)
        if not found:
            raise HarnessError("libfaketimeMT.so.1 was not found; install the package libfaketime")
        self._file = os.path.join(folder, "now")
        # A sanitizer's runtime, which wants to be the first library, is inside our programs already.
        sanitizer = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
        self.environment = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": self._file, "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC", "ASAN_OPTIONS": sanitizer}
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.set(self.now)

    def set(self, moment):
        """`moment`: a datetime in UTC, whole seconds."""
        self.now = moment
        # At once: the daemon reads the file each time it asks for the time.
        with open(self._file + ".new", "w", encoding="ascii") as file:
            file.write(moment.strftime("%Y-%m-%d %H:%M:%S\n"))
        os.replace(self._file + ".new", self._file)

    def move(self, **delta):
        """As datetime.timedelta: move(seconds=-1)."""
        self.set(self.now + datetime.timedelta(**delta))

    @staticmethod
    def write(moment):
        """A moment as on the wire."""
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @staticmethod
    def read(text):
        """The moment of a time on the wire."""
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
