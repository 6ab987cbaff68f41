"""Verifies a key again and again, each time on a connection of its own, until the file `stop` appears in the folder that
is the first argument; then writes there what came of it. The key is the standard input."""
import json
import os
import socket
import sys
import time

FOLDER, NAME = sys.argv[1:3]
KEY = sys.stdin.read().strip()
CALL = json.dumps({"method": "io.claviger.Verify.Verify", "parameters": {"key": KEY}}).encode() + b"\0"
COUNTS = {"valid": 0, "other": 0, "refused": 0, "closed": 0, "longest_wait": 0.0}


def verify():
    """The verdict, or `closed` if the connection ended before the reply began."""
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.settimeout(60)
        daemon.connect("/run/claviger/io.claviger.Verify")
        try:
            daemon.sendall(CALL)
            reply = b""
            while not reply.endswith(b"\0"):
                part = daemon.recv(65536)
                if not part:
                    return "closed" if not reply else "other"
                reply += part
        except (BrokenPipeError, ConnectionResetError):
            return "closed"
    return "valid" if json.loads(reply[:-1])["parameters"].get("valid") is True else "other"


while not os.path.exists(f"{FOLDER}/stop"):
    begin = time.monotonic()
    try:
        COUNTS[verify()] += 1
    except (ConnectionRefusedError, FileNotFoundError):
        COUNTS["refused"] += 1
    COUNTS["longest_wait"] = max(COUNTS["longest_wait"], time.monotonic() - begin)
with open(f"{FOLDER}/{NAME}.json", "w") as result:
    json.dump(COUNTS, result)
