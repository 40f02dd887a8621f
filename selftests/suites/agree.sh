#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: time
# vm-smp: 1
# vm-icount: simulated time is compared with the guest's, whatever the host does
# vm-again: a host that stops for a moment lets a guest idle that would have worked
# vm-timeout: 480
# vm-fast: accuracy of simulated time, of the same code as play
#
# Kernel and replay agree: the same work on the same device under the same
# governor, once played through the modules, the collector and the daemon, and once
# in simulated time, differs by at most 3 % in energy per work and 1 percentage
# point in slowdown.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
duration=${AGREE_DURATION:-60s}
runs=(serving/h100-sxm/performance serving/h100-sxm/accelgov
	training/a100-sxm/performance training/a100-sxm/accelgov)

profiles() {
	local pair

	for pair in "${runs[@]}"; do
		cut -d/ -f2 <<<"$pair"
	done | paste -sd, -
}

plan_of() {
	local i workload governor

	for i in "${!runs[@]}"; do
		IFS=/ read -r workload _ governor <<<"${runs[i]}"
		echo "$workload@accelsim.$i=$governor"
	done
}

# The same command line as play's, as far as both have it.
replay() {
	local workload=$1 profile=$2 governor=$3

	accelgov replay --device "$profile" --workload "$workload" --policy "$governor" \
		--duration "$duration" --json 2>>"$run/replay.log"
}

# field FILE WORKLOAD GOVERNOR EXPRESSION
field() {
	jq -r --arg w "$2" --arg g "$3" \
		".runs[] | select(.workload == \$w and .governor == \$g) | $4" "$1"
}

# watch DEVICE: how many samples its governor took in which time, for as long as
# it has one. A collector that waits for the host's CPU samples late.
watch() {
	local taken now first=''

	while sleep 1; do
		taken=$(cat "$DEVFREQ/$1/accelgov/stats/samples" 2>/dev/null)
		now=$(now_ms)
		if [[ -n $taken ]]; then
			first=${first:-$now $taken}
			echo "$first $now $taken" >"$run/watch.$1"
		fi
	done
}

tell_samples() {
	local begin before end after

	read -r begin before end after <"$run/watch.accelsim.$1" || return
	diag "${runs[$1]}: $((after - before)) samples in $((end - begin)) ms," \
		"decisions within $(field "$out/results.json" "$2" "$4" '.decision_latency_us.p99') us (p99)"
}

compare() {
	local workload=$2 governor=$4 kernel simulated energy slowdown

	kernel=$(field "$out/results.json" "$workload" "$governor" \
		'"\(.energy_per_work_j) \(.slowdown_ref_permille)"')
	simulated=$(field "$run/replay.$1.json" "$workload" "$governor" \
		'"\(.energy_per_work_j) \(.slowdown_ref_permille)"')
	read -r energy slowdown < <(awk -v k="$kernel" -v s="$simulated" 'BEGIN {
		split(k, a, " "); split(s, b, " ")
		printf "%.0f %.0f\n", 1e4 * (a[1] / b[1] - 1), 10 * (a[2] - b[2]) }')
	diag "${runs[$1]}: J per work and slowdown, kernel $kernel, replay $simulated"
	within "$workload under $governor: energy within 3 % (in hundredths of 1 %)" \
		"$energy" -300 300
	within "$workload under $governor: slowdown within 1 point (in hundredths)" \
		"$slowdown" -100 100
}

out=$run/out
load_modules "devices=${#runs[@]}" "profile=$(profiles)"
config ""
start_daemon || bail "no daemon: $(<"$log")"
plan_of >"$run/plan"
watchers=()
for i in "${!runs[@]}"; do
	watch "accelsim.$i" &
	watchers+=("$!")
done
defer kill "${watchers[@]}"
accelgov play --plan "$run/plan" --duration "$duration" --out "$out" \
	>"$run/play.log" 2>&1 || bail "play failed: $(<"$run/play.log")"
kill "${watchers[@]}"
stop_daemon
for i in "${!runs[@]}"; do
	IFS=/ read -r workload profile governor <<<"${runs[i]}"
	replay "$workload" "$profile" "$governor" >"$run/replay.$i.json" ||
		bail "replay failed: $(<"$run/replay.log")"
	[[ $governor != accelgov ]] || tell_samples "$i" "$workload" "$profile" "$governor"
	compare "$i" "$workload" "$profile" "$governor"
done
finish
