#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov devices and doctor on recordings of real machines: what they show must be
# what the files say, worked out here in another way. Skipped without the recordings.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"

: "${ACCELGOV_BUILD:=$(cd "${0%/*}/../.." && pwd -P)/build}"
PATH=$ACCELGOV_BUILD/bin:$PATH
cd "$ACCELGOV_SRC" || bail "no source tree"
data=${ACCELGOV_DATA:-../shared/data}/sysfs/lact-snapshots/lact_sysfs_dev.tar.gz
[[ -r $data ]] || skip_all "no recordings: $data is not there"
command -v jq >/dev/null || skip_all "no jq"
tmp=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$tmp"
tar -xzf "$data" -C "$tmp" || bail "can't unpack $data"

# raw FILE: its text, without what pads it; "null" when there is none.
raw() {
	local text

	text=$(tr -d '\0' 2>/dev/null <"$1")
	printf '%s' "${text:-null}"
}

# number FILE [FACTOR [DIVISOR]]
number() {
	local n

	n=$(raw "$1")
	[[ $n =~ ^[0-9]+$ ]] && echo $((n * ${2:-1} / ${3:-1})) || echo null
}

event() {
	tr -d '\0' <"$dev/uevent" | sed -n "s/^$1=//p"
}

# u16 OFFSET: two bytes of gpu_metrics.
u16() {
	[[ -r $dev/gpu_metrics ]] || return
	od -An -tu2 -j "$1" -N 2 --endian=little "$dev/gpu_metrics" | tr -d ' '
}

revision() {
	[[ -r $dev/gpu_metrics ]] || return
	od -An -tu1 -j 2 -N 2 "$dev/gpu_metrics" | awk '{ print $1 "." $2 }'
}

# hwmon_label KIND LABEL: the number of the channel that is called so.
hwmon_label() {
	local f

	for f in "$hw"/"$1"*_label; do
		[[ $(raw "$f") != "$2" ]] || echo "${f//[!0-9]/}"
	done | sed 's/.*\(.\)$/\1/' | head -n 1
}

# A clock of 0 is one that is switched off: not known.
labelled_khz() {
	local n khz

	n=$(hwmon_label freq "$1")
	khz=$(number "$hw/freq${n}_input" 1 1000)
	[[ $khz != 0 ]] && echo "$khz" || echo null
}

hottest() {
	local f t max=null

	for f in "$hw"/temp*_input; do
		[[ -e $f && ! $(raw "${f/_input/_label}") =~ ^(mem|vram)$ ]] || continue
		t=$(raw "$f")
		[[ $max != null && $max -ge $t ]] || max=$t
	done
	echo "$max"
}

# levels FILE [all]: clocks in MHz. Without "all" the middle one of three is left
# out: where that is where the clock is, not a level.
levels() {
	tr -d '\0' 2>/dev/null <"$dev/$1" | grep -ioE '^[0-9]+: *[0-9]+mhz' |
		sed 's/^[0-9]*: *//; s/[Mm][Hh][Zz]//' |
		awk -v all="${2-}" '{ v[NR] = $1 } END {
			for (i = 1; i <= NR; i++)
				if (all != "" || NR != 3 || i != 2)
					print v[i] }' | awk '$1 > 0'
}

# same NAME PATH WANT: a value of the only accelerator.
same() {
	is "$where: $1" "$(jq -c ".accelerators[0]$2" <<<"$out")" "$3"
}

common() {
	same "one accelerator" "? as \$a | \"\(\$a.bus)\"" "\"$(event PCI_SLOT_NAME)\""
	is "$where: no other" "$(jq '.accelerators | length' <<<"$out")" 1
	same "PCI number" .pci "\"$(event PCI_ID | tr 'A-F' 'a-f')\""
	same "driver" .driver "\"$(event DRIVER)\""
	same "vendor" .vendor "\"$1\""
	same "a model" '.model != null' true
	same "every signal that is missing has a reason, no other has" \
		'.signals | all(.valid == (.why == null))' true
	same "so has every actuator that can't be used" \
		'.actuators | all((.there and .writable) or .why != null)' true
	same "a value is within its range" \
		'.actuators | all(.value == null or ((.min == null or .value >= .min) and (.max == null or .value <= .max)))' true
	same "clocks ascend and end where the range ends" \
		'| .clocks_khz == (.clocks_khz | unique) and (.clocks_khz == [] or (.clocks_khz[0] == .actuators.clock_khz.min and .clocks_khz[-1] == .actuators.clock_khz.max))' true
	same "nobody could say who uses it" '.clients' null
}

amd_busy() {
	same "busy" .signals.busy_permille.value "$(number "$dev/gpu_busy_percent" 10)"
	if [[ -e $dev/mem_busy_percent ]]; then
		same "memory" .signals.memory_permille.value "$(number "$dev/mem_busy_percent" 10)"
	elif [[ $(revision) == 1.3 ]]; then
		same "memory, from gpu_metrics" .signals.memory_permille.value $(($(u16 18) * 10))
	else
		same "memory" .signals.memory_permille.valid false
	fi
}

amd_cap() {
	same "power cap" .actuators.cap_mw.value "$(number "$hw/power1_cap" 1 1000)"
	same "power cap, lowest" .actuators.cap_mw.min "$(number "$hw/power1_cap_min" 1 1000)"
	same "power cap, highest" .actuators.cap_mw.max "$(number "$hw/power1_cap_max" 1 1000)"
}

# Two lines without voltages and a range: the ends of the clock can be set. Else the
# levels are it.
amd_clock() {
	local od ends mhz

	od=$(tr -d '\0' 2>/dev/null <"$dev/pp_od_clk_voltage")
	ends=$(sed -n '/^OD_SCLK/,/^OD_[^S]/s/^[01]: *\([0-9]*\)[Mm][Hh]z$/\1/p' <<<"$od")
	mhz=$(levels pp_dpm_sclk | sort -un)
	if (($(wc -w <<<"$ends") == 2)) && grep -q '^SCLK:' <<<"$od"; then
		same "highest clock in force" .actuators.clock_khz.value $(($(tail -n 1 <<<"$ends") * 1000))
		same "lowest clock to set" .actuators.clock_khz.min \
			$(($(sed -n 's/^SCLK: *\([0-9]*\)M.*/\1/p' <<<"$od") * 1000))
	elif (($(wc -w <<<"$mhz") > 1)); then
		same "clocks to set" '.clocks_khz | map(. / 1000)' "[$(paste -sd, <<<"$mhz")]"
	else
		same "no clock to set" .actuators.clock_khz.there false
	fi
	mhz=$(levels pp_dpm_mclk all | sort -un)
	if (($(wc -w <<<"$mhz") > 1)); then
		same "memory clocks" '.actuators.mem_clock_khz | [.min, .max] | map(. / 1000)' \
			"[$(head -n 1 <<<"$mhz"),$(tail -n 1 <<<"$mhz")]"
	else
		same "no memory clock to set" .actuators.mem_clock_khz.there false
	fi
}

amd() {
	local power=$hw/power1_average

	common AMD
	amd_busy
	[[ -e $power ]] || power=$hw/power1_input
	same "power" .signals.power_mw.value "$(number "$power" 1 1000)"
	same "clock" .signals.clock_khz.value "$(labelled_khz sclk)"
	[[ -z $(hwmon_label freq mclk) ]] ||
		same "memory clock" .sensors.mem_clock_khz "$(labelled_khz mclk)"
	same "temperature" .sensors.temperature_mc "$(hottest)"
	same "memory in use" .sensors.mem_used_bytes "$(number "$dev/mem_info_vram_used")"
	same "memory there is" .sensors.mem_total_bytes "$(number "$dev/mem_info_vram_total")"
	amd_cap
	amd_clock
}

# intel DIR ACT MIN MAX RP0 RPN IDLE: names below DIR.
intel() {
	local act

	common Intel
	act=$(number "$1/$2" 1000)
	[[ $act != 0 ]] || act=null
	same "clock" .signals.clock_khz.value "$act"
	same "highest clock in force" .actuators.clock_khz.value "$(number "$1/$4" 1000)"
	same "highest clock" .actuators.clock_khz.max "$(number "$1/$5" 1000)"
	same "lowest clock" .actuators.clock_khz.min "$(number "$1/$6" 1000)"
	same "busy can be read" .signals.busy_permille.valid "$([[ -e $1/$7 ]] && echo true || echo false)"
	same "but has no value in a tree that stands still" .signals.busy_permille.value null
	same "energy" .sensors.energy_uj \
		"$(cat "$hw"/energy*_input 2>/dev/null | awk '$1 > 0 { print; f = 1; exit } END { if (!f) print "null" }')"
	same "power comes from it" '| .signals.power_mw.valid == (.sensors.energy_uj != null)' true
	same "power cap" .actuators.cap_mw.value "$(number "$hw/power1_max" 1 1000)"
	same "temperature" .sensors.temperature_mc "$(hottest)"
	same "nothing throttles it" .sensors.throttle '[]'
}

judge() {
	case $(event DRIVER) in
	amdgpu) amd ;;
	xe) intel "$dev/tile0/gt0" freq0/act_freq freq0/min_freq freq0/max_freq \
		freq0/rp0_freq freq0/rpn_freq gtidle/idle_residency_ms ;;
	i915) intel "$card/gt/gt0" rps_act_freq_mhz rps_min_freq_mhz rps_max_freq_mhz \
		rps_RP0_freq_mhz rps_RPn_freq_mhz rc6_residency_ms ;;
	nvidia)
		common NVIDIA
		same "nothing can be read" '.signals | any(.valid)' false
		same "for the library is not there" '.signals.busy_permille.why | test("NVML")' true
		;;
	*) not_ok "$where: a driver this test knows" "$(event DRIVER)" ;;
	esac
}

# Somebody may have recorded less or more than the card.
other_roots() {
	local whole whole_sys=$tmp/whole

	whole=$(jq -cS '.accelerators[0] | del(.name)' <<<"$out")
	is "$where: the same with the card as root" \
		"$(accelgov devices --json --root "$card" | jq -cS '.accelerators[0] | del(.name)')" "$whole"
	rm -rf "$whole_sys"
	mkdir -p "$whole_sys/sys/class/drm"
	cp -r "$card" "$whole_sys/sys/class/drm/"
	is "$where: the same in a whole /sys" \
		"$(accelgov devices --json --root "$whole_sys" | jq -cS '.accelerators[0] | del(.name)')" "$whole"
	[[ $(event DRIVER) != i915 ]] || return
	is "$where: the same with the device as root" \
		"$(accelgov devices --json --root "$dev" | jq -cS '.accelerators[0] | del(.name)')" "$whole"
}

# What is not known is said once, and not as if it were a number.
ranges() {
	is "$where: no range from unknown to unknown" \
		"$(accelgov devices --root "$tmp/$where" | grep -c 'unknown to unknown')" 0
}

doctor() {
	local told

	told=$(accelgov doctor --json --root "$tmp/$where")
	is "$where: doctor tells the same signals" \
		"$(jq -c '.accelerators[0].signals.work' <<<"$told")" \
		"$(jq -c '[.accelerators[0].signals | to_entries[] | select(.value.valid) | .key]' <<<"$out")"
	is "$where: and why the rest is missing" \
		"$(jq -cS '.accelerators[0].signals.missing' <<<"$told")" \
		"$(jq -cS '.accelerators[0].signals | with_entries(select(.value.valid | not) | .value |= .why)' <<<"$out")"
	is "$where: it does not judge a kernel that was not recorded" \
		"$(jq -c '[.checks[] | select(.check | test("^(kernel|devfreq$|bpf|perf|lockdown|module)")).result] | unique' <<<"$told")" \
		'["unknown"]'
	is "$where: doctor knows what can be set" \
		"$(jq -c '.accelerators[0].actuators.work' <<<"$told")" \
		"$(jq -c '[.accelerators[0].actuators | to_entries[] | select(.value.there and .value.writable) | .key]' <<<"$out")"
}

count=0
for card in "$tmp"/*/*/card*; do
	dev=$card/device
	where=${card%/*}
	where=${where#"$tmp"/}
	hw=$(echo "$dev"/hwmon/hwmon*)
	count=$((count + 1))
	out=$(accelgov devices --json --root "$tmp/$where")
	is "$where: devices ends well" "$?" 0
	judge
	other_roots
	ranges
	doctor
done
within "there were recordings" "$count" 10 1000
finish
