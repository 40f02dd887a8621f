#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: jobs
# vm-icount: what a probe costs
# vm-timeout: 240
# vm-fast: what probes cost, and processes that do not wait for those that come late
#
# Probes on vendors' libraries, with libraries that do nothing: what processes call is
# counted, who waits behind which collective is told, a library is a file whatever its
# name, what probes cost is bounded, and the governor hears of waits.

# begin() sets variables by name.
# shellcheck disable=SC2154

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

df=$DEVFREQ/accelsim.0
cuda=$run/libcuda.so.1 nccl=$run/libnccl.so.2
cp "$ACCELGOV_BUILD/selftests/fakes/libcuda.so.1" "$cuda"
cp "$ACCELGOV_BUILD/selftests/fakes/libnccl.so.2" "$nccl"

calls() {
	ask_daemon jobs | jq -r ".calls | $1"
}

# process PID FILTER
process() {
	calls ".processes[] | select(.pid == $1) | $2"
}

# To ask costs the emulator more than to wait.
is_probed() {
	sleep 0.4
	[[ $(process "$1" '.libraries | length') == 2 ]]
}

holds() {
	sleep 0.4
	[[ $(process "$1" "$2") == true ]]
}

# libraries FILTER: how many there are.
libraries() {
	calls "[.libraries[] | select($1)] | length"
}

# begin NAME ARGUMENT...: a process that does it when it is probed; NAME gets its pid.
begin() {
	libcalls "$cuda" "$nccl" sleep=800 "${@:2}" >"$run/out.$1" &
	printf -v "$1" %s $!
	defer kill -9 $! 2>/dev/null
	wait_until 20 is_probed $!
}

load_modules devices=1 profile=h100-sxm
load_drm || skip_all "no DRM accel devices or no GPU scheduler in this kernel"
wait_until 10 test -c /dev/accel/accel0 || bail "no /dev/accel/accel0"
# A device without a counter of its interconnect.
pmu=$(echo /sys/bus/event_source/devices/accelsim*/events)
cp -r "$pmu" "$run/events"
rm "$run"/events/link*
mount --bind "$run/events" "$pmu" || bail "can't hide a counter"
defer umount "$pmu"

### one that was there before the daemon
libcalls "$cuda" "$nccl" sleep=20000 &
early=$!
# More than usual: what a hit costs is to be seen without a gap.
# A reading takes an emulated CPU longer than what observing may cost by default.
config '[Daemon]' 'ProbesCost=2%' 'ReadingsCost=100%' '[Device *]' 'Governor=accelgov'
start_daemon
is "the daemon starts" "$?" 0
check "a process that was there before is found" wait_until 20 is_probed "$early" ||
	bail "$(calls .) $(<"$log")"
# One library begins its functions with a mark for branch tracking, one does not.
is "no hit takes a second trap" "$(calls '[.libraries[].groups[].stepped] | any')" false
kill "$early"
gone() {
	sleep 0.4
	[[ $(libraries true) == 0 ]]
}
check "when it ends its libraries are left alone" wait_until 20 gone
hit_ns=$(calls .hit_ns) stepped_ns=$(calls .stepped_hit_ns)

### what a launch costs
# With some hundred mappings, as the daemon has, which measures on itself: a hit looks for
# its own among them.
libcalls "$cuda" "$nccl" maps=64 time=2000 >"$run/bare"
bare=$(<"$run/bare")
begin timed maps=64 time=2000 sleep=3000
wait_until 20 test -s "$run/out.timed"
probed=$(<"$run/out.timed")
diag "a launch takes $bare ns, with a probe $probed ns; the daemon measured $hit_ns ns a hit, $stepped_ns where it steps (emulated)"
within "a probe costs less than 2 us a launch" "$((probed - bare))" 1 2000
within "and what the daemon takes it for, within a third" "$hit_ns" \
	$(((probed - bare) * 2 / 3)) $(((probed - bare) * 4 / 3))
kill "$timed"
# Two seconds of nothing but launches are more than they may cost: with the library
# goes what is held against it, and the next process is seen from its first call.
check "its libraries go with it" wait_until 20 gone

### what is counted, and who waits behind what
begin rank comm=3 launch=500 in=4096 in=4096 out=100 allreduce=1 reduce=2 \
	allgather=2 record=2 wait=2500 stream=3 follow=4 stream=4 wait=300 \
	stream=1 event=1 stream=4 all=1 sleep=10000
waits_plain() {
	holds "$rank" '.collective == null and .collectives == 3'
}
check "a wait on a stream without a collective is one for work" wait_until 20 waits_plain
waits_behind() {
	holds "$rank" '.collective.waits and .collective.name == "all-gather"'
}
check "one on a stream that follows an event waits behind the collective before that" \
	wait_until 20 waits_behind
row=$(process "$rank" .)
diag "$row"
is "launches are counted" "$(jq .launches <<<"$row")" 500
is "so are copies" "$(jq .copies <<<"$row")" 3
is "it is the third of its communicator" "$(jq .collective.number <<<"$row")" 3
is "the rank is known" "$(jq -c '[.collective.rank, .collective.ranks]' <<<"$row")" '[3,8]'
is "and the communicator" "$(jq -r .collective.communicator <<<"$row")" 766f676c65636361
shares_known() {
	holds "$rank" '.collective_wait_permille != null and .collective_wait_permille > 100'
}
check "how much of the time it waits for that is told" wait_until 10 shares_known
matches "the tool shows it" "$(accelgov jobs --socket "$run/sock")" \
	"$rank libcalls .*behind all-gather 3 as rank 3 of 8"
done_waiting() {
	holds "$rank" '.collective.waits | not'
}
check "waits end" wait_until 20 done_waiting
is "what was waited for once is done: nobody waits behind it again" \
	"$(process "$rank" .collective.name)" all-gather

### a library is a file
before=$(calls '.libraries[] | select(.kind == "cuda") | .inode')
cp "$cuda" "$cuda.new" && mv "$cuda.new" "$cuda"
begin upgraded launch=70 sleep=10000
is "after an upgrade both files are probed" "$(libraries '.kind == "cuda"')" 2
counted() {
	holds "$upgraded" '.launches == 70'
}
check "calls in the new one count" wait_until 10 counted
is "those in the old one are still there" "$(process "$rank" .launches)" 500
kill "$rank"
old_gone() {
	[[ $(libraries ".inode == $before") == 0 ]]
}
check "the old file goes with its last process" wait_until 10 old_gone
kill "$upgraded"

### a bound on what probes cost
is "the operator's bound is told" "$(calls .budget_permille)" 20
config '[Daemon]' 'ReadingsCost=100%' '[Device *]' 'Governor=accelgov'
ask_daemon reload >/dev/null
is "what all probes together may cost by default" "$(calls .budget_permille)" 2
# Some 19000 a second, where 1600 would be as much as they may cost.
begin busy burst=100 pace=5000 launch=500000 sleep=10000
sampled() {
	sleep 0.4
	calls '.libraries[].groups[] | select(.name == "launch") | .sampled' | grep -q true
}
check "too many launches are seen for a part of the time" wait_until 20 sampled
part() {
	calls '.libraries[] | select(.kind == "cuda") | .groups[] | select(.name == "launch") |
		"\(.hits) \(.probed_us)"'
}
read -r hits probed_us <<<"$(part)"
start=$(now_ms)
sleep 4
read -r hits2 probed2_us <<<"$(part)"
took_us=$((($(now_ms) - start) * 1000))
cost=$(((hits2 - hits) * hit_ns / took_us))
diag "$((hits2 - hits)) hits in $took_us us, probed for $((probed2_us - probed_us)) us: $cost per mille of a CPU"
check "and cost no more than they may, and a window" test "$cost" -le 5
rate_known() {
	holds "$busy" '.launches_per_s != null and .launches_per_s > 9000 and .launches_per_s < 30000'
}
check "the rate is known all the same" wait_until 10 rate_known
diag "$(process "$busy" '"\(.launches) launches seen, \(.launches_per_s) /s"')"
# Another copy of the library, as in a container, has no bound of its own.
mkdir "$run/other"
cp "$cuda" "$run/other"
cuda=$run/other/libcuda.so.1 begin too burst=100 pace=5000 launch=500000 sleep=10000
all_hits() {
	calls '[.libraries[].groups[].hits] | add'
}
both_sampled() {
	sleep 0.4
	[[ $(calls '[.libraries[].groups[] | select(.name == "launch" and .sampled)] | length') == 2 ]]
}
check "launches in another copy are seen for a part of the time as well" wait_until 20 both_sampled
hits=$(all_hits) start=$(now_ms)
sleep 8
hits2=$(all_hits)
took_us=$((($(now_ms) - start) * 1000))
cost=$(((hits2 - hits) * hit_ns / took_us))
diag "of two libraries, $((hits2 - hits)) hits in $took_us us: $cost per mille of a CPU"
check "both together cost no more than one may" test "$cost" -le 4
check "and some of their calls are seen" test "$((hits2 - hits))" -gt 500
kill "$busy" "$too"

### what the governor hears
echo on >"$df/device/power/control"
# The daemon learns within a second on which device it works.
begin owner comm=0 use=/dev/accel/accel0 sleep=2500 allreduce=1 wait=20000 stream=1
echo 1 >/sys/kernel/tracing/events/accelgov/signal/enable
link_heard() {
	sleep 0.4
	grep -a ' signal: ' /sys/kernel/tracing/trace | tail -n 1 | grep -qE 'link_permille=(9[0-9][0-9]|1000)'
}
check "of who waits behind a collective on a device that rests, the link is told" \
	wait_until 20 link_heard
diag "$(grep -a ' signal: ' /sys/kernel/tracing/trace | tail -n 1)"
kill -9 "$owner"
link_unknown() {
	sleep 0.4
	grep -a ' signal: ' /sys/kernel/tracing/trace | tail -n 1 | grep -qE 'link_permille=(-1|unknown)'
}
check "when it is gone the link is unknown, and not zero" wait_until 20 link_unknown
echo 0 >/sys/kernel/tracing/events/accelgov/signal/enable

config '[Daemon]' 'Probes=no' 'ReadingsCost=100%' '[Device *]' 'Governor=accelgov'
ask_daemon reload >/dev/null
is "who does not want probes has none" "$(ask_daemon jobs | jq .calls)" null
stop_daemon TERM
is "it ends cleanly" "$daemon_rc" 0
check "modules unload" unload_modules
check "and so does the scheduler" wait_until 10 rmmod gpu_sched
finish
