#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# phases.sh - how well accelgov names phases with the sensors of real boards.
#
# phases.json: for each scenario and kind of sensors macro F1 of the published
# phases over time and over windows, the share of time named rightly, and what the
# sensors leave of saving and promise. DURATION=TIME is how much is simulated.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

sensors=(full gpm nvml basic)
duration=${DURATION:-20min}
if full; then
	sensors+=(nvml-200ms basic-1s)
	duration=${DURATION:-4h}
fi
runs=$bench/phases
rm -rf -- "$runs"
mkdir -p -- "$runs" || exit

jobs() {
	local name options kind

	while read -r name options; do
		for kind in "${sensors[@]}"; do
			say "$runs/$name@$kind.json $options --sensors $kind --duration $duration"
		done
	done < <(scenarios)
}

jobs | replay_all || exit
for file in "$runs"/*.json; do
	name=$(basename -- "$file" .json)
	jq -c --arg scenario "${name%@*}" --arg sensors "${name#*@}" \
		'.runs[] | select(.governor == "accelgov") | {scenario: $scenario,
		  sensors: $sensors, phase_f1_permille, phase_window_f1_permille,
		  phase_accuracy_permille, phase_delay_p95_windows, saving_permille, slowdown_permille}' "$file"
done | jq -s --arg duration "$duration" '{duration: $duration, rows: .}' | keep phases
