#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: jobs
# vm-icount: times that no busy host stretches
# vm-timeout: 240
# vm-cost: 33
#
# What the host keeps those waiting for who own an accelerator: told per process, and
# heard by the governor: an input stall is not idle, and a checkpoint is no stall.

# begin() sets variables by name.
# shellcheck disable=SC2154

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

df=$DEVFREQ/accelsim.0
fakes=$ACCELGOV_BUILD/selftests/fakes

# waits PID KIND: per mille of the last window.
waits() {
	ask_daemon jobs | jq -r ".calls.processes[] | select(.pid == $1) | .host_wait_permille.$2"
}

# To ask costs the emulator more than to wait.
waits_most() {
	local permille

	sleep 0.4
	permille=$(waits "$1" "$2") && [[ $permille != null ]] && ((permille > 800))
}

phase_is() {
	[[ $(cat "$df/accelgov/phase") == *"$1" ]]
}

# begin NAME ARGUMENT...: a process that does it; NAME gets its pid.
begin() {
	libcalls "$fakes/libcuda.so.1" "$fakes/libnccl.so.2" "${@:2}" &
	printf -v "$1" %s $!
	defer kill -9 $! 2>/dev/null
}

mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
[[ -e /sys/kernel/tracing/available_filter_functions ]] ||
	skip_all "this kernel has no CONFIG_FUNCTION_TRACER, which programs at functions need"
load_modules devices=1 profile=a100-sxm pmu=N
load_drm || skip_all "no DRM accel devices or no GPU scheduler in this kernel"
wait_until 10 test -c /dev/accel/accel0 || bail "no /dev/accel/accel0"
echo on >"$df/device/power/control"
# A reading takes an emulated CPU longer than what observing may cost by default.
config '[Daemon]' 'ReadingsCost=100%' '[Device *]' 'Governor=accelgov'
start_daemon
is "the daemon starts" "$?" 0
# A job that comes before it listens to the scheduler is nobody's.
listens() {
	ask_daemon status | jq -e '.devices[0].collector.scheduler' >/dev/null
}
check "it listens to the scheduler" wait_until 20 listens

# The programs come when somebody owns one, and a wait that began before them is not
# seen: client and server wait in turns.
begin server sleep=500 serve=4711
begin client touch=/dev/accel/accel0 sleep=1000 ask=4711
check "who owns an accelerator and waits for an answer is seen to" \
	wait_until 20 waits_most "$client" answer
check "which is an input stall and not idle" wait_until 10 phase_is stall
diag "$(grep . "$df"/accelgov/{phase,state,confidence_permille} | xargs)"
check "a server waits for requests" wait_until 10 waits_most "$server" request
is "and not for answers" "$(waits "$server" answer)" 0
kill "$client" "$server"
check "when nobody waits any more the device is idle" wait_until 10 phase_is idle

slow_disk() {
	disk=$(echo /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*/block/*)
	disk=/dev/${disk##*/}
	[[ -b $disk ]]
}
if modprobe sd_mod 2>/dev/null && modprobe scsi_debug dev_size_mb=8 delay=5 2>/dev/null && wait_until 20 slow_disk; then
	begin saver touch=/dev/accel/accel0 "sleep=$((2500 * ${ACCELGOV_SLOWNESS:-1}))" save="$disk"
	check "waiting for what was written to be on disk is seen" \
		wait_until 20 waits_most "$saver" write
	check "which is a checkpoint and no stall" phase_is checkpoint
	is "and not reading" "$(waits "$saver" read)" 0
	wait "$saver"
	wait_until 5 rmmod scsi_debug
else
	skip "waiting for a disk" "no scsi_debug in this kernel"
fi
stop_daemon TERM

### a GPU whose driver goes around the scheduler, and lists its processes
begin server sleep=500 serve=4711
begin client sleep=1000 ask=4711
printf '%s\n' 'driver=590.48.01' '[gpu]' 'uuid=GPU-1' 'bus=0000:01:00.0' 'name=NVIDIA H100' \
	'arch=9' 'clocks=345-1980/15' 'mem_clocks=2619' 'sm_mhz=1980' 'gpm=1' 'gpm.1=0' \
	'gpm.2=0' 'gpm.5=0' 'gpm.10=0' "process=$client:512:0" >"$run/gpus"
export ACCELGOV_FAKE_NVML=$run/gpus LD_LIBRARY_PATH=$fakes
start_daemon
nvidia() {
	sleep 0.4
	ask_daemon status | jq -e ".accelerators[0] | $1"
}
check "what keeps its processes waiting is heard there, too" \
	wait_until 30 nvidia '.signals.queue_milli >= 500'
check "and is an input stall" wait_until 10 nvidia '.would.phase | endswith("stall")'
kill "$client" "$server" 2>/dev/null
check "when nobody waits any more its queue is unknown" \
	wait_until 10 nvidia '.signals.queue_milli == null'
check "and it is idle" wait_until 10 nvidia '.would.phase | endswith("idle")'
stop_daemon TERM
is "it ends cleanly" "$daemon_rc" 0
check "modules unload" unload_modules
check "and so does the scheduler" wait_until 10 rmmod gpu_sched
finish
