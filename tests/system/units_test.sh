# shellcheck shell=bash
# Starts from: installed
# What an installation starts by itself, before anyone has set it up.

units=(claviger.service claviger.socket claviger-admin.socket claviger-credential.socket
  claviger-expire.timer claviger-backup.timer claviger-audit.timer)
for unit in "${units[@]}"; do
  equal "$unit is enabled" enabled "$(systemctl is-enabled "$unit" 2>&1)"
  equal "$unit is active" active "$(systemctl is-active "$unit" 2>&1)"
done
equal 'no unit of the host has failed' '' "$(systemctl --failed --plain --no-legend)"
# Units of the host that ours name may be missing in so small a system: only what is said of ours counts.
equal 'systemd-analyze verify finds nothing in the units' '' \
  "$(systemd-analyze verify --man=no "${units[@]}" claviger-{expire,backup,audit}.service 2>&1 | grep -i claviger)"

equal 'the folder of the sockets is root'\''s and open to all' '755 root root' "$(stat -c '%a %U %G' /run/claviger)"
equal 'the socket for verification is for claviger-verify' '660 root claviger-verify' \
  "$(stat -c '%a %U %G' /run/claviger/io.claviger.Verify)"
equal 'the socket for management is for claviger-admin' '660 root claviger-admin' \
  "$(stat -c '%a %U %G' /run/claviger/io.claviger.Admin)"
equal 'the socket for credentials is for systemd alone' '600 root root' \
  "$(stat -c '%a %U %G' /run/claviger/credential.sock)"
for folder in /var/lib/claviger /var/lib/claviger/tokens /var/lib/claviger/backups; do
  equal "$folder is the service's own" '700 claviger claviger' "$(stat -c '%a %U %G' $folder)"
done

says 'the status tells that nothing is set up yet' 'uninitiali[sz]ed|not bound' claviger token status
says 'the service can say what to do' 'claviger (setup|token init)' journalctl -u claviger.service --no-pager
refused 'no key is issued yet' claviger key create --name early --scope read:policies:admin

pid=$(state_of claviger.service MainPID)
confined "$pid"

systemctl stop claviger.service
check 'the sockets stay when the service stops' test -S /run/claviger/io.claviger.Verify
check 'a call starts the service again' test -n "$(claviger token status --json)"
equal 'so that it is active' active "$(systemctl is-active claviger.service)"

systemctl stop claviger.socket claviger-admin.socket claviger-credential.socket
equal 'a socket that is stopped takes its file along' '' "$(ls -A /run/claviger)"
check 'starting the service starts its sockets' systemctl start claviger.service
check 'and their files are back' test -S /run/claviger/io.claviger.Verify -a -S /run/claviger/io.claviger.Admin

printf '[server]\nloops = "many"\n' >>/etc/claviger/claviger.toml
refused 'a wrong setting keeps the service from starting' systemctl restart claviger.service
equal 'its status is 78' 78 "$(state_of claviger.service ExecMainStatus)"
sleep 1
equal 'and it is not tried again' 0 "$(state_of claviger.service NRestarts)"
says 'the message names file and line' '/etc/claviger/claviger.toml.*loops' journalctl -u claviger.service --no-pager
sed -i '/^loops = "many"/d' /etc/claviger/claviger.toml
check 'mended, it starts with one command, sockets included' systemctl start claviger.service
check 'and answers' test -n "$(claviger token status --json)"
