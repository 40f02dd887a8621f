#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: time
# vm-smp: 1
# vm-icount: simulated time, whatever the host does
# vm-timeout: 480
# vm-fast: accuracy of simulated time, of the same code as bridge
#
# The same serving on the same board, governed natively and over the bridge: PMU
# and BPF collector on one side; library, daemon and proxy device on the other. A
# third board runs at its top clock, a fourth is governed natively by a PMU without what
# the library lacks, queue depth and progress. Equal means: the same phases for 85 % of the
# time, energy for the same work no more than 5 % above and 10 % below, slowdown
# within 2 points and at most 1 above the budget. Less energy at the same slowdown is
# no fault of a bridge: natively the books are more cautious, for there progress is
# known and clocks that were not compared by it count as lost. Clocks are told and not judged: the library knows no progress, by
# which the native side corrects what counters say, so its models, and with them its
# clocks, are other ones.
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
duration=${BRIDGE_DURATION:-60s}
gpu=nvidia-0000:01:00.0
native=$DEVFREQ/accelsim.1 bridged=$DEVFREQ/$gpu narrow=$DEVFREQ/accelsim.3

printf '%s\n' 'driver=590.48.01' '[gpu]' 'uuid=GPU-1' 'bus=0000:01:00.0' \
	'name=NVIDIA H100 80GB HBM3' 'arch=9' 'mem_clocks=2619' 'mem_mhz=2619' \
	'temp_c=50' 'nvlink=18:26562' 'pcie=5:16' 'gpm=1' 'processes=1' \
	'cap_mw=700000' 'cap_min_mw=200000' 'cap_max_mw=700000' \
	'sim=accelsim.2' >"$run/gpus"
export ACCELGOV_FAKE_NVML=$run/gpus LD_LIBRARY_PATH=$fakes

# Phase and clock that each wants, as long as it is asked.
watch() {
	local a b c d e f

	while sleep 0.1; do
		a=$(<"$native/accelgov/phase") b=$(<"$native/target_freq")
		c=$(<"$bridged/accelgov/phase") d=$(<"$bridged/target_freq")
		e=$(<"$narrow/accelgov/phase") f=$(<"$narrow/target_freq")
		# Before the first decision devfreq's target is the largest number there is.
		((${#b} > 12 || ${#d} > 12 || ${#f} > 12)) || echo "$a $b $c $d $e $f"
	done >"$run/watch" 2>/dev/null
}

# Widest gap between neighbouring operating points.
step_hz() {
	tr ' ' '\n' <"$native/available_frequencies" | sort -n |
		awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { print gap }'
}

# phases FIELD: share of the time in each, per mille.
phases() {
	awk -v f="$1" '{ n[$f]++ } END { for (p in n) printf "%s %d\n", p, 1000 * n[p] / NR }' \
		"$run/watch" | sort | xargs
}

# same WHAT FIELD: share of the time in which it is, per mille, of the board with the phase
# in FIELD and the bridged one: phase, step (the clock, within one operating point), near
# (within 5 %).
same() {
	awk -v what="$1" -v f="$2" -v step="$(step_hz)" '{
		off = $(f + 1) > $4 ? $(f + 1) - $4 : $4 - $(f + 1)
		same["phase"] += $f == $3
		same["step"] += off <= step
		same["near"] += off <= $(f + 1) / 20
	} END { printf "%d\n", 1000 * same[what] / NR }' "$run/watch"
}

# value DEVICE FIELD
value() {
	jq -r --arg d "$1" ".runs[] | select(.device == \$d) | $2" "$out/results.json"
}

# ratio DEVICE FIELD: bridged against a native one, in per mille.
ratio() {
	awk -v a="$(value accelsim.2 "$2")" -v b="$(value "$1" "$2")" \
		'BEGIN { printf "%d\n", 1000 * a / b }'
}

# mean FIELD: of a clock, MHz.
mean() {
	awk -v f="$1" '{ sum += $f } END { printf "%d\n", sum / NR / 1e6 }' "$run/watch"
}

# slower_than DEVICE: tenths of a percentage point.
slower_than() {
	awk -v a="$(value accelsim.2 .slowdown_ref_permille)" \
		-v b="$(value "$1" .slowdown_ref_permille)" \
		'BEGIN { printf "%d\n", a - b }'
}

is_ready() {
	[[ $(<"$bridged/accelgov/state") == active ]]
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

# hide DEVICE EVENT...: of its PMU, as on a board that does not count these.
hide() {
	local events=/sys/bus/event_source/devices/${1/./_}/events event

	cp -r "$events" "$run/events" || bail "no $events"
	for event in "${@:2}"; do
		rm "$run/events/$event" "$run/events/$event".* || bail "no $events/$event"
	done
	mount --bind "$run/events" "$events" || bail "$events can't be hidden"
}

out=$run/out
load_modules devices=4 profile=h100-sxm,h100-sxm,h100-sxm,h100-sxm
hide accelsim.3 queue progress
config '[Daemon]' 'SamplePeriod=100ms' '[Device nvidia-*]' 'Mode=active'
accelgov record --device accelsim.1 --device "$gpu" --out "$run/both.rec" 2>"$run/record.log" &
recorder=$!
defer kill "$recorder"
wait_until 30 test -s "$run/both.rec" || bail "no recording: $(<"$run/record.log")"
start_daemon || bail "no daemon: $(<"$log")"
check "the bridge stands" wait_until 60 is_ready
printf '%s\n' serving@accelsim.0=performance serving@accelsim.1=accelgov \
	serving@accelsim.2=simple_ondemand serving@accelsim.3=accelgov >"$run/plan"
accelgov play --plan "$run/plan" --duration "$duration" --out "$out" \
	>"$run/play.log" 2>&1 &
play=$!
for dev in "$native" "$narrow"; do
	wait_until 60 test -e "$dev/accelgov/phase" || bail "play: $(<"$run/play.log")"
done
watch &
watcher=$!
wait "$play" || bail "play failed: $(<"$run/play.log")"
kill "$watcher"

diag "phases native:  $(phases 1)"
diag "phases bridged: $(phases 3)"
diag "phases narrow:  $(phases 5)"
for n in 0 1 2 3; do
	diag "accelsim.$n: $(value "accelsim.$n" '"\(.governor) \(.energy_per_work_j) J/token, slower \(.slowdown_ref_permille) per mille"')"
done
diag "same phase as natively: $(same phase 1) per mille, clock within a step: $(same step 1), within 5 %: $(same near 1)"
diag "with the same signals: $(same phase 5) per mille, clock within a step: $(same step 5), within 5 %: $(same near 5)"
diag "set: $(ask_daemon status | jq -c '.accelerators[0].set')"
saved=$(awk -v a="$(value accelsim.2 .energy_per_work_j)" -v b="$(value accelsim.0 .energy_per_work_j)" \
	'BEGIN { printf "%d\n", 1000 * (1 - a / b) }')
diag "bridged saves $saved per mille against the top clock, uses $(ratio accelsim.1 .energy_per_work_j) per mille of what native uses, $(ratio accelsim.3 .energy_per_work_j) of native with the same signals"
diag "mean clock: native $(mean 2) MHz, bridged $(mean 4) MHz, native with the same signals $(mean 6) MHz"
within "the same phases (per mille of the time)" "$(same phase 1)" 850 1000
within "the same energy for the same work (per mille)" "$(ratio accelsim.1 .energy_per_work_j)" 900 1050
within "the same slowdown (tenths of a point)" "$(slower_than accelsim.1)" -20 20
within "with the same signals: phases" "$(same phase 5)" 850 1000
within "with the same signals: energy" "$(ratio accelsim.3 .energy_per_work_j)" 950 1050
within "with the same signals: slowdown" "$(slower_than accelsim.3)" -10 10
within "near the budget (per mille)" "$(value accelsim.2 '.slowdown_ref_permille | floor')" -5 40
within "with a saving (per mille)" "$saved" 150 500
kill "$recorder"
wait "$recorder"
diag "$(<"$run/record.log")"
cp "$run/both.rec" "${ACCELGOV_OUT:-$run}/"
accelgov replay --recording "$run/both.rec" --json >"$run/again" || bail "no replay"
same_decisions accelsim.1 native
same_decisions "$gpu" bridged
stop_daemon TERM
finish
