#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgovd and accelgov on a tree with one accelerator of each driver whose files are
# read: nothing is made up from counters that stand still while time goes on.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

# pci CLASS/NODE DRIVER ID SLOT: a device that is awake.
pci() {
	put_file "sys/class/$1/device/uevent" "$(printf '%s\n' "DRIVER=$2" \
		PCI_CLASS=30000 "PCI_ID=$3" "PCI_SLOT_NAME=0000:$4:00.0")"
	put_file "sys/class/$1/device/power/runtime_status" active
}

# gt FOLDER ACT MIN MAX RP0 RPN IDLE: files of a GT, all by their names.
gt() {
	put_file "$1/$2" 1200
	put_file "$1/$3" 300
	put_file "$1/$4" 2400
	put_file "$1/$5" 2400
	put_file "$1/$6" 300
	put_file "$1/$7" 1000
}

machine() {
	local drm=sys/class/drm accel=sys/class/accel

	pci drm/card0 xe 8086:E20B 03
	gt "$drm/card0/device/tile0/gt0" freq0/act_freq freq0/min_freq freq0/max_freq \
		freq0/rp0_freq freq0/rpn_freq gtidle/idle_residency_ms
	put_file "$drm/card0/device/hwmon/hwmon0/name" xe
	put_file "$drm/card0/device/hwmon/hwmon0/energy1_input" 5000000
	pci drm/card1 i915 8086:56A0 04
	gt "$drm/card1/gt/gt0" rps_act_freq_mhz rps_min_freq_mhz rps_max_freq_mhz \
		rps_RP0_freq_mhz rps_RPn_freq_mhz rc6_residency_ms
	put_file "$drm/card1/device/hwmon/hwmon1/name" i915
	put_file "$drm/card1/device/hwmon/hwmon1/energy1_input" 7000000
	pci drm/card2 amdgpu 1002:744C 05
	put_file "$drm/card2/device/gpu_busy_percent" 42
	put_file "$drm/card2/device/pp_dpm_sclk" $'0: 500Mhz\n1: 1100Mhz *\n2: 2400Mhz'
	put_file "$drm/card2/device/hwmon/hwmon2/name" amdgpu
	put_file "$drm/card2/device/hwmon/hwmon2/power1_average" 99000000
	pci accel/accel0 intel_vpu 8086:B03E 06
	put_file "$accel/accel0/device/npu_busy_time_us" 1000
	put_file "$accel/accel0/device/freq/current_freq" 950
	put_file "$accel/accel0/device/freq/hw_min_freq" 300
	put_file "$accel/accel0/device/freq/hw_max_freq" 1400
	put_file "$accel/accel0/device/freq/set_max_freq" 1400
	pci accel/accel1 habanalabs 1DA3:1020 07
	put_file "$accel/accel1/clk_max_freq_mhz" 1650
	put_file "$accel/accel1/clk_cur_freq_mhz" 200
	put_file "$accel/accel1/max_power" 600000
}

# always NAME FILTER WANT: it is that over more than a second, in which an NPU's busy
# time is read again.
always() {
	local i

	for i in {1..13}; do
		of_is "$1" "$2" "$3" || return
		sleep 0.1
	done
}

plan 25
tree_new
machine
config '[Device *]' 'SamplePeriod=10ms'
start_daemon
is "it starts" "$?" 0
for name in xe i915 amdgpu ivpu gaudi; do
	case $name in
	xe) at=$name-0000:03:00.0 want='null null 1200000' ;;
	i915) at=$name-0000:04:00.0 want='null null 1200000' ;;
	amdgpu) at=$name-0000:05:00.0 want='420 99000 1100000' ;;
	ivpu) at=$name-0000:06:00.0 want='null null 950000' ;;
	gaudi) at=$name-0000:07:00.0 want='null null 200000' ;;
	esac
	check "$name is observed" wait_until 20 of_is "$at" '.reads > 20' true
	check "$name tells what a file tells, all the time" \
		always "$at" '.signals | "\(.busy_permille) \(.power_mw) \(.clock_khz)"' "$want"
done
for at in xe-0000:03:00.0 i915-0000:04:00.0; do
	check "$at is in no phase that was made up" \
		always "$at" '.would.phase // "unknown"' unknown
	out=$(accelgov status --socket "$tmp/sock" "$at")
	matches "nor has it a power of nothing" "$out" 'power +unknown'
done

# What can be set, but never is.
is "clocks that no file tells are no choice" \
	"$(of gaudi-0000:07:00.0 '"\(.problem) \(.would)"')" \
	'nothing is decided, because its clocks are not known null'
told=$(cli doctor)
gaudi=$(grep -A1 ^gaudi <<<"$told")
matches "doctor says what follows from that" "$gaudi" \
	'only observed by accelgovd, and nothing is decided'
others=$(grep -A1 -E '^(xe|i915|amdgpu|ivpu)' <<<"$told")
check "others are there as well" test -n "$others"
refuse "and it says so of no other" grep -q 'only observed' <<<"$others"
is "nor does it promise a device for it" \
	"$(cli doctor --json | jq -r '.checks[] | select(.check == "devices").found')" \
	'0, and 4 accelerators that could have one'
stop_daemon TERM
is "it ends well" "$daemon_rc" 0

# What may not be read is not missing.
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	cp "$ACCELGOV_BUILD/bin/accelgov" "$tmp/" && chmod 755 "$tmp" "$tree"
	chmod 700 "$tree/sys"
	for command in doctor devices; do
		rc "$command: a tree of somebody else's" 4 setpriv --reuid 65534 \
			--clear-groups "$tmp/accelgov" "$command" --root "$tree"
		is "and that is all it says" "$out$err" \
			"accelgov $command: can't list devfreq devices: Permission denied"
	done
else
	for command in doctor devices; do
		skip "$command: a tree of somebody else's" "needs root to be somebody else"
		skip "and that is all it says" "needs root to be somebody else"
	done
fi
finish
