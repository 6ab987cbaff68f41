# shellcheck shell=bash
# The daemon is killed, crashes, hangs, or has no room: it is back by itself, and what it has acknowledged is there.

file=/root/keys
restarted() { [ "$(state_of claviger.service NRestarts)" -gt "$1" ] && token_is ready; }
# Keys are issued all the while; each that was acknowledged goes to the file.
issue_on() {
  local number=0
  while [ ! -e /root/enough ]; do
    number=$((number + 1))
    new_key "$1-$number" --scope read:policies:admin 2>/dev/null >>"$file" || sleep 0.05
  done
}
all_are_valid() {
  local key count=0
  while read -r key; do
    if [[ $key != clv_* ]]; then continue; fi
    is_valid "$key" || return 1
    count=$((count + 1))
  done <"$file"
  echo "$count keys"
  [ "$count" -gt 0 ]
}

# strike WHAT WORD COMMAND...: the command is done to the daemon while keys are issued; WORD is systemd's result.
strike() {
  local what=$1 word=$2 count
  shift 2
  rm -f /root/enough "$file"
  count=$(state_of claviger.service NRestarts)
  issue_on "$word" &
  sleep 1
  check "$what" "$@"
  within "it is back by itself, with its token ($what)" 30 restarted "$count"
  sleep 0.5
  touch /root/enough
  wait
  check "every key that was acknowledged is valid ($what)" all_are_valid
  says "the journal has the reason ($what)" "Failed with result '$word'" journalctl -b -u claviger.service --no-pager
}

strike 'the daemon is killed, as when memory runs out' signal systemctl kill --kill-whom=main --signal=KILL claviger.service
strike 'the daemon crashes' signal systemctl kill --kill-whom=main --signal=SEGV claviger.service
equal 'a crash leaves no core' '' "$(find / -xdev \( -name 'core' -o -name 'core.[0-9]*' \) -type f 2>/dev/null)"

drop_in claviger.service soon <<'UNIT'
[Service]
WatchdogSec=2
UNIT
systemctl restart claviger.service
within 'the token is ready with a watchdog of two seconds' 10 token_is ready
sleep 5
equal 'the watchdog is content with a daemon that works' 0 "$(state_of claviger.service NRestarts)"
strike 'the daemon hangs' watchdog systemctl kill --kill-whom=main --signal=STOP claviger.service
rm -r /etc/systemd/system/claviger.service.d
systemctl daemon-reload
systemctl restart claviger.service
within 'the token is ready with the usual watchdog' 10 token_is ready

count=$(state_of claviger.service NRestarts)
key=$(new_key worker --scope read:policies:admin)
check 'the process of the token is killed' pkill -KILL -x claviger-token
within 'it is replaced' 5 token_is ready
check 'a key of before is valid' is_valid "$key"
equal 'the daemon was not restarted for it' "$count" "$(state_of claviger.service NRestarts)"
