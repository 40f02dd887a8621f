#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: failslab
# vm-kernel: debug
# vm-timeout: 360
# vm-first: only here
# vm-cost: 106
#
# Every allocation of every operation that allocates fails once: it ends with ENOMEM
# or does without, and afterwards all is as before. What is lost meanwhile is found by
# kmemleak at the end of the boot. First those that have our code on their stack, then
# those of the kernel around it. The longer operations leave some out unless
# ACCELGOV_FULL=1, beginning with a random one. Loading a module has no others than
# ours: what the loader does when it runs out of memory before it calls us says nothing
# of us.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"

debug=/sys/kernel/debug
[[ -e /proc/self/fail-nth && -d $debug/failslab ]] ||
	skip_all "this kernel has no CONFIG_FAILSLAB with CONFIG_FAULT_INJECTION_DEBUG_FS"
# Allocations that may sleep fail too, and without a stack of each in the log.
echo N >"$debug/failslab/ignore-gfp-wait"
echo 0 >"$debug/failslab/verbose"

# Modules, and nothing else that allocates, lie in the topmost 1.5 GiB.
for what in failslab fail_page_alloc; do
	echo 32 >"$debug/$what/stacktrace-depth"
	echo 0xffffffffff000000 >"$debug/$what/require-end"
	echo 0xffffffffa0000000 >"$debug/$what/require-start"
done
# Three functions of the kernel are spared. Counters of a module that was compiled with
# some get along without memory, which is not ours to try again and again. Where
# devfreq_add_device() can't register its device, 6.12 gives back a list of notifiers
# that it has not made yet, and dies of it. And vmalloc(), which programs in BPF live
# in, writes a stack into the log when it fails, as a complaint would.
declare -A from=() to=()
while read -r name start end; do
	from[$name]=$start to[$name]=$end
done < <(awk '
	name { print name, "0x" start, "0x" $1; n++; name = "" }
	n == 3 { exit }
	{ sub(/\..*/, "", $3) }
	$3 ~ /^(__gcov_init|devfreq_add_device|__vmalloc_node_range_noprof)$/ && !seen[$3]++ {
		name = $3; start = $1
	}' /proc/kallsyms)

# spare FUNCTION: neither it nor what it calls goes without memory.
spare() {
	local what

	[[ -n ${from[$1]:-} ]] || return 0
	for what in failslab fail_page_alloc; do
		echo 0 >"$debug/$what/reject-start"
		echo "${to[$1]}" >"$debug/$what/reject-end"
		echo "${from[$1]}" >"$debug/$what/reject-start"
	done
}
echo 0 >"$debug/fail_page_alloc/verbose"
echo 0 >"$debug/fail_page_alloc/min-order"
echo N >"$debug/fail_page_alloc/ignore-gfp-wait"

few() {
	[[ -n ${ACCELGOV_FULL:-} ]] || echo --step "$1" --from $((1 + RANDOM % $1))
}

# nth NAME ARGUMENT...: of failnth.
nth() {
	local name=$1 out rc=0 start=$SECONDS

	shift
	out=$(failnth "$@" 2>&1) || rc=$?
	is "$name: every allocation may fail" "$rc" 0
	diag "$name: $out ($((SECONDS - start)) s)"
}

# around STEP NAME ARGUMENT...: whoever allocates.
around() {
	local step=$1 name=$2

	shift 2
	echo 0 >"$debug/failslab/require-start"
	# shellcheck disable=SC2046
	nth "$name, the kernel's as well" $(few "$step") "$@"
	echo 0xffffffffa0000000 >"$debug/failslab/require-start"
}

# Neither the platform bus nor hwmon looks whether its device got a name, and the driver
# core calls one without a name invalid.
unnamed=(--also EINVAL)

# The modules in memory: reading them is not what is tried.
cp "$ACCELGOV_BUILD"/kmod/accel{sim,gov}.ko /run/ || bail "no modules"
sim=/run/accelsim.ko gov=/run/accelgov.ko
modprobe governor_simpleondemand || bail "no governor simple_ondemand"
spare __gcov_init
# shellcheck disable=SC2046
nth "loading accelgov" $(few 5) insmod "$gov"
refuse "loading accelgov: it is not there then" loaded accelgov
spare devfreq_add_device
# shellcheck disable=SC2046
nth "loading accelsim" "${unnamed[@]}" $(few 29) insmod "$sim" "devices=1 profile=npu-edge"
refuse "loading accelsim: it is not there then" loaded accelsim
is "loading accelsim: nor a device" "$(echo "$DEVFREQ"/accelsim.*)" "$DEVFREQ/accelsim.*"

load_modules devices=2 profile=npu-edge
driver=/sys/bus/platform/drivers/accelsim
use accelsim.1 accelgov
use accelsim.0
refs_are() { [[ $(</sys/module/accelgov/refcnt) == "$1" ]]; }
check "one device, one reference" refs_are 1

echo accelsim.0 >"$driver/unbind"
# shellcheck disable=SC2046
nth "adding a device" "${unnamed[@]}" $(few 17) --undo "$driver/unbind=accelsim.0" write "$driver/bind" accelsim.0
refuse "adding a device: it is not there then" test -e "$df"
echo accelsim.0 >"$driver/bind"
check "adding a device: it can come" wait_until 5 test -d "$df"

nth "starting to govern" --undo "$df/governor=simple_ondemand" write "$df/governor" accelgov
around 3 "starting to govern" --undo "$df/governor=simple_ondemand" write "$df/governor" accelgov
# devfreq writes into the log what the governor says, starts the one before again, and
# tells the caller that all is well.
started() { kernel_lines | sed -n 's/.*Governor accelgov not started(\(.*\))$/\1/p'; }
is "starting to govern: the governor says so" "$(started | sort -u)" -12
is "starting to govern: the governor before is there" "$(<"$df/governor")" simple_ondemand
check "starting to govern: without a reference" wait_until 20 refs_are 1
governor accelgov
around 2 "stopping" --undo "$df/governor=accelgov" write "$df/governor" simple_ondemand
is "stopping: the governor before is there" "$(<"$df/governor")" accelgov
check "stopping: with its reference" refs_are 2

for file in slowdown_budget_permille sample_period_us idle/break_even_us; do
	around 1 "writing $file" write "$ag/$file" "$(<"$ag/$file")"
done
around 1 "a lease" --undo "$ag/lease_ms=0" write "$ag/lease_ms" 60000

spare __vmalloc_node_range_noprof
nth "attaching a policy" attach "$(example race_to_idle)"
around 3 "attaching a policy" attach "$(example race_to_idle)"
is "attaching a policy: the built-in one decides" "$(attr policy)" builtin
# Before that libbpf reads the kernel's types, and calls all that goes wrong with it EIO.
nth "loading a policy" --also EIO load "$(test_policy garbage)"
# And where it can't look whether they are there, it says that they are missing.
around 97 "loading a policy" --also EIO --also ESRCH load "$(test_policy garbage)"
is "loading a policy: the built-in one decides" "$(attr policy)" builtin
check "policies: without a reference" wait_until 20 refs_are 2
spare devfreq_add_device

# shellcheck disable=SC2046
nth "a device of userspace" "${unnamed[@]}" $(few 3) proxy nth accelgov
around 17 "a device of userspace" "${unnamed[@]}" proxy nth accelgov
# shellcheck disable=SC2046
nth "one with another governor" "${unnamed[@]}" $(few 5) proxy nth simple_ondemand
is "devices of userspace: none is there" "$(ls /sys/class/accelgov)" ""
check "devices of userspace: nor a reference" wait_until 20 refs_are 2
around 1 "opening a simulated device" open /dev/accelsim0
around 1 "opening the door for userspace" open /dev/accelgov

collector
now memory
check "the device can be governed" wait_until 20 moves_memory
collector_stop
governor simple_ondemand
use accelsim.1 simple_ondemand
check "both modules go" wait_until 30 unload_modules
check "the kernel has nothing to complain about" no_complaints
finish
