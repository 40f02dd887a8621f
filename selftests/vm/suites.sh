#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# suites.sh SUITE...: run suites one after the other in the guest. For each, the
# output goes to $ACCELGOV_OUT/NAME.tap; NAME.result ("EXITCODE SECONDS") appears
# when it is over, so a suite without one took the guest down or never ran.
# Besides its own results each suite answers for what it leaves behind: modules
# or complaints of the kernel. Those become failed results of the suite.
#
# A kernel that looks for leaks is asked at the end, when all modules are gone; the
# answer is that of one more suite, kmemleak. One whose lock checker has found
# something checks no locks any more: the file "early" says that the rest needs
# another boot. When the host writes a file "late" no more suites begin. The file
# gcov/counters.tar has the counters of a kernel that keeps some.

set -u
here=${0%/*}

loaded() {
	grep -qE '^accel(gov|sim|sim_drm) ' /proc/modules
}

# Devices first; whoever still holds one open is told to go.
force_unload() {
	local pid

	for pid in $(find /proc/[0-9]*/fd -lname '/dev/accel*' 2>/dev/null |
		cut -d/ -f3 | sort -u) $(pidof accelgovd accelgov); do
		kill -9 "$pid"
	done 2>/dev/null
	sleep 0.5
	! grep -q '^accelsim_drm ' /proc/modules || rmmod accelsim_drm
	rmmod accelsim
	rmmod accelgov
}

complaint='WARNING: |BUG: |Oops|Call Trace|possible recursive locking|refcount_t: |unreferenced object|INFO: task .* blocked|INFO: lockdep|UBSAN: |ODEBUG: |kmemleak: .*disabled'

limit_of() {
	local limit

	limit=$(sed -n '1,20s/^# vm-timeout: *\([0-9]\+\).*/\1/p' "$1")
	echo "$((${limit:-240} * ${ACCELGOV_SLOWNESS:-1}))"
}

run_one() {
	local suite=$1 name tap lines rc=0 start=$SECONDS

	name=$(basename "$suite" .sh)
	tap=$ACCELGOV_OUT/$name.tap
	lines=$(dmesg | wc -l)
	echo "suite $name"
	echo "suite: $name" >/dev/kmsg
	timeout -k 5 "$(limit_of "$suite")" "$suite" >"$tap" 2>&1 </dev/null || rc=$?
	((rc != 124 && rc != 137)) || echo "not ok - $name ran out of time" >>"$tap"
	if loaded; then
		echo "not ok - $name leaves modules loaded" >>"$tap"
		force_unload >>"$tap" 2>&1
	fi
	if dmesg | tail -n "+$((lines + 1))" | grep -E "$complaint" >"/tmp/$name.dmesg"; then
		echo "not ok - $name makes the kernel complain" >>"$tap"
		sed 's/^/# /' "/tmp/$name.dmesg" >>"$tap"
	fi
	dmesg | tail -n "+$((lines + 1))" >"$ACCELGOV_OUT/$name.dmesg"
	sync -f "$ACCELGOV_OUT"
	echo "$rc $((SECONDS - start))" >"$ACCELGOV_OUT/$name.result"
	sync -f "$ACCELGOV_OUT"
}

[[ ${ACCELGOV_VM:-} == 1 ]] || {
	echo "$here/suites.sh runs in the VM: use selftests/run" >&2
	exit 2
}

# jiffies: the clock that kmemleak dates allocations with.
jiffies() {
	awk '/^jiffies:/ { print $2; exit }' /proc/timer_list
}

# With the suite during which each was allocated, as far back as that can be told.
leaks() {
	local knob=/sys/kernel/debug/kmemleak start=$SECONDS tap=$ACCELGOV_OUT/kmemleak.tap

	[[ -e $knob ]] || return 0
	echo "suite kmemleak"
	{
		echo "1..1"
		if ! echo scan >"$knob"; then
			echo "not ok 1 - kmemleak is off"
		else
			# It takes nothing for lost that is younger than 5 s.
			sleep 6
			echo scan >"$knob"
			# Once more: what was on its way between two lists is not lost.
			[[ -z $(head -c 1 "$knob") ]] || echo scan >"$knob"
			awk -v marks="${marks[*]}" -f "$here/leaks.awk" "$knob"
		fi
	} >"$tap" 2>&1
	echo "0 $((SECONDS - start))" >"$ACCELGOV_OUT/kmemleak.result"
	sync -f "$ACCELGOV_OUT"
}

# Counters of modules stay when they go.
counters() {
	local from=/sys/kernel/debug/gcov

	[[ -d $from ]] || return 0
	echo "suite counters"
	mkdir -p /run/gcov "$ACCELGOV_OUT/gcov"
	(cd "$from" && find . -path '*/kbuild/kmod/*.gcda' -print0 |
		xargs -0r cp --parents -t /run/gcov)
	# Making a file in the host's folder takes such a kernel seconds.
	tar -C /run/gcov -cf "$ACCELGOV_OUT/gcov/counters.tar" .
	sync -f "$ACCELGOV_OUT"
}

checks_locks() {
	[[ ! -r /proc/lockdep_stats ]] ||
		grep -qE 'debug_locks: +1' /proc/lockdep_stats
}

marks=()
for suite; do
	[[ ! -e $ACCELGOV_OUT/late ]] || break
	marks+=("$(jiffies)" "$(basename "$suite" .sh)")
	run_one "$suite"
	if ! checks_locks && [[ $suite != "${*: -1}" ]]; then
		echo "the lock checker has switched itself off" | tee "$ACCELGOV_OUT/early"
		break
	fi
done
counters
leaks
