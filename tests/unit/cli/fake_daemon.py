"""Both sockets of a daemon that keeps its keys in memory and has no token: for tests of the CLI alone.

    with FakeDaemon() as daemon:
        daemon.answers["io.claviger.Admin.GetStatus"] = {...}          # a reply
        daemon.answers["io.claviger.Admin.Lock"] = Refusal("io.claviger.Admin.Busy", message="...")
        ... run claviger with CLAVIGER_SOCKET_DIRECTORY=daemon.directory ...
        assert daemon.calls == [("io.claviger.Admin.Lock", {})]
"""

import json
import os
import shutil
import socket
import tempfile
import threading

from fake_changes import Changes
from fake_keys import KEY, Close, Refusal, sample_key  # noqa: F401 (for the tests)
from fake_statistics import Statistics

SCOPES = [
    {"name": "read:domains:admin", "action": "read", "domain": "admin", "summary": "Read domains"},
    {"name": "read:policies:admin", "action": "read", "domain": "admin", "summary": "Read policies",
     "description": "List policies, get one.", "evidence": "A"},
    {"name": "write:policies:admin", "action": "write", "domain": "admin", "summary": "Write policies"},
]


class FakeDaemon(Changes):
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="clv-fake-", dir="/tmp")
        self.answers = {}
        self.calls = []
        self.keys = {}
        self.requests = {}  # key id by request id
        self.callers = {}   # lists of the type Caller by key id
        self.asked = {}     # lists of the type AskedScope by key id
        self.leaked = {}    # (outcome, key id) by key string
        self.statistics = Statistics()
        self.bundles = [{"name": "read-only", "summary": "Every read scope",
                         "scopes": ["read:domains:admin", "read:policies:admin"]}]
        self._listeners = []
        self._threads = []

    def __enter__(self):
        for interface in ("io.claviger.Admin", "io.claviger.Verify"):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(os.path.join(self.directory, interface))
            os.chmod(os.path.join(self.directory, interface), 0o660)
            listener.listen()
            self._listeners.append(listener)
            self._start(self._accept, listener)
        return self

    def __exit__(self, *_):
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for listener in self._listeners:
            listener.close()
        shutil.rmtree(self.directory)

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection):
        received = b""
        with connection:
            while True:
                while b"\0" not in received:
                    data = connection.recv(65536)
                    if not data:
                        return
                    received += data
                frame, received = received.split(b"\0", 1)
                call = json.loads(frame)
                self.calls.append((call["method"], call["parameters"]))
                answer = self._answer(call["method"], call["parameters"])
                if isinstance(answer, Close):
                    return
                reply = {"parameters": answer}
                if isinstance(answer, Refusal):
                    reply = {"error": answer.name, "parameters": answer.parameters}
                connection.sendall(json.dumps(reply, ensure_ascii=False).encode() + b"\0")

    def _answer(self, method, parameters):
        answer = self.answers.get(method)
        if answer is None:
            answer = getattr(self, method.rsplit(".", 1)[1])
        return answer(**parameters) if callable(answer) else answer

    # The methods of the interfaces, as far as tests need them.

    def GetKey(self, key_id):
        if key_id not in self.keys:
            return Refusal("io.claviger.Admin.KeyNotFound", key_id=key_id)
        reply = {"record": self.keys[key_id], "callers": self.callers.get(key_id, []),
                 "asked_scopes": self.asked.get(key_id, [])}
        successors = [key["key_id"] for key in self.keys.values() if key.get("replaces") == key_id]
        return {**reply, "replaced_by": successors[-1]} if successors else reply

    def _matches(self, states=None, owner=None, creator=None, team=None, kind=None, gives_scope=None, used=None,
                 search="", **_):
        def match(key):
            return ((states is None or key["state"] in states) and owner in (None, key["owner"])
                    and creator in (None, key["creator"]) and team in (None, key.get("team"))
                    and kind in (None, "unscoped" if key["unscoped"] else "scoped")
                    and (gives_scope is None or gives_scope in key["scopes"])
                    and used in (None, key["uses"] > 0)
                    and search.lower() in (key["name"] + key["owner"] + key["creator"]).lower())
        return [key for _, key in sorted(self.keys.items()) if match(key)]

    def ListKeys(self, limit=100, after="", sort="created", **filter):
        del sort
        found = [key for key in self._matches(**filter) if key["key_id"] > after]
        reply = {"keys": found[:limit]}
        if len(found) > limit:
            reply["next_after"] = found[limit - 1]["key_id"]
        return reply

    def CountKeys(self, **filter):
        return {"keys": len(self._matches(**filter))}

    def GetReview(self, limit=50, **_):
        live = [key for key in self.keys.values() if key["state"] in ("pending", "active", "paused")]

        def reviewed(key):
            fields = ("key_id", "name", "owner", "creator", "state", "created_at", "expires_at", "last_used_at", "uses",
                      "unscoped")
            return {**{field: key[field] for field in fields if field in key}, "scopes": len(key["scopes"])}

        unscoped = [key for key in live if key["unscoped"]]
        owners = sorted({key["owner"] for key in live})
        return {"at": "2026-11-24T12:00:00Z", "states": {"active": len(live)}, "scoped": len(live) - len(unscoped),
                "unscoped": len(unscoped), "never_used": sum(key["uses"] == 0 for key in live),
                "expiries": [{"from": "2026-11-24T12:00:00Z", "until": "2026-12-01T12:00:00Z", "keys": 1},
                             {"from": "2026-12-01T12:00:00Z", "until": "9999-12-31T23:59:59Z", "keys": 2}],
                "ages": [{"from": "2026-10-25T12:00:00Z", "until": "2026-11-24T12:00:00Z", "keys": 3}], "uses": [],
                "actions": {"read": 2, "write": 0, "delete": 1},
                "owners": [{"owner": owner, "keys": sum(key["owner"] == owner for key in live), "unscoped": 0,
                            "with_delete": 0} for owner in owners],
                "findings": [{"kind": "unscoped", "count": len(unscoped), "keys": list(map(reviewed, unscoped[:limit]))}]}

    def GetPolicy(self):
        return {"default_lifetime": 604800, "maximum_lifetime": 31536000, "default_grace": 86400,
                "maximum_grace": 604800, "unscoped": "forbid", "wildcards": False, "excess": "refuse", "required": [],
                "rules": 0}

    def CheckPolicy(self, **_):
        return {"violations": []}

    def ListBundles(self):
        return {"bundles": self.bundles,
                "files": [{"file": "admin.toml", "name": "Admin", "domain": "admin", "version": 3, "scopes": 3}]}

    def ReloadCatalogue(self, dry_run=False, accept_losses=False):
        del accept_losses
        return {"added": [], "reworded": [], "lost": [], "in_force": not dry_run}

    def Reload(self):
        return {"restart_needed": ["[server] loops"]}

    def SetLogLevel(self, level="info"):
        return {"level": level, "configured": "info"}

    def ListScopes(self, action=None, domain=None, search=""):
        return {"scopes": [scope for scope in SCOPES if action in (None, scope["action"])
                           and domain in (None, scope["domain"]) and search.lower() in scope["summary"].lower()]}

    def GetScope(self, name):
        for scope in SCOPES:
            if scope["name"] == name:
                return {"scope": scope}
        return Refusal("io.claviger.Admin.ScopeNotFound", name=name, nearest=SCOPES[0]["name"])

    def ListAudit(self, subject=None, before=None, limit=100):
        last = (before or 251) - 1
        records = [{"sequence": n, "epoch": 1, "at": "2026-01-01T00:00:00Z", "user": "root", "uid": 0, "gid": 0,
                    "pid": 7, "command": "claviger", "act": "key.create", "subject": subject or "x",
                    "after": {"name": f"key {n}"}, "mac": "0" * 64} for n in range(last, max(last - limit, 0), -1)]
        reply = {"records": records}
        if records and records[-1]["sequence"] > 1:
            reply["next_before"] = records[-1]["sequence"]
        return reply

    def GetStatus(self):
        return {"version": "0.1.0", "started_at": "2026-01-01T00:00:00Z", "now": "2026-01-01T01:00:00Z",
                "serving": True, "token_state": "ready", "token_message": "the token is ready",
                "clock_suspect": False, "keys": len(self.keys), "cached_keys": 0, "scopes": len(SCOPES),
                "connections": 1, "verifications": {"valid": 3, "expired": 0, "unknown": 1}}

    def GetStatistics(self):
        return self.statistics()

    def GetTokenStatus(self):
        return {"state": "ready", "message": "the token is ready", "label": "claviger", "worker_starts": 1}

    def Diagnose(self):
        return {"checks": [{"name": "token", "state": "ok", "finding": "the token is ready"}]}

    def InitialiseToken(self, label="claviger", **_):
        return {"label": label, "serial": "0123456789abcdef"}

    def Unlock(self, pin=None):
        del pin
        return {}

    def Lock(self):
        return {}

    def Verify(self, key, scopes=(), **_):
        numbers = [number for number in range(1, 10) if key == KEY.format(n=number)]
        if not numbers:
            return {"valid": False, "code": "unknown"}
        record = self.keys[f"0000000000000000{numbers[0]}"]
        reply = {"valid": True, "code": "valid", "key_id": record["key_id"], "generation": 1, "name": record["name"],
                 "owner": record["owner"], "scopes": record["scopes"], "expires_at": record["expires_at"]}
        missing = sorted(set(scopes) - set(record["scopes"]))
        if missing:
            reply.update(valid=False, code="insufficient_scope", missing_scopes=missing)
        return reply
