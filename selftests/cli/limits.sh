#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The judge of the suite limits: what it takes for a violation, in a trace written
# by hand.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

limits=$ACCELGOV_BUILD/selftests/progs/limits
tmp=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$tmp"

cat >"$tmp/good" <<'END'
# tracer: nop
#
# entries-in-buffer/entries-written: 14/14   #P:2
#
     kworker/0:1-7       [000] .....    10.000000: decision: dev=gpu0 old_khz=1 new_khz=7777 reason=hold phase=idle latency_us=1 slowdown_permille=0 energy_permille=1000 trigger=limits
          limits-10      [000] .....    10.000001: tracing_mark_write: limits: begin dev=gpu0 min_khz=200000 max_khz=1100000 cap_mw=300000
          limits-10      [000] .....    10.000002: tracing_mark_write: limits: end dev=gpu0
     kworker/0:1-7       [000] .....    10.000100: told: dev=gpu0 khz=1100000 cap_mw=300000
     kworker/0:1-7       [000] .....    10.000101: devfreq_frequency: dev_name=gpu0                           freq=1100000000   prev_freq=200000000    load=0
     kworker/0:1-7       [000] .....    10.000102: decision: dev=gpu0 old_khz=200000 new_khz=1100000 reason=phase phase=idle latency_us=1 slowdown_permille=0 energy_permille=1000 trigger=signal
          limits-10      [000] .....    10.000200: tracing_mark_write: limits: begin dev=gpu0 min_khz=200000 max_khz=500000 cap_mw=300000
     kworker/1:1-9       [001] .....    10.000201: told: dev=gpu0 khz=1000000 cap_mw=300000
     kworker/1:1-9       [001] .....    10.000202: told: dev=gpu0 khz=500000 cap_mw=300000
          limits-10      [000] .....    10.000203: tracing_mark_write: limits: end dev=gpu0
          limits-10      [000] .....    10.000300: tracing_mark_write: limits: begin dev=gpu0 min_khz=200000 max_khz=500000 cap_mw=250000
           <...>-11      [000] .....    10.000301: proxy: dev=gpu0 what=target seq=4 clock_khz=500000 cap_mw=250000 idle_state=0 error=0
          limits-10      [000] .....    10.000302: tracing_mark_write: limits: end dev=gpu0
     kworker/1:1-9       [001] .....    10.000400: told: dev=gpu0 khz=300000 cap_mw=250000
END

# finds NAME REGEX: the trace on stdin has one violation, which is called so.
finds() {
	local out rc=0

	out=$("$limits" check /dev/stdin) || rc=$?
	is "$1" "$rc $(grep -c '^violation' <<<"$out")" "1 1"
	matches "$1: it is named" "$out" "$2"
}

# add LINE...: the good trace and one more event at its end.
add() {
	cat "$tmp/good"
	printf '     kworker/1:1-9       [001] .....    11.000000: %s\n' "$@"
}

out=$("$limits" check "$tmp/good")
is "limits that held are found to" "$? $out" "0 decisions=1 told=6 changes=3 violations=0"
clock='the clock is out of limits'
finds "a device that is told too high a clock" "$clock" \
	< <(add 'told: dev=gpu0 khz=600000 cap_mw=250000')
finds "or too low a one" "$clock" \
	< <(add 'told: dev=gpu0 khz=100000 cap_mw=250000')
finds "a decision a kilohertz too high" "$clock" \
	< <(add 'decision: dev=gpu0 old_khz=300000 new_khz=500001 reason=policy')
finds "devfreq setting too high a clock" "$clock" \
	< <(add 'devfreq_frequency: dev_name=gpu0   freq=1100000000   prev_freq=200000000')
finds "userspace being told one" "$clock" \
	< <(add 'proxy: dev=gpu0 what=target seq=9 clock_khz=1100000 cap_mw=250000 idle_state=0')
finds "another power limit" 'the power limit is another one' \
	< <(add 'told: dev=gpu0 khz=300000 cap_mw=300000')
finds "a clock that outlives the limit that allowed it" 'stays out of new limits' \
	< <(grep -v 'told: dev=gpu0 khz=500000' "$tmp/good")
finds "a change does not excuse what neither limit allows" "$clock" \
	< <(sed 's/khz=1000000 cap/khz=1100001 cap/' "$tmp/good")

sed 's|14/14|14/99|' "$tmp/good" >"$tmp/gap"
out=$("$limits" check "$tmp/gap")
is "a gap in the trace is no proof" "$?" 1
matches "and named" "$out" '85 events'
"$limits" check /dev/null >"$tmp/none"
is "nor is an empty one" "$?" 1
"$limits" check "$tmp/missing" 2>/dev/null
is "a file that is missing is another error" "$?" 2
finish
