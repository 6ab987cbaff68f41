"""Resident memory of the daemon: idle, and per key that is held in memory."""

from claviger_harness import HarnessError
from outcome import LeftOut, Outcome

NAME = "memory"
TITLE = "resident memory: of an idle daemon, and per cached key"
MEBIBYTE = 2**20
START_SCALE = 10  # growth is measured from a tenth of the keys on


def resident(pid):
    """Bytes of a process that are in memory and its own or shared: VmRSS."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise HarnessError("the process has gone")


def idle(place):
    sizes, workers = [], []
    for number in range(place.rounds):
        place.say(f"{NAME}: round {number + 1} of {place.rounds}")
        with place.daemon() as daemon:
            daemon.verify("clv_")
            sizes.append(resident(daemon.process.pid) / MEBIBYTE)
            workers.append(sum(map(resident, daemon.worker_pids())) / MEBIBYTE)
    return Outcome(NAME, "idle daemon", sizes, 20, 10, at_least=False, unit="MiB",
                   note=f"and claviger-token with SoftHSM {sorted(workers)[len(workers) // 2]:.1f} MiB")


def run(place):
    yield idle(place)
    if not place.scale:
        yield LeftOut(NAME, "memory per cached key needs --scale")
        return
    seeded = place.seeded()
    seeded.daemon.restart(forget=True)
    counts = (place.scale // START_SCALE, place.scale)
    sizes = []
    for count in counts:
        place.say(f"{NAME}: presenting {count} keys")
        place.present(seeded.daemon, seeded.traffic(count))
        sizes.append(resident(seeded.daemon.process.pid))
    per_key = (sizes[1] - sizes[0]) / (counts[1] - counts[0])
    yield Outcome(NAME, f"per key, from {counts[0]} to {counts[1]}", [per_key], 160, 80, at_least=False, unit="bytes",
                  note=f"{sizes[0] / MEBIBYTE:.0f} to {sizes[1] / MEBIBYTE:.0f} MiB")
