# shellcheck shell=bash
# Another PIN for SoftHSM's token, as claviger-setup(7) has it.

new=3141592653
key=$(new_key before --scope read:policies:admin)
check 'the PIN is changed with a tool of the token, as the user claviger' \
  as claviger env SOFTHSM2_CONF=/etc/claviger/softhsm2.conf pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so \
  --token-label claviger --login --change-pin --pin "$(cat /root/pin)" --new-pin $new
check 'the service goes on meanwhile' is_valid "$key"
check 'the credential is replaced' \
  bash -c "printf %s $new | systemd-creds encrypt --name=hsm-pin - /etc/credstore.encrypted/hsm-pin"
check 'the service is restarted' systemctl restart claviger.service
within 'and is ready with the new PIN' 10 token_is ready
check 'the key is valid' is_valid "$key"
equal 'the credential shows the PIN to root' $new \
  "$(systemd-creds decrypt --name=hsm-pin /etc/credstore.encrypted/hsm-pin - 2>/dev/null)"
check 'the token is locked' claviger lock --yes
refused 'the old PIN does not open it' claviger unlock --pin-file /root/pin
check 'the new one does' bash -c "(umask 077 && echo $new >/root/new-pin) && claviger unlock --pin-file /root/new-pin"
within 'and the key is valid' 10 is_valid "$key"
