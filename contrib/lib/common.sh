# shellcheck shell=bash
# For the scripts in contrib: messages, packages, builds. Sourced, with $checkout set to the project's folder.

# One line of the report: a step and what came of it.
say() { printf '%-20s %s\n' "$1" "$2"; }

# Ends the script: what went wrong, then what to do.
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

# The packages of the given purposes, from contrib/lib/packages.
packages_for() {
  local purpose
  for purpose in "$@"; do
    sed -n "s/^$purpose  *//p" "$checkout/contrib/lib/packages"
  done
}

# Those of the given packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# install_packages LOG PURPOSE...: installs what is missing; without root says what is missing and ends the script.
install_packages() {
  local log=$1 wanted missing
  shift
  command -v dpkg-query >/dev/null || die 'this is not a Debian system; install by hand what contrib/lib/packages names'
  mapfile -t wanted < <(packages_for "$@")
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if [ "${#missing[@]}" -eq 0 ]; then
    say Install "nothing to do: all ${#wanted[@]} packages are there"
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    printf 'These packages are missing:\n' >&2
    printf '  %s\n' "${missing[@]}" >&2
    die "run as root, then try again: apt-get install ${missing[*]}"
  fi
  logged "$log" apt-get update || die "apt-get update failed; see $log"
  DEBIAN_FRONTEND=noninteractive logged "$log" apt-get install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get install failed; see $log"
  say Install "${#missing[@]} of ${#wanted[@]} packages installed"
}

# logged LOG COMMAND...: runs the command with its output appended to LOG. On a terminal the latest line is shown
# meanwhile. The status is the command's.
logged() {
  local log=$1 pid line width
  shift
  if [ ! -t 1 ]; then
    "$@" >>"$log" 2>&1 </dev/null
    return
  fi
  "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  width=$(tput cols 2>/dev/null || echo 80)
  while kill -0 "$pid" 2>/dev/null; do
    line=$(tail -n 1 "$log" 2>/dev/null | tr -cd '[:print:]')
    printf '\r\033[K%s' "${line:0:$((width - 1))}"
    sleep 0.5
  done
  printf '\r\033[K'
  wait "$pid"
}

# configure PRESET LOG OPTION...: configures build/PRESET, with ccache where there is one.
configure() {
  local preset=$1 log=$2
  shift 2
  if command -v ccache >/dev/null; then
    # Another clone of the same sources finds what this one has compiled.
    export CCACHE_BASEDIR=$checkout CCACHE_NOHASHDIR=1
    set -- "$@" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache
  fi
  (cd "$checkout" && logged "$log" cmake --preset "$preset" "$@")
}
