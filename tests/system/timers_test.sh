# shellcheck shell=bash
# The timers, and that nothing depends on them.

names=(expire backup audit)
soon() {  # NAME: the timer's delays are taken away, so that a test need not wait for them
  drop_in "claviger-$1.timer" soon <<'UNIT'
[Timer]
RandomizedDelaySec=0
AccuracySec=1s
UNIT
}
has_run() { [ "$(state_of "claviger-$1.service" ExecMainExitTimestampMonotonic)" -gt 0 ]; }
runs_of() { journalctl -b -u "claviger-$1.service" --no-pager -o cat | grep -c '^Starting'; }
stamp_of() { echo "/var/lib/systemd/timers/stamp-claviger-$1.timer"; }
seconds_to_next() {
  local next
  next=$(date -d "$(state_of "claviger-$1.timer" NextElapseUSecRealtime)" +%s)
  echo $((next - $(date +%s)))
}
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

if [ "$boot" -eq 1 ]; then
  for name in "${names[@]}"; do
    equal "claviger-$name.timer is enabled" enabled "$(systemctl is-enabled "claviger-$name.timer")"
    equal "claviger-$name.timer waits" waiting "$(state_of "claviger-$name.timer" SubState)"
    check "claviger-$name.timer waits for at most a day and its delay" between "$(seconds_to_next "$name")" 0 90000
    check "claviger-$name.service runs, in its sandbox, as the timer would run it" systemctl start "claviger-$name.service"
    equal "claviger-$name.service writes one line to the journal" 1 \
      "$(journalctl -b -u "claviger-$name.service" SYSLOG_IDENTIFIER=claviger --no-pager -o cat | grep -c .)"
  done

  # A key ends although no timer runs.
  systemctl stop claviger-{expire,backup,audit}.timer
  key=$(new_key short --scope read:policies:admin --expires "$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)")
  check 'a key with three seconds to live is valid' is_valid "$key"
  sleep 3.2
  says 'without any timer it has ended after them' expired claviger key verify <<<"$key"

  # The host is off for days; and for one timer the clock was set back meanwhile, so that its last run lies ahead.
  for name in "${names[@]}"; do soon "$name"; done
  touch -d '-10 days' "$(stamp_of expire)" "$(stamp_of backup)"
  touch -d '+400 days' "$(stamp_of audit)"
  reboot_guest
fi

if [ "$boot" -eq 2 ]; then
  for name in expire backup; do
    within "after days off, claviger-$name.service has been run at the boot" 20 \
      has_run "$name"
  done
  sleep 3
  for name in expire backup; do
    equal "and once, not once for each day: claviger-$name.service" 1 "$(runs_of "$name")"
    equal "and it went well: claviger-$name.service" success "$(state_of "claviger-$name.service" Result)"
  done
  check 'a timer whose last run lies in the future goes on as planned' between "$(seconds_to_next audit)" 0 3700

  # Timers that go off all the time do not pile up.
  drop_in claviger-expire.timer often <<'UNIT'
[Timer]
OnCalendar=*:*:*
UNIT
  systemctl restart claviger-expire.timer
  sleep 4
  check 'a timer that goes off each second runs its service again and again' between "$(runs_of expire)" 3 7
  check 'and the daemon serves meanwhile' is_valid "$(new_key meanwhile --scope read:policies:admin)"

  # On a host where nothing has been set up there is nothing to do.
  rm -r /etc/systemd/system/claviger-expire.timer.d
  systemctl daemon-reload
  systemctl stop claviger-expire.timer
  # Also a run that the timer has begun just now: it would call the daemon back, and that make a database.
  systemctl stop claviger-expire.service claviger.service
  mv /var/lib/claviger/claviger.db /var/lib/claviger/aside
  check 'a timer on a host that is not set up does nothing' systemctl start claviger-expire.service
  equal 'and does not fail' no "$(state_of claviger-expire.service ConditionResult)"
fi
