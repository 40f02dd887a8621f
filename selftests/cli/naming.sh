#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How well phases are named with each kind of sensors, over many devices and jobs
# (selftests/bench/naming.c): that it does not get worse. Each bound is what a short
# run showed, with some room; what longer ones show is in Documentation/phases.rst.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

naming=$ACCELGOV_BUILD/selftests/bench/naming
[[ -x $naming ]] || bail "no $naming"
command -v jq >/dev/null || skip_all "no jq"
tmp=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$tmp"

# named KIND F1 DELAY: macro F1 of at least so many per mille, and 95 of 100 changes
# named after so many windows at most
named() {
	local file=$tmp/$1.json

	diag "$(jq -c '.sensors[0] | {sensors, runs, macro_f1_permille, delay_p95_windows, f1_permille}' "$file")"
	jq -e --argjson f1 "$2" --argjson late "$3" '.sensors[0] |
		.runs >= 30 and .macro_f1_permille >= $f1 and .delay_p95_windows <= $late' "$file" >/dev/null
}

kinds=(full gpm nvml basic)
for kind in "${kinds[@]}"; do
	"$naming" --seed 7 --drawn 2 --duration 240 --sensors "$kind" \
		--rst-file "$tmp/$kind.rst" >"$tmp/$kind.json" &
	(($(jobs -rp | wc -l) < $(nproc))) || wait -n
done
wait

plan 9
check "all signals" named full 975 2
check "pipes, memory and links every 100 ms" named gpm 945 3
check "utilisation, links and power" named nvml 900 3
check "busy time, memory and power" named basic 850 3
is "each window is counted" "$(jq '[.sensors[0].windows[][]] | add > 50000' "$tmp/nvml.json")" true
check "a matrix comes with it" grep -q '^link-wait  ' "$tmp/nvml.rst"
"$naming" --seed 7 --drawn 2 --duration 240 --sensors nvml --job training-gpt3 \
	--device h100-sxm >"$tmp/one.json"
is "one job on one device" "$(jq -c '.sensors[0] | [.runs, .jobs[0].device]' "$tmp/one.json")" '[1,"h100-sxm"]'
got=0
"$naming" --sensors nosuch >/dev/null || got=$?
is "unknown sensors are a usage error" "$got" 2
"$naming" --drawn 1 --only-drawn --duration 60 --sensors basic --job batch >"$tmp/a.json"
"$naming" --drawn 1 --only-drawn --duration 60 --sensors basic --job batch >"$tmp/b.json"
check "the same seed gives the same figures" cmp "$tmp/a.json" "$tmp/b.json"
finish
