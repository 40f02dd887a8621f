#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# accelgov record on GPUs that are played from a file, and on trees: what is recorded,
# how it ends, whose exit code it has, what it costs; then replay and report of that.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"
# shellcheck source=selftests/lib/played.sh
. "${0%/*}/../lib/played.sh"

a=nvidia-0000:01:00.0 b=nvidia-0000:02:00.0

# gpu N [LINE...]: what decodes tokens, with more lines.
gpu() {
	printf '%s\n' '[gpu]' "uuid=GPU-$1" "bus=0000:0$1:00.0" 'name=NVIDIA H100 80GB HBM3' \
		'arch=9' 'clocks=345-1980/15' 'mem_clocks=2619' 'sm_mhz=1980' \
		'mem_mhz=2619' 'util_gpu=99' 'util_mem=80' 'power_mw=450000' \
		'energy_mj=1000' 'temp_c=50' 'processes=1' 'gpm=1' 'gpm.1=99' 'gpm.2=98' \
		'gpm.5=12 90@2000' 'gpm.10=85 10@2000' "${@:2}"
}

machine() {
	printf '%s\n' 'driver=590.48.01' "$@" >"$gpus.new" && mv "$gpus.new" "$gpus"
}

# lines FILE FILTER: lines of a recording for which a jq filter holds.
lines() {
	zcat "$1" 2>/dev/null | jq -c "select($2)" 2>/dev/null
}

count() {
	lines "$1" "$2" | wc -l
}

# of FILE FILTER: from what replay says.
of() {
	accelgov replay --recording "$1" --json 2>/dev/null | jq -r "$2"
}

running() {
	[[ $(count "$1" .sample) -gt 0 ]]
}

plan 96
machine "$(gpu 1)" "$(gpu 2)"
rec=$tmp/all.rec
rc "help" 0 accelgov record --help
matches "names the variable" "$out" 'ACCELGOV_LABELS'
rc "no rate" 2 accelgov record --out "$rec" --rate often
rc "no time" 2 accelgov record --out "$rec" --time 5
says "and how one looks" '"5" is no length of time, such as [0-9]'
rc "no such device" 3 accelgov record --out "$rec" --device nvidia-9
says "and who knows" 'accelgov devices'
refuse "nothing was written" test -e "$rec"

# A command with labels: decode, then prefill, then something nobody knows.
# shellcheck disable=SC2016
rc "a command" 7 accelgov record --out "$rec" -- sh -c \
	'echo decode >>"$ACCELGOV_LABELS"; sleep 2; echo prefill >>"$ACCELGOV_LABELS"; sleep 2;
	 echo "a b c" >>"$ACCELGOV_LABELS"; echo lunch >>"$ACCELGOV_LABELS"; echo "$ACCELGOV_LABELS" >'"$tmp/path"'; exit 7'
says "tells what it did" '[0-9]+ samples of 2 devices in [0-9.]+ s, .*% of a core'
says "and of a line that is no label" 'is no label'
refuse "the file for labels is gone" test -e "$(<"$tmp/path")"
is "both are in it" "$(zcat "$rec" | sed -n '2,3p' | jq -r .name | xargs)" "$a $b"
is "with what they are" "$(zcat "$rec" | sed -n 2p | jq -r '"\(.source) \(.vendor) \(.driver_version) \(.decider) \(.period_us)"')" \
	"nvml NVIDIA 590.48.01 observer 100000"
is "and their clocks" "$(zcat "$rec" | sed -n 2p | jq -r '.clocks_khz | "\(.[0]) \(.[-1]) \(length)"')" "345000 1980000 110"
matches "and why something is missing" "$(zcat "$rec" | sed -n 2p | jq -r .missing.progress_per_s)" 'NVML'
within "ten samples a second" "$(count "$rec" '.sample == 0')" 20 100
is "rates are what the GPU says" "$(lines "$rec" '.sample == 0 and .memory_permille == 850' | sed -n 3p | jq -r '"\(.busy_permille) \(.memory_permille) \(.clock_khz) \(.power_mw) \(.temperature_mc)"')" \
	"980 850 1980000 450000 50000"
is "what is not known is not there" "$(count "$rec" 'has("progress_per_s") or has("queue_milli")')" 0
is "labels" "$(lines "$rec" .label | jq -r .label | xargs)" "decode prefill lunch"
within "decisions" "$(count "$rec" '.decision == 0')" 2 60
is "the end" "$(lines "$rec" .end | jq -r .end)" command
out=$(accelgov replay --recording "$rec" 2>"$tmp/err") err=$(<"$tmp/err")
matches "replay tells of it" "$out" 'ended by command'
matches "what it would save" "$out" 'save [0-9.]+ % of .* at [0-9.]+ % slowdown'
matches "how well phases were told" "$out" 'macro F1 [0-9.]+ over windows'
matches "in a matrix" "$out" 'memory +[0-9]+'
says "and of a label that is no phase" '"lunch"'
within "they were, mostly" "$(of "$rec" '.devices[0].replayed.score.window_f1_permille | floor')" 800 1000
within "time is that of the command" "$(of "$rec" '.seconds * 10 | floor')" 39 200
is "it is whole" "$(of "$rec" .whole)" true
within "replay decides as the recorder did" "$(of "$rec" '.devices[0].same_permille | floor')" 995 1000
is "one device alone" "$(accelgov replay --recording "$rec" --device "$b" --json 2>/dev/null | jq -r '.devices[].name')" "$b"
rc "another" 2 accelgov replay --recording "$rec" --device x
rc "a page" 0 accelgov report "$rec" --out "$tmp/page.html"
check "has charts" grep -q 'class="pw"' "$tmp/page.html"
check "both bands" grep -q '>true<.*>seen<' "$tmp/page.html"
check "and is one" grep -q '</html>' "$tmp/page.html"
rc "a page needs a place" 2 accelgov report "$rec"
rc "nothing is overwritten" 1 accelgov record --out "$rec" --time 1s
says "unless asked for" '--force'
is "and nothing is lost" "$(of "$rec" .whole)" true
rc "asked for" 0 accelgov record --out "$rec" --force --time 1s
is "it ends in time" "$(of "$rec" .ended_by)" time

# Exit codes of commands.
rc "a command that is not there" 127 accelgov record --out "$tmp/none.rec" -- "$tmp/none"
refuse "leaves no file" test -e "$tmp/none.rec"
rc "one that is no program" 126 accelgov record --out "$tmp/none.rec" -- /
rc "one that a signal ends" 143 accelgov record --out "$tmp/sig.rec" -- sh -c 'kill $$'

rc "one that outlives the recording" 4 accelgov record --out "$tmp/long.rec" --time 1s -- sh -c 'sleep 2; exit 4'
is "which ended in time" "$(of "$tmp/long.rec" .ended_by)" time

# Signals.
accelgov record --out "$tmp/int.rec" --device "$a" 2>/dev/null &
pid=$!
sleep 1.5
kill -INT "$pid"
got=0
wait "$pid" || got=$?
is "Ctrl-C ends it well" "$got" 0
is "with an end" "$(of "$tmp/int.rec" .ended_by)" signal
accelgov record --out "$tmp/term.rec" -- sh -c 'trap "exit 5" TERM; while :; do sleep 0.1; done' 2>/dev/null &
pid=$!
wait_until 10 running "$tmp/term.rec"
kill -TERM "$pid"
got=0
wait "$pid" || got=$?
is "a command gets the signal" "$got" 5
is "and ends the recording" "$(of "$tmp/term.rec" .ended_by)" command
accelgov record --out "$tmp/twice.rec" -- sh -c 'trap : TERM; for i in 1 2 3 4 5 6 7 8 9; do sleep 1; done' 2>/dev/null &
pid=$!
wait_until 10 running "$tmp/twice.rec"
kill -TERM "$pid"
sleep 0.5
kill -TERM "$pid"
got=0
wait "$pid" || got=$?
is "a second signal ends the recording alone" "$got $(of "$tmp/twice.rec" .ended_by)" "143 signal"
accelgov record --out "$tmp/kill.rec" --device "$a" 2>/dev/null &
pid=$!
wait_until 10 running "$tmp/kill.rec"
kill -9 "$pid"
wait "$pid" 2>/dev/null
rc "a recorder that was killed leaves what can be read" 0 accelgov replay --recording "$tmp/kill.rec"
says "and that is said" 'cut off'
is "in JSON as well" "$(of "$tmp/kill.rec" .whole)" false
zcat "$rec" | sed '6s/"t_ns":[0-9]*/"t_ns":"x"/' >"$tmp/bad.rec"
rc "a damaged one is refused" 1 accelgov replay --recording "$tmp/bad.rec"
says "with its place" "bad.rec, line 6 \(byte [0-9]+ unpacked\): \"t_ns\""

printf '<!DOCTYPE html>\n<html>\n' >"$tmp/other.html"
# A recording comes from anybody.
sed -e 's/"host":"h"/"host":"\\u001b[31mhost"/' -e 's/"kernel":"6.12"/"kernel":"6\\u001b[2J"/' \
	-e 's/"name":"gpu"/"name":"gpu","model":"A\\u0007\\u009b5m"/' \
	"${0%/*}/../fuzz/corpus/recording/governed" >"$tmp/evil.rec"
rc "one with escape sequences" 0 accelgov replay --recording "$tmp/evil.rec"
matches "shows them as what they are not" "$out" 's on \?\[31mhost, kernel 6\?\[2J'
matches "those of a device as well" "$out" 'A\?\?\?5m'
is "and steers no terminal" "$(LC_ALL=C tr -d '[:print:][:space:]' <<<"$out$err")" ""
rc "nor does its page" 0 accelgov report "$tmp/evil.rec" --out "$tmp/evil.html"
is "which has none of them" "$(LC_ALL=C grep -c $'[\x01-\x08\x1b]' "$tmp/evil.html")" 0
rc "a file of another kind is refused" 1 accelgov replay --recording "$tmp/other.html"
says "with what makes one" 'other.html is no recording that can be read here .line 1: .*: accelgov record --out FILE makes one'

# Labels from a file of somebody's, and from a FIFO.
echo old >"$tmp/labels"
mkfifo "$tmp/fifo"
exec 5<>"$tmp/fifo"
accelgov record --out "$tmp/file.rec" --device "$a" --labels "$tmp/labels" 2>/dev/null &
one=$!
accelgov record --out "$tmp/fifo.rec" --device "$a" --labels "$tmp/fifo" 2>/dev/null &
two=$!
wait_until 10 running "$tmp/file.rec"
wait_until 10 running "$tmp/fifo.rec"
# A job that goes on writing where it was in a file that was begun anew leaves a hole.
printf '\0\0\0idle\nidle\0\n' >>"$tmp/labels"
echo memory >>"$tmp/labels"
echo compute >&5
printf 'link' >>"$tmp/labels"
printf -- '-wait\n' >>"$tmp/labels"
sleep 1
kill -INT "$one" "$two"
wait "$one" "$two"
is "a file's, and no more than that" "$(lines "$tmp/file.rec" .label | jq -r .label | xargs)" "memory link-wait"
is "a FIFO's" "$(lines "$tmp/fifo.rec" .label | jq -r .label | xargs)" compute
check "the file stays" grep -q old "$tmp/labels"
rc "labels from what is recorded to" 2 accelgov record --out "$tmp/labels" --force --time 1s --labels "$tmp/labels"
says "is told" "$tmp/labels is the file of the labels: record to another with --out"
check "and nothing is lost" grep -q old "$tmp/labels"
rc "labels from a folder" 1 accelgov record --out "$tmp/x.rec" --time 1s --labels "$tmp"

# A disk that is full ends the recording, not the work.
if [[ -w /dev/full ]]; then
	rc "a full disk is told" 1 accelgov record --out /dev/full --force --time 1s
	says "by name" '/dev/full: No space left on device'
else
	skip "a full disk is told" "no /dev/full"
	skip "by name" "no /dev/full"
fi
out=$(ulimit -f 2; trap '' XFSZ; accelgov record --out "$tmp/full.rec" --rate 1000 -- sh -c "sleep 4; echo done" 2>"$tmp/err")
got=$? err=$(<"$tmp/err")
is "the command goes on" "$out" "done"
is "and it is a failure" "$got" 1
says "with its reason" 'full.rec: File too large'
refuse "samples that are not there are not counted" grep -q ' samples of ' "$tmp/err"
within "what is there can be read" "$(of "$tmp/full.rec" '.devices[0].samples')" 1 100000
rc "which replay tells" 0 accelgov replay --recording "$tmp/full.rec"
says "with what may have happened" 'was cut off: the recorder crashed, had no room left, or still runs'

# A GPU that goes is a gap, and the others stay.
accelgov record --out "$tmp/gone.rec" 2>"$tmp/err" &
pid=$!
wait_until 10 running "$tmp/gone.rec"
machine "$(gpu 1)" "$(gpu 2 lost=1)"
check "a GPU that goes is noticed" wait_until 30 grep -q "$b is gone" "$tmp/err"
sleep 1
kill -INT "$pid"
wait "$pid"
is "a GPU that goes leaves a word" "$(lines "$tmp/gone.rec" '.gap == 1' | jq -r .why | tail -n 1)" gone
gone_ns=$(lines "$tmp/gone.rec" '.gap == 1' | jq .t_ns | tail -n 1)
within "the others stay" "$(count "$tmp/gone.rec" ".sample == 0 and .t_ns > $gone_ns")" 3 1000
machine "$(gpu 1)" "$(gpu 2)"

# Somebody who is nobody.
chmod 755 "$tmp" && mkdir -p "$tmp/run" && chmod 777 "$tmp/run" && chmod 666 "$gpus"*
cp "$ACCELGOV_BUILD/bin/accelgov" "$fakes/libnvidia-ml.so.1" "$tmp/"
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	# shellcheck disable=SC2016
	rc "without root" 3 env LD_LIBRARY_PATH="$tmp" TMPDIR="$tmp/run" setpriv --reuid 65534 \
		--clear-groups "$tmp/accelgov" record --out "$tmp/run/nobody.rec" -- \
		sh -c 'echo decode >>"$ACCELGOV_LABELS"; sleep 2; exit 3'
	within "all signals are there" "$(lines "$tmp/run/nobody.rec" '.sample == 1 and .busy_permille == 980 and .memory_permille == 850 and .power_mw == 450000' | wc -l)" 5 30
else
	skip "without root" "needs root to be somebody else"
	skip "all signals are there" "needs root to be somebody else"
fi

# Trees, and devices that the kernel governs.
tree_new
rc "a tree without accelerators" 3 accelgov record --root "$tree" --out "$tmp/t.rec" --time 1s
tree_device 0
tree_govern 0
rc "a devfreq device of a tree" 0 accelgov record --root "$tree" --out "$tmp/tree.rec" --time 1s
is "has what the files say" "$(lines "$tmp/tree.rec" .sample | tail -n 1 | jq -r '"\(.clock_khz) \(.energy_uj)"')" "1410000 5000000"
is "and what its governor decides" "$(lines "$tmp/tree.rec" 'has("decision")' | jq -r '"\(.phase) \(.confidence_permille) \(.decided_khz)"')" \
	"inference-decode 930 1410000"
put chip.0/accelgov/confidence_permille 99999
rc "what no governor says is recorded as well" 0 accelgov record --root "$tree" --out "$tmp/odd.rec" --time 1s
is "as unknown, and so that it can be read" "$(of "$tmp/odd.rec" '.devices[0].samples > 0')" true
is "once more" "$(lines "$tmp/odd.rec" 'has("decision")' | jq -r '"\(.phase) \(.confidence_permille)"')" "inference-decode null"

# What it costs.
machine "$(gpu 1)" "$(gpu 2)" "$(gpu 3)" "$(gpu 4)" "$(gpu 5)" "$(gpu 6)" "$(gpu 7)" "$(gpu 8)"
accelgov record --out "$tmp/eight.rec" --time 5s 2>/dev/null
used=$(of "$tmp/eight.rec" '.cpu_us / .seconds / 8 | floor')
diag "eight GPUs, ten times a second: $used per million of a core each"
within "little (per million of a core, each)" "$used" 0 10000
diag "size: $(stat -c %s "$tmp/eight.rec") bytes for $(of "$tmp/eight.rec" '[.devices[].samples] | add') samples"
finish
