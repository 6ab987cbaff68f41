# shellcheck shell=bash
# What the service, or what has got hold of it, cannot do.

# score_of UNIT: ten times the exposure, as systemd-analyze counts it.
score_of() {
  systemd-analyze security --no-pager "$1" | sed -n 's/.*exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p' | sed 's/^0//'
}
at_most() { [ -n "$1" ] && [ "$1" -le "$2" ]; }

# Each with the score that its comment names.
scores=(usb-token=7 network-hsm=13 notices=5 opencryptoki=6 tpm=7)
check "the service's score is 0.5 or better" at_most "$(score_of claviger.service)" 5
for name in expire backup audit; do
  check "the score of claviger-$name is 0.7 or better" at_most "$(score_of claviger-$name.service)" 7
done
for row in "${scores[@]}"; do
  name=${row%=*}
  drop_in claviger.service "$name" <"/usr/share/claviger/systemd/$name.conf"
  equal "with $name.conf the score is what its comment says" "${row#*=}" "$(score_of claviger.service)"
  rm "/etc/systemd/system/claviger.service.d/$name.conf"
done
systemctl daemon-reload
for file in /usr/share/claviger/systemd/*.conf; do
  name=$(basename "$file" .conf)
  says "the score of $name.conf is tried above" "(^| )$name=" echo "${scores[*]}"
done

pid=$(state_of claviger.service MainPID)
for process in $pid $(pgrep -P "$pid"); do confined "$process"; done
check 'the token has a process of its own' test -n "$(pgrep -P "$pid" -x claviger-token)"

# Units as they are, but for the program. What the probe prints are sentences as well.
interpreter=$(readlink -f /usr/bin/python3)
probe() {  # UNIT STATE PART...
  local unit=$1 exceptions=
  shift
  # Only where programs are forbidden: what ExecPaths= names is writable for root.
  if grep -q ^NoExecPaths= "/lib/systemd/system/$unit"; then exceptions="ExecPaths=$interpreter /usr/lib/python3.11"; fi
  drop_in "$unit" probe <<UNIT
[Service]
Type=oneshot
WatchdogSec=0
ExecStart=
ExecStart=$interpreter -I -B /system-test/tests/lib/probe.py $*
$exceptions
StandardOutput=file:/run/probe.log
Restart=no
UNIT
  systemctl stop "$unit"
  printf 'Within %s:\n' "$unit"
  check "the probe runs in place of $unit" systemctl start "$unit"
  cat /run/probe.log
  rm -r "/etc/systemd/system/$unit.d" /run/probe.log
  systemctl daemon-reload
}
probe claviger.service /var/lib/claviger network files mounts programs kernel identity devices
check 'the daemon can be started after it' systemctl restart claviger.service
within 'with its token' 10 token_is ready
for name in expire backup audit; do
  probe "claviger-$name.service" - network mounts kernel identity devices
done

# Commands for notices need the drop-in.
cat >>/etc/claviger/claviger.toml <<'TOML'
[[command]]
run = ["/usr/bin/tee", "/var/lib/claviger/told"]
events = ["key.leaked"]
TOML
leak() { new_key "leaked-$1" --scope read:policies:admin | claviger report-leak --yes; }
systemctl restart claviger.service
within 'the token is ready with a command in the settings' 10 token_is ready
leak first >/dev/null
within 'a command is not run in the default sandbox, and the journal says so' 15 \
  sh -c 'journalctl -u claviger.service --no-pager | grep -Eq "tee.*(cannot be executed|not permitted)"'
refused 'and it has left nothing' test -e /var/lib/claviger/told
drop_in claviger.service notices </usr/share/claviger/systemd/notices.conf
systemctl restart claviger.service
within 'the token is ready with notices.conf' 10 token_is ready
leak second >/dev/null
within 'with notices.conf the command is run' 15 grep -q key.leaked /var/lib/claviger/told
