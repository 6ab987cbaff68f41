# shellcheck shell=bash
# Starts from: installed
# `claviger doctor`: nothing to mend at first, then one thing after the other is broken, and it names each.
# shellcheck source=tests/system/lib/checks.sh
. /system-test/tests/lib/checks.sh

report() { claviger doctor --json; }
# The state of the check of this name.
found() {
  report | python3 -c 'import json, sys
print(*(row["state"] for row in json.load(sys.stdin)["checks"] if row["name"] == sys.argv[1]))' "$1"
}
not_ok() {
  report | python3 -c 'import json, sys
print(*sorted(row["name"] for row in json.load(sys.stdin)["checks"] if row["state"] == "failed"))'
}

# On a busy host a single call to the token may be late: then it is looked at again.
nothing_fails() { [ -z "$(not_ok)" ]; }

claviger setup --catalogue example --quiet >/dev/null
within 'nothing fails after setup' 20 nothing_fails
within 'its status is 0 then' 20 claviger doctor
for name in 'PIN source' 'token files' 'state permissions' 'group claviger-admin' processes claviger.service claviger.socket \
  claviger-backup.timer 'failed units'; do
  equal "$name is ok" ok "$(found "$name")"
done

useradd -m alice
says 'another user is told what was not seen' 'was not seen' as alice claviger doctor

chmod 0755 /var/lib/claviger
equal 'an open state directory is named' failed "$(found 'state permissions')"
refused 'its status is not 0 then' claviger doctor
chmod 0700 /var/lib/claviger

chmod o+w /etc/claviger/claviger.toml
equal 'a configuration that anyone can change is named' failed "$(found configuration)"
chmod o-w /etc/claviger/claviger.toml

printf '[token]\nmodul = "x"\n' >/root/wrong.toml
cp -p /etc/claviger/claviger.toml /root/right.toml
cp /root/wrong.toml /etc/claviger/claviger.toml
equal 'a configuration that the daemon refuses is named' failed "$(found settings)"
cp -p /root/right.toml /etc/claviger/claviger.toml

systemctl disable --quiet --now claviger-backup.timer
equal 'a timer that is off is named' failed "$(found claviger-backup.timer)"
systemctl enable --quiet --now claviger-backup.timer

systemctl disable --quiet claviger-audit.timer
equal 'a timer that is off after the next boot is a warning' warning "$(found claviger-audit.timer)"
systemctl enable --quiet claviger-audit.timer

systemctl stop claviger-credential.socket
equal 'a socket that does not listen is named' failed "$(found claviger-credential.socket)"
systemctl restart claviger.service claviger-credential.socket

printf '[Service]\nWatchdogSec=0\n' | drop_in claviger.service no-watchdog
systemctl restart claviger.service
equal 'a watchdog that is off is a warning' warning "$(found claviger.service)"
says 'the drop-in is named' 'no-watchdog.conf' claviger doctor
rm /etc/systemd/system/claviger.service.d/no-watchdog.conf
systemctl daemon-reload
systemctl restart claviger.service

mv /etc/credstore.encrypted/hsm-pin /root/
equal 'a PIN that is gone is a warning' warning "$(found 'PIN source')"
mv /root/hsm-pin /etc/credstore.encrypted/

systemctl stop claviger.socket claviger-admin.socket claviger-credential.socket claviger.service
object=$(find /var/lib/claviger/tokens -name token.object)
cp -p "$object" /root/object
: >"$object"
equal 'a token whose file is empty is named, with the daemon down' failed "$(found 'token files')"
cp -p /root/object "$object"
equal 'a service that is down is named' failed "$(found claviger.service)"
systemctl start claviger.socket claviger-admin.socket claviger-credential.socket claviger.service

cp /usr/sbin/clavigerd /root/clavigerd
cat >/root/second.toml <<'TOML'
[server]
socket_directory = "/root/run"
[store]
directory = "/root/state"
TOML
mkdir -m 0700 -p /root/run /root/state
SOFTHSM2_CONF=/etc/claviger/softhsm2.conf /root/clavigerd --config /root/second.toml >/dev/null 2>&1 &
second=$!
within 'a second daemon is named' 10 test "$(found processes)" = failed
kill "$second"
wait "$second"
within 'nothing fails once all is mended' 20 nothing_fails
