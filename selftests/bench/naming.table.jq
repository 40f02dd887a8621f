# SPDX-License-Identifier: GPL-2.0
def three: if . == null then "" else . | round / 1000 end;
def tenth: if . == null then "" else . * 10 | round / 10 end;

([.sensors[].f1_permille | keys[]] | unique) as $phases |
"## Names of phases, all runs together, \(.duration_s) s of simulated time each",
"",
"| sensors | runs | macro F1 | named after, windows | p95 | \($phases | join(" | ")) |",
"|---|---|---|---|---|\($phases | map("---|") | add)",
(.sensors[] | . as $s |
	"| \(.sensors) | \(.runs) | \(.macro_f1_permille | three) | \(.delay_p50_windows | tenth) | \(.delay_p95_windows | tenth) | \($phases | map($s.f1_permille[.] | three | tostring) | join(" | ")) |")
