#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh - the demo, inside the VM: two workloads on eight simulated devices
# under four governors, all at the same time. Writes results.json, a time series
# per run and report.html to ACCELGOV_OUT.
#
# REQUESTS=FILE serves a request trace of the user's, DURATION=120s is how long
# to measure.

set -u
: "${ACCELGOV_BUILD:=$(cd "${0%/*}/../.." && pwd -P)/build}"
: "${ACCELGOV_OUT:=$ACCELGOV_BUILD/demo}"
: "${DURATION:=120s}"
PATH=$ACCELGOV_BUILD/bin:$PATH:/usr/sbin:/sbin

work=$(mktemp -d) || exit
daemon=''

say() {
	printf '%s\n' "$*"
}

die() {
	say "demo: $*" >&2
	exit 1
}

# Devices go first: a governor in use can't be unloaded.
clean_up() {
	local code=$?

	trap - EXIT
	stop_daemon || code=1
	if [[ -d /sys/module/accelsim ]]; then
		rmmod accelsim || code=1
	fi
	if [[ -d /sys/module/accelgov ]]; then
		rmmod accelgov || code=1
	fi
	rm -rf -- "$work"
	exit "$code"
}

stop_daemon() {
	[[ -n $daemon ]] || return 0
	kill "$daemon" 2>/dev/null
	wait "$daemon"
	local code=$?

	daemon=''
	((code == 0)) && return
	say "demo: accelgovd ended with $code:" >&2
	cat -- "$work/daemon.log" >&2
	return 1
}

load() {
	modprobe governor_simpleondemand ||
		die "the kernel has no simple_ondemand governor"
	insmod "$ACCELGOV_BUILD/kmod/accelgov.ko" || die "accelgov.ko did not load"
	insmod "$ACCELGOV_BUILD/kmod/accelsim.ko" devices=8 \
		profile=h100-sxm,h100-sxm,h100-sxm,h100-sxm,a100-sxm,a100-sxm,a100-sxm,a100-sxm ||
		die "accelsim.ko did not load"
}

# The daemon collects for whatever accelgov governs, play chooses what that is.
start_daemon() {
	mkdir -p -- "$work/etc"
	: >"$work/etc/accelgov.conf"
	accelgovd --config-dir "$work/etc" --socket "$work/control.sock" \
		--state "$work/state.json" >"$work/daemon.log" 2>&1 &
	daemon=$!
}

plan() {
	local workload device=0 governor

	for workload in serving training; do
		for governor in performance powersave simple_ondemand accelgov; do
			echo "$workload@accelsim.$device=$governor"
			device=$((device + 1))
		done
	done
}

trap clean_up EXIT
load
start_daemon
plan >"$work/plan"
play=(--plan "$work/plan" --duration "$DURATION" --out "$ACCELGOV_OUT")
[[ -z ${REQUESTS:-} ]] || play+=(--requests "$REQUESTS")
accelgov play "${play[@]}" || die "the workloads did not run"
accelgov report --results "$ACCELGOV_OUT/results.json" \
	--out "$ACCELGOV_OUT/report.html" || die "there is no report"
