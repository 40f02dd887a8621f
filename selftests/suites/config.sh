#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-icount: nothing is late in it, however busy the host is
# vm-smp: 1
# vm-cost: 13
#
# Configuration against the real kernel: what is set, what the kernel refuses,
# what a bad file changes (nothing), and accelgov policy.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

df=$DEVFREQ/accelsim.0
ag=$df/accelgov

attr() {
	cat "$ag/$1"
}

reload() {
	kill -HUP "$daemon_pid"
}

policy_problem() {
	ask_daemon devices | grep -qE "\"policy_problem\":$1"
}

base=('[Daemon]' 'Lease=2s' '[Device accelsim.0]' 'Governor=accelgov')

load_modules devices=2 profile=a100-sxm
config "${base[@]}" 'SlowdownBudget=4%' 'PowerCap=350W' 'SamplePeriod=20ms' \
	'Idle=no' 'BreakEven=500ms' 'MaxWakeLatency=1s' 'WakeLatency=100ms' \
	'[Phase memory]' 'MinFreq=600MHz' 'MaxFreq=1.2GHz' 'SlowdownBudget=6%' \
	'[Phase link-wait accelsim.1]' 'MaxFreq=1GHz'
printf '[Device accelsim.0]\nPowerCap=320W\n' >"$run/etc/conf.d/50-site.conf"
echo on >"$df/device/power/control"
start_daemon
is "the daemon starts" "$?" 0
check "the device is governed" wait_until 10 test -d "$ag"
check "the budget is set" wait_until 20 file_is "$ag/slowdown_budget_permille" 40
is "a drop-in overrides" "$(attr power_cap_uw)" 320000000
is "the sample period is set" "$(attr sample_period_us)" 20000
is "idle is set" "$(attr idle/enable) $(attr idle/break_even_us) $(attr idle/max_latency_us) $(attr idle/wake_latency_us)" \
	"0 500000 1000000 100000"
is "a phase is set" "$(attr phases/memory/min_freq_hz) $(attr phases/memory/max_freq_hz) $(attr phases/memory/slowdown_budget_permille)" \
	"600000000 1200000000 60"
is "another device's phase is not" "$(attr phases/link-wait/max_freq_hz)" 0
is "a device that isn't configured keeps its governor" "$(cat "$DEVFREQ/accelsim.1/governor")" simple_ondemand
check "nothing was refused" policy_problem null

# From one pair of limits to another, past pairs that the kernel refuses.
config "${base[@]}" '[Phase memory]' 'MinFreq=300MHz' 'MaxFreq=500MHz'
reload
check "limits move down" wait_until 20 file_is "$ag/phases/memory/max_freq_hz" 500000000
is "both of them" "$(attr phases/memory/min_freq_hz)" 300000000
config "${base[@]}" '[Phase memory]' 'MinFreq=900MHz' 'MaxFreq=1GHz'
reload
check "and up" wait_until 20 file_is "$ag/phases/memory/min_freq_hz" 900000000
is "both, too" "$(attr phases/memory/max_freq_hz)" 1000000000
check "nothing was refused then" policy_problem null
is "what is configured no longer is taken back" "$(attr slowdown_budget_permille) $(attr idle/enable)" "30 1"
is "the drop-in stays" "$(attr power_cap_uw)" 320000000

config "${base[@]}" '[Phase memory]' 'MinFreq=1GHz' 'MaxFreq=500MHz'
reload
check "limits that contradict each other are told" wait_until 20 policy_problem '"\[Phase memory\] has MinFreq= above MaxFreq='
is "and neither is set" "$(attr phases/memory/min_freq_hz) $(attr phases/memory/max_freq_hz)" "0 0"
config "${base[@]}" '[Phase memory]' 'MaxFreq=1.2GHz'
reload
check "and no longer when they are right" wait_until 20 policy_problem null

config "${base[@]}" 'PowerCap=350' 'Slowdown=3%'
rm "$run/etc/conf.d/50-site.conf"
reload
check "a bad file is told with its line" wait_until 20 log_has 'accelgov\.conf:5: PowerCap=350 is not understood'
is "and changes nothing" "$(attr power_cap_uw) $(attr phases/memory/max_freq_hz)" "320000000 1200000000"
matches "reload over the socket says why" "$(ask_daemon reload)" '"error":"InvalidConfiguration","text":"[^"]*:5: PowerCap=350'
refuse "--check-config agrees" accelgovd --check-config --config-dir "$run/etc"
config "${base[@]}"
matches "reload over the socket works" "$(ask_daemon reload)" '"reloaded":true'
is "the cap is gone" "$(attr power_cap_uw)" 0
is "signals flowed all the time" "$(attr state)" active

stop_daemon TERM
echo accelgov >"$df/governor"
check "policy set takes units" accelgov policy set accelsim.0 power_cap_uw=300W phases/compute/min_freq_hz=1GHz
is "and the kernel has them" "$(attr power_cap_uw) $(attr phases/compute/min_freq_hz)" "300000000 1000000000"
out=$(accelgov policy set accelsim.0 phases/compute/max_freq_hz=900MHz 2>&1)
is "a contradiction fails" "$?" 1
matches "and is explained" "$out" 'contradicts another setting'
out=$(accelgov policy set accelsim.0 slowdown_budget_permille=2000 2>&1)
is "so does a value out of range" "$?" 1
matches "which is called that" "$out" 'out of range'
setpriv --reuid 65534 --clear-groups accelgov policy set accelsim.0 power_cap_uw=1W 2>/dev/null
is "whoever isn't root may not" "$?" 4
setpriv --reuid 65534 --clear-groups accelgov policy show accelsim.0 >/dev/null
is "but may look" "$?" 0
check "policy reset works" accelgov policy reset accelsim.0
is "and resets" "$(attr power_cap_uw) $(attr phases/compute/min_freq_hz)" "0 0"
echo simple_ondemand >"$df/governor"
check "modules unload" unload_modules
finish
