#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What accelgov can't write: told with its reason and an exit code, and, where work
# comes before, found out before that.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

[[ -c /dev/full ]] || skip_all "no /dev/full"
recording=${0%/*}/../recordings/accelsim-h100.rec

# full NAME COMMAND...: its output finds no room.
full() {
	local name=$1

	shift
	# shellcheck disable=SC2016
	rc "$name" 1 bash -c '"$@" >/dev/full' full "$@"
	says "says why" "write the result: No space left on device"
	is "once" "$(grep -c 'write the result' <<<"$err")" 1
}

# early NAME CODE WHY COMMAND...: refused before anything was done.
early() {
	local name=$1 why=$3

	rc "$name" "$2" "${@:4}"
	says "is told" "$why"
	is "before the work" "$(wc -l <<<"$err")" 1
	is "and nothing is printed" "$out" ""
}

tree_new
tree_module
tree_device 0 accelgov
tree_govern 0
for command in status devices doctor 'policy list' 'policy show chip.0'; do
	# shellcheck disable=SC2086
	full "$command" accelgov $command --root "$tree" --json
done
full "status as text" accelgov status --root "$tree"
full "doctor as text" accelgov doctor --root "$tree"
full "restore" accelgov restore --root "$tree" --state "$tmp/none.json" --json
full "help" accelgov --help
full "help of a command" accelgov calibrate --help
full "a version" accelgov --version
full "a profile" accelgov calibrate --show a100-sxm
replay=(accelgov replay --device a100-sxm --workload training --duration 20s)
full "a replay" "${replay[@]}"
full "a replay as JSON" "${replay[@]}" --json
full "a recording" accelgov replay --recording "$recording"
full "a recording as JSON" accelgov replay --recording "$recording" --json

awk 'BEGIN {
	print "frequency,time,power"
	for (f = 600; f <= 1500; f += 30) {
		x = f / 1500; v = x < 0.7 ? 0.56 : (0.75 + 0.25 * (x - 0.7) / 0.3) ^ 2
		printf "%d,%.6f,%.4f\n", f, 0.05 / x, 40 + 15 * v + 200 * x * v
	}
}' >"$tmp/sweep.csv"
fit=(accelgov calibrate --sweep "$tmp/sweep.csv")
full "a fit" "${fit[@]}"
full "a fit as JSON" "${fit[@]}" --json
head -n 4 "$tmp/sweep.csv" >"$tmp/few.csv"
full "a refusal as JSON" accelgov calibrate --sweep "$tmp/few.csv" --json

# Files
for option in --out --plot; do
	rc "no room for $option" 1 "${fit[@]}" "$option" /dev/full
	says "is told" "can't write /dev/full: No space left on device"
	early "no folder for $option" 1 "can't write $tmp/no/x: No such file or directory" \
		"${fit[@]}" "$option" "$tmp/no/x"
	early "a folder as $option" 1 "can't write $tmp: Is a directory" \
		"${fit[@]}" "$option" "$tmp"
	early "no folder for $option of a sweep that is not there either" 1 "$tmp/no/x" \
		accelgov calibrate --sweep "$tmp/none.csv" "$option" "$tmp/no/x"
done
early "a file as a folder" 1 "can't write $tmp/sweep.csv: Not a directory" \
	"${replay[@]}" --out "$tmp/sweep.csv"
early "no folder for a folder" 1 "can't make $tmp/no/x: No such file or directory" \
	"${replay[@]}" --out "$tmp/no/x"
rc "a folder" 0 "${replay[@]}" --out "$tmp/results"
for file in results.json report.html; do
	ln -sf /dev/full "$tmp/results/$file"
	rc "no room for $file" 1 "${replay[@]}" --out "$tmp/results"
	says "is told" "can't write $tmp/results/$file: No space left on device"
	rm "$tmp/results/$file"
done
rc "a folder again" 0 "${replay[@]}" --out "$tmp/results"
report=(accelgov report --results "$tmp/results/results.json")
full "a report" "${report[@]}"
full "a report as JSON" "${report[@]}" --json
for of in "${report[*]}" "accelgov report $recording"; do
	# shellcheck disable=SC2086
	rc "no room for a page" 1 $of --out /dev/full
	says "is told" "can't write /dev/full: No space left on device"
	# shellcheck disable=SC2086
	early "no folder for a page" 1 "can't write $tmp/no/x: No such" $of --out "$tmp/no/x"
done
# What was there is not lost, and what was not is not begun.
page=("${report[@]}" --out "$tmp/page")
# shellcheck disable=SC2016
short=(bash -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' short)
rc "no room for all of a page" 1 "${short[@]}" "${page[@]}"
says "is told" "can't write $tmp/page: File too large"
is "and none is begun" "$(echo "$tmp"/page*)" "$tmp/page*"
echo before >"$tmp/page"
chmod 640 "$tmp/page"
rc "no room for all of another" 1 "${short[@]}" "${page[@]}"
is "and the one that was there stays" "$(cat "$tmp"/page*)" before
rc "room for it" 0 "${page[@]}"
is "is used" "$(head -c 9 "$tmp/page")" "<!DOCTYPE"
is "by a file with the rights of the old one" "$(stat -c %a "$tmp"/page*)" 640
ln -s page "$tmp/link"
rc "a link" 0 "${report[@]}" --out "$tmp/link"
check "stays a link" test -L "$tmp/link"

if ((UID)); then
	mkdir -m 555 "$tmp/closed"
	early "a folder that is not ours" 4 "Permission denied" "${fit[@]}" --out "$tmp/closed/x"
fi
finish
