"""How long a fault of the token's worker is felt: the answer to a verification that needs the token, and the time until
such a verification is valid again. Kills, stops and (with a worker in software) rubbish, ROUNDS times each.

usage: CLAVIGER_BUILD=BUILD_FOLDER python3 tests/bench/worker_faults.py [ROUNDS]

Exits 1 if an answer took longer than 250 ms or a worker's replacement longer than 500 ms (design, failure rules)."""

import os
import signal
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from claviger_harness import Daemon, build_folder  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
ANSWER_LIMIT_MS, REPLACE_LIMIT_MS = 250, 500
VERIFY = "io.claviger.Verify.Verify"
SETTINGS = {"token": {"call_deadline": None}, "limits": {"failure_burst": 100000}}


def measure(daemon, name, fault, mend):
    """Each round presents keys that were never presented before, so that each needs the token."""
    keys = [daemon.create_key(name="bench")["key"] for _ in range(2 * ROUNDS)]
    daemon.restart(forget=True)
    answers, replacements, codes = [], [], {}
    for _ in range(ROUNDS):
        time.sleep(0.2)
        with daemon.verifier() as verifier:
            began = time.monotonic()
            fault()
            asked = time.monotonic()
            code = verifier.call(VERIFY, key=keys.pop())["code"]
            answers.append((time.monotonic() - asked) * 1000)
            codes[code] = codes.get(code, 0) + 1
            mend()
            probe = keys.pop()
            while verifier.call(VERIFY, key=probe)["code"] != "valid":
                time.sleep(0.005)
            replacements.append((time.monotonic() - began) * 1000)
    print(f"{name:8} rounds {ROUNDS}  first answer {codes}: median {statistics.median(answers):.0f} ms, "
          f"max {max(answers):.0f} ms;  valid again: median {statistics.median(replacements):.0f} ms, "
          f"max {max(replacements):.0f} ms", flush=True)
    return max(answers) <= ANSWER_LIMIT_MS and max(replacements) <= REPLACE_LIMIT_MS


def main():
    held = []
    with Daemon(settings=SETTINGS) as daemon:
        def send(number):
            return lambda: [os.kill(pid, number) for pid in daemon.worker_pids()]
        held.append(measure(daemon, "killed", send(signal.SIGKILL), lambda: None))
        held.append(measure(daemon, "stopped", send(signal.SIGSTOP), lambda: None))
    with tempfile.NamedTemporaryFile("w", prefix="clv-mode-") as mode:
        def behave(text):
            def write():
                mode.seek(0)
                mode.truncate()
                mode.write(text)
                mode.flush()
            return write
        worker = os.path.join(build_folder(), "tests", "integration", "hsm", "hsm_fake_worker")
        settings = dict(SETTINGS, token={"call_deadline": None, "worker": worker, "uri": "pkcs11:token=claviger"})
        with Daemon(settings=settings, initialise=False, start=False,
                    environment={"CLAVIGER_FAKE_WORKER": mode.name}) as daemon:
            daemon.start(ready=False)
            with daemon.admin() as admin:
                admin.call("io.claviger.Admin.InitialiseToken")
            daemon.wait_ready()
            held.append(measure(daemon, "garbage", behave("garbage"), behave("")))
    print("within the limits" if all(held) else "a limit was passed")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
