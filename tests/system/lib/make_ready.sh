# shellcheck shell=bash
# The layer `ready`: the host has been set up, as an operator would, and has the catalogue and an issuer with a ceiling.
set -e
cp /usr/share/claviger/scopes/atlassian-admin.toml /etc/claviger/scopes.d/
cat >>/etc/claviger/claviger.toml <<'TOML'
[roles]
admin = ["root", "keeper"]
issuer = ["issuer"]
[[ceiling]]
members = ["issuer"]
scopes = ["read:*"]
owners = ["self"]
maximum_lifetime = "7d"
TOML
usermod --append --groups claviger-admin issuer
set_up
for _ in $(seq 100); do if token_is ready; then break; fi; sleep 0.1; done
token_is ready
