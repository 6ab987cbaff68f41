# shellcheck shell=bash
# Keys as credentials of units: systemd asks, the daemon answers, and no program of ours is in the unit.

cat >>/etc/claviger/claviger.toml <<'TOML'
[[unit]]
name = "app.service"
scopes = ["read:policies:admin"]
previous = "0s"
[[unit]]
name = "several.service"
scopes = ["read:policies:admin"]
[[unit]]
name = "user.service"
scopes = ["read:policies:admin"]
[[unit]]
name = "worker@*.service"
scopes = ["read:policies:admin"]
[[unit]]
name = "ends.service"
scopes = ["read:policies:admin"]
end_with_unit = true
TOML
check 'a reload takes the entries' systemctl reload claviger.service

# unit NAME LINE...: a service that keeps a copy of what it was given and stays.
unit() {
  local name=$1
  shift
  {
    printf '[Service]\nLoadCredential=api-key:/run/claviger/credential.sock\n'
    printf 'ExecStart=sh -c "cat %%d/api-key >/run/kept/%%n; sleep infinity"\n'
    printf '%s\n' "$@"
  } >"/run/systemd/system/$name"
}
mkdir -m 1777 /run/kept
unit app.service
unit user.service DynamicUser=yes ReadWritePaths=/run/kept
unit worker@.service
unit ends.service
unit stranger.service
unit several.service ExecStartPre=true 'ExecStartPre=sh -c "cat %d/api-key >/run/kept/before"'
systemctl daemon-reload

secret() { cat "/run/kept/$1"; }
verdict() {
  claviger key verify --json "${@:2}" <<<"$1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["code"])'
}
has_verdict() { [ "$(verdict "${@:2}")" = "$1" ]; }
given() { test -s "/run/kept/$1"; }

check 'a unit with an entry starts' systemctl start app.service
within 'and has a key' 10 given app.service
equal 'the key is valid for its scope' valid "$(verdict "$(secret app.service)" --scope read:policies:admin)"
equal 'and refused beyond it' insufficient_scope "$(verdict "$(secret app.service)" --scope write:policies:admin)"

first=$(secret app.service)
check 'it can be restarted' systemctl restart app.service
within 'and has another key then' 10 eval '[ -s /run/kept/app.service ] && [ "$(secret app.service)" != "$first" ]'
equal 'which is valid' valid "$(verdict "$(secret app.service)")"
equal 'the one of the start before is not' expired "$(verdict "$first")"
equal 'both are generations of one key' "$(cut -d_ -f2 <<<"$first")" "$(cut -d_ -f2 <<<"$(secret app.service)")"

check 'a unit with DynamicUser= starts' systemctl start user.service
within 'and has a key' 10 given user.service
equal 'which is valid' valid "$(verdict "$(secret user.service)")"

check 'an instance starts' systemctl start worker@one.service
check 'another starts' systemctl start worker@two.service
within 'the first has a key' 10 given worker@one.service
within 'the second has a key' 10 given worker@two.service
refused 'they have not the same one' test "$(cut -d_ -f2 <<<"$(secret worker@one.service)")" = \
  "$(cut -d_ -f2 <<<"$(secret worker@two.service)")"

check 'a unit with several commands starts' systemctl start several.service
within 'and has a key' 10 given several.service
equal 'its last command has a key that is valid' valid "$(verdict "$(secret several.service)")"
refused 'of which the command before had another secret' test "$(secret before)" = "$(secret several.service)"

systemctl start stranger.service
failed_credentials() { systemctl show -p ExecMainStatus "$1" | grep -q =243; }
within 'a unit without an entry does not start' 10 failed_credentials stranger.service
refused 'and nothing of it has run' test -e /run/kept/stranger.service
says 'the record of acts says why' 'unit.refused' claviger audit list --json

check 'a unit whose key ends with it starts' systemctl start ends.service
within 'and has a key' 10 given ends.service
ending=$(secret ends.service)
sleep 5
equal 'which stays valid while the unit runs' valid "$(verdict "$ending")"
check 'it is stopped' systemctl stop ends.service
within 'and its key ends' 15 has_verdict expired "$ending"
check 'it is started again' systemctl start ends.service
within 'and has a key that is valid' 10 eval 'has_verdict valid "$(secret ends.service)"'
systemctl stop claviger.service
check 'it is killed while the daemon is down' systemctl kill -s KILL ends.service
ending=$(secret ends.service)
systemctl start claviger.service
within 'and its key ends once the daemon is back' 30 has_verdict expired "$ending"

systemctl stop app.service claviger.service
check 'a unit that starts while the daemon is down starts the daemon' systemctl start app.service
within 'and has a key that is valid' 30 eval 'has_verdict valid "$(secret app.service)"'

systemctl stop claviger-credential.socket claviger.service app.service
rm -f /run/kept/app.service
systemctl start app.service
within 'without the socket it does not start' 10 failed_credentials app.service
refused 'and nothing of it has run' test -e /run/kept/app.service
