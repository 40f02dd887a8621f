#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov status, devices, policy and doctor on recorded trees: what they show,
# what they call unknown, what they exit with.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

has() {
	matches "$1" "$out" "$2"
}

lacks() {
	if [[ $out =~ $2 ]]; then
		not_ok "$1" "/$2/ is in: $out"
	else
		ok "$1"
	fi
}

tree_new
rc "a machine without devices is not supported" 3 cli status
says "and says where to look" 'accelgov doctor'
rc "nor are devices listed" 3 cli devices
rc "doctor fails there" 3 cli doctor
has "it names the module" 'FAIL +module +not loaded'
has "and what to do" 'modprobe accelgov'
rm -r "$tree/sys/class/devfreq"
rc "a kernel without devfreq" 3 cli doctor
has "is told apart" 'FAIL +devfreq +missing'

tree_new
tree_module
tree_device 0 accelgov
tree_govern 0
tree_device 1
rc "status of two devices" 0 cli status
has "shows the phase" 'inference-decode for 1.23 s, confidence 93.0 %'
has "the clock" 'clock +1.41 GHz'
has "the power" 'power +187 W'
has "slowdown and budget" 'slowdown +1.2 % of 3.0 % allowed'
has "what kind of number the saving is" 'saved \(model estimate\)'
lacks "nothing is asked of the device without a cap" 'asked to hold'
put chip.0/accelgov/power_cap_uw 300000000
put chip.0/accelgov/power_cap_asked_uw 280000000
put chip.0/accelgov/stats/switch_us 12000
put chip.0/accelgov/stats/switches_measured 3
put_file sys/devices/platform/chip.0/switch_us 20000
put_file sys/devices/platform/chip.0/halt_us 0
out=$(cli status)
has "the cap, and what of it the device itself is asked to hold" \
	'power cap 300 W, the device is asked to hold 280 W'
out=$(cli status --json)
has "in JSON, too" '"power_cap_uw": 300000000,[[:space:]]*"power_cap_asked_uw": 280000000'
has "and what a switch takes" '"switch_us": 12000,[[:space:]]*"switches_measured": 3'
out=$(cli devices)
has "devices tells what its maker said of that" \
	'switching +20 ms until a clock holds .as told.'
lacks "and not what was not told" 'halt  '
out=$(cli devices --json)
has "where 0 is unknown" '"switch_us": 20000,[[:space:]]*"halt_us": null'
rc "status of one" 0 cli status chip.1
lacks "shows only that" 'chip\.0'
rc "status of none such" 3 cli status chip.7
says "names it" 'no device "chip.7"'

rc "status as JSON" 0 cli status --json
has "has a schema" '"schema": 1'
has "numbers" '"energy_saved_uj": 1200000000'
rm "$tree/sys/devices/platform/chip.0/devfreq/chip.0/accelgov/energy_uj"
put chip.0/accelgov/slowdown_permille junk
out=$(cli status --json)
has "a missing value is null" '"energy_uj": null'
has "so is junk" '"slowdown_permille": null'
out=$(cli status)
has "text calls it unknown" 'slowdown +unknown of 3.0 %'
put chip.0/device/power/runtime_status suspended
put chip.0/device/hwmon/hwmon0/power1_input 5
out=$(cli status --json)
has "a sleeping device's power is not read" '"asleep": true.*"power_uw": null'
put chip.0/device/power/runtime_status active

rc "devices" 0 cli devices
has "shows operating points" '3 steps from 210 MHz to 1.41 GHz'
has "signals" 'PMU chip_0: busy compute memory'
rm "$tree/sys/devices/platform/chip.1/chip_1/events/progress"
put_file sys/devices/platform/chip.1/chip_1/events/energy.unit kWh
out=$(cli devices)
has "a missing signal" 'missing: progress'
has "and one in an unknown unit" 'not understood: energy'
out=$(cli devices --json)
has "in JSON, too" '"energy": "not-understood"'

rc "doctor" 0 cli doctor
has "finds the main job can work" 'can work here\.'
lacks "no FAIL is left" 'FAIL'
is "it fits one screen" "$(($(cli doctor | wc -l) <= 40))" 1
put_file proc/sys/kernel/osrelease 6.1.0-9-amd64
rc "doctor on an old kernel" 3 cli doctor
has "asks for a newer" 'FAIL +kernel +6\.1\.0.*'
put_file proc/sys/kernel/osrelease 6.12.1
rm "$tree/sys/kernel/btf/accelgov"
rc "doctor without the module's BTF" 3 cli doctor --json
has "says so" '"check": "module_btf",[[:space:]]*"result": "fail"'
has "and in one word" '"can_work": false'
tree_module

# A GPU of the kind of panthor's: no PMU, but a node and the kernel's scheduler.
rm -r "$tree/sys/devices/platform/chip.1/chip_1" "$tree/sys/bus/event_source/devices/chip_1"
rm -r "$tree/sys/devices/platform/chip.0" "$tree/sys/bus/event_source/devices/chip_0" \
	"$tree/sys/class/devfreq/chip.0"
put_file sys/devices/platform/chip.1/uevent DRIVER=panthor
rc "doctor on a device without signals" 3 cli doctor
has "fails" 'FAIL +signals +0 of 1 devices'
mkdir -p "$tree/sys/devices/platform/chip.1/drm/card1"
rc "doctor on one with the GPU scheduler" 0 cli doctor
has "tells where signals come from" \
	'warn +signals +1 of 1 devices have signals, busy and queue of the GPU scheduler'
has "and what is missing" '-> no counter tells compute from memory'
out=$(cli devices)
has "so does devices" 'signals +busy and queue, from the GPU scheduler'
put_file sys/devices/platform/chip.1/uevent DRIVER=other
rc "a driver that is not known to use it" 3 cli doctor
mkdir -p "$tree/sys/module/gpu_sched/holders/other"
rc "does where the kernel says so" 0 cli doctor

tree_new
tree_module
tree_device 0 accelgov
tree_govern 0
tree_device 1
# A recorded tree comes from anybody.
card=sys/class/drm/card0/device
put_file $card/uevent $'DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:67DF\nPCI_SLOT_NAME=0000:03:00.0'
put_file $card/product_name $'Evil \e[31mRED\a'
put_file $card/gpu_busy_percent $'\e[2Jnone'
put chip.0/governor $'\e[2Jgone'
rc "devices of a tree with escape sequences" 0 cli devices
has "shows them as what they are not" 'AMD Evil \?\[31mRED\?'
is "and steers no terminal" "$(cli devices 2>&1 | tr -d '[:print:][:space:]')" ""
is "nor does doctor" "$(cli doctor 2>&1 | tr -d '[:print:][:space:]')" ""
is "nor status" "$(cli status 2>&1 | tr -d '[:print:][:space:]')" ""
rm -r "${tree:?}/$card"
put chip.0/governor accelgov

rc "policy show" 0 cli policy show chip.0
has "shows a setting" 'slowdown_budget_permille +30 +normal'
rc "policy set takes units and numbers" 0 cli policy set chip.0 power_cap_uw=350W \
	phases/memory/max_freq_hz=1.2GHz slowdown_budget_permille=45
is "and writes them" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.0/accelgov/phases/memory/max_freq_hz) $(sys chip.0/accelgov/slowdown_budget_permille)" \
	"350000000 1200000000 45"
rc "a bad value is a usage error" 2 cli policy set chip.0 slowdown_budget_permille=50 power_cap_uw=lots
says "that names it" 'power_cap_uw=lots is not understood'
is "and nothing is written" "$(sys chip.0/accelgov/slowdown_budget_permille)" 45
rc "an unknown setting is one" 2 cli policy set chip.0 power_cap=1
says "with a suggestion" 'did you mean "power_cap_uw"'
rc "a setting without a value is one" 2 cli policy set chip.0 power_cap_uw
rc "an unknown action is one" 2 cli policy sett chip.0
says "with a suggestion, too" 'did you mean "set"'
rc "a device that isn't governed" 3 cli policy show chip.1
says "gets the command to change that" 'echo accelgov > /sys/class/devfreq/chip.1/governor'
rc "no device leads out of its folder" 3 cli policy set ../devfreq/chip.0 power_cap_uw=1W
rc "reset of one setting" 0 cli policy reset chip.0 power_cap_uw
is "resets only that" "$(sys chip.0/accelgov/power_cap_uw) $(sys chip.0/accelgov/slowdown_budget_permille)" "0 45"
rc "reset of all" 0 cli policy reset chip.0
is "resets all" "$(sys chip.0/accelgov/slowdown_budget_permille) $(sys chip.0/accelgov/phases/memory/max_freq_hz)" "30 0"
put chip.0/accelgov/lease_ms 2000
rc "setting under a lease" 0 cli policy set chip.0 power_cap_uw=1W
says "warns that it ends" 'lease'

rc "no command is a usage error" 2 accelgov
rc "an unknown one" 2 accelgov stauts
says "gets a suggestion" 'did you mean "status"'
rc "help is none" 0 accelgov help
has "it lists the commands" 'doctor +what this machine supports'
for command in status devices jobs policy doctor activate observe restore; do
	rc "help $command works" 0 accelgov help "$command"
	has "and begins with its usage" "^usage: accelgov $command"
done
rc "an unknown option is a usage error" 2 cli status --frobnicate
says "with who complains in front" "^accelgov status: unrecognized option '--frobnicate'"
rc "a root that isn't there fails" 1 accelgov status --root "$tmp/none"
rc "--version works" 0 accelgov --version
rc "without a daemon" 5 accelgov status --root "$tree" --socket "$tmp/nobody"
has "all else is shown" 'inference-decode'
rc "jobs are known to the daemon alone" 5 accelgov jobs --socket "$tmp/nobody"
says "and how to start it is told" 'systemctl start accelgovd'
out=$(NO_COLOR=1 cli status | tr -d '[:print:][:space:]')
is "a pipe gets no colours" "$out" ""
finish
