"""Lists of many keys: every filter and every order agrees with a model of this test's own, on every page, while keys
are issued in between, and without holding up verifications."""

import os
import random
import sys
import time
import unittest
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, HarnessError  # noqa: E402
from peers import connect_as  # noqa: E402

ADMIN = "io.claviger.Admin."
VERIFY = "io.claviger.Verify.Verify"
KEYS = int(os.environ.get("CLAVIGER_KEYS", "2000"))  # at least 1000
ISSUER = 912345  # an id that no account of a host has
SETTINGS = {
    "store": {"cached_keys": 1000},  # fewer than there are: some have to be read from the store
    "policy": {"unscoped": "allow-with-reason", "wildcards": "allow"},
    "roles": {"admin": ["uid:0"], "issuer": [f"uid:{ISSUER}"]},
    "ceiling": [{"members": ["*"], "scopes": ["read:*"], "owners": ["*"], "maximum_lifetime": "365d"}],
}
OWNERS = ["alice", "Bob", "carol", "d\u00e9sir\u00e9e", "o'brien", "50%", "under_score"]
TEAMS = [None, "ops", "web"]
WORDS = ["Nightly", "export", "gateway", "BACKUP", "b\u00fcro", "100%", "a_b", "x\\y", "[z]"]
GRANTS = [["read:policies:admin"], ["read:policies:admin", "write:policies:admin"], ["delete:policies:admin"],
          ["read:*"], ["write:*:admin", "read:keys:admin"], ["read:groups:admin"], ["delete:*"], None]
SORTS = ["created", "name", "owner", "creator", "expires", "last_used"]
PATTERNS = {"read:policies:admin": ["read:policies:admin", "read:*"], "write:policies:admin":
            ["write:policies:admin", "write:*:admin"], "delete:policies:admin": ["delete:policies:admin", "delete:*"]}


def fold(text):
    """The order of names, and what a search compares: bytes, ASCII letters in any case."""
    return text.encode().lower()


def moment(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def written(time_):
    return time_.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def holds(key, name, value):
    """Whether the model's key passes one filter."""
    if name == "states":
        return key["state"] in value
    if name == "search":
        return any(fold(value) in fold(key[field]) for field in ("name", "owner", "creator"))
    if name in ("owner", "creator", "team"):
        return key.get(name) == value
    if name == "kind":
        return key["unscoped"] == (value == "unscoped")
    if name == "used":
        return ("last_used_at" in key) == value
    if name == "unused_since":
        return moment(key.get("last_used_at", key["created_at"])) < moment(value)
    if name == "gives_scope":
        return any(grant in PATTERNS[value] for grant in key["scopes"])
    if name == "holds_action":
        return any(grant.split(":")[0] == value for grant in key["scopes"])
    field, end = name.rsplit("_", 1)
    at = key.get({"created": "created_at", "expires": "expires_at", "used": "last_used_at"}[field])
    if at is None:
        return False
    return moment(at) >= moment(value) if end == "after" else moment(at) < moment(value)


def in_order(keys, sort):
    """`keys` are in the order in which they were issued."""
    fields = {"created": lambda key: 0, "name": lambda key: fold(key["name"]), "owner": lambda key: fold(key["owner"]),
              "creator": lambda key: fold(key["creator"]), "expires": lambda key: moment(key["expires_at"]).timestamp(),
              "last_used": lambda key: moment(key["last_used_at"]).timestamp() if "last_used_at" in key else 0}
    ordered = sorted(keys, key=fields[sort.lstrip("-")])
    return ordered[::-1] if sort.startswith("-") else ordered


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.getuid() != 0:
            raise HarnessError("these tests connect as another user; run them as root")
        cls.daemon = Daemon(settings=SETTINGS)
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        os.chmod(cls.daemon.root, 0o755)
        os.chmod(cls.daemon.admin_socket, 0o666)
        cls.random = random.Random(20)
        cls.secrets = {}
        cls.model = cls.issue()
        cls.change()

    @classmethod
    def request(cls, number):
        chooser = cls.random
        request = {"name": f"{chooser.choice(WORDS)} {chooser.choice(WORDS)} {chooser.randrange(300)}",
                   "owner": chooser.choice(OWNERS), "lifetime": chooser.randrange(3600, 364 * 86400)}
        if number % 97 == 0:
            request["lifetime"] = 1
        if number % 31 == 0:
            request["not_before"] = written(datetime.now(timezone.utc) + timedelta(hours=1))
        team, scopes = chooser.choice(TEAMS), chooser.choice(GRANTS)
        if team:
            request["team"] = team
        if scopes is None:
            request["unscoped_reason"] = "of this test"
        else:
            request["scopes"] = scopes
        return request

    @classmethod
    def issue(cls):
        """Issues all keys, one in twenty by another user; their records in the order of issue."""
        records = []
        with cls.daemon.admin() as admin, connect_as(cls.daemon.admin_socket, ISSUER, ISSUER) as issuer:
            for start in range(0, KEYS, 100):
                if start % 500 == 0:
                    time.sleep(1.1)  # so that they are issued at different times
                calls = [(ADMIN + "CreateKey", cls.request(number)) for number in range(start, start + 100)]
                for peer, part in ((admin, calls[:95]), (issuer, [
                        (method, {**request, "scopes": ["read:policies:admin"], "unscoped_reason": None})
                        for method, request in calls[95:]])):
                    for reply in peer.pipeline(part):
                        if "error" in reply:
                            raise HarnessError(f"a key was not issued: {reply}")
                        records.append(reply["parameters"]["record"])
                        cls.secrets[records[-1]["key_id"]] = reply["parameters"]["key"]
        return records

    @classmethod
    def change(cls):
        """Uses, pauses and revokes some; the model is told what came of it."""
        soon = datetime.now(timezone.utc) + timedelta(minutes=30)
        usable = [key for key in cls.model if key["state"] == "active" and moment(key["expires_at"]) > soon]
        used = cls.random.sample(usable, 300)
        with cls.daemon.verifier() as verifier:
            for start in range(0, len(used), 100):
                verifier.pipeline([(VERIFY, {"key": cls.secrets[key["key_id"]]}) for key in used[start:start + 100]])
                time.sleep(1.1)  # so that they are used at different times
        paused, revoked = used[:50], cls.random.sample(usable, 60)
        with cls.daemon.admin() as admin:
            admin.call(ADMIN + "PauseKeys", key_ids=[key["key_id"] for key in paused])
            admin.call(ADMIN + "RevokeKeys", key_ids=[key["key_id"] for key in revoked])
            deadline = time.monotonic() + 30
            while admin.call(ADMIN + "CountKeys", used=True)["keys"] < len(used):
                if time.monotonic() > deadline:
                    raise HarnessError("the usage of the keys was not written")
                time.sleep(0.5)
            for key in cls.model:
                now = admin.call(ADMIN + "GetKey", key_id=key["key_id"])["record"]
                key.update({name: now[name] for name in ("state", "last_used_at") if name in now})
        lost = {key["key_id"] for key in paused} & {key["key_id"] for key in revoked}
        for state, keys in (("paused", paused), ("revoked", revoked)):
            for key in keys:
                if key["key_id"] not in lost and key["state"] != state:
                    raise AssertionError(f"{key['key_id']} is {key['state']} and not {state}")

    def setUp(self):
        self.admin = self.enterContext(self.daemon.admin())

    def listed(self, limit=500, **parameters):
        """The ids of all pages, in order."""
        ids, after = [], None
        while True:
            page = self.admin.call(ADMIN + "ListKeys", limit=limit, after=after, **parameters)
            self.assertLessEqual(len(page["keys"]), limit)
            ids += [key["key_id"] for key in page["keys"]]
            after = page.get("next_after")
            if after is None:
                return ids
            self.assertEqual(len(page["keys"]), limit)

    def expected(self, sort="created", **filters):
        keys = [key for key in self.model if all(holds(key, name, value) for name, value in filters.items())]
        return [key["key_id"] for key in in_order(keys, sort)]

    def assert_agrees(self, sort="created", limit=500, **filters):
        expected = self.expected(sort, **filters)
        self.assertEqual(self.listed(limit, sort=sort, **filters), expected)
        self.assertEqual(self.admin.call(ADMIN + "CountKeys", **filters)["keys"], len(expected))
        return len(expected)

    def some_filters(self):
        """Each parameter with several values."""
        created = sorted({key["created_at"] for key in self.model[:KEYS]})
        expires = sorted(key["expires_at"] for key in self.model)
        used = sorted(key["last_used_at"] for key in self.model if "last_used_at" in key)
        return {
            "states": [[state] for state in ("pending", "active", "paused", "expired", "revoked")] + [
                ["expired", "revoked"], ["active", "pending", "paused"]],
            "search": ["nightly", "EXPORT", "100%", "a_b", "x\\y", "[z]", "b\u00fc", "alice", "uid:912345", "t 1",
                       " 7"],
            "owner": OWNERS, "creator": ["root", f"uid:{ISSUER}"], "team": ["ops", "web"],
            "kind": ["scoped", "unscoped"],
            "created_after": created, "created_before": created, "expires_after": expires[::300],
            "expires_before": expires[::300], "used_after": used[::60], "used_before": used[::60],
            "unused_since": used[::60], "used": [True, False],
            "gives_scope": list(PATTERNS), "holds_action": ["read", "write", "delete"],
        }

    def test_every_filter_alone_agrees_with_the_model_and_lets_some_through(self):
        for name, values in self.some_filters().items():
            passed = []
            for value in values:
                with self.subTest(f"{name}={value}"):
                    passed.append(self.assert_agrees(**{name: value}))
            self.assertTrue(any(0 < count < KEYS for count in passed), name)

    def test_every_order_agrees_with_the_model_on_pages_of_every_size(self):
        for sort in SORTS:
            for direction in ("", "-"):
                for limit in (500, 137):
                    with self.subTest(f"{direction}{sort} {limit}"):
                        self.assert_agrees(direction + sort, limit)

    def test_filters_hold_together_in_every_order(self):
        filters, chooser = self.some_filters(), random.Random(21)
        matches = 0
        for _ in range(150):
            names = chooser.sample(sorted(filters), chooser.randrange(2, 5))
            chosen = {name: chooser.choice(filters[name]) for name in names}
            if any(chosen.get(f"{kind}_after", "") > chosen.get(f"{kind}_before", "9")
                   for kind in ("created", "expires", "used")):
                continue
            sort = chooser.choice(["", "-"]) + chooser.choice(SORTS)
            with self.subTest(f"{sort} {chosen}"):
                matches += self.assert_agrees(sort, chooser.choice([20, 100, 500]), **chosen)
        self.assertGreater(matches, 500)

    def test_pages_lose_and_double_nothing_while_keys_are_issued(self):
        for sort in ("created", "-created", "name", "-name", "expires"):
            before, ids, after = set(self.listed()), [], None
            with self.subTest(sort), self.daemon.admin() as other:
                while True:
                    page = self.admin.call(ADMIN + "ListKeys", sort=sort, limit=300, after=after)
                    ids += [key["key_id"] for key in page["keys"]]
                    after = page.get("next_after")
                    if after is None:
                        break
                    made = [other.call(ADMIN + "CreateKey", name=name, scopes=["read:policies:admin"], lifetime=life)
                            for name, life in (("!first", 60), ("middle", 86400 * 100), ("zz last", 86400 * 365))]
                    self.model += [key["record"] for key in made]
                self.assertEqual(len(ids), len(set(ids)))
                self.assertLessEqual(before, set(ids))

    def test_a_review_counts_what_the_lists_count(self):
        review = self.admin.call(ADMIN + "GetReview", limit=500)
        live = {"states": ["pending", "active", "paused"]}
        for state, count in review["states"].items():
            self.assertEqual(count, len(self.expected(states=[state])), state)
        for kind in ("scoped", "unscoped"):
            self.assertEqual(review[kind], len(self.expected(kind=kind, **live)))
        for action, count in review["actions"].items():
            self.assertEqual(count, len(self.expected(holds_action=action, **live)), action)
        self.assertEqual(review["never_used"], len(self.expected(used=False, **live)))
        for owner in review["owners"]:
            self.assertEqual(owner["keys"], len(self.expected(owner=owner["owner"], **live)), owner)
        findings = {finding["kind"]: finding for finding in review["findings"]}
        self.assertEqual(len(findings), 11)
        unscoped, deletes = self.expected(kind="unscoped", **live), self.expected(holds_action="delete", **live)
        self.assertEqual({key["key_id"] for key in findings["unscoped"]["keys"]}, set(unscoped[:500]))
        self.assertEqual(findings["delete_scopes"]["count"], len(deletes))
        live_total = review["scoped"] + review["unscoped"]
        used = live_total - review["never_used"]
        for name, total in (("expiries", live_total), ("ages", live_total), ("uses", used)):
            self.assertEqual(sum(span["keys"] for span in review[name]), total, name)

    def test_verifications_are_answered_while_many_lists_and_reviews_are_made(self):
        cold = [self.secrets[key["key_id"]] for key in self.model[:KEYS]
                if key["state"] == "active" and "last_used_at" not in key and key["key_id"] in self.secrets][:100]
        with self.daemon.verifier() as verifier:
            pending = 450
            for number in range(pending):
                sort = ("name", "expires")[number % 2]
                self.admin.send_raw(self.admin.frame(ADMIN + "ListKeys", {"sort": sort, "limit": 1}))
                self.admin.send_raw(self.admin.frame(ADMIN + "GetReview", {"limit": 1}))
            codes = {verifier.call(VERIFY, key=key)["code"] for key in cold}
            for _ in range(2 * pending):
                self.assertIn("parameters", self.admin.receive())
        self.assertEqual(codes, {"valid"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
