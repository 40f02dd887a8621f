#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scale.sh - CPU time of governor, collectors and daemon with 1 to 256 devices, in
# the VM with the stock kernel. scale-guest.sh measures, this judges.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

seconds=10
! full || seconds=60
out=$bench/scale
rm -rf -- "$out"
mkdir -p -- "$out" || exit
selftests/vm/vm.sh --name bench-scale --smp 1 --out "$out" --timeout 1200 --quiet \
	--env "SCALE_SECONDS=$seconds" -- selftests/bench/scale-guest.sh || {
	warn "the VM failed: see $ACCELGOV_BUILD/test/bench-scale/{output,console}.log"
	exit 1
}
waited=0 total=1
[[ ! -s $ACCELGOV_BUILD/test/bench-scale/waited ]] ||
	read -r waited total <"$ACCELGOV_BUILD/test/bench-scale/waited"
# Per device and decision; and how that of the most devices compares with the rest.
jq -s --argjson seconds "$seconds" \
	--argjson waited "$((1000 * waited / (total ? total : 1)))" '
	map(. + {
		accelgov_us: ((.accelgov.busy_us - .accelgov.daemon_us - .nothing.busy_us) /
			.accelgov.decisions),
		simple_ondemand_us: ((.simple_ondemand.busy_us - .nothing.busy_us) /
			.simple_ondemand.decisions)
	} | . + {ratio: (.accelgov_us / .simple_ondemand_us)}) |
	{seconds: $seconds, vm_waited_permille: $waited, rows: .}' \
	"$out"/scale-*.json | keep scale
