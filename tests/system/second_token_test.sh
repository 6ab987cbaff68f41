# shellcheck shell=bash
# Starts from: installed
# A token of another maker, openCryptoki's in software, with the unit as it is and the drop-in for it.

module=$(echo /usr/lib/*/pkcs11/libopencryptoki.so)
slot=3
pin=43219876
configure() {  # OPTION ANSWER...
  local option=$1
  shift
  printf '%s\n' "$@" | pkcsconf -c $slot "$option" >/dev/null
}
store_pin() { printf %s "$1" | systemd-creds encrypt --name=hsm-pin - /etc/credstore.encrypted/hsm-pin; }
flags() { printf '%d' "$(pkcsconf -t -c $slot | sed -n 's/.*Flags: \(0x[0-9A-Fa-f]*\).*/\1/p')"; }

if [ "$boot" -eq 2 ]; then
  within 'the token is ready after a reboot' 15 token_is ready
  check 'and the key is valid' is_valid "$(cat /root/key)"
  rm /etc/systemd/system/claviger.service.d/opencryptoki.conf
  systemctl daemon-reload
  check 'without the drop-in the service starts' systemctl restart claviger.service
  says 'but cannot reach the token from within the sandbox' unavailable claviger key verify --key-file /root/key
  equal 'as its state says' module_absent "$(token_state)"
  exit
fi

# The module also asks for a TPM at localhost; if that name is unknown, it closes the standard input of pkcsconf.
getent hosts localhost >/dev/null || echo '127.0.0.1 localhost' >>/etc/hosts

# As claviger-setup(7) has it.
check 'claviger becomes a member of pkcs11' adduser --quiet claviger pkcs11
check 'pkcsslotd starts' systemctl start pkcsslotd.service
within 'and shows its token' 10 pkcsconf -t -c $slot
check 'the token is made' configure -I 87654321 claviger
check 'the security officer gets a PIN' configure -P 87654321 56785678 56785678
check 'the user gets a first PIN' configure -u 56785678 11112222 11112222
check 'and the PIN' configure -p 11112222 $pin $pin
cp /usr/share/claviger/systemd/opencryptoki.conf /root/
drop_in claviger.service opencryptoki </root/opencryptoki.conf
(umask 077 && echo $pin >/root/pin)
check 'the host is set up for this token by one command' claviger setup --module "$module" \
  --uri pkcs11:token=claviger --pin-file /root/pin --catalogue example
check 'which can be run again' claviger setup --module "$module" --uri pkcs11:token=claviger
within 'the token is ready' 10 token_is ready
says 'it is the one of openCryptoki' 'IBM SoftTok' claviger token status
for process in $(state_of claviger.service MainPID) $(pgrep -x claviger-token); do confined "$process"; done
printf 'speed:%s\n' "$(claviger doctor | sed -n 's/.*HMAC speed */ /p')"

key=$(new_key second --scope read:policies:admin)
check 'a key is issued and valid' is_valid "$key"
refused 'it is not valid for another scope' claviger key verify --scope write:policies:admin <<<"$key"
for fault in KILL SEGV; do
  systemctl kill --signal=$fault --kill-whom=main claviger.service
  within "after SIG$fault the service is back" 20 token_is ready
  check 'and the key is valid' is_valid "$key"
done
worker=$(pgrep -x claviger-token)
kill -KILL "$worker"
replaced() { [ -n "$(pgrep -x claviger-token)" ] && [ "$(pgrep -x claviger-token)" != "$worker" ]; }
within 'the process of the token is replaced when it is killed' 10 replaced
within 'the token is ready then' 10 token_is ready
check 'and the key is valid' is_valid "$key"
systemctl kill --signal=KILL pkcsslotd.service
systemctl restart pkcsslotd.service
within 'the token comes back after pkcsslotd was killed' 20 token_is ready
within 'and with it the key' 10 is_valid "$key"

check 'a wrong PIN is put in place' store_pin 99999999
check 'the service starts with it' systemctl restart claviger.service
within 'and says that it was refused' 10 token_is pin_refused
check 'it is restarted' systemctl restart claviger.service
within 'and says the same' 10 token_is pin_refused
equal 'the token has counted one failure' $((0x10000)) $(($(flags) & 0x70000))
check 'another PIN is set with the own tool of the token' configure -p $pin 13572468 13572468
check 'and put in place' store_pin 13572468
check 'the service starts with it' systemctl restart claviger.service
within 'and the token is ready' 10 token_is ready
check 'the key is valid' is_valid "$key"
check 'nothing of the key is lost' claviger key list
(umask 077 && echo "$key" >/root/key)
reboot_guest
