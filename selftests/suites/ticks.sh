#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-smp: 1
# vm-icount: rates of the guest, whatever the host does
# vm-cost: 40
#
# Clock events that devices share: eight to one, by their periods, and what happens
# when a device leaves its tick, comes back, or is gone.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

DEVICES=10
driver=/sys/bus/platform/drivers/accelsim

# all FIELD: of the collectors of all devices, in the order of their numbers.
all() {
	ask_daemon devices | sed 's/{"name":/\n&/g' |
		sed -nE "s/^\{\"name\":\"accelsim\.([0-9]+)\".*\"$1\":(-?[0-9]+).*/\1 \2/p" |
		sort -n | cut -d' ' -f2
}

collectors_are() {
	[[ $(all tick | wc -l) == "$1" ]]
}

# Devices of each tick, ascending.
shares() {
	all tick | sort -n | uniq -c | sort -n | awk '{ printf "%s%d", sep, $1; sep = " " }'
}

shares_are() {
	[[ $(shares) == "$1" ]]
}

# Each of them grew by this much at least, in two seconds.
all_grow() {
	local least=$1 before after

	before=$(all pushed) && sleep 2 && after=$(all pushed)
	paste -d' ' <(echo "$before") <(echo "$after") |
		awk -v least="$least" -v devices="$(all tick | wc -l)" '
			$2 - $1 >= least { grown++ }
			END { print grown + 0 " of " devices " grow"; exit grown != devices }'
}

tick_of() {
	count "accelsim.$1" tick
}

period() {
	echo "$2" >"$DEVFREQ/accelsim.$1/accelgov/sample_period_us"
}

period_is() {
	[[ $(count "accelsim.$1" period_us) == "$2" ]]
}

no_errors() {
	all read_errors && all stale && all refused && all backwards
}

load_modules devices="$DEVICES" profile=a100-sxm
for ((i = 0; i < DEVICES; i++)); do
	echo on >"$DEVFREQ/accelsim.$i/device/power/control"
done
config '[Daemon]' 'Lease=10s' '[Device *]' 'Governor=accelgov' 'SamplePeriod=50ms'
start_daemon
is "the daemon starts" "$?" 0
check "ten devices have collectors" wait_until 60 collectors_are 10
check "on two clock events, of eight devices and of two" wait_until 20 shares_are "2 8"
check "each of them is sampled at its period" wait_until 20 all_grow 30

period 3 20000
check "a device with another period" wait_until 5 period_is 3 20000
is "has a clock event of its own" "$(shares)" "1 2 7"
check "which runs as often as it should" wait_until 20 all_grow 30
before=$(count accelsim.3 pushed)
sleep 2
within "and no more often" $(($(count accelsim.3 pushed) - before)) 60 140
period 9 20000
check "another one with that period" wait_until 5 period_is 9 20000
is "shares it" "$(tick_of 9)" "$(tick_of 3)"
period 3 50000
check "a device that takes its old period back" wait_until 5 period_is 3 50000
is "fills the gap that it left" "$(shares)" "1 1 8"
check "and nobody misses samples" wait_until 20 all_grow 30

echo accelsim.0 >"$driver/unbind"
check "a device that is gone is in no tick" wait_until 20 collectors_are 9
check "those beside it are sampled as before" wait_until 20 all_grow 30
echo accelsim.0 >"$driver/bind"
check "it comes back" wait_until 20 test -d "$DEVFREQ/accelsim.0/accelgov"
echo on >"$DEVFREQ/accelsim.0/device/power/control"
check "to a collector" wait_until 20 collectors_are 10
check "in the place that was left" wait_until 20 shares_are "1 1 8"
check "and is sampled like the others" wait_until 20 all_grow 30
is "no counter was misread, no sample refused" "$(no_errors | sort -u)" 0

stop_daemon TERM
is "the daemon ends" "$daemon_rc" 0
check "modules unload" unload_modules
finish
