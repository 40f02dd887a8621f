#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgovd as a service: what it tells systemd, how it logs to the journal, and
# that its unit file is one.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

unit=${0%/*}/../../userspace/accelgovd/accelgovd.service

told() {
	grep -qE -- "$1" "$tmp/told"
}

# A unit that names programs of this build, so that they exist.
verify() {
	sed "s,/usr/sbin/,$ACCELGOV_BUILD/bin/,; s,/usr/bin/,$ACCELGOV_BUILD/bin/," \
		"$unit" >"$tmp/accelgovd.service"
	systemd-analyze verify --man=no "$tmp/accelgovd.service" 2>&1 |
		grep -F accelgovd.service && return 1
	return 0
}

analyse() {
	systemd-analyze security --offline=true "$@" "$tmp/accelgovd.service"
}

open_doors() {
	analyse --json=short | jq -r '.[] | select(.set == false) | .name'
}

# Everything that systemd finds open has its reason in a comment of the unit.
without_reason() {
	local name

	while IFS="=" read -r name _; do
		grep -qE "^# (.*[ ,])?$name=" "$unit" || echo "$name"
	done < <(open_doors)
}

plan 15
ask --notify "$tmp/notify" >"$tmp/told" &
defer kill "$!"
wait_until 30 test -S "$tmp/notify" || bail "nobody listens to notifications"
tree_new
tree_device 0 accelgov
tree_govern 0
config '[Daemon]' 'Lease=1s'

export NOTIFY_SOCKET=$tmp/notify WATCHDOG_USEC=1000000
start_daemon --verbose
unset NOTIFY_SOCKET WATCHDOG_USEC
check "it says when it is ready" wait_until 30 told '^READY=1'
check "and what it does" told '^STATUS=Governing 1 of 1 devices$'
check "it feeds the watchdog" wait_until 30 told '^WATCHDOG=1'
: >"$tmp/told"
kill -HUP "$daemon_pid"
check "it says that it reloads" wait_until 30 told '^RELOADING=1'
check "and since when" wait_until 30 told '^MONOTONIC_USEC=[0-9]+$'
check "and when that is done" wait_until 30 told '^READY=1'
config 'nonsense'
kill -HUP "$daemon_pid"
check "the status tells of a bad configuration" wait_until 30 told '^STATUS=.*old configuration stays: .*accelgov\.conf:1: '
stop_daemon TERM
check "it says when it stops" told '^STOPPING=1'
matches "a terminal gets the program's name" "$(<"$tmp/log")" '^accelgovd: '

# The journal is known by the inode of stderr.
: >"$tmp/journal"
stream=$(stat -c %d:%i "$tmp/journal")
JOURNAL_STREAM=$stream accelgovd --check-config \
	--config-dir "$tmp/etc" >/dev/null 2>>"$tmp/journal"
matches "the journal gets priorities" "$(<"$tmp/journal")" '^<3>.*accelgov\.conf:1: '
JOURNAL_STREAM=1:1 accelgovd --check-config --config-dir "$tmp/etc" 2>"$tmp/other" >/dev/null
matches "anything else does not" "$(<"$tmp/other")" '^accelgovd: error: '

if command -v systemd-analyze >/dev/null; then
	check "the unit file is sound" verify
	check "and leaves little open: at most 3.0 of 10" analyse --threshold=30
	is "with a reason for all of that" "$(without_reason | sort -u | xargs)" ""
	matches "the list of what is open is not empty" "$(open_doors)" 'CapabilityBoundingSet=~CAP_BPF'
else
	skip "the unit file is sound" "no systemd-analyze"
	skip "and leaves little open: at most 3.0 of 10" "no systemd-analyze"
	skip "with a reason for all of that" "no systemd-analyze"
	skip "the list of what is open is not empty" "no systemd-analyze"
fi
finish
