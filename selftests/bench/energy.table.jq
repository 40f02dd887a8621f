# SPDX-License-Identifier: GPL-2.0
def percent: if . then . / 10 * 10 | round / 10 else "-" end;

"## Energy and slowdown (%), \(.duration) of simulated time, \(.seeds) seed\(if .seeds == 1 then "" else "s" end)",
"",
"| scenario | budget | saved | slowdown | worst minute | oracle saves | share of it | its worst minute | best peer within the budget | better at no more slowdown |",
"|---|---|---|---|---|---|---|---|---|---|",
(.rows[] |
	"| \(.scenario) | \(.budget_permille | percent) | \(.saving_permille | percent) | \(.slowdown_permille | percent) | \(.worst_minute_permille | percent) | \(.oracle_saving_permille | percent) | \(.share_of_oracle_permille | percent) | \(.oracle_worst_minute_permille | percent) | "
	+ (if .best_peer then "\(.best_peer.policy) \(.best_peer.saving_permille | percent) / \(.best_peer.slowdown_permille | percent)" else "none" end)
	+ " | \(if .beaten_by == [] then "none" else .beaten_by | join(", ") end) |")
