# shellcheck shell=bash
# Starts from: installed
# What a first installation puts where, for whom, and what it says.

equal 'dpkg finds every file as it was packed' '' "$(dpkg --verify claviger)"
equal 'settings are what dpkg asks about, and nothing else' \
  $'/etc/claviger/claviger.toml\n/etc/claviger/softhsm2.conf' \
  "$(dpkg-query --show --showformat '${Conffiles}\n' claviger | awk 'NF {print $1}' | sort)"

# Path, then mode and owners; root's where nothing else stands.
while read -r path wanted; do
  equal "$path has the mode $wanted" "$wanted" "$(stat -c '%a-%U-%G' "$path" 2>&1)"
done <<'FILES'
/usr/sbin/clavigerd 755-root-root
/usr/bin/claviger 755-root-root
/usr/libexec/claviger/claviger-token 755-root-root
/etc/claviger 755-root-root
/etc/claviger/scopes.d 755-root-root
/etc/claviger/claviger.toml 644-root-root
/etc/claviger/softhsm2.conf 644-root-root
/lib/systemd/system/claviger.service 644-root-root
/usr/lib/systemd/system-preset/50-claviger.preset 644-root-root
/usr/lib/sysusers.d/claviger.conf 644-root-root
/usr/lib/tmpfiles.d/claviger.conf 644-root-root
/usr/share/claviger/claviger.toml 644-root-root
/usr/share/claviger/scopes/atlassian-admin.toml 644-root-root
/usr/share/claviger/systemd/network-hsm.conf 644-root-root
/usr/share/doc/claviger/examples/nginx/claviger.lua 644-root-root
/usr/share/doc/claviger/examples/unit-credential/app.service 644-root-root
/usr/share/doc/claviger/copyright 644-root-root
/usr/lib/systemd/catalog/claviger.catalog 644-root-root
/usr/share/man/man7/claviger-setup.7.gz 644-root-root
/usr/share/bash-completion/completions/claviger 644-root-root
/usr/share/zsh/vendor-completions/_claviger 644-root-root
/usr/share/fish/vendor_completions.d/claviger.fish 644-root-root
/usr/share/man/man1/claviger.1.gz 644-root-root
/usr/share/man/man8/clavigerd.8.gz 644-root-root
FILES
equal 'nothing of the package is writable for others, setuid or setgid' '' \
  "$(dpkg -L claviger | xargs -d '\n' -I{} find {} -maxdepth 0 ! -type l -perm /7022 -print)"
equal 'nothing of it belongs to another user than root' '' \
  "$(dpkg -L claviger | xargs -d '\n' -I{} find {} -maxdepth 0 ! -user root -print)"
equal 'the folder for catalogues is empty at first' '' "$(ls -A /etc/claviger/scopes.d)"

check 'the settings as installed are valid' clavigerd --check
equal 'and change nothing' '' "$(grep -Ev '^(#.*|)$' /etc/claviger/claviger.toml)"
equal 'SoftHSM keeps the token in the state folder' 'directories.tokendir = /var/lib/claviger/tokens' \
  "$(grep ^directories.tokendir /etc/claviger/softhsm2.conf)"
check 'bash can read the completions' bash -n /usr/share/bash-completion/completions/claviger
for file in /usr/share/zsh/vendor-completions/_claviger /usr/share/fish/vendor_completions.d/claviger.fish; do
  says "$(basename "$file") completes the command" claviger cat "$file"
done
check "the journal's catalogue has our entries" sh -c 'journalctl --list-catalog --no-pager | grep -qi claviger'

equal 'the user cannot log in' /usr/sbin/nologin "$(getent passwd claviger | cut -d: -f7)"
check 'and has no password' grep -Eq '^claviger:!\*?:' /etc/shadow
for group in claviger-verify claviger-admin; do
  check "the group $group exists" getent group "$group"
  refused "the user claviger is not in $group" sh -c "id -nG claviger | tr ' ' '\n' | grep -qx $group"
done

for program in /usr/sbin/clavigerd /usr/bin/claviger /usr/libexec/claviger/claviger-token; do
  equal "$program finds all its libraries" '' "$(ldd "$program" | grep 'not found')"
done
