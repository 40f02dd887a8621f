#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# watch.sh - CPU time of accelgovd that watches eight GPUs, played by a library that
# does next to nothing, at the default rate; and by one whose calls take what an H200's
# driver takes, once what observing may cost is spent. WATCH_AGAINST=FILE takes turns
# with another accelgovd, since what a machine's time is worth changes from run to run.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

gpus=8
seconds=10 rounds=3 dear_seconds=120
! full || seconds=60 rounds=5 dear_seconds=1200
fakes=$ACCELGOV_BUILD/selftests/fakes
[[ -e $fakes/libnvidia-ml.so.1 ]] || die 1 "no fake library: make progs"
tmp=$(mktemp -d) || exit
pid=''
trap '[[ -z $pid ]] || kill "$pid"; rm -rf -- "$tmp"' EXIT
mkdir -- "$tmp/etc"
: >"$tmp/etc/accelgov.conf"
for ((i = 1; i <= gpus; i++)); do
	printf '%s\n' '[gpu]' "uuid=GPU-$i" "bus=0000:0$i:00.0" 'name=NVIDIA H100' 'arch=9' \
		'clocks=345-1980/15' 'mem_clocks=2619' 'sm_mhz=1980' 'mem_mhz=2619' \
		'util_gpu=99' 'util_mem=80' 'power_mw=450000' 'power_average_mw=450000' \
		'processes=1' 'cap_mw=700000' 'cap_min_mw=200000' 'cap_max_mw=700000' \
		'energy_mj=1' 'temp_c=60' 'mem_total_mib=81559' 'mem_used_mib=70000' \
		'gpm=1' 'gpm.1=99' 'gpm.2=98' 'gpm.5=12' 'gpm.10=85'
done >"$tmp/cheap"
# CPU time of hardware.rst's table, "Cost"; GPM's sample with its ten metrics.
sed 's/^\[gpu\]$/&\nspin=nvmlDeviceGetClockInfo:147\nspin=nvmlDeviceGetFieldValues:84\nspin=nvmlGpmSampleGet:383\nspin=nvmlDeviceGetTotalEnergyConsumption:4588\nspin=nvmlDeviceGetMemoryInfo_v2:33\nspin=nvmlDeviceGetComputeRunningProcesses_v3:37/' \
	"$tmp/cheap" >"$tmp/dear"

# CPU time of all threads, ns, and how often they gave their CPU up and lost it.
spent() {
	local threads=/proc/$pid/task

	cat "$threads"/*/schedstat "$threads"/*/status 2>/dev/null | awk '
		NF == 3 && $1 + 0 == $1 { ns += $1 }
		/^voluntary/ { slept += $2 }
		/^nonvoluntary/ { lost += $2 }
		END { printf "%.0f %d %d\n", ns, slept, lost }'
}

readings() {
	"$ACCELGOV_BUILD/selftests/progs/ask" "$tmp/sock" '{"method":"status"}' |
		jq '[.accelerators[].reads] | add // 0'
}

# status FILTER
status() {
	"$ACCELGOV_BUILD/selftests/progs/ask" "$tmp/sock" '{"method":"status"}' | jq -r "$1"
}

all_rest() {
	[[ $(status '[.accelerators[].rest_us] | length == '"$gpus"' and all(. != null)') == true ]]
}

# measure PROGRAM DRIVER SECONDS: one line of JSON.
measure() {
	local before after from to reads all=0 seconds=$3

	env "ACCELGOV_FAKE_NVML=$tmp/$2" ACCELGOV_FAKE_NVML_STILL=1 "LD_LIBRARY_PATH=$fakes" \
		"$1" --config-dir "$tmp/etc" --socket "$tmp/sock" --state "$tmp/state" \
		>/dev/null 2>"$tmp/log" &
	pid=$!
	for ((i = 0; i < 100 && all < 20 * gpus; i++)); do
		sleep 0.2
		[[ ! -S $tmp/sock ]] || all=$(readings)
	done
	# The first look, which is paid for in advance.
	for ((i = 0; i < 300; i++)); do
		[[ $2 != cheap ]] || break
		! all_rest || break
		sleep 0.2
	done
	reads=$(readings) before=$(spent) from=$(now_ns)
	sleep "$seconds"
	after=$(spent) to=$(now_ns) reads=$(($(readings) - reads))
	kill "$pid" && wait "$pid"
	pid=''
	rm -f -- "$tmp/sock"
	((reads > 0)) || return
	read -ra before <<<"$before"
	read -ra after <<<"$after"
	jq -nc --arg program "$1" --arg driver "$2" --argjson cpu_ns $((after[0] - before[0])) \
		--argjson slept $((after[1] - before[1])) --argjson lost $((after[2] - before[2])) \
		--argjson ns $((to - from)) --argjson reads "$reads" \
		'{program: $program, driver: $driver, seconds: ($ns / 1e9 | round), ppm: ($cpu_ns * 1e6 / $ns | round),
		  us_per_reading: ($cpu_ns / 1000 / $reads * 10 | round / 10),
		  switches_per_reading: ($slept / $reads * 100 | round / 100),
		  preempted: $lost, readings: $reads}'
}

now_ns() {
	date +%s%N
}

programs=(${WATCH_AGAINST:+"$WATCH_AGAINST"} "$ACCELGOV_BUILD/bin/accelgovd")
{
	for ((round = 0; round < rounds; round++)); do
		for program in "${programs[@]}"; do
			measure "$program" cheap "$seconds" ||
				die 1 "nothing was read: $(tail -n 3 -- "$tmp/log")"
		done
	done
	measure "${programs[-1]}" dear "$dear_seconds" ||
		die 1 "nothing was read: $(tail -n 3 -- "$tmp/log")"
} >"$tmp/runs" || exit
# The least of several runs is what others on the machine took least from.
jq -s --argjson gpus "$gpus" '
	{gpus: $gpus, rows: (group_by([.program, .driver]) | map(
		sort_by(.ppm) | {program: .[0].program, driver: .[0].driver,
		seconds: .[0].seconds, ppm: map(.ppm),
		least: .[0], median: .[length / 2 | floor]}))}' "$tmp/runs" | keep watch
