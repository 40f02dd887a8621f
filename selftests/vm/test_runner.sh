#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The VM runner tested by itself: each way a run can end arrives as what it was.
# Every other verdict rests on this.

. "${0%/*}/../lib/host.sh"
. "${0%/*}/../lib/tap.sh"

vm=${0%/*}/vm.sh
log=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$log"

# run LABEL OPTIONS...: exit code in rc, what the runner said in $log/LABEL.
run() {
	local label=$1

	shift
	"$vm" --name "runner-$label" "$@" >"$log/$label" 2>&1 </dev/null
	rc=$?
}

plan 10

run code -- bash -c "echo to the host; exit 7"
is "the guest's exit code arrives" "$rc" 7
matches "so does its output" "$(<"$log/code")" 'to the host'

run env --env "GREETING=it's \$HOME" -- bash -c "printf %s \"\$GREETING\" >\"\$ACCELGOV_OUT/file\""
is "so do its environment and its files" \
	"$(cat "$ACCELGOV_BUILD/test/runner-env/out/file")" "it's \$HOME"

run warn -- bash -c 'echo "WARNING: CPU: 0 PID: 1 at made/up.c:1" >/dev/kmsg'
is "a kernel warning fails a run that exits with 0" "$rc" 120

run panic -- bash -c 'echo c >/proc/sysrq-trigger; sleep 60'
is "a panic fails the run" "$rc" 120

run death -- bash -c 'busybox poweroff -f; sleep 60'
is "a guest that dies early fails the run" "$rc" 122

run hang --timeout 2 -- sleep 300
is "a command that hangs meets its limit" "$rc" 124

# Stops the emulator once its guest has said something.
stop_it() {
	local tries

	for ((tries = 0; tries < 900; tries++)); do
		! grep -qs here "$log/still" || break
		sleep 0.1
	done
	pkill -STOP -f "^qemu-system.*/runner-still/"
}

stop_it &
run still --standstill 4 -- bash -c 'echo here; sleep 300'
is "an emulator that stands still ends the run" "$rc" 123
wait
is "and is not left behind" "$(pgrep -c -f "^qemu-system.*/runner-still/")" 0

run boot --boot-timeout 1 -- true
is "a guest that does not come up meets the boot limit" "$rc" 121

finish
