# SPDX-License-Identifier: GPL-2.0
def percent: if . == null then "" else . / 10 * 10 | round / 10 end;

"## Phases with the sensors of real boards, \(.duration) of simulated time, budget 3 %",
"",
"| scenario | sensors | macro F1 over time | over windows | named after, windows (p95) | time named rightly, % | saved, % | slowdown, % |",
"|---|---|---|---|---|---|---|---|",
(.rows[] |
	"| \(.scenario) | \(.sensors) | \(.phase_f1_permille / 1000 * 1000 | round / 1000) | \(.phase_window_f1_permille / 1000 * 1000 | round / 1000) | \(.phase_delay_p95_windows) | \(.phase_accuracy_permille | percent) | \(.saving_permille | percent) | \(.slowdown_permille | percent) |")
