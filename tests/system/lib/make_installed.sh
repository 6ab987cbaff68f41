# shellcheck shell=bash
# The layer `installed`: what an administrator has after `apt install`.
set -e
payload=/system-test/payload
if [ -d $payload/tree ]; then
  cp -a $payload/tree/. /
  systemd-sysusers
  systemd-tmpfiles --create claviger.conf
  systemctl daemon-reload
  systemctl preset $(systemctl list-unit-files --no-legend "claviger*.socket" "claviger*.timer" claviger.service | cut -d" " -f1)
  systemctl start claviger.service
else
  # The system itself is without documentation; examples of the package are tried.
  dpkg --path-include='/usr/share/doc/claviger*' -i $payload/*.deb
  cp $payload/claviger_*.deb /root/claviger.deb  # for the tests of upgrades
fi
useradd --create-home --groups claviger-verify verifier
useradd --create-home --groups claviger-admin keeper
useradd --create-home stranger
useradd --create-home issuer
