# shellcheck shell=bash
# Upgrade under load, removal, purge, and installing again: what stays, what goes, what is said.

package=/root/claviger.deb
folder=$(mktemp -d)
key=$(new_key lasting --scope read:policies:admin --expires 30d)
check 'a key is valid before all that' is_valid "$key"

# The package again, with a higher version and other settings.
mkdir /root/newer
dpkg-deb --raw-extract "$package" /root/newer
version=$(dpkg-query --show --showformat '${Version}' claviger)
sed -i "s/^Version: .*/Version: $version+newer/" /root/newer/DEBIAN/control
for file in claviger.toml softhsm2.conf; do echo '# newer' >>/root/newer/etc/claviger/$file; done
dpkg-deb -Znone --build /root/newer /root/newer.deb >/dev/null

# --- upgrade
systemctl disable --now claviger-backup.timer
sockets_since() {
  systemctl show --property=ActiveEnterTimestampMonotonic claviger.socket claviger-admin.socket claviger-credential.socket
  stat -c '%n %i' /run/claviger/*
}
before=$(sockets_since)
pid=$(state_of claviger.service MainPID)
for number in 1 2 3 4; do
  python3 -I -B /system-test/tests/lib/busy_client.py "$folder" "$number" <<<"$key" &
done
sleep 1
check 'an upgrade succeeds while clients verify' dpkg --force-confold --install /root/newer.deb
within 'the token is ready after it' 20 token_is ready
sleep 1
touch "$folder/stop"
wait
refused 'the service was restarted' test "$pid" = "$(state_of claviger.service MainPID)"
equal 'the sockets are the same as before' "$before" "$(sockets_since)"
for number in 1 2 3 4; do
  printf 'client %s: %s\n' "$number" "$(cat "$folder/$number.json")"
  equal "no connection of client $number was refused" 0 "$(json refused <"$folder/$number.json")"
  check "client $number had to try again once at most" test "$(json closed <"$folder/$number.json")" -le 1
  equal "client $number got no wrong answer" 0 "$(json other <"$folder/$number.json")"
  check "client $number was served" test "$(json valid <"$folder/$number.json")" -gt 10
done
says 'the new version is installed' "^$version\+newer$" dpkg-query --show --showformat '${Version}\n' claviger
check 'settings that an operator changed are kept' grep -q keeper /etc/claviger/claviger.toml
check 'settings that nobody changed are the new ones' grep -qx '# newer' /etc/claviger/softhsm2.conf
equal 'a timer that was turned off stays off' 'disabled inactive' \
  "$(systemctl is-enabled claviger-backup.timer) $(systemctl is-active claviger-backup.timer)"
check 'the key is valid after the upgrade' is_valid "$key"
equal 'no unit has failed' '' "$(systemctl --failed --plain --no-legend)"

# --- upgrade with settings that are refused
printf '[server]\nloops = "many"\n' >>/etc/claviger/claviger.toml
check 'an upgrade succeeds where the settings are wrong, so that the package is not left half installed' \
  dpkg --install /root/newer.deb
equal 'the service does not run then' 'failed 78' \
  "$(systemctl is-active claviger.service) $(state_of claviger.service ExecMainStatus)"
sed -i '/^\[server\]$/,$d' /etc/claviger/claviger.toml
check 'with the settings mended it can be started' systemctl start claviger.service
within 'and serves' 20 token_is ready
check 'the key is valid then' is_valid "$key"

# --- remove
# The files of the state that no longer change once the daemon has ended.
state() { (cd /var/lib/claviger && find . -type f -not -name '*-wal' -not -name '*-shm' -print | sort); }
before=$(state)
check 'it can be removed' dpkg --remove claviger
equal 'no process of it is left' '' "$(pgrep -u claviger)"
equal 'no unit of it runs or waits' '' \
  "$(systemctl list-units --state=active,activating,failed --plain --no-legend 'claviger*' | grep -v claviger-test)"
refused 'the sockets are gone' test -e /run/claviger
refused 'the command is gone' test -e /usr/bin/claviger
check 'the database is there' test -s /var/lib/claviger/claviger.db
check 'the token is there' test -n "$(find /var/lib/claviger/tokens -name '*.object' -size +0)"
equal 'no file of the state is missing' '' "$(comm -23 <(echo "$before") <(state))"
check 'the settings are there' test -s /etc/claviger/claviger.toml
check 'the PIN is there' test -s /etc/credstore.encrypted/hsm-pin

# --- install again
check 'it can be installed again' dpkg --install /root/newer.deb
within 'and serves with the same token, without being set up' 20 token_is ready
check 'the key is valid as before' is_valid "$key"

# --- purge
dpkg --purge claviger >/root/purge.log 2>&1
equal 'it can be purged, without a question' 'deinstalled' \
  "$(dpkg-query --show --showformat '${db:Status-Status}' claviger 2>/dev/null || echo deinstalled)"
for place in /var/lib/claviger /etc/credstore.encrypted/hsm-pin /etc/claviger; do
  says "purging says that it leaves $place" "^  $place +[a-z]" cat /root/purge.log
  check "$place is there" test -e "$place"
done
check 'so are the database and the token' \
  test -s /var/lib/claviger/claviger.db -a -n "$(find /var/lib/claviger/tokens -name '*.object' -size +0)"
equal 'of the settings only the catalogues stay, which are the operator'\''s' \
  $'/etc/claviger/scopes.d\n/etc/claviger/scopes.d/atlassian-admin.toml' "$(find /etc/claviger -mindepth 1 | sort)"
equal 'nothing is left that turns units on' '' \
  "$(find /etc/systemd/system /var/lib/systemd -name '*claviger*' -not -name 'claviger-test.service')"
equal 'user and groups stay, so that no other user gets the files' 'claviger claviger claviger-verify claviger-admin' \
  "$(echo $(getent passwd claviger | cut -d: -f1; getent group claviger claviger-verify claviger-admin | cut -d: -f1))"

# --- where systemd does not run
says 'it can be installed where systemd does not run, as when an image is made, and says what it found' \
  'earlier installation' unshare --mount sh -c 'mount -t tmpfs tmpfs /run && dpkg --install "$1"' sh "$package"
equal 'its units are enabled for the next boot' enabled "$(systemctl is-enabled claviger.service)"
equal 'and none runs yet' '' "$(pgrep -u claviger)"
systemctl daemon-reload
systemd-tmpfiles --create claviger.conf
check 'then it can be started' systemctl start claviger.service
cp /usr/share/claviger/scopes/atlassian-admin.toml /etc/claviger/scopes.d/
within 'and after a purge it goes on with what was left' 20 token_is ready
check 'the key is valid still' is_valid "$key"

# --- purge with nothing to keep
systemctl stop claviger.service
rm -r /var/lib/claviger /etc/credstore.encrypted/hsm-pin /etc/claviger/scopes.d/atlassian-admin.toml
says 'a purge says nothing of files where none is left' '^no$' \
  sh -c 'dpkg --purge claviger 2>&1 | grep -A9 "claviger: purged" || echo no'
refused 'and leaves no settings' test -e /etc/claviger
