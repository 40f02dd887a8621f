#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What holds for every text file of the tree.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"

mapfile -t all < <(find . \( -name .git -o -path ./build \) -prune -o -type f \
	-printf '%P\n' | grep -vE '^(COPYING|\.checkpatch-.*)$' | sort)
mapfile -t code < <(printf '%s\n' "${all[@]}" |
	grep -E '\.(c|h|sh|awk|mk)$|(^|/)(Kbuild|Makefile)$|^selftests/run$|^selftests/gpu/|^\.ci/run$|^selftests/vm/')
mapfile -t read < <(printf '%s\n' "${all[@]}" | grep -E '\.(c|h|sh|awk|mk|rst|md)$')
mapfile -t scripts < <(grep -lE '^#!/bin/(ba)?sh' -- "${code[@]}"; ls selftests/lib/*.sh)

# Each prints what is wrong and fails when there is anything.
too_long() {
	local file lines

	for file; do
		lines=$(wc -l <"$file")
		((lines <= 900)) || say "$file: $lines lines, at most 900"
	done | grep . && return 1
	return 0
}

without_licence() {
	local file

	for file; do
		head -n 2 -- "$file" | grep -q 'SPDX-License-Identifier: ' || say "$file"
	done | grep . && return 1
	return 0
}

# Spelled in pieces so that this file is no hit itself.
absent() {
	! grep -nHE -- "$1" "${@:2}"
}

marks='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
# Absolute ones: a folder of ours may have such a name.
places='(^|[^[:alnum:]_.-])/wor''k/|/ro''ot/|/tmp/ba''sh_jobs|deb\.debian''\.org|snapshot\.debian''\.org'

# What git leaves where two changes meet
conflict='^(<<<<''<<<|>>>>''>>>) '

stray() {
	find . -maxdepth 1 -mindepth 1 -not -name '.*' -printf '%P\n' |
		grep -vxE 'kmod|bpf|userspace|Documentation|selftests|Kbuild|Makefile|README\.md|COPYING|build' &&
		return 1
	return 0
}

built_in_tree() {
	find . \( -name .git -o -path ./build \) -prune -o -type f \
		\( -name '*.o' -o -name '*.ko' -o -name '*.mod*' -o -name '.*.cmd' -o -name '*.a' -o -name vmlinux.h \) \
		-print | grep . && return 1
	return 0
}

# Sources and constants that comments and documents name are there.
cited() {
	awk -f selftests/static/cited.awk <(printf '%s\n' "${all[@]}") "${read[@]}"
}

# Options of a program are in its help and in a document.
undocumented() {
	local name file rc=0

	while IFS=: read -r file name; do
		grep -qE -- "--$name\b" Documentation/*.rst ||
			{ say "$file: no document tells of --$name"; rc=1; }
		grep -qE -- "--$name\b" "${file%/*}"/*.c ||
			{ say "$file: no help tells of --$name"; rc=1; }
	done < <(grep -oE '\{ *"[a-z][a-z0-9-]+", *(no|required|optional)_argument' \
		userspace/accelgov/*.c userspace/accelgovd/*.c |
		sed -E 's/\{ *"([^"]*)".*/\1/' | sort -u)
	return "$rc"
}

plan 11
check "shell scripts pass shellcheck" shellcheck "${scripts[@]}"
check "words are spelled right" codespell -q 3 -L filp,opps,inout,memroy,trainig "${all[@]}"
check "no file is longer than 900 lines" too_long "${all[@]}"
check "every source names its licence" without_licence "${code[@]}"
check "nothing is marked as unfinished" absent "$marks" "${all[@]}"
check "no merge is half done" absent "$conflict" "${all[@]}"
check "no file names a place of one machine" absent "$places" "${all[@]}"
check "what comments and documents name exists" cited
check "every option is documented" undocumented
check "the top folder holds only what belongs there" stray
check "building leaves the sources clean" built_in_tree
finish
