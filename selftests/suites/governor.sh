#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: lifetimes
# vm-cost: 11
#
# The governor as devfreq sees it: coming, going, obeying.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=2 profile=a100-sxm
use accelsim.0

matches "devfreq offers the governor" "$(<"$df/available_governors")" accelgov
check "a device takes it" governor accelgov
check "its directory appears" test -d "$ag"
check "core attributes that deadlock on 7.x are left out" \
	test ! -e "$df/timer"
is "the module is in use" "$(</sys/module/accelgov/refcnt)" 1
refuse "and can't be unloaded" rmmod accelgov
check "which did no harm" test -d "$ag"

echo accelgov >"$DEVFREQ/accelsim.1/governor"
is "every device counts" "$(</sys/module/accelgov/refcnt)" 2
echo simple_ondemand >"$DEVFREQ/accelsim.1/governor"
is "and stops counting" "$(</sys/module/accelgov/refcnt)" 1

check "switching to itself changes nothing" governor accelgov
check "another governor takes over" governor simple_ondemand
check "the directory is gone" test ! -e "$ag"
is "the module is free" "$(</sys/module/accelgov/refcnt)" 0

back_and_forth() {
	local i

	for i in {1..20}; do
		governor accelgov && governor simple_ondemand || return
	done
}
check "back and forth twenty times" back_and_forth
is "no reference is left behind" "$(</sys/module/accelgov/refcnt)" 0
refuse "an unknown governor is refused" governor no-such-governor
is "and the old one stays" "$(<"$df/governor")" simple_ondemand

governor accelgov
khz() { tr ' ' '\n' <"$df/available_frequencies" | sort -n | sed -n "$1p"; }
top=$(($(khz '$') / 1000))
low=$(($(khz 1) / 1000))
middle=1005000

collector
now compute
check "signals make it active" wait_until 20 state_is active
check "compute runs above the middle" wait_until 20 clock_above "$middle"
echo $((middle * 1000)) >"$df/max_freq"
is "max_freq holds at once" "$(freq_khz)" "$middle"
transitions=$(attr stats/transitions)
sleep 0.5
is "and for good" "$(freq_khz)" "$middle"
within "without a change in between" $(($(attr stats/transitions) - transitions)) 0 0
echo $((top * 1000)) >"$df/max_freq"
check "without it the clock returns" wait_until 20 clock_above "$middle"

# A new start: what the limit cost is in the books, and makes time dear.
now
collector_stop
governor simple_ondemand
governor accelgov
collector
now idle
check "idle drops to the lowest clock" wait_until 12 clock_is "$low"
echo $((middle * 1000)) >"$df/min_freq"
is "min_freq holds at once" "$(freq_khz)" "$middle"
sleep 0.3
is "and for good" "$(freq_khz)" "$middle"
echo $((low * 1000)) >"$df/min_freq"
check "without it the clock drops" wait_until 20 clock_is "$low"

now compute
wait_until 20 phase_is compute
put phases/compute/max_freq_hz 900000000
check "a limit of the phase holds" wait_until 20 clock_is 900000
echo $((middle * 1000)) >"$df/min_freq"
is "the device's limit beats it" "$(freq_khz)" "$middle"
echo $((low * 1000)) >"$df/min_freq"
put phases/compute/max_freq_hz 0
check "without limits the clock is the policy's again" wait_until 20 clock_above "$middle"
collector_stop

check "the kernel has nothing to complain about" no_complaints
finish
