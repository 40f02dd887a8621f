#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# foreign.sh OBJECT...: what these objects call that none of them defines, one a
# line; and code 1 when a float is computed anywhere in them.
#
# Whether a compiler moves memory through vector registers is its own business,
# and the kernel forbids it there; so loads, stores and integer arithmetic in such
# registers are no finding. Arithmetic, comparison and conversion of floats are, on
# x87 and SSE/AVX, and on other machines the library calls that replace them.

set -eu
export LC_ALL=C
(($#)) || { echo "usage: foreign.sh OBJECT..." >&2; exit 2; }

defined() {
	nm -g --defined-only -- "$@" | awk 'NF == 3 { print $3 }' | sort -u
}

floats() {
	objdump -d --no-show-raw-insn -- "$@" | awk '
		/^[0-9a-f]+ <.*>:$/ { place = $2 }
		NF > 1 && $1 ~ /^[0-9a-f]+:$/ {
			if ($2 ~ /^f[a-z0-9]+$/ && $2 !~ /^(fence)$/ ||
			    $2 ~ /^v?(add|sub|mul|div|sqrt|max|min|rcp|rsqrt|cmp[a-z]*|round|dp|hadd|hsub)[ps][sd]$/ ||
			    $2 ~ /^v?u?comis[sd]$/ || $2 ~ /^v?cvt/ || $2 ~ /^vfn?m(add|sub)/)
				print place, $2
		}'
}

found=$(floats "$@")
if [[ -n $found ]]; then
	echo "floating point in the core:" >&2
	echo "$found" >&2
	exit 1
fi
nm -u -- "$@" | awk 'NF == 2 { print $2 }' | sort -u |
	comm -23 - <(defined "$@")
