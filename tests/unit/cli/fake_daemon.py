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

KEY = "clv_0000000000000000{n}_" + "s" * 43 + "crc0{n}0"
SCOPES = [
    {"name": "read:domains:admin", "action": "read", "domain": "admin", "summary": "Read domains"},
    {"name": "read:policies:admin", "action": "read", "domain": "admin", "summary": "Read policies",
     "description": "List policies, get one.", "evidence": "A"},
    {"name": "write:policies:admin", "action": "write", "domain": "admin", "summary": "Write policies"},
]


class Refusal:
    def __init__(self, wire_name, /, **parameters):
        self.name = wire_name
        self.parameters = parameters


class Close:
    """An answer that is none: the connection is closed."""


def sample_key(number, **changes):
    key = {"key_id": f"0000000000000000{number}", "version": 1, "name": f"key {number}", "owner": "alice",
           "creator": "root", "state": "active", "created_at": "2026-01-01T00:00:00Z",
           "not_before": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z",
           "scopes": ["read:policies:admin"], "unscoped": False, "generation": 1,
           "generation_created_at": "2026-01-01T00:00:00Z", "uses": 0, "denials": 0}
    key.update(changes)
    return key


class FakeDaemon:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="clv-fake-", dir="/tmp")
        self.answers = {}
        self.calls = []
        self.keys = {}
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
            listener.close()
        for thread in self._threads:
            thread.join()
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

    def add(self, *keys):
        for key in keys:
            self.keys[key["key_id"]] = key

    # The methods of the interfaces, as far as tests need them.

    def CreateKey(self, name, scopes=(), **parameters):
        number = len(self.keys) + 1
        optional = {field: parameters[field] for field in ("owner", "team", "description", "unscoped_reason")
                    if field in parameters}
        key = sample_key(number, name=name, scopes=sorted(scopes), unscoped=not scopes, **optional)
        self.add(key)
        return {"key": KEY.format(n=number), "record": key}

    def RotateKey(self, key_id, **_):
        key = self.keys[key_id]
        key["generation"] += 1
        key["previous_generation_ends_at"] = "2098-01-01T00:00:00Z"
        return {"key": KEY.format(n=9), "record": key}

    def RevokeKey(self, key_id, reason=None):
        key = self.keys[key_id]
        key.update(state="revoked", revoked_at="2026-02-01T00:00:00Z")
        if reason is not None:
            key["end_reason"] = reason
        return {"record": key}

    def GetKey(self, key_id):
        if key_id not in self.keys:
            return Refusal("io.claviger.Admin.KeyNotFound", key_id=key_id)
        return {"record": self.keys[key_id]}

    def ListKeys(self, limit=100, after="", state=None, owner=None):
        found = [key for id, key in sorted(self.keys.items())
                 if id > after and state in (None, key["state"]) and owner in (None, key["owner"])]
        reply = {"keys": found[:limit]}
        if len(found) > limit:
            reply["next_after"] = found[limit - 1]["key_id"]
        return reply

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
