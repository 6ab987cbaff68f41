# shellcheck shell=bash
# A wrong PIN costs one of the token's tries and no more.

key=$(new_key before --scope read:policies:admin)
logins() { journalctl --no-pager | grep -c 'pin_refused\|refused the PIN\|PIN was refused'; }
says_refused_before() { [[ $(claviger token status --json | json message) == *'before, so it is not tried again'* ]]; }

(umask 077 && printf 1111111111 >/root/wrong)
systemd-creds encrypt --name=hsm-pin /root/wrong /etc/credstore.encrypted/hsm-pin
check 'with a wrong PIN the service starts' systemctl restart claviger.service
within 'and says that the token has refused the PIN' 10 token_is pin_refused
says 'a verification is answered as unavailable' unavailable claviger key verify <<<"$key"
before=$(claviger token status --json)
sleep 5
equal 'the PIN is not tried again' "$before" "$(claviger token status --json)"
equal 'the journal tells of one refusal' 1 "$(logins)"
check 'the settings are read again' systemctl kill --kill-whom=main --signal=HUP claviger.service
sleep 2
equal 'so the journal still tells of one refusal' 1 "$(logins)"
check 'the service is started anew with the same PIN' systemctl restart claviger.service
within 'and says that this PIN was refused before and is not tried' 10 says_refused_before
check 'the right PIN is taken at run time' claviger unlock --pin-file /root/pin
within 'and the token is ready' 10 token_is ready
check 'the key of before is valid' is_valid "$key"

# A credential that cannot be decrypted here.
printf 'bm90IGEgY3JlZGVudGlhbA==\n' >/etc/credstore.encrypted/hsm-pin
refused 'a credential that is damaged keeps the service from starting' systemctl restart claviger.service
says 'and systemd says that it is the credential' CREDENTIALS systemctl status --no-pager claviger.service
rm /etc/credstore.encrypted/hsm-pin
check 'without any credential the service starts' systemctl restart claviger.service
within 'and is locked' 10 token_is locked
check 'the PIN is taken at run time' claviger unlock --pin-file /root/pin
within 'and the token is ready once more' 10 token_is ready
