#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runtime power management of simulated accelerators: what puts them to sleep,
# what wakes them and what must not. System sleep: selftests/vm/test_sleep.sh.
#
# vm-group: main
# vm-realtime: rates and latencies of the clock on the wall
# vm-first: lifetimes
# vm-cost: 15
. "${0%/*}/../lib/ksft.sh"

load_sim devices=2 profile=h100-sxm,npu-edge
wait_until 20 test -c /dev/accelsim1 || bail "no devices"
dev=/sys/devices/platform/accelsim.0
hwmon=$(echo $dev/hwmon/hwmon*)
driver=/sys/bus/platform/drivers/accelsim

status_is() {
	[[ $(<"$dev/power/runtime_status") == "$1" ]]
}

column() {
	awk -v "n=$1" 'END { print $n }'
}

is "the delay starts at two seconds" "$(<$dev/power/autosuspend_delay_ms)" 2000
check "an idle device suspends by itself" wait_until 20 status_is suspended
is "which is its deepest level" "$(<$dev/idle_level)" suspended
is "with no clock" "$(<$dev/effective_freq_hz)" 0

### looking does not wake
sleep 0.3
is "it draws 28 W" "$(<"$hwmon/power1_input")" 28000000
cat "$hwmon/power1_average" "$hwmon/energy1_input" $dev/idle_level \
	"$DEVFREQ/accelsim.0/cur_freq" >/dev/null
perf stat -x, -a -e accelsim_0/energy/ sleep 0.2 2>"$ACCELGOV_OUT/simpm.stat"
echo 990000000 >"$DEVFREQ/accelsim.0/max_freq"
is "reading and limiting do not wake it" "$(<$dev/power/runtime_status)" suspended
echo 1980000000 >"$DEVFREQ/accelsim.0/max_freq"
within "perf sees its power" "$(awk -F, '{ print int($1 * 1000) }' \
	"$ACCELGOV_OUT/simpm.stat")" 5600 12000

### work does
line=$(simload /dev/accelsim0 link_ns=1000000)
check "work does" status_is active
within "and waits for the wake-up" "$(column 3 <<<"$line")" 30000 45000

### a context may stay
echo 100 >$dev/power/autosuspend_delay_ms
simload /dev/accelsim0 count=1 link_ns=1000000 linger_ms=1500 >/dev/null &
sleep 0.3
check "a resident context does not keep it awake" wait_until 20 status_is suspended
sleep 0.3
is "but costs 12 W more" "$(<"$hwmon/power1_input")" 40000000
wait

simload /dev/accelsim0 link_ns=800000000 >/dev/null &
sleep 0.5
check "work keeps it awake" status_is active
wait
check "for no longer than it runs" wait_until 20 status_is suspended

echo on >$dev/power/control
sleep 0.4
check "control=on keeps it awake" status_is active
echo auto >$dev/power/control
check "control=auto lets it go" wait_until 20 status_is suspended
echo accelsim.0 >$driver/unbind
echo accelsim.0 >$driver/bind
check "it suspends after unbinding asleep and binding" \
	wait_until 20 status_is suspended

check "the module goes" unload_modules
finish
