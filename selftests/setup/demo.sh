#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh - the program behind 'make demo': installs, builds, boots a VM, lets
# it play the workloads, and says where the results are.
#
# REQUESTS=FILE replays a request trace (TIMESTAMP,ContextTokens,GeneratedTokens)
# instead of generated requests, DURATION=60s plays shorter than the usual 120s.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/lib/host.sh
. selftests/lib/host.sh

out=$ACCELGOV_BUILD/demo
results=("$out/report.html" "$out/results.json")
env=()
[[ -z ${DURATION:-} ]] || env+=(--env "DURATION=$DURATION")

plan() {
	say "accelgov demo: this will"
	say "  1. install missing Debian packages, if any (470 MB to fetch on a bare system)"
	say "  2. build libbpf, the modules, BPF and userspace    first time 2 min, then seconds"
	say "  3. boot a VM with the stock 6.12 kernel            10 s"
	say "  4. play serving and training under 4 governors     3 to 4 min"
	say "  5. write ${results[*]#"$ACCELGOV_SRC"/}"
	say "Nothing but packages is changed on this machine; modules are loaded in the VM only."
	say
}

# The guest sees the host's files, but not those hidden behind its own /run.
take_requests() {
	[[ -n ${REQUESTS:-} ]] || return 0
	[[ -r $REQUESTS ]] ||
		die 1 "REQUESTS=$REQUESTS can't be read: name a CSV file with TIMESTAMP,ContextTokens,GeneratedTokens"
	cp -- "$REQUESTS" "$out/requests.csv" || exit
	env+=(--env "REQUESTS=$out/requests.csv")
	say "requests: $REQUESTS ($(($(wc -l <"$REQUESTS") - 1)) of them)"
}

build() {
	local kdir log=$out/build.log

	kdir=$(selftests/setup/kernel.sh kdir) || exit
	say "building (log: ${log#"$ACCELGOV_SRC"/})"
	with_lock "$ACCELGOV_BUILD/build.lock" "${MAKE:-make}" -j"$(nproc)" "KDIR=$kdir" \
		"BUILD=${ACCELGOV_BUILD#"$ACCELGOV_SRC"/}" all >"$log" 2>&1 && return
	tail -n 30 -- "$log" >&2
	die 1 "the build failed; all of it is in $log"
}

plan
selftests/setup/deps.sh || exit
mkdir -p -- "$out" || exit
rm -f -- "${results[@]}" "$out/requests.csv"
take_requests
build

# Emulated CPUs take turns of 100 ms when there are two of them, an age for a
# governor that acts every 10 ms; one CPU is never kept waiting. It counts time in
# instructions, so what comes out is the same on a machine that is busy.
selftests/vm/vm.sh --name demo --icount --smp 1 --out "$out" --timeout 1200 \
	"${env[@]}" -- selftests/demo/guest.sh ||
	die 1 "the demo failed in the VM: see $ACCELGOV_BUILD/test/demo/{output,console}.log"
for file in "${results[@]}"; do
	[[ -s $file ]] || die 1 "the demo ended without $file"
done
say
say "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
say "results: ${results[1]}"
say "report:  ${results[0]}   (open it in a browser)"
