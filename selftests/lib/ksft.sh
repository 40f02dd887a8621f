# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What suites in the VM need besides TAP: modules, devices, the kernel log.
# A suite begins like this:
#
#   #!/bin/bash
#   # vm-group: main        suites of one group share a boot
#   # vm-timeout: 60        seconds for this suite
#   . "${0%/*}/../lib/ksft.sh"
#   load_modules devices=1 profile=a100-sxm
#
# load_modules [ACCELSIM PARAMETER...]   both modules; bails when one won't load
# load_sim [PARAMETER...], load_gov [PARAMETER...]   one of them
# load_drm                               simulated devices as DRM accel devices;
#                                        false where the kernel has no such thing
# unload_modules                         also runs by itself at exit
# loaded NAME                            is this module loaded?
# kernel_lines                           what the kernel said since the suite began

# shellcheck source=selftests/lib/tap.sh
. "${BASH_SOURCE[0]%/*}/tap.sh"

: "${ACCELGOV_BUILD:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)/build}"
PATH=$ACCELGOV_BUILD/bin:$ACCELGOV_BUILD/selftests/progs:$PATH:/usr/sbin:/sbin
export PATH ACCELGOV_BUILD

# shellcheck disable=SC2034
DEVFREQ=/sys/class/devfreq

[[ ${ACCELGOV_VM:-} == 1 ]] ||
	skip_all "this loads kernel modules: run it with selftests/run or selftests/vm/vm.sh"

ksft_mark="ksft: begin $0 $$"
echo "$ksft_mark" >/dev/kmsg

loaded() {
	[[ -d /sys/module/$1 && -e /sys/module/$1/initstate ]]
}

load_one() {
	local output

	loaded "$1" && return
	output=$(insmod "$ACCELGOV_BUILD/kmod/$1.ko" "${@:2}" 2>&1) ||
		bail "$1.ko did not load: $output"
}

load_sim() {
	load_one accelsim "$@"
}

# shellcheck disable=SC2120
load_gov() {
	load_one accelgov "$@"
}

load_drm() {
	[[ -e $ACCELGOV_BUILD/kmod/accelsim_drm.ko ]] && modprobe gpu_sched || return
	load_one accelsim_drm
}

load_modules() {
	load_sim "$@"
	load_gov
	wait_until 5 test -d "$DEVFREQ/accelsim.0" ||
		bail "accelsim made no devfreq device"
}

# Devices go first: a governor in use can't be unloaded.
unload_one() {
	loaded "$1" || return 0
	wait_until 5 rmmod "$1"
}

unload_modules() {
	unload_one accelsim_drm
	unload_one accelsim
	unload_one accelgov
	! loaded accelsim && ! loaded accelgov
}
defer unload_modules

kernel_lines() {
	dmesg | sed "0,/${ksft_mark//\//\\/}/d"
}
