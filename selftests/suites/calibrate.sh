#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: main
# vm-realtime: steadiness of progress by the clock on the wall
# vm-fast: steadiness of progress by the clock on the wall
#
# accelgov calibrate --device on simulated accelerators: the fit is that of the
# simulator, and the device is as it was, however it ends.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"

modprobe governor_simpleondemand || bail "no simple_ondemand"
load_sim devices=2 profile=a100-sxm
wait_until 20 test -c /dev/accelsim1 || bail "no devices"
run=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$run"
dev=accelsim.0

settings() {
	cat "$DEVFREQ/$dev"/{governor,min_freq,max_freq}
}

rc() {
	local name=$1 want=$2 got=0

	shift 2
	"$@" >"$run/stdout" 2>"$run/stderr" || got=$?
	is "$name" "$got" "$want"
	[[ $got == "$want" ]] || diag "$(<"$run/stderr")"
}

says() {
	matches "$1" "$(<"$run/stderr")" "$2"
}

# number NAME [N]: the Nth number of that name in JSON, whole part of 100 times it.
number() {
	sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" "$run/stdout" | sed -n "${2:-1}p" |
		awk '{ printf "%d", 100 * $1 }'
}

# load ITEM...: keep the device busy with such items.
load() {
	simload "/dev/accelsim0" count=1000000 quiet=1 "$@" &
	load_pid=$!
	defer kill "$load_pid"
	sleep 0.5
}

stop_load() {
	kill "$load_pid"
	wait "$load_pid" 2>/dev/null
}

echo 1395000000 >"$DEVFREQ/$dev/max_freq"
settings >"$run/before"

rc "a device that is not there" 3 accelgov calibrate --device accelsim.7
says "is named" 'accelsim.7'
rc "no load" 1 accelgov calibrate --device $dev --duration 10s
says "is told" 'makes no progress'
settings >"$run/after"
check "the limits are as before" diff "$run/before" "$run/after"

# A fifth of the square is arithmetic: 2 ms and 440 W at 1410 MHz.
echo 1410000000 >"$DEVFREQ/$dev/max_freq"
settings >"$run/before"
load ops=184000000000 bytes=2557000000
rc "a steady load" 0 accelgov calibrate --device $dev --duration 40s --max-slowdown 400% \
	--out "$run/made.ini" --json
diag "$(<"$run/stderr")"
diag "$(grep -E 'percent|share|static|exponent|sensitivity' "$run/stdout")"
within "time is fitted within 1 %" "$(number mean_percent 1)" 0 100
within "energy within 2 %" "$(number mean_percent 2)" 0 200
within "a fifth of the square is arithmetic" "$(number compute_share)" 16 24
within "power at the top is the simulator's within 3 %" "$(number power_w)" 42700 45300
within "so is the voltage floor within 6 points" "$(number floor_share)" 70 82
check "it makes a profile" accelgov calibrate --show "$run/made.ini"
settings >"$run/after"
check "the limits are as before then" diff "$run/before" "$run/after"

rc "no more than 20 % slower" 1 accelgov calibrate --device $dev --duration 20s --max-slowdown 1%
says "ends early" 'no lower clock'
says "and says what is missing" 'are missing|are needed'
settings >"$run/after"
check "the limits are as before again" diff "$run/before" "$run/after"

accelgov calibrate --device $dev --duration 60s >"$run/stdout" 2>"$run/stderr" &
pid=$!
stepping() {
	[[ $(<"$DEVFREQ/$dev/max_freq") != 1410000000 ]]
}
check "a sweep begins" wait_until 60 stepping
kill -INT "$pid"
got=0
wait "$pid" || got=$?
is "Ctrl-C ends it" "$got" 130
settings >"$run/after"
check "the limits are as before even so" diff "$run/before" "$run/after"
stop_load

bursts() {
	while :; do
		simload /dev/accelsim0 count=300 quiet=1 ops=184000000000 bytes=2557000000
		sleep 0.8
	done
}
bursts &
bursts_pid=$!
defer kill "$bursts_pid"
rc "an unsteady load" 1 accelgov calibrate --device $dev --duration 30s
says "is refused" 'not steady|no progress|has changed'
settings >"$run/after"
check "and the limits are as before" diff "$run/before" "$run/after"
finish
