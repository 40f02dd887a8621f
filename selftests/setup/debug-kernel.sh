#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel that looks for mistakes: Debian's 6.12 source with debug.config, which
# says what is in it. The suites, KUnit and stress tests run there as well.
#
#   debug-kernel.sh build     make it when it is not there yet, print its folder
#   debug-kernel.sh release   6.12.117-accelgov-debug
#   debug-kernel.sh image     its bzImage
#   debug-kernel.sh kdir      its source and build folder, for modules
#   debug-kernel.sh root      folder with its lib/modules
#   debug-kernel.sh modules BUILD [VARIABLE=VALUE...]
#                             our modules for it in BUILD/kmod
#   debug-kernel.sh config    try the configuration, build nothing
#
# Kept in the cache under a key made of the source package, the configuration and
# the tools that make something of them: about 7 minutes on two cores, once. What
# an interrupted build had done is not done again. Exits with 77 when there is no
# source to make it from.

set -eu
# shellcheck source=selftests/lib/host.sh
. "$(dirname -- "$0")/../lib/host.sh"

here=$(cd -- "$(dirname -- "$0")" && pwd -P)
source=${ACCELGOV_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
fragment=$here/debug.config
# Another number makes everybody's kernel anew: for changes below that matter.
recipe=1

key() {
	{
		stat -L -c '%s %Y' -- "$source" 2>/dev/null || :
		"${CC:-gcc}" --version | head -n 1
		ld --version | head -n 1
		"${PAHOLE:-pahole}" --version
		say "$recipe"
		grep -v '^#\( [^C]\|$\)' -- "$fragment"
	} 2>/dev/null | sha256sum | cut -c1-16
}

top=$(cache_dir)/debug-kernel/$(key)
tree=$top/linux

# Not what no x86 machine of ours will ever compile; Kconfig wants its files from
# everywhere.
unpack() {
	[[ ! -e $top/.unpacked ]] || return 0
	rm -rf -- "$tree"
	mkdir -p -- "$tree"
	tar -C "$tree" --strip-components=1 -xf "$source" --wildcards \
		--exclude='*/Documentation/[!K]*' --exclude='*/arch/[!x]*/*.[chS]' \
		--exclude='*/arch/[!x]*.dts*' \
		--exclude='*/tools/testing/*' --exclude='*/tools/perf/*' \
		--exclude='*/drivers/gpu/drm/[!s]*/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/infiniband/*.[ch]' \
		--exclude='*/drivers/staging/*.[ch]' --exclude='*/drivers/scsi/*.[ch]' \
		--exclude='*/sound/*.[ch]' || return
	# The scheduler of jobs is there for who needs it, and no driver of ours is in here.
	sed -i '/^config DRM_SCHED$/,/^$/s/^\ttristate$/& "Scheduler of jobs"/' \
		"$tree/drivers/gpu/drm/Kconfig" || return
	: >"$top/.unpacked"
}

in_tree() {
	make -s -C "$tree" -j"$(nproc)" ARCH=x86 CC="${CC:-gcc}" "$@"
}

# Lines of the fragment that the configuration does not have. One that is off and
# one that can't be chosen look different.
not_taken() {
	local line name

	grep -E '^(# )?CONFIG_' -- "$fragment" | while read -r line; do
		name=${line#\# }
		name=${name%%[= ]*}
		if [[ $line == '#'* ]]; then
			! grep -q "^$name=" "$tree/.config" || say "$name is set"
		else
			grep -qxF -- "$line" "$tree/.config" || say "$line"
		fi
	done
}

configure() {
	local lost

	in_tree KCONFIG_ALLCONFIG="$fragment" allnoconfig || return
	lost=$(not_taken)
	[[ -z $lost ]] || {
		say "$fragment asks for what this source does not give:" $'\n'"$lost"
		return 1
	}
}

# Of the build, modules outside the tree need headers, tools, symbols and types.
prune() {
	find "$tree" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '*.mod' \
		-o -name 'vmlinux.unstripped' \) -not -path '*/scripts/*' \
		-not -path '*/tools/objtool/*' -delete
}

compile() {
	in_tree bzImage modules || return
	rm -rf -- "$top/root"
	in_tree INSTALL_MOD_PATH="$top/root" INSTALL_MOD_STRIP=1 modules_install || return
	(cd -- "$top/root" && rm -f -- lib/modules/*/{build,source})
}

# How far it is, as a line a minute: somebody may be waiting.
progress() {
	while sleep 60; do
		say "  $(find "$tree" -name '*.o' -not -path '*/tools/*' | wc -l) files compiled" >&2
	done
}

build() {
	local log=$top/log start=$SECONDS watcher rc=0

	[[ ! -e $top/.complete ]] || return 0
	[[ -r $source ]] ||
		die 77 "$source is missing: install linux-source-6.12, or run 'make deps'"
	say "building the debug kernel from $source (7 minutes on two cores, once)" >&2
	progress &
	watcher=$!
	{ unpack && configure && compile && { [[ -n ${KEEP_OBJECTS:-} ]] || prune; }; } \
		>"$log" 2>&1 || rc=$?
	kill "$watcher"
	wait "$watcher" 2>/dev/null || :
	if ((rc)); then
		tail -n 20 -- "$log" >&2
		die 1 "the debug kernel did not build (log: $log)"
	fi
	: >"$top/.complete"
	say "  done in $(((SECONDS - start) / 60)) min $(((SECONDS - start) % 60)) s" >&2
}

try_config() {
	unpack && configure
}

there() {
	[[ -e $top/.complete ]] || die 1 "the debug kernel is not built: $0 build"
}

modules() {
	local to=$1

	shift
	make -s -j"$(nproc)" -C "$ACCELGOV_SRC" -f selftests/setup/kmod.mk \
		BUILD="$to" KDIR="$tree" WERROR=1 "$@"
}

mkdir -p -- "$top"
case ${1:-} in
build)
	with_lock "$top.lock" build
	say "$top"
	;;
config) with_lock "$top.lock" try_config ;;
release) there && cat -- "$tree/include/config/kernel.release" ;;
image) there && say "$tree/arch/x86/boot/bzImage" ;;
kdir) there && say "$tree" ;;
root) there && say "$top/root" ;;
modules)
	there
	shift
	modules "${@:?usage: debug-kernel.sh modules BUILD}"
	;;
*) die 2 "usage: debug-kernel.sh build|config|release|image|kdir|root|modules BUILD" ;;
esac
