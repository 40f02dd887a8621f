#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: rates and latencies of the guest, whatever the host does
# vm-cost: 37
#
# The BPF collector: rates, what it reads, what it costs, and that neither a
# reload nor a throttled event goes unnoticed.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

df=$DEVFREQ/accelsim.0
ag=$df/accelgov

attr() {
	cat "$ag/$1"
}

# per_second FIELD: how fast a number of the collector grows, what reading it
# takes included, so never more than it really is.
per_second() {
	local before start

	start=$(now_ms)
	before=$(count accelsim.0 "$1")
	sleep 2
	echo "$((($(count accelsim.0 "$1") - before) * 1000 / ($(now_ms) - start)))"
}

hwmon_uj() {
	cat "$df"/device/hwmon/hwmon*/energy1_input
}

period_is() {
	[[ $(count accelsim.0 period_us) == "$1" ]]
}

# reaches FIELD LOW HIGH: it grows that fast per second. A VM that its host lets
# wait loses timer ticks for as long as it waits, and never gets more.
reaches() {
	local rate

	rate=$(per_second "$1")
	echo "$rate a second"
	((rate >= $2 && rate <= $3))
}

phase_is() {
	[[ $(attr phase) == *"$1" ]]
}

problem_is() {
	ask_daemon devices | grep -qE "\"collector_problem\":$1"
}

load_modules devices=1 profile=a100-sxm
echo on >"$df/device/power/control"
config '[Daemon]' 'Lease=3s' '[Device *]' 'Governor=accelgov'
start_daemon
is "the daemon starts" "$?" 0
check "samples arrive" wait_until 10 collecting accelsim.0
check "a hundred a second" wait_until 20 reaches pushed 50 105
is "every counter can be read" "$(count accelsim.0 read_errors)" 0
is "no sample is refused" "$(count accelsim.0 refused) $(count accelsim.0 stale) $(count accelsim.0 backwards)" "0 0 0"
before=$(count accelsim.0 pushed) taken=$(attr stats/samples)
within "the module takes what is pushed" "$taken" $((before - 5)) $(($(count accelsim.0 pushed) + 5))
within "its own time is known" "$(count accelsim.0 ns_per_run)" 1000 2000000
within "and told to the module" "$(attr stats/collector_ns_per_sample)" 1000 2000000

# Deltas over real windows add up to what the device itself counts.
simload /dev/accelsim0 ops=30000000000000 count=40 quiet=1 &
load=$!
wait_until 20 phase_is compute
# Both are read one after the other, so the sensor is read on either side.
early=$(hwmon_uj) uj=$(attr energy_uj) late=$(hwmon_uj)
sleep 3
low=$(hwmon_uj) uj=$(($(attr energy_uj) - uj)) high=$(hwmon_uj)
low=$((low - late)) high=$((high - early))
within "energy is the sensor's, within 2 %" "$uj" $((low - high / 50)) $((high + high / 50))
kill "$load"
wait "$load" 2>/dev/null
simload /dev/accelsim0 ops=3000000000000 bytes=1000000 count=1000 quiet=1 &
load=$!
check "arithmetic is seen as compute" wait_until 20 phase_is compute
kill "$load"
wait "$load" 2>/dev/null
simload /dev/accelsim0 ops=1000000 bytes=20000000000 count=1000 quiet=1 &
load=$!
check "memory traffic as memory" wait_until 20 phase_is memory
kill "$load"
wait "$load" 2>/dev/null
check "no context as idle" wait_until 20 phase_is idle

begun() {
	grep -c 'accelsim.0: collecting signals' "$log"
}
runs=$(count accelsim.0 runs) begun=$(begun)
check "the log tells when a collector begins" test "$begun" -ge 1
config '[Daemon]' 'Lease=3s' '[Device *]' 'Governor=accelgov' 'SamplePeriod=5ms'
kill -HUP "$daemon_pid"
check "a reload changes the rate" wait_until 20 file_is "$ag/sample_period_us" 5000
check "to two hundred a second" wait_until 20 reaches runs 101 210
echo 100000 >"$ag/sample_period_us"
check "a period written by hand is noticed at once" wait_until 1 period_is 100000
within "a period written by hand is followed" "$(per_second runs)" 5 12
check "on the same collector" test "$(count accelsim.0 runs)" -gt "$((runs + 100))"
is "that did not begin anew meanwhile" "$(begun)" "$begun"
config '[Daemon]' 'Lease=3s' '[Device *]' 'Governor=accelgov' 'SamplePeriod=1ms'
kill -HUP "$daemon_pid"
check "the shortest period is a millisecond" wait_until 20 file_is "$ag/sample_period_us" 1000
# Emulation is too slow for all of them.
check "a thousand a second" wait_until 20 reaches runs 300 1050

# The governor restarts: same device, another token.
token=$(attr push_token)
echo simple_ondemand >"$df/governor"
echo accelgov >"$df/governor"
check "another instance has another token" test "$(attr push_token)" != "$token"
check "and is served as well" wait_until 20 collecting accelsim.0
is "with its configuration" "$(attr sample_period_us)" 1000

# The kernel's own limit on samples. At a rate that any machine keeps up with there
# is no problem without it.
rate=$(sysctl -n kernel.perf_event_max_sample_rate)
echo 20000 >"$ag/sample_period_us"
check "the collector has no problem" wait_until 10 problem_is null
echo 1000 >"$ag/sample_period_us"
check "a period is short again" wait_until 20 period_is 1000
sysctl -qw kernel.perf_event_max_sample_rate=100
check "a throttled collector is noticed" wait_until 10 problem_is '"only [0-9]+ of 1000'
check "and told" log_has 'perf_event_max_sample_rate'
matches "doctor knows the cause" "$(accelgov doctor)" 'warn +perf events +limited to 100'
sysctl -qw "kernel.perf_event_max_sample_rate=$rate"
echo 50000 >"$ag/sample_period_us"
check "it recovers when the limit goes" wait_until 10 problem_is null

is "whatever came, no lease ran out" "$(grep -c 'lease ran out' "$log")" 0

stop_daemon TERM
check "modules unload" unload_modules
finish
