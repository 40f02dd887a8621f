#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov activate and observe on a recorded tree: the drop-in they have written,
# what it does to a device's governor, and who and what is refused.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

dropin=$tmp/etc/conf.d/90-mode.conf

mode() {
	accelgov "$@" --socket "$tmp/sock"
}

mode_of() {
	ask "$tmp/sock" '{"method":"devices"}' | sed 's/{"name":/\n&/g' |
		sed -n "s/^{\"name\":\"$1\",\"mode\":\"\([a-z]*\)\".*/\1/p"
}

settings() {
	sed 's/#.*//' "$dropin" | xargs
}

plan 48
tree_new
tree_device 0
tree_device 1
config '[Daemon]' 'Lease=1s' '[Device chip.*]' 'Governor=accelgov'
rc "nobody to ask" 5 mode activate
start_daemon
is "it starts" "$?" 0
is "Governor= is enough for a devfreq device" "$(sys chip.0/governor) $(mode_of chip.0)" "accelgov active"

rc "observe, all" 0 mode observe
matches "says where that is written" "$out" "written to $dropin"
is "there it is" "$(settings)" "[Device *] Mode=observe"
is "hands are off" "$(sys chip.0/governor) $(sys chip.1/governor)" "simple_ondemand simple_ondemand"
is "status knows" "$(mode_of chip.0) $(mode_of chip.1)" "observe observe"
check "the configuration with it is good" accelgovd --check-config --config-dir "$tmp/etc"

rc "activate one" 0 mode activate chip.1
is "is added" "$(settings)" "[Device *] Mode=observe [Device chip.1] Mode=active"
is "and holds" "$(sys chip.0/governor) $(sys chip.1/governor)" "simple_ondemand accelgov"
matches "it says what came of it" "$out" '^chip\.1: '
rc "observe it again" 0 mode observe chip.1
is "replaces that" "$(settings)" "[Device *] Mode=observe [Device chip.1] Mode=observe"
is "for it alone" "$(sys chip.1/governor)" simple_ondemand
rc "activate, all" 0 mode activate --json
is "forgets single ones" "$(settings)" "[Device *] Mode=active"
is "JSON is JSON" "$(jq -r '"\(.schema) \(.mode) \(.file) \(.devices | length)"' <<<"$out")" "1 active $dropin 2"
is "all are in hand" "$(sys chip.0/governor) $(sys chip.1/governor)" "accelgov accelgov"
stop_daemon TERM
start_daemon
is "it outlives a restart" "$(mode_of chip.0)" active

rc "an unknown device" 3 mode activate chip.7
says "is told" 'no such device'
is "and changes nothing" "$(settings)" "[Device *] Mode=active"
mv "$tmp/etc" "$tmp/away"
rc "without a folder for it" 1 mode observe
says "what to do is told" "can't be written, there is no $tmp/etc: mkdir -p $tmp/etc"
rm -rf "${tmp:?}/etc" && mv "$tmp/away" "$tmp/etc"
rc "two devices are a usage error" 2 mode activate chip.0 chip.1
rc "an unknown option is one" 2 mode observe --frobnicate
matches "junk for a device is an error" "$(ask "$tmp/sock" '{"method":"observe","device":7}')" InvalidRequest

printf '[Device chip.*]\nMode=active\n' >"$dropin"
rc "a file of somebody else" 1 mode observe
says "is left alone" 'was not written by accelgov'
is "as it is" "$(settings)" "[Device chip.*] Mode=active"
rm "$dropin"
config '[Daemon]' 'Mode=maybe'
rc "a mistake elsewhere" 1 mode observe
says "is told with its line" 'accelgov\.conf:2: Mode=maybe is not understood: observe or active'
check "and no drop-in is left" test ! -e "$dropin"
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	matches "only root may" \
		"$(setpriv --reuid 65534 --clear-groups "$(command -v ask)" "$tmp/sock" '{"method":"activate"}' 2>&1)" \
		'PermissionDenied.*only root may say which devices accelgov sets'
else
	skip "only root may" "needs root to be somebody else"
fi
config '[Daemon]' 'Lease=1s' 'Mode=observe' '[Device chip.*]' 'Governor=accelgov' '[Device chip.1]' 'Mode=active'
kill -HUP "$daemon_pid"
check "[Daemon] Mode= is for all" wait_until 30 sys_is chip.0/governor simple_ondemand
is "a device's own wins" "$(sys chip.1/governor)" accelgov
config '[Device chip.1]' 'Mode=active' 'Mode='
check "an empty one takes it back" accelgovd --check-config --config-dir "$tmp/etc"
stop_daemon TERM

# A record with accelerators, by whatever daemon.
record() {
	printf '{"schema":1,"pid":1,"start_time":1,"devices":[]%s}\n' "$1" >"$tmp/state.json"
}
record ',"accelerators":[{"name":"nvidia-0000:3b:00.0","backend":"nvml","was":"clock=0"}]'
rc "restore of an accelerator that is gone" 0 cli restore --state "$tmp/state.json"
matches "tells so" "$out" '^nvidia-0000:3b:00\.0: is not there any more'
check "and is done" test ! -e "$tmp/state.json"
record ''
rc "a record from before there were any" 0 cli restore --state "$tmp/state.json"
for junk in '7' '[7]' '[{"name":"../x","backend":"nvml","was":""}]' \
	"[{\"name\":\"x\",\"backend\":\"nvml\",\"was\":\"$(printf '%0600d' 0)\"}]"; do
	record ",\"accelerators\":$junk"
	rc "a damaged record: ${junk:0:20}" 1 cli restore --state "$tmp/state.json"
done

start_daemon
is "no accelerator is an empty list" "$(ask "$tmp/sock" '{"method":"status"}' | jq -c .accelerators)" '[]'
stop_daemon TERM
finish
