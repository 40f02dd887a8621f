#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# naming.sh - how well accelgov names phases, over many devices and jobs at once.
#
# naming.json: for each kind of sensors the macro F1 of all windows of all runs,
# the F1 of each phase, the matrix, how late a change is named, and the figures of
# each run; build/bench/naming.rst: the matrices as tables. SEED=N draws other
# devices and jobs, DURATION=TIME (seconds) is how much of each run is simulated. LOAD=X
# makes requests come X times as often.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

naming=$ACCELGOV_BUILD/selftests/bench/naming
sensors=(full gpm nvml nvml-200ms basic basic-1s)
drawn=4
duration=${DURATION:-600}
if full; then
	drawn=16
	duration=${DURATION:-1800}
fi
runs=$bench/naming
rm -rf -- "$runs"
mkdir -p -- "$runs" || exit

# shellcheck disable=SC2016
printf '%s\n' "${sensors[@]}" |
	xargs -P "$(nproc)" -I KIND sh -c '"$@" --sensors KIND --rst-file "$0/KIND.rst" >"$0/KIND.json"' \
		"$runs" "$naming" --seed "${SEED:-1}" --drawn "$drawn" \
		--duration "${duration%s}" --load "${LOAD:-1}" || exit
for kind in "${sensors[@]}"; do
	cat -- "$runs/$kind.rst"
done >"$bench/naming.rst"
for kind in "${sensors[@]}"; do
	cat -- "$runs/$kind.json"
done | jq -s '.[0] + {sensors: [.[].sensors[]]}' | keep naming
