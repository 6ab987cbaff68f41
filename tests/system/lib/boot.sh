#!/bin/bash
# boot.sh FOLDER LOWER MACHINE: boots the system whose files are the overlay LOWER, and waits for its end. FOLDER has what
# it is to find under /system-test, and room. To be started where mounts are the caller's own.
set -euo pipefail
folder=$1 lower=$2 machine=$3
groups=$folder/groups

end() {
  if [ -d "$groups/$machine.$$" ]; then
    echo 1 >"$groups/$machine.$$/cgroup.kill" || true
    for _ in $(seq 50); do
      if find "$groups/$machine.$$" -depth -type d -exec rmdir {} + 2>/dev/null; then break; fi
      sleep 0.1
    done
  fi
  umount --recursive --lazy "$groups" "$folder/root" 2>/dev/null || true
}
trap end EXIT
trap 'exit 143' TERM INT

mkdir "$groups" "$folder/work"
mount -t cgroup2 cgroup2 "$groups"
mkdir "$groups/$machine.$$"
mount -t overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"

inside() {
  # Namespaces of its own for everything: nothing of this host's systemd, if it has one, is asked or told.
  mount --make-rprivate /
  umount --recursive --lazy /sys/fs/cgroup || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs /run
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0
  local status=133
  while [ "$status" -eq 133 ]; do  # it asked for a reboot
    status=0
    systemd-nspawn --quiet --boot --directory="$folder/root" --machine="$machine" --register=no --keep-unit \
      --private-network --resolv-conf=off --timezone=off --link-journal=no --console=read-only \
      --kill-signal=SIGRTMIN+3 --capability=CAP_BPF --system-call-filter=bpf \
      --bind-ro="$folder/tests:/system-test/tests" --bind-ro="$folder/script.sh:/system-test/script.sh" \
      --bind-ro="$folder/payload:/system-test/payload" --bind="$folder/result:/system-test/result" || status=$?
  done
}
export folder machine
export -f inside

(
  echo "$BASHPID" >"$groups/$machine.$$/cgroup.procs"
  exec unshare --mount --cgroup --pid --uts --ipc --fork --kill-child --mount-proc bash -euc inside
) &
wait "$!" || true
