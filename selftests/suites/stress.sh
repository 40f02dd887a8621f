#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: races
# vm-timeout: 900
# vm-first: races
# vm-cost: 39
#
# Everything at once, for 15 seconds, or for 5 minutes with ACCELGOV_FULL=1, and
# then everything has to be as it was. See stress.c for who does what.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

seconds=15
[[ -z ${ACCELGOV_FULL:-} ]] || seconds=300

load_modules devices=8 profile=a100-sxm,h100-sxm,npu-edge
wait_until 20 test -d "$DEVFREQ/accelsim.7" || bail "there are no eight devices"
seed=$RANDOM
rc=0
stress --seconds "$seconds" --seed "$seed" >/run/stress.log 2>&1 || rc=$?
diag "seed $seed: $(</run/stress.log)"
is "nothing breaks in $seconds s" "$rc" 0

# The longer form asks for more than a start, and of a slow kernel as much less as it
# is slower: there a policy takes seconds to load.
least=1
((seconds < 300)) || least=$((20 / ${ACCELGOV_SLOWNESS:-1}))
for actor in unplug governor reload policy proxy daemon sysfs signals load cpus 'sleep'; do
	fewest=$(sed -n "s/^$actor ops=\([0-9]*\) .*/\1/p" /run/stress.log | sort -n | head -n 1)
	case $actor:$fewest in
	cpus: | sleep:) skip "$actor got on" "this kernel can't" ;;
	*) check "$actor got on" test "${fewest:-0}" -ge "$least" ;;
	esac
done
per_second=$(awk '/^signals/ { sub(/.*ops=/, ""); print int($1 / '"$seconds"') }' /run/stress.log)
diag "signals: $per_second a second, with pauses while the module was away"
# Ticks are lost by a VM that has to wait for the host, unless it counts its own time.
hz=$(sed -n 's/^signal_hz=//p' /run/stress.log)
windows=$(sed -n 's/^signal_windows=//p' /run/stress.log)
check "signals were counted for half a second" test "${windows:-0}" -ge 10
if ((${ACCELGOV_SLOWNESS:-1} > 1)); then
	check "a governed device got one each millisecond, or nearly" test "$hz" -ge 800
else
	diag "signals: $hz a second for a governed device"
fi

no_refs() { [[ $(</sys/module/accelgov/refcnt) == 0 ]]; }
check "no reference is left behind" wait_until 30 no_refs
is "all devices are there" "$(printf '%s ' "$DEVFREQ"/*)" \
	"$(printf "$DEVFREQ/accelsim.%d " {0..7})"
is "with the driver's governor" "$(sort -u "$DEVFREQ"/*/governor)" simple_ondemand
is "no device of userspace is" "$(ls /sys/class/accelgov)" ""
is "all CPUs are there" "$(</sys/devices/system/cpu/online)" "$(</sys/devices/system/cpu/present)"

use accelsim.0 accelgov
is "limits are the driver's" "$(<"$df/min_freq") $(<"$df/max_freq")" "210000000 1410000000"
is "settings are the module's" "$(attr slowdown_budget_permille) $(attr power_cap_uw) $(attr lease_ms)" "30 0 0"
# shellcheck disable=SC2046
out=$(push --for 2000 "$(token)" $(signals memory))
[[ $out =~ pushed=([0-9]+)\ refused=([0-9]+) ]]
sleep 0.2
is "what was let in is counted" "$(attr stats/samples)" "${BASH_REMATCH[1]:-none}"
is "and what was not" "$(attr stats/dropped)" "${BASH_REMATCH[2]:-none}"
check "targets are no fewer than changes of the clock" \
	test "$(attr stats/decisions)" -ge "$(attr stats/transitions)"
# A VM that starves would miss three periods of 10 ms.
put sample_period_us 100000
collector
now memory
check "a device can be governed" wait_until 20 moves_memory
collector_stop
governor simple_ondemand
check "both modules go" unload_modules
check "the kernel has nothing to complain about" no_complaints
finish
