#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: time
# vm-smp: 1
# vm-icount: rates and latencies of the guest, whatever the host does
# vm-again: a host that stops for a moment makes phases longer than those who name them know
# vm-timeout: 480
# vm-fast: slowdown of work by the governor, not by the checks of a kernel
#
# What accelgov promises, measured: the demo's eight runs, shorter, and the
# figures that its results must show.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"

command -v jq >/dev/null || skip_all "no jq"
results=$ACCELGOV_OUT/promise/results.json
mkdir -p -- "${results%/*}"
check "the demo runs" env "DURATION=${PROMISE_DURATION:-75s}" \
	"ACCELGOV_OUT=${results%/*}" "${0%/*}/../demo/guest.sh"

# value WORKLOAD GOVERNOR FIELD
value() {
	jq -r --arg w "$1" --arg g "$2" \
		".runs[] | select(.workload == \$w and .governor == \$g) | $3" "$results"
}

# holds NAME JQ-CONDITION: over p (performance), s (powersave), o (ondemand) and
# a (accelgov) of the workload in $workload.
holds() {
	local seen

	seen=$(jq -r --arg w "$workload" "
		[.runs[] | select(.workload == \$w)] |
		map({(.governor): .}) | add |
		.performance as \$p | .powersave as \$s |
		.simple_ondemand as \$o | .accelgov as \$a |
		if ($2) then \"yes\" else \"no: \" + (\$a | tostring) end" "$results")
	is "$workload: $1" "$seen" yes
}

limit=35
for workload in serving training; do
	case $workload in
	serving) saving=200 ;;
	*) saving=50 ;;
	esac
	holds "saves at least $saving per mille of energy per work" \
		"1 - \$a.energy_per_work_j / \$p.energy_per_work_j >= $saving / 1000"
	holds "slowdown at most $limit per mille" \
		"\$a.slowdown_permille <= $limit and \$a.slowdown_permille >= 0"
	holds "powersave is worse on energy or on slowdown" \
		"\$s.slowdown_permille > \$a.slowdown_permille or \$s.energy_per_work_j > \$a.energy_per_work_j"
	holds "simple_ondemand is worse on energy or on slowdown" \
		"\$o.slowdown_permille > \$a.slowdown_permille or \$o.energy_per_work_j > \$a.energy_per_work_j"
	holds "phases right for at least 900 per mille of the time" \
		"\$a.phase_accuracy_permille >= 900"
	holds "a phase change leads to a target within 10 ms (p99)" \
		"\$a.decision_latency_us.p99 <= 10000"
	holds "the collector's cost is known" \
		"\$a.collector_ns_per_sample > 0"
	diag "$workload: accuracy $(value "$workload" accelgov .phase_accuracy_permille)," \
		"slowdown $(value "$workload" accelgov .slowdown_permille) per mille," \
		"decision $(value "$workload" accelgov .decision_latency_us.p99) us p99," \
		"collector $(value "$workload" accelgov .collector_ns_per_sample) ns"
done
is "schema" "$(jq .schema "$results")" 1
check "the report is written" test -s "${results%/*}/report.html"
finish
