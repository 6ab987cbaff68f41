"""The folder with Debian that the systems start from, and the packages under test."""
import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

RELEASE = "bookworm"


def packages(checkout):
    """The packages that contrib/build-deb has built."""
    built = sorted((checkout / "build" / "deb").glob("*.deb"))
    built = [path for path in built if "-dbgsym_" not in path.name]
    if not built:
        sys.exit("tests/system/run: there are no packages in build/deb; build them with contrib/build-deb")
    return built


def _depends(checkout):
    """What the packages need, so that they install without a network: the first of alternatives."""
    built = sorted((checkout / "build" / "deb").glob("*.deb"))
    own = {path.name.split("_")[0] for path in built}
    needed = set()
    for path in built:
        for field in ("Pre-Depends", "Depends"):
            text = subprocess.run(["dpkg-deb", "-f", path, field], capture_output=True, text=True, check=True).stdout
            for word in filter(None, (part.strip() for part in text.split(","))):
                needed.add(re.split(r"[ (|:]", word)[0])
    return needed - own


def _wanted(checkout):
    listed = (checkout / "contrib" / "lib" / "packages").read_text()
    return sorted(set(re.findall(r"^guest +(\S+)", listed, re.M)) | _depends(checkout))


def _sources():
    """This host's own sources, if it is the same release: they may name a mirror that is nearer."""
    codename = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.M)
    if not codename or codename[1] != RELEASE:
        return []
    for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")):
        if path.exists() and RELEASE in path.read_text():
            return [str(path)]
    return []


def built(checkout, logs):
    """build/system-root, made anew when what has to be in it has changed. Another run that is making it is waited for."""
    (checkout / "build").mkdir(exist_ok=True)
    with open(checkout / "build" / "system-root.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _built(checkout, logs)


def _built(checkout, logs):
    folder = checkout / "build" / "system-root"
    note = checkout / "build" / "system-root.packages"
    wanted = _wanted(checkout)
    stamp = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    if folder.exists() and note.exists() and note.read_text() == stamp:
        return folder
    print(f"{'Debian':<20} making build/system-root, {len(wanted)} packages and what they need", flush=True)
    note.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    logs.mkdir(parents=True, exist_ok=True)
    archive = checkout / "build" / "system-root.tar"
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include=" + ",".join(wanted),
               '--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"',
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
               RELEASE, str(archive), *_sources()]
    with open(logs / "mmdebstrap", "wb") as log:
        if subprocess.run(command, stdout=log, stderr=log).returncode != 0:
            sys.exit(f"tests/system/run: mmdebstrap failed; see {logs / 'mmdebstrap'}")
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-C", folder, "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xpf", archive], check=True)
    archive.unlink()
    _make_bootable(folder)
    note.write_text(stamp)
    return folder


def _make_bootable(folder):
    (folder / "etc/machine-id").write_text("c1a719e2c1a719e2c1a719e2c1a719e2\n")  # so that it is no first boot
    (folder / "etc/hostname").write_text("claviger-test\n")
    (folder / "etc/fstab").write_text("")
    units = folder / "etc/systemd/system"
    for unit in ("apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "dpkg-db-backup.timer",
                 "fstrim.timer", "console-getty.service", "getty@.service"):
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    for wants in units.glob("*.wants"):  # tests start these themselves
        for unit in ("nginx.service", "pkcsslotd.service"):
            (wants / unit).unlink(missing_ok=True)
    unit = Path(__file__).resolve().parent / "claviger-test.service"
    shutil.copy(unit, units)
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants" / unit.name).symlink_to(f"../{unit.name}")
