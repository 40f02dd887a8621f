#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: time
# vm-smp: 1
# vm-icount: energy and slowdown of the guest, whatever the host does
# vm-timeout: 600
# vm-fast: what lower clocks save, of the same code as play
#
# Boards whose counters tell no clock: the governor asks their driver, and saves as much
# as where cycles are counted. Three of each, since what a governor finds out in its
# first minutes depends on what it happens to meet; the last three lack queue depth and
# progress as well, as the kernel's GPU scheduler and a power sensor do.
#
# What it was told is recorded, and the core in userspace has to decide the same from it.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
counted=(1 2 3) asked=(4 5 6) narrow=(7 8 9)

# mean FIELD N...: of what these boards came to.
mean() {
	local of

	of=$(printf ',"accelsim.%s"' "${@:2}")
	jq -r "[.runs[] | select(.device | IN(${of#,})) | $1] | add / length" "$out/results.json"
}

# more_than_counted N...: energy for the same work, in per mille of where cycles are counted.
more_than_counted() {
	awk -v a="$(mean .energy_per_work_j "$@")" \
		-v b="$(mean .energy_per_work_j "${counted[@]}")" \
		'BEGIN { printf "%.0f\n", 1000 * a / b }'
}

# slower N...: in per mille.
slower() {
	mean .slowdown_ref_permille "$@" | awk '{ printf "%.0f\n", $1 }'
}

# again FIELD: of what replay says of the recorded governor.
again() {
	jq -r ".devices[0].governed.$1" "$run/again"
}

out=$run/out
load_modules devices=10 profile=h100-sxm
for n in "${asked[@]}"; do hide "accelsim.$n" cycles; done
for n in "${narrow[@]}"; do hide "accelsim.$n" cycles queue progress; done
config ''
accelgov record --device accelsim.4 --out "$run/asked.rec" 2>"$run/record.log" &
recorder=$!
defer kill "$recorder"
wait_until 30 test -s "$run/asked.rec" || bail "no recording: $(<"$run/record.log")"
start_daemon || bail "no daemon: $(<"$log")"
{
	echo serving@accelsim.0=performance
	printf 'serving@accelsim.%d=accelgov\n' "${counted[@]}" "${asked[@]}" "${narrow[@]}"
} >"$run/plan"
accelgov play --plan "$run/plan" --duration 120s --out "$out" >"$run/play.log" 2>&1 ||
	bail "play failed: $(<"$run/play.log")"
kill "$recorder"
wait "$recorder"
stop_daemon
accelgov replay --recording "$run/asked.rec" --device accelsim.4 --json >"$run/again" ||
	bail "the recording can't be replayed"

jq -r '.runs[] | "\(.device): \(.governor) \(.energy_per_work_j) J/token, slower \(.slowdown_ref_permille) per mille"' \
	"$out/results.json" | sort | while read -r line; do diag "$line"; done
within "at the top clock more energy is used than where cycles are counted" \
	"$(more_than_counted 0)" 1250 1600
within "they lose no more than they may" "$(slower "${counted[@]}")" 0 35
within "boards that count none use as much energy" "$(more_than_counted "${asked[@]}")" 950 1050
within "and lose no more" "$(slower "${asked[@]}")" 0 35
within "so do those that know neither queue nor progress" \
	"$(more_than_counted "${narrow[@]}")" 930 1050
within "and lose no more" "$(slower "${narrow[@]}")" 0 35
is "all that the governor was told is recorded" "$(again exact)" true
within "it decided" "$(again decisions)" 50 1000000
is "each decision is that of the core on the same signals" \
	"$(again decisions_same)" "$(again decisions)"
is "and each phase" "$(again phases_same)" "$(again samples)"
check "the kernel had nothing to complain about" test -z \
	"$(dmesg | grep -E 'WARNING|BUG|Oops|Call Trace' | head -1)"
finish
