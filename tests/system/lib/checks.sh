# shellcheck shell=bash
# For the scripts that run in a guest. Every check is a sentence; "ok" or "FAILED" before it is what the host counts.
set -uo pipefail

ok() { printf 'ok %s\n' "$1"; }
broken() {
  printf 'FAILED %s\n' "$1"
  if [ -n "${2-}" ]; then printf '%s\n' "$2" | sed 's/^/    /'; fi
}

# check SENTENCE COMMAND...: the command succeeds.
check() {
  local sentence=$1 said
  shift
  if said=$("$@" 2>&1); then ok "$sentence"; else broken "$sentence" "status $?: $said"; fi
}

# refused SENTENCE COMMAND...: the command fails, and not because it does not exist.
refused() {
  local sentence=$1 said status=0
  shift
  said=$("$@" 2>&1) || status=$?
  case $status in
    0) broken "$sentence" "it was let through: $said" ;;
    126 | 127) broken "$sentence" "it could not even be tried: $said" ;;
    *) ok "$sentence" ;;
  esac
}

# equal SENTENCE WANTED GOT
equal() { if [ "$2" = "$3" ]; then ok "$1"; else broken "$1" "wanted: $2"$'\n'"got: $3"; fi; }

# says SENTENCE PATTERN COMMAND...: what the command says, whatever its status, has a match of the extended expression.
says() {
  local sentence=$1 pattern=$2 said
  shift 2
  said=$("$@" 2>&1)
  if grep -Eq -- "$pattern" <<<"$said"; then ok "$sentence"; else broken "$sentence" "no \"$pattern\" in: $said"; fi
}

# within SENTENCE SECONDS COMMAND...: the command succeeds before so many seconds have passed.
within() {
  local sentence=$1 limit=$2 begin=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $((SECONDS - begin)) -ge "$limit" ]; then
      broken "$sentence" "not after $limit s: $("$@" 2>&1)"
      return
    fi
    sleep 0.1
  done
  ok "$sentence"
}

# The guest is booted again, and the script started again with the next number in $boot.
reboot_guest() { exit 77; }

# as USER COMMAND...: as that user, with the groups that it has now.
as() { local user=$1; shift; runuser -u "$user" -- "$@"; }

json() { python3 -c 'import json,sys; value=json.load(sys.stdin)
for word in sys.argv[1].split("."): value=value[int(word)] if word.isdigit() else value[word]
print(value)' "$1"; }
token_state() { claviger token status --json | json state; }
token_is() { [ "$(token_state)" = "$1" ]; }
state_of() { systemctl show --property="$2" --value "$1"; }

# confined PID: the process has what the unit leaves it.
confined() {
  local name
  name=$(cat "/proc/$1/comm")
  field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
  equal "$name runs as claviger" claviger "$(ps -o user= -p "$1")"
  equal "$name has no capability" 0000000000000000 "$(field "$1" CapEff)"
  equal "$name can get no capability" 0000000000000000 "$(field "$1" CapBnd)"
  equal "$name cannot gain privileges" 1 "$(field "$1" NoNewPrivs)"
  equal "$name has its calls filtered" 2 "$(field "$1" Seccomp)"
  equal "$name leaves no core" 0 "$(awk '/^Max core file size/ {print $5}' "/proc/$1/limits")"
}

# new_key NAME [OPTION...]: issues a key and prints its string.
new_key() { local name=$1; shift; claviger key create --name "$name" --json "$@" | json key; }
is_valid() { claviger key verify <<<"$1"; }

# Makes the token and binds the installation to it. The PIN is kept in /root/pin for tests, and as the credential.
set_up() {
  (umask 077 && printf 2847193655 >/root/pin && printf 9182736450 >/root/so-pin)
  install -d -m 700 /etc/credstore.encrypted
  systemd-creds encrypt --name=hsm-pin /root/pin /etc/credstore.encrypted/hsm-pin
  systemctl restart claviger.service
  claviger token init --label claviger --pin-file /root/pin --so-pin-file /root/so-pin
}

# drop_in UNIT NAME: standard input becomes a drop-in of the unit.
drop_in() {
  mkdir -p "/etc/systemd/system/$1.d"
  cat >"/etc/systemd/system/$1.d/$2.conf"
  systemctl daemon-reload
}
