#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: what is promised is a time, whatever the host does
# vm-cost: 21
#
# The daemon's limits last no longer than its lease: it is killed, it is stopped,
# its disk is full. The clock is that of the kernel's trace events.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

lease_ms=1000
# The grain of the clock in here, and two ticks of the kernel.
slack_ms=50
tracing=/sys/kernel/tracing

# A small disk for everything that the daemon writes, its log elsewhere.
mount -t tmpfs -o size=64k tmpfs "$run" || bail "no small disk"
defer umount "$run"
log=/tmp/lease.log

fill() {
	dd if=/dev/zero of="$run/fill" bs=4k 2>/dev/null
	! echo more >"$run/more"
} 2>/dev/null

start_trace() {
	echo >"$tracing/trace"
	start=$(now_ms)
}

traced() {
	grep -q "policy: dev=accelsim.0 action=$1 key=lease_ms" "$tracing/trace"
}

# When an event came, in milliseconds since the trace began.
traced_ms() {
	awk -v "what=action=$1" -v "start=$start" '$0 ~ what && /key=lease_ms/ {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^[0-9]+\.[0-9]+:$/) {
				printf "%d", $i * 1000 - start
				exit
			}
	}' "$tracing/trace"
}

is_set() {
	[[ $(attr power_cap_uw) == "$1" && $(attr slowdown_budget_permille) == "$2" ]]
}

# gone_within NAME EVENT MS: limits are withdrawn, an event says so, in time.
gone_within() {
	check "$1: its limits are withdrawn" wait_until 20 is_set 0 30
	check "$1: a trace event says so" wait_until 5 traced "$2"
	within "$1: in time" "$(traced_ms "$2")" 0 "$3"
	diag "$1: $2 after $(traced_ms "$2") ms, lease $lease_ms ms"
}

load_modules devices=1 profile=a100-sxm
use accelsim.0
config '[Daemon]' "Lease=${lease_ms}ms" '[Device accelsim.*]' 'Governor=accelgov' \
	'SlowdownBudget=7%' 'PowerCap=300W'
echo mono >"$tracing/trace_clock" || bail "no clock to compare with"
echo 1 >"$tracing/events/accelgov/policy/enable"
defer eval "echo 0 >$tracing/events/accelgov/policy/enable; echo local >$tracing/trace_clock"

start_daemon
check "it governs" wait_until 20 is_set 300000000 70
wait_until 20 state_is active
start_trace
stop_daemon KILL
check "killed: right after that its values count" is_set 300000000 70
gone_within "killed" lease-expired $((lease_ms + slack_ms))
check "killed: the device runs in fallback" wait_until 5 state_is fallback
is "killed: the governor stays until somebody restores it" "$(<"$df/governor")" accelgov

start_daemon
check "the next one sets them again" wait_until 20 is_set 300000000 70
start_trace
kill -STOP "$daemon_pid"
gone_within "stopped" lease-expired $((lease_ms + slack_ms))
check "stopped: its collector runs on" wait_until 5 state_is active
start_trace
kill -CONT "$daemon_pid"
check "continued: it takes over again" wait_until 20 is_set 300000000 70
check "continued: with a new lease" traced lease-start
diag "continued: lease-start after $(traced_ms lease-start) ms"

start_trace
check "the disk is full" fill
gone_within "full disk" lease-end "$lease_ms"
check "full disk: the log says so" log_has 'state.json can.t be written: No space left'
matches "full disk: so does status" "$(ask_daemon status)" '"record_problem":"[^"]*No space left'
check "full disk: signals go on" collecting accelsim.0
kill -HUP "$daemon_pid"
sleep 1.5
check "full disk: a reload changes nothing" is_set 0 30
rm "$run/fill"
check "room again: limits are set again" wait_until 20 is_set 300000000 70

fill
stop_daemon KILL
check "killed on a full disk: its limits are withdrawn" wait_until 20 is_set 0 30
check "killed on a full disk: the old record is whole" accelgov restore --state "$run/state.json"
is "killed on a full disk: the governor is restored" "$(<"$df/governor")" simple_ondemand

# The record is gone, and its room with it.
fill
start_daemon
is "it starts on a full disk" "$?" 0
sleep 0.5
is "but changes nothing" "$(<"$df/governor")" simple_ondemand
matches "and says why" "$(ask_daemon devices)" '"policy_problem":"[^"]*not set: '
rm "$run/fill"
check "with room it governs" wait_until 20 is_set 300000000 70
stop_daemon TERM
is "and restores" "$(<"$df/governor")" simple_ondemand
check "the kernel has nothing to complain about" no_complaints
finish
