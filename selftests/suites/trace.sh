#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: every event
# vm-cost: 15
#
# Trace events, recorded and printed by the real perf.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

command -v perf >/dev/null || skip_all "no perf (linux-perf)"
load_modules devices=1 profile=a100-sxm
use accelsim.0
# Another delay than the idle policy begins with.
echo 4000 >"$df/device/power/autosuspend_delay_ms"

events=$(cd /sys/kernel/tracing/events/accelgov && printf '%s\n' */ | tr -d /)
is "nine kinds of events" "$(tr '\n' ' ' <<<"$events")" \
	"decision fallback govern guard idle phase policy proxy signal "

data=/tmp/trace.data
cat >/tmp/story.sh <<-END
	. ${0%/*}/../lib/tap.sh
	. ${0%/*}/../lib/gov.sh
	df=$df ag=$ag
	governor accelgov
	wait_until 20 state_is fallback
	collector
	now compute
	wait_until 20 phase_is compute
	now memory
	wait_until 20 phase_is memory
	put lease_ms 100
	put slowdown_budget_permille 0
	sleep 0.5
	now
	wait_until 20 state_is fallback
	collector_stop
	governor simple_ondemand
END
check "perf records them all" perf record -q -a -e 'accelgov:*' -o "$data" -- bash /tmp/story.sh
perf script -i "$data" -F trace:event,trace >/tmp/trace.txt 2>/dev/null ||
	perf script -i "$data" >/tmp/trace.txt 2>/dev/null
sed -E 's/.*(accelgov:[a-z]+:) */\1 /' -i /tmp/trace.txt
diag "$(grep -c . /tmp/trace.txt) events, the first: $(head -n 2 /tmp/trace.txt)"

# one NAME REGEX: an event of this name looks like this.
one() {
	local line

	line=$(grep -E "^accelgov:$1: dev=accelsim\.0 $2\$" /tmp/trace.txt | head -n 1)
	if [[ -n $line ]]; then
		ok "$3"
	else
		not_ok "$3" "$(grep "^accelgov:$1:" /tmp/trace.txt | head -n 3)"
	fi
}
n='-?[0-9]+'
w='[a-z-]+'
one signal "valid=0x[0-9a-f]+ window_us=$n busy_permille=1000 compute_permille=900 memory_permille=100 link_permille=0 host_permille=0 queue_milli=2000 clock_khz=-1 power_mw=350000 contexts_milli=1000 progress_per_s=-1 time_ns=$n window_ns=$n clock_counted=0" \
	"signal has every rate, and -1 for unknown ones"
one phase "old=unknown new=compute workload=unknown confidence_permille=$n held_us=$n" \
	"phase names the old and the new one"
one decision "old_khz=$n new_khz=$n reason=phase phase=$w latency_us=$n slowdown_permille=$n energy_permille=$n trigger=signal min_khz=210000 max_khz=1410000 set_ns=$n cap_mw=0" \
	"decision tells why, how fast and what it expects"
one decision "old_khz=$n new_khz=$n reason=fallback phase=unknown latency_us=$n slowdown_permille=$n energy_permille=$n trigger=stale min_khz=210000 max_khz=1410000 set_ns=$n cap_mw=0" \
	"decision tells of a fallback"
one fallback "active=1 silent_us=$n time_ns=$n" "fallback begins"
one fallback "active=0 silent_us=$n time_ns=$n" "fallback ends"
one govern "what=point time_ns=$n khz=210000 mv=$n switch_us=0 halt_us=0" "govern tells the operating points"
one govern "what=start time_ns=[1-9][0-9]* khz=0 mv=0 switch_us=0 halt_us=0" "and the start"
one govern "what=stop time_ns=[1-9][0-9]* khz=0 mv=0 switch_us=0 halt_us=0" "and the end"
one idle "predicted_us=$n old_autosuspend_ms=$n new_autosuspend_ms=$n" \
	"idle tells the delay before and after"
one guard "engaged=1 slowdown_permille=$n budget_permille=0 lost_us=$n" \
	"guard tells what was lost"
one policy "action=set key=slowdown_budget_permille value=0" "policy tells what was set"
one policy "action=lease-start key=lease_ms value=100" "policy tells of a lease"
one policy "action=lease-expired key=lease_ms value=0" "and of its end"

check "the kernel has nothing to complain about" no_complaints
finish
