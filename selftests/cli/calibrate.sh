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
rc "as JSON" 1 accelgov calibrate --sweep "$tmp/few.csv" --json
matches "too, with the clocks that are missing" "$out" \
	'"missing": \[.*5 clocks.*\(1 more\).*MHz nothing was measured'
matches "and no profile" "$out" '"profile": null'

# noise SHARE SEED: numbers that no device gave, around 1 s and 100 J.
noise() {
	awk -v share="$1" -v seed="$2" 'BEGIN {
		srand(seed); print "stage,instruction,frequency,time,energy"
		for (f = 1410; f >= 855; f -= 15)
			printf "0,forward,%d,%.5f,%.4f\n", f, 1 + share * (2 * rand() - 1),
				100 * (1 + share * (2 * rand() - 1))
	}' >"$tmp/noise.csv"
}

for seed in 1 2 3; do
	noise 0.9 "$seed"
	rc "random numbers" 1 accelgov calibrate --sweep "$tmp/noise.csv" --out "$tmp/none.ini"
	says "are refused with their error and limit" \
		'stage 0 forward: (time|energy) of clocks left out .* [0-9.]+ % off on average, more than 8 %'
	says "and what to measure again" 'worst at [0-9]+ MHz .*measure it again'
	check "and make no profile" test ! -e "$tmp/none.ini"
	rc "with a base" 1 accelgov calibrate --sweep "$tmp/noise.csv" --base a100-sxm
	rc "as JSON" 1 accelgov calibrate --sweep "$tmp/noise.csv" --json
	matches "the same" "$out" '"missing": \[.*% off on average'
	noise 0.1 "$seed"
	rc "noise around one power" 1 accelgov calibrate --sweep "$tmp/noise.csv"
	says "follows no clock" '(follow the clock|off on average|stand still)'
done
awk -F, 'NR > 1 { $4 *= 1000 } 1' OFS=, "$tmp/sweep.csv" >"$tmp/ms.csv"
rc "milliseconds that are not called so" 1 accelgov calibrate --sweep "$tmp/ms.csv"
says "are guessed" 'is time in ms .*as in time_ms'
sed '1s/time/time_ms/' "$tmp/ms.csv" >"$tmp/msec.csv"
rc "that are" 0 accelgov calibrate --sweep "$tmp/msec.csv" --json
is "are fitted as seconds are" "$(number mean_percent 2)" "$(out=$first number mean_percent 2)"
awk -F, 'NR > 1 { $3 *= 1000 } 1' OFS=, "$tmp/sweep.csv" >"$tmp/khz.csv"
rc "kHz that are not called so" 1 accelgov calibrate --sweep "$tmp/khz.csv"
says "are guessed too" 'as in frequency_khz'
{ cat "$tmp/sweep.csv"; tail -n +2 "$tmp/sweep.csv"; } >"$tmp/twice.csv"
rc "every row twice" 0 accelgov calibrate --sweep "$tmp/twice.csv" --json
is "is fitted alike" "$(number mean_percent 2)" "$(out=$first number mean_percent 2)"
head -c 2500 "$tmp/sweep.csv" >"$tmp/cut.csv"
rc "a file that was cut" 1 accelgov calibrate --sweep "$tmp/cut.csv"
says "is told where" 'cut.csv:[0-9]+: [0-9] cells'

# As Windows saves it
for file in sweep.csv made.ini; do
	printf '\xef\xbb\xbf%s\n' "$(sed 's/$/\r/' "$tmp/$file")" >"$tmp/win.${file##*.}"
done
rc "a sweep with a mark of UTF-8 and CRLF" 0 accelgov calibrate --sweep "$tmp/win.csv" --json
is "is fitted alike" "$(number mean_percent 2)" "$(out=$first number mean_percent 2)"
rc "a profile with them" 0 accelgov calibrate --show "$tmp/win.ini"
is "is the same" "$out" "$(<"$tmp/made.ini")"

# Where figures come from
made=$(<"$tmp/made.ini")
matches "the profile says from which file and when" "$made" \
	"name = made ; fitted to sweep.csv on $(date -u +%Y-%m-)[0-9]+;"
matches "and how well" "$made" 'mean error of time 0\.[0-9]+ %, energy 0\.[0-9]+ %; of clocks left out 0\.'
awk -F, 'NR == 1 || $2 == "prefill"' "$tmp/sweep.csv" >"$tmp/prefill.csv"
rc "a sweep of arithmetic only" 0 accelgov calibrate --sweep "$tmp/prefill.csv" --out "$tmp/prefill.ini"
matches "says that memory power was not measured" "$(<"$tmp/prefill.ini")" \
	'memory = [^;]* ; not measured, no work is bound by memory: that of a100-sxm, scaled'

# The picture: every text within it and none on another
awk -F, 'NR == 1 { print "model," $0; next }
	{ print "meta-llama/Llama-3.1-70B-Instruct-quantized-to-8-bits-again," $0 }' \
	"$tmp/sweep.csv" >"$tmp/long.csv"
rc "long names" 0 accelgov calibrate --sweep "$tmp/long.csv" --plot "$tmp/long.svg"
is "lose their middle" "$(grep -c '>meta-llama.*\.\.\..*</text>' "$tmp/long.svg")" 2
# shellcheck disable=SC2016
check "and stay within their column" awk '
	{
		while (match($0, /<text [^>]*>[^<]*<\/text>/)) {
			t = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
			x = t; sub(/.* x="/, "", x); sub(/".*/, "", x)
			s = t; sub(/<[^>]*>/, "", s); sub(/<.*/, "", s)
			w = 6.8 * length(s); end = t ~ / m"/ ? x + w / 2 : t ~ /e"/ ? x + 0 : x + w
			if (end > 960 || (x < 500 && end > 530 && s ~ /^meta/)) { print s; bad = 1 }
		}
	}
	END { exit bad }' "$tmp/long.svg"
{ cat "$tmp/sweep.csv"; sed '1d;s/^0/1/' "$tmp/sweep.csv"; } >"$tmp/copies.csv"
rc "copies of a stage" 0 accelgov calibrate --sweep "$tmp/copies.csv" --plot "$tmp/copies.svg"
is "are drawn once" "$(grep -c 'class="l"' "$tmp/copies.svg")" 4
check "and told" grep -q '(and 1 alike)' "$tmp/copies.svg"

# What has no meaning
rc "a file for --show" 2 accelgov calibrate --show a100-sxm --out "$tmp/none.ini"
says "is not written and that is told" '--out is for --sweep'
rc "a duration without a device" 2 accelgov calibrate --sweep "$tmp/sweep.csv" --duration 60s
says "is told too" '--duration is for measuring on a device'

sed '7s/,[^,]*$/,much/' "$tmp/sweep.csv" >"$tmp/bad.csv"
rc "a malformed line" 1 accelgov calibrate --sweep "$tmp/bad.csv"
says "is named" 'bad.csv:7: energy is no number above 0: "much"'
is "and nothing is printed" "$out" ""
rc "a sweep that is not there" 1 accelgov calibrate --sweep "$tmp/none.csv"
rc "two things at once" 2 accelgov calibrate --sweep x --show a100-sxm
rc "a name that can't be" 2 accelgov calibrate --sweep "$tmp/sweep.csv" --name 'A 100'
printf 'network,power_limit,time,average_power\na,300,1,240\na,200,1.1,190\na,150,1.3,142.5\n' >"$tmp/limits.csv"
rc "a table of limits" 0 accelgov calibrate --sweep "$tmp/sweep.csv" --limits "$tmp/limits.csv" --out "$tmp/made.ini"
rc "a table of limits as a sweep" 1 accelgov calibrate --sweep "$tmp/limits.csv"
says "is known" 'limits.csv:1: this is a table of power limits.*--limits'
rc "and the other way round" 1 accelgov calibrate --sweep "$tmp/sweep.csv" --limits "$tmp/sweep.csv"
says "is known too" 'sweep.csv:1: this is a sweep over clocks.*--sweep'
matches "sets the limits" "$(<"$tmp/made.ini")" 'mean_share = 95 % ; table of limits limits.csv'

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
