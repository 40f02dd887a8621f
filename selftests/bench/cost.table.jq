# SPDX-License-Identifier: GPL-2.0
def ns: . * 10 | round / 10;
# A clock that takes longer than what it measures can say that only.
def at_least($floor): if . < $floor then "below \($floor | ns)" else ns end;
def row(name; s): .subtracted_ns as $floor |
	"| \(name) | \(s.median | at_least($floor)) | \(s.p99 | at_least($floor)) |";

"## Cost of the policy core, native",
"",
"| | median, ns | p99, ns |",
"|---|---|---|",
row("one pushed sample"; .sample_ns),
row("the same, state out of the caches"; .sample_out_of_cache_ns),
row("one decision"; .decision_ns),
"",
"Many in a row: a decision takes \(.decision_in_a_row_ns | ns) ns, \(.limited_decision_in_a_row_ns | ns) ns where a limit",
"moves it off the plan; simple_ondemand's takes \(.simple_ondemand_in_a_row_ns | ns) ns (ratio \(.decision_over_simple_ondemand | ns)).",
"A device needs \(.state_bytes) bytes. Nothing is allocated and no float computed: the",
"\(.objects) objects of the core call \(.outside_functions | if . == [] then "nothing" else join(", ") end) outside of themselves."
