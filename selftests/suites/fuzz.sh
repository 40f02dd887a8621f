#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: races
# vm-timeout: 900
# vm-first: what nobody thought of
# vm-cost: 19
#
# Whatever a user can do to the modules, at random but to the point: a million
# operations, ten thousand on a slow kernel, a million there as well with
# ACCELGOV_FULL=1. See modfuzz.c for what must hold meanwhile.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

ops=1000000
((${ACCELGOV_SLOWNESS:-1} == 1)) || [[ -n ${ACCELGOV_FULL:-} ]] || ops=10000

load_modules devices=4 profile=a100-sxm,h100-sxm,npu-edge
seed=$RANDOM
rc=0
modfuzz --ops "$ops" --seed "$seed" >/run/fuzz.log 2>&1 || rc=$?
diag "seed $seed: $(tail -n 12 /run/fuzz.log)"
is "nothing is broken by $ops operations" "$rc" 0
check "and all were done" grep -q "^ops=$ops " /run/fuzz.log

for device in "$DEVFREQ"/accelsim.*; do
	echo simple_ondemand >"$device/governor"
done
no_refs() { [[ $(</sys/module/accelgov/refcnt) == 0 ]]; }
check "no reference is left behind" wait_until 10 no_refs
echo 210000000 >"$DEVFREQ/accelsim.0/min_freq"
echo 1410000000 >"$DEVFREQ/accelsim.0/max_freq"
use accelsim.0 accelgov
collector
now compute
check "a device can still be governed" wait_until 10 state_is active
collector_stop
governor simple_ondemand
check "both modules go" unload_modules
check "the kernel has nothing to complain about" no_complaints
finish
