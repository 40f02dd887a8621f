#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What compilers find that follow the paths through a function: gcc -fanalyzer and
# clang --analyze, over the programs, what they share with the modules, and the test
# programs. A file is looked at again when it, a header of it, the compiler or the
# flags have changed; what was clean is remembered in build/static.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$ACCELGOV_SRC" || bail "no source tree"
[[ -e $ACCELGOV_BUILD/bpf/collector.skel.h ]] || bail "not built: make userspace"
scratch=$ACCELGOV_BUILD/static
mkdir -p "$scratch"/{gcc,clang}
echo '#define ACCELGOV_VERSION "0"' >"$scratch/version.h"
# Optimised, gcc 12 takes a struct that a function returns for uninitialised.
flags="-std=gnu11 -O0 -include $scratch/version.h -fno-strict-aliasing -Ikmod/uapi
-Ikmod/core -Ikmod/sim -Iuserspace/lib -Iuserspace -Ibpf -I$ACCELGOV_BUILD/bpf
-isystem $(selftests/setup/toolchain.sh path)/include"
# gcc 12 loses sight of memory that is handed on through a member of a structure,
# and calls it leaked: that is left to clang, and to the unit tests' sanitizers.
gcc_only="-fanalyzer -Wno-analyzer-malloc-leak -S"
# Deep mode takes ten times as long, most of it in a few functions of the daemon.
clang_only="--analyze --analyzer-output text -Xclang -analyzer-config -Xclang mode=shallow"
export scratch flags gcc_only clang_only

# look TOOL FILE: silent when it is clean.
# shellcheck disable=SC2086,SC2154
look() {
	local only=$1_only key out

	key=$({ "$1" --version && echo "$flags ${!only}" && "$1" $flags -E "$2"; } |
		sha256sum | cut -c1-40)
	[[ ! -e $scratch/$1/$key ]] || return 0
	out=$("$1" $flags ${!only} -o /dev/null "$2" 2>&1)
	if [[ -z $out ]]; then
		: >"$scratch/$1/$key"
	else
		printf '%s\n' "$out"
		return 1
	fi
}
export -f look

look_at_all() {
	find userspace kmod/core kmod/sim/{model,physics,profile,sensor}.c selftests/progs \
		-name '*.c' -print0 | xargs -0 -P "$(nproc)" -I{} bash -c 'look "$@"' look "$1" {}
}

# What has not been clean for a month is some other tree's.
forget() {
	find "$scratch"/{gcc,clang} -type f -mtime +30 -delete
}

cat >"$scratch/wrong.c" <<'TEXT'
#include <stdlib.h>

int wrong(int n);
int wrong(int n)
{
	int *p = malloc(sizeof(*p));

	if (!p)
		return -1;
	*p = n;
	if (n > 7)
		free(p);
	n += *p;
	free(p);
	return n;
}
TEXT

plan 4
for tool in gcc clang; do
	check "$tool finds nothing" look_at_all "$tool"
	refuse "$tool finds a use after free when there is one" look "$tool" "$scratch/wrong.c"
done
forget
finish
