#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The benchmark itself: what it computes from runs, that it notices a peer that is
# better and a broken budget, and one short pass from end to end.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
command -v jq >/dev/null || skip_all "no jq"
tmp=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$tmp"
export BENCH_OUT=$tmp/out BENCH_SCENARIOS=$tmp/scenarios
mkdir -p "$BENCH_OUT"
echo "one	--device a100-sxm --workload training" >"$BENCH_SCENARIOS"

# row POLICY SAVING SLOWDOWN
row() {
	jq -n --arg p "$1" --argjson saving "$2" --argjson slowdown "$3" \
		'{scenario: "s", budget_permille: 30, device: "d", workload: "w",
		  policy: $p, saving_permille: $saving, slowdown_permille: $slowdown,
		  energy_per_work_j: 1, work_unit: "token"}'
}

# judged EXPRESSION: of the runs on stdin.
judged() {
	jq -s -r --arg duration 1s --argjson seeds 1 -f selftests/bench/energy.jq |
		jq -c -r ".rows[0] | $1"
}

runs() {
	row performance 0 0
	row oracle 400 30
	row accelgov 300 20
	row static-best "$1" "$2"
	row geopm 100 5
}

is "share of the oracle's saving" "$(runs 310 29 | judged .share_of_oracle_permille)" 750
is "a peer that loses more time does not beat" "$(runs 310 29 | judged .beaten_by)" '[]'
is "but is the best within the budget" "$(runs 310 29 | judged .best_peer.policy)" static-best
is "one at equal slowdown does" "$(runs 310 20 | judged .beaten_by)" '["static-best"]'
is "the oracle is no peer" "$(runs 310 36 | judged .best_peer.policy)" geopm
is "a budget that is kept" "$(runs 1 1 | judged .within_budget)" true
is "the mean over seeds can break one" \
	"$({ runs 1 1; row accelgov 300 60; } | judged '"\(.slowdown_permille) \(.within_budget)"')" "40 false"

printf 'accelgov\t30\t20\t300\npowersave\t30\t1900\t500\n' >"$tmp/points"
check "points become a plot" sh -c \
	"awk -v title=t -f selftests/bench/frontier.awk '$tmp/points' >'$tmp/plot.svg'"
matches "with a line" "$(<"$tmp/plot.svg")" '<polyline points="[0-9]+\.[0-9],'
matches "and what is outside of it" "$(<"$tmp/plot.svg")" 'outside of the plot: powersave'
refuse "no points are an error" awk -f selftests/bench/frontier.awk /dev/null

check "parts run from end to end" env DURATION=20s selftests/bench/run --no-build \
	energy frontier phases
is "four budgets" "$(jq -c '[.rows[].budget_permille]' "$BENCH_OUT/energy.json")" '[10,30,50,100]'
is "the machine is named" "$(jq '.machine.cpus > 0' "$BENCH_OUT/energy.json")" true
matches "the table has them" "$(<"$BENCH_OUT/table.md")" '\| one \| 3 \| '
is "and nothing that was not measured" "$(grep -c '^## Cost' "$BENCH_OUT/table.md")" 0
check "a plot is there" test -s "$BENCH_OUT/frontier-one.svg"
got=0
selftests/bench/run --no-build nosuch 2>/dev/null || got=$?
is "an unknown part is a usage error" "$got" 2

# Bounds that catch a loop which got out of hand, on any machine.
cost=$("$ACCELGOV_BUILD/selftests/bench/cost" --rounds 1) || bail "cost failed"
diag "$(jq -c '{sample_ns, decision_ns}' <<<"$cost")"
within "a sample takes its time in ns" "$(jq '.sample_ns.median | round' <<<"$cost")" 1 20000
within "so does a decision" "$(jq '.limited_decision_in_a_row_ns | round' <<<"$cost")" 1 20000
finish
