"""How to ask for one key, and what the right answer begins with: for each server that the generator speaks to.

In the texts, {key} stands for the line of the file of keys, {id} for the key id in it, {*} for anything (load.cc).
"""

import dataclasses
import json

SCOPE = "read:policies:admin"
VALUE_BYTES = 200  # of what redis holds for each key: about as long as a verdict
ID_BYTES = 17


@dataclasses.dataclass(frozen=True)
class Dialect:
    name: str
    request: bytes
    expected: bytes
    reply: str = "nul"  # how a reply ends, as load's --reply


def call(method, **parameters):
    """A Varlink call. Its length is that of a call that a careful client would write."""
    return json.dumps({"method": method, "parameters": parameters}, separators=(",", ":")).encode() + b"\0"


def verdict(code):
    valid = "true" if code == "valid" else "false"
    return f'{{"parameters":{{"valid":{valid},"code":"{code}"'.encode()


VERIFY = call("io.claviger.Verify.Verify", key="{key}", scopes=[SCOPE])
VALID = Dialect("valid", VERIFY, verdict("valid") + b',"key_id":"{id}"{*}"}}\0')
MALFORMED = Dialect("malformed", VERIFY, verdict("malformed") + b"}}{*}\0")
UNKNOWN = Dialect("unknown", VERIFY, verdict("unknown") + b"}}{*}\0")

REDIS_GET = Dialect("redis", b"*2\r\n$3\r\nGET\r\n$17\r\n{id}\r\n", b"$200\r\n{id}{*}\r\n",
                    f"bytes:{len('$200') + 2 + VALUE_BYTES + 2}")

# The same bytes to and fro as a verification, of a server that only repeats them.
ECHO = Dialect("echo", VERIFY, VERIFY.split(b"{key}")[0] + b"clv_{id}", f"bytes:{VALUE_BYTES}")

KEY_BYTES = len("clv_") + ID_BYTES + len("_") + 43 + 6
ECHO_REQUEST_BYTES = len(VERIFY) - len(b"{key}") + KEY_BYTES


def create_key(**more):
    """CreateKey with the line as the key's name; for 30 days, if `more` has no end."""
    if "expires_at" not in more:
        more["lifetime"] = 30 * 86400
    return Dialect("create", call("io.claviger.Admin.CreateKey", name="{key}", owner="bench", scopes=[SCOPE], **more),
                   b'{"parameters":{"key":"clv_{*}\0')
