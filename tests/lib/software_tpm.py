"""A TPM in software with tpm2-pkcs11 on top, private to the test.

swtpm is the TPM and tpm2-abrmd its resource manager, which for a real TPM is in the kernel (/dev/tpmrm0).
"""

import glob
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time

__all__ = ["LABEL", "SoftwareTpm", "missing", "module"]

LABEL = "claviger-test"
SO_PIN = "so-pin-5678"
PURPOSES = ("mint", "verify", "record", "store", "audit")
PROGRAMS = {"swtpm": "swtpm", "tpm2-abrmd": "tpm2-abrmd", "dbus-daemon": "dbus-daemon", "tpm2_create": "tpm2-tools",
            "tpm2_ptool": "libtpm2-pkcs11-tools"}
START_SECONDS = 10


def module():
    found = glob.glob("/usr/lib/*/libtpm2_pkcs11.so.1")
    return found[0] if found else None


def missing():
    """Why the token cannot be had here; None if it can."""
    path = os.environ["PATH"] + ":/usr/sbin"
    packages = [package for program, package in PROGRAMS.items() if shutil.which(program, path=path) is None]
    if module() is None:
        packages.append("libtpm2-pkcs11-1")
    if not glob.glob("/usr/lib/*/libtss2-tcti-tabrmd.so.0"):
        packages.append("libtss2-tcti-tabrmd0")
    return "needs the packages " + ", ".join(packages) if packages else None


def _free_ports():
    """Two neighbouring ports, as swtpm's clients expect them."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class SoftwareTpm:
    """A TPM with one token whose user PIN is `pin` and which holds the purpose keys, imported. A context manager."""

    def __init__(self, pin):
        self.root = tempfile.mkdtemp(prefix="clv-tpm-", dir="/tmp")
        self.store = os.path.join(self.root, "store")
        self._processes = []
        self._port = _free_ports()
        try:
            for name in ("state", "store"):
                os.mkdir(os.path.join(self.root, name), 0o700)
            self._start_tpm()
            bus = self._start_bus()
            self.environment = {"TPM2_PKCS11_STORE": self.store, "TPM2_PKCS11_TCTI": "tabrmd:bus_type=session",
                                "TPM2TOOLS_TCTI": "tabrmd:bus_type=session", "DBUS_SESSION_BUS_ADDRESS": bus,
                                "TSS2_LOG": "all+NONE", "TPM2_PKCS11_LOG_LEVEL": "0"}
            self._start_resource_manager()
            self._make_token(pin)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
            process.wait()
            if process.stdout:
                process.stdout.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def _start(self, *command, **settings):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **{"stdout": subprocess.DEVNULL,
                                   "stderr": subprocess.DEVNULL, **settings})
        self._processes.append(process)
        return process

    def _start_tpm(self):
        self._start("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.root}/state", "--flags",
                    "not-need-init,startup-clear", "--ctrl", f"type=tcp,port={self._port + 1}", "--server",
                    f"type=tcp,port={self._port}")

    def _start_bus(self):
        bus = self._start("dbus-daemon", "--session", "--nofork", "--print-address=1", stdout=subprocess.PIPE, text=True)
        return bus.stdout.readline().strip()

    def _start_resource_manager(self):
        options = ["--allow-root"] if os.geteuid() == 0 else []
        self._start("/usr/sbin/tpm2-abrmd", "--session", "--tcti", f"swtpm:port={self._port}", *options,
                    env={**os.environ, **self.environment})
        deadline = time.monotonic() + START_SECONDS
        while self._run("tpm2_getrandom", "1", check=False).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError("the resource manager of the TPM did not start")
            time.sleep(0.1)

    def _run(self, *command, check=True):
        return subprocess.run(command, env={**os.environ, **self.environment}, check=check, capture_output=True)

    def tool(self, verb, *options):
        self._run("tpm2_ptool", verb, "--path", self.store, *options)

    def _make_token(self, pin):
        self.tool("init")
        self.tool("addtoken", "--pid=1", f"--sopin={SO_PIN}", f"--userpin={pin}", f"--label={LABEL}")
        for purpose in PURPOSES:
            self.import_key(f"claviger/{purpose}/1", pin)
        self.close_keys()

    def import_key(self, label, pin):
        with tempfile.NamedTemporaryFile(dir=self.root) as key:
            key.write(os.urandom(32))
            key.flush()
            self.tool("import", f"--label={LABEL}", f"--userpin={pin}", f"--key-label={label}", "--algorithm=hmac:sha256",
                      f"--privkey={key.name}")

    def close_keys(self, extractable="no"):
        """Sets CKA_EXTRACTABLE of all keys, which an import leaves at yes though the TPM lets none out."""
        for object_id in self.object_ids():
            self.tool("objmod", "--id", str(object_id), "--key", "CKA_EXTRACTABLE", "--type", "bool", "--value", extractable)

    def object_ids(self):
        database = sqlite3.connect(os.path.join(self.store, "tpm2_pkcs11.sqlite3"))
        try:
            return [row[0] for row in database.execute("SELECT id FROM tobjects ORDER BY id")]
        finally:
            database.close()

    def change_pin(self, old, new):
        self.tool("changepin", f"--label={LABEL}", "--user=user", f"--old={old}", f"--new={new}")
