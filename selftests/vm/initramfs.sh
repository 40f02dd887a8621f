#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh RELEASE [ROOT]: print the path of an initramfs that mounts the
# host's root over 9p, with modules from ROOT/lib/modules/RELEASE. Built once per
# kernel, busybox and init script, then cached.
# Modules are unpacked: busybox can't read the .ko.xz that Debian ships.

set -uo pipefail
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck source=selftests/lib/host.sh
. "$here/../lib/host.sh"

release=${1:?usage: initramfs.sh RELEASE [ROOT]}
from=${2:-/}
busybox=$(command -v busybox) ||
	die 1 "busybox is missing: install busybox-static, or run 'make deps'"

# Paths of all modules that the init script needs, each after those it needs.
# What is built into the kernel is not among them.
modules() {
	modprobe -d "$from" -S "$release" -D -a 9pnet_virtio 9p overlay |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

add_module() {
	local to=$2/modules/$3

	case $1 in
	*.ko.xz) xz -dc -- "$1" ;;
	*.ko.zst) zstd -dcq -- "$1" ;;
	*.ko.gz) gzip -dc -- "$1" ;;
	*) cat -- "$1" ;;
	esac >"$to.ko"
}

fill() {
	local root=$1 path n=10

	mkdir -p "$root"/{bin,modules,proc,sys,dev,lower,upper,host} || return
	cp -- "$busybox" "$root/bin/busybox" || return
	cp -- "$here/init" "$root/init" || return
	while read -r path; do
		add_module "$path" "$root" "$n" || return
		n=$((n + 1))
	done < <(modules)
	modules >/dev/null
}

build() {
	local to=$1 root

	[[ -s $to ]] && return
	root=$(mktemp -d) || return
	fill "$root" && (cd "$root" && find . | sort |
		cpio --quiet -o -H newc -R 0:0) >"$to.$$" && mv -f -- "$to.$$" "$to"
	[[ -s $to ]] || rm -f -- "$to.$$"
	rm -rf -- "$root"
	[[ -s $to ]]
}

key=$release-$(hash_of "$busybox" "$here/init" "$0" "${from%/}/lib/modules/$release"/modules.{dep,builtin})
out=$(cache_path initramfs "$key.cpio") || exit
with_lock "$out.lock" build "$out" ||
	die 1 "no initramfs for $release: are its modules under ${from%/}/lib/modules/$release?"
say "$out"
