# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Policies in BPF, for suites in the VM. Sourced after ksft.sh and gov.sh.
#
#   example NAME, test_policy NAME    the compiled file
#   policy_is NAME                    who decides about the device under test
#   ended CODE                        why the policy before it ended
#   knob NAME [VALUE]                 read or set a knob of its policy
#   module_refs N                     for wait_until
#   clock_below KHZ, samples_above N  for wait_until

mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf ||
	bail "no BPF file system"

example() {
	echo "$ACCELGOV_BUILD/bpf/policies/$1.bpf.o"
}

test_policy() {
	echo "$ACCELGOV_BUILD/selftests/bpf/policy_$1.bpf.o"
}

policy_is() {
	[[ $(attr policy) == "$1" ]]
}

ended() {
	[[ $(attr policy_exit/code) == "$1" ]]
}

knob() {
	# shellcheck disable=SC2154
	local device=${df##*/}

	if (($# > 1)); then
		accelgov policy set "$device" "policy/$1=$2"
	else
		accelgov policy show "$device" --json |
			sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}$/\1/p" | tail -n 1
	fi
}

module_refs() {
	[[ $(</sys/module/accelgov/refcnt) == "$1" ]]
}

clock_below() {
	(($(freq_khz) < $1))
}

samples_above() {
	(($(attr stats/samples) > $1))
}

unload_policies() {
	local pin

	for pin in /sys/fs/bpf/accelgov/*/; do
		pin=$(basename "${pin//%/.}")
		case $pin in
		'*') ;;
		all-devices) accelgov policy unload ;;
		*) accelgov policy unload --device "$pin" ;;
		esac
	done
}
defer unload_policies
