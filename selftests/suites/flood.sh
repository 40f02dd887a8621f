#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: what a flood costs, whatever the host does
# vm-again: a host that stops for a moment makes one of its collectors late
# vm-fast: what a flood costs, where every check costs more
#
# Collectors that flood, repeat themselves, lie or die: what it costs others, how
# soon busy time decides, and that all is well when they behave. CPU time is counted
# in instructions of the one CPU, a nanosecond each.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=8 profile=a100-sxm
wait_until 20 test -d "$DEVFREQ/accelsim.7" || bail "there are no eight devices"
for n in 1 2 3 4 5 6 7 0; do
	use "accelsim.$n" accelgov
done
flooded=$ag
df=$DEVFREQ/accelsim.1 ag=$df/accelgov
collector
now memory
check "a collector that behaves" wait_until 20 phase_is memory
ag=$flooded

# Percent of the CPU that is left, over the next second.
idle_permille() {
	local a b t0 t1

	read -r _ _ _ _ a _ </proc/stat
	t0=$(now_ms)
	sleep 1
	read -r _ _ _ _ b _ </proc/stat
	t1=$(now_ms)
	echo $(((b - a) * 10000 / (t1 - t0)))
}

# flood HZ BURST [MS]: pushes in interrupt context, for the device under test.
flood() {
	# shellcheck disable=SC2046
	push --event "$1" --burst "$2" --for "${3:-4000}" --window 10000 \
		"$(token)" $(signals compute) >/tmp/flood &
	flooder=$!
	wait_until 20 active_again
}
active_again() { [[ $(attr state) == active ]]; }

quiet=$(idle_permille)
diag "without a flood the CPU is idle for $quiet per mille"
fallbacks=$(<"$DEVFREQ/accelsim.1/accelgov/stats/fallbacks")
flood 1000 100
taken=$(attr stats/samples)
left=$(idle_permille)
taken=$(($(attr stats/samples) - taken))
diag "100 kHz of samples: idle for $left per mille, $taken samples let in"
# Per second and a bit: the gate opens every eighth of the period.
within "a flood of 100 kHz gets in at the gate's rate" "$taken" 100 1200
within "and costs less than a quarter of a CPU" $((quiet - left)) -1000 250
start=$(now_ms)
sleep 0.1
# The rest of it is the shell's way to its program.
within "others get their turn meanwhile" $(($(now_ms) - start)) 100 250
wait "$flooder"
start=$(now_ms)
check "when it ends the device falls back" wait_until 2 state_is fallback
# Three periods of 10 ms, the timer's grain, and the time that a shell needs to look.
within "within three periods" $(($(now_ms) - start)) 0 250
[[ $(</tmp/flood) =~ pushed=([0-9]+)\ refused=([0-9]+) ]]
diag "$(</tmp/flood)"
within "it was one of 100 kHz" $(((BASH_REMATCH[1] + BASH_REMATCH[2]) / 4000)) 60 110
is "the other collector was not disturbed" \
	"$(<"$DEVFREQ/accelsim.1/accelgov/stats/fallbacks")" "$fallbacks"

# The same as events of their own; perf allows no more.
flood 100000 1 2000
left=$(idle_permille)
diag "100 kHz of perf events: idle for $left per mille"
wait "$flooder"
diag "$(</tmp/flood)"
check "the machine outlives 100 kHz of events" wait_until 2 state_is fallback

# Eight devices at the shortest period, each flooded.
pids=()
for n in 0 2 3 4 5 6 7; do
	df=$DEVFREQ/accelsim.$n ag=$df/accelgov
	put sample_period_us 1000
	# shellcheck disable=SC2046
	push --event 2000 --burst 8 --for 1500 --window 1000 "$(token)" $(signals memory) >/dev/null &
	pids+=($!)
done
df=$DEVFREQ/accelsim.0 ag=$flooded
wait_until 20 active_again
taken=$(cat "$DEVFREQ"/accelsim.*/accelgov/stats/samples | paste -sd+ | bc)
start=$(now_ms)
for _ in {1..10}; do sleep 0.01; done
took=$(($(now_ms) - start))
taken=$(($(cat "$DEVFREQ"/accelsim.*/accelgov/stats/samples | paste -sd+ | bc) - taken))
diag "seven devices flooded at a period of 1 ms: ten sleeps of 10 ms took $took ms, $taken samples were let in"
within "others get their turn" "$took" 100 1000
is "the collector of the eighth still counts" \
	"$(<"$DEVFREQ/accelsim.1/accelgov/state")" active
wait "${pids[@]}"
put sample_period_us 10000

# Over and over the same window.
now_ns() { awk '{ printf "%d\n", $1 * 1e9 }' /proc/uptime; }
stamp=$(now_ns)
# shellcheck disable=SC2046
push --time "$stamp" --for 2000 --window 10000 "$(token)" $(signals compute) >/tmp/repeat &
repeater=$!
sleep 0.5
check "one that repeats itself is as good as none" wait_until 2 state_is fallback
before=$(attr stats/samples)
sleep 0.3
is "and not counted twice" "$(attr stats/samples)" "$before"
wait "$repeater"

# All that a sample can hold, at once.
low=$(tr ' ' '\n' <"$df/available_frequencies" | sort -n | sed -n 1p)
echo "$low" >"$df/max_freq"
most=18446744073709551615
push --for 1000 "$(token)" busy=0 compute=$most memory=$most link=1000 host=$most \
	queue=0 clock=1 power=$most progress=$most contexts=0 >/tmp/lies &
liar=$!
check "lies are taken for what they may be" wait_until 2 state_is active
is "limits hold all the same" "$(<"$df/target_freq")" "$low"
wait "$liar"
matches "none is refused that could be true" "$(</tmp/lies)" 'pushed=[1-9]'
check "and forgotten" wait_until 2 state_is fallback
echo 1410000000 >"$df/max_freq"

collector_stop
collector
now memory
check "when it behaves it is believed" wait_until 20 moves_memory
diag "phase $(attr phase), state $(attr state)"
collector_stop
for n in {0..7}; do
	echo simple_ondemand >"$DEVFREQ/accelsim.$n/governor" || not_ok "device $n leaves"
done
check "the module goes" wait_until 20 unload_modules
check "the kernel has nothing to complain about" no_complaints
finish
