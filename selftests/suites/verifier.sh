#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-fast: what programs cost the verifier, which checks itself here
#
# What each BPF program costs the verifier, against what it cost when the table was
# written: selftests/bpf/verifier-cost. One that became much dearer fails; the log
# has the table as it would be now.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"

table=${0%/*}/../bpf/verifier-cost
case $(uname -r) in
6.12.*) tolerance=25 ;;
# Each kernel's verifier has its own way; only the order of magnitude is the program's.
*) tolerance=100 ;;
esac

recorded() {
	grep -v '^#' "$table"
}

# compare NOW: what differs from the table, one program a line.
compare() {
	awk -v "tolerance=$tolerance" '
		NR == FNR { verdict[$1 " " $2] = $3; cost[$1 " " $2] = $4; next }
		{ name = $1 " " $2; seen[name] = 1 }
		!(name in cost) { print name ": not in the table"; next }
		$3 != verdict[name] { print name ": " $3 ", was " verdict[name]; next }
		$4 > cost[name] * (100 + tolerance) / 100 + 20 {
			print name ": " $4 " instructions, were " cost[name] }
		END { for (name in cost) if (!(name in seen)) print name ": gone" }
	' <(recorded) <(echo "$1")
}

load_modules devices=1
mapfile -t objects < <(ls "$ACCELGOV_BUILD"/bpf/*.bpf.o "$ACCELGOV_BUILD"/bpf/policies/*.bpf.o)
# Its trace points are those of a module that some kernels don't have.
if ! modprobe gpu_sched 2>/dev/null; then
	diag "no GPU scheduler in this kernel: drm.bpf.o is left out"
	mapfile -t objects < <(printf '%s\n' "${objects[@]}" | grep -v '/drm\.bpf\.o$')
	recorded() {
		grep -vE '^#|^drm\.bpf\.o ' "$table"
	}
fi
now=$(polctl cost "${objects[@]}" 2>&1)
diag "$now"
is "every object was looked at" "$(cut -d' ' -f1 <<<"$now" | sort -u | wc -l)" "${#objects[@]}"
is "none became dearer, was refused or is unknown" "$(compare "$now")" ""
matches "a dearer one would be found" "$(compare "$(awk '{ $4 *= 10 } 1' <<<"$now")")" 'instructions, were'
matches "a refused one as well" "$(compare "${now//accepted/refused}")" 'refused, was accepted'
matches "and one that is missing" "$(compare "")" ': gone'
check "modules unload" unload_modules
finish
