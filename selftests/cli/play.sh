#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov play and report on the host: what they refuse and how they say it.
# What play does to devices is tested in the VM.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

play() {
	accelgov play --root "$tree" --out "$tmp/out" "$@"
}

tree_new
rc "help" 0 accelgov play --help
matches "names the options" "$out" 'rate-scale'
rc "no run" 2 accelgov play --out "$tmp/out"
says "is told" '--run or --plan'
rc "no folder" 2 accelgov play --run serving@accelsim.0=accelgov
says "is told too" '--out'
rc "half a run" 2 play --run serving@accelsim.0
says "and how it should look" 'WORKLOAD@DEVICE=GOVERNOR'
rc "an empty device" 2 play --run serving@=accelgov
rc "another workload" 2 play --run serving@accelsim.0=a --run trainings@accelsim.1=a
says "gets a suggestion" 'did you mean "training"'
rc "phases without a list" 2 play --run phases@accelsim.0=a
says "are told where it goes" '--requests FILE'
rc "a device twice" 2 play --run serving@accelsim.0=a --run training@accelsim.0=b
says "is one too many" 'twice'
rc "a path for a device" 2 play --run serving@../x=a
rc "no duration" 2 play --duration 5 --run serving@accelsim.0=a
rc "too short a duration" 2 play --duration 10ms --run serving@accelsim.0=a
rc "no factor" 2 play --rate-scale nan --run serving@accelsim.0=a
rc "no model" 2 play --model gpt --run serving@accelsim.0=a
says "but others" 'llama-3-70b'
rc "no seed" 2 play --seed x --run serving@accelsim.0=a
rc "an operand" 2 play --run serving@accelsim.0=a x

printf '# two runs\n\nserving@accelsim.0=accelgov   # one\nserving@accelsim.0\n' >"$tmp/plan"
rc "a bad line in a plan" 2 play --plan "$tmp/plan"
says "is named" "line 4 of $tmp/plan"
rc "a plan that is not there" 1 play --plan "$tmp/none"

rc "no such device" 3 play --run serving@accelsim.7=accelgov
says "and where one would be from" 'insmod accelsim.ko'
tree_device 0
rc "a real device" 3 play --run serving@chip.0=accelgov
says "is left alone" 'no simulated accelerator'
is "nothing was written" "$(ls "$tmp/out")" ""

# report
cat >"$tmp/results.json" <<'JSON'
{"schema":1,"kernel":"6.12","runs":[
{"workload":"serving","device":"accelsim.0","governor":"performance","elapsed_s":10,
 "energy_j":3000,"work":2000,"work_unit":"token","energy_per_work_j":1.5,
 "slowdown_permille":0,"ttft_ms":{"p50":100,"p99":400},"tpot_ms":null,"transitions":0,
 "phase_accuracy_permille":null,"decision_latency_us":null,"collector_ns_per_sample":null}]}
JSON
rc "report wants results" 2 accelgov report
rc "that are there" 1 accelgov report --results "$tmp/none.json"
rc "a table" 0 accelgov report --results "$tmp/results.json"
matches "with the governor" "$out" 'performance +1.500'
rc "json again" 0 accelgov report --results "$tmp/results.json" --json
matches "with null for what is unknown" "$out" '"tpot_ms": null'
rc "a page" 0 accelgov report --results "$tmp/results.json" --out "$tmp/page.html"
says "says which series are missing" 'serving-performance-accelsim.0.csv'
check "and is one" grep -q '</html>' "$tmp/page.html"
echo 'time_ms' >"$tmp/serving-performance-accelsim.0.csv"
rc "a bad series" 1 accelgov report --results "$tmp/results.json" --out "$tmp/page.html"
says "is named by its line" 'accelsim.0.csv:1:'
echo '{"schema":2}' >"$tmp/results.json"
rc "another schema" 1 accelgov report --results "$tmp/results.json"
says "is not guessed at" 'schema is not 1'
finish
