#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# toolchain.sh path    print where the BPF toolchain is or will be
# toolchain.sh build   make it when it is not there yet, then print the path
#
# Debian 12 has libbpf 1.1 and bpftool 7.1, which know nothing of kfuncs and
# struct_ops in modules. The kernel's own source package has both in the
# version that fits the kernel, and checkpatch besides:
#
#   bin/bpftool  lib/libbpf.a  include/bpf/  include/linux/  scripts/
#
# Kept in the cache, outside the tree, under a key made of the source package's
# version and this script. ACCELGOV_TOOLCHAIN=DIR names a ready-made one.

set -eu
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

source=${ACCELGOV_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}

toolchain_path() {
	local stamp

	if [[ -n ${ACCELGOV_TOOLCHAIN:-} ]]; then
		say "$ACCELGOV_TOOLCHAIN"
		return
	fi
	stamp=$(stat -L -c '%n %s %Y' -- "$source" 2>/dev/null || say none)
	say "$(cache_dir)/toolchain/$({ say "$stamp"; cat -- "$0"; } | sha256sum | cut -c1-16)"
}

unpack() {
	local top

	top=$(basename -- "$source" .tar.xz)
	tar -C "$1" --strip-components=1 -xf "$source" \
		"$top"/tools/{bpf/bpftool,lib,build,scripts,include,arch} \
		"$top"/{scripts,kernel/bpf,include/uapi,Makefile,LICENSES}
}

# compile SOURCE OBJECTS BTF
compile() {
	local btf=()

	[[ -z $3 ]] || btf=("VMLINUX_BTF=$3")
	make -s -j"$(nproc)" -C "$1/tools/bpf/bpftool" "OUTPUT=$2/" \
		CLANG="${CLANG:-clang}" LLVM_STRIP="${LLVM_STRIP:-llvm-strip}" \
		feature-llvm=0 feature-libbfd=0 feature-libcap=0 "${btf[@]}"
}

# collect SOURCE OBJECTS TARGET
collect() {
	local uapi=$1/tools/include/uapi/linux

	mkdir -p "$3"/{bin,lib,include/linux,scripts}
	cp "$2/bpftool" "$3/bin/"
	cp "$2/libbpf/libbpf.a" "$3/lib/"
	cp -r "$2/libbpf/include/bpf" "$3/include/"
	cp "$uapi"/{bpf,bpf_common,btf,perf_event}.h "$3/include/linux/"
	cp "$1"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch,kernel-doc} \
		"$3/scripts/"
}

kernel_btf() {
	local dir

	dir=$("$(dirname -- "$0")/kernel.sh" kdir 2>/dev/null) || dir=''
	if [[ -n $dir && -r $dir/vmlinux ]]; then
		say "$dir/vmlinux"
	fi
}

build() {
	local to=$1 tmp log

	[[ -x $to/bin/bpftool && -r $to/scripts/checkpatch.pl ]] && return
	[[ -r $source ]] ||
		die 1 "$source is missing: install linux-source-6.12, or run 'make deps'"
	say "building libbpf and bpftool from $source (half a minute, once)" >&2
	tmp=$(mktemp -d "$to.XXXXXX")
	log=$tmp/log
	mkdir "$tmp"/{source,objects,result}
	if unpack "$tmp/source" >"$log" 2>&1 &&
		compile "$tmp/source" "$tmp/objects" "$(kernel_btf)" >>"$log" 2>&1 &&
		collect "$tmp/source" "$tmp/objects" "$tmp/result" >>"$log" 2>&1; then
		rm -rf -- "$to"
		mv -- "$tmp/result" "$to"
		rm -rf -- "$tmp"
		return
	fi
	tail -n 20 -- "$log" >&2
	rm -rf -- "$tmp"
	die 1 "libbpf and bpftool did not build: 'make deps' installs what they need (libelf-dev, zlib1g-dev, clang, llvm)"
}

case ${1:-} in
path) toolchain_path ;;
build)
	path=$(toolchain_path)
	mkdir -p -- "${path%/*}"
	[[ -n ${ACCELGOV_TOOLCHAIN:-} ]] || with_lock "$path.lock" build "$path"
	say "$path"
	;;
*) die 2 "usage: toolchain.sh path|build" ;;
esac
