# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TAP for shell tests, on the host and in the VM. Sourced.
#
#   plan 3                       how many results will follow; or end with finish,
#                                which prints the count itself
#   ok NAME  not_ok NAME [WHY]  skip NAME WHY
#   check NAME COMMAND...        ok when the command succeeds
#   refuse NAME COMMAND...       ok when the command fails
#   is NAME GOT WANT             ok when both are the same text
#   within NAME GOT LOW HIGH     ok when a whole number lies in there
#   matches NAME GOT REGEX       ok when the extended expression is found
#   skip_all WHY                 the whole file does not apply here
#   bail WHY                     nothing after this makes sense
#   diag TEXT...                 a comment in the log
#   wait_until SECONDS COMMAND...  poll until it succeeds, 1 when it never does; a
#                                slow kernel has more time
#   pause SECONDS                sleep without starting a program
#   defer COMMAND...             run at exit, last one first
#   finish                       last line of every test file

tap_count=0
tap_failed=0
tap_plan=''
tap_deferred=()

diag() {
	local text="$*"

	printf '# %s\n' "${text//$'\n'/$'\n# '}"
}

plan() {
	tap_plan=$1
	printf '1..%s\n' "$1"
}

skip_all() {
	printf '1..0 # SKIP %s\n' "$*"
	tap_plan=0
	exit 0
}

ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	[[ -z ${2:-} ]] || diag "$2"
	return 0
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "${2:-}"
}

bail() {
	printf 'Bail out! %s\n' "$*"
	exit 1
}

# A command line short enough for a log.
brief() {
	local line="$*"

	printf '%s\n' "${line:0:160}"
}

check() {
	local name=$1 output rc=0

	shift
	output=$("$@" 2>&1) || rc=$?
	if ((rc == 0)); then
		ok "$name"
	else
		not_ok "$name" "exit code $rc: $(brief "$@")"
		[[ -z $output ]] || diag "$output"
	fi
}

refuse() {
	local name=$1 output

	shift
	if output=$("$@" 2>&1); then
		not_ok "$name" "should have failed: $(brief "$@")"
		[[ -z $output ]] || diag "$output"
	else
		ok "$name"
	fi
}

is() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', want '$3'"
	fi
}

within() {
	if [[ $2 =~ ^-?[0-9]+$ ]] && (($2 >= $3 && $2 <= $4)); then
		ok "$1"
	else
		not_ok "$1" "got '$2', want $3 to $4"
	fi
}

matches() {
	if [[ $2 =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', want /$3/"
	fi
}

# Milliseconds of a clock that never jumps.
now_ms() {
	local up

	read -r up _ </proc/uptime
	printf '%s\n' "$((10#${up/./} * 10))"
}

# An input in which there is never anything. Starting sleep takes an emulated CPU
# milliseconds, and polling would be mostly that.
exec {tap_never}<> <(:)

pause() {
	read -rt "$1" -u "$tap_never" _ || :
}

wait_until() {
	local up end

	read -r up _ </proc/uptime
	end=$((10#${up/./} + $1 * 100 * ${ACCELGOV_SLOWNESS:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		read -r up _ </proc/uptime
		((10#${up/./} < end)) || return 1
		pause 0.02
	done
}

defer() {
	tap_deferred+=("$(printf '%q ' "$@")")
}

tap_cleanup() {
	local i

	for ((i = ${#tap_deferred[@]} - 1; i >= 0; i--)); do
		eval "${tap_deferred[i]}" >/dev/null 2>&1
	done
	tap_deferred=()
}
trap tap_cleanup EXIT
trap 'exit 143' TERM INT HUP

finish() {
	[[ -n $tap_plan ]] || printf '1..%d\n' "$tap_count"
	if [[ -n $tap_plan ]] && ((tap_plan != tap_count)); then
		diag "planned $tap_plan results, got $tap_count"
		exit 1
	fi
	((tap_failed == 0))
	exit
}
