"""Boots one system, runs one script in it, and says what came of it."""
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TIME_LIMIT = 240  # seconds, boots included
TAIL_LINES = 40
MACHINE = "claviger-test"


@dataclass
class Outcome:
    passed: int
    failed: int
    ended: bool  # the script came to its end
    log: str

    def tail(self):
        """What failed, with what was said of it; the last lines too, if the script did not come to its end."""
        lines, shown, follows = self.log.splitlines(), [], False
        for line in lines:
            follows = line.startswith("FAILED ") or (follows and line.startswith("    "))
            if follows:
                shown.append(line)
        return "\n".join(shown if self.ended else lines[-TAIL_LINES:])


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def obstacle():
    """Why no system can be booted here; nothing if one can."""
    if os.geteuid() != 0:
        return "only root can"
    for program, package in (("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap"),
                             ("unshare", "util-linux")):
        if not shutil.which(program):
            return f"{program} is missing; install the package {package}"
    # The same namespaces, an overlay, and a control group of its own: what boot() needs.
    trial = subprocess.run(["unshare", "--mount", "--propagation", "private", "bash", HERE / "trial.sh"],
                           capture_output=True, text=True)
    return None if trial.returncode == 0 else trial.stderr.strip().splitlines()[-1]


def _place(folder, script, tree):
    """What the guest finds under /system-test."""
    shutil.copytree(HERE.parent, folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(script, folder / "script.sh")
    (folder / "result").mkdir()
    (folder / "payload").mkdir()
    if isinstance(tree, Path):
        shutil.copytree(tree, folder / "payload" / "tree", symlinks=True)
    for package in tree if isinstance(tree, list) else []:
        shutil.copy(package, folder / "payload")


def boot(work, below, script, logs, tree=None, keep=None):
    """Runs `script` in a system whose files are the folders `below`, topmost first. What it changes goes away, or
    is the new folder `keep`."""
    folder = work / f"guest-{script.stem}"
    folder.mkdir()
    upper = folder / "upper"
    for name in ("upper", "overlay", "root"):
        (folder / name).mkdir()
    _place(folder, script, tree)
    logs.mkdir(parents=True, exist_ok=True)
    with open(logs / "console", "wb") as console:
        process = subprocess.Popen(
            ["bash", HERE / "boot.sh", folder, ":".join(map(str, below)), MACHINE],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        try:
            process.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.send_signal(signal.SIGTERM)  # it ends the guest, if it still runs, and cleans up
            process.wait()
    result = folder / "result"
    for name in ("log", "journal"):
        if (result / name).exists():
            shutil.copy(result / name, logs / name)
    outcome = _outcome(result)
    if keep and outcome.ended:
        upper.rename(keep)
    shutil.rmtree(folder)
    return outcome


def _outcome(result):
    log = (result / "log").read_text(errors="replace") if (result / "log").exists() else ""
    lines = log.splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("FAILED ") for line in lines)
    status = (result / "status").read_text().strip() if (result / "status").exists() else ""
    if status != "0":
        failed += 1
        log += f"FAILED to come to its end: {'status ' + status if status else 'the system died or took too long'}\n"
    return Outcome(passed, failed, status == "0", log)
