#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: play
# vm-smp: 1
# vm-icount: rates and latencies of the guest, whatever the host does
# vm-fast: slowdown of work by the governor, not by the checks of a kernel
#
# accelgov play against simulated accelerators: it measures what it says, gives
# devices back, and ends well when it is stopped or has no signals.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

modprobe governor_simpleondemand || bail "no simple_ondemand"
load_modules devices=4 profile=h100-sxm,h100-sxm,a100-sxm,a100-sxm
out=$run/out

# settings DEVICE: what play must put back.
settings() {
	cat "$DEVFREQ/$1"/{governor,min_freq,max_freq}
}

instances() {
	find /sys/kernel/tracing/instances -maxdepth 1 -name 'accelgov-*'
}

# field RUN NAME: a number or word of results.json.
field() {
	awk -v run="$1" -v name="\"$2\":" \
		'$1 == "\"workload\":" { n++ } n == run && $1 == name { gsub(/[",]/, "", $2); print $2; exit }' \
		"$out/results.json"
}

whole() {
	printf '%.0f' "$(field "$1" "$2")"
}

rc() {
	local name=$1 want=$2 got=0

	shift 2
	"$@" >"$run/stdout" 2>"$run/stderr" || got=$?
	is "$name" "$got" "$want"
	[[ $got == "$want" ]] || diag "$(<"$run/stderr")"
}

for device in 0 1 2 3; do
	settings "accelsim.$device"
done >"$run/before"

rc "no daemon, no signals" 5 accelgov play --out "$out" --duration 2s \
	--run serving@accelsim.0=accelgov
matches "and what to do about it" "$(<"$run/stderr")" 'is accelgovd running'
rc "a governor that is not there" 3 accelgov play --out "$out" --duration 2s \
	--run serving@accelsim.0=nosuch
matches "is named" "$(<"$run/stderr")" 'governor nosuch'
printf 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.68,374,44\r\nx\r\n' >"$run/bad.csv"
rc "a bad request file" 1 accelgov play --out "$out" --duration 2s \
	--requests "$run/bad.csv" --run serving@accelsim.0=performance
matches "is refused with its line" "$(<"$run/stderr")" 'bad.csv:3: '

config ""
start_daemon || bail "no daemon: $(<"$log")"
rc "four runs at once" 0 accelgov play --out "$out" --duration 12s \
	--run serving@accelsim.0=performance --run serving@accelsim.1=accelgov \
	--run training@accelsim.2=powersave --run training@accelsim.3=simple_ondemand
diag "$(<"$run/stdout")"
is "results of all of them" "$(grep -c '"workload":' "$out/results.json")" 4
is "in the order asked for" "$(field 2 governor)" accelgov
is "of the length asked for" "$(field 1 elapsed_s)" 12
within "performance is not slowed down" "$(whole 1 slowdown_ref_permille)" -1 5
within "powersave is" "$(whole 3 slowdown_ref_permille)" 1000 9000
within "tokens came out" "$(whole 1 work)" 500 100000
within "mean power is that of such a board" "$(whole 1 mean_power_w)" 60 700
within "accelgov saves energy" "$(whole 2 saving_permille)" 50 700
within "and mostly knows the phase" "$(whole 2 phase_accuracy_permille)" 700 1000
within "and changes the clock" "$(whole 2 transitions)" 1 100000
is "powersave does not" "$(field 3 transitions)" 0
is "nobody else has a phase" "$(field 1 phase_accuracy_permille)" null
is "training has no first token" "$(field 3 ttft_ms)" null
is "a series each" "$(find "$out" -name '*.csv' | wc -l)" 4
within "with a row per 100 ms" "$(wc -l <"$out/serving-accelgov-accelsim.1.csv")" 100 122
check "a page of it" accelgov report --results "$out/results.json" --out "$out/page.html"
for device in 0 1 2 3; do
	settings "accelsim.$device"
done >"$run/after"
check "devices are as before" diff "$run/before" "$run/after"
is "no trace instance is left" "$(instances)" ""

rm -rf "$out"
accelgov play --out "$out" --duration 60s --run serving@accelsim.0=powersave \
	--run serving@accelsim.1=accelgov >/dev/null 2>"$run/stderr" &
pid=$!
tracing() {
	[[ -n $(instances) && $(<"$DEVFREQ/accelsim.1/governor") == accelgov ]]
}
check "a run begins" wait_until 20 tracing
sleep 2
kill -INT "$pid"
got=0
wait "$pid" || got=$?
is "Ctrl-C ends it" "$got" 130
for device in 0 1 2 3; do
	settings "accelsim.$device"
done >"$run/after"
check "devices are as before again" diff "$run/before" "$run/after"
is "no trace instance is left then" "$(instances)" ""
is "and no results" "$(ls "$out")" ""

accelgov play --out "$out" --duration 60s --run training@accelsim.2=performance \
	>/dev/null 2>"$run/stderr" &
pid=$!
sleep 3
echo accelsim.2 >/sys/bus/platform/drivers/accelsim/unbind
got=0
wait "$pid" || got=$?
is "a device that goes away ends it" "$got" 3
matches "with a word" "$(<"$run/stderr")" 'accelsim.2'

trace=../shared/data/llm-requests/azure-llm-2023/AzureLLMInferenceTrace_conv.csv
if [[ -r ${ACCELGOV_DATA:-../shared/data}/${trace#../shared/data/} ]]; then
	rc "the real Azure trace" 0 accelgov play --out "$out" --duration 20s \
		--requests "${ACCELGOV_DATA:-../shared/data}/${trace#../shared/data/}" \
		--run serving@accelsim.0=accelgov
	diag "$(<"$run/stdout")"
	within "is answered" "$(whole 1 requests_done)" 2 200
else
	skip "the real Azure trace" "not here (ACCELGOV_DATA)"
	skip "is answered" "not here (ACCELGOV_DATA)"
fi
stop_daemon
is "the daemon ends well" "$daemon_rc" 0
finish
