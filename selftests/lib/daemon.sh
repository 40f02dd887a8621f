# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# accelgovd on the live system, for suites in the VM. Sourced after ksft.sh.
#
#   config TEXT...            lines of its configuration
#   start_daemon [OPTION...]  its log is $log; not for check, which runs things in
#                             a subshell. DAEMON_WRAP is put before the command
#   stop_daemon [SIGNAL]      end it and wait; the exit code lands in $daemon_rc
#   ask_daemon METHOD         its answer
#   log_has REGEX             for wait_until
#   file_is FILE TEXT         for wait_until
#   collecting DEVICE         the daemon's collector pushes samples for it
#   count DEVICE FIELD        a number of its collector, such as pushed
#   hide DEVICE EVENT...      of its PMU, as on a board that does not count these

run=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$run"
log=$run/log
daemon_pid=''
DAEMON_WRAP=()

config() {
	mkdir -p "$run/etc/conf.d"
	printf '%s\n' "$@" >"$run/etc/accelgov.conf"
}

ask_daemon() {
	ask "$run/sock" "{\"method\":\"$1\"}"
}

daemon_ready() {
	[[ -S $run/sock ]] && ask_daemon status | grep -q '"schema"'
}

# shellcheck disable=SC2120
start_daemon() {
	: >"$log"
	"${DAEMON_WRAP[@]}" accelgovd --config-dir "$run/etc" --socket "$run/sock" \
		--state "$run/state.json" "$@" >/dev/null 2>>"$log" &
	daemon_pid=$!
	defer kill -9 "$daemon_pid"
	wait_until 20 daemon_ready
}

# shellcheck disable=SC2034,SC2120
stop_daemon() {
	daemon_rc=0
	kill -s "${1:-TERM}" "$daemon_pid" 2>/dev/null
	wait "$daemon_pid" 2>/dev/null || daemon_rc=$?
	return 0
}

log_has() {
	grep -qE -- "$1" "$log"
}

file_is() {
	[[ $(cat "$1" 2>/dev/null) == "$2" ]]
}

count() {
	local device

	# One line per device and no nested list before the numbers.
	device=$(ask_daemon devices | sed 's/{"name":/\n&/g' | grep "^{\"name\":\"$1\"")
	[[ $device =~ \"$2\":(-?[0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

collecting() {
	local before after

	before=$(count "$1" pushed) && sleep 0.1 && after=$(count "$1" pushed) &&
		((after > before))
}

hide() {
	local events=/sys/bus/event_source/devices/${1/./_}/events copy=$run/events.$1 event

	cp -r "$events" "$copy" || bail "no $events"
	for event in "${@:2}"; do
		rm "$copy/$event" "$copy/$event".* || bail "no $events/$event"
	done
	mount --bind "$copy" "$events" || bail "$events can't be hidden"
}
