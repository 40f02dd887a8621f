# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What suites about the governor share, on top of ksft.sh. Sourced.
#
#   use DEVICE [GOVERNOR]     choose the device under test, keep it powered
#   governor NAME             switch it; false when devfreq refuses
#   attr PATH                 read a file below accelgov/
#   put PATH VALUE            write one; false when it is refused
#   refused PATH VALUE ERRNO  true when writing fails with just this error
#   token                     its push_token
#   signals KIND              signals of a typical window, for push
#   collector, now KIND, collector_stop
#                             a stand-in for the real collector
#   state_is STATE            for wait_until
#   freq_khz                  the clock that was set last
#   debug_kernel              is it the one whose checks take most of its time?
#   no_complaints             the kernel said nothing bad since the suite began

use() {
	df=$DEVFREQ/$1
	ag=$df/accelgov
	echo on >"$df/device/power/control"
	[[ -z ${2:-} ]] || governor "$2" || bail "no governor $2 on $1"
}

debug_kernel() {
	[[ $(uname -r) == *-accelgov-debug ]]
}

governor() {
	echo "$1" 2>/dev/null >"$df/governor"
}

# Without a program where there is something to read: that is most of what the suites
# of an emulated CPU do.
attr() {
	local text=''

	{ IFS= read -rd '' text <"$ag/$1"; } 2>/dev/null
	if [[ -n $text ]]; then
		printf '%s' "$text"
	else
		cat "$ag/$1" 2>/dev/null
	fi
}

put() {
	echo "$2" 2>/dev/null >"$ag/$1"
}

# Bash names the error in its message, as strerror() words it.
refused() {
	local message

	message=$({ echo "$2" >"$ag/$1"; } 2>&1) && return 1
	case $3 in
	EINVAL) [[ $message == *"Invalid argument"* ]] ;;
	ERANGE) [[ $message == *"Numerical result out of range"* ]] ;;
	*) return 1 ;;
	esac
}

token() {
	attr push_token
}

signals() {
	case $1 in
	compute) echo busy=1000 compute=900 memory=100 link=0 host=0 queue=2000 contexts=1000 power=350000 ;;
	# What it draws is not known.
	compute-untold) echo busy=1000 compute=900 memory=100 link=0 host=0 queue=2000 contexts=1000 ;;
	memory) echo busy=1000 compute=100 memory=900 link=0 host=0 queue=2000 contexts=1000 power=250000 ;;
	link) echo busy=1000 compute=20 memory=50 link=950 host=0 queue=2000 contexts=1000 power=120000 ;;
	loaded-idle) echo busy=0 compute=0 memory=0 link=0 host=0 queue=0 contexts=1000 power=80000 ;;
	idle) echo busy=0 compute=0 memory=0 link=0 host=0 queue=0 contexts=0 power=50000 ;;
	*) echo ;;
	esac
}

# collector: start pushing to the device under test, nothing until the first "now";
# with the options of push that are in push_options.
push_options=()
collector() {
	local line=''

	coproc { exec push "${push_options[@]}" --stdin "$(token)"; }
	collector_pid=$COPROC_PID
	collector_in=${COPROC[1]}
	read -r -t 20 line <&"${COPROC[0]}"
	[[ $line == ready ]] || bail "the test collector did not start"
}

# now [KIND]: what the collector pushes from now on; nothing without KIND.
now() {
	signals "${1:-}" >&"$collector_in"
}

collector_stop() {
	exec {collector_in}>&-
	wait "$collector_pid"
}

state_is() {
	[[ $(attr state) == "$1" ]]
}

phase_is() {
	[[ $(attr phase) == "$1" ]]
}

# Memory-bound, whatever kind of job the governor takes it for.
moves_memory() {
	[[ $(attr phase) =~ ^(memory|[a-z]+-(decode|memory))$ ]]
}

freq_khz() {
	local hz

	read -r hz <"$df/target_freq"
	echo "$((hz / 1000))"
}

no_complaints() {
	! kernel_lines | grep -E 'WARNING|BUG|Oops|Call Trace|accelgov.*did not set'
}

clock_is() {
	[[ $(freq_khz) == "$1" ]]
}

clock_above() {
	(($(freq_khz) > $1))
}
