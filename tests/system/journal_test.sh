# shellcheck shell=bash
# What the journal is told of acts and denials, and that journalctl -x explains it.

entries() { journalctl -b --no-pager -o json "CLAVIGER_EVENT=$1" "${@:2}"; }
# field EVENT NAME [MATCH...]: of its newest entry
field() { entries "$1" "${@:3}" | tail -n 1 | json "$2"; }
has_entry() { [ -n "$(entries "$@")" ]; }

key=$(new_key deploy --scope read:policies:admin)
id=$(cut -d_ -f2 <<<"$key")
within 'an issued key is told to the journal' 10 has_entry key.create "KEY_ID=$id"
equal 'with its name' deploy "$(field key.create KEY_NAME "KEY_ID=$id")"
equal 'with its owner' root "$(field key.create OWNER "KEY_ID=$id")"
equal 'with the uid of who issued it' 0 "$(field key.create PEER_UID "KEY_ID=$id")"
equal 'with the name of who issued it' root "$(field key.create PEER_USER "KEY_ID=$id")"
says 'with the unit of who issued it' '\.(service|scope)$' field key.create PEER_UNIT "KEY_ID=$id"
equal 'by clavigerd' clavigerd "$(field key.create SYSLOG_IDENTIFIER "KEY_ID=$id")"
equal 'of the unit of the daemon' claviger.service "$(field key.create _SYSTEMD_UNIT "KEY_ID=$id")"
equal 'with a priority' 6 "$(field key.create PRIORITY "KEY_ID=$id")"
message_id=$(field key.create MESSAGE_ID "KEY_ID=$id")
check 'it is found by its message id' test -n "$(journalctl -b -o json MESSAGE_ID="$message_id" "KEY_ID=$id")"
says 'journalctl -x explains it' 'claviger key revoke' journalctl -b -x --no-pager MESSAGE_ID="$message_id"
equal "systemd's catalogue knows every entry of ours" "$(grep -c '^-- ' /usr/lib/systemd/catalog/claviger.catalog)" \
  "$(journalctl --dump-catalog 2>/dev/null | grep -c '^Defined-By: claviger$')"

new=$(claviger key rotate "$id" --json | json key)
within 'a new secret is told to the journal' 10 has_entry key.rotate "KEY_ID=$id"
claviger key verify --scope write:policies:admin <<<"$new" >/dev/null 2>&1
within 'a denial is told to the journal' 10 has_entry verify.denied "KEY_ID=$id"
equal 'with its verdict' insufficient_scope "$(field verify.denied VERDICT "KEY_ID=$id")"
claviger --yes key revoke "$id" --reason 'no longer needed' >/dev/null
within 'a revocation is told to the journal' 10 has_entry key.revoke "KEY_ID=$id"
says 'with its reason' 'no longer needed' field key.revoke MESSAGE "KEY_ID=$id"
refused 'no secret stands in the journal' grep -qF "$(cut -d_ -f3 <<<"$new")" <(journalctl -b --no-pager -o json)

line=$(claviger audit checkpoint)
within 'a checkpoint is told to the journal' 10 has_entry audit.checkpoint
equal 'as a line to be kept elsewhere' "$line" "$(field audit.checkpoint CHECKPOINT)"
check 'with which the audit log can be compared' claviger audit verify --checkpoint "$line"

# A flood: ten thousand denials of a revoked key leave a few entries.
python3 - "$new" <<'PY'
import json, socket, sys
call = json.dumps({"method": "io.claviger.Verify.Verify", "parameters": {"key": sys.argv[1]}}).encode() + b"\0"
peer = socket.socket(socket.AF_UNIX)
peer.connect("/run/claviger/io.claviger.Verify")
for _ in range(100):
    peer.sendall(call * 100)
    answers = 0
    while answers < 100:
        answers += peer.recv(65536).count(b"\0")
PY
denied() { entries verify.denied "KEY_ID=$id" VERDICT=revoked | python3 -c '
import json, sys
print(sum(int(json.loads(line)["COUNT"]) for line in sys.stdin))'; }
all_counted() { [ "$(denied)" -eq 10000 ]; }
within 'ten thousand denials are all counted' 20 all_counted
check 'in a few entries' test "$(entries verify.denied "KEY_ID=$id" VERDICT=revoked | grep -c .)" -le 20

# A journal that takes nothing.
pid=$(systemctl show --property=MainPID --value systemd-journald.service)
kill -STOP "$pid"
check 'while the journal is stuck, keys are issued' timeout 20 claviger key create --name stuck --scope read:policies:admin
kill -CONT "$pid"
within 'and it is told of them when it goes on' 20 has_entry key.create KEY_NAME=stuck
