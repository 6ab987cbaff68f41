"""Varlink clients of others, unchanged, against the daemon: socat, python-varlink, Go's varlink and, where the host has
it, varlinkctl (on PATH, or the program that the environment variable VARLINKCTL names).

python-varlink is taken from build/test-clients/python, where contrib/run-tests puts it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import SOURCE, Daemon, HarnessError, Varlink  # noqa: E402

READ = "read:policies:admin"
WRITE = "write:policies:admin"
CLIENTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "varlink_clients")
INSTALLED = os.path.join(SOURCE, "build", "test-clients")
GO_PATH = "/usr/share/gocode"
VARLINKCTL = os.environ.get("VARLINKCTL") or shutil.which("varlinkctl")
UNKNOWN_KEY_ID = "05DmtTuA1uSCEdeNk"
BUILD_SECONDS = 500
CALL_SECONDS = 60

daemon = None
issued = None


def setUpModule():
    global daemon, issued
    daemon = unittest.enterModuleContext(Daemon())
    issued = daemon.create_key(name="foreign clients", scopes=[READ])


def interface_file(name):
    with open(os.path.join(SOURCE, "protocol", f"{name}.varlink"), encoding="utf-8") as file:
        return file.read()


def run(command, stdin, **options):
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=CALL_SECONDS, check=False,
                          **options)


def json_reply(completed):
    """(error or None, parameters) of a program that prints a reply as JSON."""
    if completed.returncode != 0:
        raise AssertionError(f"{completed.args} ended with {completed.returncode}: {completed.stderr}")
    reply = json.loads(completed.stdout.rstrip("\0\n"))
    return reply.get("error"), reply["parameters"]


class Contract:
    """What every client must be able to do. How it calls is a subclass's exchange(): (error or None, parameters)."""

    def exchange(self, socket, method, parameters):
        raise NotImplementedError

    def verify(self, **parameters):
        error, verdict = self.exchange(daemon.verify_socket, "io.claviger.Verify.Verify", parameters)
        self.assertIsNone(error)
        return verdict

    def test_learns_which_interfaces_each_socket_serves(self):
        for socket, interfaces in ((daemon.verify_socket, ["io.claviger.Verify"]),
                                   (daemon.admin_socket, ["io.claviger.Admin", "io.claviger.Verify"])):
            error, info = self.exchange(socket, "org.varlink.service.GetInfo", {})
            self.assertIsNone(error)
            self.assertEqual((info["product"], info["interfaces"]), ("clavigerd", interfaces + ["org.varlink.service"]))

    def test_reads_the_description_of_every_interface(self):
        for name in ("io.claviger.Admin", "io.claviger.Verify", "org.varlink.service"):
            error, parameters = self.exchange(daemon.admin_socket, "org.varlink.service.GetInterfaceDescription",
                                              {"interface": name})
            self.assertIsNone(error)
            self.assertEqual(parameters["description"].strip(), interface_file(name).strip())

    def test_is_told_that_a_key_is_valid_and_whose_it_is(self):
        verdict = self.verify(key=issued["key"], scopes=[READ])
        self.assertEqual((verdict["valid"], verdict["code"], verdict["key_id"], verdict["generation"]),
                         (True, "valid", issued["record"]["key_id"], 1))
        self.assertEqual((verdict["name"], verdict["scopes"]), ("foreign clients", [READ]))

    def test_is_told_which_scope_a_key_lacks(self):
        verdict = self.verify(key=issued["key"], scopes=[READ, WRITE])
        self.assertEqual((verdict["valid"], verdict["code"], verdict["missing_scopes"]),
                         (False, "insufficient_scope", [WRITE]))

    def test_is_told_that_a_string_is_no_key(self):
        self.assertEqual(self.verify(key="no key"), {"valid": False, "code": "malformed"})

    def test_may_give_null_for_an_optional_parameter(self):
        self.assertEqual(self.verify(key=issued["key"], scopes=None, remote_address=None)["code"], "valid")

    def test_lists_keys_as_an_operator(self):
        error, page = self.exchange(daemon.admin_socket, "io.claviger.Admin.ListKeys", {})
        self.assertIsNone(error)
        records = {record["key_id"]: record for record in page["keys"]}
        record = records[issued["record"]["key_id"]]
        self.assertEqual((record["name"], record["state"], record["scopes"]), ("foreign clients", "active", [READ]))

    def test_does_not_reach_the_operators_interface_over_the_socket_for_services(self):
        self.assertEqual(self.exchange(daemon.verify_socket, "io.claviger.Admin.ListKeys", {}),
                         ("org.varlink.service.InterfaceNotFound", {"interface": "io.claviger.Admin"}))

    def test_gets_the_standard_error_for_an_unknown_method(self):
        self.assertEqual(self.exchange(daemon.verify_socket, "io.claviger.Verify.Guess", {}),
                         ("org.varlink.service.MethodNotFound", {"method": "io.claviger.Verify.Guess"}))

    def test_gets_the_standard_error_for_a_missing_parameter(self):
        self.assertEqual(self.exchange(daemon.verify_socket, "io.claviger.Verify.Verify", {}),
                         ("org.varlink.service.InvalidParameter", {"parameter": "key"}))

    def test_gets_the_standard_error_for_a_parameter_outside_its_range(self):
        self.assertEqual(self.exchange(daemon.admin_socket, "io.claviger.Admin.ListKeys", {"limit": 0}),
                         ("org.varlink.service.InvalidParameter", {"parameter": "limit"}))

    def test_gets_an_error_of_the_interface_with_its_parameters(self):
        self.assertNotEqual(issued["record"]["key_id"], UNKNOWN_KEY_ID)
        self.assertEqual(self.exchange(daemon.admin_socket, "io.claviger.Admin.GetKey", {"key_id": UNKNOWN_KEY_ID}),
                         ("io.claviger.Admin.KeyNotFound", {"key_id": UNKNOWN_KEY_ID}))


class Socat(Contract, unittest.TestCase):
    def exchange(self, socket, method, parameters):
        frame = Varlink.frame(method, parameters).decode()
        return json_reply(run(["socat", "-t", str(CALL_SECONDS), "-", f"UNIX-CONNECT:{socket}"], frame))

    def test_gets_the_answers_to_several_calls_in_one_go_in_their_order(self):
        methods = ["io.claviger.Verify.WhoAmI", "io.claviger.Verify.Guess", "org.varlink.service.GetInfo"]
        frames = b"".join(Varlink.frame(method) for method in methods).decode()
        completed = run(["socat", "-t", str(CALL_SECONDS), "-", f"UNIX-CONNECT:{daemon.verify_socket}"], frames)
        who, error, info = [json.loads(reply) for reply in completed.stdout.split("\0")[:-1]]
        self.assertEqual(who["parameters"]["uid"], os.getuid())
        self.assertEqual(error["error"], "org.varlink.service.MethodNotFound")
        self.assertEqual(info["parameters"]["product"], "clavigerd")


class PythonVarlink(Contract, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = os.path.join(INSTALLED, "python")
        if not os.path.isdir(os.path.join(cls.library, "varlink")):
            raise HarnessError(f"python-varlink is not in {cls.library}; run contrib/run-tests, which installs it there "
                               "with pip (and logs that in build/run-tests/clients.log)")

    def exchange(self, socket, method, parameters):
        program = [sys.executable, "-B", os.path.join(CLIENTS, "python_client.py")]
        return json_reply(run([*program, f"unix:{socket}", method], json.dumps(parameters),
                              env=dict(os.environ, PYTHONPATH=self.library)))


class GoVarlink(Contract, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("go") or not os.path.isdir(os.path.join(GO_PATH, "src", "github.com", "varlink", "go")):
            raise HarnessError("Go or its varlink package was not found; install the packages golang-go and "
                               "golang-github-varlink-go-dev")
        cls.program = os.path.join(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="clv-")), "client")
        settings = {"GO111MODULE": "off", "GOPATH": GO_PATH, "GOCACHE": os.path.join(INSTALLED, "go-cache"),
                    "GOTOOLCHAIN": "local", "GOFLAGS": ""}
        built = subprocess.run(["go", "build", "-o", cls.program, os.path.join(CLIENTS, "client.go")],
                               env={**os.environ, **settings}, capture_output=True, text=True, timeout=BUILD_SECONDS,
                               check=False)
        if built.returncode != 0:
            raise HarnessError(f"go build ended with {built.returncode}: {built.stderr}")

    def exchange(self, socket, method, parameters):
        return json_reply(run([self.program, f"unix:{socket}", method], json.dumps(parameters)))


class Varlinkctl(Contract, unittest.TestCase):
    def varlinkctl(self, *arguments, stdin=""):
        return run([VARLINKCTL, "--no-pager", *arguments], stdin)

    def exchange(self, socket, method, parameters):
        completed = self.varlinkctl("--json=short", "call", socket, method, stdin=json.dumps(parameters))
        refusal = re.search(r"failed: ([A-Za-z.]+)$", completed.stderr.rstrip())
        self.assertEqual(completed.returncode != 0, refusal is not None, completed.stderr)
        return refusal and refusal.group(1), json.loads(completed.stdout)

    def test_info_shows_the_service(self):
        for address in (daemon.verify_socket, f"unix:{daemon.verify_socket}"):
            completed = self.varlinkctl("info", address)
            self.assertEqual((completed.returncode, completed.stderr), (0, ""))
            self.assertIn("Product: clavigerd", completed.stdout)

    def test_introspect_understands_every_interface(self):
        for name in ("io.claviger.Admin", "io.claviger.Verify", "org.varlink.service"):
            completed = self.varlinkctl("introspect", daemon.admin_socket, name)
            self.assertEqual((completed.returncode, completed.stderr), (0, ""), name)
            self.assertIn(f"interface {name}", completed.stdout)

    def test_validate_idl_accepts_every_interface_file(self):
        for name in ("io.claviger.Admin", "io.claviger.Verify", "org.varlink.service"):
            completed = self.varlinkctl("validate-idl", os.path.join(SOURCE, "protocol", f"{name}.varlink"))
            self.assertEqual((completed.returncode, completed.stderr), (0, ""), name)


def load_tests(loader, _tests, _pattern):
    cases = [Socat, PythonVarlink, GoVarlink]
    if VARLINKCTL:
        cases.append(Varlinkctl)
    else:
        print("varlinkctl is not on this host: the other clients are tried without it", flush=True)
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in cases)


if __name__ == "__main__":
    unittest.main(verbosity=2)
