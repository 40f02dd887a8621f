#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernel style, judged by the kernel's own checkpatch --strict and kernel-doc.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
scripts=$(selftests/setup/toolchain.sh build)/scripts
[[ -r $scripts/checkpatch.pl ]] || bail "no checkpatch.pl in $scripts"

# The userspace half of code shared with the kernel has to define what the
# kernel would bring, and programs for userspace follow libc, not the kernel.
outside=PREFER_KERNEL_TYPES,STRCPY,STRNCPY,STRLCPY,PREFER_DEFINED_ATTRIBUTE_MACRO
outside+=,ARRAY_SIZE,BIT_MACRO,CAMELCASE,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO
# Messages for people are neither cut nor wrapped by force.
outside+=,LONG_LINE_STRING,SPLIT_STRING,TYPO_SPELLING
outside+=,MACRO_ARG_REUSE,AVOID_EXTERNS,EMBEDDED_FUNCTION_NAME,UNSPECIFIED_INT
# TRACE_EVENT() has a layout of its own everywhere in the kernel.
syntax=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,SPACING,LONG_LINE,TRAILING_SEMICOLON
syntax+=,MACRO_ARG_REUSE,COMPLEX_MACRO,MACRO_ARG_PRECEDENCE
syntax+=,MACRO_WITH_FLOW_CONTROL,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE
syntax+=,LINUX_VERSION_CODE

# Not findings: checkpatch looks for a kernel tree that isn't there, and takes the
# exponent of 1e-9 for a subtraction.
noise="value .root in|'/include': No such file|/include.: No such file"
noise+="|CHECK:SPACING: spaces preferred around that '-' \(ctx:VxV\)"

# From a folder of its own: in one with .git, checkpatch leaves a file behind.
checkpatch() {
	local out=$ACCELGOV_BUILD/static/checkpatch rc=0

	mkdir -p "${out%/*}"
	(cd "${out%/*}" && perl "$scripts/checkpatch.pl" --no-tree --strict --terse \
		--no-summary --show-types --ignore "$1" -f "${@:2}") >"$out" 2>&1 || rc=$?
	((rc == 0)) || [[ -s $out ]] || return
	! sed "s|$ACCELGOV_SRC/||g" "$out" | grep -vE "$noise"
}

find_c() {
	find "${@/#/$ACCELGOV_SRC/}" -name '*.[ch]' -type f | sort
}

# Headers that are a small language: trace events, __has_include(), test macros.
own='/trace\.h$|/compat/[^/]*\.h$|/selftests/lib/unit\.h$'
mapfile -t kernel < <(find_c kmod | grep -vE "$own|/kmod/core/types\.h$")
mapfile -t special < <(find_c kmod selftests | grep -E "$own")
mapfile -t user < <(find_c userspace bpf selftests | grep -vE "$own"
	say "$ACCELGOV_SRC/kmod/core/types.h")
mapfile -t documented < <(find_c kmod bpf userspace)

plan 4
check "modules follow kernel style" checkpatch LINUX_VERSION_CODE,AVOID_EXTERNS,MACRO_ARG_REUSE "${kernel[@]}"
check "so do trace events, as far as they can" checkpatch "$syntax" "${special[@]}"
check "so do userspace, BPF and test programs" checkpatch "$outside" "${user[@]}"

kernel_doc() {
	local out rc=0

	out=$(perl "$scripts/kernel-doc" -none -Wall "$@" 2>&1) || rc=1
	[[ -z $out ]] || printf '%s\n' "${out//$ACCELGOV_SRC\//}"
	[[ $out != *warning:* && $out != *error:* ]] && ((rc == 0))
}
check "kernel-doc comments are complete" kernel_doc "${documented[@]}"
finish
