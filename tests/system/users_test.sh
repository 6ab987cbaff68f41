# shellcheck shell=bash
# Who may do what is decided by the groups of the sockets, and then by the roles.

key=$(new_key report --scope read:policies:admin)
check 'root is an admin and can issue a key' test -n "$key"

verify() { claviger key verify --scope read:policies:admin <<<"$key"; }
verify_as() { as "$1" claviger key verify --scope read:policies:admin <<<"$key"; }
create_as() { local user=$1; shift; as "$user" claviger key create --no-input --name by-"$user" "$@"; }

usermod --append --groups claviger-verify www-data
for user in verifier www-data; do
  check "$user, in claviger-verify, can verify" verify_as "$user"
  says "$user cannot issue: the socket is not for it" '[Pp]ermission|not.*allowed|claviger-admin' \
    create_as "$user" --scope read:policies:admin
  refused "$user cannot list keys" as "$user" claviger key list
done

refused 'a user in neither group cannot verify' verify_as stranger
says 'because it cannot connect' '[Pp]ermission|claviger-verify' verify_as stranger
refused 'a user in neither group cannot manage' as stranger claviger key list

check 'an admin by name can issue' create_as keeper --scope delete:keys:admin --scope write:policies:admin
refused 'an admin who is no verifier cannot verify' verify_as keeper

check 'an issuer can issue what its ceiling allows' create_as issuer --scope read:policies:admin --expires 7d
says 'an issuer cannot grant a scope above its ceiling' 'may grant' \
  create_as issuer --scope write:policies:admin
refused 'and no key was issued' grep -q write:policies:admin <<<"$(claviger key list --json --owner issuer 2>/dev/null)"
says 'an issuer cannot pass the longest life of its ceiling' 'ceiling|7d|lifetime' \
  create_as issuer --scope read:policies:admin --expires 8d
refused 'an issuer cannot issue for another owner' create_as issuer --scope read:policies:admin --owner root
id=$(claviger key list --json | python3 -c 'import json,sys
print([k["key_id"] for k in json.load(sys.stdin)["keys"] if k["name"] == "report"][0])')
refused 'an issuer cannot revoke a key that is not its own' as issuer claviger key revoke --yes "$id"
check 'that key is valid still' verify

refused 'nobody but root can reach the socket for credentials' \
  as keeper python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("/run/claviger/credential.sock")'
refused 'no user can look into the state' as keeper ls /var/lib/claviger
