#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How much of the modules the suites run: line coverage of kmod/.
#
#   coverage.sh BUILD FOLDER...
#
# BUILD holds modules that were compiled with GCOV_PROFILE=y, each FOLDER what
# suites.sh brought home from one boot: counters.tar, the kernel's counters at the
# paths of the objects. A line counts as run when any boot ran it. Prints per file
# "PERMILLE RUN OF FILE", the least covered first, then "total PERMILLE RUN OF", and
# leaves the lines that never ran in BUILD/coverage.missed as FILE:LINE. KUnit's tests
# are not counted as code that has to be covered.
#
# Exits with 0, 1 when there is nothing to count.

set -u
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

(($# > 1)) || die 2 "usage: coverage.sh BUILD FOLDER..."
build=$(cd -- "$1" && pwd -P) || exit
shift
stage=$(mktemp -d) || exit
trap 'rm -rf -- "$stage"' EXIT

# lines FOLDER: "FILE LINE COUNT" of one boot. gcov wants notes and counters side
# by side, and names sources as the compiler did.
lines() {
	local from=$1 data name

	rm -rf -- "${stage:?}"/*
	mkdir -- "$stage/from"
	tar -C "$stage/from" -xf "$from/counters.tar" || return
	find "$stage/from" -name '*.gcda' -print0 | while IFS= read -r -d '' data; do
		name=${data#*/kbuild/}
		name=${name%.gcda}
		[[ -e $build/kbuild/$name.gcno ]] || continue
		cp -- "$data" "$stage/data.gcda"
		cp -- "$build/kbuild/$name.gcno" "$stage/data.gcno"
		(cd -- "$stage" && gcov --json-format --stdout data.gcda 2>/dev/null)
	done | jq -r '.files[] | .file as $file | .lines[] |
		"\($file) \(.line_number) \(.count)"' |
		sed -n 's|^[^ ]*kmod/|kmod/|p' | grep -vE '^kmod/(kunit/|[^ ]*trace\.h )'
}

for folder; do
	lines "$folder"
done | awk -v missed="$build/coverage.missed" '
	{ run[$1 " " $2] += $3 }
	END {
		for (key in run) {
			split(key, part, " ")
			of[part[1]]++
			sum++
			if (run[key]) {
				ran[part[1]]++
				all++
			} else {
				print part[1] ":" part[2] | ("sort -t: -k1,1 -k2,2n >" missed)
			}
		}
		if (!sum) {
			print "no counters" > "/dev/stderr"
			exit 1
		}
		for (file in of)
			printf "%d %d %d %s\n", ran[file] * 1000 / of[file], ran[file], of[file], file | "sort -n"
		close("sort -n")
		printf "total %d %d %d\n", all * 1000 / sum, all, sum
	}'
