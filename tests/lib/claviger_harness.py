"""A private clavigerd with its own SoftHSM token, for tests, and a plain Varlink client.

    with Daemon() as daemon:
        key = daemon.admin().call("io.claviger.Admin.CreateKey", name="demo", scopes=["read:policies:admin"])["key"]
        assert daemon.verify(key)["valid"]
        assert daemon.cli("key", "list").returncode == 0

The programs are taken from the build folder that the environment variable CLAVIGER_BUILD names. Everything that a
Daemon writes lies in one new folder under /tmp, which goes away with it. Standard library only.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from varlink import Varlink, VarlinkError

__all__ = ["Daemon", "HarnessError", "Varlink", "VarlinkError", "build_folder", "copy_tree", "softhsm_module",
           "write_toml"]

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PIN = "1234-harness-pin"
SO_PIN = "5678-harness-so-pin"
TOKEN_LABEL = "claviger-test"
START_SECONDS = 30
STOP_SECONDS = 30
SANITIZER_REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error:")
MODULES = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"]


class HarnessError(Exception):
    """The test's surroundings, not what it tests, did not behave."""


def build_folder():
    folder = os.environ.get("CLAVIGER_BUILD")
    if not folder:
        raise HarnessError("CLAVIGER_BUILD is not set; set it to the build folder")
    return os.path.realpath(folder)


def softhsm_module():
    for path in MODULES:
        if os.path.exists(path):
            return path
    raise HarnessError("libsofthsm2.so was not found; install the package softhsm2")


def _toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else json.dumps(value)


def write_toml(path, tables):
    """`tables`: table name -> {setting -> string, integer, boolean or list of strings}; a list of such for [[table]]."""
    with open(path, "w", encoding="utf-8") as file:
        for table, content in tables.items():
            entries, header = (content, f"[[{table}]]\n") if isinstance(content, list) else ([content], f"[{table}]\n")
            for settings in entries:
                file.write(header)
                file.writelines(f"{name} = {_toml_value(value)}\n" for name, value in settings.items())


def copy_tree(source, destination):
    """Copies a token folder or state folder with its modes. The daemon that owns it must have ended."""
    shutil.copytree(source, destination, dirs_exist_ok=True)


def _process_start(pid):
    """The start time of a process in clock ticks, which tells a process from a later one with its pid; None if gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _children(parent, comm):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                head, tail = file.read().rsplit(")", 1)
        except OSError:
            continue
        fields = tail.split()
        if int(fields[1]) == parent and head.split("(", 1)[1] == comm and fields[0] not in "ZX":
            found.append(int(entry))
    return found


class Daemon:
    """A clavigerd of its own. As a context manager it starts, and its end is checked (exit status 0, no sanitizer
    report, no worker left behind).

    settings: {"table": {"setting": value}}, laid over what `default_settings` gives; None as a value removes one.
    {"table": [{"setting": value}, ...]} writes one [[table]] for each.
    initialise: bind the blank token at once. start: False leaves the start to start().
    clone_of: an ended Daemon whose token and state are copied. environment: added to the daemon's.
    """

    def __init__(self, settings=None, initialise=True, start=True, clone_of=None, environment=None):
        self.build = build_folder()
        self.program = os.path.join(self.build, "daemon", "clavigerd")
        self.claviger = os.path.join(self.build, "cli", "claviger")
        self.worker = os.path.join(self.build, "hsm", "worker", "claviger-token")
        self.root = tempfile.mkdtemp(prefix="clv-", dir="/tmp")
        self.socket_directory = self.path("run")
        self.verify_socket = self.path("run/io.claviger.Verify")
        self.admin_socket = self.path("run/io.claviger.Admin")
        self.state_directory = self.path("state")
        self.token_directory = self.path("tokens")
        self.pin_file = self.path("pin")
        self.config = self.path("claviger.toml")
        self.scopes_directory = self.path("scopes.d")
        self.log_path = self.path("clavigerd.log")
        self.process = None
        self._initialise = initialise and clone_of is None
        self._start_at_enter = start
        self.environment = dict(os.environ, SOFTHSM2_CONF=self.path("softhsm2.conf"), **(environment or {}))
        self.environment.pop("CREDENTIALS_DIRECTORY", None)
        try:
            self._prepare(clone_of)
            self.write_config(settings or {})
        except BaseException:
            self._discard()
            raise

    def path(self, name):
        return os.path.join(self.root, name)

    def _prepare(self, clone_of):
        for folder in (self.state_directory, self.token_directory):
            os.mkdir(folder, 0o700)
        os.mkdir(self.scopes_directory)
        shutil.copy(os.path.join(SOURCE, "contrib", "scopes", "atlassian-admin.toml"), self.scopes_directory)
        with open(self.environment["SOFTHSM2_CONF"], "w", encoding="ascii") as file:
            file.write(f"directories.tokendir = {self.token_directory}\nobjectstore.backend = file\n"
                       "log.level = ERROR\nslots.removable = false\n")
        with open(os.open(self.pin_file, os.O_WRONLY | os.O_CREAT, 0o400), "w", encoding="ascii") as file:
            file.write(PIN + "\n")
        if clone_of is not None:
            copy_tree(clone_of.token_directory, self.token_directory)
            copy_tree(clone_of.state_directory, self.state_directory)

    def default_settings(self):
        me = f"uid:{os.getuid()}"
        return {
            "server": {"socket_directory": self.socket_directory},
            "store": {"directory": self.state_directory},
            "token": {"module": softhsm_module(), "uri": f"pkcs11:token={TOKEN_LABEL}", "pin_file": self.pin_file,
                      "worker": self.worker, "call_deadline": "1s"},
            "keys": {"scopes_directory": self.scopes_directory},
            "roles": {"admin": [me], "verifier": [me]},
            "log": {"level": "debug"},
        }

    def write_config(self, settings):
        """Writes claviger.toml anew; in force after reload() or restart()."""
        tables = self.default_settings()
        for table, values in settings.items():
            if isinstance(values, list):
                tables[table] = values
                continue
            tables.setdefault(table, {}).update(values)
            tables[table] = {name: value for name, value in tables[table].items() if value is not None}
        write_toml(self.config, tables)

    def __enter__(self):
        try:
            if self._start_at_enter:
                self.start()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(self, exception_type, *_):
        try:
            if self.process is not None and exception_type is None:
                self.stop()
        finally:
            if exception_type is not None:
                print(f"--- log of clavigerd in {self.root}\n{self.log()[-8000:]}--- end of log", flush=True)
            self._discard()

    def _discard(self):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    # Life

    def start(self, ready=True):
        """Starts the daemon and waits for its sockets; with `ready` also until it serves."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait(self._sockets_answer, "its sockets did not appear")
        if self._initialise:
            self._initialise = False
            self.initialise_token()
        if ready:
            self.wait_ready()

    def initialise_token(self):
        with self.admin() as admin:
            return admin.call("io.claviger.Admin.InitialiseToken", so_pin=SO_PIN, label=TOKEN_LABEL)

    def wait_ready(self, seconds=START_SECONDS):
        """Until verifications are answered with verdicts."""
        def serving():
            with self.admin() as admin:
                return admin.call("io.claviger.Admin.GetStatus")["serving"]
        self._wait(serving, "it does not serve", seconds)

    def wait_token_state(self, state, seconds=START_SECONDS):
        def reached():
            return self.token_status()["state"] == state
        self._wait(reached, f"the token's state did not become {state}", seconds)

    def _sockets_answer(self):
        for path in (self.verify_socket, self.admin_socket):
            try:
                Varlink(path).close()
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True

    def _wait(self, condition, complaint, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process is None or self.process.poll() is not None:
                status = self.process.returncode if self.process else None
                raise HarnessError(f"clavigerd ended with {status}: {self.log()[-4000:]}")
            if time.monotonic() > deadline:
                raise HarnessError(f"clavigerd started, but {complaint} within {seconds} s: {self.log()[-4000:]}")
            time.sleep(0.02)

    def stop(self, expected_status=0):
        """Ends the daemon with SIGTERM and checks how it ended."""
        workers = {pid: _process_start(pid) for pid in self.worker_pids()}
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise HarnessError(f"clavigerd did not end within {STOP_SECONDS} s of SIGTERM") from None
        self.process = None
        self._await_end(workers)
        if status != expected_status:
            raise HarnessError(f"clavigerd ended with {status} instead of {expected_status}: {self.log()[-4000:]}")
        self.check_log()

    def kill(self):
        """Ends the daemon with SIGKILL and waits until its worker has followed."""
        workers = {pid: _process_start(pid) for pid in self.worker_pids()}
        self.process.kill()
        self.process.wait()
        self.process = None
        # A worker that is stopped would never see that its daemon is gone.
        for pid, started in workers.items():
            if started is not None and _process_start(pid) == started:
                os.kill(pid, signal.SIGCONT)
        self._await_end(workers)

    def _await_end(self, processes):
        deadline = time.monotonic() + STOP_SECONDS
        for pid, started in processes.items():
            while started is not None and _process_start(pid) == started:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    raise HarnessError(f"the worker {pid} outlived its daemon")
                time.sleep(0.01)

    def restart(self, ready=True, forget=False):
        """A planned stop keeps what the token has confirmed for the next start, unless it is to `forget`."""
        self.stop()
        if forget:
            os.unlink(os.path.join(self.state_directory, "cache.snapshot"))
        self.start(ready)

    def reload(self):
        """SIGHUP; the daemon's log says when the settings are in force."""
        self.process.send_signal(signal.SIGHUP)

    # Looking inside

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, text, seconds=START_SECONDS, after=0):
        """Waits until `text` stands in the log behind its first `after` characters."""
        self._wait(lambda: text in self.log()[after:], f"its log does not say {text!r}", seconds)

    def check_log(self):
        report = SANITIZER_REPORT.search(self.log())
        if report:
            raise HarnessError(f"a sanitizer reported: {self.log()[report.start():][:8000]}")

    def worker_pids(self):
        """Pids of the token workers that this daemon runs: one, except while it is being replaced."""
        return _children(self.process.pid, "claviger-token") if self.process else []

    def token_status(self):
        with self.admin() as admin:
            return admin.call("io.claviger.Admin.GetTokenStatus")

    # Using it

    def admin(self):
        return Varlink(self.admin_socket)

    def verifier(self):
        return Varlink(self.verify_socket)

    def create_key(self, name="test key", scopes=("read:policies:admin",), **parameters):
        """The reply of CreateKey: {"key": key string, "record": Key}."""
        with self.admin() as admin:
            return admin.call("io.claviger.Admin.CreateKey", name=name, scopes=list(scopes), **parameters)

    def verify(self, key, **parameters):
        """The reply. `unavailable` from a token that is ready, which a slow machine may bring, says nothing of the key and
        is asked again a few times. Where the first answer counts: verify_once."""
        for _ in range(10):
            reply = self.verify_once(key, **parameters)
            if reply["code"] != "unavailable" or self.token_status()["state"] != "ready":
                break
            time.sleep(0.1)
        return reply

    def verify_once(self, key, **parameters):
        with self.verifier() as verifier:
            return verifier.call("io.claviger.Verify.Verify", key=key, **parameters)

    def cli(self, *arguments, stdin="", environment=None, timeout=60):
        """Runs the CLI against this daemon; the completed process with text stdout and stderr."""
        environment = dict(self.environment, CLAVIGER_SOCKET_DIRECTORY=self.socket_directory, **(environment or {}))
        return subprocess.run([self.claviger, *arguments], input=stdin, env=environment, text=True,
                              capture_output=True, timeout=timeout, check=False)
