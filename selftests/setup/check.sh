#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh modules|bpf|userspace|fuzz [KDIR]: is everything there that this part of
# the build needs? Says what is missing, which Debian package brings it, and
# what can be built without it.

set -u
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

part=${1:?usage: check.sh modules|bpf|userspace|fuzz [KDIR]}
kdir=${2:-}
bad=0

lacks() {
	printf '*** missing: %-28s Debian package: %s\n' "$1" "$2" >&2
	bad=1
}

program() {
	command -v "$1" >/dev/null || lacks "$1" "$2"
}

header() {
	printf '#include <%s>\n' "$1" | "${CC:-gcc}" -E -x c - >/dev/null 2>&1 ||
		lacks "$1" "$2"
}

check_modules() {
	program "${CC:-gcc}" gcc
	program "${PAHOLE:-pahole}" dwarves
	[[ -e $kdir/Makefile ]] && return
	lacks "kernel headers ($kdir)" "linux-headers-$(uname -r)"
	say "    No such package for the running kernel $(uname -r)? Then build for another one:" >&2
	say "        make KDIR=/lib/modules/RELEASE/build" >&2
	for dir in /lib/modules/*/build; do
		[[ ! -e $dir/Makefile ]] || say "    There is one here: make KDIR=$dir" >&2
	done
}

check_bpf() {
	program "${CLANG:-clang}" clang
	if [[ ! -x $("$ACCELGOV_SRC/selftests/setup/toolchain.sh" path)/bin/bpftool ]]; then
		program "${CC:-gcc}" gcc
		program llvm-strip llvm
		program xz xz-utils
		header gelf.h libelf-dev
		header zlib.h zlib1g-dev
		[[ -r ${ACCELGOV_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz} ]] ||
			lacks "libbpf and bpftool sources" linux-source-6.12
	fi
	[[ -r $kdir/vmlinux || -r /sys/kernel/btf/vmlinux ]] ||
		lacks "kernel types ($kdir/vmlinux)" linux-headers-6.12-amd64
}

check_fuzz() {
	program "${CLANG:-clang}" clang
	printf 'int LLVMFuzzerTestOneInput(const char *d, long n) { return 0; }\n' |
		"${CLANG:-clang}" -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null ||
		lacks "libFuzzer of ${CLANG:-clang}" libclang-rt-dev
}

check_userspace() {
	program "${CC:-gcc}" gcc
	header stdio.h libc6-dev
	header gelf.h libelf-dev
	header zlib.h zlib1g-dev
	header systemd/sd-event.h libsystemd-dev
	header jansson.h libjansson-dev
}

case $part in
modules) others='userspace bpf' ;;
bpf) others=modules ;;
userspace) others='modules bpf' ;;
fuzz) others=all ;;
*) die 2 "unknown part $part" ;;
esac

"check_$part"
((bad)) || exit 0
say "*** $part can't be built. 'make deps' installs what is missing on Debian; without it: make $others" >&2
exit 1
