#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel that demo and tests run on: Debian's newest 6.12, not the cloud
# flavour (that one has neither devfreq nor DRM).
#
#   kernel.sh release   6.12.117+deb12-amd64
#   kernel.sh image     /boot/vmlinuz-...
#   kernel.sh kdir      build folder of its headers
#   kernel.sh elf       uncompressed kernel in the cache, extracted when needed
#   kernel.sh boot      what a VM starts fastest: elf, or the image
#   kernel.sh root      folder with its lib/modules, empty for this machine's own
#   kernel.sh slowness  how many times the stock kernel's time it takes for things
#
# Each prints one line, or says on stderr what is missing and exits 1.
# ACCELGOV_KERNEL picks another: newer (newer-kernel.sh), debug (debug-kernel.sh),
# or the release of an installed one.

set -u
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

series=6.12

release() {
	local image best

	if [[ -n ${ACCELGOV_KERNEL:-} ]]; then
		say "$ACCELGOV_KERNEL"
		return
	fi
	best=$(for image in /boot/vmlinuz-"$series"*-amd64; do
		[[ -e $image && $image != *-cloud-* ]] || continue
		say "${image#/boot/vmlinuz-}"
	done | sort -V | tail -n 1)
	[[ -n $best ]] ||
		die 1 "no Debian $series kernel in /boot: install linux-image-$series-amd64, or run 'make deps'"
	say "$best"
}

image() {
	local rel

	rel=$(release) || exit
	[[ -r /boot/vmlinuz-$rel ]] ||
		die 1 "/boot/vmlinuz-$rel can't be read: install linux-image-$rel, or run 'make deps'"
	say "/boot/vmlinuz-$rel"
}

kdir() {
	local rel

	rel=$(release) || exit
	[[ -e /lib/modules/$rel/build/Makefile ]] ||
		die 1 "no headers for $rel: install linux-headers-$rel, or run 'make deps'"
	say "/lib/modules/$rel/build"
}

# le FILE OFFSET SIZE: one little-endian number of the boot header.
le() {
	od -An -v -t "u$3" -j "$2" -N "$3" -- "$1" | tr -d ' '
}

# The unpacked kernel starts seconds earlier than the bzImage.
boot() {
	elf 2>/dev/null || "$0" image
}

root() {
	say
}

slowness() {
	say 1
}

unpacker() {
	case $(od -An -v -t x1 -N 4 | tr -d ' ') in
	28b52ffd) say zstd ;;
	fd377a58) say xz ;;
	1f8b*) say gzip ;;
	425a68*) say bzip2 ;;
	02214c18) say lz4 ;;
	5d0000*) say lzma ;;
	*) return 1 ;;
	esac
}

# payload FILE: the packed kernel inside a bzImage. The boot protocol gives
# its place: setup_sects at 0x1f1, payload_offset and _length at 0x248.
payload() {
	local setup start length

	setup=$(le "$1" 497 1)
	start=$(((setup + 1) * 512 + $(le "$1" 584 4)))
	length=$(le "$1" 588 4)
	tail -c "+$((start + 1))" -- "$1" | head -c "$length"
}

extract() {
	local from=$1 to=$2 tool

	tool=$(payload "$from" | unpacker) || return
	# Four bytes of size follow the stream, and most tools complain.
	payload "$from" | "$tool" -dc >"$to" 2>/dev/null
	[[ $(od -An -c -N 4 -- "$to" | tr -d ' ') == 177ELF ]]
}

elf() {
	local from to

	from=$("$0" image) || exit
	to=$(cache_path vmlinux "$(hash_of "$from").elf") || exit
	if [[ ! -s $to ]]; then
		if ! extract "$from" "$to.$$"; then
			rm -f -- "$to.$$"
			die 1 "$from holds no kernel that could be unpacked"
		fi
		mv -f -- "$to.$$" "$to"
	fi
	say "$to"
}

case ${1:-} in
release | image | kdir | elf | boot | root | slowness) ;;
*) die 2 "usage: kernel.sh release|image|kdir|elf|boot|root|slowness" ;;
esac
case ${ACCELGOV_KERNEL:-}-$1 in
newer-elf | newer-boot | newer-slowness) "$1" ;;
debug-slowness) say 5 ;;
debug-boot) "$0" image ;;
debug-elf) die 1 "a kernel with KASAN starts from its bzImage only" ;;
debug-*) "$(dirname -- "$0")/debug-kernel.sh" "$1" ;;
newer-*) "$(dirname -- "$0")/newer-kernel.sh" "$1" ;;
*) "$1" ;;
esac
