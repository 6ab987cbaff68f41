"""A daemon whose store was filled with many real keys (seed_store.cc) before it started."""

import itertools
import json
import os
import subprocess

from claviger_harness import HarnessError, TOKEN_LABEL, build_folder, softhsm_module
from dialect import VALID
from load import Traffic


class SeededDaemon:
    """As a context manager: a daemon that runs. `path`: the file of its key strings."""

    def __init__(self, place, count):
        self.place, self.count = place, count
        # The cache has parts, which do not fill evenly: with room for just as many keys, some would not be in it.
        self.daemon = place.daemon(store={"cached_keys": min(10000000, 2 * count)})
        self.path = place.path("seeded")
        self.scan_seconds = 0  # of a reading of the whole store

    def __enter__(self):
        try:
            self.daemon.start()
            self.daemon.stop()
            self._seed()
            self.scan_seconds = json.loads(self._program("scan_store").communicate()[0])["seconds"]
            self.daemon.start()
        except BaseException:
            self.daemon.__exit__(HarnessError, None, None)
            raise
        return self

    def __exit__(self, *exception):
        self.daemon.__exit__(*exception)

    def traffic(self, count=None):
        """Verifications of all keys, or of the first `count`."""
        if count is None:
            return Traffic(self.place.folder, [(self.path, VALID)])
        with open(self.path, encoding="ascii") as file:
            return self.place.valid([line.strip() for line in itertools.islice(file, count)], "seeded-first")

    def _program(self, name, *arguments):
        daemon = self.daemon
        return subprocess.Popen(
            [os.path.join(build_folder(), "tests", "bench", name), daemon.worker, softhsm_module(),
             f"pkcs11:token={TOKEN_LABEL}", daemon.pin_file, daemon.state_directory, *arguments],
            env=daemon.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _seed(self):
        process = self._program("seed_store", str(self.count), self.path)
        last = ""
        for line in process.stderr:
            last = line.strip()
            if last.isdigit() and int(last) % max(4000, self.count // 50) < 4000:
                self.place.say(f"seeding: {last} of {self.count} keys")
        process.communicate()
        if process.returncode != 0:
            raise HarnessError(f"the store could not be filled: {last}")
