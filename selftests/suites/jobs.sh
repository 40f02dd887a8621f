#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: jobs
# vm-icount: what a program costs, and times that no busy host stretches
# vm-again: a host that stops for a moment makes an interrupt late, which is a longer job
# vm-timeout: 200
# vm-cost: 43
#
# The DRM collector: signals of a device that has no counters, whose jobs they were,
# what its programs cost, and that it follows modules and devices that come and go.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

df=$DEVFREQ/accelsim.0
accel=/dev/accel/accel0

load_modules devices=1 profile=a100-sxm pmu=N
load_drm || skip_all "no DRM accel devices or no GPU scheduler in this kernel"
wait_until 10 test -c "$accel" || bail "no $accel"
echo on >"$df/device/power/control"

jobs_now() {
	ask_daemon jobs
}

# job FIELD FILTER: a number of the one row that jq finds.
job() {
	jobs_now | jq -r ".devices[0].jobs[] | select($2) | .$1"
}

device() {
	jobs_now | jq -r ".devices[0].$1"
}

phase_is() {
	[[ $(cat "$df/accelgov/phase") == *"$1" ]]
}

signals_are() {
	ask_daemon devices | jq -e ".devices[0].collector.signals == $1" >/dev/null
}

engine_ns() {
	cat /proc/"$1"/fdinfo/* 2>/dev/null |
		awk '/^drm-engine-compute:/ { print $2; exit }'
}

# The last window as the module took it.
last_signal() {
	grep -a ' signal: ' /sys/kernel/tracing/trace | tail -n 1
}

value() {
	sed -n "s/.* $1=\([0-9-]*\).*/\1/p" <<<"$2"
}

### a device whose scheduler is all there is
sysctl -qw kernel.bpf_stats_enabled=1
config '[Daemon]' 'Lease=3s' '[Device *]' 'Governor=accelgov'
start_daemon
is "the daemon starts" "$?" 0
check "what no counter tells comes from the scheduler" \
	wait_until 20 signals_are '["busy","queue"]' || bail "nothing is collected: $(<"$log")"
check "samples arrive" wait_until 20 collecting accelsim.0

mkdir -p /sys/fs/cgroup/heavy /sys/fs/cgroup/light
in_group() {
	echo "$BASHPID" >"/sys/fs/cgroup/$1/cgroup.procs" && shift && exec "$@"
}
# Long ones: an emulated interrupt is late by milliseconds when the host is busy. And
# seconds of them, for energy is split once a second.
work="count=24 linger_ms=100000"
# shellcheck disable=SC2086
(in_group heavy simload "$accel" link_ns=450000000 $work >"$run/heavy") &
heavy=$!
# shellcheck disable=SC2086
(in_group light simload "$accel" link_ns=150000000 $work >"$run/light") &
light=$!
both_run() {
	(($(engine_ns "$heavy") > 0 && $(engine_ns "$light") > 0))
}
check "two clients share the device" wait_until 20 both_run
drained() {
	[[ $(device in_flight) == 0 ]]
}
check "both come to an end" wait_until 60 drained
row() {
	jq -r ".devices[0].jobs[] | select(.pid == $1) | .$2" <<<"$all"
}
all=$(jobs_now)
diag "heavy ran $(row "$heavy" run_us) us, $(row "$heavy" energy_uj) uJ;" \
	"light ran $(row "$light" run_us) us, $(row "$light" energy_uj) uJ"
for name in heavy light; do
	client=${!name} ns=$(engine_ns "${!name}")
	within "$name: its time is what fdinfo says, within 3 %" \
		"$(row "$client" run_us)" $((ns * 97 / 100000)) $((ns * 103 / 100000))
	is "$name: all its jobs are counted" "$(row "$client" 'done')" 24
	# The device itself knows what each item took.
	uj=$(awk '{ uj += $6 } END { print uj }' "$run/$name")
	within "$name: its energy is what the device says, within 5 %" \
		"$(row "$client" energy_uj)" $((uj * 95 / 100)) $((uj * 105 / 100))
done
matches "rows name the cgroup" "$(row "$light" cgroup)" '/light$'
is "and the process" "$(row "$light" comm)" simload
sum=$(jq '[.devices[0].jobs[].energy_uj] | add' <<<"$all")
total=$(jq '.devices[0].energy_uj' <<<"$all") idle=$(jq '.devices[0].idle_uj' <<<"$all")
within "jobs and nobody add up to the device" "$((sum + idle))" $((total - 100)) $((total + 100))
# What the host keeps it waiting for: a disk that takes five ticks of the
# kernel, 16 to 20 ms, for each of 32 requests.
told_us() {
	job cgroup_io_wait_us ".pid == $heavy"
}
waited() {
	(($(told_us) - before >= $1))
}
slow_disk() {
	disk=$(echo /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*/block/*)
	disk=/dev/${disk##*/}
	[[ -b $disk ]]
}
if modprobe sd_mod 2>/dev/null && modprobe scsi_debug dev_size_mb=8 delay=5 2>/dev/null && wait_until 20 slow_disk; then
	before=$(told_us) start=$(now_ms)
	(in_group heavy dd if="$disk" of=/dev/null bs=256k iflag=direct 2>/dev/null)
	took=$((($(now_ms) - start) * 1000))
	check "what a disk takes for its requests is told as waiting for it" \
		wait_until 20 waited 400000
	diag "told: $(($(told_us) - before)) us of $took us"
	check "and no more than that" test "$(($(told_us) - before))" -le "$took"
	rmmod scsi_debug
else
	skip "waiting for a disk" "no scsi_debug in this kernel"
fi

simload "$accel" link_ns=100000000 count=1000 quiet=1 &
victim=$!
some_in_flight() {
	(($(device in_flight) == 64))
}
check "a third one fills the queue" wait_until 20 some_in_flight
echo 1 >/sys/kernel/tracing/events/accelgov/signal/enable
sleep 1
echo 0 >/sys/kernel/tracing/events/accelgov/signal/enable
line=$(last_signal)
diag "$line"
within "a busy device is seen as busy" "$(value busy_permille "$line")" 950 1000
within "with the queue that it keeps" "$(value queue_milli "$line")" 60000 65000
kill -9 "$heavy" "$light" "$victim"
wait "$heavy" "$light" "$victim" 2>/dev/null
check "what a killed client had queued is no longer in flight" wait_until 20 drained
is "no job was lost" "$(device lost)" 0
ended() {
	[[ $(job clients '.pid == null and (.cgroup | endswith("/heavy"))') == 1 ]]
}
check "a process that ended leaves a row for its cgroup" wait_until 10 ended
check "no work is seen as loaded idle, not as unknown" wait_until 20 phase_is idle

### what the programs cost
simload "$accel" ops=1000000 count=300 quiet=1
cost=$("$("${0%/*}/../setup/toolchain.sh" path)/bin/bpftool" -j prog show | jq -r '.[] | select((.name // "") | startswith("accelgov_drm")) |
	"\(.name) \(.run_cnt) \(.run_time_ns / (if .run_cnt > 0 then .run_cnt else 1 end) | floor)"')
diag "program, runs, ns each (emulated):" "$cost"
is "all four ran" "$(awk '$2 > 0' <<<"$cost" | wc -l)" 4
sysctl -qw kernel.bpf_stats_enabled=0

matches "the tool shows it" "$(accelgov jobs --socket "$run/sock")" 'ended\).* /heavy'
refuse "and no device that is not there" accelgov jobs --socket "$run/sock" accelsim.9

### what comes and goes
rmmod accelsim_drm
check "without its scheduler the device tells nothing, and that is said" wait_until 20 \
	log_has 'no PMU and no GPU scheduler'
load_drm
check "when it is back it is followed again" wait_until 20 signals_are '["busy","queue"]'
stop_daemon TERM
is "it ends cleanly" "$daemon_rc" 0
check "modules unload" unload_modules
check "and so does the scheduler" wait_until 10 rmmod gpu_sched
finish
