#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: nothing is late in it, however busy the host is
# vm-first: lifetimes
# vm-cost: 35
#
# Devices that userspace actuates: /dev/accelgov from the first request to the
# last close, with every devfreq governor, and what happens when the other side
# errs, hangs or dies.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"

scratch=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$scratch"
class=/sys/class/accelgov

# begin OPTION... NAME: a player; its targets go to $scratch/NAME. Not for check,
# which runs things in a subshell.
begin() {
	local name=${*: -1}

	mkfifo "$scratch/$name.in"
	proxy "$@" <"$scratch/$name.in" >"$scratch/$name" &
	player=$!
	exec {player_in}>"$scratch/$name.in"
	df=$DEVFREQ/$name ag=$df/accelgov targets=$scratch/$name
	wait_until 20 grep -qE '^(ready|refused)' "$targets"
	grep -q '^ready' "$targets"
}

report() {
	echo "$*" >&"$player_in"
}

end() {
	exec {player_in}>&-
	wait "$player"
}

# newest FIELD: of the last target that the player read.
newest() {
	tail -n 1 "$targets" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

newest_is() {
	[[ $(newest "$1") == "$2" ]]
}

newest_below() {
	(($(newest "$1") < $2))
}

newest_above() {
	(($(newest "$1") > $2))
}

absent() {
	[[ ! -e $1 ]]
}

no_refs() {
	[[ $(</sys/module/accelgov/refcnt) == 0 ]]
}

status_is() {
	[[ $(<"$df/device/power/runtime_status") == "$1" ]]
}

trace=/sys/kernel/tracing
[[ -d $trace/events ]] || mount -t tracefs tracefs "$trace"
debug=/sys/kernel/debug
[[ -d $debug/energy_model ]] || mount -t debugfs debugfs "$debug"

load_gov
check "the node is there" test -c /dev/accelgov
is "for its owner only" "$(stat -c %a /dev/accelgov)" 600
check "malformed requests are refused, each as documented" proxy --refuse
check "and leave nothing behind" no_refs
: >"$trace/trace"
echo 1 >"$trace/events/accelgov/proxy/enable"

begin --governor accelgov --cap --power gpu0
is "a device is made" "$?" 0
check "with a devfreq device of its name" test -d "$df"
is "under the governor that was asked for" "$(<"$df/governor")" accelgov
is "and the clocks that were given" "$(<"$df/available_frequencies")" \
	"200000000 300000000 400000000 500000000 600000000 700000000 800000000 900000000 1000000000 1100000000"
# Newer kernels show no such folder.
has_model() {
	[[ -d $debug/energy_model/gpu0 ]] || kernel_lines | grep -q 'gpu0: EM: created perf domain'
}
check "their power is its energy model" has_model
check "the first target is told" wait_until 20 newest_is khz 1100000
echo 100000 >"$ag/sample_period_us"
report "$(signals compute)"
check "its signals reach the governor" wait_until 20 state_is active
check "which names the phase" wait_until 20 phase_is compute
report "$(signals loaded-idle)"
# Windows of 100 ms: at 3 % the prompt that ends it could not be paid for from there.
echo 200 >"$ag/slowdown_budget_permille"
check "loaded idle asks for a low clock" wait_until 20 newest_below khz 600000
echo 30 >"$ag/slowdown_budget_permille"
report "$(signals compute)"
check "work for a higher one" wait_until 20 newest_above khz 600000
echo 400000000 >"$df/max_freq"
check "a limit of the device holds" wait_until 20 newest_is khz 400000
echo 1100000000 >"$df/max_freq"
hwmon=$(echo "$df"/device/hwmon[0-9]*)
is "power is the last report's" "$(<"$hwmon/power1_average")" 350000000
check "and adds up to energy" test "$(<"$hwmon/energy1_input")" -gt 1000000
echo 250000000 >"$hwmon/power1_cap"
check "a power limit is told as well" wait_until 20 newest_is cap 250000
refuse "one out of range is refused" eval "echo 99000000 >$hwmon/power1_cap"
is "and changes nothing" "$(<"$hwmon/power1_cap")" 250000000
check "userspace followed" wait_until 20 eval "[[ \$(<$class/gpu0/done_seq) == \$(<$class/gpu0/target_seq) ]]"
report "$(signals compute) error=5"
echo 300000000 >"$hwmon/power1_cap"
check "what can't be set is counted" wait_until 20 eval "((\$(<$class/gpu0/errors) > 0))"
is "with its reason" "$(<"$class/gpu0/last_error")" 5
report "$(signals compute)"
refuse "the module stays while a device is there" rmmod accelgov
end
is "the player leaves" "$?" 0
check "and the device with it" wait_until 20 absent "$df"
check "nothing holds the module" wait_until 20 no_refs

# What a change of clock costs.
begin --governor accelgov --switch 120000 --halt 2500 gpu5
is "what a switch costs is shown as it was told" \
	"$(<"$class/gpu5/switch_us") $(<"$class/gpu5/halt_us")" "120000 2500"
is "and is what the governor counts on" \
	"$(attr stats/switch_us) $(attr stats/switches_measured)" "120000 0"
matches "devices tells of it" "$(accelgov devices)" \
	$'switching +120 ms until a clock holds .as told.\n  halt +2.50 ms without work'
echo 100000 >"$ag/sample_period_us"
# This board's clock follows at once.
follow() {
	local i

	for i in {1..8}; do
		report "$(signals "$1") clock=$(newest khz)"
		sleep 0.2
	done
}
echo 200 >"$ag/slowdown_budget_permille"
follow compute
follow loaded-idle
follow compute
measured() {
	(($(attr stats/switches_measured) > 0))
}
check "until it has measured one by itself" wait_until 20 measured
check "which is another figure" test "$(attr stats/switch_us)" -ne 120000
end
begin --governor accelgov gpu6
is "one that nobody told of is as it ever was" \
	"$(<"$class/gpu6/switch_us") $(<"$class/gpu6/halt_us") $(attr stats/switch_us)" \
	"0 0 15000"
end

# Other governors see busy time.
begin --governor simple_ondemand gpu1
is "simple_ondemand governs one too" "$?" 0
report busy=100
check "little to do: a low clock" wait_until 20 newest_below khz 1100000
report busy=990
check "much: the highest" wait_until 20 newest_is khz 1100000
echo accelgov >"$df/governor"
report "$(signals loaded-idle)"
check "governors are switched in flight" wait_until 20 newest_is khz 200000
kill -9 "$player"
exec {player_in}>&-
wait "$player" 2>/dev/null
check "a player that is killed takes its device along" wait_until 20 absent "$df"
check "nothing holds the module then" wait_until 20 no_refs

# Idle states are runtime PM.
begin --idle gpu2
is "a device with idle states" "$?" 0
echo 100000 >"$ag/sample_period_us"
report "$(signals compute)"
check "works" wait_until 20 state_is active
check "awake" status_is active
echo 300 >"$df/device/power/autosuspend_delay_ms"
report "$(signals loaded-idle)"
check "without work it is suspended" wait_until 20 status_is suspended
check "to the first idle state" wait_until 20 grep -q 'idle=1' "$targets"
check "and then a deeper one" wait_until 20 newest_is idle 2
is "which is shown" "$(<"$class/gpu2/target_idle_state")" 2
report "$(signals compute)"
check "work wakes it" wait_until 20 status_is active
check "out of every idle state" wait_until 20 newest_is idle 0
end
check "it goes" wait_until 20 absent "$df"

# What they cost is known: the governor chooses states and times.
begin --idle-cost gpu2c
echo 100000 >"$ag/sample_period_us"
is "no state pays before the operator's break-even time" "$(attr idle/steps)" "1:2000 2:2250"
put idle/break_even_us 3000000
is "nor is a light one asked for on the way to a deep one" "$(attr idle/steps)" 2:3000
put idle/break_even_us 0
is "without that energy alone counts" "$(attr idle/steps)" "1:1 2:2250"
put idle/max_latency_us 4999
is "a ceiling on latency leaves the light one" "$(attr idle/steps)" 1:1
put idle/max_latency_us 99
is "or none" "$(attr idle/steps)" never
put idle/max_latency_us 0
report "$(signals compute)"
check "it works" wait_until 20 status_is active
put idle/break_even_us 3000000
report "$(signals loaded-idle)"
check "what is planned is asked for" wait_until 30 newest_is idle 2
is "and only that" "$(grep -c 'idle=1' "$targets")" 0
report "$(signals compute)"
check "until there is work" wait_until 20 newest_is idle 0
governor simple_ondemand
echo 300 >"$df/device/power/autosuspend_delay_ms"
report "$(signals loaded-idle)"
check "another governor has the table's order" wait_until 20 grep -q 'idle=1' "$targets"
check "and its times" wait_until 20 newest_is idle 2
end
check "that one goes as well" wait_until 20 absent "$df"

# A power cap: the device's own limiter holds it, or the clock.
asked_is() {
	[[ $(attr power_cap_asked_uw) == "$1" ]]
}

begin --governor accelgov --cap gpu4
hwmon=$(echo "$df"/device/hwmon[0-9]*)
echo 1 >"$trace/events/accelgov/decision/enable"
echo 100000 >"$ag/sample_period_us"
report "$(signals compute) clock=1100000"
check "a device with a limiter works" wait_until 20 state_is active
is "nothing is asked of it without a cap" "$(attr power_cap_asked_uw)" 0
put power_cap_uw 600000000
sleep 1
is "nor with one beyond its range" "$(attr power_cap_asked_uw) $(newest cap)" "0 400000"
put power_cap_uw 360000000
sleep 1
is "nor with one that does not bind" "$(attr power_cap_asked_uw) $(newest cap)" "0 400000"
put power_cap_uw 300000000
check "one that binds it is asked to hold" wait_until 20 newest_is cap 300000
is "which is shown" "$(attr power_cap_asked_uw)" 300000000
is "the user's limit stays what it is" "$(<"$hwmon/power1_cap")" 400000000
report "$(signals compute) clock=800000 power=298000"
check "while it does, the clock need not" wait_until 20 newest_above khz 1000000
is "what it takes of the clock is no slowdown" "$(attr slowdown_permille)" 0
echo 250000000 >"$hwmon/power1_cap"
check "the lower of two limits counts" wait_until 20 newest_is cap 250000
echo 350000000 >"$hwmon/power1_cap"
check "whosever it is" wait_until 20 newest_is cap 300000
put power_cap_uw 280000000
check "another cap is passed on" wait_until 20 newest_is cap 280000
put power_cap_uw 0
check "no cap gives the user's back" wait_until 20 newest_is cap 350000
put power_cap_uw 310000000
report "$(signals compute) clock=1100000"
check "a limiter is asked" wait_until 20 grep -q 'cap=310000' "$targets"
check "and not trusted when it does nothing" wait_until 20 newest_is cap 350000
check "then the clock holds the cap" wait_until 20 newest_below khz 1000000
is "and nothing is asked" "$(attr power_cap_asked_uw)" 0
report "$(signals compute) clock=1100000 error=5"
put power_cap_uw 315000000
check "one that refuses was asked" wait_until 20 grep -q 'cap=315000' "$targets"
check "and is not asked to go on" wait_until 20 newest_is cap 350000
report "$(signals compute) clock=1100000"
put power_cap_uw 90000000
check "a cap below its range asks for the lowest" wait_until 20 newest_is cap 100000
check "and the clock does the rest" wait_until 20 newest_is khz 200000
put power_cap_uw 320000000
check "a limit is asked for" wait_until 20 newest_is cap 320000
governor simple_ondemand
check "a governor that leaves gives the user's back" wait_until 20 newest_is cap 350000
check "decisions tell the cap that was asked for" grep -q 'decision: dev=gpu4 .*cap_mw=300000' "$trace/trace"
echo 0 >"$trace/events/accelgov/decision/enable"
end
check "it is gone" wait_until 20 absent "$df"

# The other side hangs.
begin --lease 3000 gpu3
is "a device with a lease" "$?" 0
report busy=500
within "shows what is left of it" "$(<"$class/gpu3/lease_ms")" 1 3000
sleep 4
check "reports renew it" test -d "$df"
uevents 20000 >"$scratch/uevents" &
wait_until 20 grep -q ready "$scratch/uevents"
kill -STOP "$player"
check "a player that hangs loses its device" wait_until 20 absent "$df"
check "udev hears of it" wait_until 20 grep -q 'change /devices/virtual/accelgov/gpu3 gone' "$scratch/uevents"
kill -CONT "$player"
wait "$player"
is "and is told" "$?:$(tail -n 1 "$targets")" "1:gone: No such device"
exec {player_in}>&-
check "nothing holds the module at the end" wait_until 20 no_refs

for what in create target 'done' error gone; do
	check "trace tells of $what" grep -q "dev=gpu.*what=$what" "$trace/trace"
done
echo 0 >"$trace/events/accelgov/proxy/enable"

# Many at once, and again.
pids=()
for n in 1 2 3 4 5 6 7 8; do
	# shellcheck disable=SC2154
	proxy --idle --cap --power "many$n" <&"$tap_never" >"$scratch/many$n" &
	pids+=($!)
done
check "eight devices side by side" wait_until 30 eval "[[ \$(ls $class | wc -l) == 8 ]]"
kill "${pids[@]}"
wait "${pids[@]}" 2>/dev/null
check "go together" wait_until 20 no_refs
ok_rounds=0
for _ in {1..20}; do
	proxy --idle --cap --power again </dev/null >"$scratch/again" && ok_rounds=$((ok_rounds + 1))
done
is "a name is free again at once" "$ok_rounds" 20
check "the kernel has nothing to complain about" no_complaints
check "the module unloads" unload_modules
check "the node goes with it" wait_until 20 absent /dev/accelgov
finish
