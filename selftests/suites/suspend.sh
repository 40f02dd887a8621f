#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: lifetimes
# vm-cost: 8
#
# Sleep of one device, by runtime PM, and the delay that leads there. For sleep of
# the system see selftests/vm/test_sleep.sh: this VM would lose its disk.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=1 profile=a100-sxm
use accelsim.0
delay=$df/device/power/autosuspend_delay_ms
echo 4000 >"$delay"
governor accelgov
status() { [[ $(<"$df/device/power/runtime_status") == "$1" ]]; }
before=$(<"$delay")

collector
now loaded-idle
check "signals make it active" wait_until 20 state_is active
set_by_us() { [[ $(attr idle/autosuspend_ms) == "$(<"$delay")" ]]; }
unchanged() { [[ $(<"$delay") == "$before" ]]; }
check "the idle policy sets the autosuspend delay" wait_until 20 set_by_us
check "to something of its own" test "$(<"$delay")" != "$before"
now
check "without signals the driver's delay is back" wait_until 20 unchanged
now loaded-idle
check "with them it is the policy's" wait_until 20 set_by_us
put idle/enable 0
check "the driver's when the policy is switched off" wait_until 20 unchanged
put idle/enable 1
check "the policy's when it is on again" wait_until 20 set_by_us
echo 777 >"$delay"
put idle/break_even_us 3000000
sleep 0.3
is "an administrator's delay stays" "$(<"$delay")" 777
put idle/enable 1
check "until the policy is told to take over" wait_until 20 set_by_us
now
wait_until 20 state_is fallback
echo 100 >"$delay"
echo auto >"$df/device/power/control"
check "an idle device suspends" wait_until 20 status suspended
check "and the state says so" wait_until 1 state_is suspended
fallbacks=$(attr stats/fallbacks)
transitions=$(attr stats/transitions)
sleep 0.5
is "nothing is watched meanwhile" "$(attr stats/fallbacks)" "$fallbacks"
now compute
sleep 0.3
is "signals for a sleeping device don't touch its clock" "$(attr stats/transitions)" "$transitions"
is "nor wake it" "$(<"$df/device/power/runtime_status")" suspended
governor simple_ondemand
governor accelgov
is "a governor that comes meanwhile sees that it sleeps" "$(attr state)" suspended
collector_stop
collector
now compute
sleep 0.3
is "and lets it sleep" "$(attr state)" suspended
echo on >"$df/device/power/control"
check "it wakes up" wait_until 20 status active
check "and is governed again" wait_until 20 state_is active
echo "$before" >"$delay"

collector_stop
is "the clock is known" "$(($(freq_khz) > 0))" 1
check "the kernel has nothing to complain about" no_complaints
finish
