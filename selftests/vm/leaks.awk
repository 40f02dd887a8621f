# SPDX-License-Identifier: GPL-2.0
#
# From /sys/kernel/debug/kmemleak to TAP: one result, and what was lost by whom.
# marks is "JIFFIES SUITE JIFFIES SUITE...", when each suite began.

BEGIN {
	n = split(marks, mark, " ")
}

function suite_at(when,    i, name) {
	name = "boot"
	for (i = 1; i < n && mark[i] + 0 <= when + 0; i += 2)
		name = mark[i + 1]
	return name
}

/^unreferenced object/ {
	objects++
}

/jiffies [0-9]+/ {
	match($0, /jiffies [0-9]+/)
	by[suite_at(substr($0, RSTART + 8, RLENGTH - 8))]++
}

{
	line[NR] = $0
}

END {
	if (!objects) {
		print "ok 1 - nothing leaked"
		exit
	}
	for (name in by)
		who = who " " name "(" by[name] ")"
	print "not ok 1 - " objects " objects leaked, allocated during" who
	for (i = 1; i <= NR && i <= 400; i++)
		print "# " line[i]
}
