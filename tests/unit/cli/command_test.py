"""claviger without a terminal, against a daemon in Python."""

import grp
import json
import os
import subprocess
import tempfile
import unittest

from claviger_command import environment, program, run
from fake_daemon import KEY, Close, FakeDaemon, Refusal, sample_key

ID = "00000000000000001"


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon())
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def cli(self, *words, status=0, **options):
        done = run(self.daemon.directory, *words, **options)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def file(self, content, mode=0o600):
        path = os.path.join(self.folder, "secret file")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def parameters(self):
        return self.daemon.calls[-1][1]

    # Keys

    def test_create_prints_the_key_alone_on_standard_output(self):
        done = self.cli("key", "create", "--name", "demo", "--scope", "read:policies:admin", "--expires", "7d")
        self.assertEqual(done.stdout, KEY.format(n=1) + "\n")
        self.assertIn('created key "demo"', done.stderr)
        self.assertIn("cannot be shown again", done.stderr)
        self.assertNotIn(KEY.format(n=1), done.stderr)
        self.assertEqual(self.parameters(),
                         {"name": "demo", "scopes": ["read:policies:admin"], "lifetime": 7 * 86400})

    def test_create_sends_every_option(self):
        self.cli("key", "create", "--name", "n", "--scope", "a", "--scope", "b", "--expires", "2099-12-24",
                 "--not-before", "2099-01-02", "--owner", "o", "--team", "t", "--description", "d", "--request-id", "r")
        self.assertEqual(self.parameters(),
                         {"name": "n", "scopes": ["a", "b"], "expires_at": "2099-12-24T23:59:59Z",
                          "not_before": "2099-01-02T00:00:00Z", "owner": "o", "team": "t", "description": "d",
                          "request_id": "r"})

    def test_create_expands_all_scopes_of_an_action(self):
        self.cli("key", "create", "--name", "n", "--all-scopes", "read", "--scope", "write:policies:admin")
        self.assertEqual(self.parameters()["scopes"],
                         ["write:policies:admin", "read:domains:admin", "read:policies:admin"])
        self.assertIn("no action", self.cli("key", "create", "--name", "n", "--all-scopes", "reed", status=2).stderr)
        self.assertIn("no scope with the action delete",
                      self.cli("key", "create", "--name", "n", "--all-scopes", "delete", status=1).stderr)

    def test_create_quietly_says_nothing(self):
        done = self.cli("key", "create", "--name", "n", "--scope", "a", "--quiet")
        self.assertEqual((done.stdout, done.stderr), (KEY.format(n=1) + "\n", ""))

    def test_create_as_json_is_the_whole_reply(self):
        done = self.cli("key", "create", "--name", "n", "--scope", "a", "--json")
        self.assertEqual(json.loads(done.stdout), {"key": KEY.format(n=1), "record": self.daemon.keys[ID]})

    def test_create_without_scopes_is_refused_unless_a_reason_is_given(self):
        self.assertIn("no scopes", self.cli("key", "create", "--name", "n", status=2).stderr)
        self.assertEqual(self.daemon.calls, [])
        self.cli("key", "create", "--name", "n", "--unscoped-reason", "migration")
        self.assertEqual(self.parameters(), {"name": "n", "unscoped_reason": "migration"})

    def test_a_key_that_could_not_be_written_is_reported_as_lost(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([program(), "key", "create", "--name", "n", "--scope", "a"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, env=environment(self.daemon.directory), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("its key string is lost", done.stderr)
        self.assertIn(f"claviger key rotate {ID} --grace 0", done.stderr)
        self.assertNotIn("cannot be shown again", done.stderr)

    def test_a_reader_that_is_gone_is_reported_for_a_key_and_not_for_a_list(self):
        self.daemon.add(sample_key(1))
        for words, status in ((["key", "rotate", ID], 1), (["key", "list"], 0)):
            reading, writing = os.pipe()
            os.close(reading)
            done = subprocess.run([program(), *words], stdout=writing, stderr=subprocess.PIPE, text=True,
                                  env=environment(self.daemon.directory), check=False)
            os.close(writing)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_a_key_string_in_the_command_line_is_refused(self):
        for verb in ("show", "rotate", "revoke"):
            done = self.cli("key", verb, KEY.format(n=1), "--yes", status=2)
            self.assertIn("a key string stands where a key id should", done.stderr)
            self.assertNotIn(KEY.format(n=1), done.stderr)
        self.assertEqual(self.daemon.calls, [])

    def test_rotate(self):
        self.daemon.add(sample_key(1))
        done = self.cli("key", "rotate", ID, "--grace", "1d12h", "--expires", "30d")
        self.assertEqual(done.stdout, KEY.format(n=9) + "\n")
        self.assertEqual(self.parameters(), {"key_id": ID, "grace": 129600, "lifetime": 30 * 86400})
        self.cli("key", "rotate", ID)
        self.assertEqual(self.parameters(), {"key_id": ID})
        self.assertIn("add --yes", self.cli("key", "rotate", ID, "--grace", "0", status=2).stderr)
        self.cli("key", "rotate", ID, "--grace", "0", "--yes")
        self.assertEqual(self.parameters(), {"key_id": ID, "grace": 0})
        for grace in ("", "x", "-1d", "1"):
            self.assertIn("--grace", self.cli("key", "rotate", ID, f"--grace={grace}", status=2).stderr)

    def test_revoke_needs_yes_where_nobody_can_be_asked(self):
        self.daemon.add(sample_key(1))
        self.assertIn("add --yes", self.cli("key", "revoke", ID, stdin="yes\n", status=2).stderr)
        self.assertEqual(self.daemon.calls, [])
        done = self.cli("key", "revoke", ID, "--reason", "lost", "--yes")
        self.assertEqual(self.parameters(), {"key_ids": [ID], "reason": "lost"})
        self.assertEqual(done.stdout, "")
        self.assertIn('revoked key "key 1"', done.stderr)
        self.assertEqual(json.loads(self.cli("key", "revoke", ID, "--yes", "--json").stdout),
                         {"done": [], "unchanged": [ID], "refused": []})

    # Verdicts

    def test_verify_from_standard_input_and_file(self):
        self.daemon.add(sample_key(1))
        for line_end in ("", "\n", "\r\n"):
            done = self.cli("key", "verify", stdin=KEY.format(n=1) + line_end)
            self.assertEqual(done.stdout.splitlines()[0], "valid")
            self.assertEqual(self.parameters(), {"key": KEY.format(n=1)})
        done = self.cli("key", "verify", "--key-file", self.file(KEY.format(n=1) + "\n"), "--scope",
                        "read:policies:admin", "--remote-address", "192.0.2.7")
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.parameters(), {"key": KEY.format(n=1), "scopes": ["read:policies:admin"],
                                             "remote_address": "192.0.2.7"})
        done = self.cli("key", "verify", "--key-file", self.file(KEY.format(n=1), 0o644))
        self.assertIn("can be read by others", done.stderr)

    def test_verify_names_what_is_missing(self):
        self.daemon.add(sample_key(1))
        done = self.cli("key", "verify", "--scope", "write:policies:admin", stdin=KEY.format(n=1), status=3)
        self.assertTrue(done.stdout.startswith("not valid: insufficient_scope: "))
        self.assertRegex(done.stdout, r"missing +write:policies:admin")

    def test_verify_exits_by_the_verdict(self):
        for code, status in (("unknown", 3), ("revoked", 3), ("malformed", 3), ("new code", 3), ("rate_limited", 75),
                             ("unavailable", 75)):
            self.daemon.answers["io.claviger.Verify.Verify"] = {"valid": False, "code": code}
            self.assertIn(code, self.cli("key", "verify", stdin="x", status=status).stdout)
            done = self.cli("key", "verify", "--json", stdin="x", status=status)
            self.assertEqual(json.loads(done.stdout), {"valid": False, "code": code})

    def test_verify_shows_full_access(self):
        self.daemon.answers["io.claviger.Verify.Verify"] = {"valid": True, "code": "valid", "key_id": ID}
        self.assertIn("unscoped: full access", self.cli("key", "verify", stdin="x").stdout)

    def test_verify_refuses_input_that_is_no_key(self):
        self.assertIn("standard input is empty", self.cli("key", "verify", stdin="\n", status=2).stderr)
        self.assertIn("no key and no PIN", self.cli("key", "verify", stdin="x" * 5000, status=2).stderr)
        self.assertIn("No such file", self.cli("key", "verify", "--key-file", "/nowhere", status=1).stderr)
        self.assertEqual(self.daemon.calls, [])

    # Token

    def test_unlock_reads_the_pin_from_standard_input_or_file(self):
        self.assertEqual(self.cli("unlock", stdin='p"in\n').stderr, "unlocked\n")
        self.assertEqual(self.parameters(), {"pin": 'p"in'})
        self.cli("unlock", "--pin-file", self.file("file pin\n", 0o400))
        self.assertEqual(self.parameters(), {"pin": "file pin"})
        self.cli("unlock", "--from-source", stdin="ignored")
        self.assertEqual(self.parameters(), {})
        self.assertIn("exclude", self.cli("unlock", "--from-source", "--pin-file", "x", status=2).stderr)
        self.assertIn("the PIN is read from it", self.cli("unlock", stdin="", status=2).stderr)

    def test_a_pin_file_that_others_can_read_is_refused(self):
        done = self.cli("unlock", "--pin-file", self.file("1234", 0o644), status=4)
        self.assertIn("chmod", done.stderr)
        self.assertNotIn("1234", done.stderr)
        self.assertEqual(self.daemon.calls, [])

    def test_token_init(self):
        done = self.cli("token", "init")
        self.assertEqual(self.parameters(), {})
        self.assertIn('bound to the token "claviger", serial 0123456789abcdef', done.stderr)
        path = self.file("1234", 0o400)
        self.cli("token", "init", "--label", "l", "--pin-file", path, "--so-pin-file", path)
        self.assertEqual(self.parameters(), {"label": "l", "pin": "1234", "so_pin": "1234"})

    def test_token_status_exits_by_the_state(self):
        for state, status in (("ready", 0), ("uninitialised", 20), ("locked", 21), ("pin_refused", 22),
                              ("pin_blocked", 23), ("module_absent", 24), ("token_absent", 25), ("foreign_token", 26),
                              ("keys_missing", 27), ("unsupported", 28), ("failed", 29), ("starting", 29)):
            reply = {"state": state, "message": "a message", "worker_starts": 2}
            self.daemon.answers["io.claviger.Admin.GetTokenStatus"] = reply
            self.assertIn(state, self.cli("token", "status", status=status).stdout)
            self.assertEqual(json.loads(self.cli("token", "status", "--json", status=status).stdout), reply)

    def test_lock_needs_yes_where_nobody_can_be_asked(self):
        self.assertIn("add --yes", self.cli("lock", status=2).stderr)
        self.cli("lock", "--yes")
        self.assertEqual(self.daemon.calls, [("io.claviger.Admin.Lock", {})])

    # Reading

    def test_status(self):
        shown = self.cli("status").stdout
        self.assertTrue(shown.startswith("serving\n"))
        for text in ("3 valid, 1 unknown", "50% within 8.7 us", "99.0 %", "38 MiB"):
            self.assertIn(text, shown)
        status = self.daemon.GetStatus()
        status.update(serving=False, token_state="locked", clock_suspect=True)
        del status["keys"]
        self.daemon.answers["io.claviger.Admin.GetStatus"] = status
        shown = self.cli("status", status=75).stdout
        for text in ("not serving", "locked", "suspect", "not known while the database is closed"):
            self.assertIn(text, shown)
        shown = json.loads(self.cli("status", "--json", status=75).stdout)
        self.assertEqual(shown.pop("statistics")["memory"], 38 << 20)
        self.assertEqual(shown, status)

    def test_status_goes_without_figures_that_the_daemon_does_not_give(self):
        for name in ("org.varlink.service.PermissionDenied", "org.varlink.service.MethodNotFound"):
            self.daemon.answers["io.claviger.Admin.GetStatistics"] = Refusal(name)
            self.assertIn("3 valid, 1 unknown", self.cli("status").stdout)
            self.assertNotIn("statistics", json.loads(self.cli("status", "--json").stdout))

    def test_doctor_fails_with_any_failed_check(self):
        self.assertEqual(self.cli("doctor").stdout.count("\nok "), 3)
        self.daemon.answers["io.claviger.Admin.Diagnose"] = {"checks": [
            {"name": "disk", "state": "warning", "finding": "nearly full", "advice": "make room"}]}
        self.assertIn("-> make room", self.cli("doctor").stdout)
        self.daemon.answers["io.claviger.Admin.Diagnose"] = {"checks": [
            {"name": "disk", "state": "failed", "finding": "full"}]}
        self.cli("doctor", status=1)
        checks = json.loads(self.cli("doctor", "--json", status=1).stdout)["checks"]
        self.assertEqual([check["name"] for check in checks],
                         ["socket directory", "verify socket", "admin socket", "disk"])

    def test_doctor_without_a_daemon_says_what_is_missing(self):
        done = run("/nowhere/at/all", "doctor")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("failed"), 3)

    def test_doctor_warns_of_sockets_that_are_open_to_all(self):
        os.chmod(os.path.join(self.daemon.directory, "io.claviger.Admin"), 0o666)
        self.assertIn("chmod 0660", self.cli("doctor").stdout)

    # Failures

    def test_errors_of_the_daemon_have_their_exit_status(self):
        for name, parameters, status, text in (
                ("io.claviger.Admin.Refused", {"message": "name: is empty"}, 1, "--name: is empty"),
                ("io.claviger.Admin.Conflict", {"message": "no"}, 1, "no"),
                ("io.claviger.Admin.Busy", {"message": "full"}, 75, "full"),
                ("io.claviger.Admin.Unavailable", {"message": "gone", "unknown_outcome": False}, 75, "gone"),
                ("org.varlink.service.PermissionDenied", {}, 4, "[roles]"),
                ("org.varlink.service.MethodNotFound", {"method": "x"}, 1, "does not know this command")):
            self.daemon.answers["io.claviger.Admin.ListScopes"] = Refusal(name, **parameters)
            done = self.cli("scope", "list", status=status)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr.startswith("claviger: "))
            self.assertIn(text, done.stderr)

    def test_an_answer_that_does_not_come_may_have_been_carried_out(self):
        self.daemon.answers["io.claviger.Admin.CreateKey"] = Close()
        done = self.cli("key", "create", "--name", "n", "--scope", "a", status=75)
        self.assertIn("--request-id", done.stderr)

    def test_an_absent_daemon_is_69(self):
        done = run("/nowhere/at/all", "status")
        self.assertEqual(done.returncode, 69)
        self.assertIn("/nowhere/at/all/io.claviger.Admin", done.stderr)
        self.assertIn("check that clavigerd runs", done.stderr)

    def test_a_socket_of_another_group_is_4_and_names_the_group(self):
        path = os.path.join(self.daemon.directory, "io.claviger.Admin")
        user = {}
        if os.getuid() == 0:
            os.chmod(self.daemon.directory, 0o755)
            os.chown(path, 0, grp.getgrnam("mail").gr_gid)
            user = {"user": 65534, "group": 65534, "extra_groups": []}
        else:
            os.chmod(path, 0)
        group = grp.getgrgid(os.stat(path).st_gid).gr_name
        done = subprocess.run([program(), "status"], text=True, capture_output=True, check=False,
                              env=environment(self.daemon.directory), **user)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(f"usermod -aG {group}", done.stderr)

    def test_text_that_is_not_utf8_is_refused_before_it_is_sent(self):
        done = subprocess.run([program(), "key", "create", "--name", b"\xff", "--scope", "a"], capture_output=True,
                              env=environment(self.daemon.directory), check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--name: is not UTF-8", done.stderr)
        self.assertEqual(self.daemon.calls, [])

    def test_the_option_for_the_sockets_wins_over_the_environment(self):
        self.assertEqual(run("/nowhere", "--socket-directory", self.daemon.directory, "status").returncode, 0)
        done = run("", "status", CLAVIGER_SOCKET_DIRECTORY=None)
        self.assertIn(done.returncode, (0, 4, 69))
        self.assertTrue("/run/claviger/" in done.stderr or done.returncode == 0)

    def test_a_full_disk_under_the_results_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([program(), "scope", "list"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=environment(self.daemon.directory), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)

    def test_no_colours_without_a_terminal(self):
        self.daemon.add(sample_key(1))
        self.assertNotIn("\x1b", self.cli("key", "list").stdout + self.cli("status").stdout)


if __name__ == "__main__":
    unittest.main()
