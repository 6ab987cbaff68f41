"""probe.py STATE PART...: runs in place of a unit's program and tries what its sandbox forbids, part by part. STATE is the
one folder that it may write to, or "-". Prints a sentence for each try."""
import ctypes
import errno
import mmap
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys

# Numbers of system calls differ by machine; libc knows these by name.
LIBC = ctypes.CDLL(None, use_errno=True)
STATE = sys.argv[1] if sys.argv[1] != "-" else "/tmp"
WRITABLE = {STATE} if sys.argv[1] != "-" else set()
REFUSALS = {errno.EPERM, errno.EACCES, errno.EROFS, errno.EAFNOSUPPORT, errno.ENOENT, errno.ENOSYS, errno.ENXIO}


def tell(good, sentence, why=""):
    print("ok" if good else "FAILED", sentence)
    if not good:
        print("   ", why)


def libc(name, *arguments):
    ctypes.set_errno(0)
    if getattr(LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def refused(sentence, act, *arguments):
    try:
        act(*arguments)
    except OSError as wrong:
        tell(wrong.errno in REFUSALS, sentence, f"failed for another reason: {wrong}")
    else:
        tell(False, sentence, "it was let through")


def works(sentence, act, *arguments):
    try:
        act(*arguments)
    except OSError as wrong:
        tell(False, sentence, str(wrong))
    else:
        tell(True, sentence)


def create(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.unlink(path)


def read(path):
    os.close(os.open(path, os.O_RDONLY))


def run(*words):
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def run_by_loader():
    """The loader maps the program itself; it says so with its status if it may not."""
    loader = os.path.realpath("/lib64/ld-linux-x86-64.so.2")
    if not os.path.exists(loader) or subprocess.run([loader, "/bin/true"], stderr=subprocess.DEVNULL).returncode != 0:
        raise PermissionError(errno.EACCES, "loader")


def copy_and_run():
    path = f"{STATE}/true"
    shutil.copy("/bin/true", path)
    try:
        run(path)
    finally:
        os.unlink(path)


def run_from_memory():
    fd = os.memfd_create("program")
    with open("/bin/true", "rb") as program:
        os.write(fd, program.read())
    run(f"/proc/self/fd/{fd}")


def set_uid_bit():
    path = f"{STATE}/setuid"
    create(path)
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.fchmod(fd, stat.S_ISUID | 0o700)
    finally:
        os.close(fd)
        os.unlink(path)


def make_code():
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def network():
    for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
        kind = socket.SOCK_RAW if name in ("AF_NETLINK", "AF_PACKET") else socket.SOCK_STREAM
        kind = socket.SOCK_SEQPACKET if name == "AF_ALG" else kind
        refused(f"no socket of {name} can be made", socket.socket, getattr(socket, name), kind)
    works("Unix sockets can be made", lambda: socket.socket(socket.AF_UNIX).close())
    with open("/proc/self/net/dev") as devices:
        names = [line.split(":")[0].strip() for line in devices if ":" in line]
    tell(names == ["lo"], "there is no network interface but the loopback", str(names))


def files():
    for folder in ("/", "/etc", "/etc/claviger", "/usr", "/usr/libexec/claviger", "/var", "/var/lib", "/var/tmp", "/tmp",
                   "/run", "/run/claviger", "/dev", "/dev/shm", "/sys"):
        refused(f"no file can be made in {folder}", create, f"{folder}/probe")
    works("a file can be made in the state folder", create, f"{STATE}/probe")
    for path in ("/root", "/home", "/etc/shadow", "/etc/credstore.encrypted", "/var/lib/systemd",
                 "/run/claviger/credential.sock"):
        refused(f"{path} cannot be read", read, path)
    refused("no file can be made setuid", set_uid_bit)


def mounts():
    for folder in ("/", "/etc", "/usr", "/var/lib", "/run", "/tmp", "/var/tmp"):
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        tell(read_only, f"{folder} is read-only here, for whoever it belongs to")
    with open("/proc/self/mountinfo") as table:
        writable = {row.split()[4] for row in table if "rw" in row.split()[5].split(",")}
    # A mount point counts as what was mounted on it last; /proc and pseudo-terminals are as they always are.
    writable = {path for path in writable if os.access(path, os.W_OK) and not path.startswith(("/proc", "/dev/pts"))}
    tell(writable == WRITABLE, "nothing that is mounted is writable but the state folder, if there is one", str(writable))


def programs():
    refused("no shell can be run", run, "/bin/sh", "-c", "true")
    refused("no program of the host can be run", run, "/bin/true")
    refused("no program can be run through the loader", run_by_loader)
    refused("no program can be put into the state folder and run", copy_and_run)
    refused("no program can be run from memory", run_from_memory)
    refused("no memory can be written and executed", make_code)
    works("the token's process can be run", run, "/usr/libexec/claviger/claviger-token", "--version")


def kernel():
    refused("no process can be traced", libc, "ptrace", 16, os.getppid(), 0, 0)
    refused("not even by its own wish", libc, "ptrace", 0, 0, 0, 0)
    for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("network", 0x40000000), ("pid", 0x20000000),
                       ("ipc", 0x8000000), ("uts", 0x4000000), ("control group", 0x2000000)):
        refused(f"no {name} namespace can be made", libc, "unshare", flag)
    refused("no namespace can be entered", libc, "setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0)
    refused("nothing can be mounted", libc, "mount", b"tmpfs", STATE.encode(), b"tmpfs", 0, None)
    refused("nothing can be unmounted", libc, "umount2", STATE.encode(), 2)
    refused("the root cannot be changed", os.chroot, STATE)
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper",
                 "/sys/fs/cgroup/cgroup.procs"):
        refused(f"{path} cannot be written", lambda name: open(name, "w").close(), path)
    refused("the clock cannot be set", libc, "clock_settime", 0, (ctypes.c_long * 2)(1, 0))
    refused("the name of the host cannot be set", libc, "sethostname", b"probe", 5)
    refused("swap cannot be turned on", libc, "swapon", b"/dev/null", 0)
    refused("the host cannot be rebooted", libc, "reboot", 0)
    refused("the personality cannot be changed", libc, "personality", 8)
    refused("no scheduling in real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
    refused("the own priority cannot be raised", os.setpriority, os.PRIO_PROCESS, 0, -5)


def identity():
    refused("no other user can be become", os.setuid, 1)
    refused("no other group can be become", os.setgid, 1)
    refused("no group can be joined", os.setgroups, [1])
    refused("no other process can be signalled", os.kill, 1, signal.SIGCONT)


def devices():
    for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/net/tun", "/dev/kvm",
                 "/dev/bus/usb", "/dev/tpmrm0"):
        refused(f"{path} cannot be opened", read, path)
    refused("no device can be made", os.mknod, f"{STATE}/device", stat.S_IFCHR | 0o600, os.makedev(1, 1))


PARTS = {part.__name__: part for part in (network, files, mounts, programs, kernel, identity, devices)}
for name in sys.argv[2:]:
    try:
        PARTS[name]()
    except Exception as wrong:  # so that what is left is tried as well
        tell(False, f"all that is forbidden of {name} was tried", repr(wrong))
