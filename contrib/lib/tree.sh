# shellcheck shell=bash
# The private tree of contrib/quickstart: its files, its sockets, its daemon. Sourced after common.sh, with $tree set to
# the tree's absolute path and $programs to the build folder.

readonly marker_name=.claviger-quickstart
readonly token_label=claviger-quickstart
readonly longest_socket_directory=88  # socket paths have at most 107 bytes; "/io.claviger.Verify" takes 19
readonly longest_plain_path=400       # SQLite and SoftHSM take paths of some 500 and 1000 bytes

# The tree under a name without surprises: itself, or for a path that is long or has unusual characters a link to it in
# a short private folder outside. That folder also holds the sockets then; its path is kept in the tree.
short_folder() { cat "$tree/short-folder" 2>/dev/null || true; }

byte_length() { LC_ALL=C; printf '%s' "${#1}"; }

needs_short_folder() {
  [ "$(byte_length "$tree/run")" -gt "$longest_socket_directory" ] || needs_link
}
needs_link() {
  [ "$(byte_length "$tree")" -gt "$longest_plain_path" ] || [[ $tree == *[!A-Za-z0-9/._\ +-]* ]]
}

# Makes the tree's folders and sets $base (the tree under its usable name) and $sockets.
make_tree() {
  if [ -d "$tree" ] && [ ! -e "$tree/$marker_name" ] && [ -n "$(ls -A "$tree")" ]; then
    die "$tree is not empty and was not made by this script; choose another --tree"
  fi
  (umask 077 && mkdir -p "$tree/state" "$tree/tokens" "$tree/scopes.d")
  : >"$tree/$marker_name"
  find_tree
}

find_tree() {
  base=$tree
  sockets=$tree/run
  if needs_short_folder; then
    make_short_folder
    sockets=$(short_folder)/run
    if needs_link; then base=$(short_folder)/tree; fi
  fi
}

make_short_folder() {
  local folder parent=${XDG_RUNTIME_DIR:-/tmp}
  folder=$(short_folder)
  if [ -n "$folder" ] && [ -O "$folder" ] && [ "$(readlink "$folder/tree")" = "$tree" ]; then return; fi
  if [ ! -d "$parent" ] || [ ! -w "$parent" ] || [ "${#parent}" -gt 60 ]; then parent=/tmp; fi
  folder=$(mktemp -d "$parent/claviger-XXXXXX")
  ln -s "$tree" "$folder/tree"
  printf '%s\n' "$folder" >"$tree/short-folder"
}

random_pin() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

softhsm_module() {
  local path
  for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
    if [ -e "$path" ]; then
      printf '%s' "$path"
      return
    fi
  done
  die 'libsofthsm2.so was not found; install the package softhsm2'
}

# A TOML string; paths with control characters were refused before.
toml_string() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# Everything but the daemon: PINs, SoftHSM's settings, ours, the catalogue, the wrapper. PINs are made once, the rest is
# written anew each time.
fill_tree() {
  local name
  for name in pin so-pin; do
    [ -s "$tree/$name" ] || (umask 277 && random_pin >"$tree/$name")
  done
  cp "$checkout/contrib/scopes/atlassian-admin.toml" "$tree/scopes.d/"
  printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n' \
    "$base/tokens" >"$tree/softhsm2.conf"
  (umask 077 && print_settings >"$tree/claviger.toml")
  print_wrapper >"$tree/claviger"
  chmod 755 "$tree/claviger"
}

print_settings() {
  cat <<SETTINGS
# Made by contrib/quickstart; contrib/claviger.toml shows every setting.
[server]
socket_directory = $(toml_string "$sockets")
[store]
directory = $(toml_string "$base/state")
[token]
module = $(toml_string "$(softhsm_module)")
uri = "pkcs11:token=$token_label"
pin_file = $(toml_string "$base/pin")
worker = $(toml_string "$programs/hsm/worker/claviger-token")
[keys]
scopes_directory = $(toml_string "$base/scopes.d")
[roles]
admin = ["uid:$(id -u)"]
verifier = ["uid:$(id -u)"]
SETTINGS
}

shell_string() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

print_wrapper() {
  printf '#!/bin/sh\n# The claviger command for the daemon of this tree.\n'
  printf 'export CLAVIGER_SOCKET_DIRECTORY=%s\n' "$(shell_string "$sockets")"
  printf 'exec %s "$@"\n' "$(shell_string "$programs/cli/claviger")"
}

# The daemon's pid; nothing if it does not run.
daemon_pid() {
  local pid
  pid=$(cat "$tree/clavigerd.pid" 2>/dev/null) || return 0
  # The pid may belong to another process by now: what it was started with tells.
  if tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$tree/claviger.toml"; then
    printf '%s' "$pid"
  fi
}

start_daemon() {
  local waited=0
  (
    unset CREDENTIALS_DIRECTORY LISTEN_FDS LISTEN_PID LISTEN_FDNAMES
    export SOFTHSM2_CONF=$base/softhsm2.conf
    exec setsid "$programs/daemon/clavigerd" --config "$tree/claviger.toml" >>"$tree/clavigerd.log" 2>&1 </dev/null
  ) &
  printf '%s\n' "$!" >"$tree/clavigerd.pid"
  until [ -S "$sockets/io.claviger.Verify" ] && [ -S "$sockets/io.claviger.Admin" ] && token_is_settled; do
    kill -0 "$!" 2>/dev/null || die "the daemon did not start; its last words are: $(tail -n 3 "$tree/clavigerd.log")"
    [ "$waited" -lt 300 ] || die "the daemon does not answer after 30 seconds; see $tree/clavigerd.log"
    waited=$((waited + 1))
    sleep 0.1
  done
}

# Ends the daemon in order. False if none runs.
stop_daemon() {
  local pid waited=0
  pid=$(daemon_pid)
  [ -n "$pid" ] || return 1
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    [ "$waited" -lt 300 ] || die "the daemon $pid has not ended after 30 seconds; see $tree/clavigerd.log"
    waited=$((waited + 1))
    sleep 0.1
  done
  rm -f "$tree/clavigerd.pid"
}

# The token's state as the protocol names it; nothing while the daemon does not answer.
token_state() {
  "$tree/claviger" token status --json 2>/dev/null | tr -d '\n' | sed -n 's/.*"state": *"\([a-z_]*\)".*/\1/p' || true
}

# False while the daemon does not answer, or has not looked at its token yet.
token_is_settled() { case $(token_state) in '' | starting) return 1 ;; esac; }

await_token() {
  local waited=0
  until [ "$(token_state)" = ready ]; do
    [ "$waited" -lt 300 ] || die "the token is $(token_state); see $tree/clavigerd.log"
    waited=$((waited + 1))
    sleep 0.1
  done
}

# Removes the tree and what lies outside of it.
remove_tree() {
  local folder
  folder=$(short_folder)
  if [ -n "$folder" ] && [ -O "$folder" ] && [ "$(readlink "$folder/tree")" = "$tree" ]; then rm -rf "$folder"; fi
  rm -rf "$tree"
}
