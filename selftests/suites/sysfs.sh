#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: races
# vm-cost: 37
#
# Every file below accelgov/: what it reads, takes and refuses.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=1 profile=a100-sxm
use accelsim.0 accelgov

readable='push_token workload phase phase_age_ms confidence_permille state
slowdown_permille energy_uj energy_saved_uj power_cap_asked_uw policy idle/predicted_us
idle/autosuspend_ms idle/steps stats/samples stats/dropped stats/decisions
stats/transitions stats/fallbacks stats/decision_latency_p50_us
stats/decision_latency_p99_us stats/collector_ns_per_sample stats/lost_time_us
stats/switch_us stats/switches_measured
policy_stats/calls policy_stats/longest_ns policy_stats/decisions
policy_stats/bad_phases policy_stats/bad_clocks policy_stats/bad_delays
policy_stats/refused_switches policy_stats/budget_overruns
policy_stats/slow_calls policy_exit/name policy_exit/code policy_exit/reason
policy_exit/offence policy_exit/last_decisions'
phases='compute memory link-wait input-stall checkpoint mixed loaded-idle idle'

# path, default, values that stick, values out of range
writable='slowdown_budget_permille 30 0,1000,30 -1,1001
power_cap_uw 0 300000000,1000,0 -1,999,4294967295001
sample_period_us 10000 1000,100000,10000 0,999,100001
lease_ms 0 0 -1,3600001
idle/enable 1 0,1 -1,2
idle/break_even_us 2000000 0,1,3600000000,2000000 -1,3600000001
idle/max_latency_us 0 5000,0 -1,3600000001
idle/wake_latency_us 0 5000,0 -1,3600000001'
for p in $phases; do
	writable+="
phases/$p/min_freq_hz 0 210000000,1000,0 -1,4294967295001
phases/$p/max_freq_hz 0 1410000000,0 -1,999,4294967295001
phases/$p/slowdown_budget_permille -1 0,1000,-1 -2,1001"
done

cd "$ag" || bail "no $ag"
want=$({ tr ' ' '\n' <<<"$readable"; cut -d' ' -f1 <<<"$writable"; } | sort)
is "exactly the documented files are there" "$(find . -type f -printf '%P\n' | sort)" "$want"

modes() {
	find . -type f -perm "$1" -printf '%P\n' | sort
}
is "what can be written is root's to write" "$(modes 0644)" "$(cut -d' ' -f1 <<<"$writable" | sort)"
is "the rest can be read only" "$(modes 0444)" "$(tr ' ' '\n' <<<"$readable" | sort)"

# Files without a measurement read ENODATA; all others end with one newline.
one_line() {
	local file value

	for file in $readable; do
		value=$(cat "$file" 2>&1; echo x)
		case $value in
		*"No data available"*) ;;
		*$'\n'*$'\n'*) echo "$file: more than a line" && return 1 ;;
		*$'\n'x) ;;
		*) echo "$file: no newline" && return 1 ;;
		esac
	done
}
check "one value per file" one_line

documented() {
	local abi=$ACCELGOV_SRC/Documentation/ABI/testing/sysfs-class-devfreq-accelgov file

	find . -type f -printf '%P\n' | sed 's|^phases/[^/]*/|phases/<phase>/|' | sort -u |
		while read -r file; do
			grep -qE "^What:.*/accelgov/$file\$" "$abi" || echo "$file"
		done | grep . && return 1
	return 0
}
check "every file is documented" documented

defaults() {
	local path value

	while read -r path value _; do
		[[ $(attr "$path") == "$value" ]] || echo "$path: $(attr "$path")"
	done <<<"$writable" | grep . && return 1
	return 0
}
check "defaults are as documented" defaults

round_trips() {
	local path values value

	while read -r path _ values _; do
		for value in ${values//,/ }; do
			put "$path" "$value" && [[ $(attr "$path") == "$value" ]] ||
				echo "$path: $value became $(attr "$path")"
		done
	done <<<"$writable" | grep . && return 1
	return 0
}
check "what is written is read" round_trips
check "and ends where it began" defaults

out_of_range() {
	local path bad value

	while read -r path _ _ bad; do
		for value in ${bad//,/ }; do
			refused "$path" "$value" ERANGE || echo "$path: $value"
		done
	done <<<"$writable" | grep . && return 1
	return 0
}
check "values out of range get ERANGE" out_of_range

junk() {
	local path value

	while read -r path _; do
		for value in x 1x '1 2' '' 1.5 0x10 -; do
			refused "$path" "$value" EINVAL || echo "$path: '$value'"
		done
		refused "$path" 99999999999999999999 ERANGE || echo "$path: too long"
	done <<<"$writable" | grep . && return 1
	return 0
}
check "what is no number gets EINVAL" junk
check "none of that changed anything" defaults

put phases/memory/min_freq_hz 900000000
check "a maximum below the minimum gets EINVAL" refused phases/memory/max_freq_hz 800000000 EINVAL
is "and changes nothing" "$(attr phases/memory/max_freq_hz)" 0
put phases/memory/min_freq_hz 0
put phases/compute/max_freq_hz 1000000999
is "a maximum is rounded down to kHz" "$(attr phases/compute/max_freq_hz)" 1000000000
put phases/compute/min_freq_hz 999999001
is "a minimum up" "$(attr phases/compute/min_freq_hz)" 1000000000
put phases/compute/min_freq_hz 0
put power_cap_uw 300000999
is "a power cap down to mW" "$(attr power_cap_uw)" 300000000

read_only() {
	local file

	for file in $readable; do
		put "$file" 1 && echo "$file"
	done | grep . && return 1
	return 0
}
check "files that only tell can't be written" read_only

is "the workload is unknown at first" "$(attr workload)" unknown
is "so is the phase" "$(attr phase)" unknown
is "one policy decides" "$(attr policy)" builtin

governor simple_ondemand
governor accelgov
is "a new start begins with defaults" "$(attr power_cap_uw)" 0

# Readers and writers while the governor comes and goes: no deadlock, no crash.
hammer() {
	local end=$(($(now_ms) + 1500))

	while (($(now_ms) < end)); do
		cat "$ag"/* "$ag"/*/* "$ag"/phases/*/*
		put slowdown_budget_permille 20
		put lease_ms 50
		put idle/enable 1
	done >/dev/null 2>&1
}
switch() {
	local end=$(($(now_ms) + 1500))

	while (($(now_ms) < end)); do
		governor simple_ondemand
		governor accelgov
	done
}
cd /
hammer &
hammer &
switch
wait
check "files can be used while the governor comes and goes" governor accelgov
check "the kernel has nothing to complain about" no_complaints
finish
