# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script that runs on the host shares: where the tree is, where the
# cache is, how to complain. Sourced, never run.

PATH=$PATH:/usr/sbin:/sbin
export PATH

ACCELGOV_SRC=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
: "${ACCELGOV_BUILD:=$ACCELGOV_SRC/build}"
export ACCELGOV_SRC ACCELGOV_BUILD

say() {
	printf '%s\n' "$*"
}

warn() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die CODE MESSAGE...
die() {
	local code=$1

	shift
	warn "$@"
	exit "$code"
}

# Things that are costly to make and the same for every checkout.
cache_dir() {
	local base=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}

	printf '%s\n' "${ACCELGOV_CACHE:-$base/accelgov}"
}

# cache_path NAME KEY: the place for one cached thing; its parent exists.
cache_path() {
	local dir

	dir=$(cache_dir)/$1
	mkdir -p -- "$dir" || return
	printf '%s/%s\n' "$dir" "$2"
}

# hash_of FILE...: one short key over the contents of all files.
hash_of() {
	cat -- "$@" | sha256sum | cut -c1-16
}

# with_lock FILE COMMAND...: one at a time, over all processes of the machine.
with_lock() {
	local file=$1 fd rc=0

	shift
	exec {fd}>"$file" || return
	flock "$fd" || return
	"$@" || rc=$?
	exec {fd}>&-
	return "$rc"
}
