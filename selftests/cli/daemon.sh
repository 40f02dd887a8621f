#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgovd on recorded trees: policy out to sysfs and back, reload, a bad
# configuration, an administrator who decides otherwise, crash and restore.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

log_has() {
	grep -qE -- "$1" "$tmp/log"
}

reload() {
	kill -HUP "$daemon_pid"
}

plan 61
tree_new
tree_device 0 accelgov
tree_govern 0
tree_device 1
config '[Daemon]' 'Lease=1s' \
	'[Device chip.0]' 'SlowdownBudget=5%' 'PowerCap=350W' \
	'[Device chip.1]' 'Governor=accelgov' \
	'[Phase memory]' 'MaxFreq=1.2GHz'
start_daemon
is "it starts and answers" "$?" 0
is "the budget is set" "$(sys chip.0/accelgov/slowdown_budget_permille)" 50
is "the cap is set" "$(sys chip.0/accelgov/power_cap_uw)" 350000000
is "a phase's limit is set" "$(sys chip.0/accelgov/phases/memory/max_freq_hz)" 1200000000
is "what isn't configured stays" "$(sys chip.0/accelgov/idle/break_even_us)" 2000000
is "a lease runs" "$(sys chip.0/accelgov/lease_ms)" 1000
is "the governor is chosen" "$(sys chip.1/governor)" accelgov
check "the record names the old governor" grep -q '"governor_was": "simple_ondemand"' "$tmp/state.json"

put chip.0/accelgov/lease_ms 1
check "the lease is refreshed" wait_until 30 sys_is chip.0/accelgov/lease_ms 1000
tree_govern 1
check "a device that becomes governed gets its policy" \
	wait_until 30 sys_is chip.1/accelgov/phases/memory/max_freq_hz 1200000000
is "and a lease" "$(sys chip.1/accelgov/lease_ms)" 1000

# The kernel makes the governor's files one after the other. Stopped, the daemon can't
# see more of them than it shall.
kill -STOP "$daemon_pid"
tree_device 2 accelgov
tree_govern 2
hidden=$tree/sys/class/devfreq/chip.2/accelgov/phases/memory
mv "$hidden" "$tmp/later"
kill -CONT "$daemon_pid"
check "one whose files are not all there gets what it can" \
	wait_until 30 sys_is chip.2/accelgov/lease_ms 1000
refuse "which is no problem yet" log_has 'chip\.2: .*memory'
mv "$tmp/later" "$hidden"
check "and the rest when it comes" \
	wait_until 30 sys_is chip.2/accelgov/phases/memory/max_freq_hz 1200000000
rm -r "$tree/sys/class/devfreq/chip.2" "$tree/sys/devices/platform/chip.2"

config '[Daemon]' 'Lease=1s' '[Device chip.*]' 'SlowdownBudget=5' 'Powercap=1W'
reload
check "a bad configuration is told with its line" wait_until 30 log_has 'accelgov\.conf:4: SlowdownBudget=5 is not understood'
check "all of it is" log_has 'accelgov\.conf:5: unknown key .* did you mean "PowerCap"'
is "the old policy stays" "$(sys chip.0/accelgov/power_cap_uw)" 350000000
matches "status tells the problem" "$(ask "$tmp/sock" '{"method":"status"}')" '"problem":"[^"]*accelgov.conf:4: '

put chip.0/accelgov/slowdown_budget_permille 70
config '[Daemon]' 'Lease=1s' '[Device chip.0]' 'PowerCap=300W' \
	'[Device chip.1]' 'Governor=accelgov'
reload
check "a good one is applied" wait_until 30 sys_is chip.0/accelgov/power_cap_uw 300000000
is "a setting that went is taken back" "$(sys chip.0/accelgov/phases/memory/max_freq_hz)" 0
is "but not what somebody else set since" "$(sys chip.0/accelgov/slowdown_budget_permille)" 70
matches "the problem is gone" "$(ask "$tmp/sock" '{"method":"status"}')" '"problem":null'

kill -STOP "$daemon_pid"
: >"$tree/sys/class/devfreq/chip.1/governor"
kill -CONT "$daemon_pid"
refuse "a governor file that is being written is nobody's choice" \
	wait_until 1 log_has 'somebody chose governor'
put chip.1/governor simple_ondemand
tree_ungovern 1
check "it gives way when somebody chooses another governor" wait_until 30 log_has 'somebody chose governor simple_ondemand'
is "and does not take it back" "$(sys chip.1/governor)" simple_ondemand
reload
check "until the configuration is loaded again" wait_until 30 sys_is chip.1/governor accelgov

is "whoever reads may be anybody" "$(stat -c %a "$tmp/sock")" 666
matches "devices is a method" "$(ask "$tmp/sock" '{"method":"devices"}')" '^\{"schema":1,"devices":\['
refuse "a second daemon refuses to start" accelgovd --root "$tree" --config-dir "$tmp/etc" --socket "$tmp/sock" --state "$tmp/state.json"
check "which disturbs nothing" daemon_ready
check "and leaves the record" test -s "$tmp/state.json"
refuse "restore refuses while the daemon runs" cli restore --state "$tmp/state.json"

stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
is "the cap is back" "$(sys chip.0/accelgov/power_cap_uw)" 0
is "the lease is over" "$(sys chip.0/accelgov/lease_ms)" 0
is "the governor is back" "$(sys chip.1/governor)" simple_ondemand
check "no socket is left" test ! -e "$tmp/sock"
check "no record is left" test ! -e "$tmp/state.json"

start_daemon
is "it starts again" "$?" 0
stop_daemon KILL
is "a kill leaves values behind" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.1/governor)" "300000000 accelgov"
check "restore undoes them" cli restore --state "$tmp/state.json"
is "all of them" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.1/governor)" "0 simple_ondemand"
check "restoring twice is no error" cli restore --state "$tmp/state.json"

start_daemon
is "it starts after a kill that nobody cleaned up" "$?" 0
stop_daemon KILL
start_daemon
is "taking over what the killed one left" "$?" 0
stop_daemon TERM
is "so that the first values come back" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.1/governor)" "0 simple_ondemand"

# A record that can't be written: changes wait for it, limits don't.
config '[Daemon]' 'Lease=1s' '[Device chip.0]' 'PowerCap=300W' \
	'[Device chip.1]' 'Governor=accelgov'
start_daemon --state "$tmp/disk/state/state.json"
is "it starts where nothing can be recorded" "$?" 0
check "and says so" log_has 'state/state.json can.t be written: '
is "it sets nothing there" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.1/governor)" "0 simple_ondemand"
is "and takes no lease" "$(sys chip.0/accelgov/lease_ms)" 0
matches "status tells why" "$(ask "$tmp/sock" '{"method":"status"}')" '"record_problem":"[^"]*can.t be written'
matches "and of each device what was not done" "$(ask "$tmp/sock" '{"method":"devices"}')" '"policy_problem":"[^"]*not set: '
mkdir -p "$tmp/disk/state"
check "when it can be written policy is set" wait_until 30 sys_is chip.0/accelgov/power_cap_uw 300000000
check "and governors" wait_until 30 sys_is chip.1/governor accelgov
check "it says that too" log_has 'can be recorded in .* again'
rm -r "$tmp/disk/state"
check "when it no longer can, values are taken back" wait_until 30 sys_is chip.0/accelgov/power_cap_uw 0
is "with the lease" "$(sys chip.0/accelgov/lease_ms)" 0
stop_daemon TERM
is "in the end all is as it was" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.1/governor)" "0 simple_ondemand"

config '[Daemon]' 'Lease=2h'
refuse "it does not start with a bad configuration" accelgovd --root "$tree" --config-dir "$tmp/etc" --socket "$tmp/sock" --state "$tmp/state.json"
refuse "--check-config fails for it" accelgovd --check-config --config-dir "$tmp/etc"
accelgovd --frobnicate 2>/dev/null
is "an unknown option is a usage error" "$?" 2
finish
