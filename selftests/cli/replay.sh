#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov replay on the host: what it prints and writes, what it refuses.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"

replay() {
	accelgov replay --device h100-sxm --workload serving --duration 60s "$@"
}

train() {
	accelgov replay --device a100-sxm --workload training --duration 60s "$@"
}

# field GOVERNOR NAME: a number of results.json in $out, whole part.
field() {
	sed -n "/\"governor\": \"$1\"/,/\"confidence_error_permille\"/s/.*\"$2\": \(-\{0,1\}[0-9]*\).*/\1/p" <<<"$out" |
		head -n 1
}

tree_new
rc "help" 0 accelgov replay --help
matches "names the options" "$out" 'sample-period'
matches "and the policies" "$out" 'simple_ondemand +devfreq'
rc "no device" 2 accelgov replay --workload serving
says "is told" '--device is missing'
rc "no workload" 2 accelgov replay --device h100-sxm
says "is told too" '--workload is missing'
rc "another device" 2 accelgov replay --device h100-smx --workload serving
says "gets a suggestion" 'did you mean "h100-sxm"'
rc "another workload" 2 accelgov replay --device h100-sxm --workload gaming
says "gets a list" 'training'
rc "another policy" 2 replay --policy acelgov
says "gets a suggestion too" 'did you mean "accelgov"'
rc "a budget without unit" 2 replay --budget 3
rc "a budget above all" 2 replay --budget 101%
rc "too short a duration" 2 replay --duration 10ms
says "and how long it may be" 'from 1 s to 744 h'
rc "too fast a sample" 2 replay --sample-period 100us
says "is told the range" '1 *ms'
rc "other sensors" 2 replay --sensors nvlm
says "get a suggestion" 'did you mean "nvml"'
rc "no factor" 2 replay --rate-scale nan
rc "no seed" 2 replay --seed -1
rc "no model" 2 replay --model gpt
rc "an operand" 2 replay x
for option in '--model llama-3-70b' --chunked '--rate-scale 2'; do
	# shellcheck disable=SC2086
	rc "${option%% *} for training" 2 train $option
	says "has no use there, which is told" "${option%% *} is only for workloads with requests"
done
rc "a format without a file" 2 replay --format azure
says "has no use either" 'there is no --requests'
rc "requests for training" 2 train --requests "$tmp/none.csv"
rc "a device that serves nothing" 3 accelgov replay --device npu-edge --workload serving
says "is told why" 'less than a quarter'
says "and which would" 'h100-sxm'
accelgov calibrate --show h100-sxm | sed 's/^name = .*/name = mygpu/' >"$tmp/mygpu.ini"
accelgov calibrate --show h100-sxm | sed 's/^min = 345 .*/min = 210 MHz/
	s/^max = 1.98 GHz.*/max = 2.52 GHz/; s/^345 MHz =/210 MHz =/; s/^1.98 GHz =/2.52 GHz =/
	s/^name = .*/name = many/' >"$tmp/many.ini"
rc "a profile of 155 clocks" 0 accelgov replay --device "$tmp/many.ini" --workload training \
	--duration 60s --policy all --json
within "is governed within the budget" "$(field accelgov slowdown_permille)" 1 30
says "and it is told how many clocks count" \
	'^many has 155 clocks; policy accelgov uses 128 of them, evenly spread, as the module does'
rc "without accelgov" 0 accelgov replay --device "$tmp/many.ini" --workload training \
	--duration 60s --policy powersave
is "all count" "$(grep -c 'has 155 clocks' <<<"$err")" 0
sed 's/^step = .*/step = 1 MHz/' "$tmp/many.ini" >"$tmp/most.ini"
rc "more than 512" 1 accelgov replay --device "$tmp/most.ini" --workload training
says "are refused" 'more than 512 clocks'
for workload in serving mixed bursty; do
	rc "a profile of its own under $workload" 0 accelgov replay --device "$tmp/mygpu.ini" \
		--workload "$workload" --duration 60s --json
	is "is told once what stands for it" \
		"$(grep -c 'no serving numbers are known for mygpu; .* of h100-sxm, .* nearest' <<<"$err")" 1
	mine=${out//mygpu/h100-sxm}
	rc "the one that it is like" 0 accelgov replay --device h100-sxm --workload "$workload" \
		--duration 60s --json
	is "does the same" "$mine" "$out"
	check "and needs no such word" test "$err" = "${err/no serving numbers/}"
done

# Requests
rc "requests that are not there" 1 replay --requests "$tmp/none.csv"
rc "a folder" 1 replay --requests "$tmp"
says "is no file" 'no regular file'
{
	echo 'TIMESTAMP,ContextTokens,GeneratedTokens'
	for ((i = 0; i < 120; i++)); do
		printf '2023-11-16 18:%02d:%02d.5000000,%d,%d\n' \
			$((i / 60)) $((i % 60)) $((300 + i)) $((40 + i % 50))
	done
} >"$tmp/trace.csv"
mkdir "$tmp/win"
rc "a trace" 0 replay --requests "$tmp/trace.csv" --rate-scale 1 --json
matches "is named in the results" "$out" '"requests": "trace.csv"'
is "its rate is what it is" "$(field accelgov request_rate_per_s)" 1
within "its requests are answered" "$(field accelgov requests_done)" 50 60
printf '\xef\xbb\xbf%s\n' "$(sed 's/$/\r/' "$tmp/trace.csv")" >"$tmp/win/trace.csv"
first=$out
rc "as Windows saves it" 0 replay --requests "$tmp/win/trace.csv" --rate-scale 1 --json
is "it is the same work" "$out" "$first"
sed '4s/,.*/,-374,12/' "$tmp/trace.csv" >"$tmp/bad.csv"
rc "a negative number" 1 replay --requests "$tmp/bad.csv"
says "is told as one" 'bad.csv:4: ContextTokens is negative, it has to be 0 or more'
sed '4s/,.*/,12/' "$tmp/trace.csv" >"$tmp/bad.csv"
rc "a malformed line" 1 replay --requests "$tmp/bad.csv"
says "is named with its file" "bad.csv:4: "
is "and nothing is printed" "$out" ""
: >"$tmp/empty.csv"
rc "an empty file" 1 replay --requests "$tmp/empty.csv"
says "is empty" 'empty.csv: the file is empty'
for ((i = 0; i < 120; i++)); do
	printf '{"timestamp": %d, "input_length": %d, "output_length": %d, "hash_ids": [0, %d]}\n' \
		$((i * 1000)) $((300 + i)) $((40 + i % 50)) "$i"
done >"$tmp/trace.jsonl"
rc "the same from Mooncake" 0 replay --requests "$tmp/trace.csv" --rate-scale 1 --json
first=$(sed '/"requests"/d' <<<"$out")
rc "is the same work" 0 replay --requests "$tmp/trace.jsonl" --rate-scale 1 --json
is "to the last byte" "$(sed '/"requests"/d' <<<"$out")" "$first"
for ((i = 0; i < 20; i++)); do
	printf '{"timestamp": %d, "input_length": %d, "output_length": 40}\n' \
		$(((i - i % 2) * 500)) $((i % 2 ? 80000 : 300))
done >"$tmp/long.jsonl"
rc "prompts too long for any latency" 0 replay --requests "$tmp/long.jsonl" --json
says "get a load all the same, and why" 'at no rate do 99 of 100 .* long prompts .* highest throughput instead'
says "measured by that" 'of what it serves at most'
check "and the results stay clean" test "${out:0:1}" = '{'
within "with work in them" "$(field accelgov work)" 1 100000
sed '7s/input_length/inputlength/' "$tmp/trace.jsonl" >"$tmp/bad.jsonl"
rc "a malformed object" 1 replay --requests "$tmp/bad.jsonl"
says "is named with its file too" "bad.jsonl:7: input_length is missing"
is "and nothing is printed" "$out" ""
rc "a format that it is not" 1 replay --requests "$tmp/trace.csv" --format mooncake
says "is tried all the same" "trace.csv:1: no JSON"
rc "no format" 2 replay --requests "$tmp/trace.csv" --format azur
says "gets a suggestion" 'did you mean "azure"'
echo 'Timestamp,Model,Request tokens' >"$tmp/other.csv"
rc "a file of another format" 1 replay --requests "$tmp/other.csv"
says "is not guessed at" "other.csv:1: no known format"
says "and formats are listed" 'mooncake'

# Rates by window
for ((i = 0; i < 6; i++)); do
	printf '%d,%d.5,1.05,Gamma,0.9,0.05\r\n' $((i * 600)) $((i + 1))
done >"$tmp/chunk-1-trace.csv"
rc "rates by window" 0 replay --requests "$tmp/chunk-1-trace.csv" --duration 20min --json
says "are scaled to the device" 'requests/s'
first=$out
rc "again" 0 replay --requests "$tmp/chunk-1-trace.csv" --duration 20min --json
check "they give the same requests" test "$out" = "$first"
rc "longer than the windows" 1 replay --requests "$tmp/chunk-1-trace.csv" --duration 2h
says "is refused" 'shorter --duration'
sed 's/Gamma/gamma/' "$tmp/chunk-1-trace.csv" >"$tmp/bad.csv"
rc "another distribution" 1 replay --requests "$tmp/bad.csv"
says "is named by its line" 'bad.csv:1: the distribution is not Gamma or Weibull'
printf 'window_start_s,total_rate_req_s,active_clients\n0,200,40\n' >"$tmp/total.csv"
rc "sums over clients" 0 replay --requests "$tmp/total.csv" --policy performance
rc "too many requests" 1 replay --requests "$tmp/total.csv" --rate-scale 1000000
says "are refused" 'smaller --rate-scale'

# Lists of phases
phases() {
	accelgov replay --device npu-edge --workload phases --duration 60s "$@"
}
cat >"$tmp/list.csv" <<'EOT'
phase,duration_ms,idle_ms,repeat
compute,50,0,20
memory,200,0,1
link-wait,30,0,1
input-stall,300,0,1
loaded-idle,2000,0,1
EOT
rc "a list of phases" 0 phases --requests "$tmp/list.csv" --json
matches "is weighed by energy" "$out" '"work_unit": "ref-kJ"'
is "performance loses nothing on it" "$(field performance slowdown_permille)" 0
within "accelgov keeps its budget on it" "$(field accelgov slowdown_permille)" 0 35
printf 'ops,bytes\n1000000000000,0\n0,5000000000\n' >"$tmp/work.csv"
rc "a list of work without phases" 0 phases --requests "$tmp/work.csv"
printf 'ops,bytes\n1,0\n' >"$tmp/work.csv"
rc "work of no time" 1 phases --requests "$tmp/work.csv"
says "is named by its line" 'work.csv:2: so little work takes no time at all on npu-edge'
sed '3s/memory/memroy/' "$tmp/list.csv" >"$tmp/bad.csv"
rc "a phase that is none" 1 phases --requests "$tmp/bad.csv"
says "is named by its line too" 'bad.csv:3: "memroy" is no phase'
rc "no list" 2 phases
says "is asked for" '--requests FILE'
rc "requests for phases" 2 phases --requests "$tmp/trace.csv"
says "are named as what they are" 'no list of phases'
rc "phases for an engine" 2 replay --requests "$tmp/list.csv"
says "are too" '--workload phases takes it'
rc "rates for bursts" 2 replay --workload bursty --requests "$tmp/chunk-1-trace.csv"
says "are not taken" 'a list of rates'

# Workloads
rc "co-located jobs" 0 replay --workload mixed --json --policy performance
matches "answer requests" "$out" '"request_rate_per_s": 0'
matches "and do more" "$out" '"work_unit": "ref-kJ"'
rc "bursts" 0 replay --workload bursty --duration 10min --json
matches "are counted in tokens" "$out" '"work_unit": "token"'
rc "batch jobs on a device that serves nothing" 0 \
	accelgov replay --device npu-edge --workload batch --duration 10min --json
first=$out
rc "again" 0 accelgov replay --device npu-edge --workload batch --duration 10min --json
check "they are the same" test "$out" = "$first"
rc "another seed" 0 \
	accelgov replay --device npu-edge --workload batch --duration 10min --json --seed 2
check "draws others" test "$out" != "$first"
rc "requests for batch jobs" 2 accelgov replay --device npu-edge --workload batch --requests x

# Runs
rc "accelgov against performance" 0 train
matches "in one table" "$out" 'performance .* accelgov '
says "and how fast it was" 'accelgov +60 s, .* times as fast'
rc "all policies" 0 train --policy all --json
is "are ten" "$(grep -c '"governor"' <<<"$out")" 10
matches "and say that time was simulated" "$out" '"kernel": "simulated time"'
is "performance loses nothing" "$(field performance slowdown_permille)" 0
within "accelgov keeps its budget" "$(field accelgov slowdown_permille)" 0 35
within "also in its worst minute" "$(field accelgov slowdown_minute_permille)" 1 35
within "the best power limit does too" "$(field power-cap-best slowdown_permille)" 0 30
within "so does the oracle" "$(field oracle slowdown_permille)" 0 30
within "and the one that switches for free" "$(field oracle-free slowdown_permille)" 0 30
check "and saves more" test "$(field oracle saving_permille)" -gt "$(field accelgov saving_permille)"
# saves NAME DEVICE FILE PERMILLE: work of a list, at 3 %, saves so much at least
saves() {
	out=$(accelgov replay --device "$2" --workload phases --requests "$3" \
		--duration 5min --policy accelgov --json 2>/dev/null)
	within "$1" "$(field accelgov saving_permille)" "$4" 1000
	within "within the budget" "$(field accelgov slowdown_permille)" 0 35
}

keep=$out
printf 'phase,duration_ms\nmemory,100\n' >"$tmp/memory.csv"
printf 'phase,duration_ms\ncompute,300\nmemory,700\n' >"$tmp/turns.csv"
accelgov calibrate --show h100-sxm | sed 's/^max = 700 W.*/max = 550 W/' >"$tmp/held.ini"
saves "a chip of few clocks saves" npu-edge "$tmp/memory.csv" 150
saves "and a board that its limit holds" "$tmp/held.ini" "$tmp/turns.csv" 120
out=$keep
first=$out
rc "again" 0 train --policy all --json
check "it is the same to the last byte" test "$out" = "$first"
rc "another seed" 0 train --policy all --json --seed 2
check "is another run" test "$out" != "$first"
rc "a power cap" 0 train --power-cap 300W --json
within "is kept" "$(field accelgov mean_power_w)" 100 300
limiter=$out
rc "by clocks alone" 0 train --power-cap 300W --cap-by-clock --json
within "it is kept as well" "$(field accelgov mean_power_w)" 100 300
check "but not in the same way" test "$out" != "$limiter"
rc "a cap that is none" 2 train --power-cap lots
says "is refused with an example" '"lots" is no power cap, such as '
rc "poor sensors" 0 train --sensors basic --json
matches "are named in the results" "$out" '"sensors": "basic"'
better=$(out=$first field accelgov phase_f1_permille)
within "cost recognition" "$(field accelgov phase_f1_permille)" 1 "$((better - 1))"
basic=$out
rc "and again" 0 train --sensors basic --json
check "they are the same to the last byte" test "$out" = "$basic"
rc "good sensors" 0 train
matches "show how well phases are told apart" "$out" 'accelgov with full sensors: macro F1 0.9'
matches "and what they are mistaken for" "$out" 'link-wait +[0-9.]+ +0 '
rc "a larger budget" 0 train --budget 10% --json
within "is used" "$(field accelgov slowdown_permille)" 40 105
matches "and written" "$out" '"budget_permille": 100'

# Idle rules
idle() {
	accelgov replay --device h100-sxm --workload bursty --duration 600s --json \
		--policy performance --idle "$@"
}
rc "no idle rule" 2 idle sometimes
says "is told so" 'no idle rule'
declare -A joule
for rule in never driver 500ms accelgov clairvoyant; do
	rc "idle rule $rule" 0 idle "$rule"
	matches "is in the results" "$out" "\"idle\": \"$rule\""
	joule[$rule]=$(field performance idle_energy_j)
done
check "a delay saves" test "${joule[driver]}" -lt "${joule[never]}"
check "a shorter one more here" test "${joule[500ms]}" -lt "${joule[driver]}"
check "none more than clairvoyance" test "${joule[clairvoyant]}" -le "${joule[500ms]}"
within "accelgov saves most of that" "$((100 * (joule[never] - joule[accelgov]) /
	(joule[never] - joule[clairvoyant])))" 90 100
rc "a ceiling that is no time" 2 idle accelgov --max-wake-latency soon
says "is told so" 'wake-up latency'
# Waking an H100 takes 45 ms in its profile.
rc "a ceiling that waking keeps" 0 idle accelgov --max-wake-latency 45ms
is "changes nothing" "$(field performance idle_energy_j)" "${joule[accelgov]}"
rc "a lower one" 0 idle accelgov --max-wake-latency 44999us
is "keeps the device awake" "$(field performance suspends)" 0
is "as if nobody suspended it" "$(field performance idle_energy_j)" "${joule[never]}"
rc "a break-even time that is none" 2 idle accelgov --break-even late
says "is told so" 'break-even time'
rc "one that no gap lasts" 0 idle accelgov --break-even 30min
is "keeps it awake as well" "$(field performance suspends)" 0

# Files
rc "files" 0 replay --out "$tmp/out" --policy accelgov --policy oracle
is "results and a series each" "$(cd "$tmp/out" && echo ./*)" \
	"./report.html ./results.json ./serving-accelgov-h100-sxm.csv ./serving-oracle-h100-sxm.csv ./serving-performance-h100-sxm.csv"
is "of one row per 100 ms" "$(wc -l <"$tmp/out/serving-accelgov-h100-sxm.csv")" 601
rc "report reads them" 0 accelgov report --results "$tmp/out/results.json" --out "$tmp/page.html"
check "and makes a page" grep -q '</html>' "$tmp/page.html"
is "without a complaint" "$err" ""
check "the same one as was written" cmp "$tmp/out/report.html" "$tmp/page.html"
rc "half a day" 0 accelgov replay --device npu-edge --workload batch --duration 12h --out "$tmp/day" \
	--policy performance
check "is a page of less than 200 kB" test "$(wc -c <"$tmp/day/report.html")" -lt 200000
matches "with lines in it" "$(cat "$tmp/day/report.html")" 'class="pw" d="M[0-9.]+ [0-9.]+H'
matches "and hours below them" "$(cat "$tmp/day/report.html")" '>0 h</text>'
rc "a folder that can't be" 1 replay --out "$tmp/none/out"
says "is named" 'none/out'
finish
