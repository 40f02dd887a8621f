#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cost.sh - the policy core alone: time of a sample and of a decision, memory of
# a device, and that it neither allocates nor computes in floating point.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

rounds=20
! full || rounds=200
objects=("$ACCELGOV_BUILD"/obj/kmod/core/*.o)
foreign=$(selftests/bench/foreign.sh "${objects[@]}") || exit
"$ACCELGOV_BUILD/selftests/bench/cost" --rounds "$rounds" |
	jq --arg foreign "$foreign" --argjson objects "${#objects[@]}" \
		'. + {objects: $objects, outside_functions: ($foreign | split("\n") | map(select(. != "")))}' |
	keep cost
