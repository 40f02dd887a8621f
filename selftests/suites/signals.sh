#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: rates and latencies of the guest, whatever the host does
# vm-again: a host that stops for a moment makes a target late
# vm-cost: 35
#
# Samples: what accelgov_push() takes, what it refuses, and what becomes of them.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=2 profile=a100-sxm
is "the module offers the kfunc" "$(</sys/module/accelgov/parameters/bpf)" Y
use accelsim.0 accelgov
t=$(token)
check "the token is not zero" test "$t" -gt 0

# what came last: result and errno of one push.
answer() {
	push "$@" | sed 's/.*errno=//'
}
# took OUTPUT: for how long samples could come, in us, which is longer than was asked for
# where the kernel is slow.
took() {
	[[ $1 =~ took_us=([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
is "a good sample is taken" "$(answer "$t" busy=1000)" 0
is "and counted" "$(attr stats/samples)" 1
for bad in size window valid amount pad empty; do
	is "a sample with a bad $bad is refused" "$(answer --bad $bad "$t" busy=1)" 22
done
is "so is one from the far future" "$(answer --time 9000000000000000000 "$t" busy=1)" 22
# Ten seconds are too long ago; the machine has to be older than that.
is_older() {
	local up

	read -r up _ </proc/uptime
	((${up%.*} > $1))
}
wait_until 30 is_older 11
is "and one from long ago" "$(answer --time 1 "$t" busy=1)" 22
is "a token of nobody is told so" "$(answer 5 busy=1)" 19
is "and token zero" "$(answer 0 busy=1)" 19
is "none of them was counted" "$(attr stats/samples)" 1

values=$(attr energy_uj) || values=unknown
is "energy is unknown without a power signal" "$values" unknown
sleep 0.05
pushed=$(push --for 200 "$t" busy=1000 power=100000 cost=4321)
# 20 windows of 10 ms at 100 W, that is 100 uJ per us.
within "then it is counted" "$(attr energy_uj)" 15000000 $(($(took "$pushed") * 125))
is "the collector's cost is shown" "$(attr stats/collector_ns_per_sample)" 4321

collector
now compute
check "compute is recognised" wait_until 20 phase_is compute
within "with confidence" "$(attr confidence_permille)" 500 1000
now memory
check "so is memory" wait_until 20 phase_is memory
now link
check "and a collective" wait_until 20 phase_is link-wait
now loaded-idle
check "and loaded idle" wait_until 20 phase_is loaded-idle
now idle
check "and idle" wait_until 20 phase_is idle
collector_stop

taken=$(attr stats/samples)
dropped=$(attr stats/dropped)
flood=$(push --event 20000 --for 1000 --window 10000 "$t" busy=500 compute=200)
diag "flood: $flood"
# The gate lets one in per eighth of the period, 1.25 ms.
within "a flood is let in at the gate's rate" $(($(attr stats/samples) - taken)) \
	50 $(($(took "$flood") / 1250 + 1))
check "the rest is dropped and counted" test "$(attr stats/dropped)" -gt "$dropped"
sleep 0.1
before=$(attr stats/samples)
pushed=$(push --event 100 --for 500 --window 10000 "$t" busy=500 compute=200)
# One per 10 ms and CPU, of which there may be two.
within "interrupt context works at the normal rate" $(($(attr stats/samples) - before)) \
	40 $(($(took "$pushed") / 4200))

# A window as long as ten periods must not be booked ten times.
push --for 50 "$t" busy=1000 power=100000 >/dev/null
e0=$(attr energy_uj)
pushed=$(push --for 500 --window 100000 "$t" busy=1000 power=100000)
within "overlapping windows are not booked twice" $(($(attr energy_uj) - e0)) \
	40000000 $(($(took "$pushed") * 140))

use accelsim.1 accelgov
t1=$(token)
check "two devices have two tokens" test "$t" != "$t1"
governor simple_ondemand
is "a device that left is told so" "$(answer "$t1" busy=1)" 19
governor accelgov
check "and gets another token when it returns" test "$(token)" != "$t1"
is "the old one stays dead" "$(answer "$t1" busy=1)" 19

use accelsim.0 simple_ondemand
use accelsim.0 accelgov
collector
for _ in {1..50}; do
	now compute
	sleep 0.06
	now loaded-idle
	sleep 0.06
done
p50=$(attr stats/decision_latency_p50_us)
p99=$(attr stats/decision_latency_p99_us)
diag "decision latency: p50 $p50 us, p99 $p99 us, $(attr stats/decisions) decisions"
within "half of all targets come within 2 ms of the signal" "$p50" 1 2000
if debug_kernel; then
	skip "a new target comes within 10 ms of the signal" "the tail of a kernel that checks each access"
else
	within "a new target comes within 10 ms of the signal" "$p99" 1 10000
fi
now
governor simple_ondemand
use accelsim.1 simple_ondemand
refuse "a loaded program keeps the module" rmmod accelgov
collector_stop
check "and nothing else does" wait_until 20 rmmod accelgov

load_gov bpf=0
is "without BPF the module says so" "$(</sys/module/accelgov/parameters/bpf)" N
use accelsim.0 accelgov
refuse "no program gets the kfunc" push "$(token)" busy=1
check "and the device is in fallback" wait_until 20 state_is fallback

check "the kernel has nothing to complain about" no_complaints
finish
