"""The methods of the daemon in memory that change keys."""

from fake_keys import KEY, Refusal, sample_key

ENDED = ("expired", "revoked")
NO_KEY = "there is no such key"


class Changes:
    """Part of FakeDaemon, which has `keys`, `bundles` and `leaked`."""

    def add(self, *keys):
        for key in keys:
            self.keys[key["key_id"]] = key

    def _new_key(self, number, name, scopes=(), bundles=(), **parameters):
        optional = {field: parameters[field] for field in ("owner", "team", "description", "unscoped_reason", "replaces")
                    if field in parameters}
        held = set(scopes).union(*(bundle["scopes"] for bundle in self.bundles if bundle["name"] in bundles))
        return sample_key(number, name=name, scopes=sorted(held), unscoped=not held, bundles=sorted(bundles), **optional)

    def CreateKey(self, name, **parameters):
        request = parameters.get("request_id")
        if request in self.requests:
            return Refusal("io.claviger.Admin.RequestAlreadyDone", key_id=self.requests[request])
        number = len(self.keys) + 1
        key = self._new_key(number, name, **parameters)
        self.add(key)
        if request is not None:
            self.requests[request] = key["key_id"]
        return {"key": KEY.format(n=number), "record": key}

    def PreviewKey(self, name, **parameters):
        key = self._new_key(9, name, **parameters)
        fields = ("name", "description", "owner", "team", "creator", "not_before", "expires_at", "scopes", "bundles",
                  "unscoped", "unscoped_reason", "replaces")
        same = [other["key_id"] for other in self.keys.values() if other["scopes"] == key["scopes"]]
        warnings = []
        if key["unscoped"]:
            warnings.append({"code": "unscoped", "message": "it has full access"})
        return {"terms": {field: key[field] for field in fields if field in key}, "warnings": warnings,
                "same_scopes": same}

    def EditKey(self, key_id, version=None, scopes=None, bundles=None, dry_run=False, **changes):
        key = self.keys[key_id]
        if version not in (None, key["version"]):
            return Refusal("io.claviger.Admin.Conflict", message="it was changed meanwhile")
        after = dict(key)
        if scopes is not None or bundles is not None:
            new = self._new_key(9, "x", scopes or (), bundles or ())
            after.update(scopes=new["scopes"], bundles=new["bundles"], unscoped=False)
        for field, value in changes.items():
            after[field] = value
            if value == "":
                del after[field]
        if not dry_run:
            after["version"] += 1
            self.keys[key_id] = after
        return {"record": after, "gained": sorted(set(after["scopes"]) - set(key["scopes"])),
                "lost": sorted(set(key["scopes"]) - set(after["scopes"]))}

    def RotateKey(self, key_id, **_):
        key = self.keys[key_id]
        key["generation"] += 1
        key["previous_generation_ends_at"] = "2098-01-01T00:00:00Z"
        return {"key": KEY.format(n=9), "record": key}

    def RevokeKey(self, key_id, reason=None):
        self._revoke(self.keys[key_id], reason)
        return {"record": self.keys[key_id]}

    @staticmethod
    def _revoke(key, reason):
        key.update(state="revoked", revoked_at="2026-02-01T00:00:00Z")
        if reason is not None:
            key["end_reason"] = reason

    def _each(self, key_ids, change):
        """`change` answers True, False for a key that was so already, or why it is left alone."""
        if len(key_ids) > 100:
            return Refusal("io.claviger.Admin.Refused", field="key_ids", message="too many")
        reply = {"done": [], "unchanged": [], "refused": []}
        for key_id in key_ids:
            what = change(self.keys[key_id]) if key_id in self.keys else NO_KEY
            if isinstance(what, str):
                reply["refused"].append({"key_id": key_id, "message": what})
            else:
                reply["done" if what else "unchanged"].append(key_id)
        return reply

    def RevokeKeys(self, key_ids, reason=None):
        def change(key):
            if key["state"] == "revoked":
                return False
            self._revoke(key, reason)
            return True
        return self._each(key_ids, change)

    def PauseKeys(self, key_ids, reason=None):
        def change(key):
            if key["state"] in ENDED:
                return "it has ended"
            changed = key["state"] != "paused"
            key.update(state="paused", paused_by="root", **({} if reason is None else {"end_reason": reason}))
            return changed
        return self._each(key_ids, change)

    def ResumeKeys(self, key_ids):
        def change(key):
            if key.get("paused_by", "root") != "root":
                return "only who has paused it may resume it"
            changed = key["state"] == "paused"
            if changed:
                key["state"] = "active"
            return changed
        return self._each(key_ids, change)

    def PurgeKeys(self, key_ids):
        def change(key):
            if key["state"] not in ENDED:
                return "it has not ended"
            del self.keys[key["key_id"]]
            return True
        return self._each(key_ids, change)

    def ReportLeak(self, key, source=None):
        """`leaked`: from key string to (outcome, key id); strings with other checksums than theirs are malformed."""
        if key not in self.leaked:
            return {"outcome": "malformed"}
        outcome, key_id = self.leaked[key]
        if outcome == "unknown":
            return {"outcome": "unknown"}
        record = self.keys[key_id]
        if outcome == "revoked":
            self._revoke(record, f"leaked: {source}")
        return {"outcome": outcome, "key_id": key_id, "generation": 1, "record": record}

    def AnnounceExpiries(self):
        return {"announced": [{"key_id": key["key_id"], "name": key["name"], "owner": key["owner"],
                               "expires_at": key["expires_at"], "step": 604800}
                              for key in self.keys.values() if key.get("warn")]}
