#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-kernel: debug
# vm-timeout: 60
# vm-first: only here
# vm-cost: 11
#
# KUnit in the kernel: loading accelgov_kunit.ko runs it, debugfs has the results.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"

# flatten SUITE: its cases as results of this file.
flatten() {
	local line planned='' seen=0 results=/sys/kernel/debug/kunit/accelgov_$1/results

	while IFS= read -r line; do
		line=${line#    }
		if [[ $line =~ ^1\.\.([0-9]+)$ ]]; then
			planned=${BASH_REMATCH[1]}
		elif [[ $line =~ ^ok\ [0-9]+\ (- )?accelgov_ || $line =~ ^not\ ok\ [0-9]+\ (- )?accelgov_ ]]; then
			continue
		elif [[ $line =~ ^ok\ [0-9]+\ ([^#]*)(#\ SKIP\ ?(.*))?$ ]]; then
			seen=$((seen + 1))
			if [[ -n ${BASH_REMATCH[2]} ]]; then
				skip "$1: ${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
			else
				ok "$1: ${BASH_REMATCH[1]}"
			fi
		elif [[ $line =~ ^not\ ok\ [0-9]+\ (.*)$ ]]; then
			seen=$((seen + 1))
			not_ok "$1: ${BASH_REMATCH[1]}"
		elif [[ $line == *'# '* ]]; then
			diag "${line##*# }"
		fi
	done 2>/dev/null <"$results"
	is "$1: as many results as tests" "$seen" "${planned:-nothing}"
}

load_gov
check "the tests load" insmod "$ACCELGOV_BUILD/kmod/accelgov_kunit.ko"
for suite in clock core device idle intake ledger ring; do
	flatten "$suite"
done
no_refs() { [[ $(</sys/module/accelgov/refcnt) == "$1" ]]; }
check "no device is left" wait_until 10 no_refs 1
check "they go again" rmmod accelgov_kunit
finish
