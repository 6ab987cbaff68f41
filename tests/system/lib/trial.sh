#!/bin/bash
# Tries what boot.sh does to this host's kernel, without booting anything. Says on its last line what does not work.
set -euo pipefail
folder=$(mktemp -d)
end() {
  rmdir "$folder/groups/claviger-trial.$$" 2>/dev/null || true
  umount --recursive --lazy "$folder" 2>/dev/null || true
  rmdir "$folder"
}
trap end EXIT
mount -t tmpfs tmpfs "$folder"
mkdir "$folder"/{groups,lower,upper,work,root}
mount -t cgroup2 cgroup2 "$folder/groups"
mkdir "$folder/groups/claviger-trial.$$"
mount -t overlay -o "lowerdir=$folder/lower,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
unshare --mount --cgroup --pid --uts --ipc --net --fork --kill-child --mount-proc true
