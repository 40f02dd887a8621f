#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: races
# vm-first: lifetimes
# vm-cost: 26
#
# Loading and unloading the module fifty times, in use in between; twenty times on a
# slow kernel.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=2 profile=a100-sxm,h100-sxm
slab() { awk '/^Slab:/ { print $2 }' /proc/meminfo; }

once() {
	load_gov
	use accelsim.0 accelgov
	use accelsim.1 accelgov
	# shellcheck disable=SC2046
	(($1 % 5)) || push --for 50 "$(token)" $(signals compute) | grep "pushed=[1-9]" || return
	# Every other time both leave in the other order.
	(($1 % 2)) && use accelsim.0
	governor simple_ondemand || return
	if (($1 % 2)); then use accelsim.1; else use accelsim.0; fi
	governor simple_ondemand || return
	# The program of a collector goes after a grace period.
	wait_until 20 rmmod accelgov
}

fifty() {
	local i

	for ((i = 1; i <= times; i++)); do
		once "$i" || {
			echo "failed at $i"
			return 1
		}
		((i != 10)) || before=$(slab)
	done
}
times=$((${ACCELGOV_SLOWNESS:-1} > 1 ? 20 : 50))
rmmod accelgov
fifty >/tmp/reload.log 2>&1
rc=$?
is "$times times" "$rc" 0
((rc == 0)) || diag "$(tail -n 3 /tmp/reload.log)"
grown=$(($(slab) - before))
diag "slab grew by $grown kB since the tenth reload"
within "memory does not grow" "$grown" -100000 3000
check "nothing of the module is left" test ! -e /sys/module/accelgov
check "no trace event either" test ! -e /sys/kernel/tracing/events/accelgov
is "the devices are as before" "$(<"$DEVFREQ/accelsim.0/governor")" simple_ondemand
check "the kernel has nothing to complain about" no_complaints
finish
