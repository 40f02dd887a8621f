#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# System sleep with a simulated accelerator at work and one suspended. The kernel
# takes all devices down and up again (pm_test=devices). That costs the guest its
# root file system, so this is a VM of its own, judged by what its kernel said.

. "${0%/*}/../lib/host.sh"
. "${0%/*}/../lib/tap.sh"

console=$ACCELGOV_BUILD/test/sleep/console.log

said() {
	tr -d '\r' <"$console" | sed -n "s/^.*sleep: $1 //p"
}

"${0%/*}/vm.sh" --name sleep --quiet --timeout 60 -- \
	bash "${0%/*}/sleep-guest" >/dev/null 2>&1
rc=$?
if [[ -n $(said unsupported) ]]; then
	skip_all "this kernel has no pm_test"
fi
plan 6
is "the guest ends by itself, without complaints" "$rc" 122
is "one device works, one sleeps" "$(said before)" "active suspended"
is "the system sleeps and wakes" "$(said result)" good
is "both are as before" "$(said after)" "active suspended"

# 2 s of work, 5 s in which it stood still, at most 45 ms to wake up.
read -r _ _ _ run_us _ <<<"$(said work)"
within "the work stood still and went on" "${run_us:-none}" 7000000 9000000
is "then both sleep again" "$(said later)" "suspended suspended"
finish
