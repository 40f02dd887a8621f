#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scale.sh - CPU time of governor, collectors and daemon with 1 to 256 devices, in
# the VM with the stock kernel. scale-guest.sh measures, this judges.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

seconds=10
! full || seconds=60
out=$bench/scale
rm -rf -- "$out"
mkdir -p -- "$out" || exit
selftests/vm/vm.sh --name bench-scale --icount --out "$out" --timeout 1200 --quiet \
	--env "SCALE_SECONDS=$seconds" --env "SCALE_DEVICES=${SCALE_DEVICES:-1 8 64 256}" \
	-- selftests/bench/scale-guest.sh || {
	warn "the VM failed: see $ACCELGOV_BUILD/test/bench-scale/{output,console}.log"
	exit 1
}
"$ACCELGOV_BUILD/selftests/bench/cost" --rounds 5 >"$out/native.json" || exit
# An instruction takes a nanosecond there, so CPU time is a count of them. How many of
# the core's this machine does in one, with state that no cache has, says what they take.
jq -s --argjson seconds "$seconds" --slurpfile guest "$out/cost.json" \
	--slurpfile native "$out/native.json" '
	($guest[0].sample_out_of_cache_ns.mean / $native[0].sample_out_of_cache_ns.mean) as $per_ns |
	map(. + {
		accelgov_instructions: (1000 *(.accelgov.busy_us - .accelgov.daemon_us - .nothing.busy_us) /
			.accelgov.decisions),
		simple_ondemand_instructions: (1000 *(.simple_ondemand.busy_us - .nothing.busy_us) /
			.simple_ondemand.decisions)
	} | . + {
		ratio: (.accelgov_instructions / .simple_ondemand_instructions),
		percent_at_one_per_ns: (100 * (.accelgov.busy_us - .nothing.busy_us) /
			.accelgov.wall_us)
	} | . + {percent_here: (.percent_at_one_per_ns / $per_ns)}) |
	sort_by(.period_ms != 50, .devices) |
	{seconds: $seconds, instructions_per_ns: $per_ns, rows: .}' \
	"$out"/scale-*.json | keep scale
