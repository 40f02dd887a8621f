#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: time
# vm-smp: 1
# vm-icount: simulated time, whatever the host does
# vm-again: a host that stops for a moment makes a bridged target late
# vm-timeout: 900
# vm-fast: accuracy of simulated time, of the same code as bridge
#
# The same serving on ten boards: one runs at its top clock, three are governed natively,
# by PMU and BPF collector, three over the bridge, by library, daemon and proxy device,
# and three natively by a PMU without what the library lacks, queue depth and progress.
# Three of each, and their means: what a governor finds out in its first minutes depends
# on what it happens to meet, with and without a bridge.
#
# Equal means: the same phases for 85 % of the time, energy for the same work no more than
# 5 % above and 10 % below, slowdown within 2 points and at most 1 above the budget. Less
# energy at the same slowdown is no fault of a bridge: natively the books are more
# cautious, for there progress is known and clocks that were not compared by it count as
# lost. Clocks are told and not judged: the library knows no progress, by which the native
# side corrects what counters say, so its models, and with them its clocks, are other ones.
#
# That the bridge changes nothing about decisions is judged one by one and exactly: what
# each of both governors was told is recorded, and the core in userspace has to decide
# the same from it.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
fakes=$ACCELGOV_BUILD/selftests/fakes
[[ -e $fakes/libnvidia-ml.so.1 ]] || bail "no fake library: make progs"
# Boards of each kind: the simulated device that is N, or works as N.
natives=(1 2 3) bridges=(4 5 6) narrows=(7 8 9)

# gpu N: what bridges accelsim.N.
gpu() {
	printf 'nvidia-0000:0%d:00.0\n' "$1"
}

printf 'driver=590.48.01\n' >"$run/gpus"
for n in "${bridges[@]}"; do
	printf '%s\n' '[gpu]' "uuid=GPU-$n" "bus=0000:0$n:00.0" \
		'name=NVIDIA H100 80GB HBM3' 'arch=9' 'mem_clocks=2619' 'mem_mhz=2619' \
		'temp_c=50' 'nvlink=18:26562' 'pcie=5:16' 'gpm=1' 'processes=1' \
		'cap_mw=700000' 'cap_min_mw=200000' 'cap_max_mw=700000' \
		"sim=accelsim.$n" >>"$run/gpus"
done
export ACCELGOV_FAKE_NVML=$run/gpus LD_LIBRARY_PATH=$fakes

# Where accelgov runs, in three columns of as many boards: native, bridged, narrow.
governed=()
for n in "${natives[@]}"; do governed+=("$DEVFREQ/accelsim.$n"); done
for n in "${bridges[@]}"; do governed+=("$DEVFREQ/$(gpu "$n")"); done
for n in "${narrows[@]}"; do governed+=("$DEVFREQ/accelsim.$n"); done

# Phase and clock that each wants, as long as it is asked: two words of each in a line.
watch() {
	local dev phase hz line

	while pause 0.1; do
		line=''
		for dev in "${governed[@]}"; do
			read -r phase <"$dev/accelgov/phase" || continue 2
			read -r hz <"$dev/target_freq" || continue 2
			# Before the first decision devfreq's target is the largest number
			# there is.
			((${#hz} < 13)) || continue 2
			line+="$phase $hz "
		done
		echo "$line"
	done >"$run/watch" 2>/dev/null
}

# Widest gap between neighbouring operating points.
step_hz() {
	tr ' ' '\n' <"${governed[0]}/available_frequencies" | sort -n |
		awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { print gap }'
}

# phases COLUMN: share of the time in each, per mille.
phases() {
	awk -v c="$1" '{ for (i = 0; i < 3; i++) n[$(6 * c + 2 * i + 1)]++ }
		END { for (p in n) printf "%s %d\n", p, 1000 * n[p] / NR / 3 }' \
		"$run/watch" | sort | xargs
}

# same WHAT COLUMN: share of the time in which it is, per mille, of each board in that
# column and each bridged one: phase, step (the clock, within one operating point), near
# (within 5 %).
same() {
	awk -v what="$1" -v c="$2" -v step="$(step_hz)" '{
		for (i = 0; i < 3; i++) for (j = 0; j < 3; j++) {
			p = 6 * c + 2 * i + 1; q = 6 + 2 * j + 1
			off = $(p + 1) > $(q + 1) ? $(p + 1) - $(q + 1) : $(q + 1) - $(p + 1)
			same["phase"] += $p == $q
			same["step"] += off <= step
			same["near"] += off <= $(p + 1) / 20
		}
	} END { printf "%d\n", 1000 * same[what] / NR / 9 }' "$run/watch"
}

# mean_clock COLUMN: MHz.
mean_clock() {
	awk -v c="$1" '{ for (i = 0; i < 3; i++) sum += $(6 * c + 2 * i + 2) }
		END { printf "%d\n", sum / NR / 3 / 1e6 }' "$run/watch"
}

# mean FIELD N...: of what these boards came to.
mean() {
	local of

	of=$(printf ',"accelsim.%s"' "${@:2}")
	jq -r "[.runs[] | select(.device | IN(${of#,})) | $1] | add / length" "$out/results.json"
}

# ratio N...: energy for the same work, bridged against these, in per mille.
ratio() {
	awk -v a="$(mean .energy_per_work_j "${bridges[@]}")" -v b="$(mean .energy_per_work_j "$@")" \
		'BEGIN { printf "%d\n", 1000 * a / b }'
}

# slower_than N...: tenths of a percentage point.
slower_than() {
	awk -v a="$(mean .slowdown_ref_permille "${bridges[@]}")" \
		-v b="$(mean .slowdown_ref_permille "$@")" \
		'BEGIN { printf "%d\n", a - b }'
}

is_ready() {
	[[ $(<"$DEVFREQ/$(gpu "$1")/accelgov/state") == active ]]
}

# again DEVICE FIELD: of what replay says of its governor.
again() {
	jq -r --arg d "$1" ".devices[] | select(.name == \$d).governed.$2" "$run/again"
}

# same_decisions DEVICE WHICH: the kernel's, and those of the same core on what was
# recorded of its governor. Nothing is rounded on the way, so there is no tolerance.
same_decisions() {
	diag "$2: $(jq -c --arg d "$1" '.devices[] | select(.name == $d).governed' "$run/again")"
	is "$2: all that its governor was told is recorded" "$(again "$1" exact)" true
	within "$2: it decided" "$(again "$1" decisions)" 50 1000000
	is "$2: each decision is that of the core on the same signals" \
		"$(again "$1" decisions_same)" "$(again "$1" decisions)"
	is "$2: and each phase" "$(again "$1" phases_same)" "$(again "$1" samples)"
}

out=$run/out
load_modules devices=10 profile=h100-sxm
for n in "${narrows[@]}"; do hide "accelsim.$n" queue progress; done
config '[Daemon]' 'SamplePeriod=100ms' '[Device nvidia-*]' 'Mode=active'
accelgov record --device accelsim.1 --device "$(gpu 4)" --out "$run/both.rec" 2>"$run/record.log" &
recorder=$!
defer kill "$recorder"
wait_until 30 test -s "$run/both.rec" || bail "no recording: $(<"$run/record.log")"
start_daemon || bail "no daemon: $(<"$log")"
for n in "${bridges[@]}"; do
	check "the bridge of accelsim.$n stands" wait_until 60 is_ready "$n"
done
{
	echo serving@accelsim.0=performance
	printf 'serving@accelsim.%d=accelgov\n' "${natives[@]}" "${narrows[@]}"
	printf 'serving@accelsim.%d=simple_ondemand\n' "${bridges[@]}"
} >"$run/plan"
accelgov play --plan "$run/plan" --duration 120s --out "$out" \
	>"$run/play.log" 2>&1 &
play=$!
for dev in "${governed[@]}"; do
	wait_until 60 test -e "$dev/accelgov/phase" || bail "play: $(<"$run/play.log")"
done
watch &
watcher=$!
wait "$play" || bail "play failed: $(<"$run/play.log")"
kill "$watcher"

diag "phases native:  $(phases 0)"
diag "phases bridged: $(phases 1)"
diag "phases narrow:  $(phases 2)"
jq -r '.runs[] | "\(.device): \(.governor) \(.energy_per_work_j) J/token, slower \(.slowdown_ref_permille) per mille"' \
	"$out/results.json" | sort | while read -r line; do diag "$line"; done
diag "same phase as natively: $(same phase 0) per mille, clock within a step: $(same step 0), within 5 %: $(same near 0)"
diag "with the same signals: $(same phase 2) per mille, clock within a step: $(same step 2), within 5 %: $(same near 2)"
diag "set: $(ask_daemon status | jq -c '.accelerators[].set')"
saved=$((1000 - $(ratio 0)))
diag "bridged saves $saved per mille against the top clock, uses $(ratio "${natives[@]}") per mille of what native uses, $(ratio "${narrows[@]}") of native with the same signals"
diag "mean clock: native $(mean_clock 0) MHz, bridged $(mean_clock 1) MHz, native with the same signals $(mean_clock 2) MHz"
within "the same phases (per mille of the time)" "$(same phase 0)" 850 1000
within "the same energy for the same work (per mille)" "$(ratio "${natives[@]}")" 900 1050
within "the same slowdown (tenths of a point)" "$(slower_than "${natives[@]}")" -20 20
within "with the same signals: phases" "$(same phase 2)" 850 1000
within "with the same signals: energy" "$(ratio "${narrows[@]}")" 950 1050
within "with the same signals: slowdown" "$(slower_than "${narrows[@]}")" -10 10
for n in "${bridges[@]}"; do
	within "accelsim.$n: near the budget (per mille)" "$(mean '.slowdown_ref_permille | floor' "$n")" -5 40
done
within "with a saving (per mille)" "$saved" 150 500
kill "$recorder"
wait "$recorder"
diag "$(<"$run/record.log")"
cp "$run/both.rec" "${ACCELGOV_OUT:-$run}/"
accelgov replay --recording "$run/both.rec" --json >"$run/again" || bail "no replay"
same_decisions accelsim.1 native
same_decisions "$(gpu 4)" bridged
stop_daemon TERM
finish
