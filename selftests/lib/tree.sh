# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Small recorded /sys and /proc trees for tests of accelgov and accelgovd on the
# host. Sourced after tap.sh; $tree is the root of the tree, $tmp a scratch folder.
#
#   tree_new                  an empty machine with kernel 6.12
#   tree_module               the module is loaded, with BTF
#   tree_device N [GOVERNOR]  devfreq device chip.N with OPPs, PMU, hwmon, runtime PM
#   tree_govern N             the governor's folder appears on chip.N
#   tree_ungovern N           and goes
#   sys PATH                  read a file below the device class
#   put PATH VALUE            write one
#   config TEXT...            lines of $tmp/etc/accelgov.conf
#   start_daemon [OPTION...]  accelgovd on the tree; its log is $tmp/log. Not for
#                             check: that runs things in a subshell
#   stop_daemon [SIGNAL]      end it and wait; the exit code lands in $daemon_rc
#   daemon_ready              it answers on $tmp/sock
#   cli COMMAND...            accelgov on the tree
#   rc NAME WANT COMMAND...   run it and judge its exit code; what it printed stays in
#                             $out, messages in $err
#   says NAME REGEX           judge $err

: "${ACCELGOV_BUILD:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)/build}"
PATH=$ACCELGOV_BUILD/bin:$ACCELGOV_BUILD/selftests/progs:$PATH

tmp=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$tmp"
tree=$tmp/tree
daemon_pid=''

# Like a file of the kernel's: whoever reads it meanwhile never finds it empty.
put_file() {
	[[ -d $tree/${1%/*} ]] || mkdir -p "$tree/${1%/*}" || return
	printf '%s\n' "$2" >"$tmp/put.$BASHPID" && mv -f "$tmp/put.$BASHPID" "$tree/$1"
}

tree_new() {
	rm -rf "$tree"
	mkdir -p "$tree/sys/class/devfreq" "$tree/sys/bus/event_source/devices" "$tmp/etc"
	put_file proc/sys/kernel/osrelease 6.12.117+deb12-amd64
	put_file proc/sys/kernel/perf_event_paranoid 3
	put_file proc/sys/kernel/perf_event_max_sample_rate 100000
	put_file sys/kernel/btf/vmlinux x
	put_file sys/devices/system/cpu/online 0-1
}

tree_module() {
	put_file sys/module/accelgov/version 0.1
	put_file sys/kernel/btf/accelgov x
}

tree_pmu() {
	local parent=sys/devices/platform/chip.$1 pmu event nr=0

	pmu=$parent/chip_$1
	put_file "$pmu/type" "$((30 + $1))"
	put_file "$pmu/cpumask" 0
	put_file "$pmu/format/event" config:0-7
	for event in busy compute memory link host queue cycles energy progress contexts; do
		nr=$((nr + 1))
		put_file "$pmu/events/$event" "event=0x$(printf %x $nr)"
	done
	ln -s ../../../../bus/event_source "$tree/$pmu/subsystem"
	ln -s "../../../devices/platform/chip.$1/chip_$1" \
		"$tree/sys/bus/event_source/devices/chip_$1"
}

tree_device() {
	local parent=sys/devices/platform/chip.$1 df

	df=$parent/devfreq/chip.$1
	put_file "$df/governor" "${2:-simple_ondemand}"
	put_file "$df/available_governors" "accelgov simple_ondemand"
	put_file "$df/available_frequencies" "210000000 600000000 1410000000"
	put_file "$df/cur_freq" 1410000000
	put_file "$df/target_freq" 1410000000
	put_file "$df/min_freq" 210000000
	put_file "$df/max_freq" 1410000000
	put_file "$parent/power/runtime_status" active
	put_file "$parent/power/autosuspend_delay_ms" 2000
	put_file "$parent/hwmon/hwmon$1/power1_input" 187000000
	put_file "$parent/hwmon/hwmon$1/power1_cap" 400000000
	put_file "$parent/hwmon/hwmon$1/energy1_input" 5000000
	ln -s "../../../chip.$1" "$tree/$df/device"
	ln -s "../../devices/platform/chip.$1/devfreq/chip.$1" \
		"$tree/sys/class/devfreq/chip.$1"
	tree_pmu "$1"
}

tree_govern() {
	local ag=sys/devices/platform/chip.$1/devfreq/chip.$1/accelgov phase

	put_file "$ag/push_token" "$((1024 + $1))"
	put_file "$ag/workload" inference
	put_file "$ag/phase" inference-decode
	put_file "$ag/phase_age_ms" 1234
	put_file "$ag/confidence_permille" 930
	put_file "$ag/state" active
	put_file "$ag/policy" builtin
	put_file "$ag/slowdown_permille" 12
	put_file "$ag/slowdown_budget_permille" 30
	put_file "$ag/power_cap_uw" 0
	put_file "$ag/sample_period_us" 10000
	put_file "$ag/lease_ms" 0
	put_file "$ag/energy_uj" 5000000000
	put_file "$ag/energy_saved_uj" 1200000000
	for phase in compute memory link-wait input-stall checkpoint mixed loaded-idle idle; do
		put_file "$ag/phases/$phase/min_freq_hz" 0
		put_file "$ag/phases/$phase/max_freq_hz" 0
		put_file "$ag/phases/$phase/slowdown_budget_permille" -1
	done
	put_file "$ag/idle/enable" 1
	put_file "$ag/idle/break_even_us" 2000000
	put_file "$ag/idle/max_latency_us" 0
	put_file "$ag/idle/wake_latency_us" 0
	put_file "$ag/stats/samples" 500
	put_file "$ag/stats/dropped" 0
}

tree_ungovern() {
	rm -rf "$tree/sys/devices/platform/chip.$1/devfreq/chip.$1/accelgov"
}

sys() {
	cat "$tree/sys/class/devfreq/$1" 2>/dev/null
}

put() {
	put_file "sys/class/devfreq/$1" "$2"
}

sys_is() {
	[[ $(sys "$1") == "$2" ]]
}

config() {
	mkdir -p "$tmp/etc"
	printf '%s\n' "$@" >"$tmp/etc/accelgov.conf"
}

daemon_ready() {
	[[ -S $tmp/sock ]] && ask "$tmp/sock" '{"method":"status"}' | grep -q '"schema"'
}

# shellcheck disable=SC2120
start_daemon() {
	accelgovd --root "$tree" --config-dir "$tmp/etc" --socket "$tmp/sock" \
		--state "$tmp/state.json" "$@" >/dev/null 2>"$tmp/log" &
	daemon_pid=$!
	defer kill -9 "$daemon_pid"
	wait_until 5 daemon_ready
}

# shellcheck disable=SC2034,SC2120
stop_daemon() {
	daemon_rc=0
	kill -s "${1:-TERM}" "$daemon_pid" 2>/dev/null
	wait "$daemon_pid" 2>/dev/null || daemon_rc=$?
	return 0
}

# of NAME FILTER: something of one accelerator, as the daemon tells it.
of() {
	ask "$tmp/sock" '{"method":"status"}' |
		jq -r --arg n "$1" ".accelerators[] | select(.name == \$n) | $2"
}

of_is() {
	[[ $(of "$1" "$2") == "$3" ]]
}

cli() {
	accelgov "$@" --root "$tree"
}

# shellcheck disable=SC2034
rc() {
	local name=$1 want=$2 got=0

	shift 2
	out=$("$@" 2>"$tmp/err") || got=$?
	err=$(<"$tmp/err")
	is "$name" "$got" "$want"
}

says() {
	matches "$1" "$err" "$2"
}
