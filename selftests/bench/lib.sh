# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the parts of the benchmark share. Sourced.
#
#   $bench            where results go, BENCH_OUT or build/bench
#   machine           facts about this machine, as JSON
#   full              true with --full
#   keep PART         write stdin, a JSON object, to PART.json, machine added
#   scenarios         the lines of the list of scenarios, BENCH_SCENARIOS or ours:
#                     NAME OPTIONS...
#   replay_all        run accelgov replay for each line of stdin: FILE OPTIONS...

# shellcheck source=selftests/lib/host.sh
. "${BASH_SOURCE[0]%/*}/../lib/host.sh"

bench=${BENCH_OUT:-$ACCELGOV_BUILD/bench}
PATH=$ACCELGOV_BUILD/bin:$PATH

full() {
	[[ -n ${BENCH_FULL:-} ]]
}

cpu_model() {
	sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1
}

machine() {
	jq -n --arg cpu "$(cpu_model)" --argjson cpus "$(nproc)" \
		--arg kernel "$(uname -sr)" --arg compiler "$(gcc --version | head -n 1)" \
		--arg load "$(cut -d' ' -f1 /proc/loadavg)" \
		--argjson virtual "$(grep -qw hypervisor /proc/cpuinfo && echo true || echo false)" \
		'{cpu: $cpu, cpus: $cpus, virtual: $virtual, kernel: $kernel,
		  compiler: $compiler, load_average: ($load | tonumber)}'
}

keep() {
	local file=$bench/$1.json

	jq --argjson machine "$(machine)" \
		--arg mode "$(full && echo full || echo quick)" \
		'{machine: $machine, mode: $mode} + .' >"$file.new" &&
		mv -f -- "$file.new" "$file"
}

scenarios() {
	grep -v '^#' "${BENCH_SCENARIOS:-selftests/bench/scenarios}" | grep .
}

replay_one() {
	local out=$1 log=${1%.json}.log

	shift
	accelgov replay --json "$@" >"$out" 2>"$log" && return
	warn "accelgov replay $* failed:"
	cat -- "$log" >&2
	return 1
}

# As many at a time as there are CPUs.
replay_all() {
	export -f replay_one warn
	xargs -P "$(nproc)" -L 1 bash -c 'replay_one "$@"' bench
}
