"""Random kill -9 of the daemon under load: nothing acknowledged is lost, nothing is half done, the database opens.

A model keeps what was acknowledged and what was in flight when the daemon died. Environment: CLAVIGER_KILLS, the number of
kills (default 60)."""

import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, Varlink, VarlinkError  # noqa: E402

KILLS = int(os.environ.get("CLAVIGER_KILLS", "60"))
CLIENTS = 4
ADMIN = "io.claviger.Admin."


class Model:
    """What clients were told. A key: {"keys": {generation: key string}, "revoked": bool, "in_flight": act or None}."""

    def __init__(self):
        self.lock = threading.Lock()
        self.keys = {}
        self.acknowledged = {"create": 0, "rotate": 0, "revoke": 0}
        self.unknown_creations = {}  # request id of a creation without an answer


class Client(threading.Thread):
    """Creates, rotates and revokes its own keys until its connection breaks."""

    def __init__(self, daemon, model, name, keys):
        super().__init__(daemon=True)
        self.path, self.model, self.label, self.own = daemon.admin_socket, model, name, keys
        self.random = random.Random()
        self.unexpected = None

    def run(self):
        try:
            with Varlink(self.path) as admin:
                while True:
                    self.act(admin)
        except (ConnectionError, OSError):
            pass
        except VarlinkError as error:
            # What a daemon that is being killed may still say.
            if not error.name.endswith((".Unavailable", ".Busy")):
                self.unexpected = error

    def act(self, admin):
        choice = self.random.random()
        live = [key for key, state in self.own.items() if not state["revoked"] and not state["in_flight"]]
        if choice < 0.5 or not live:
            self.create(admin)
        elif choice < 0.75:
            self.rotate(admin, self.random.choice(live))
        else:
            self.revoke(admin, self.random.choice(live))

    def create(self, admin):
        request = f"{self.label}-{self.random.getrandbits(60):x}"
        with self.model.lock:
            self.model.unknown_creations[request] = True
        reply = admin.call(ADMIN + "CreateKey", name="load", scopes=["read:policies:admin"], request_id=request)
        with self.model.lock:
            del self.model.unknown_creations[request]
            self.own[reply["record"]["key_id"]] = {"keys": {1: reply["key"]}, "revoked": False, "in_flight": None}
            self.model.acknowledged["create"] += 1

    def rotate(self, admin, key_id):
        state = self.own[key_id]
        state["in_flight"] = "rotate"
        reply = admin.call(ADMIN + "RotateKey", key_id=key_id, grace=0)
        state["keys"][reply["record"]["generation"]] = reply["key"]
        state["in_flight"] = None
        with self.model.lock:
            self.model.acknowledged["rotate"] += 1

    def revoke(self, admin, key_id):
        state = self.own[key_id]
        state["in_flight"] = "revoke"
        admin.call(ADMIN + "RevokeKey", key_id=key_id)
        state["revoked"], state["in_flight"] = True, None
        with self.model.lock:
            self.model.acknowledged["revoke"] += 1


class KillTest(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(self):
        model, own, checked = Model(), [{} for _ in range(CLIENTS)], 0
        daemon = Daemon(settings={"limits": {"failures_per_minute": 1000000, "failure_burst": 1000000}})
        with daemon:
            for number in range(KILLS):
                clients = [Client(daemon, model, f"c{i}", own[i]) for i in range(CLIENTS)]
                for client in clients:
                    client.start()
                time.sleep(random.uniform(0.001, 0.06))
                daemon.kill()
                for client in clients:
                    client.join(30)
                    self.assertFalse(client.is_alive(), "a client hangs although the daemon is dead")
                    self.assertIsNone(client.unexpected)
                daemon.start()
                for keys in own:
                    checked += self.check(daemon, keys)
                if number % 100 == 99:
                    print(f"{number + 1} kills, {checked} keys checked, {model.acknowledged}", flush=True)
            self.check_audit(daemon, model)
        print(f"kills={KILLS} keys checked={checked} acknowledged={model.acknowledged}", flush=True)
        for act, count in model.acknowledged.items():
            self.assertGreater(count, 0, f"the load never got as far as {act}")

    def check(self, daemon, keys):
        """Each key against what was acknowledged; afterwards only the unfinished ones and a few others are kept."""
        with daemon.admin() as admin, daemon.verifier() as verifier:
            for key_id, state in keys.items():
                record = admin.call(ADMIN + "GetKey", key_id=key_id)["record"]
                newest = max(state["keys"])
                revoked = record["state"] == "revoked"
                if state["revoked"]:
                    self.assertTrue(revoked, f"acknowledged revocation of {key_id} is lost")
                elif revoked:
                    self.assertEqual(state["in_flight"], "revoke", f"{key_id} is revoked without anyone's asking")
                expected = {newest, newest + 1} if state["in_flight"] == "rotate" else {newest}
                self.assertIn(record["generation"], expected, f"generation of {key_id}")
                code = self.verdict(verifier, state["keys"][newest])
                if revoked:
                    self.assertEqual(code, "revoked")
                elif record["generation"] == newest:
                    self.assertEqual(code, "valid")
                else:
                    self.assertEqual(code, "expired", "the generation before an unanswered rotation")
        count = len(keys)
        for key_id in random.sample(sorted(keys), max(0, len(keys) - 20)):
            del keys[key_id]
        for state in keys.values():
            if state["in_flight"] == "rotate":
                state["revoked"] = None  # its newest secret reached nobody
            state["in_flight"] = None
        for key_id in [key_id for key_id, state in keys.items() if state["revoked"] is None]:
            del keys[key_id]
        with daemon.admin() as admin:
            for state_key, state in list(keys.items()):
                if not state["revoked"] and admin.call(ADMIN + "GetKey", key_id=state_key)["record"]["state"] == "revoked":
                    state["revoked"] = True
        return count

    def verdict(self, verifier, key):
        """The code; `unavailable`, which a slow machine may bring, says nothing of the key and is asked again."""
        for _ in range(50):
            code = verifier.call("io.claviger.Verify.Verify", key=key)["code"]
            if code != "unavailable":
                break
        return code

    def check_audit(self, daemon, model):
        """Every acknowledged act is on record, and sequences have no gap."""
        acts, before = {}, None
        with daemon.admin() as admin:
            while True:
                page = admin.call(ADMIN + "ListAudit", limit=500, **({"before": before} if before else {}))
                for record in page["records"]:
                    if before is not None:
                        self.assertEqual(record["sequence"], before - 1)
                    before = record["sequence"]
                    acts[record["act"]] = acts.get(record["act"], 0) + 1
                if "next_before" not in page:
                    break
        self.assertEqual(before, 1)
        for act, count in model.acknowledged.items():
            self.assertGreaterEqual(acts.get(f"key.{act}", 0), count)


if __name__ == "__main__":
    unittest.main(verbosity=2)
