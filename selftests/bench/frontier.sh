#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# frontier.sh - a plot per scenario, saving against slowdown of all policies, from
# what energy.sh measured: build/bench/frontier-SCENARIO.svg, and frontier.json
# with their names.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

if [[ ! -s $bench/energy.json ]]; then
	say "frontier is drawn from energy, which comes first"
	selftests/bench/energy.sh || exit
fi
rm -f -- "$bench"/frontier-*.svg
mapfile -t names < <(jq -r '[.rows[].scenario] | unique[]' "$bench/energy.json")
for name in "${names[@]}"; do
	jq -r --arg scenario "$name" '.rows[] | select(.scenario == $scenario) |
		.budget_permille as $budget | .policies[] |
		[.policy, $budget, .slowdown_permille, .saving_permille] | @tsv' \
		"$bench/energy.json" |
		awk -v title="$name" -f selftests/bench/frontier.awk \
			>"$bench/frontier-$name.svg" || exit
done
printf '%s\n' "${names[@]}" |
	jq -R . | jq -s '{plots: map("frontier-" + . + ".svg")}' | keep frontier
