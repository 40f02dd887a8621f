#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cppcheck over the programs and the code that they share with the modules.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"

# legacyUninitvar: snprintf() fills what it is given the size of. zerodivcond: the
# last factor is 1, and leaves no rest to go on with.
cppchecked() {
	cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,portability,performance \
		--error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem \
		--suppress=legacyUninitvar:userspace/accelgov/policy.c \
		--suppress=zerodivcond:userspace/lib/units.c \
		'-DLIBBPF_OPTS(type,name,...)=struct type name = { __VA_ARGS__ }' \
		-Ikmod/uapi -Ikmod/core -Ikmod/sim -Iuserspace/lib -Iuserspace -Ibpf \
		userspace kmod/core kmod/sim/{model,physics,profile,sensor}.c
}

plan 1
if command -v cppcheck >/dev/null; then
	check "cppcheck finds nothing" cppchecked
else
	not_ok "cppcheck finds nothing" "no cppcheck: run 'make deps'"
fi
finish
