#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm-group: policy
# vm-icount: nothing is late in it, however busy the host is
# vm-smp: 1
# vm-cost: 44
#
# Everybody may look, only root may change: all files, nodes, sockets and programs,
# tried as another user, and with no more than single capabilities.

# shellcheck source=selftests/lib/ksft.sh
. "${0%/*}/../lib/ksft.sh"
# shellcheck source=selftests/lib/gov.sh
. "${0%/*}/../lib/gov.sh"
# shellcheck source=selftests/lib/policy.sh
. "${0%/*}/../lib/policy.sh"
# shellcheck source=selftests/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

# Programs where another user can reach them.
public=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$public"
chmod 755 "$public" "$run"
cp "$(command -v accelgov)" "$(command -v accelgovd)" "$(command -v ask)" \
	"$(command -v polctl)" "$(example edp)" "$public" || bail "no programs"

# as CAPABILITIES COMMAND...: as nobody, with these alone, such as +bpf,+perfmon.
as() {
	local caps=$1

	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
		"--inh-caps=-all${caps:+,$caps}" "--ambient-caps=-all${caps:+,$caps}" "$@"
}

trees() {
	realpath "$DEVFREQ"/*/device /sys/class/accelgov/* /sys/module/accel{gov,sim} \
		/sys/bus/event_source/devices/accelsim_*
}

# Opening for appending writes nothing and tells all.
# shellcheck disable=SC2016
writable='while read -r file; do
	{ : >>"$file"; } 2>/dev/null && echo "$file"
done'
# ENODATA and the like are answers, being refused is none.
# shellcheck disable=SC2016
unreadable='while read -r file; do
	{ : <"$file"; } 2>/dev/null || echo "$file"
done'

files() {
	trees | sort -u | xargs -I{} find {} -type f
}

ours() {
	files | grep -E '/accelgov/|/accelsim[^/]*/[^/]*$|/hwmon|/module/accel[a-z]*/parameters/' |
		grep -vE '/uevent$|/sections/|/notes/'
}

load_modules devices=1 profile=a100-sxm
config '[Daemon]' 'Lease=5s' '[Device accelsim.0]' 'Governor=accelgov' 'PowerCap=300W'
start_daemon || bail "no daemon: $(<"$log")"
wait_until 20 collecting accelsim.0 || bail "nothing is collected"
use accelsim.0
sleep 120 | proxy --idle --cap --power gpu0 >"$run/targets" &
player=$!
defer kill "$player"
wait_until 20 test -d /sys/class/accelgov/gpu0 || bail "no proxy device"

### files
files >"$public/files"
ours >"$public/ours"
chmod 644 "$public"/{files,ours}
within "there are many files" "$(wc -l <"$public/files")" 200 5000
within "many of them are ours" "$(wc -l <"$public/ours")" 80 1000
is "nobody can write none of them" "$(as '' bash -c "$writable" <"$public/files")" ""
is "nor with the daemon's capabilities" \
	"$(as +bpf,+perfmon,+sys_admin bash -c "$writable" <"$public/ours")" ""
is "all of ours can be read" "$(as '' bash -c "$unreadable" <"$public/ours")" ""
check "the check finds a file that can be written" \
	test -n "$(bash -c "$writable" <<<"$ag/power_cap_uw")"
check "and one that can't be read" \
	test -n "$(as '' bash -c "$unreadable" <<<"/sys/kernel/tracing/trace")"
is "values are as they were" "$(attr power_cap_uw)" 300000000

### nodes
for node in /dev/accelgov /dev/accelsim0; do
	is "$node is root's" "$(stat -c '%a %U' "$node")" "600 root"
	refuse "and opened by nobody else" as '' bash -c ": <$node"
	refuse "not even with capabilities" as +bpf,+perfmon,+sys_admin bash -c ": <$node"
done

### programs
check "status works" as '' "$public/accelgov" status --socket "$run/sock"
check "so do devices" as '' "$public/accelgov" devices
check "and policy show" as '' "$public/accelgov" policy show accelsim.0
as '' "$public/accelgov" doctor --socket "$run/sock" >"$run/doctor" 2>&1
within "and doctor, as far as it may" "$?" 0 3
rights() {
	local out rc=0

	out=$(as "$2" "${@:3}" 2>&1) || rc=$?
	is "$1" "$rc" 4
	matches "$1: it says so" "$out" 'rights|[Pp]ermission|root'
}
rights "setting a knob takes rights" '' "$public/accelgov" policy set accelsim.0 power_cap_uw=1W
rights "resetting them as well" '' "$public/accelgov" policy reset accelsim.0
rights "so does a policy" '' "$public/accelgov" policy load "$public/edp.bpf.o"
rights "and one of a device" '' "$public/accelgov" policy load "$public/edp.bpf.o" --device accelsim.0
mkdir -m 777 "$public/theirs"
as '' "$public/accelgovd" --config-dir "$run/etc" --socket "$public/theirs/sock" \
	--state "$public/theirs/state" >"$public/theirs/log" 2>&1 &
theirs=$!
defer kill "$theirs"
answers() { ask "$public/theirs/sock" '{"method":"status"}' | grep -q '"schema":1'; }
check "a daemon of somebody else runs" wait_until 20 answers
matches "the socket answers everybody" "$(as '' "$public/ask" "$run/sock" '{"method":"status"}')" '"schema":1'
matches "but reloads for root alone" "$(as '' "$public/ask" "$run/sock" '{"method":"reload"}')" PermissionDenied
matches "whatever the capabilities" "$(as +bpf,+perfmon,+sys_admin "$public/ask" "$run/sock" '{"method":"reload"}')" PermissionDenied

sleep 1
is "it sets nothing" "$(attr power_cap_uw) $(attr slowdown_budget_permille)" "300000000 30"
kill "$theirs"
wait "$theirs"

### BPF and perf
refuse "nobody loads BPF programs" as '' "$public/polctl" cost "$public/edp.bpf.o"
refuse "CAP_BPF and CAP_PERFMON don't get a module's types" as +bpf,+perfmon "$public/polctl" cost "$public/edp.bpf.o"
check "with CAP_SYS_ADMIN the kernel takes them" as +bpf,+perfmon,+sys_admin "$public/polctl" cost "$public/edp.bpf.o"
is "no policy came of all that" "$(attr policy)" builtin
counters() {
	perf stat -a -e accelsim_0/busy/ -x, true 2>&1 | grep -qE '^[0-9]+,'
}
export -f counters
paranoid=$(sysctl -n kernel.perf_event_paranoid)
defer sysctl -qw "kernel.perf_event_paranoid=$paranoid"
# The debug kernel has Debian's sources, not its configuration.
if ((${ACCELGOV_SLOWNESS:-1} > 1)); then
	check "Debian's level can be set" sysctl -qw kernel.perf_event_paranoid=3
else
	is "Debian's level is 3" "$paranoid" 3
fi
refuse "at which CAP_PERFMON alone does not count" as +perfmon bash -c counters
sysctl -qw kernel.perf_event_paranoid=2
refuse "at level 2 nobody does" as '' bash -c counters
check "but who has CAP_PERFMON" as +perfmon bash -c counters
refuse "trace events are tracefs's to give" as '' cat /sys/kernel/tracing/events/accelgov/decision/id
sysctl -qw kernel.perf_event_paranoid=3

### somebody was there first
umount /sys/fs/bpf
mount -t bpf -o mode=1777 bpf /sys/fs/bpf
check "where everybody may make folders" as '' mkdir /sys/fs/bpf/accelgov
out=$(accelgov policy load "$(example edp)" 2>&1)
is "root pins nothing into another's" "$?" 4
matches "and says why" "$out" 'belongs to somebody else'
is "nothing is loaded" "$(attr policy)" builtin
rmdir /sys/fs/bpf/accelgov
check "without it a policy is loaded" accelgov policy load "$(example edp)"
refuse "which nobody can take away" as '' rm -rf /sys/fs/bpf/accelgov/all-devices
is "it decides on" "$(attr policy)" edp
accelgov policy unload

stop_daemon TERM
kill "$player"
check "the kernel has nothing to complain about" no_complaints
finish
