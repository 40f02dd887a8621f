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

exposure() {
	systemd-analyze security --offline=true "$tmp/accelgovd.service" |
		sed -n 's/.*exposure level for [^:]*: \([0-9]*\)\..*/\1/p'
}

plan 13
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
	within "and keeps little open" "$(exposure)" 0 2
else
	skip "the unit file is sound" "no systemd-analyze"
	skip "and keeps little open" "no systemd-analyze"
fi
finish
