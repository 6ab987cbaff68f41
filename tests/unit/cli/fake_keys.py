"""What a daemon in memory answers with: keys, and answers that are none."""

KEY = "clv_0000000000000000{n}_" + "s" * 43 + "crc0{n}0"


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
