#!/bin/bash
# In the guest, once it has booted: runs the script, keeps what it said and the journal, and switches the guest off.
# A script that asks for a reboot is started again after it, with the number of the boot as $boot.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
export DEBIAN_FRONTEND=noninteractive
readonly result=/system-test/result
boot=$(($(cat $result/boot 2>/dev/null || echo 0) + 1))
echo "$boot" >$result/boot
export boot
cd /root || exit 1
(
  . /system-test/tests/lib/checks.sh
  . /system-test/script.sh
) >>$result/log 2>&1 </dev/null
status=$?
journalctl --no-pager -o short-precise >$result/journal 2>/dev/null
if [ "$status" -eq 77 ]; then
  systemctl --no-block reboot
else
  echo "$status" >$result/status
  systemctl --no-block poweroff
fi
