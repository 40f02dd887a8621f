#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: lifetimes
# vm-cost: 46
#
# Devices that leave while they are governed.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=2 profile=h100-sxm
driver=/sys/bus/platform/drivers/accelsim
use accelsim.0 accelgov
t=$(token)
refs() { cat /sys/module/accelgov/refcnt; }
is "one device, one reference" "$(refs)" 1

push --for 3000 "$t" busy=1000 compute=900 memory=100 >/tmp/hotplug.push &
pusher=$!
check "it is active" wait_until 20 state_is active
echo accelsim.0 >"$driver/unbind"
check "a device leaves while signals come in" test ! -e "$df"
wait "$pusher"
# A loaded program holds two more; it goes after a grace period.
no_refs() { [[ $(refs) == 0 ]]; }
check "and takes its reference with it" wait_until 20 no_refs
matches "the collector is told that the device is gone" "$(</tmp/hotplug.push)" errno=19

echo accelsim.0 >"$driver/bind"
check "it comes back" wait_until 20 test -d "$df"
use accelsim.0 accelgov
check "with another token" test "$(token)" != "$t"
is "the old token stays dead" "$(push "$t" busy=1 | sed 's/.*errno=//')" 19
collector
now compute
check "and can be governed" wait_until 20 state_is active
collector_stop

exec 5<"$ag/phase"
echo accelsim.0 >"$driver/unbind"
refuse "a file that was open is dead, not dangerous" cat <&5
exec 5<&-
echo accelsim.0 >"$driver/bind"
wait_until 20 test -d "$df"

# A lease, a fallback poll and a flood are under way when the device goes.
leave_busy() {
	local i

	for i in {1..10}; do
		use accelsim.0 accelgov || return
		put lease_ms 60000
		push --event 2000 --for 1500 --window 10000 "$(token)" busy=700 compute=600 >/dev/null &
		wait_until 20 state_is active || return
		echo accelsim.0 >"$driver/unbind" || return
		wait $!
		echo accelsim.0 >"$driver/bind" || return
		wait_until 20 test -d "$df" || return
	done
}
check "ten times in the middle of everything" leave_busy
check "no reference is left behind" wait_until 20 no_refs

# Governor writes race with removal: devfreq takes no lock between them, and may
# start a governor on a device that has begun to go. Only ours is written here:
# simple_ondemand does not survive that.
race() {
	local end=$(($(now_ms) + 2000)) writer

	while :; do
		governor accelgov
	done &
	writer=$!
	while (($(now_ms) < end)); do
		echo accelsim.0 >"$driver/unbind"
		echo accelsim.0 >"$driver/bind"
		sleep 0.0$((RANDOM % 5))
	done
	kill "$writer"
	wait "$writer" 2>/dev/null
	wait_until 20 test -d "$df"
}
check "governor writes race with removal" race
governor simple_ondemand
check "and no reference is left behind" wait_until 20 no_refs

use accelsim.1 accelgov
collector
now compute
check "the other device never noticed" wait_until 20 state_is active
collector_stop
unload_one accelsim
check "unloading the driver frees the governor" wait_until 20 no_refs
check "which can go as well" rmmod accelgov
check "the kernel has nothing to complain about" no_complaints
finish
