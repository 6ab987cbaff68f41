# shellcheck shell=bash
# Backups and the restore of one, by the units and users of an installed system.

folder=/var/lib/claviger/backups
kept=/root/keys
made_at_of() { claviger backup list --json | json "backups.$1.made_at"; }
restore() { claviger restore "$1" --yes --made-at "$2" "${@:3}"; }
spoil() {  # the database as a broken disk leaves it
  systemctl stop claviger.service
  dd if=/dev/urandom of=/var/lib/claviger/claviger.db bs=4096 count=2 conv=notrunc status=none
  systemctl start claviger.service
}
code_is() { [ "$(claviger key verify --json <<<"$1" | json code)" = "$2" ]; }

if [ "$boot" -eq 1 ]; then
  install -d -m 0700 "$kept" /root/disk
  new_key first --scope read:policies:admin >"$kept/first"
  new_key second --scope read:policies:admin >"$kept/second"
  check "the timer's service makes a backup" systemctl start claviger-backup.service
  name=$(claviger backup list --json | json backups.0.name)
  equal 'it is private' '600 claviger claviger' "$(stat -c '%a %U %G' "$folder/$name")"
  equal 'and so is its folder' '700 claviger claviger' "$(stat -c '%a %U %G' "$folder")"
  check 'the token says that it is whole' claviger backup list --check
  refused 'someone without a role makes none' as nobody claviger backup
  refused 'and restores none' as nobody claviger restore "$name" --dry-run
  claviger backup --output /root/disk/elsewhere.clvbak >/dev/null
  rm "$folder"/*

  second=$(claviger key list --search second --json | json keys.0.key_id)
  claviger key revoke "$second" --yes >/dev/null
  says 'a restore from elsewhere first says what it would change' 'revoked since: stay revoked' \
    claviger restore /root/disk/elsewhere.clvbak --dry-run
  equal 'the file that was brought belongs to the daemon' claviger "$(stat -c %U "$folder/elsewhere.clvbak")"
  refused 'without a terminal it is not done unasked' claviger restore elsewhere.clvbak
  check 'root restores it' restore elsewhere.clvbak "$(made_at_of 0)"
  check 'a key of then is valid' is_valid "$(cat "$kept/first")"
  check 'a key that was revoked since stays revoked' code_is "$(cat "$kept/second")" revoked
  reboot_guest
fi

check 'after a boot it is so too: the key is valid' is_valid "$(cat "$kept/first")"
check 'and the revoked one revoked' code_is "$(cat "$kept/second")" revoked
spoil
refused 'with a ruined database nothing is verified' is_valid "$(cat "$kept/first")"
refused 'a restore wants to know what to do then' restore elsewhere.clvbak "$(made_at_of 0)"
check 'and pauses every key if that is said' restore elsewhere.clvbak "$(made_at_of 0)" --pause-all
check 'the key is paused' code_is "$(cat "$kept/first")" paused
first=$(claviger key list --search first --json | json keys.0.key_id)
check 'and resumed after a review' claviger key resume "$first" --yes
check 'it is valid again' is_valid "$(cat "$kept/first")"
