"""claviger key revoke, pause, resume and purge, and principal leave: many keys at once, against a daemon in Python."""

import json
import signal
import subprocess
import time
import unittest

from change_case import ADMIN, ID, LIVE, ChangeCase, id_of
from claviger_command import Typed, environment, program
from fake_daemon import KEY, Close, Refusal, sample_key


class Bulk(ChangeCase):
    def fill(self, count, **changes):
        self.daemon.add(*(sample_key(1, key_id=id_of(number), name=f"key {number}", **changes)
                          for number in range(1, count + 1)))

    def test_named_keys_are_revoked_at_once_and_each_is_accounted_for(self):
        self.fill(3)
        self.daemon.keys[id_of(2)]["state"] = "revoked"
        done = self.cli("key", "revoke", id_of(1), id_of(2), id_of(9), id_of(1), "--reason", "why", "--yes", status=1)
        self.assertEqual(self.calls("RevokeKeys"), [{"key_ids": [id_of(1), id_of(2)], "reason": "why"}])
        self.assertIn(f'revoked key "key 1" ({id_of(1)}); it is refused from now on', done.stderr)
        self.assertIn(f'key "key 2" ({id_of(2)}) was revoked already', done.stderr)
        self.assertIn(f"key {id_of(9)} was left alone: there is no such key", done.stderr)
        self.assertEqual(self.daemon.keys[id_of(3)]["state"], "active")

    def test_the_report_as_json_names_every_key(self):
        self.fill(2)
        done = self.cli("key", "revoke", id_of(1), id_of(9), "--yes", "--json", status=1)
        self.assertEqual(json.loads(done.stdout), {"done": [id_of(1)], "unchanged": [], "refused": [
            {"key_id": id_of(9), "message": "there is no such key"}]})

    def test_a_key_that_does_not_exist_is_told_by_its_own_status(self):
        self.assert_refused("key", "revoke", id_of(9), "--yes", says="there is no key", status=3, called=["GetKey"])

    def test_filters_collect_only_keys_that_have_not_ended(self):
        self.fill(2)
        self.daemon.keys[id_of(2)]["state"] = "expired"
        self.cli("key", "revoke", "--owner", "alice", "--yes")
        self.assertEqual(self.calls("ListKeys"), [{"owner": "alice", "states": LIVE, "limit": 500}])
        self.assertEqual(self.calls("RevokeKeys"), [{"key_ids": [id_of(1)]}])
        self.cli("key", "revoke", "--state", "expired", "--yes")
        self.assertEqual(self.calls("RevokeKeys")[-1], {"key_ids": [id_of(2)]})

    def test_more_than_a_hundred_keys_go_in_batches(self):
        self.fill(1201)
        done = self.cli("key", "revoke", "--owner", "alice", "--yes")
        sizes = [len(call["key_ids"]) for call in self.calls("RevokeKeys")]
        self.assertEqual(sizes, [100] * 12 + [1])
        self.assertEqual({key["state"] for key in self.daemon.keys.values()}, {"revoked"})
        self.assertIn("revoked 1201 keys; they are refused from now on", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_dry_run_lists_what_will_break_first_and_changes_nothing(self):
        self.fill(3)
        self.daemon.keys[id_of(2)].update(uses=5, last_used_at="2026-11-01T00:00:00Z", last_used_by_uid=0)
        self.daemon.keys[id_of(3)].update(uses=1, last_used_at="2026-10-01T00:00:00Z", last_used_by_uid=4242424)
        self.daemon.callers[id_of(2)] = [{"generation": 1, "uid": 0, "unit": "report.service", "uses": 5,
                                          "first_used_at": "2026-10-01T00:00:00Z",
                                          "last_used_at": "2026-11-01T00:00:00Z"}]
        done = self.cli("key", "revoke", "--unused-for", "1d", "--dry-run")
        rows = done.stdout.splitlines()
        self.assertEqual([row[:17] for row in rows[1:]], [id_of(2), id_of(3), id_of(1)])
        self.assertIn("root (report.service)", rows[1])
        self.assertIn("uid 4242424", rows[2])
        self.assertIn("never", rows[3])
        self.assertIn("would revoke 3 keys, 2 of them used; nothing was done", done.stderr)
        self.assertEqual(self.calls("RevokeKeys"), [])
        shown = json.loads(self.cli("key", "revoke", "--unused-for", "1d", "--dry-run", "--json").stdout)
        self.assertEqual([key["key_id"] for key in shown["keys"]], [id_of(2), id_of(3), id_of(1)])

    def test_nobody_is_asked_so_nothing_is_done(self):
        self.fill(2)
        self.assert_refused("key", "revoke", "--owner", "alice", says="no terminal", hint="--yes", stdin="yes\n")
        self.assert_refused("key", "purge", "--older-than", "1d", says="no terminal", hint="--dry-run")
        self.assert_refused("principal", "leave", "alice", "--revoke", says="no terminal", hint="--yes")

    def test_what_is_shown_is_what_is_revoked(self):
        self.fill(12)
        for answer, status, state in (("no\n", 1, "active"), ("y\n", 0, "revoked")):
            typed = self.enterContext(Typed(self.daemon.directory, "key", "revoke", "--owner", "alice"))
            typed.expect("revoke 12 keys for good? [y/N] ")
            self.assertIn("... and 2 more", typed.output)
            self.daemon.add(sample_key(1, key_id=id_of(50), name="newcomer"))
            typed.type(answer)
            self.assertEqual(typed.wait(), status)
            self.assertEqual(self.daemon.keys[id_of(5)]["state"], state)
            self.assertEqual(self.daemon.keys.pop(id_of(50))["state"], "active")

    def test_neither_keys_nor_a_filter_nor_both_is_a_usage_error(self):
        for verb in ("revoke", "pause", "resume"):
            self.assert_refused("key", verb, "--yes", says=f"which keys to {verb}", hint="--owner")
            self.assert_refused("key", verb, ID, "--owner", "alice", "--yes", says="exclude each other")
            self.assert_refused("key", verb, "--owner", "", "--yes", says="--owner is empty")
            self.assert_refused("key", verb, "--state", "actve", "--yes", says="--state", hint="did you mean: active")
            self.assert_refused("key", verb, KEY.format(n=1), "--yes", says="a key string stands")

    def test_nothing_to_do_is_no_error(self):
        done = self.cli("key", "revoke", "--owner", "nobody", "--yes")
        self.assertEqual(done.stderr, "there are no such keys\n")

    def test_refused_keys_are_told_even_quietly(self):
        self.fill(1)
        self.daemon.answers[ADMIN + "RevokeKeys"] = {"done": [], "unchanged": [], "refused": [
            {"key_id": id_of(1), "message": "not yours\u202e"}]}
        done = self.cli("key", "revoke", id_of(1), "--yes", "--quiet", status=1)
        self.assertEqual(done.stderr, f'claviger: key "key 1" ({id_of(1)}) was left alone: not yours\\u{{202E}}\n')

    def test_an_error_on_the_way_says_what_was_done_and_what_not(self):
        self.fill(250)
        for answer, status in ((Refusal(ADMIN + "Busy", message="full"), 75), (Close(), 75),
                               (Refusal("org.varlink.service.PermissionDenied"), 4)):
            calls = iter([self.daemon.RevokeKeys, answer])

            def answer_in_turn(**parameters):
                this = next(calls)  # pylint: disable=cell-var-from-loop
                return this(**parameters) if callable(this) else this
            self.daemon.answers[ADMIN + "RevokeKeys"] = answer_in_turn
            done = self.cli("key", "revoke", "--owner", "alice", "--yes", "--json", status=status)
            self.assertEqual(len(json.loads(done.stdout)["done"]), 100)
            self.assertIn("150 keys were not, as far as is known", done.stderr)
            for key in self.daemon.keys.values():
                key["state"] = "active"

    def test_an_interrupted_run_finishes_its_batch_and_says_so(self):
        self.fill(2000)

        def slowly(**parameters):
            time.sleep(0.1)
            return self.daemon.RevokeKeys(**parameters)
        self.daemon.answers[ADMIN + "RevokeKeys"] = slowly
        typed = self.enterContext(Typed(self.daemon.directory, "key", "revoke", "--owner", "alice", "--yes"))
        typed.expect("revoked 600 of 2000")
        typed.process.send_signal(signal.SIGINT)
        self.assertEqual(typed.wait(), 1)
        revoked = sum(key["state"] == "revoked" for key in self.daemon.keys.values())
        self.assertEqual(revoked % 100, 0)
        self.assertLess(revoked, 2000)
        self.assertIn(f"interrupted: {2000 - revoked} of 2000 keys were not looked at", typed.output)
        self.assertIn(f"revoked {revoked} keys", typed.output)

    def test_a_hang_up_that_is_to_be_ignored_is_ignored(self):
        self.fill(300)

        def hang_up(**parameters):
            process.send_signal(signal.SIGHUP)
            return self.daemon.RevokeKeys(**parameters)
        self.daemon.answers[ADMIN + "RevokeKeys"] = hang_up
        process = subprocess.Popen(["nohup", program(), "key", "revoke", "--owner", "alice", "--yes"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(self.daemon.directory))
        _, messages = process.communicate()
        self.assertEqual(process.returncode, 0, messages)
        self.assertIn(b"revoked 300 keys", messages)

    def test_progress_is_for_terminals_alone(self):
        self.fill(1200)
        self.assertNotIn("\r", self.cli("key", "revoke", "--owner", "alice", "--yes").stderr)

    def test_pause_and_resume(self):
        self.fill(3)
        self.cli("key", "pause", id_of(1), id_of(2), "--reason", "odd", "--yes")
        self.assertEqual(self.calls("PauseKeys"), [{"key_ids": [id_of(1), id_of(2)], "reason": "odd"}])
        self.daemon.keys[id_of(2)]["paused_by"] = "bob"
        done = self.cli("key", "resume", "--owner", "alice", "--yes", status=1)
        self.assertEqual(self.calls("ListKeys")[-1]["states"], ["paused"])
        self.assertEqual(self.calls("ResumeKeys"), [{"key_ids": [id_of(1), id_of(2)]}])
        self.assertIn("only who has paused it may resume it", done.stderr)
        self.assertEqual(self.daemon.keys[id_of(1)]["state"], "active")


class Purge(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1, state="revoked", revoked_at="2026-11-20T00:00:00Z", expires_at="2021-01-01T00:00:00Z"),
                        sample_key(2, state="revoked", revoked_at="2021-01-01T00:00:00Z"),
                        sample_key(3, state="expired", expires_at="2021-01-01T00:00:00Z"), sample_key(4))

    def test_a_key_counts_from_its_end(self):
        done = self.cli("key", "purge", "--older-than", "2026-11-01", "--dry-run")
        self.assertEqual(sorted(row[:17] for row in done.stdout.splitlines()[1:]), [id_of(2), id_of(3)])
        self.cli("key", "purge", "--older-than", "2026-11-01", "--yes")
        self.assertEqual(self.calls("PurgeKeys"), [{"key_ids": [id_of(2), id_of(3)]}])
        self.assertEqual(sorted(self.daemon.keys), [id_of(1), id_of(4)])

    def test_keys_that_have_not_ended_stay_even_if_asked_for(self):
        self.cli("key", "purge", "--older-than", "1s", "--state", "active", "--yes")
        self.assertEqual(self.calls("PurgeKeys"), [])

    def test_an_age_must_be_given(self):
        self.assert_refused("key", "purge", "--yes", says="--older-than TIME is missing")
        self.assert_refused("key", "purge", "--older-than", "old", "--yes", says="--older-than: ", hint="7d")
        self.assert_refused("key", "purge", ID, "--older-than", "1d", says="does not take")


class Leave(ChangeCase):
    def setUp(self):
        super().setUp()
        self.daemon.add(sample_key(1, owner="alice", creator="alice"), sample_key(2, owner="ops", creator="alice"),
                        sample_key(3, owner="alice", state="revoked"), sample_key(4, owner="bob", creator="bob"),
                        sample_key(5, owner="alice", uses=1, last_used_at="2026-11-01T00:00:00Z", last_used_by_uid=0))

    def test_it_shows_and_does_nothing_by_itself(self):
        done = self.cli("principal", "leave", "alice")
        owned, issued = done.stdout.split("\n\n")
        self.assertEqual([row[:17] for row in owned.splitlines()[2:]], [id_of(5), id_of(1)])
        self.assertEqual([row[:17] for row in issued.splitlines()[2:]], [id_of(2)])
        self.assertIn("nothing was done", done.stderr)
        shown = json.loads(self.cli("principal", "leave", "alice", "--revoke", "--dry-run", "--json").stdout)
        self.assertEqual([[key["key_id"] for key in shown[name]] for name in ("owned", "issued")],
                         [[id_of(5), id_of(1)], [id_of(2)]])
        self.assertEqual({name.removeprefix(ADMIN) for name, _ in self.daemon.calls}, {"ListKeys", "GetKey"})
        self.assertIn("nobody owns and issued no key", self.cli("principal", "leave", "nobody").stderr)

    def test_what_is_owned_goes_to_someone_else_and_what_was_issued_does_not(self):
        done = self.cli("principal", "leave", "alice", "--transfer-to", "bob", "--yes")
        self.assertEqual(self.calls("EditKey"), [{"key_id": id_of(5), "version": 1, "owner": "bob"},
                                                 {"key_id": id_of(1), "version": 1, "owner": "bob"}])
        self.assertEqual(self.daemon.keys[id_of(2)]["owner"], "ops")
        self.assertIn("1 key that alice issued for others stay", done.stderr)

    def test_a_key_that_cannot_be_transferred_is_told_and_the_rest_goes_on(self):
        def answer(**parameters):
            if parameters["key_id"] == id_of(5):
                return Refusal(ADMIN + "Refused", field="owner", message="not within your ceiling")
            return self.daemon.EditKey(**parameters)
        self.daemon.answers[ADMIN + "EditKey"] = answer
        done = self.cli("principal", "leave", "alice", "--transfer-to", "bob", "--yes", status=1)
        self.assertIn("--owner: not within your ceiling", done.stderr)
        self.assertEqual(self.daemon.keys[id_of(1)]["owner"], "bob")

    def test_all_is_paused_or_revoked_or_only_what_is_owned(self):
        self.cli("principal", "leave", "alice", "--pause", "--owned", "--yes")
        self.assertEqual(self.calls("PauseKeys"), [{"key_ids": [id_of(5), id_of(1)], "reason": "alice leaves"}])
        typed = self.enterContext(Typed(self.daemon.directory, "principal", "leave", "alice", "--revoke", "--reason", "r"))
        typed.expect("revoke 2 keys of alice and 1 key that alice issued for others for good? [y/N] ")
        typed.type("y\n")
        self.assertEqual(typed.wait(), 0)
        self.assertEqual(self.calls("RevokeKeys"), [{"key_ids": [id_of(5), id_of(1), id_of(2)], "reason": "r"}])

    def test_one_of_the_three_at_most(self):
        self.assert_refused("principal", "leave", "alice", "--pause", "--revoke", says="exclude each other")
        self.assert_refused("principal", "leave", says="USER is missing")
        self.assert_refused("principal", "leave", "", says="USER is empty")
        self.assert_refused("principal", "leave", "alice", "--transfer-to", "", says="--transfer-to is empty")


if __name__ == "__main__":
    unittest.main()
