"""doc/examples/nginx as it is shipped, in a real nginx whose workers are www-data, with a daemon and a service behind."""

import grp
import http.client
import http.server
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import SOURCE, Daemon  # noqa: E402
from key_string import with_wrong_secret  # noqa: E402

EXAMPLE = os.path.join(SOURCE, "doc", "examples", "nginx")
MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
GROUP = "games"  # stands for claviger-verify: a group of every Debian
READ, WRITE = "read:policies:admin", "write:policies:admin"
PATIENCE = 15


def missing():
    if os.geteuid() != 0:
        return "needs root, to become www-data"
    if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None or not os.path.exists(f"/usr/lib/nginx/modules/{MODULES[1]}"):
        return "needs the packages nginx, libnginx-mod-http-lua and lua-cjson"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service(http.server.BaseHTTPRequestHandler):
    """What stands behind nginx; keeps the headers of the last request."""

    seen = {}

    def do_GET(self):
        Service.seen = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Nginx:
    """nginx in a folder of its own, with the example's files; its ports and its socket are the test's."""

    def __init__(self, verify_socket, service_port):
        self.root = tempfile.mkdtemp(prefix="clv-nginx-", dir="/tmp")
        os.chmod(self.root, 0o755)
        self.port = free_port()
        self.process = None
        self.verify_socket = verify_socket
        shutil.copy(os.path.join(EXAMPLE, "claviger.lua"), self.root)
        with open(os.path.join(EXAMPLE, "site.conf"), encoding="utf-8") as file:
            site = file.read()
        for old, new in (("127.0.0.1:8080", f"127.0.0.1:{self.port}"), ("127.0.0.1:8081", f"127.0.0.1:{service_port}"),
                         ("/etc/nginx/claviger", self.root)):
            assert old in site, f"site.conf does not name {old}"
            site = site.replace(old, new)
        with open(self.path("site.conf"), "w", encoding="utf-8") as file:
            file.write(site)

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, group):
        temporary = "".join(f"  {kind}_temp_path {self.root}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(self.path("nginx.conf"), "w", encoding="utf-8") as file:
            file.write("".join(f"load_module /usr/lib/nginx/modules/{module};\n" for module in MODULES) +
                       f"user www-data {group};\nworker_processes 2;\ndaemon off;\npid {self.root}/pid;\n"
                       f"error_log {self.root}/error.log info;\nevents {{}}\nhttp {{\n{temporary}"
                       f"  access_log {self.root}/access.log combined;\n  include {self.root}/site.conf;\n"
                       f'  init_by_lua_block {{ require("claviger").socket = "unix:{self.verify_socket}" }}\n}}\n')
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.root, "-c", self.path("nginx.conf")],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"nginx did not start: {self.process.stderr.read()}") from None
                time.sleep(0.05)

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process.stderr.close()
            self.process = None

    def discard(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def logs(self):
        text = ""
        for name in ("error.log", "access.log"):
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                text += file.read()
        return text


@unittest.skipIf(missing(), missing())
class NginxTest(unittest.TestCase):
    def setUp(self):
        www_data = pwd.getpwnam("www-data").pw_uid
        self.daemon = Daemon(settings={"roles": {"verifier": [f"uid:{os.getuid()}", f"uid:{www_data}"]},
                                       "limits": {"failures_per_minute": 1, "failure_burst": 40}})
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        os.chmod(self.daemon.root, 0o711)
        self.give_socket_to_group()
        service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        self.addCleanup(service.server_close)
        self.addCleanup(service.shutdown)
        self.nginx = Nginx(self.daemon.verify_socket, service.server_port)
        self.addCleanup(self.nginx.discard)
        self.nginx.start(GROUP)
        self.key = self.daemon.create_key(name="reader", scopes=[READ])["key"]

    def give_socket_to_group(self):
        os.chown(self.daemon.verify_socket, 0, grp.getgrnam(GROUP).gr_gid)

    def get(self, path, key=None, headers=()):
        """(status, headers) of one request with the key as bearer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.nginx.port, timeout=PATIENCE)
        try:
            connection.putrequest("GET", path)
            if key is not None:
                connection.putheader("Authorization", f"Bearer {key}")
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            reply = connection.getresponse()
            return reply.status, reply.headers
        finally:
            connection.close()

    def test_a_valid_key_reaches_the_service_which_learns_whose_it_is_but_not_the_key(self):
        forged = [("X-Key-Id", "forged"), ("X-Key-Owner", "forged"), ("X-Key-Scopes", "forged")]
        status, _ = self.get("/policies/", self.key, forged)
        self.assertEqual(status, 200)
        self.assertEqual(Service.seen["x-key-id"], self.key.split("_")[1])
        self.assertEqual(Service.seen["x-key-owner"], "root")
        self.assertEqual(Service.seen["x-key-scopes"], READ)
        self.assertNotIn("authorization", Service.seen)
        self.assertEqual(self.get("/whoami", headers=[("X-Api-Key", self.key)])[0], 200)
        self.assertNotIn("x-api-key", Service.seen)

    def test_no_key_and_a_bad_key_are_401_with_the_right_challenge(self):
        status, headers = self.get("/policies/")
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, 'Bearer realm="claviger"'))
        revoked = self.daemon.create_key(name="other", scopes=[READ])["key"]
        with self.daemon.admin() as admin:
            admin.call("io.claviger.Admin.RevokeKey", key_id=revoked.split("_")[1], reason="tried")
        for bad in ("nonsense", "", revoked, with_wrong_secret(self.key), "clv_" + "0" * 66, "\xff\xfe", 'x","scopes":[],"y":"', "x" * 2000):
            with self.subTest(key=bad[:20]):
                status, headers = self.get("/policies/", bad)
                self.assertEqual(status, 401)
                self.assertEqual(headers["WWW-Authenticate"], 'Bearer realm="claviger", error="invalid_token"')
        status, headers = self.get("/policies/", headers=[("Authorization", "Basic cm9vdDpyb290")])
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, 'Bearer realm="claviger", error="invalid_token"'))

    def test_two_keys_in_one_request_are_refused(self):
        self.assertEqual(self.get("/policies/", self.key, [("X-Api-Key", self.key)])[0], 401)
        self.assertEqual(self.get("/policies/", None, [("X-Api-Key", self.key), ("X-Api-Key", "other")])[0], 401)

    def test_a_missing_scope_is_403(self):
        status, headers = self.get("/policies/edit/", self.key)
        self.assertEqual((status, headers["WWW-Authenticate"]),
                         (403, 'Bearer realm="claviger", error="insufficient_scope"'))
        both = self.daemon.create_key(name="editor", scopes=[READ, WRITE])["key"]
        self.assertEqual(self.get("/policies/edit/", both)[0], 200)

    def test_who_guesses_too_often_gets_429_and_valid_keys_go_on(self):
        self.assertEqual(self.get("/policies/", self.key)[0], 200)
        wrong = with_wrong_secret(self.key)
        statuses = [self.get("/policies/", wrong)[0] for _ in range(60)]
        self.assertEqual(statuses[0], 401)
        self.assertEqual(statuses[-1], 429)
        self.assertTrue(self.get("/policies/", wrong)[1]["Retry-After"])
        self.assertEqual(self.get("/policies/", self.key)[0], 200)

    def test_workers_outside_of_the_group_get_503(self):
        self.nginx.stop()
        self.nginx.start("www-data")
        status, headers = self.get("/policies/", self.key)
        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
        self.assertIn("Permission denied", self.nginx.logs())

    def test_a_restart_of_the_daemon_is_survived(self):
        self.assertEqual(self.get("/policies/", self.key)[0], 200)
        self.daemon.stop()
        self.assertEqual(self.get("/policies/", self.key)[0], 503)
        self.daemon.start()
        self.give_socket_to_group()
        self.assertEqual(self.get("/policies/", self.key)[0], 200)

    def test_a_locked_token_is_503(self):
        self.assertEqual(self.daemon.cli("lock", "--yes").returncode, 0)
        self.assertEqual(self.get("/policies/", self.key)[0], 503)

    def test_connections_are_kept(self):
        def connections():
            shown = subprocess.run(["ss", "-xH", "state", "established"], capture_output=True, text=True, check=True).stdout
            return sum(self.daemon.verify_socket in line for line in shown.splitlines())
        for _ in range(50):
            self.assertEqual(self.get("/policies/", self.key)[0], 200)
        self.assertIn(connections(), range(1, 3))

    def test_no_key_is_in_the_logs(self):
        self.get("/policies/", self.key)
        self.get("/policies/edit/", self.key)
        self.daemon.stop()
        self.get("/policies/", self.key)
        self.daemon.start()
        self.assertNotIn(self.key.split("_")[2], self.nginx.logs())


if __name__ == "__main__":
    unittest.main(verbosity=2)
