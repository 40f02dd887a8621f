# SPDX-License-Identifier: GPL-2.0
#
# From a list of runs to the mean over seeds (of minutes to the worst), and what compares policies within
# one scenario at one budget.

def mean(f): (map(f) | add) / length;
# A run shorter than a minute has no worst one.
def tenth: if . then . * 10 | round / 10 else . end;

# Bounds know the future; they are no peers.
def is_bound: .policy | startswith("oracle");
def is_peer: (is_bound or .policy == "accelgov" or .policy == "performance") | not;

def compare:
	(map(select(.policy == "oracle"))[0]) as $oracle |
	(map(select(.policy == "accelgov"))[0]) as $ours |
	(map(select(is_peer))) as $peers |
	($peers | map(select(.slowdown_permille <= $ours.budget_permille + 5)) |
		max_by(.saving_permille)) as $best |
	{
		scenario: $ours.scenario, budget_permille: $ours.budget_permille,
		saving_permille: ($ours.saving_permille | tenth),
		slowdown_permille: ($ours.slowdown_permille | tenth),
		worst_minute_permille: ($ours.minute_permille | tenth),
		oracle_worst_minute_permille: ($oracle.minute_permille | tenth),
		oracle_saving_permille: ($oracle.saving_permille | tenth),
		share_of_oracle_permille:
			(1000 * $ours.saving_permille / $oracle.saving_permille | round),
		within_budget: ($ours.slowdown_permille <= $ours.budget_permille + 5),
		beaten_by: ($peers | map(select(
			.slowdown_permille <= $ours.slowdown_permille and
			.saving_permille > $ours.saving_permille) | .policy)),
		best_peer: ($best | {policy, saving_permille: (.saving_permille | tenth),
			slowdown_permille: (.slowdown_permille | tenth)}),
		policies: map({policy, saving_permille: (.saving_permille | tenth),
			slowdown_permille: (.slowdown_permille | tenth),
			worst_minute_permille: (.minute_permille | tenth),
			energy_per_work_j, work_unit})
	};

group_by([.scenario, .budget_permille, .policy]) |
map(.[0] + {saving_permille: mean(.saving_permille),
	slowdown_permille: mean(.slowdown_permille),
	minute_permille: (map(.minute_permille) | max),
	energy_per_work_j: mean(.energy_per_work_j)}) |
group_by([.scenario, .budget_permille]) | map(compare) |
{duration: $duration, seeds: $seeds, rows: .}
