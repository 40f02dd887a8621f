#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgovd finds accelerators while their drivers are still making files, while they
# sleep and before their library answers: what comes later is taken, once. Values that
# change and files that go are no reason to begin anew, and what swings is one ever more
# seldom.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"
# shellcheck source=selftests/lib/played.sh
. "${0%/*}/../lib/played.sh"

pci=sys/bus/pci/devices
npu=ivpu-0000:06:00.0 npu_at=$pci/0000:06:00.0
amd=amdgpu-0000:05:00.0 amd_at=$pci/0000:05:00.0
unbound='pci-0000:05:00.0'
unknown='nothing is decided, because its clocks are not known'

# device SLOT VENDOR ID [DRIVER]: one that is awake.
device() {
	local at=$pci/0000:$1:00.0

	put_file "$at/uevent" "$(printf '%s\n' ${4:+"DRIVER=$4"} PCI_CLASS=30000 \
		"PCI_ID=${2^^}:${3^^}" "PCI_SLOT_NAME=0000:$1:00.0")"
	put_file "$at/class" 0x030000
	put_file "$at/vendor" "0x$2"
	put_file "$at/device" "0x$3"
	put_file "$at/power/runtime_status" active
}

# clocks MAX: the NPU's files of its clock, the one that tells that they are there last.
clocks() {
	put_file "$npu_at/freq/current_freq" "$1"
	put_file "$npu_at/freq/hw_min_freq" 300
	put_file "$npu_at/freq/set_max_freq" "$1"
	put_file "$npu_at/freq/hw_max_freq" "$1"
}

# taken NAME: how often another thread began with it.
taken() {
	grep -c "$1: there is more of it now" "$tmp/log"
}

taken_is() {
	[[ $(taken "$1") == "$2" ]]
}

# look: scans begin, and the first two are over; the refresh of all threads, too.
look() {
	kill -HUP "$daemon_pid"
	sleep 6
}

names() {
	ask "$tmp/sock" '{"method":"status"}' | jq -r '[.accelerators[].name] | sort | join(" ")'
}

names_are() {
	[[ $(names) == "$1" ]]
}

tree_new
device 06 8086 b03e intel_vpu
put_file "$npu_at/npu_busy_time_us" 1000
device 05 1002 744c
start_daemon
check "an NPU without files of its clock is found" wait_until 10 of_is "$npu" .state observing
is "and nothing can be decided" "$(of "$npu" .problem)" "$unknown"
check "as is a GPU that has no driver" wait_until 10 of_is "$unbound" .state observing

# Later than three of the scans of the start, and before the last: no event tells.
sleep 12
reads=$(of "$npu" .reads)
clocks 1400
check "clocks that come without an event are seen" wait_until 20 of_is "$npu" .problem null
check "and decided on" wait_until 10 of_is "$npu" '.would.clock_khz > 0' true
is "they are taken once" "$(taken "$npu")" 1
check "counts go on" test "$(of "$npu" .reads)" -gt "$reads"
matches "the log says why" "$(<"$tmp/log")" "$npu: there is more of it now .*clocks"

# Values that change are no reason.
reads=$(of "$npu" .reads)
for mhz in 700 950 1100; do
	put_file "$npu_at/freq/current_freq" "$mhz"
	put_file "$npu_at/freq/set_max_freq" "$mhz"
	put_file "$npu_at/npu_busy_time_us" "$((mhz * 1000))"
	look
done
is "values that change are no reason to begin anew" "$(taken "$npu")" 1
# Nor is what goes: as little as when it sleeps.
rm "$tree/$npu_at/freq/hw_max_freq"
look
check "a file that goes loses nothing" of_is "$npu" '.would.clock_khz > 0' true
put_file "$npu_at/freq/hw_max_freq" 1400
look
is "nor is there anything new when it is back" "$(taken "$npu")" 1
check "it was read all the time" test "$(of "$npu" .reads)" -gt "$reads"

# A table that swings between two.
swing() {
	local i

	for ((i = 0; i < 10; i++)); do
		put_file "$npu_at/freq/hw_max_freq" "$((1300 + i % 2 * 100))"
		kill -HUP "$daemon_pid"
		sleep 2
	done
}
swing
diag "taken $(taken "$npu") times"
within "a table that swings is followed ever more seldom" "$(taken "$npu")" 2 4

# One whose driver comes later, and sleeps at first.
device 05 1002 744c amdgpu
put_file "$amd_at/power/runtime_status" suspended
put_file "$amd_at/gpu_busy_percent" 42
put_file "$amd_at/pp_dpm_sclk" $'0: 500Mhz\n1: 1100Mhz\n2: 1700Mhz\n3: 2400Mhz *'
put_file "$amd_at/power_dpm_force_performance_level" auto
look
check "a driver that comes takes its device over" wait_until 20 names_are "$amd $npu"
is "which sleeps" "$(of "$amd" '"\(.state), \(.problem)"')" "asleep, $unknown"
is "to doctor as well" "$(cli doctor --json | jq -r '[.accelerators[].name] | sort | join(" ")')" "$amd $npu"
put_file "$amd_at/power/runtime_status" active
check "what it can do is seen when it wakes" wait_until 30 of_is "$amd" '.would.clock_khz > 0' true
is "once" "$(taken "$amd")" 1
put_file "$amd_at/hwmon/hwmon2/name" amdgpu
put_file "$amd_at/hwmon/hwmon2/power1_average" 99000000
look
check "a sensor that comes is read" wait_until 30 of_is "$amd" .signals.power_mw 99000
is "after another exchange" "$(taken "$amd")" 2
put_file "$amd_at/power/runtime_status" suspended
check "it sleeps again" wait_until 20 of_is "$amd" .state asleep
look
put_file "$amd_at/power/runtime_status" active
check "and wakes again" wait_until 20 of_is "$amd" .state observing
look
is "with nothing new" "$(taken "$amd")" 2
check "and all that was known" wait_until 10 of_is "$amd" '.would.clock_khz > 0' true
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0

# A library that is not ready at first, and tells no clocks then.
a=nvidia-0000:01:00.0
gpu() {
	printf '%s\n' '[gpu]' 'uuid=GPU-1' 'bus=0000:01:00.0' 'name=NVIDIA H100' 'arch=9' \
		'clocks=345-1980/15' 'mem_clocks=2619' 'sm_mhz=1980' 'util_gpu=99' 'util_mem=80' \
		'power_mw=450000' 'processes=1' "$@"
}
machine() {
	printf '%s\n' "$@" >"$gpus.new" && mv "$gpus.new" "$gpus"
}
machine init=9
accelgovd --config-dir "$tmp/etc" --socket "$tmp/sock" --state "$tmp/state.json" \
	>/dev/null 2>"$tmp/log" &
daemon_pid=$!
defer kill -9 "$daemon_pid"
wait_until 10 daemon_ready
sleep 1
machine driver=590.48.01 "$(gpu 'refuse=nvmlDeviceGetSupportedGraphicsClocks:3')"
check "a library that was not ready is asked again" wait_until 30 of_is "$a" .state observing
check "clocks that it does not tell are not known" of_is "$a" .problem "$unknown"
machine driver=590.48.01 "$(gpu)"
look
check "and are taken when it does" wait_until 20 of_is "$a" '.would.clock_khz > 0' true
is "once" "$(taken "$a")" 1
look
is "and no more" "$(taken "$a")" 1
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
finish
