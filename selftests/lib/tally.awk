# SPDX-License-Identifier: GPL-2.0
#
# Counts one TAP stream: prints "PASSED FAILED SKIPPED" and then, one a line,
# what failed. rc is the exit code of the program that wrote it. No plan, too few
# or too many results, or a bad exit code that no result explains, is a failure.

{ sub(/\r$/, "") }

/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	planned = 1
	if (plan == 0 && /# *[Ss][Kk][Ii][Pp]/)
		all_skipped = 1
}
/^ok([ \t]|$)/ {
	seen++
	if (/# *[Ss][Kk][Ii][Pp]/)
		skipped++
	else
		passed++
}
/^not ok([ \t]|$)/ {
	if ($3 ~ /^[0-9]+$/)
		seen++
	fail($0)
}
/^Bail out!/ { fail($0) }

function fail(why) {
	failed++
	reasons[failed] = why
}

END {
	if (!planned && !failed)
		fail("no plan: it ended early or is no test")
	else if (planned && seen != plan)
		fail("planned " plan " results, gave " seen + 0)
	else if (planned && plan == 0 && !all_skipped)
		fail("planned no results")
	if (rc != 0 && !failed)
		fail("exit code " rc)
	if (all_skipped)
		skipped++
	print passed + 0, failed + 0, skipped + 0
	for (i = 1; i <= failed; i++)
		print reasons[i]
}
