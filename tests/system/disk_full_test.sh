# shellcheck shell=bash
# No room is left: changes are refused with the reason, verification goes on, and nothing is lost.

systemctl stop claviger.service claviger.socket claviger-admin.socket
mv /var/lib/claviger /root/state
mkdir /var/lib/claviger
mount -t tmpfs -o size=4M,mode=700 tmpfs /var/lib/claviger
cp -a /root/state/. /var/lib/claviger/
chown claviger:claviger /var/lib/claviger
check 'the service starts with its state in a small file system' systemctl start claviger.service
within 'its token is ready' 10 token_is ready
key=$(new_key before --scope read:policies:admin 2>/dev/null)
check 'a key of before is valid' is_valid "$key"

dd if=/dev/zero of=/var/lib/claviger/filler bs=4096 2>/dev/null
equal 'the file system is full' 0 "$(df --output=avail /var/lib/claviger | tail -n 1 | tr -d ' ')"
# The database's log has some room of its own left, so not the very first one must be refused.
refused_in_the_end() {
  local number
  for number in $(seq 400); do
    new_key "full-$number" --scope read:policies:admin 2>/root/reason >>/root/acknowledged || return 0
  done
  return 1
}
: >/root/acknowledged
check 'sooner or later no more keys are issued' refused_in_the_end
says 'and the reason is said' 'disk|space|full|room' cat /root/reason
check 'the key of before is valid still' is_valid "$key"
equal 'the service runs' active "$(systemctl is-active claviger.service)"
check 'the sockets answer' test -n "$(claviger status --json)"

rm /var/lib/claviger/filler
can_issue() { new_key after --scope read:policies:admin >/root/after 2>/dev/null; }
within 'with room again, keys are issued again' 15 can_issue
check 'and are valid' is_valid "$(cat /root/after)"
check 'a restart finds a whole database' systemctl restart claviger.service
within 'and its token' 10 token_is ready
check 'the key of before is valid after it' is_valid "$key"
acknowledged_are_valid() { while read -r each; do is_valid "$each" || return 1; done </root/acknowledged; }
check 'and so is each that was acknowledged while the room ran out' acknowledged_are_valid
