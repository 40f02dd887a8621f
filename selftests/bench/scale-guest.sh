#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scale-guest.sh - inside the VM: how much CPU time goes by with 1, 8, 64 and 256
# busy devices, in three ways that differ in nothing else:
#
#   nothing          simple_ondemand that does not poll
#   simple_ondemand  it polls every period
#   accelgov         daemon and collectors, a sample every period
#
# Each device works on items that take minutes, so that the simulator has
# nothing to do but answer. Busy time is what the clock on the wall has more than
# the idle task, from /proc/timer_list in nanoseconds: interrupts, kernel threads
# and the daemon count, however short they are. Writes scale-N-MS.json. In the end the
# default rate, and the core alone: so many instructions take how long outside?

set -u
: "${ACCELGOV_BUILD:=$(cd "${0%/*}/../.." && pwd -P)/build}"
: "${ACCELGOV_OUT:?}"
: "${SCALE_SECONDS:=10}"
: "${SCALE_DEVICES:=1 8 64 256}"
PATH=$ACCELGOV_BUILD/bin:$ACCELGOV_BUILD/selftests/progs:$PATH:/usr/sbin:/sbin
PERIOD_MS=50
DEVFREQ=/sys/class/devfreq
work=$(mktemp -d) || exit
daemon=''
loads=()

die() {
	printf 'scale: %s\n' "$*" >&2
	[[ ! -s $work/daemon.log ]] || tail -n 20 "$work/daemon.log" >&2
	exit 1
}

stop_loads() {
	((${#loads[@]})) || return
	kill "${loads[@]}" 2>/dev/null
	wait "${loads[@]}" 2>/dev/null
	loads=()
}

stop_daemon() {
	[[ -n $daemon ]] || return 0
	kill "$daemon" 2>/dev/null
	wait "$daemon"
	daemon=''
}

clean_up() {
	local code=$?

	trap - EXIT
	stop_daemon
	stop_loads
	[[ ! -d /sys/module/accelsim ]] || rmmod accelsim || code=1
	[[ ! -d /sys/module/accelgov ]] || rmmod accelgov || code=1
	rm -rf -- "$work"
	exit "$code"
}
trap clean_up EXIT

# Counters that were closed let go of their module a moment later.
unload() {
	local i

	for ((i = 0; i < 100; i++)); do
		rmmod "$1" 2>/dev/null && return
		sleep 0.2
	done
	die "$1 does not unload"
}

# set_all FILE VALUE: on every device.
set_all() {
	local device

	for device in "$DEVFREQ"/accelsim.*; do
		echo "$2" >"$device/$1" || die "can't write $2 to $device/$1"
	done
}

start_loads() {
	local i load

	for ((i = 0; i < $1; i++)); do
		simload "/dev/accelsim$i" ops=80000000000000000 count=9 quiet=1 &
		loads+=("$!")
	done 2>"$work/loads"
	sleep 1
	for load in "${loads[@]}"; do
		kill -0 "$load" 2>/dev/null || die "no load: $(head -n 1 "$work/loads")"
	done
}

start_daemon() {
	mkdir -p "$work/etc"
	: >"$work/etc/accelgov.conf"
	accelgovd --config-dir "$work/etc" --socket "$work/sock" \
		--state "$work/state.json" 2>"$work/daemon.log" >/dev/null &
	daemon=$!
}

# Idle time of all CPUs and the time, in microseconds.
clocks() {
	awk '/^now at/ { now = $3 } /\.idle_sleeptime/ { idle += $3 }
		END { printf "%d %d\n", now / 1000, idle / 1000 }' /proc/timer_list
}

# Time that the daemon had a CPU, in microseconds.
daemon_us() {
	[[ -n $daemon ]] || { echo 0 && return; }
	awk '{ printf "%d\n", $1 / 1000 }' "/proc/$daemon/schedstat"
}

# busy NAME DEVICES: how much time was not idle, and how many decisions that was
# for. simple_ondemand counts none: it takes one per device and period.
busy() {
	local now_a idle_a now_b idle_b daemon_a daemon_b before after

	before=$(samples)
	daemon_a=$(daemon_us)
	read -r now_a idle_a < <(clocks)
	sleep "$SCALE_SECONDS"
	read -r now_b idle_b < <(clocks)
	daemon_b=$(daemon_us)
	after=$(samples)
	((after > before)) || after=$((before + $2 * (now_b - now_a) / 1000 / PERIOD_MS))
	printf '"%s": {"wall_us": %d, "busy_us": %d, "daemon_us": %d, "decisions": %d}' \
		"$1" "$((now_b - now_a))" \
		"$(($(nproc) * (now_b - now_a) - (idle_b - idle_a)))" \
		"$((daemon_b - daemon_a))" "$((after - before))"
}

# Samples that all governors took, 0 when none is accelgov.
samples() {
	cat "$DEVFREQ"/accelsim.*/accelgov/stats/samples 2>/dev/null |
		awk '{ n += $1 } END { print n + 0 }'
}

# The daemon takes its devices one after the other: settled is when the rate is the
# right one for all.
settled() {
	local i rate want=$(($1 * 1000 / PERIOD_MS)) before now_a after now_b

	for ((i = 0; i < 120; i++)); do
		before=$(samples)
		read -r now_a _ < <(clocks)
		sleep 2
		after=$(samples)
		read -r now_b _ < <(clocks)
		rate=$((1000000 * (after - before) / (now_b - now_a)))
		((rate < want * 90 / 100 || rate > want * 110 / 100)) || return 0
	done
	printf 'scale: %d samples a second from %d devices, %d wanted\n' "$rate" "$1" \
		"$want" >&2
	return 1
}

# calm DEVICES: what the daemon does once for each of its devices is over. Interrupts
# that come while it runs are counted as its own time.
calm() {
	local i before

	for ((i = 0; i < 60; i++)); do
		before=$(daemon_us)
		sleep 3
		(($(daemon_us) - before > 1000 + 1000 * $1)) || return 0
	done
	return 1
}

measure() {
	local n=$1 file=$ACCELGOV_OUT/scale-$1-$PERIOD_MS.json

	insmod "$ACCELGOV_BUILD/kmod/accelgov.ko" || die "accelgov.ko did not load"
	insmod "$ACCELGOV_BUILD/kmod/accelsim.ko" "devices=$n" profile=h100-sxm ||
		die "accelsim.ko did not load"
	set_all device/power/control on
	start_loads "$n"
	set_all polling_interval 0
	{
		printf '{"devices": %d, "period_ms": %d, ' "$n" "$PERIOD_MS"
		sleep 2
		busy nothing "$n"
		printf ', '
		set_all polling_interval "$PERIOD_MS"
		sleep 2
		busy simple_ondemand "$n"
		printf ', '
		set_all governor accelgov
		set_all accelgov/sample_period_us "$((PERIOD_MS * 1000))"
		start_daemon
		settled "$n" || die "collectors of $n devices do not keep up"
		calm "$n" || die "the daemon of $n devices does not come to rest"
		busy accelgov "$n"
		printf ', "collector_ns_per_sample": %d}\n' \
			"$(cat "$DEVFREQ"/accelsim.*/accelgov/stats/collector_ns_per_sample |
				awk '{ n += $1 } END { printf "%d", n / NR }')"
	} >"$file.new"
	stop_daemon
	stop_loads
	unload accelsim
	unload accelgov
	mv "$file.new" "$file"
	cat "$file"
}

modprobe governor_simpleondemand || die "no simple_ondemand"
for n in $SCALE_DEVICES; do
	measure "$n"
done
PERIOD_MS=10
measure 8
"$ACCELGOV_BUILD/selftests/bench/cost" --rounds 5 >"$ACCELGOV_OUT/cost.json"
