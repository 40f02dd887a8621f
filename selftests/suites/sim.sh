#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Simulated accelerators as their users see them: work in, completions out,
# clocks, power, limits, unbinding in the middle of it.
#
# vm-group: main
# vm-realtime: rates and latencies of the clock on the wall
# vm-cost: 29
. "${0%/*}/../lib/ksft.sh"

driver=/sys/bus/platform/drivers/accelsim
dev() {
	printf '/sys/devices/platform/accelsim.%s' "$1"
}

# column N: of the last line on stdin
column() {
	awk -v "n=$1" 'END { print $n }'
}

hwmon_of() {
	local dir

	for dir in "$(dev "$1")"/hwmon/hwmon*; do
		printf '%s' "$dir"
	done
}

# pin N HZ: one clock and no other
pin() {
	echo 0 >"$DEVFREQ/accelsim.$1/min_freq"
	echo "$2" >"$DEVFREQ/accelsim.$1/max_freq"
	echo "$2" >"$DEVFREQ/accelsim.$1/min_freq"
	wait_until 20 grep -qx "$2" "$DEVFREQ/accelsim.$1/cur_freq"
}

idle_is() {
	[[ $(<"$(dev "$1")/idle_level") == "$2" ]]
}

effective_is() {
	[[ $(<"$(dev "$1")/effective_freq_hz") == "$2" ]]
}

### parameters
for bad in devices=0 devices=257 profile=b100 profile=a100-sxm,b100 \
	sensor=best sensor_gain_permille=10; do
	refuse "the module refuses $bad" \
		insmod "$ACCELGOV_BUILD/kmod/accelsim.ko" "$bad"
done

load_sim devices=3 profile=h100-sxm,a100-sxm,npu-edge
for n in 0 1 2; do
	wait_until 20 test -c "/dev/accelsim$n" || bail "no /dev/accelsim$n"
done
is "profiles follow the parameter" \
	"$(cat "$(dev 0)/profile" "$(dev 1)/profile" "$(dev 2)/profile")" \
	$'h100-sxm\na100-sxm\nnpu-edge'

### work
pin 0 1980000000
line=$(simload /dev/accelsim0 ops=20000000000000 label=7 count=3 hold_ms=200 | tail -n 1)
is "at the top clock an item takes its best time" \
	"$(column 4 <<<"$line")" "$(column 5 <<<"$line")"
is "its label comes back" "$(column 7 <<<"$line")" 7
within "and 643 W of energy" "$(column 6 <<<"$line")" \
	"$(($(column 4 <<<"$line") * 640))" "$(($(column 4 <<<"$line") * 646))"

pin 0 1200000000
line=$(simload /dev/accelsim0 ops=20000000000000 hold_ms=200)
within "arithmetic takes 1980/1200 of it at 1200 MHz" \
	"$(($(column 4 <<<"$line") * 1000 / $(column 5 <<<"$line")))" 1649 1651
line=$(simload /dev/accelsim0 bytes=36000000000 hold_ms=200)
is "memory traffic does not" "$(column 4 <<<"$line")" "$(column 5 <<<"$line")"

check "a writer that must wait gets all done" \
	simload /dev/accelsim2 ops=1000000 count=500 quiet=1
output=$(simload /dev/accelsim0 link_ns=1000000000 count=200 nonblock=1 2>&1)
is "one that will not wait is told" "$output" "write: EAGAIN"

for bad in flags=1 ops=0 ops=18446744073709551615 link_ns=1000000000001 \
	bytes=18446744073709551615 host_ns=18446744073709551615; do
	refuse "item with $bad is refused" \
		simload /dev/accelsim0 ops=1 link_ns=1 "$bad" "${bad/ops=0/link_ns=0}"
done
refuse "so is half an item" dd if=/dev/zero of=/dev/accelsim0 bs=55 count=1
refuse "and a read of half a completion" \
	dd if=/dev/accelsim0 of=/dev/null bs=63 count=1

simload /dev/accelsim0 link_ns=100000000000 &
victim=$!
check "long work begins" wait_until 20 idle_is 0 none
kill -9 "$victim"
check "a killed owner takes its work with it" wait_until 20 idle_is 0 active
wait "$victim" 2>/dev/null

### clocks
is "every clock is an OPP" \
	"$(wc -w <"$DEVFREQ/accelsim.0/available_frequencies")" 110
pin 1 1005000000
simload /dev/accelsim1 link_ns=1500000000 &
check "the effective clock is the pinned one" \
	wait_until 20 effective_is 1 1005000000
echo 1410000000 >"$DEVFREQ/accelsim.1/max_freq"
echo 1410000000 >"$DEVFREQ/accelsim.1/min_freq"
check "and follows within the switching time" \
	wait_until 1 effective_is 1 1410000000
wait
if [[ $(<"$DEVFREQ/accelsim.2/governor") == simple_ondemand ]]; then
	simload /dev/accelsim2 link_ns=2000000000 &
	check "the kernel's governor raises the clock of a busy device" \
		wait_until 20 effective_is 2 1000000000
	wait
else
	skip "the kernel's governor raises the clock of a busy device" "not here"
fi

### power
hwmon=$(hwmon_of 0)
is "hwmon has a name" "$(<"$hwmon/name")" accelsim
is "the limit starts at its maximum" "$(<"$hwmon/power1_cap")" 700000000
refuse "a limit above is refused" sh -c "echo 700001000 >$hwmon/power1_cap"
refuse "one below the minimum is" sh -c "echo 199999000 >$hwmon/power1_cap"
refuse "words are" sh -c "echo much >$hwmon/power1_cap"
is "and change nothing" "$(<"$hwmon/power1_cap")" 700000000

pin 0 1980000000
echo 400000000 >"$hwmon/power1_cap"
simload /dev/accelsim0 ops=1000000000000000 &
wait_until 20 idle_is 0 none
sleep 0.4
within "the board stays below its limit" "$(<"$hwmon/power1_input")" \
	385000000 400000000
within "by a lower clock" "$(<"$(dev 0)/effective_freq_hz")" \
	1500000000 1700000000
kill -9 $!
wait 2>/dev/null
echo 700000000 >"$hwmon/power1_cap"

simload /dev/accelsim0 count=0 hold_ms=900 &
sleep 0.6
is "loaded idle at the top clock draws 122 W" "$(<"$hwmon/power1_input")" \
	122000000
wait
sleep 0.6
is "without a context it is 70 W" "$(<"$hwmon/power1_input")" 70000000
simload /dev/accelsim0 count=0 hold_ms=1500 &
sleep 0.3
begin=$(<"$hwmon/energy1_input") from=$(now_ms)
sleep 1
joules=$(($(<"$hwmon/energy1_input") - begin)) ms=$(($(now_ms) - from))
within "energy is power times time" "$((joules / ms))" 110000 134000
wait

### unbinding
echo accelsim.0 >"$driver/unbind"
refuse "an unbound device has no node" test -e /dev/accelsim0
refuse "nor a devfreq device" test -e "$DEVFREQ/accelsim.0"
echo accelsim.0 >"$driver/bind"
check "both are back after binding" wait_until 20 test -c /dev/accelsim0

simload /dev/accelsim0 link_ns=50000000000 2>"$ACCELGOV_OUT/unbound" &
wait_until 20 idle_is 0 none
echo accelsim.0 >"$driver/unbind"
wait $!
matches "whoever waits for a completion is told" \
	"$(<"$ACCELGOV_OUT/unbound")" ENODEV
echo accelsim.0 >"$driver/bind"

for _ in 1 2 3 4 5 6 7 8 9 10; do
	simload /dev/accelsim2 ops=100000000 count=100000 quiet=1 2>/dev/null &
	cat "$(hwmon_of 2)/energy1_input" "$DEVFREQ/accelsim.2/cur_freq" >/dev/null
	echo accelsim.2 >"$driver/unbind"
	echo accelsim.2 >"$driver/bind"
	wait
done
check "it works after ten times of that" \
	simload /dev/accelsim2 ops=100000000 quiet=1

simload /dev/accelsim1 count=0 hold_ms=3000 &
wait_until 20 idle_is 1 active
sleep 0.2
refuse "the module stays while a device is open" rmmod accelsim
wait
check "and goes when it is not" unload_modules
finish
