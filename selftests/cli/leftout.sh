#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What back ends could not use: devices and doctor tell of it, and the log, once; and
# what the kernel lacks is said in a line of ours.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"
# shellcheck source=selftests/lib/played.sh
. "${0%/*}/../lib/played.sh"

refused='refuse=nvmlDeviceGetUUID:15'
less='nvml finds less than there may be: '

# gpu N LINE...
gpu() {
	printf '%s\n' '[gpu]' "uuid=GPU-$1" "bus=0000:0$1:00.0" 'name=NVIDIA H100' \
		'arch=9' 'clocks=345-1980/15' 'sm_mhz=1980' 'util_gpu=99' \
		'power_mw=450000' "${@:2}"
}

# script LINE...: what the library plays from now on.
script() {
	printf '%s\n' "$@" >"$gpus.new" && mv "$gpus.new" "$gpus"
}

doctor() {
	accelgov doctor
}

# check_json KEY: of the check of back ends.
check_json() {
	accelgov doctor --json | jq -r ".checks[] | select(.check == \"backends\").$1"
}

logged() {
	grep -cE -- "warning: $less" "$tmp/log"
}

logged_is() {
	[[ $(logged) == "$1" ]]
}

script driver=590.48.01 "$(gpu 1)" "$(gpu 2 "$refused")" "$(gpu 3 "$refused")"
told=$(accelgov devices)
matches "devices tells each GPU that was left out" "$told" \
	'nvml +finds less than there may be: GPU 1 left out: the GPU does not answer .*; so is GPU 2'
told=$(doctor)
matches "so does doctor" "$told" \
	'warn +back ends +less was found than there may be: nvml: GPU 1 left out: .*; so is GPU 2'
matches "with what to do" "$told" '-> do what it says; .*: dmesg'
is "in JSON, too" "$(check_json result)" warn
is "where notes say which are worth it" \
	"$(accelgov devices --json | jq -c '[.notes[] | select(.left_out).backend]')" '["nvml"]'

script driver=590.48.01 "$(gpu 1 mig=1 'instance=1:0:MIG-a' 'instance=2:0:?' 'instance=3:0:!c')"
told=$(accelgov devices)
matches "a MIG instance that can't be told from others is named" "$told" \
	'nvml +finds less than there may be: MIG instance 2 of GPU 0 left out: the driver answered'
matches "one that does not answer is shown" "$told" \
	$'nvidia-0000:01:00.0-g3c0  NVIDIA H100 MIG,[^\n]* part of nvidia-0000:01:00.0\n  signals +none: the GPU does not answer'
matches "and told as well" "$told" '; nvidia-0000:01:00.0-g3c0 is there, and what it does is not known'
told=$(doctor)
matches "doctor tells of both" "$told" \
	'warn +back ends +.*: nvml: MIG instance 2 of GPU 0 left out: .*; nvidia-0000:01:00.0-g3c0 is there'
matches "and shows what is there" "$told" $'nvidia-0000:01:00.0-g3c0  NVIDIA H100 MIG\n'

script init=9
rc "a driver that is not loaded" 3 accelgov devices
matches "is told by devices" "$out" 'kernel driver is not loaded .modprobe nvidia'
told=$(doctor)
matches "and by doctor" "$told" 'warn +back ends +.*modprobe nvidia'
if [[ -n $(ls /sys/class/devfreq 2>/dev/null) ]]; then
	skip "which comes before a simulated device" "there are devfreq devices here"
else
	matches "which comes before a simulated device" "$told" \
		'-> what was left out, see back ends above, comes first; .*accelsim'
fi
script driver=590.48.01
matches "a driver without a GPU is told" "$(accelgov devices 2>/dev/null)" 'the driver has no GPU'

mkdir "$tmp/broken" && echo none >"$tmp/broken/libnvidia-ml.so.1"
told=$(LD_LIBRARY_PATH=$tmp/broken accelgov devices 2>/dev/null)
matches "so is a broken library, with what to do" "$told" \
	'libnvidia-ml.so.1: .*: install the libraries of its driver again'
script driver=590.48.01 "$(gpu 1)"
told=$(accelgov devices)
matches "a vendor whose model begins with its name is named once" "$told" \
	'nvidia-0000:01:00.0  NVIDIA H100,'
matches "by doctor, too" "$(doctor)" $'nvidia-0000:01:00.0  NVIDIA H100\n'
is "where nothing was left out, devices says nothing" \
	"$(accelgov devices | grep -c 'less than')" 0
is "and doctor is content" "$(check_json result)" ok

# Scans follow each other while a GPU that was there is missing.
script driver=590.48.01 "$(gpu 1)" "$(gpu 2 "$refused")" "$(gpu 3 "$refused")"
config "[Daemon]"
accelgovd --config-dir "$tmp/etc" --socket "$tmp/sock" \
	--state "$tmp/state.json" >/dev/null 2>"$tmp/log" &
daemon_pid=$!
defer kill -9 "$daemon_pid"
check "the log tells of it" wait_until 20 logged_is 1
matches "with all of them" "$(grep -E "$less" "$tmp/log")" 'GPU 1 left out: .*; so is GPU 2'
is "status has it, too" \
	"$(ask "$tmp/sock" '{"method":"status"}' | jq -c '[.backends[] | select(.left_out).name]')" '["nvml"]'
script driver=590.48.01 "$(gpu 1 "$refused" 'lost=1')" "$(gpu 2 "$refused")" "$(gpu 3 "$refused")"
check "and again when it is more" wait_until 30 logged_is 2
matches "which it tells" "$(grep -E "$less" "$tmp/log" | tail -n 1)" 'GPU 0 left out: .*; so is GPU 1'
pause 4
is "scans that find the same add no line" "$(logged)" 2
if ! grep -q 'does not tell what is mapped' "$tmp/log"; then
	skip "of probes that this kernel has not only what follows is said" "it has them"
else
	is "of probes that this kernel has not only what follows is said" \
		"$(grep -c 'libbpf: ' "$tmp/log")" 0
fi
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
finish
