# shellcheck shell=bash
# A reboot: everything is there again, without anyone doing anything.

file=/root/reboot-keys
if [ "$boot" -eq 1 ]; then
  for number in 1 2 3 4 5; do new_key "reboot-$number" --scope read:policies:admin; done >$file 2>/dev/null
  id=$(claviger key list --json | python3 -c 'import json,sys
print([k["key_id"] for k in json.load(sys.stdin)["keys"] if k["name"] == "reboot-5"][0])')
  check 'a key is revoked' claviger key revoke --yes --reason test "$id"
  claviger audit list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["records"]))' >/root/acts
  reboot_guest
fi

if [ "$boot" -eq 2 ]; then
  within 'the token is ready after a reboot, with no one at the keyboard' 15 token_is ready
  for unit in claviger.service claviger.socket claviger-admin.socket claviger-credential.socket; do
    equal "$unit is active again" active "$(systemctl is-active "$unit")"
  done
  equal 'the sockets have their groups again' 'claviger-verify claviger-admin' \
    "$(stat -c %G /run/claviger/io.claviger.Verify /run/claviger/io.claviger.Admin | paste -sd ' ')"
  while read -r key; do keys+=("$key"); done <$file
  for number in 0 1 2 3; do check "key $((number + 1)) of before is valid" is_valid "${keys[$number]}"; done
  says 'the one that was revoked is revoked' revoked claviger key verify <<<"${keys[4]}"
  check 'no act has been lost' test "$(claviger audit list --json |
    python3 -c 'import json,sys; print(len(json.load(sys.stdin)["records"]))')" -ge "$(cat /root/acts)"
  equal 'the service was started once' 0 "$(state_of claviger.service NRestarts)"

  # The token is away at the next boot.
  mv /var/lib/claviger/tokens /root/tokens
  reboot_guest
fi

if [ "$boot" -eq 3 ]; then
  key=$(head -n 1 $file)
  equal 'without the token the service runs' active "$(systemctl is-active claviger.service)"
  within 'and says that the token is absent' 10 token_is token_absent
  says 'a verification is answered as unavailable' unavailable claviger key verify <<<"$key"
  refused 'no key is issued' claviger key create --name none --scope read:policies:admin
  pid=$(state_of claviger.service MainPID)
  cp -a /root/tokens/. /var/lib/claviger/tokens/
  within 'the token comes back and is ready, with nobody doing anything' 15 token_is ready
  check 'the key of before is valid' is_valid "$key"
  equal 'the service was not restarted for it' "$pid" "$(state_of claviger.service MainPID)"
fi
