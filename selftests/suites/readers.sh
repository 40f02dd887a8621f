#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-icount: nothing is late in it, however busy the host is
# vm-smp: 1
# vm-cost: 31
#
# Looking wakes nobody: every file of a sleeping device, the tools, the daemon, perf
# and sensors. Held for simulated devices under two governors and for a device that
# userspace actuates.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

names=(accelsim.0 accelsim.1 gpu0)

power() {
	cat "$DEVFREQ/$1/device/power/$2"
}

asleep() {
	local name

	for name in "${names[@]}"; do
		[[ $(power "$name" runtime_status) == suspended ]] || return
	done
}

active_ms() {
	local name

	for name in "${names[@]}"; do
		power "$name" runtime_active_time
	done | xargs
}

# wakes NAME COMMAND...: the command is run, the devices sleep on.
wakes_none() {
	local name=$1 output

	shift
	output=$("$@" 2>&1) || diag "$(brief "$*"): exit code $?: ${output:0:300}"
	sleep 0.1
	is "$name" "$(active_ms):$(asleep && echo asleep)" "$slept:asleep"
}

# All that belongs to the devices, also what hangs on them elsewhere in /sys.
trees() {
	local name

	for name in "${names[@]}"; do
		realpath "$DEVFREQ/$name/device"
	done
	realpath /sys/bus/event_source/devices/accelsim_{0,1} /sys/module/accel{gov,sim}
}

readable() {
	trees | sort -u | xargs -I{} find {} -type f -perm /0444
}

read_all() {
	readable | xargs cat >/dev/null
}

poll_often() {
	local name

	for _ in $(seq 5); do
		for name in "${names[@]}"; do
			cat "$DEVFREQ/$name"/{cur_freq,target_freq,trans_stat,governor} \
				"$DEVFREQ/$name"/device/power/runtime_{status,active_time}
		done
		cat "$DEVFREQ/accelsim.0/accelgov"/{state,phase,energy_uj,slowdown_permille} \
			"$DEVFREQ/accelsim.0/accelgov/stats"/*
		ask_daemon devices
	done
}

rescan() {
	local before

	before=$(ask_daemon status)
	kill -HUP "$daemon_pid"
	wait_until 10 reloaded && [[ $before != *'"reloads":1'* ]]
}

governed() {
	[[ $(<"$DEVFREQ/accelsim.0/governor") == accelgov ]]
}

reloaded() {
	[[ $(ask_daemon status) == *'"reloads":1'* ]]
}

tools() {
	accelgov status --socket "$run/sock" &&
		accelgov devices && accelgov policy list &&
		accelgov policy show accelsim.0 && accelgov doctor --socket "$run/sock"
}

load_modules devices=2 profile=h100-sxm,npu-edge
config '[Daemon]' 'Lease=2s' '[Device accelsim.0]' 'Governor=accelgov' \
	'SlowdownBudget=4%'
start_daemon || bail "no daemon: $(<"$log")"
wait_until 20 collecting accelsim.0 || bail "nothing is collected"

mkfifo "$run/in"
proxy --idle --cap --power gpu0 <"$run/in" >"$run/targets" &
player=$!
defer kill "$player"
exec {player_in}>"$run/in"
wait_until 20 grep -q ^ready "$run/targets" || bail "no proxy device"
signals loaded-idle >&"$player_in"
for name in "${names[@]}"; do
	echo 100 >"$DEVFREQ/$name/device/power/autosuspend_delay_ms"
done
check "all devices fall asleep" wait_until 60 asleep
sleep 0.5
slept=$(active_ms)

within "there is much to read" "$(readable | wc -l)" 200 5000
wakes_none "reading every file" read_all
wakes_none "accelgov status, devices, policy, doctor" tools
wakes_none "a reload and a rescan of the daemon" rescan
wakes_none "polling as monitoring does" poll_often
wakes_none "perf stat" perf stat -a -e accelsim_0/energy/,accelsim_1/busy/ sleep 0.3
wakes_none "sensors" sensors
stop_daemon TERM
start_daemon
wakes_none "a daemon that goes and comes" wait_until 20 governed
check "which serves a sleeping device" governed

# The measure itself must be able to fail.
simload /dev/accelsim0 count=1 ops=300000000000 quiet=1
check "work does wake" test "$(active_ms)" != "$slept"
stop_daemon TERM
exec {player_in}>&-
wait "$player"
check "the kernel has nothing to complain about" no_complaints
finish
