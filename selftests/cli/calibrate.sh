#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov calibrate on the host, and profiles as files.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

tree_new
rc "help" 0 accelgov calibrate --help
rc "nothing to do" 2 accelgov calibrate
says "is told" 'missing'
rc "an operand" 2 accelgov calibrate x

# Profiles as text
for profile in a100-sxm h100-sxm npu-edge; do
	rc "$profile as text" 0 accelgov calibrate --show "$profile"
	printf '%s\n' "$out" >"$tmp/$profile.ini"
	first=$out
	rc "is read" 0 accelgov calibrate --show "$tmp/$profile.ini"
	check "and the same again" test "$out" = "$first"
	rc "training on $profile" 0 accelgov replay --device "$profile" \
		--workload training --duration 60s --policy oracle --json
	first=$out
	rc "training on its text" 0 accelgov replay --device "$tmp/$profile.ini" \
		--workload training --duration 60s --policy oracle --json
	check "is the same to the last byte" test "$out" = "$first"
done
rc "no profile" 2 accelgov calibrate --show a100-smx
says "gets a suggestion" 'did you mean "a100-sxm"'
rc "no file" 1 accelgov replay --device "$tmp/none.ini" --workload training
says "is named" 'none.ini'
rc "a folder" 1 accelgov calibrate --show "$tmp/"
says "is no file" 'regular file'
sed 's/^static = .*/static = 45/' "$tmp/a100-sxm.ini" >"$tmp/bad.ini"
rc "a figure without unit" 1 accelgov replay --device "$tmp/bad.ini" --workload training
says "is named with its line" 'bad.ini:[0-9]+: \[power\] static: "45" is not a power with its unit'
sed '/^static = /d' "$tmp/a100-sxm.ini" >"$tmp/bad.ini"
rc "a figure that is not there" 1 accelgov calibrate --show "$tmp/bad.ini"
says "is named" 'bad.ini: \[power\] static is missing'
sed 's/^compute = .*/compute = 300 W ; mine/' "$tmp/a100-sxm.ini" >"$tmp/mine.ini"
rc "an edited profile" 0 accelgov calibrate --show "$tmp/mine.ini"
matches "keeps what was edited" "$out" 'compute = 300 W ; mine'
finish
