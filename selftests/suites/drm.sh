#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-timeout: 90
#
# Simulated accelerators as DRM accel devices: work through the kernel's own GPU
# scheduler, its trace events, fdinfo; killed owners, unbinding, unloading.
#
# vm-group: main
# vm-cost: 14
. "${0%/*}/../lib/ksft.sh"

tracefs=/sys/kernel/tracing
driver=/sys/bus/platform/drivers/accelsim

load_sim devices=2 profile=a100-sxm,npu-edge
load_drm || skip_all "no DRM accel devices or no GPU scheduler in this kernel"
accel=/dev/accel/accel0
wait_until 10 test -c "$accel" || bail "no $accel"
mountpoint -q "$tracefs" || mount -t tracefs tracefs "$tracefs"

column() {
	awk -v "n=$1" 'END { print $n }'
}

# engine_ns PID: what the engine did for it, in its first DRM file's fdinfo.
engine_ns() {
	cat /proc/"$1"/fdinfo/* 2>/dev/null |
		awk '/^drm-engine-compute:/ { print $2; exit }'
}

worked() {
	local ns

	ns=$(engine_ns "$1") && ((ns > $2))
}

events() {
	grep -cE "$1" "$tracefs/trace"
}

### the same work as through the device's own node
is "it belongs to the accelerator" \
	"$(basename "$(readlink -f /sys/class/accel/accel0/device)")" accelsim.0
line=$(simload "$accel" bytes=36000000000 label=7 count=3 hold_ms=100 | tail -n 1)
is "memory traffic takes its time" "$(column 4 <<<"$line")" "$(column 5 <<<"$line")"
is "its label comes back" "$(column 7 <<<"$line")" 7
check "a writer that must wait gets all done" \
	simload /dev/accel/accel1 ops=1000000 count=500 quiet=1
output=$(simload /dev/accel/accel1 link_ns=1000000000 count=300 nonblock=1 2>&1)
is "one that will not wait is told" "$output" "write: EAGAIN"
refuse "an impossible item is refused" simload "$accel" ops=1 flags=1
refuse "so is half an item" dd if=/dev/zero of="$accel" bs=55 count=1

### trace events and fdinfo of the kernel
echo 0 >"$tracefs/tracing_on"
defer eval "echo 1 >$tracefs/tracing_on"
echo >"$tracefs/trace"
echo 1 >"$tracefs/events/gpu_scheduler/enable"
echo 1 >"$tracefs/tracing_on"
simload "$accel" link_ns=5000000 count=20 quiet=1
echo 0 >"$tracefs/tracing_on"
echo 0 >"$tracefs/events/gpu_scheduler/enable"
is "each item is queued in the scheduler" "$(events ' drm_sched_job(_queue)?: ')" 20
is "and run by it" "$(events ' drm_(run_job|sched_job_run): ')" 20
is "and done" "$(events ' drm_sched_(process_job|job_done): ')" 20
echo >"$tracefs/trace"

simload "$accel" link_ns=20000000 count=50 linger_ms=60000 quiet=1 &
client=$!
check "fdinfo tells the time of the engine" wait_until 20 worked "$client" 999000000
within "no more than that and the stalls of clock changes" "$(engine_ns "$client")" \
	1000000000 1001000000
kill "$client"
wait "$client" 2>/dev/null

### ends of all kinds
level=/sys/devices/platform/accelsim.0/idle_level
idle_is() {
	[[ $(<"$level") == "$1" ]]
}
simload "$accel" link_ns=100000000000 count=20 &
victim=$!
check "long work begins" wait_until 20 idle_is none
kill -9 "$victim"
check "a killed owner takes its work with it" wait_until 20 idle_is active
wait "$victim" 2>/dev/null
check "and the next one finds the scheduler as it was" \
	simload "$accel" ops=100000000 count=5 quiet=1

simload "$accel" link_ns=50000000000 count=5 2>"$ACCELGOV_OUT/drm-unbound" &
waiter=$!
wait_until 20 idle_is none
echo accelsim.0 >"$driver/unbind"
wait "$waiter"
matches "whoever waits when it is unbound is told" "$(<"$ACCELGOV_OUT/drm-unbound")" ENODEV
refuse "and its node is gone" test -e "$accel"
echo accelsim.0 >"$driver/bind"
check "it is back after binding" wait_until 20 test -c "$accel"
for _ in 1 2 3 4 5; do
	simload /dev/accel/accel1 ops=1000000 count=100000 quiet=1 2>/dev/null &
	simload /dev/accel/accel1 ops=1000000 count=100000 quiet=1 2>/dev/null &
	sleep 0.1
	echo accelsim.1 >"$driver/unbind"
	echo accelsim.1 >"$driver/bind"
	wait
	wait_until 20 test -c /dev/accel/accel1
done
check "it works after five times of that" simload /dev/accel/accel1 ops=1000000 quiet=1

simload "$accel" count=0 hold_ms=100000 &
holder=$!
has_open() {
	[[ $(readlink /proc/"$1"/fd/*) == *"$accel"* ]]
}
wait_until 20 has_open "$holder"
refuse "the module stays while a device is open" rmmod accelsim_drm
kill "$holder"
wait "$holder" 2>/dev/null
check "and goes when it is not" unload_modules
finish
