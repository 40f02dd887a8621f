#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deps.sh           install the Debian packages that build, demo and tests need
# deps.sh --list    only say which are missing
#
# Packages come from whatever sources this machine is configured for. When all
# are there, apt is not called at all.

set -eu
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

# package | what for
needed() {
	cat <<-'TEXT'
	gcc|modules and userspace
	make|everything
	libc6-dev|userspace
	linux-headers-6.12-amd64|modules, kernel types for BPF
	dwarves|module type information (pahole)
	clang|BPF programs, fuzzers
	libclang-rt-dev|fuzzers (libFuzzer, sanitizers)
	llvm|BPF programs
	linux-source-6.12|libbpf 1.5 and bpftool, checkpatch
	xz-utils|unpacking the kernel source
	libelf-dev|userspace, libbpf
	zlib1g-dev|userspace, libbpf
	libsystemd-dev|accelgovd
	libjansson-dev|accelgovd, accelgov
	linux-image-6.12-amd64|the test VM's kernel
	qemu-system-x86|the test VM
	ipxe-qemu|the test VM
	busybox-static|the test VM
	cpio|the test VM
	kmod|the test VM, make install
	zstd|the test VM
	bc|the debug kernel
	bison|the debug kernel
	flex|the debug kernel
	libssl-dev|the debug kernel
	lz4|the debug kernel
	linux-perf|tests with perf
	jq|tests that read results.json
	lm-sensors|tests with sensors
	debootstrap|a root for the newer kernel
	cppcheck|static checks
	sparse|static checks
	shellcheck|static checks
	codespell|static checks
	perl|static checks (checkpatch, kernel-doc)
	TEXT
}

installed() {
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing() {
	local package use

	while IFS='|' read -r package use; do
		installed "$package" || printf '  %-26s %s\n' "$package" "$use"
	done < <(needed)
}

command -v dpkg-query >/dev/null ||
	die 1 "no dpkg here: install by hand what this list names on Debian: $(needed | cut -d'|' -f1 | tr '\n' ' ')"

list=$(missing)
if [[ -z $list ]]; then
	say "all packages that build, demo and tests need are installed"
	exit 0
fi
say "packages to install with apt-get, from this machine's package sources:"
say "$list"
[[ ${1:-} != --list ]] || exit 1
mapfile -t names < <(awk '{print $1}' <<<"$list")
[[ $(id -u) == 0 ]] ||
	die 1 "installing needs root: sudo make deps, or: sudo apt-get install ${names[*]}"

export DEBIAN_FRONTEND=noninteractive
# Lists that know every package may still be too old to fetch from.
apt_install() {
	apt-get install -y -q --no-install-recommends "${names[@]}"
}
if ! apt-cache show "${names[@]}" >/dev/null 2>&1 || ! apt_install; then
	apt-get update -q
	apt_install
fi
list=$(missing)
[[ -z $list ]] || die 1 $'still missing after apt-get:\n'"$list"
