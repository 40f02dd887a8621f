#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make install puts everything in its place, make uninstall takes all of it away
# again but keeps a configuration that somebody changed.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
stage=$(mktemp -d) || bail "no scratch folder"
defer rm -rf "$stage"
release=$(selftests/setup/kernel.sh release) || bail "no kernel"
unset MAKEFLAGS MAKELEVEL

run_make() {
	make -s "$1" DESTDIR="$stage" PREFIX=/usr BUILD="${ACCELGOV_BUILD#"$ACCELGOV_SRC"/}"
}

files_left() {
	find "$stage" -not -type d -printf '/%P\n'
}

has() {
	[[ -s $stage$1 ]]
}

plan 12
check "make install works in a staging folder" run_make install
for file in "/lib/modules/$release/updates/accelgov.ko" \
	"/lib/modules/$release/updates/accelsim.ko" /usr/bin/accelgov \
	/usr/sbin/accelgovd /lib/systemd/system/accelgovd.service \
	/etc/accelgov/accelgov.conf; do
	check "it installs $file" has "$file"
done

check "make uninstall works" run_make uninstall
is "it leaves no file" "$(files_left)" ""

run_make install >/dev/null 2>&1
echo "# mine" >>"$stage/etc/accelgov/accelgov.conf"
run_make install >/dev/null 2>&1
check "installing again keeps a changed configuration" \
	grep -qx '# mine' "$stage/etc/accelgov/accelgov.conf"
run_make uninstall >/dev/null 2>&1
is "so does uninstalling" "$(files_left)" /etc/accelgov/accelgov.conf
refuse "there is nothing to uninstall twice" run_make uninstall
finish
