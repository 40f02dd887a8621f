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

# For a device that nobody has, so that nothing is loaded wherever this runs.
load() {
	"$stage/usr/bin/accelgov" policy load "$1" --device no-such-device 2>&1
}

# The first policy of the guide, with nothing but what was installed. Types and
# libbpf's own headers come from elsewhere, as they do for everybody.
compile_policy() {
	awk '$0 == ".. code-block:: c" { on = 1; next }
		on && /^[^ ]/ { exit }
		on { sub(/^   /, ""); print }' Documentation/policy-guide.rst >"$stage/mine.bpf.c"
	"${CLANG:-clang}" -target bpf -mcpu=v3 -g -O2 -Werror \
		-I"$stage/usr/include/accelgov" -I"$ACCELGOV_BUILD/bpf" \
		-isystem "$(selftests/setup/toolchain.sh path)/include" \
		-c "$stage/mine.bpf.c" -o "$stage/mine.bpf.o"
}

tried='the module is not loaded|is not governed|nothing can keep|rights'

plan 21
check "make install works in a staging folder" run_make install
for file in "/lib/modules/$release/updates/accelgov.ko" \
	"/lib/modules/$release/updates/accelsim.ko" /usr/bin/accelgov \
	/usr/sbin/accelgovd /lib/systemd/system/accelgovd.service \
	/etc/accelgov/accelgov.conf /usr/lib/accelgov/policies/edp.bpf.o \
	/usr/include/accelgov/accelgov_policy.h; do
	check "it installs $file" has "$file"
done
is "all policies are there" "$(ls "$stage/usr/lib/accelgov/policies")" \
	"$(cd bpf/policies && printf '%s\n' *.bpf.c | sed 's/c$/o/')"
matches "an installed policy is found by its name" "$(load edp)" "$tried"
matches "a typing error is told" "$(load edq)" 'there is no policy "edq", did you mean "edp"'
matches "what there is as well" "$(load x)" 'carbon_follow.*edp.*learned_table'
load edq >/dev/null
is "as a mistake of usage" "$?" 2
matches "a path is a path" "$(load ./edp)" "$tried|there is no such file"
check "a policy compiles with the installed header" compile_policy
rm -f "$stage"/mine.bpf.[co]

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
