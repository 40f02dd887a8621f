#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the policy core promises about itself: no floating point, no call to
# anything outside, at most 8 KiB for a device.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
objects=("$ACCELGOV_BUILD"/obj/kmod/core/*.o)
[[ -e ${objects[0]} ]] || bail "the core is not compiled: make userspace"
foreign=selftests/bench/foreign.sh

# What compilers put in place of copies and of division of 128 bit numbers.
outside() {
	local calls

	calls=$("$foreign" "${objects[@]}") || return
	! grep -vxE 'mem(set|cpy|move|cmp)|__u?divti3|__umodti3|' <<<"$calls"
}

state_bytes() {
	"$ACCELGOV_BUILD/selftests/bench/cost" --rounds 1 | jq .state_bytes
}

plan 4
check "the core calls nothing outside and computes no float" outside
# The check itself must be able to fail.
refuse "floating point elsewhere is found" \
	"$foreign" "$ACCELGOV_BUILD/obj/userspace/lib/report/score.o"
matches "calls elsewhere are found" \
	"$("$foreign" "$ACCELGOV_BUILD/obj/userspace/lib/ini.o")" 'strchr|strlen|memchr'
within "a device takes at most 8 KiB" "$(state_bytes)" 1 8192
finish
