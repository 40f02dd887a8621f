#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-fast: a guide to be typed, mostly the work of a compiler
#
# The first policy of the guide works as typed. What bpftool can do with a policy
# is found out here as well.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"

guide=${0%/*}/../../Documentation/policy-guide.rst

# block LANGUAGE: the first code block in it, without its indentation.
block() {
	awk -v start=".. code-block:: $1" '
		$0 == start { on = 1; next }
		on && /^[^ ]/ { exit }
		on { sub(/^   /, ""); print }' "$guide" | sed '1{/^$/d}'
}

cd "${0%/*}/../.." || bail "no source tree"
block c >/tmp/my_first.bpf.c
block sh >/tmp/commands
within "the first policy is short" "$(grep -c . /tmp/my_first.bpf.c)" 15 40
is "five commands are all it takes" "$(grep -c . /tmp/commands)" 5

load_modules devices=1 profile=a100-sxm
use accelsim.0 accelgov
number=0
while read -r line; do
	[[ -n $line ]] || continue
	number=$((number + 1))
	check "command $number: $line" bash -c "$line"
	case $number in
	2)
		is "after which it decides" "$(attr policy)" my_first
		collector
		now memory
		check "about memory-bound phases" wait_until 5 clock_is 975000
		now compute
		check "and about no others" wait_until 5 clock_above 975000
		now memory
		;;
	4) check "its knob takes effect" wait_until 5 clock_is 1125000 ;;
	esac
done </tmp/commands
is "and in the end it is gone" "$(attr policy)" builtin
collector_stop

# bpftool 7.5 registers, then looks for the type in the kernel's own BTF, where
# that of a module is not, and crashes. Nothing of that may harm the module.
bpftool=$(selftests/setup/toolchain.sh path)/bin/bpftool
mkdir -p /sys/fs/bpf/by-bpftool
out=$("$bpftool" struct_ops register "$(example edp)" /sys/fs/bpf/by-bpftool 2>&1)
diag "bpftool struct_ops register: exit code $?, $(attr policy) decides; $out"
diag "pinned: $(ls /sys/fs/bpf/by-bpftool)"
rm -rf /sys/fs/bpf/by-bpftool/*
check "what bpftool registers goes with its pin" wait_until 10 policy_is builtin
governor simple_ondemand
check "and holds the module no longer" wait_until 10 module_refs 0
check "the kernel has nothing to complain about" no_complaints
finish
