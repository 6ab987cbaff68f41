"""The figures of a daemon in memory: they grow by the same amounts from call to call, as if a second had passed."""

CODES = ("valid", "malformed", "unknown", "revoked", "paused", "pending", "expired", "caller_denied", "network_denied",
         "insufficient_scope", "rate_limited", "exhausted", "unavailable")
SECOND = 1_000_000_000
BEGIN, END = 8192, 9216  # of the bucket that all durations are in, nanoseconds
MEDIAN = (BEGIN + END) // 2


def durations(count):
    reply = {"count": count, "total": count * BEGIN, "buckets": []}
    if count:
        reply.update(p50=MEDIAN, p99=MEDIAN, p999=MEDIAN, buckets=[{"from": BEGIN, "until": END, "count": count}])
    return reply


class Statistics:
    """A method of the daemon, and what it counts. `each`: by which verdicts grow from call to call."""

    def __init__(self):
        self.calls = 0
        self.started_at = "2026-01-01T00:00:00Z"
        self.each = {"valid": 1000, "expired": 20}
        self.changes = {}  # fields that are answered otherwise

    def restart(self, started_at):
        self.calls = 0
        self.started_at = started_at

    def __call__(self):
        self.calls += 1
        answered = sum(self.each.values()) * self.calls
        return {
            "started_at": self.started_at, "now": f"2026-01-01T01:00:{self.calls % 60:02}Z",
            "elapsed": self.calls * SECOND, "serving": True, "token_state": "ready",
            "verifications": {code: self.each.get(code, 0) * self.calls for code in CODES},
            "from_memory": 990 * self.calls, "missed": 10 * self.calls,
            "answered_at_once": durations(answered), "answered_later": durations(10 * self.calls),
            "token_calls": durations(10 * self.calls), "store_reads": durations(0), "store_writes": durations(0),
            "verifications_waiting": 2, "token_calls_waiting": 1, "store_reads_waiting": 0, "store_writes_waiting": 7,
            "cached_keys": 12345, "cache_capacity": 100000, "memory": 38 << 20, "connections": 50,
            "busiest_over": 2 * SECOND,
            "busiest_keys": [{"key_id": "0" * 16 + "1", "name": "backup of the database", "valid": 1800, "denied": 0},
                             {"key_id": "0" * 16 + "2", "valid": 200, "denied": 40}],
            "busiest_callers": [{"uid": 0, "unit": "web.service", "valid": 1900, "denied": 0},
                                {"uid": 0, "valid": 100, "denied": 40}],
            **self.changes}
