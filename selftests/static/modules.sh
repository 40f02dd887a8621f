#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The modules build without one word from the compiler at W=1 and from sparse.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
kdir=$(selftests/setup/kernel.sh kdir) || bail "no kernel headers"
scratch=$ACCELGOV_BUILD/static
mkdir -p "$scratch"

# build LABEL VARIABLE...: from nothing, all output kept and looked at.
build() {
	local log=$scratch/$1.log

	rm -rf "$scratch/kbuild"
	make -s -j"$(nproc)" -f selftests/setup/kmod.mk BUILD="$scratch" \
		KDIR="$kdir" WERROR=0 "${@:2}" >"$log" 2>&1 || {
		tail -n 40 "$log"
		return 1
	}
	! grep -nE 'warning:|error:' "$log"
}

plan 3
check "modules are clean at W=1" build w1 W=1
check "modules are clean under sparse" build sparse C=2 CF=-D__CHECK_ENDIAN__
if command -v readelf >/dev/null; then
	check "both modules carry type information" sh -c \
		"for ko in '$scratch'/kmod/accelgov.ko '$scratch'/kmod/accelsim.ko; do
			readelf -S \"\$ko\" | grep -q '\.BTF' || exit 1
		done"
else
	not_ok "both modules carry type information" "no readelf (binutils)"
fi
finish
