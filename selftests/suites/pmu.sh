#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The perf PMU of a simulated accelerator, seen by the real perf.
#
# vm-group: main
# vm-realtime: rates and latencies of the clock on the wall
# vm-cost: 33
. "${0%/*}/../lib/ksft.sh"

load_sim devices=2 profile=h100-sxm
wait_until 20 test -c /dev/accelsim1 || bail "no devices"
pmu=/sys/bus/event_source/devices/accelsim_0
driver=/sys/bus/platform/drivers/accelsim
stat=$ACCELGOV_OUT/pmu.stat

# value EVENT: whole number from the last perf stat
value() {
	awk -F, -v "e=accelsim_0/$1/" '$3 == e { printf "%.0f\n", $1 }' "$stat"
}

# measure EVENTS COMMAND...
measure() {
	local events=$1 e list=''

	shift
	for e in $events; do
		list+=,accelsim_0/$e/
	done
	LC_ALL=C perf stat -x, -o "$stat" -a -e "${list#,}" -- "$@"
}

list=$(perf list 2>/dev/null)
for event in busy compute memory link host queue cycles energy progress contexts; do
	matches "perf list shows $event" "$list" "accelsim_0/$event/"
done
is "energy is in joules" \
	"$(cat $pmu/events/energy.unit $pmu/events/energy.scale)" $'Joules\n1e-6'
is "any CPU will do" "$(<$pmu/cpumask)" 0
is "the device is its parent" "$(dirname "$(readlink -f $pmu)")" \
	/sys/devices/platform/accelsim.0

echo 1980000000 >"$DEVFREQ/accelsim.0/min_freq"
sleep 0.2

measure 'link busy compute memory host' \
	simload /dev/accelsim0 link_ns=10000000 count=20 quiet=1
within "20 times 10 ms on the link are 200 ms" "$(value link)" 199990000 200010000
within "and as much busy time" "$(value busy)" 199990000 200010000
is "but no arithmetic" "$(value compute)" 0
is "no memory traffic" "$(value memory)" 0
is "nothing for the host" "$(value host)" 0

measure 'host busy' simload /dev/accelsim0 host_ns=100000000 io_bytes=2500000000
within "50 GB/s move 2.5 GB in 50 ms" "$(value host)" 49990000 50010000
is "which is not busy" "$(value busy)" 0

measure 'memory energy progress' \
	simload /dev/accelsim0 bytes=235000000000 quiet=1
within "2.35 TB/s move 235 GB in 100 ms" "$(value memory)" 99990000 100010000
within "at more than 40 J" "$(value energy)" 40 80
within "progress counts bytes" "$(value progress)" 57373046 57373048

measure 'cycles contexts queue' simload /dev/accelsim0 link_ns=500000000
within "half a second at 1980 MHz" "$(value cycles)" 989000000 1700000000
within "one context for that long" "$(value contexts)" 500000 900000
within "one item for that long" "$(value queue)" 500000 600000

slow=$(simload /dev/accelsim0 ops=40000000000000 hold_ms=100 quiet=1
	measure progress simload /dev/accelsim0 ops=40000000000000 quiet=1
	value progress)
echo 0 >"$DEVFREQ/accelsim.0/min_freq"
echo 600000000 >"$DEVFREQ/accelsim.0/max_freq"
sleep 0.2
measure progress simload /dev/accelsim0 ops=40000000000000 quiet=1
is "progress is the same at any clock" "$(value progress)" "$slow"

### what it can't do
refuse "no sampling" perf record -o /dev/null -c 1000 -a -e accelsim_0/busy/ true
measure 'event=0x0a' true
matches "no unknown event" "$(<"$stat")" '<not supported>'
perf stat -x, -o "$stat" --per-thread -p $$ -e accelsim_0/busy/ -- sleep 0.1
matches "none for one task" "$(<"$stat")" '<not supported>'

### unbinding with events open
perf stat -x, -a -I 200 -e accelsim_0/contexts/ sleep 2 2>"$stat" &
wait_until 20 test -s "$stat"
simload /dev/accelsim0 count=0 hold_ms=5000 2>/dev/null &
holder=$!
sleep 0.5
echo accelsim.0 >$driver/unbind
check "a closed PMU stays while an event is open" test -d $pmu
refuse "and opens no new one" perf stat -a -e accelsim_0/busy/ true
check "it opens one of another device" perf stat -a -e accelsim_1/busy/ true
wait %1
matches "the event of the unbound device stood still" \
	"$(tail -n 1 "$stat" | cut -d, -f2)" '^0$'
check "the PMU goes when the event has gone" wait_until 15 test ! -e $pmu
echo accelsim.0 >$driver/bind
check "binding brings it back" wait_until 20 test -d $pmu
kill -9 $holder
wait 2>/dev/null

### the same, bound again before the event has gone
perf stat -x, -a -e accelsim_0/energy/ sleep 4 2>"$stat" &
sleep 1
echo accelsim.0 >$driver/unbind
echo accelsim.0 >$driver/bind
measure link simload /dev/accelsim0 link_ns=10000000 quiet=1
within "a slot taken over counts for the new device" "$(value link)" \
	9999000 10001000
wait

### module unload
perf stat -a -e accelsim_0/busy/ sleep 4 2>/dev/null &
sleep 1
refuse "an open event holds the module" rmmod accelsim
wait
check "which goes after it" unload_modules
refuse "with its PMUs" test -e $pmu
finish
