#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: how soon something is noticed, whatever the host does
# vm-cost: 25
#
# What is left when somebody goes: no signals, no daemon, no governor.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

load_modules devices=1 profile=a100-sxm
use accelsim.0
top=$(tr ' ' '\n' <"$df/available_frequencies" | sort -n | tail -n 1)
low=$(tr ' ' '\n' <"$df/available_frequencies" | sort -n | sed -n 1p)
at() { [[ $(freq_khz) == $(($1 / 1000)) ]]; }

# It listens until it is killed: the suite's end is later on a slower machine.
uevents 3600000 >/tmp/uevents &
listener=$!
defer kill "$listener"
wait_until 2 grep -q ready /tmp/uevents
heard() { grep -q "^change /devices/.*/devfreq/accelsim.0 $1\$" /tmp/uevents; }

governor accelgov
check "start is announced" wait_until 2 heard start
check "without signals a device falls back" wait_until 1 state_is fallback
check "and says so" wait_until 2 heard fallback
check "an idle device then runs slowly" wait_until 2 at "$low"
simload /dev/accelsim0 ops=300000000000 count=2000 quiet=1 &
check "a busy one at the top clock" wait_until 2 at "$top"
wait $!
check "and slowly again" wait_until 2 at "$low"

collector
now loaded-idle
check "signals bring it back" wait_until 2 state_is active
check "and that is announced" wait_until 2 heard recovered

# Three periods, the timer's grain, and the time that a shell needs to look.
fallbacks=$(attr stats/fallbacks)
disown "$collector_pid"
kill -9 "$collector_pid"
start=$(now_ms)
wait_until 2 state_is fallback
within "a killed collector is noticed" $(($(now_ms) - start)) 0 250
is "once" $(($(attr stats/fallbacks) - fallbacks)) 1
is "the phase is unknown then" "$(attr phase)" unknown

put slowdown_budget_permille 50
put lease_ms 2000
put slowdown_budget_permille 100
put power_cap_uw 200000000
put phases/memory/max_freq_hz 900000000
within "a lease shows what remains" "$(attr lease_ms)" 1 2000
is "what was set under a lease counts" "$(attr slowdown_budget_permille)" 100
sleep 1.2
put lease_ms 2000
sleep 1.2
is "a refreshed lease goes on" "$(attr slowdown_budget_permille)" 100
ended() { [[ $(attr slowdown_budget_permille) == 50 ]]; }
check "when nobody refreshes it, the old value is back" wait_until 5 ended
is "so are all others" "$(attr power_cap_uw) $(attr phases/memory/max_freq_hz)" "0 0"
is "the lease is over" "$(attr lease_ms)" 0
check "and that is announced" wait_until 2 heard lease-expired
put lease_ms 60000
put slowdown_budget_permille 200
put lease_ms 0
is "a lease can be given back" "$(attr slowdown_budget_permille)" 50

put lease_ms 60000
echo 1005000000 >"$df/max_freq"
delay=$(<"$df/device/power/autosuspend_delay_ms")
collector
now loaded-idle
changed() { [[ $(<"$df/device/power/autosuspend_delay_ms") != "$delay" ]]; }
wait_until 2 changed
governor simple_ondemand
check "stop is announced" wait_until 2 heard stop
is "what devfreq was told stays" "$(<"$df/max_freq")" 1005000000
is "the driver's autosuspend delay is back" "$(<"$df/device/power/autosuspend_delay_ms")" "$delay"
check "the other governor works" wait_until 2 at "$low"
now
collector_stop
check "the module can go" wait_until 5 rmmod accelgov
check "and the device stays usable" simload /dev/accelsim0 ops=300000000000 count=10 quiet=1
check "the kernel has nothing to complain about" no_complaints
finish
