#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: rates and latencies of the guest, whatever the host does
# vm-cost: 37
#
# accelgovd on the live system: it governs, it follows devices and governors, and
# in the end the devices are as they were. For ends that are not its own: lease.sh.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

d0=$DEVFREQ/accelsim.0
d1=$DEVFREQ/accelsim.1
driver=/sys/bus/platform/drivers/accelsim

governors() {
	cat "$d0/governor" "$d1/governor" | xargs
}

governed_by() {
	[[ $(governors) == "$1 $1" ]]
}

# A sleeping device is neither active nor in fallback.
keep_awake() {
	echo on >"$d0/device/power/control"
	echo on >"$d1/device/power/control"
}

idle_modules() {
	[[ $(cat /sys/module/accelgov/refcnt) == 0 ]]
}

load_sim devices=2 profile=a100-sxm
keep_awake
config '[Daemon]' 'Lease=1s' '[Device accelsim.*]' 'Governor=accelgov' \
	'SlowdownBudget=7%' 'PowerCap=300W'
start_daemon
is "it starts without the module" "$?" 0
is "and leaves governors that it can't replace" "$(governors)" "simple_ondemand simple_ondemand"
load_gov
check "the module comes: devices are governed" wait_until 20 governed_by accelgov
check "a collector feeds each" wait_until 10 collecting accelsim.0
check "of them" wait_until 10 collecting accelsim.1
refuse "no problem is left from before" eval 'ask_daemon devices | grep -q "problem\":\""'
check "the governor is active" wait_until 20 file_is "$d0/accelgov/state" active
is "policy is set" "$(cat "$d0/accelgov/slowdown_budget_permille" "$d0/accelgov/power_cap_uw" | xargs)" "70 300000000"
within "a lease runs" "$(cat "$d0/accelgov/lease_ms")" 1 1000
sleep 1.5
within "and is refreshed" "$(cat "$d0/accelgov/lease_ms")" 1 1000
refuse "the module can't be unloaded now" rmmod accelgov
out=$(accelgov status --socket "$run/sock")
is "status works" "$?" 0
matches "it tells what collecting costs" "$out" '10 signals every 10 ms, [0-9.]+ us each'
check "doctor is content" accelgov doctor --socket "$run/sock"

# The administrator decides otherwise, and back.
echo simple_ondemand >"$d1/governor"
check "a governor chosen by hand stays" wait_until 20 log_has 'accelsim.1: somebody chose'
sleep 1
is "for good" "$(cat "$d1/governor")" simple_ondemand
echo accelgov >"$d1/governor"
check "accelgov chosen by hand is served" wait_until 20 collecting accelsim.1
is "with policy" "$(cat "$d1/accelgov/power_cap_uw")" 300000000

# Devices that go and come.
for round in 1 2 3; do
	echo accelsim.0 >"$driver/unbind"
	check "a device goes, round $round" wait_until 20 log_has 'accelsim.0: gone'
	: >"$log"
	echo accelsim.0 >"$driver/bind"
	check "it comes back and is governed, round $round" wait_until 20 collecting accelsim.0
done
keep_awake
is "its new neighbour is as governed as before" "$(governors)" "accelgov accelgov"

stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
# accelsim.1 was switched by hand last.
is "what it switched is back, what others switched stays" "$(governors)" "simple_ondemand accelgov"
is "its values are gone" "$(cat "$d1/accelgov/power_cap_uw" "$d1/accelgov/lease_ms" | xargs)" "0 0"
check "signals end with it" wait_until 20 file_is "$d1/accelgov/state" fallback
check "no record is left" test ! -e "$run/state.json"
echo simple_ondemand >"$d1/governor"
check "nothing holds the module" wait_until 20 idle_modules

# With just the rights that the unit file leaves it.
caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$ACCELGOV_SRC/userspace/accelgovd/accelgovd.service" |
	tr 'A-Z ' 'a-z\n' | sed 's/^cap_/+/' | paste -sd,)
DAEMON_WRAP=(setpriv "--bounding-set=-all,$caps")
start_daemon
is "it starts with the capabilities of its unit" "$?" 0
check "and collects with them" wait_until 10 collecting accelsim.1
stop_daemon TERM
is "and restores with them" "$(governors)" "simple_ondemand simple_ondemand"
DAEMON_WRAP=(setpriv "--bounding-set=-all,${caps/,+sys_admin/}")
# Debian's sources have this level, its kernels begin with it, the debug kernel does not.
echo 3 >/proc/sys/kernel/perf_event_paranoid
start_daemon
check "without CAP_SYS_ADMIN it says why counters stay closed" wait_until 10 log_has 'paranoid=3 that takes CAP_SYS_ADMIN'
stop_daemon TERM
sysctl -qw kernel.perf_event_paranoid=2
start_daemon
check "or why the module is not found" wait_until 10 log_has 'CAP_SYS_ADMIN is needed to read'
stop_daemon TERM
sysctl -qw kernel.perf_event_paranoid=3
check "modules unload" unload_modules
finish
