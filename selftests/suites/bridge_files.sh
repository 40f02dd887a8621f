#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: how soon clocks are put back, whatever the host does
# vm-cost: 11
#
# From a driver's files to the kernel and back: GPUs and an NPU of played sysfs trees, one
# for each driver whose files can be written, as devfreq devices that accelgov governs;
# and that every file reads as before however the daemon ends.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
LEASE_MS=2000
pci=/sys/bus/pci/devices
bus=$pci
[[ -d $pci ]] || skip_all "no PCI in this kernel"
xe=xe-0000:03:00.0 i915=i915-0000:04:00.0 amd=amdgpu-0000:05:00.0 npu=ivpu-0000:06:00.0
names=("$xe" "$i915" "$amd" "$npu")

put() {
	mkdir -p "${1%/*}"
	printf '%s\n' "${@:2}" >"$1"
}

# device SLOT DRIVER VENDOR ID: one that is awake, in the folder $bus.
device() {
	at=$bus/0000:$1:00.0
	put "$at/uevent" "DRIVER=$2" PCI_CLASS=30000 "PCI_ID=${3^^}:${4^^}" \
		"PCI_SLOT_NAME=0000:$1:00.0"
	put "$at/class" 0x030000
	put "$at/vendor" "0x$3"
	put "$at/device" "0x$4"
	put "$at/power/runtime_status" active
}

# gt FOLDER ACT MIN MAX RP0 RPN IDLE: a GT from 1 to 2.4 GHz. What is written to a file of
# sysfs replaces what was there, and here only as much as it has: all numbers are as long.
gt() {
	put "$1/$2" 2400
	put "$1/$3" 1000
	put "$1/$4" 2400
	put "$1/$5" 2400
	put "$1/$6" 1000
	put "$1/$7" 1000
}

levels=$'0: 1000Mhz\n1: 1300Mhz\n2: 1700Mhz\n3: 2400Mhz *'

machine() {
	device 03 xe 8086 e20b
	gt "$at/tile0/gt0" freq0/act_freq freq0/min_freq freq0/max_freq freq0/rp0_freq \
		freq0/rpn_freq gtidle/idle_residency_ms
	xe_max=$at/tile0/gt0/freq0/max_freq xe_min=$at/tile0/gt0/freq0/min_freq
	device 04 i915 8086 56a0
	gt "$at/drm/card1/gt/gt0" rps_act_freq_mhz rps_min_freq_mhz rps_max_freq_mhz \
		rps_RP0_freq_mhz rps_RPn_freq_mhz rc6_residency_ms
	i915_max=$at/drm/card1/gt/gt0/rps_max_freq_mhz
	device 05 amdgpu 1002 744c
	put "$at/gpu_busy_percent" 42
	put "$at/pp_dpm_sclk" "$levels"
	put "$at/power_dpm_force_performance_level" auto
	put "$at/hwmon/hwmon2/name" amdgpu
	put "$at/hwmon/hwmon2/power1_average" 99000000
	amd_at=$at cap=$at/hwmon/hwmon2/power1_cap
	npu_comes
}

# Drivers make their files one after the other, and nobody tells when the last is there.
cap_comes() {
	put "${cap}_min" 100000000
	put "${cap}_max" 300000000
	put "$cap" 300000000
}

npu_comes() {
	device 06 intel_vpu 8086 b03e
	put "$at/npu_busy_time_us" 1000
	npu_at=$at npu_max=$at/freq/set_max_freq
}

npu_clocks_come() {
	put "$npu_at/freq/current_freq" 1400
	put "$npu_at/freq/hw_min_freq" 1000
	put "$npu_at/freq/hw_max_freq" 1400
	put "$npu_max" 1400
}

# shows FILE TEXT: from now on, whole at any moment. What was there has another name then.
shows() {
	printf '%s\n' "$2" >"$1.new"
	ln -f "$1" "$1.old"
	mv "$1.new" "$1"
}

# The mask that was written over a text of levels.
take_mask() {
	local i

	for ((i = ${#levels}; i > 0; i--)); do
		[[ ${1:i-1:1} == "${levels:i-1:1}" ]] || break
	done
	printf '%s\n' "${1:0:i}" >"$run/mask"
}

# The driver's side of amdgpu's two files: takes what was written over their text, shows
# the text again. A mask of levels is in $run/mask then. What is written while the other
# text is put in place is in the old file, which is looked at again for that.
play_amdgpu() {
	local file=$amd_at/pp_dpm_sclk level=$amd_at/power_dpm_force_performance_level
	local text old

	while :; do
		if [[ $(<"$file") != "$levels" ]]; then
			shows "$file" "$levels"
			old=
		fi
		if [[ -e $file.old ]]; then
			text=$(<"$file.old")
			[[ $text == "$old" ]] || take_mask "$text"
			old=$text
		fi
		text=$(<"$level")
		case $text in
		auto | manual) ;;
		auto*) shows "$level" auto ;;
		esac
		[[ $text == manual ]] || : >"$run/mask"
		sleep 0.02
	done
}

# What is written is there at once; the rest of what it replaced, until the player looks.
level_is() {
	[[ $(<"$amd_at/power_dpm_force_performance_level") == "$1"* ]]
}

mask_is() {
	[[ $(<"$run/mask") == "$1" ]]
}

of() {
	ask_daemon status | jq -r --arg n "$1" \
		".accelerators[] | select(.name == \$n) | $2"
}

all() {
	local name

	for name in "${names[@]}"; do
		"$@" "$name" || return
	done
}

state_is() {
	[[ $(of "$2" .state) == "$1" ]]
}

governed() {
	file_is "$DEVFREQ/$1/governor" accelgov
}

absent() {
	[[ ! -e $DEVFREQ/$1 ]]
}

samples_come() {
	(($(<"$DEVFREQ/$1/accelgov/stats/samples") > 3))
}

found() {
	[[ $(ask_daemon status | jq '.accelerators | length') == "${#names[@]}" ]]
}

top() {
	echo "$(<"$xe_max") $(<"$i915_max") $(<"$npu_max") $(<"$cap")"
}

as_found() {
	[[ $(top) == "2400 2400 1400 300000000" ]] && level_is auto
}

# Read by the name that it has now: it comes with another number when it comes again.
has_cap() {
	grep -qs . "$DEVFREQ/$amd"/device/hwmon[0-9]*/power1_cap
}

# limits_to HZ NAME: one clock, whatever the governor thinks of the signals.
limits_to() {
	echo "$1" >"$DEVFREQ/$2/max_freq"
	echo "$1" >"$DEVFREQ/$2/min_freq"
}

# limit: what each is held to, by the kernel's own limits.
limit() {
	limits_to 1500000000 "$xe"
	limits_to 1700000000 "$i915"
	limits_to 1300000000 "$amd"
	limits_to 1200000000 "$npu"
	echo 250000000 >"$(echo "$DEVFREQ/$amd"/device/hwmon[0-9]*/power1_cap)"
}

held() {
	[[ $(top) == "1500 1700 1200 250000000" ]] && level_is manual && mask_is "0 1"
}

all_set() {
	wait_until 30 held && return
	echo "files: $(top) $(<"$amd_at/power_dpm_force_performance_level") $(<"$run/mask")"
	ask_daemon status | jq -c '.accelerators[] | [.name, .state, .problem, .set]'
	return 1
}

mount -t tmpfs tmpfs "$pci" || bail "$pci can't be covered"
defer umount -l "$pci"
load_gov
machine
: >"$run/mask"
play_amdgpu &
defer kill $!
# A reading takes an emulated CPU longer than what observing may cost by default.
config '[Daemon]' "Lease=${LEASE_MS}ms" 'ReadingsCost=100%' '[Device *]' 'SamplePeriod=100ms'
start_daemon
check "all four are found" wait_until 30 found
check "and observed" wait_until 30 all state_is observing
is "nothing is written meanwhile" "$(cat "$xe_max" "$i915_max")" $'2400\n2400'
check "and no level" level_is auto

begin=$(now_ms)
config '[Daemon]' "Lease=${LEASE_MS}ms" 'ReadingsCost=100%' '[Device *]' 'SamplePeriod=100ms' 'Mode=active' \
	"[Device $xe]" 'ClockSwitch=30ms' 'ClockHalt=500us'
kill -HUP "$daemon_pid"
names=("$xe" "$i915" "$amd")
check "those with clocks become devfreq devices" wait_until 60 all governed
check "the NPU has none yet" state_is observing "$npu"
matches "and that is why" "$(of "$npu" .problem)" "only observed: "
check "nor has the GPU a power limit" eval "! has_cap"
proxies=$(of "$xe" .proxies)
cap_comes
npu_clocks_come
names+=("$npu")
check "clocks that come make the NPU one" wait_until 60 all governed
check "and a limit that comes makes its GPU's anew" wait_until 60 has_cap
check "all four are devfreq devices" wait_until 60 all governed
is "the others' are the same as before" "$(of "$xe" .proxies)" "$proxies"
check "the GPU's is another" test "$(of "$amd" .proxies)" -ge 2
check "that get samples" wait_until 30 all samples_come
diag "active after $(($(now_ms) - begin)) ms"
is "with the clocks that the files tell" \
	"$(<"$DEVFREQ/$amd/available_frequencies")" "1000000000 1300000000 1700000000 2400000000"
is "what a switch costs comes from the operator" \
	"$(cat "$DEVFREQ/$xe"/device/{switch_us,halt_us})" $'30000\n500'
is "and is counted on" "$(<"$DEVFREQ/$xe/accelgov/stats/switch_us")" 30000
is "of the others nobody told" "$(cat "$DEVFREQ/$npu"/device/{switch_us,halt_us})" $'0\n0'
limit
check "their limits reach the files" all_set
is "and nothing but the highest clock is touched" "$(<"$xe_min")" 1000
check "what was there is on record" grep -q '"max_khz=1400000"\|max_khz=1400000' "$run/state.json"

begin=$(now_ms)
stop_daemon KILL
check "a killed daemon leaves no file as it set it" wait_until 20 as_found
took=$(($(now_ms) - begin))
within "they are put back within the lease (ms)" "$took" 0 $((LEASE_MS * ${ACCELGOV_SLOWNESS:-1}))
diag "kill -9: put back after $took ms, lease $LEASE_MS ms"
check "the devices are gone" wait_until 20 all absent
check "and the record" wait_until 20 eval "[[ ! -e $run/state.json ]]"

start_daemon
check "the next one makes them again" wait_until 60 all governed
check "that get samples as well" wait_until 30 all samples_come
limit
check "and sets them" all_set
rm -r "${pci:?}/0000:06:00.0"
check "one that goes takes its device along" wait_until 30 absent "$npu"
names=("$xe" "$i915" "$amd")
check "the others stay" all governed
npu_comes
npu_clocks_come
names+=("$npu")
check "one that comes is governed" wait_until 60 all governed
limit
check "and set" all_set
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
check "and puts all back at once" as_found
check "modules unload" unload_modules
finish
