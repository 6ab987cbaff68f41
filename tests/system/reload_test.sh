# shellcheck shell=bash
# `systemctl reload` ends when the new settings are in force, and fails visibly when they are refused.

settings=/etc/claviger/claviger.toml
pid=$(state_of claviger.service MainPID)
cp "$settings" /root/claviger.toml.before

printf '\n[log]\nlevel = "debug"\n' >>"$settings"
check 'a reload with good settings succeeds' systemctl reload claviger.service
equal 'they are in force when it has ended' debug "$(claviger log-level --json | json level)"
equal 'the daemon is the same as before' "$pid" "$(state_of claviger.service MainPID)"
equal 'and the service is active, not still reloading' active "$(systemctl is-active claviger.service)"

check 'the level can be changed while it runs' claviger log-level warning
equal 'and is in force at once' warning "$(claviger log-level --json | json level)"

printf 'colour = true\n' >>"$settings"
refused 'a reload with a setting that does not exist fails' systemctl reload claviger.service
says 'the journal names file and line' "claviger.toml:[0-9]+" journalctl -u claviger.service --no-pager
equal 'the daemon goes on' "$pid" "$(state_of claviger.service MainPID)"
equal 'with the settings of before' debug "$(claviger log-level --json | json configured)"
check 'and issues keys' new_key after-reload --scope read:policies:admin

cp /root/claviger.toml.before "$settings"
check 'the settings of the beginning are taken again' systemctl reload claviger.service
equal 'and the level is theirs' info "$(claviger log-level --json | json level)"
