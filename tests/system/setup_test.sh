# shellcheck shell=bash
# Starts from: installed
# `claviger setup` on a fresh installation: by options, again, for a terminal, and where something is missing.
# shellcheck source=tests/system/lib/checks.sh
. /system-test/tests/lib/checks.sh

readonly credentials=/etc/credstore.encrypted
# Everything that setup may write, with its time and content.
everything() {
  find /etc/claviger "$credentials" /etc/group /etc/systemd/system /var/lib/claviger/installation.toml \
    /var/lib/claviger/tokens -type f -printf '%p %T@ ' -exec sha256sum {} \; | sort
}
start_time() { systemctl show --property=ExecMainStartTimestampMonotonic --value claviger.service; }

useradd -m alice
useradd -m bob

# What is refused.
refused 'no other user may run setup' as alice claviger setup --dry-run
says 'who is not root is told so' 'only root may' as alice claviger setup --dry-run
says 'a token that setup does not know is refused' 'there is no choice "tpm"' claviger setup --token tpm
says 'a module needs a URI' 'belong together' claviger setup --module /x.so
says 'a module that is not there is named' 'there is no PKCS#11 module /opt/none.so' \
  claviger setup --module /opt/none.so --uri pkcs11:token=x --dry-run
says 'a user that does not exist is named' 'no user nobody-there' claviger setup --admin nobody-there --dry-run
mv /usr/lib/softhsm/libsofthsm2.so /root/
says 'without SoftHSM it says what to install' 'apt install softhsm2' claviger setup
check 'a step that failed has stored no PIN' test ! -e "$credentials/hsm-pin"
mv /root/libsofthsm2.so /usr/lib/softhsm/

before=$(everything)
says 'a dry run says what it would do' 'to do +token' claviger setup --catalogue example --dry-run
equal 'a dry run changes nothing' "$before" "$(everything)"

echo 'name = 3' >/root/bad.toml
says 'a catalogue that the daemon refuses is not kept' 'it was not kept' claviger setup --catalogue /root/bad.toml
check 'and is not in the folder' test ! -e /etc/claviger/scopes.d/bad.toml

# By options.
check 'setup by options makes it serve' claviger setup --catalogue example --admin alice --verifier bob
check 'the daemon serves' claviger status
equal 'the PIN is stored for root alone' '600 root' "$(stat -c '%a %U' "$credentials/hsm-pin")"
equal 'so is the SO PIN' '600 root' "$(stat -c '%a %U' "$credentials/claviger-so-pin")"
equal 'so is their folder' '700 root' "$(stat -c '%a %U' "$credentials")"
pin=$(systemd-creds decrypt --name=hsm-pin "$credentials/hsm-pin" -)
check 'the PIN is long' test "${#pin}" -ge 32
refused 'no PIN stands in the journal' sh -c "journalctl --no-pager | grep -F '$pin'"
check 'the first admin issues keys' as alice claviger key create --name first --scope read:policies:admin
refused 'who only verifies issues none' as bob claviger key create --name second --scope read:policies:admin
equal 'one token was made' 1 "$(find /var/lib/claviger/tokens -name token.object | wc -l)"

# Again.
before=$(everything) started=$(start_time)
check 'setup runs again' claviger setup --catalogue example --admin alice --verifier bob
equal 'and changes nothing' "$before" "$(everything)"
equal 'and does not restart the service' "$started" "$(start_time)"
equal 'no step has anything to do' '' "$(claviger setup --json | python3 -c '
import json, sys
print(*(step["name"] for step in json.load(sys.stdin)["steps"] if step["state"] != "ok"))')"
systemctl disable --quiet --now claviger-expire.timer claviger.socket
check 'units that were turned off are mended by the next run' claviger setup
check 'the socket listens again' systemctl is-active claviger.socket
check 'the timer is enabled again' systemctl is-enabled claviger-expire.timer
says 'another token is refused once there is one' 'bound to its token already' \
  claviger setup --module /usr/lib/softhsm/libsofthsm2.so --uri pkcs11:token=other --dry-run
rm "$credentials/hsm-pin"
says 'a lost PIN is not made anew' 'has to be given' claviger setup --no-input
(umask 077 && printf %s "$pin" >/root/pin)
check 'but taken from a file' claviger setup --pin-file /root/pin
check 'and the daemon serves with it' claviger status

# A run that came no further than the PINs, and one that came to the first alone.
for kept in hsm-pin 'hsm-pin claviger-so-pin'; do
  systemctl stop claviger.service
  rm -rf /var/lib/claviger/*
  mkdir /root/kept
  for name in $kept; do mv "$credentials/$name" /root/kept/; done
  rm -f "$credentials"/*
  mv /root/kept/* "$credentials/"
  rmdir /root/kept
  systemctl start claviger.service
  sums=$(cd "$credentials" && sha256sum $kept)
  check "with $kept there already, setup goes on" claviger setup --no-input
  equal 'and keeps what was there' "$sums" "$(cd "$credentials" && sha256sum $kept)"
done

# On a terminal, everything by Enter, on a host as it was at first.
systemctl stop claviger.service
rm -rf /var/lib/claviger/* "$credentials" /etc/claviger/scopes.d/*
systemctl start claviger.service
cat >/root/answer.py <<'PY'
"""Runs claviger setup on a terminal and types the words that are the arguments, one for each question."""
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("claviger", ["claviger", "setup"])
said, seen, answers = b"", 0, sys.argv[1:]
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    said += part
    if answers and said[seen:].endswith((b"]: ", b"shown): ", b"again: ")):
        seen = len(said)
        os.write(terminal, answers.pop(0).encode() + b"\n")
print(said.decode())
print("LEFT", len(answers))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
said=$(timeout 100 python3 /root/answer.py "" "" "" "") && ok 'setup on a terminal serves after Enter alone' ||
  broken 'setup on a terminal serves after Enter alone' "$said"
says 'it asked for token, scopes and people' 'LEFT 0' printf %s "$said"
says 'it says that there are no scopes yet' 'no scopes exist' printf %s "$said"
check 'the daemon serves after it' claviger status

# A token that is there already, and a PIN that is wrong.
systemctl stop claviger.service
rm -rf /var/lib/claviger/* "$credentials"
systemctl start claviger.service
check 'the state folders are there' test -d /var/lib/claviger/tokens
runuser -u claviger -- env SOFTHSM2_CONF=/etc/claviger/softhsm2.conf softhsm2-util --init-token --free \
  --label claviger --so-pin 12345678 --pin 87654321 >/dev/null
(umask 077 && printf 11111111 >/root/wrong-pin && printf 87654321 >/root/right-pin)
says 'a wrong PIN is told, with what to do' 'rm /etc/credstore.encrypted/hsm-pin' claviger setup --pin-file /root/wrong-pin
refused 'and it is not bound' test -e /var/lib/claviger/installation.toml
rm "$credentials/hsm-pin"
check 'the right PIN goes on from there' claviger setup --pin-file /root/right-pin
check 'and the daemon serves' claviger status

# A token of another label, with the module's path and its PIN typed in.
systemctl stop claviger.service
rm -rf /var/lib/claviger/* "$credentials"
systemctl start claviger.service
runuser -u claviger -- env SOFTHSM2_CONF=/etc/claviger/softhsm2.conf softhsm2-util --init-token --free \
  --label other --so-pin 12345678 --pin 87654321 >/dev/null
cp /etc/claviger/claviger.toml /root/before.toml
module=/usr/lib/softhsm/libsofthsm2.so
said=$(timeout 100 python3 /root/answer.py "$module" pkcs11:token=other "" "" "" 87654321 87654322)
says 'two PINs that differ are refused' 'the two PINs differ' printf %s "$said"
check 'and nothing was done' cmp /etc/claviger/claviger.toml /root/before.toml
said=$(timeout 100 python3 /root/answer.py "$module" pkcs11:token=other "" "" "" 87654321 87654321) &&
  ok 'a token that is there already serves after its PIN was typed' ||
  broken 'a token that is there already serves after its PIN was typed' "$said"
refused 'the PIN was not shown' grep -F 87654321 <<<"$said"
equal 'only the URI was changed in the configuration' "$(printf '%s\n' '<#[token]' '>[token]' ">uri = 'pkcs11:token=other'")" \
  "$(diff /root/before.toml /etc/claviger/claviger.toml | grep '^[<>]' | sed 's/^\([<>]\) /\1/' | sort)"
equal 'it can be read as before' '644 root' "$(stat -c '%a %U' /etc/claviger/claviger.toml)"
