# SPDX-License-Identifier: GPL-2.0
#
# The rows of energy.json that README.md quotes: a budget of 3 %.
def percent: . / 10 * 10 | round / 10;

"| scenario, budget 3 % | saved | slowdown | oracle saves | share of it | best peer within the budget |",
"|---|---|---|---|---|---|",
(.rows[] | select(.budget_permille == 30) |
	"| \(.scenario) | **\(.saving_permille | percent) %** | \(.slowdown_permille | percent) % | \(.oracle_saving_permille | percent) % | \(.share_of_oracle_permille | percent) % | "
	+ (if .best_peer then "\(.best_peer.policy) \(.best_peer.saving_permille | percent) % at \(.best_peer.slowdown_permille | percent) %" else "none" end) + " |")
