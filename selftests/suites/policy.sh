#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: lifetimes of programs
# vm-cost: 33
#
# Policies in BPF: load, see, set, replace, unload; the examples; and that samples
# get through whatever comes and goes. For what they cost the verifier: verifier.sh.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"

load_modules devices=2 profile=a100-sxm
use accelsim.1 accelgov
use accelsim.0 accelgov
low=$(sort -n <<<"$(tr ' ' '\n' <"$df/available_frequencies")" | grep . | head -n 1)
top=$(tr ' ' '\n' <"$df/available_frequencies" | sort -n | tail -n 1)
low=$((low / 1000)) top=$((top / 1000))

is "at first the built-in policy decides" "$(attr policy)" builtin
is "and none has ended" "$(attr policy_exit/code)" none
refuse "there are no numbers of a policy" attr policy_stats/calls

out=$(accelgov policy load race_to_idle 2>&1)
is "a policy is loaded by its name: $out" "$?" 0
is "it decides" "$(attr policy)" race_to_idle
is "about every device" "$(cat "$DEVFREQ/accelsim.1/accelgov/policy")" race_to_idle
push_options=(--clock "$df/target_freq")
collector
now memory
check "it takes the highest clock where there is work" wait_until 5 clock_is "$top"
now loaded-idle
check "and the lowest where there is none" wait_until 5 clock_is "$low"
check "samples are taken as before" test "$(attr stats/samples)" -gt 0
check "it was asked" test "$(attr policy_stats/calls)" -gt 0
is "and did nothing wrong" "$(cat "$ag"/policy_stats/{bad_*,refused_*,budget_*} | sort -u)" 0
matches "the list shows it" "$(accelgov policy list)" 'accelsim.0 +race_to_idle, loaded for all devices'
matches "so does show" "$(accelgov policy show accelsim.0)" 'policy race_to_idle decides'
is "its knob can be read" "$(knob suspend_ms)" 500
check "and set" knob suspend_ms 700
is "at once" "$(knob suspend_ms)" 700
out=$(knob no_such 1 2>&1)
matches "one that isn't there is named" "$out" 'has no knob "no_such"'
refuse "the module stays while it is loaded" rmmod accelgov

out=$(accelgov policy load "$(example learned_table)" --device accelsim.0 2>&1)
is "a device can have its own: $out" "$?" 0
is "which decides there" "$(attr policy)" learned_table
is "and only there" "$(cat "$DEVFREQ/accelsim.1/accelgov/policy")" race_to_idle
is "the other one was replaced" "$(attr policy_exit/code) $(attr policy_exit/name)" "replaced race_to_idle"
now memory
check "its table is followed" knob memory_khz $((low + 300001))
check "at the operating point below" wait_until 5 clock_is $((low + 300000))
now compute
check "and left to the built-in policy where it is empty" wait_until 5 clock_above $((low + 300000))
check "unloading it" accelgov policy unload --device accelsim.0
is "brings the common one back" "$(attr policy)" race_to_idle
check "unloading that" accelgov policy unload
is "brings the built-in one back" "$(attr policy)" builtin
is "and says why" "$(attr policy_exit/code)" unload
matches "in words too" "$(accelgov policy show accelsim.0)" 'race_to_idle before it has ended: it was unloaded'
refuse "there is nothing more to unload" accelgov policy unload

accelgov policy load "$(example cap_follow)" >/dev/null
now compute
check "cap_follow takes the highest clock without a cap" wait_until 5 clock_is "$top"
put power_cap_uw 200000000
check "and a lower one with it" wait_until 5 clock_below "$top"
put power_cap_uw 0
out=$(accelgov policy load "$(example edp)" 2>&1)
matches "a policy takes the place of another" "$out" replaces
is "in one step" "$(attr policy) $(attr policy_exit/code)" "edp replaced"
now memory
check "edp finds a lower clock for memory" wait_until 20 clock_below "$top"
# Power that no clock has changed teaches that none saves: a new start, untold.
collector_stop
accelgov policy unload >/dev/null
governor simple_ondemand
governor accelgov
collector
accelgov policy load "$(example carbon_follow)" >/dev/null
now compute-untold
check "carbon_follow is told of a clean hour" knob intensity_permille 0
check "and loses no time then" wait_until 10 clock_is "$top"
check "in a dirty one" knob intensity_permille 1000
check "it saves" wait_until 20 clock_below "$top"
check "json names knobs" test "$(accelgov policy show accelsim.0 --json | grep -c intensity_permille)" = 1

governor simple_ondemand
governor accelgov
is "a governor that comes back finds its policy" "$(attr policy)" carbon_follow
accelgov policy unload
collector_stop

before=$(attr stats/samples)
# shellcheck disable=SC2046
push --for 6000 "$(token)" $(signals memory) >/tmp/pushed &
pusher=$!
check "signals come in" wait_until 10 samples_above "$before"
start=$(now_ms)
# A slow kernel takes minutes for a thousand.
swaps=$((1000 / (${ACCELGOV_SLOWNESS:-1} > 1 ? 10 : 1)))
out=$(polctl swap "$swaps" "$(example edp)" "$(example race_to_idle)" 2>&1)
is "$swaps swaps under load: $out" "$?" 0
matches "all of them" "$out" "swapped=$swaps"
diag "within $(($(now_ms) - start)) ms"
wait "$pusher"
# What the gate refused, the pusher was told; what it let in has to arrive.
[[ $(</tmp/pushed) =~ pushed=([0-9]+) ]]
is "lose no sample that was let in" "$(($(attr stats/samples) - before))" "${BASH_REMATCH[1]:-none}"
check "after them the built-in policy decides" wait_until 5 policy_is builtin

governor simple_ondemand
use accelsim.1 simple_ondemand
check "no reference is left behind" wait_until 10 module_refs 0
check "the kernel has nothing to complain about" no_complaints
finish
