#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The control socket against clients that mean no good.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

say() {
	ask "$tmp/sock" "$@"
}

raw() {
	ask --raw "$tmp/sock"
}

daemon_fds() {
	find "/proc/$daemon_pid/fd" -mindepth 1 | wc -l
}

# The client that found the daemon ready may not be closed yet at first.
settled() {
	local before

	before=$(daemon_fds)
	sleep 0.3
	[[ $(daemon_fds) == "$before" ]]
}

fds_are() {
	[[ $(daemon_fds) == "$1" ]]
}

plan 20
tree_new
tree_device 0
config '[Daemon]' 'Lease=1s'
start_daemon --verbose || bail "accelgovd does not start: $(<"$tmp/log")"
wait_until 30 settled
fds=$(daemon_fds)

matches "status has a schema" "$(say '{"method":"status"}')" '"schema":1'
matches "an unknown method is an error" "$(say '{"method":"reboot"}')" '"error":"MethodNotFound"'
for junk in '' '{' 'null' '[]' '"status"' '{"method":7}' '{"method":"status","method":"reload"}'; do
	matches "junk is an error: ${junk:-nothing}" "$(say "$junk")" '"error":"InvalidRequest"'
done
is "two requests get two answers" "$(say '{"method":"devices"}' '{"method":"devices"}' | wc -l)" 2
is "three in one packet get three" "$(printf '{"method":"devices"}\n%.0s' 1 2 3 | raw | wc -l)" 3
is "half a request gets none" "$(printf '{"method":"dev' | raw)" ""
matches "a line without end is refused" "$(head -c 100000 /dev/zero | tr '\0' a | raw)" 'too long'
head -c 200000 /dev/urandom | raw >"$tmp/answers"
check "it survives random bytes" daemon_ready
matches "NUL bytes are junk" "$(printf '\0\0\0\n' | raw)" InvalidRequest

ask --idle 200 "$tmp/sock" >"$tmp/idle" &
idle=$!
check "200 idle clients don't lock anybody out" wait_until 30 daemon_ready
kill "$idle"
wait "$idle" 2>/dev/null
check "a client that takes no answers holds up nobody" ask --deaf 100000 "$tmp/sock"
check "after all that it answers" daemon_ready
check "and no descriptor is left open" wait_until 30 fds_are "$fds"

if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	matches "only root may reload" \
		"$(setpriv --reuid 65534 --clear-groups "$(command -v ask)" "$tmp/sock" '{"method":"reload"}' 2>&1)" \
		'PermissionDenied'
else
	skip "only root may reload" "needs root to be somebody else"
fi
stop_daemon TERM
finish
