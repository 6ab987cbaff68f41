"""openCryptoki's token in software, private to the test: its daemon, its token folder and its shared memory.

openCryptoki has fixed places for all of these, so a test that uses it runs in namespaces of its own:

    if __name__ == "__main__":
        enter_private_host(__file__)
        unittest.main()
"""

import glob
import os
import shutil
import signal
import subprocess
import sys
import time

__all__ = ["LABEL", "PIN_LOW", "PIN_FINAL", "Slotd", "enter_private_host", "missing", "module"]

SLOT = "3"
LABEL = "claviger-test"
FACTORY_SO_PIN = "87654321"
SO_PIN = "56785678"
FIRST_PIN = "11112222"
PIN_LOW, PIN_FINAL = 0x10000, 0x20000  # CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY
INSIDE = "CLAVIGER_PRIVATE_HOST"
START_SECONDS = 10


def module():
    found = glob.glob("/usr/lib/*/pkcs11/libopencryptoki.so")
    return found[0] if found else None


def missing():
    """Why the token cannot be had here; None if it can."""
    if os.geteuid() != 0:
        return "needs root, for namespaces of its own"
    if module() is None or not os.path.exists("/usr/sbin/pkcsslotd"):
        return "needs the package opencryptoki"
    return None if os.environ.get(INSIDE) else "needs namespaces of its own, which cannot be made here"


def enter_private_host(file):
    """Runs `file` again with mounts and shared memory of its own, if that can be done."""
    namespaces = ["unshare", "--mount", "--ipc", "--propagation", "private"]
    if os.environ.get(INSIDE) or os.geteuid() != 0 or subprocess.run([*namespaces, "true"], check=False).returncode:
        return
    os.environ[INSIDE] = "1"
    os.execvp(namespaces[0], [*namespaces, "--", sys.executable, "-B", file, *sys.argv[1:]])


class Slotd:
    """pkcsslotd with one blank-made, initialised token whose user PIN is `pin`. A context manager."""

    FOLDERS = ("/run", "/dev/shm", "/var/lib/opencryptoki")

    def __init__(self, pin):
        self.pid = None
        for folder in self.FOLDERS:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755" if folder == "/run" else "mode=1777", "none", folder],
                           check=True)
        os.makedirs("/run/lock", exist_ok=True)
        for config in glob.glob("/usr/lib/tmpfiles.d/opencryptoki.conf"):
            subprocess.run(["systemd-tmpfiles", "--create", config], check=True, capture_output=True)
        self.start()
        self.initialise(pin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for folder in self.FOLDERS:
            subprocess.run(["umount", "--lazy", folder], check=True)

    def start(self):
        subprocess.run(["/usr/sbin/pkcsslotd"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._read_pid() or subprocess.run(["pkcsconf", "-s"], check=False, capture_output=True).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError("pkcsslotd did not start")
            time.sleep(0.05)

    def _read_pid(self):
        try:
            with open("/run/pkcsslotd.pid", encoding="ascii") as file:
                self.pid = int(file.read())
        except (FileNotFoundError, ValueError):
            return False
        return True

    def stop(self):
        """Not by SIGTERM, which it ignores while a program uses it."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            while os.path.exists(f"/proc/{self.pid}/exe"):
                time.sleep(0.02)
            os.remove("/run/pkcsslotd.pid")
        self.pid = None

    @staticmethod
    def configure(option, *answers):
        subprocess.run(["pkcsconf", "-c", SLOT, option], input="".join(f"{answer}\n" for answer in answers), text=True,
                       check=True, capture_output=True)

    def initialise(self, pin):
        """A new token in place of whatever was there, as its own tool makes one."""
        self.configure("-I", FACTORY_SO_PIN, LABEL)
        self.configure("-P", FACTORY_SO_PIN, SO_PIN, SO_PIN)
        self.configure("-u", SO_PIN, FIRST_PIN, FIRST_PIN)
        self.change_pin(FIRST_PIN, pin)

    def change_pin(self, old, new):
        self.configure("-p", old, new, new)

    @staticmethod
    def forget_token():
        """The token is gone: its files and what is shared of them."""
        for folder in ("/var/lib/opencryptoki/swtok", "/dev/shm"):
            for entry in os.scandir(folder):
                shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)
        os.mkdir("/var/lib/opencryptoki/swtok/TOK_OBJ", 0o770)

    @staticmethod
    def flags():
        """CK_TOKEN_INFO.flags as the token tells them."""
        shown = subprocess.run(["pkcsconf", "-t", "-c", SLOT], check=True, capture_output=True, text=True).stdout
        return int(shown.split("Flags: ", 1)[1].split(" ", 1)[0], 16)
