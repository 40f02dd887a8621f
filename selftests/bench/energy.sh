#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# energy.sh - all policies on all scenarios at four budgets, in simulated time.
#
# energy.json: for each scenario, budget and policy the saving and the slowdown
# against the top clock, the share of the oracle's saving, and which peers are
# better than accelgov at equal or smaller slowdown. REQUESTS=FILE serves a trace
# of your own instead of requests drawn from statistics, DURATION=TIME is how much
# of it.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

budgets=(1 3 5 10)
seeds=(1)
duration=${DURATION:-20min}
if full; then
	seeds=(1 2 3)
	duration=${DURATION:-4h}
fi
runs=$bench/energy
rm -rf -- "$runs"
mkdir -p -- "$runs" || exit

# One line per run of accelgov replay: output file, then options.
jobs() {
	local name options budget seed

	while read -r name options; do
		[[ -z ${REQUESTS:-} || $options != *" serving"* ]] ||
			options+=" --requests $REQUESTS"
		for budget in "${budgets[@]}"; do
			for seed in "${seeds[@]}"; do
				say "$runs/$name-$budget-$seed.json $options --policy all" \
				"--budget $budget% --seed $seed --duration $duration"
			done
		done
	done < <(scenarios)
}

jobs | replay_all || exit

# The mean over seeds, then what compares policies with each other.
for file in "$runs"/*.json; do
	name=$(basename -- "$file" .json)
	name=${name%-*}
	jq -c --arg scenario "${name%-*}" --argjson budget "${name##*-}" \
		'.runs[] | {scenario: $scenario, budget_permille: ($budget * 10), device,
		  workload, policy: .governor, saving_permille, slowdown_permille,
		  minute_permille: .slowdown_minute_permille, energy_per_work_j, work_unit}' "$file"
done | jq -s --arg duration "$duration" --argjson seeds "${#seeds[@]}" \
	-f selftests/bench/energy.jq | keep energy
