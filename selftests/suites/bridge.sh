#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: governor
# vm-smp: 1
# vm-icount: how soon a clock is reset, whatever the host does
# vm-cost: 54
#
# From a vendor's library to the kernel and back: a GPU of the fake NVML, which is
# a front of accelsim.1, as a devfreq device that accelgov governs; and that its
# clock is reset however the daemon ends.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

command -v jq >/dev/null || skip_all "no jq"
fakes=$ACCELGOV_BUILD/selftests/fakes
[[ -e $fakes/libnvidia-ml.so.1 ]] || bail "no fake library: make progs"
gpus=$run/gpus
export ACCELGOV_FAKE_NVML=$gpus LD_LIBRARY_PATH=$fakes
gpu=nvidia-0000:01:00.0
df=$DEVFREQ/$gpu
LEASE_MS=2000

# machine LINE...: one GPU, with more lines.
machine() {
	printf '%s\n' 'driver=590.48.01' '[gpu]' 'uuid=GPU-1' 'bus=0000:01:00.0' \
		'name=NVIDIA A100-SXM4-80GB' 'arch=9' 'mem_clocks=1593 1200' 'mem_mhz=1593' \
		'temp_c=50' 'nvlink=12:25000' 'pcie=4:16' 'gpm=1' 'processes=1' \
		'cap_mw=400000' 'cap_min_mw=100000' 'cap_max_mw=400000' 'profiles=0 3' \
		'sim=accelsim.1' "$@" >"$gpus.new" && mv "$gpus.new" "$gpus"
}

of() {
	ask_daemon status | jq -r --arg n "$gpu" \
		".accelerators[] | select(.name == \$n) | $1"
}

of_is() {
	[[ $(of "$1") == "$2" ]]
}

mode() {
	accelgov "$@" --socket "$run/sock"
}

# What the GPU's driver has been told and not been told to forget.
locked_mhz() {
	sed -n 's/^GPU-1 .*core=[0-9]*-\([0-9]*\).*/\1/p' "$gpus.state" 2>/dev/null
}

is_locked() {
	(($(locked_mhz) > 0))
}

is_locked_below() {
	is_locked && (($(locked_mhz) < $1))
}

is_reset() {
	[[ $(locked_mhz) == 0 ]]
}

cap_of_gpu() {
	sed -n 's/^GPU-1 .*cap=\([0-9]*\).*/\1/p' "$gpus.state"
}

# draws LOW HIGH: watts, as the driver's sensor has it.
draws() {
	local uw

	uw=$(<"$hwmon/power1_average")
	((uw >= $1 * 1000000 && uw <= $2 * 1000000))
}

cap_is() {
	[[ $(cap_of_gpu) == "$1" ]]
}

# held MEM PROFILES: highest memory clock in MHz and mask of profiles that are set.
held() {
	grep -qE "^GPU-1 .* mem=[0-9]+-$1 .*profiles=0*$2\$" "$gpus.state"
}

problem_of_hold() {
	matches_text "$(of .set.problem)" "$1"
}

of_problem() {
	matches_text "$(of .problem)" "$1"
}

matches_text() {
	[[ $1 =~ $2 ]]
}

# policy LINE...: of the GPU.
policy() {
	# A reading takes an emulated CPU longer than what observing may cost by default.
	config '[Daemon]' "Lease=${LEASE_MS}ms" 'ReadingsCost=100%' '[Device nvidia-*]' 'SlowdownBudget=5%' "$@"
}

locked_is() {
	[[ $(locked_mhz) == "$1" ]]
}

runs_below() {
	(($(<"$DEVFREQ/accelsim.1/cur_freq") < $1))
}

samples_above() {
	(($(<"$df/accelgov/stats/samples") > $1))
}

absent() {
	[[ ! -e $1 ]]
}

# Streams memory for as long as it is needed.
work() {
	simload /dev/accelsim1 ops=1000000 bytes=20000000000 count=1000000 quiet=1 &
	worker=$!
	defer kill "$worker"
}

guardian() {
	pgrep -f -- "--guardian .* $daemon_pid "
}

load_modules devices=2 profile=a100-sxm
echo on >"$DEVFREQ/accelsim.1/device/power/control"
machine
policy MaxMemoryFreq=1.3GHz PowerProfile=3
start_daemon
is "it starts" "$?" 0
check "the GPU is observed" wait_until 20 of_is .state observing
work
check "what it does is recognised" wait_until 30 of_is .would.phase memory
check "a lower clock would do" wait_until 30 of_is '.would.clock_khz < 1410000' true
check "nothing is set" test ! -s "$gpus.log"
check "no device is made" absent "$df"

out=$(mode activate)
is "activate works" "$?" 0
matches "and says so" "$out" "^$gpu: active"
check "there is a devfreq device" test -d "$df"
is "under accelgov" "$(<"$df/governor")" accelgov
check "sampled as often as the library has news" wait_until 20 file_is "$df/accelgov/sample_period_us" 100000
check "with its policy" wait_until 20 file_is "$df/accelgov/slowdown_budget_permille" 50
check "signals reach the governor" wait_until 20 file_is "$df/accelgov/state" active
# Once it has gone on for a while the job is known to serve.
is_memory_bound() {
	[[ $(<"$df/accelgov/phase") =~ ^(memory|inference-decode)$ ]]
}
check "it names the phase as well" wait_until 30 is_memory_bound
check "and sets a lower clock" wait_until 60 is_locked_below 1410
check "which the GPU has" wait_until 20 runs_below 1410000000
check "what it was is on record" grep -q '"was": "uuid=GPU-1 clock=default' "$run/state.json"
check "a memory clock and a profile are held" wait_until 20 held 1200 8
is "status tells of them" "$(of '.set.mem_clock_khz, .set.profile, .set.problem' | xargs)" "1200000 3 null"
policy MaxMemoryFreq=900MHz PowerProfile=7
kill -HUP "$daemon_pid"
check "a profile that there is not is told, with those that there are" \
	wait_until 20 problem_of_hold 'PowerProfile=7 is not set: it has no such profile, but 0, 3$'
check "so is a memory clock out of range" \
	problem_of_hold '^MaxMemoryFreq=900 MHz is not set: out of range, its memory clocks are 1\.20 GHz, 1\.59 GHz;'
check "what was held stays" held 1200 8
policy PowerProfile=0
kill -HUP "$daemon_pid"
check "what is not asked for any more goes back" wait_until 20 held 0 1
check "the clock does not" is_locked
is "nor the device" "$(of .proxies)" 1
policy MaxMemoryFreq=1.3GHz PowerProfile=3
kill -HUP "$daemon_pid"
check "all of it again" wait_until 20 held 1200 8
check "samples keep coming" wait_until 20 samples_above 20
echo 600000000 >"$df/max_freq"
check "a limit of the device reaches the GPU" wait_until 20 is_locked_below 601
is "nothing was refused" "$(of .set.errors)" 0
machine 'refuse=nvmlDeviceSetGpuLockedClocks:999'
echo 900000000 >"$df/max_freq"
echo 900000000 >"$df/min_freq"
check "a clock that is refused is told" wait_until 20 of_problem "can't be set"
check "and counted" of_is '.set.errors > 0' true
check "the one before stays" is_locked_below 601
machine
check "it is set when that works again" wait_until 20 locked_is 900
check "and then there is no problem" wait_until 20 of_is .problem null
refused=$(of .set.errors)
echo 0 >"$df/min_freq"
echo 1410000000 >"$df/max_freq"
hwmon=$(echo "$df"/device/hwmon[0-9]*)
echo 250000000 >"$hwmon/power1_cap"
check "so does a power limit" wait_until 20 cap_is 250000
is "status tells what is set" "$(of '.set.cap_mw, .set.errors' | xargs)" "250000 $refused"
echo simple_ondemand >"$df/governor"
check "another governor can have it" wait_until 20 locked_is 1410
echo accelgov >"$df/governor"
check "and accelgov again" wait_until 60 is_locked_below 1410
echo 400000000 >"$hwmon/power1_cap"
check "the power limit is as it was" wait_until 20 cap_is 400000
# The clock can't hold a cap where it may not fall.
echo 1410000000 >"$df/min_freq"
check "at its top clock it draws more than a cap" wait_until 30 draws 260 500
echo 250000000 >"$df/accelgov/power_cap_uw"
check "which becomes the GPU's limit" wait_until 30 cap_is 250000
check "and is held by it" wait_until 30 draws 100 251
is "the device's own stays what it is" "$(<"$hwmon/power1_cap")" 400000000
echo 0 >"$df/accelgov/power_cap_uw"
check "and comes back without a cap" wait_until 20 cap_is 400000
echo 0 >"$df/min_freq"
check "the clock is governed again" wait_until 60 is_locked_below 1410

mode observe >/dev/null
check "observe takes the device away" wait_until 20 absent "$df"
check "resets the clock" wait_until 20 is_reset
is "and the power limit" "$(cap_of_gpu)" 400000
check "memory clock and profile as well" held 0 0
refuse "nothing is left on record" grep -q nvml "$run/state.json"

# However the daemon ends. Each is measured from the end to the reset.
mode activate >/dev/null
check "active again" wait_until 60 is_locked_below 1410
check "with all that is held" wait_until 20 held 1200 8
check "a guardian waits" guardian
begin=$(now_ms)
stop_daemon KILL
wait_until 20 is_reset
took=$(($(now_ms) - begin))
check "a killed daemon leaves no clock behind" is_reset
check "no memory clock and no profile either" wait_until 5 held 0 0
within "it is reset within the lease (ms)" "$took" 0 "$LEASE_MS"
diag "kill -9: reset after $took ms, lease $LEASE_MS ms"
check "its device is gone" wait_until 20 absent "$df"
check "and its record" wait_until 20 absent "$run/state.json"

start_daemon
check "the next one goes on where it was" wait_until 60 is_locked_below 1410
begin=$(now_ms)
kill -STOP "$daemon_pid"
wait_until 20 is_reset
took=$(($(now_ms) - begin))
check "a daemon that hangs leaves no clock behind" is_reset
within "it is reset soon after the lease (ms)" "$took" 0 $((LEASE_MS + 1000 * ${ACCELGOV_SLOWNESS:-1}))
diag "SIGSTOP: reset after $took ms, lease $LEASE_MS ms"
check "its device is gone" wait_until 20 absent "$df"
kill -CONT "$daemon_pid"
check "when it goes on, so does the rest" wait_until 60 is_locked_below 1410

kill -9 "$(guardian)"
check "a guardian that died has a successor" wait_until 20 guardian
kill -STOP "$daemon_pid"
kill -9 "$(guardian)"
stop_daemon KILL
sleep 1
check "with neither of them the clock stays" is_locked
check "restore works" accelgov restore --state "$run/state.json"
check "and resets it" is_reset
check "and what was held" held 0 0

# What goes and comes back under the daemon, and is told by the kernel alone meanwhile.
pci=/sys/bus/pci/devices
mount -t tmpfs tmpfs "$pci" || bail "$pci can't be covered"
defer umount -l "$pci"
mkdir "$pci/0000:01:00.0"
for line in uevent=DRIVER=nvidia class=0x030200 vendor=0x10de device=0x20b2; do
	echo "${line#*=}" >"$pci/0000:01:00.0/${line%%=*}"
done
start_daemon
check "it starts again" wait_until 60 is_locked_below 1410
accelsim=/sys/bus/platform/drivers/accelsim
kill "$worker"
wait "$worker" 2>/dev/null
echo accelsim.1 >"$accelsim/unbind"
check "a GPU that is lost takes its device along" wait_until 20 absent "$df"
check "what is left of it can't be read" wait_until 30 of_is .backend seen
echo accelsim.1 >"$accelsim/bind"
check "and gets another when it is back" wait_until 90 test -d "$df"
echo on >"$DEVFREQ/accelsim.1/device/power/control"
work
check "which is governed" wait_until 60 is_locked_below 1410
machine 'hang=*'
check "a library that hangs loses its lease" wait_until 30 absent "$df"
check "the daemon answers meanwhile" daemon_ready
machine
check "and gets its device back" wait_until 60 test -d "$df"
refuse "the module can't go while there is one" rmmod accelgov
mode observe >/dev/null
check "observed, it can" wait_until 20 rmmod accelgov
out=$(mode activate)
is "then there is nothing to activate" "$?" 3
matches "with the reason" "$out" 'modprobe accelgov'
load_gov
check "until it comes" wait_until 60 test -d "$df"
begin=$(now_ms)
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0
check "and resets the clock at once" is_reset
check "and the rest" held 0 0
kill "$worker"
wait "$worker" 2>/dev/null
check "modules unload" unload_modules
finish
