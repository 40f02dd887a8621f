#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: errors of programs
# vm-cost: 82
#
# Policies that must not load, must be refused, must be ejected; and what happens
# around them: races, devices that leave, governors that change, rmmod.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"

load_modules devices=2 profile=a100-sxm
driver=/sys/bus/platform/drivers/accelsim
use accelsim.1 accelgov
use accelsim.0 accelgov
garbage=$(test_policy garbage)

# no FILE REGEX: it is not loaded, the user is told why, nothing has changed.
no() {
	local out rc=0

	out=$(accelgov policy load "$(test_policy "bad_$1")" 2>&1) || rc=$?
	# The verifier may have several lines to say.
	out=${out//$'\n'/ }
	is "$2 is not loaded" "$rc $(attr policy)" "1 builtin"
	matches "and told why: ${out##*bpf.o: }" "$out" "$3"
}
no write "a policy that writes to its question" 'may write the scratch words'
no beyond "one that writes behind its words" 'may write the scratch words'
no sleep "one that sleeps" .
no kfunc "one with a question of its own making" 'R1|arg#0|must'
no push "one that pushes samples" 'not allowed'
no loop "one that never returns" 'infinite loop|too large|back-edge|never'
for bad in name builtin noname flags timeout nothing; do
	no "$bad" "one with bad: $bad" 'module refused|Invalid argument|out of range'
done
matches "the kernel log has the reason" "$(kernel_lines)" 'a policy was refused: it has a flag that nobody knows'

accelgov policy load "$garbage" --device no-such-device >/tmp/out 2>&1
is "a device that isn't governed has no policy" "$?" 3
matches "and how to govern it is told" "$(</tmp/out)" 'not governed by accelgov'
accelgov policy load /etc/passwd >/tmp/out 2>&1
is "what is no BPF object is refused" "$?" 1
accelgov policy load "$ACCELGOV_BUILD/bpf/collector.bpf.o" >/tmp/out 2>&1
matches "so is an object without a policy" "$(</tmp/out)" 'holds no struct accelgov_ops'
is "nothing of all that is left" "$(ls /sys/fs/bpf/accelgov/all-devices 2>/dev/null)" ""

start_trace() {
	echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/accelgov/policy/enable
}
traced() {
	grep -qE -- "$1" /sys/kernel/tracing/trace
}

elsewhere() {
	[[ $(<"$DEVFREQ/accelsim.1/accelgov/policy_exit/code") == ejected-elsewhere ]]
}
ejected_for() {
	[[ $(attr policy_exit/offence) == "$1" ]]
}
overran() {
	ejected_for budget || (($(attr policy_stats/budget_overruns) > 0))
}

# ejects KIND NUMBER PHASE...: garbage of this kind ends the policy.
ejects() {
	local kind=$1 number=$2 phase

	start_trace
	accelgov policy load "$garbage" >/dev/null || return
	collector
	now "$3"
	wait_until 10 state_is active || return
	is "$kind: while it behaves it stays" "$(attr policy)" garbage
	knob kind "$number"
	for phase in "${@:3}" "${@:3}" "${@:3}" "${@:3}" "${@:3}" "${@:3}"; do
		now "$phase"
		wait_until "$patience" ejected_for "$kind" && break
	done
	check "$kind: it is ejected for that" ejected_for "$kind"
	is "$kind: the code says so" "$(attr policy_exit/code)" ejected
	is "$kind: the built-in policy decides" "$(attr policy)" builtin
	matches "$kind: in words" "$(accelgov policy show accelsim.0)" 'garbage before it has ended: .* times'
	check "$kind: a trace event says so" traced "dev=accelsim.0 action=eject key=$kind"
	check "$kind: offences are traced" traced "dev=accelsim.0 action=offence key=$kind"
	check "$kind: it goes everywhere" wait_until 5 elsewhere
	check "$kind: its last decisions are kept" test "$(attr policy_exit/last_decisions | grep -c asked=)" -ge 1
	collector_stop
	check "$kind: what is left can be unloaded" accelgov policy unload
}
patience=5
ejects phase 1 compute
ejects clock 2 compute
ejects switch 4 memory
patience=2
ejects idle 3 loaded-idle compute loaded-idle compute
patience=5
# As many turns as this machine takes for some tens of milliseconds.
ejects_slow() {
	start_trace
	accelgov policy load "$garbage" >/dev/null
	collector
	now compute
	wait_until 10 state_is active
	knob loops 200000
	knob kind 6
	check "slow: it is ejected for that" wait_until 60 ejected_for slow
	check "slow: the trace says so" traced "action=eject key=slow"
	collector_stop
	accelgov policy unload
}
ejects_slow

# With new books: what the others lost is not this one's doing.
governor simple_ondemand
governor accelgov
accelgov policy load "$garbage" >/dev/null
put slowdown_budget_permille 5
knob kind 5
collector
now compute
check "budget: the guard stops it first" wait_until 30 overran
check "budget: then it is ejected for that" wait_until 100 ejected_for budget
within "budget: the promise was kept" "$(attr slowdown_permille)" 0 15
collector_stop
put slowdown_budget_permille 30
accelgov policy unload

coproc { exec polctl hold "$garbage"; }
hold_pid=$COPROC_PID
exec {from_hold}<&"${COPROC[0]}" {to_hold}>&"${COPROC[1]}"
read -r -t 20 line <&"$from_hold"
is "a policy is held by whoever attached it" "$line $(attr policy)" "ready garbage"
accelgov policy load "$(example edp)" >/tmp/out 2>&1
is "a second one is refused" "$?" 1
matches "and told why" "$(</tmp/out)" 'another policy is there'
refuse "rmmod is refused" rmmod accelgov
governor simple_ondemand
is "it decides on where it can" "$(<"$DEVFREQ/accelsim.1/accelgov/policy")" garbage
governor accelgov
is "and about a device that comes back" "$(attr policy)" garbage
echo accelsim.0 >"$driver/unbind"
check "a device may leave" test ! -e "$df"
echo accelsim.0 >"$driver/bind"
wait_until 5 test -d "$df"
use accelsim.0 accelgov
is "and return" "$(attr policy)" garbage
kill "$hold_pid"
wait "$hold_pid" 2>/dev/null
exec {from_hold}<&- {to_hold}>&-
check "when its holder dies the built-in policy decides" wait_until 10 policy_is builtin

accelgov policy load "$garbage" --device accelsim.0 >/dev/null
echo accelsim.0 >"$driver/unbind"
echo accelsim.0 >"$driver/bind"
wait_until 5 test -d "$df"
use accelsim.0 accelgov
is "a device's own policy waits for it" "$(attr policy)" garbage
accelgov policy unload --device accelsim.0

collector
now memory
wait_until 5 state_is active
before=$(attr stats/samples)
polctl race "$garbage" 100 >/tmp/race.1 &
first=$!
polctl race "$garbage" 100 >/tmp/race.2
rc=$?
wait "$first"
is "two loaders race: nothing fails" "$? $rc" "0 0"
diag "$(</tmp/race.1); $(</tmp/race.2)"
check "samples go on" wait_until 5 samples_above "$before"
collector_stop
governor simple_ondemand
use accelsim.1 simple_ondemand
check "nothing holds the module" wait_until 10 module_refs 0
check "the kernel has nothing to complain about" no_complaints
finish
