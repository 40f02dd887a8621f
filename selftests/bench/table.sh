#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# table.sh - what build/bench holds, as Markdown. Every part writes its own
# section from its own JSON; one that was not measured has none.

set -u
cd "$(dirname -- "$0")/../.." || exit
# shellcheck source=selftests/bench/lib.sh
. selftests/bench/lib.sh

section() {
	local part=$1 file=$bench/$1.json

	[[ -s $file ]] || return 0
	say
	jq -r -f "selftests/bench/$part.table.jq" "$file"
}

facts() {
	jq -r '"Measured on \(.machine.cpus) CPUs (\(.machine.cpu)\(if .machine.virtual
		then ", virtual" else "" end)), \(.machine.kernel), \(.machine.compiler)."' "$1"
}

say "# What accelgov saves and what it costs"
say
say "Made by \`make bench\`; Documentation/bench.rst says what the numbers mean."
for part in cost energy phases naming scale watch; do
	[[ ! -s $bench/$part.json ]] || newest=$bench/$part.json
done
[[ -z ${newest:-} ]] || facts "$newest"
for part in energy phases naming cost scale watch; do
	section "$part" || exit
done
