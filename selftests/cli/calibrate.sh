#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov calibrate on the host, and profiles as files.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

tree_new
rc "help" 0 accelgov calibrate --help
rc "nothing to do" 2 accelgov calibrate
says "is told" 'missing'
rc "an operand" 2 accelgov calibrate x

# Profiles as text
for profile in a100-sxm h100-sxm npu-edge; do
	rc "$profile as text" 0 accelgov calibrate --show "$profile"
	printf '%s\n' "$out" >"$tmp/$profile.ini"
	first=$out
	rc "is read" 0 accelgov calibrate --show "$tmp/$profile.ini"
	check "and the same again" test "$out" = "$first"
	rc "training on $profile" 0 accelgov replay --device "$profile" \
		--workload training --duration 60s --policy oracle --json
	first=$out
	rc "training on its text" 0 accelgov replay --device "$tmp/$profile.ini" \
		--workload training --duration 60s --policy oracle --json
	check "is the same to the last byte" test "$out" = "$first"
done
rc "no profile" 2 accelgov calibrate --show a100-smx
says "gets a suggestion" 'did you mean "a100-sxm"'
rc "no file" 1 accelgov replay --device "$tmp/none.ini" --workload training
says "is named" 'none.ini'
rc "a folder" 1 accelgov calibrate --show "$tmp/"
says "is no file" 'regular file'
sed 's/^static = .*/static = 45/' "$tmp/a100-sxm.ini" >"$tmp/bad.ini"
rc "a figure without unit" 1 accelgov replay --device "$tmp/bad.ini" --workload training
says "is named with its line" 'bad.ini:[0-9]+: \[power\] static: "45" is not a power with its unit'
sed '/^static = /d' "$tmp/a100-sxm.ini" >"$tmp/bad.ini"
rc "a figure that is not there" 1 accelgov calibrate --show "$tmp/bad.ini"
says "is named" 'bad.ini: \[power\] static is missing'
sed 's/^compute = .*/compute = 300 W ; mine/' "$tmp/a100-sxm.ini" >"$tmp/mine.ini"
rc "an edited profile" 0 accelgov calibrate --show "$tmp/mine.ini"
matches "keeps what was edited" "$out" 'compute = 300 W ; mine'

# Fits
# sweep NAME LOW HIGH STEP: two kinds of work on a device with a voltage floor at
# 0.7 of 1500 MHz, in the columns of Perseus.
sweep() {
	awk -v low="$2" -v high="$3" -v step="$4" 'BEGIN {
		print "stage,instruction,frequency,time,energy"
		for (f = high; f >= low; f -= step)
			for (w = 0; w < 2; w++) {
				x = f / 1500; s = w ? 0.15 : 0.9
				v = x < 0.7 ? 0.75 : 0.75 + 0.25 * (x - 0.7) / 0.3
				v *= v; tc = sqrt(s) / x; tm = sqrt(1 - s)
				t = sqrt(tc * tc + tm * tm)
				p = 40 + 15 * v + x * v * (20 + 180 * tc / t) + (50 * v + 40) * tm / t
				printf "0,%s,%d,%.6f,%.6f\n", w ? "decode" : "prefill", f, 0.05 * t, 0.05 * t * p
			}
		}' >"$tmp/$1"
}

# number NAME [N]: the Nth number of that name in $out, whole part of 100 times it.
number() {
	sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" <<<"$out" | sed -n "${2:-1}p" |
		awk '{ printf "%d", 100 * $1 }'
}

sweep sweep.csv 600 1500 15
rc "a sweep" 0 accelgov calibrate --sweep "$tmp/sweep.csv" --out "$tmp/made.ini" --plot "$tmp/fit.svg"
matches "errors per kind of work" "$out" 'stage 0 prefill +61 +0\.[0-9]+ '
matches "and over all" "$out" 'all +122'
says "what it can't tell" 'no limit held a clock'
check "a picture" grep -q '</svg>' "$tmp/fit.svg"
matches "the profile says where figures come from" "$(<"$tmp/made.ini")" 'static = .* ; fitted to sweep.csv'
rc "replay takes it" 0 accelgov replay --device "$tmp/made.ini" --workload training --duration 60s --json
matches "by its name" "$out" '"profile": "made"'
rc "as JSON" 0 accelgov calibrate --sweep "$tmp/sweep.csv" --json
within "time is off by less than 0.1 %" "$(number mean_percent 1)" 0 9
within "energy by less than 0.3 %" "$(number mean_percent 2)" 0 29
within "left out, energy by less than 0.5 %" "$(number mean_percent 4)" 0 49
within "the voltage floor is found" "$(number floor_share)" 72 78
within "and its end" "$(number knee_share)" 66 74
first=$out
{ head -n 1 "$tmp/sweep.csv"; tail -n +2 "$tmp/sweep.csv" | sort -R; } >"$tmp/mixed.csv"
awk -F, '{ print $5 "," $3 "," $2 "," $4 "," $1 }' "$tmp/mixed.csv" >"$tmp/other.csv"
rc "rows and columns in another order" 0 accelgov calibrate --sweep "$tmp/other.csv" --json
is "fit alike" "$(number mean_percent 2)" "$(out=$first number mean_percent 2)"

sweep few.csv 600 1500 225
rc "five clocks" 1 accelgov calibrate --sweep "$tmp/few.csv"
says "are too few" 'at least 6 are needed'
sweep high.csv 1250 1500 15
rc "no clock below the knee" 1 accelgov calibrate --sweep "$tmp/high.csv" --out "$tmp/none.ini"
says "is told what is missing" 'clocks below [0-9]+ MHz are missing'
check "and writes nothing" test ! -e "$tmp/none.ini"
rc "unless a profile has it" 0 accelgov calibrate --sweep "$tmp/high.csv" --base "$tmp/made.ini"
sed '7s/,[^,]*$/,much/' "$tmp/sweep.csv" >"$tmp/bad.csv"
rc "a malformed line" 1 accelgov calibrate --sweep "$tmp/bad.csv"
says "is named" 'bad.csv:7: energy is no number above 0: "much"'
is "and nothing is printed" "$out" ""
rc "a sweep that is not there" 1 accelgov calibrate --sweep "$tmp/none.csv"
rc "two things at once" 2 accelgov calibrate --sweep x --show a100-sxm
rc "a name that can't be" 2 accelgov calibrate --sweep "$tmp/sweep.csv" --name 'A 100'
printf 'network,power_limit,time,average_power\na,300,1,240\na,200,1.1,190\na,150,1.3,142.5\n' >"$tmp/limits.csv"
rc "a table of limits" 0 accelgov calibrate --sweep "$tmp/sweep.csv" --limits "$tmp/limits.csv" --out "$tmp/made.ini"
matches "sets the limits" "$(<"$tmp/made.ini")" 'mean_share = 95 % ; table of limits'

# The published sweeps, where they are
data=${ACCELGOV_DATA:-../shared/data}/gpu-dvfs
a100=$data/perseus-sosp24/stage_profile/gpt3-175b+a100_sxm_bf16.csv
if [[ -r $a100 ]]; then
	rc "GPT-3 on A100" 0 accelgov calibrate --sweep "$a100" --json
	within "time is off by less than 0.5 %" "$(number mean_percent 1)" 0 49
	within "energy by less than 0.8 %" "$(number mean_percent 2)" 0 79
	within "left out, energy by less than 0.9 %" "$(number mean_percent 4)" 0 89
	within "the limit is at 475 W" "$(number held_power_w)" 46500 48500
	rc "Bloom on A40" 0 accelgov calibrate --limits "$data/zeus-nsdi23/summary_power_a40.csv" \
		--sweep "$data/perseus-sosp24/stage_profile/bloom+a40_bf16.csv" --json
	within "the limit is below 300 W" "$(number held_power_w)" 28500 30000
else
	skip "GPT-3 on A100" "not here (ACCELGOV_DATA)"
fi
finish
