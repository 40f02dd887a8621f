#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: play
# vm-smp: 1
# vm-icount: labels are given by the guest's clock
# vm-cost: 50
#
# accelgov record of simulated devices: counters of the PMU as root, clock and power as
# somebody else, decisions of the governor that is in charge, and a labelled job whose
# phases replay tells apart, from counters and from what a vendor's library would say of
# the same device. The recording of that job stays beside the log; the one in
# selftests/recordings was made so.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
fakes=$ACCELGOV_BUILD/selftests/fakes
[[ -e $fakes/libnvidia-ml.so.1 ]] || bail "no fake library: make progs"
gpu=nvidia-0000:01:00.0

# of FILE FILTER: from what replay says.
of() {
	accelgov replay --recording "$1" --json 2>/dev/null | jq -r "$2"
}

lines() {
	zcat "$1" | jq -c "select($2)"
}

# The job, in turns. Its context stays while it changes what it does.
cat >"$run/job" <<'JOB'
#!/bin/bash
exec 3<>"$1"
turn() {
	echo "$1" >>"$ACCELGOV_LABELS"
	shift
	"$@"
}
for ((i = 0; i < $2; i++)); do
	turn compute simload "$1" quiet=1 ops=20000000000000 count=60
	turn memory simload "$1" quiet=1 bytes=60000000000 count=90
	turn link-wait simload "$1" quiet=1 link_ns=20000000 count=75
	turn loaded-idle sleep 2
done
exit 9
JOB
chmod 755 "$run" "$run/job"

load_modules devices=2 profile=h100-sxm,h100-sxm
for device in 0 1; do
	echo on >"$DEVFREQ/accelsim.$device/device/power/control"
done
printf '%s\n' 'driver=590.48.01' '[gpu]' 'uuid=GPU-1' 'bus=0000:01:00.0' \
	'name=NVIDIA H100 80GB HBM3' 'arch=9' 'mem_clocks=2619' 'mem_mhz=2619' \
	'nvlink=18:26562' 'pcie=5:16' 'gpm=1' 'processes=1' 'sim=accelsim.0' >"$run/gpus"
got=0
ACCELGOV_FAKE_NVML=$run/gpus LD_LIBRARY_PATH=$fakes accelgov record --device accelsim.0 \
	--device "$gpu" --rate 20 --out "$run/job.rec" -- "$run/job" /dev/accelsim0 2 \
	2>"$run/err" || got=$?
is "the exit code is the job's" "$got" 9
diag "$(<"$run/err")"
cp "$run/job.rec" "${ACCELGOV_OUT:-$run}/"
is "all signals are there" "$(zcat "$run/job.rec" | sed -n 3p | jq -r '"\(.source) \(.model) \(.signals | length) \(.missing | length)"')" \
	"devfreq h100-sxm 10 0"
is "of the library all but two" "$(zcat "$run/job.rec" | sed -n 2p | jq -r '"\(.source) \(.signals | length) \(.missing | keys | join(" "))"')" \
	"nvml 8 progress_per_s queue_milli"
is "it is whole, with its labels" "$(of "$run/job.rec" '"\(.whole) \(.labels)"')" "true 8"
accelgov replay --recording "$run/job.rec" >"$run/stdout" 2>&1
diag "$(<"$run/stdout")"
# Without progress and queue, two seconds of quiet are as likely a wait for input.
within "phases are told apart by the library" "$(of "$run/job.rec" '.devices[0].replayed.score.window_f1_permille | floor')" 650 1000
within "and by counters" "$(of "$run/job.rec" '.devices[1].replayed.score.window_f1_permille | floor')" 850 1000
within "as they were then" "$(of "$run/job.rec" '.devices[1].same_permille | floor')" 990 1000

# Governed: what the module says.
config '[Daemon]' 'Lease=3s' '[Device accelsim.1]' 'Governor=accelgov'
start_daemon || bail "no daemon: $(<"$log")"
check "the daemon collects" wait_until 20 collecting accelsim.1
accelgov record --device accelsim.1 --out "$run/gov.rec" -- "$run/job" /dev/accelsim1 1 2>"$run/err"
diag "$(<"$run/err")"
is "the governor decides" "$(zcat "$run/gov.rec" | sed -n 2p | jq -r '"\(.decider) \(.period_us)"')" "governor 10000"
accelgov replay --recording "$run/gov.rec" >"$run/stdout" 2>&1
diag "$(<"$run/stdout")"
within "its clock moves" "$(lines "$run/gov.rec" 'has("decision")' | jq -s 'map(.decided_khz) | unique | length')" 2 200
within "its phases are scored" "$(of "$run/gov.rec" '.devices[0].recorded.score.f1_permille | floor')" 600 1000
stop_daemon

# Somebody else has what sysfs shows.
chmod 777 "$run"
got=0
setpriv --reuid 65534 --clear-groups accelgov record --device accelsim.0 --time 2s \
	--out "$run/nobody.rec" 2>"$run/err" || got=$?
is "nobody may record" "$got" 0
is "clock and power" "$(zcat "$run/nobody.rec" | sed -n 2p | jq -r '.signals | join(" ")')" "clock_khz power_mw"
matches "and is told what the rest takes" "$(zcat "$run/nobody.rec" | sed -n 2p | jq -r .missing.busy_permille)" 'perf_event_paranoid'
within "power is that of an idle board" "$(of "$run/nobody.rec" '.devices[0].mean_power_mw | floor')" 30000 200000

# A recorder that is killed leaves its instance of tracefs behind, for the next one.
instances() {
	find /sys/kernel/tracing/instances -mindepth 1 -maxdepth 1 -name 'accelgov-*' | wc -l
}
has_instances() {
	(($(instances) == $1))
}
accelgov record --device accelsim.0 --out "$run/killed.rec" 2>/dev/null &
recorder=$!
check "a recorder follows trace events" wait_until 20 has_instances 1
kill -9 "$recorder"
wait "$recorder" 2>/dev/null
is "killed, it leaves them" "$(instances)" 1
check "the next one records" accelgov record --device accelsim.0 --time 1s --out "$run/next.rec"
is "and cleans up" "$(instances)" 0
finish
