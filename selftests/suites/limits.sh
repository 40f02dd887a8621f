#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-timeout: 600
# vm-cost: 30
#
# Limits hold at every decision, whoever decides, while they change all the time:
# judged event by event from the trace (see limits.c). A simulated device, which
# keeps its own record of what it was told, and one that userspace actuates.
# 2 seconds for each of a few policies; 20 for each of more with ACCELGOV_FULL=1.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

seconds=2 good=(race_to_idle) bad=(2 4)
[[ -z ${ACCELGOV_FULL:-} ]] || seconds=20 good=(race_to_idle edp) bad=(1 2 4 5)
trace=/sys/kernel/tracing
scratch=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$scratch"

load_modules devices=1 profile=a100-sxm
mkfifo "$scratch/in"
proxy --cap --idle limited <"$scratch/in" >"$scratch/proxy" &
defer kill "$!"
exec {to_proxy}>"$scratch/in"
check "userspace actuates a device" wait_until 20 grep -q ready "$scratch/proxy"
use limited accelgov
echo 100000 >"$ag/sample_period_us"
use accelsim.0 accelgov

echo mono >"$trace/trace_clock"
echo 16384 >"$trace/buffer_size_kb"
for event in accelgov/decision accelgov/proxy accelsim/told devfreq/devfreq_frequency; do
	echo 1 >"$trace/events/$event/enable" || bail "no trace event $event"
done
restore_trace() {
	echo 0 >"$trace/events/enable"
	echo >"$trace/trace"
	echo local >"$trace/trace_clock"
}
defer restore_trace

simload /dev/accelsim0 ops=3000000000000 bytes=10000000000 count=1000000 quiet=1 &
load=$!
defer kill "$load"
collector
# A coprocess's own descriptor is closed in subshells.
exec {kept}>&"$collector_in" {collector_in}>&-
collector_in=$kept

# Every phase in turn, and silence that ends in fallback.
play() {
	local kind

	while :; do
		for kind in compute memory loaded-idle link '' memory compute idle; do
			now "$kind"
			sleep 0.15
		done
	done
}
play &
player=$!
defer kill "$player"

# under NAME: what is decided now holds to the limits.
under() {
	local out rc=0 judged

	echo >"$trace/trace"
	out=$(limits change --seconds "$seconds" --seed "$RANDOM" accelsim.0 limited 2>&1) || rc=$?
	cat "$trace/trace" >"$scratch/trace"
	is "$1: limits can be changed" "$rc" 0
	((rc == 0)) || diag "$out"
	rc=0
	judged=$(limits check "$scratch/trace") || rc=$?
	diag "$1: $judged"
	is "$1: limits hold at every decision" "$rc" 0
	((rc == 0)) || cp "$scratch/trace" "$ACCELGOV_OUT/limits.$1.trace"
	[[ $judged =~ decisions=([0-9]+)\ told=([0-9]+)\ changes=([0-9]+) ]]
	check "$1: there were some of each" test \
		"$((BASH_REMATCH[1] > 0 && BASH_REMATCH[2] > 0 && BASH_REMATCH[3] > 2))" = 1
	diag "$out"
}

under builtin
# The judge is no rubber stamp: the same trace with one event more.
low=$(tr ' ' '\n' <"$df/available_frequencies" | sort -n | sed -n 1p)
{
	cat "$scratch/trace"
	echo " x-1 [000] ..... 1.0: told: dev=accelsim.0 khz=$((low / 1000 - 1)) cap_mw=0"
} >"$scratch/forged"
refuse "a violation in the trace is found" limits check "$scratch/forged"

for policy in "${good[@]}"; do
	accelgov policy load "$(example "$policy")" >/dev/null || bail "no policy $policy"
	under "$policy"
	accelgov policy unload
done
# What they are up to, until they are ejected, and again.
for kind in "${bad[@]}"; do
	accelgov policy load "$(test_policy garbage)" >/dev/null
	knob kind "$kind"
	under "garbage-$kind"
	matches "garbage-$kind: it was asked" "$(cat "$ag"/policy_stats/calls 2>/dev/null || attr policy_exit/code)" '[1-9]|ejected'
	accelgov policy unload
done
kill "$player"
wait "$player" 2>/dev/null
there=$(limits change --seconds 0 accelsim.0 limited)
is "both have a power limit" "$(grep -c ' a power limit' <<<"$there")" 2
if dmesg | grep -q 'accelsim.*Failed to register devfreq cooling device (-19)'; then
	skip "both have a cooling device" "kernels from 7.3 on make none for devfreq without CONFIG_THERMAL_OF, as on x86"
else
	is "both have a cooling device" "$(grep -c ' a cooling device' <<<"$there")" 2
fi

now
collector_stop

# The governor's own cap, with the real collector: mean power of the board, from
# its energy counter.
hwmon=$(echo "$df"/device/hwmon/hwmon*)
energy=$hwmon/energy1_input
# Wherever the limits stood when they were left alone: the board's is the highest.
cat "$hwmon/power1_cap_max" >"$hwmon/power1_cap"
drawn_mw() {
	local before after start

	read -r before <"$energy"
	start=$(now_ms)
	sleep 2
	read -r after <"$energy"
	echo $(((after - before) / ($(now_ms) - start)))
}
config '[Device accelsim.*]' 'SlowdownBudget=3%'
start_daemon || bail "no daemon: $(tail -n 3 "$log")"
accelgov policy load "$(example race_to_idle)" >/dev/null
wait_until 20 policy_is race_to_idle
sleep 2
within "without a cap the board draws more" "$(drawn_mw)" 300000 500000
put power_cap_uw 250000000
sleep 2
within "a cap holds against a policy that wants the top clock" "$(drawn_mw)" 100000 255000
accelgov policy unload
sleep 1
within "and with the built-in one" "$(drawn_mw)" 100000 255000
put power_cap_uw 0
stop_daemon
governor simple_ondemand
kill "$load"
check "the driver unloads" wait_until 20 unload_one accelsim
exec {to_proxy}>&-
check "the module goes" wait_until 20 unload_modules
check "the kernel has nothing to complain about" no_complaints
finish
