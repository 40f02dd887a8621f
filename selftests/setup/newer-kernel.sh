#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The newest kernel that Debian has for its next release, in a throw-away root of
# that release: its headers want its own compiler, pahole and C library.
#
#   newer-kernel.sh build     make the root when it is not there yet, print it
#   newer-kernel.sh release   7.3.4+deb13-amd64
#   newer-kernel.sh image     its bzImage
#   newer-kernel.sh kdir      build folder of its headers, inside the root
#   newer-kernel.sh root      the root
#   newer-kernel.sh modules BUILD
#                             accelgov.ko and accelsim.ko for it in BUILD/kmod
#
# Packages come from the mirror that this machine's own apt is set up for. The
# root stays in the cache as it was made; remove it to get a newer one. Without
# a network or a mirror, build exits with 77: nothing is wrong, nothing is there.
# ACCELGOV_NEWER_SUITE names another release than trixie.

set -eu
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

suite=${ACCELGOV_NEWER_SUITE:-trixie}
root=$(cache_dir)/newer-kernel/$suite-$(hash_of "$0")

# The Debian archive that this machine installs from.
mirror() {
	local codename

	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(RELEASE) $(ORIGIN) $(COMPONENT) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		awk -v release="$codename" \
			'$1 == release && $2 == "Debian" && $3 == "main" { print $4; exit }'
}

# objtool wants /proc; a mount of its own ends with the command.
in_root() {
	# shellcheck disable=SC2016
	DEBIAN_FRONTEND=noninteractive LC_ALL=C unshare --mount sh -c \
		'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$@"
}

# fill ROOT MIRROR: a small system with a compiler, headers, and the kernel's files
# unpacked beside it. Nothing in there is ever started but the build.
fill() {
	local new=$1 image packages

	debootstrap --variant=minbase --include=make,gcc,pahole,kmod "$suite" "$new" "$2" ||
		return 77
	printf 'deb %s %s-backports main\n' "$2" "$suite" \
		>"$new/etc/apt/sources.list.d/backports.list"
	in_root "$new" apt-get update -q || return 77
	in_root "$new" apt-get install -y -q --no-install-recommends \
		-t "$suite-backports" linux-headers-amd64 || return
	image=$(release_in "$new")
	packages=$(in_root "$new" apt-cache depends "linux-image-$image" |
		sed -n 's/^ *Depends: \(linux-[a-z]*-'"$image"'\)$/\1/p')
	# shellcheck disable=SC2086
	in_root "$new" sh -c "mkdir /kernel && cd /kernel && apt-get download -q \
		linux-image-$image $(tr '\n' ' ' <<<"$packages") &&
		for package in *.deb; do dpkg -x \$package / || exit; done; rm -r /kernel" || return
	depmod -b "$new" "$image" || return
	in_root "$new" apt-get clean
}

# release_in ROOT: what the headers in there are for.
release_in() {
	local dir best

	best=$(for dir in "$1"/usr/src/linux-headers-*-amd64; do
		say "${dir#"$1/usr/src/linux-headers-"}"
	done | sort -V | tail -n 1)
	[[ $best != '*'* ]] || die 1 "no kernel headers in $1"
	say "$best"
}

image() {
	local rel file

	rel=$(release_in "$root")
	for file in "$root/usr/lib/modules/$rel/vmlinuz" "$root/boot/vmlinuz-$rel"; do
		[[ ! -r $file ]] || { say "$file" && return; }
	done
	die 1 "no kernel image in $root"
}

build() {
	local from log=$root.log rc=0 new

	[[ ! -e $root/.complete ]] || return 0
	command -v debootstrap >/dev/null || die 1 "debootstrap is missing: run 'make deps'"
	[[ $(id -u) == 0 ]] || die 77 "a root of $suite takes root to make"
	from=$(mirror)
	[[ -n $from ]] || die 77 "apt of this machine knows no Debian mirror"
	say "making a root of $suite with its newest kernel (450 MB to fetch, once)" >&2
	new=$(mktemp -d "$root.XXXXXX")
	fill "$new" "$from" >"$log" 2>&1 || rc=$?
	if ((rc)); then
		tail -n 15 -- "$log" >&2
		rm -rf --one-file-system -- "$new"
		die "$rc" "no root of $suite (log: $log)"
	fi
	chmod 755 "$new"
	: >"$new/.complete"
	rm -rf --one-file-system -- "$root"
	mv -- "$new" "$root"
}

# The sources go in, the modules come out.
modules() {
	local to=$1 tree=$root/accelgov

	rm -rf -- "$tree"
	mkdir -p -- "$tree/selftests" "$to/kmod"
	cp -r -- "$ACCELGOV_SRC"/{Kbuild,kmod} "$tree/"
	cp -r -- "$ACCELGOV_SRC/selftests/setup" "$tree/selftests/"
	in_root "$root" make -s -j"$(nproc)" -C /accelgov -f selftests/setup/kmod.mk \
		BUILD=/accelgov/build KDIR="/lib/modules/$(release_in "$root")/build" WERROR=1
	cp -- "$tree"/build/kmod/*.ko "$to/kmod/"
}

case ${1:-} in
build)
	mkdir -p -- "${root%/*}"
	with_lock "$root.lock" build
	say "$root"
	;;
release) release_in "$root" ;;
image) image ;;
kdir) say "$root/lib/modules/$(release_in "$root")/build" ;;
root) say "$root" ;;
modules) with_lock "$root.lock" modules "${2:?usage: newer-kernel.sh modules BUILD}" ;;
*) die 2 "usage: newer-kernel.sh build|release|image|kdir|root|modules BUILD" ;;
esac
