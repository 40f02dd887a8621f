#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Observe mode on GPUs that are played from a file: what it says, that it sets
# nothing, that a GPU that hangs, goes or comes back disturbs no other, and what it
# costs.

# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=selftests/lib/tree.sh
. "${0%/*}/../lib/tree.sh"
# shellcheck source=selftests/lib/played.sh
. "${0%/*}/../lib/played.sh"

a=nvidia-0000:01:00.0 b=nvidia-0000:02:00.0

# gpu N LINE...: what decodes tokens, with more lines.
gpu() {
	printf '%s\n' '[gpu]' "uuid=GPU-$1" "bus=0000:0$1:00.0" 'name=NVIDIA H100' \
		'arch=9' 'clocks=345-1980/15' 'mem_clocks=2619' 'sm_mhz=1980' \
		'mem_mhz=2619' 'util_gpu=99' 'util_mem=80' 'power_mw=450000' \
		'processes=1' 'cap_mw=700000' 'cap_min_mw=200000' 'cap_max_mw=700000' \
		'gpm=1' 'gpm.1=99' 'gpm.2=98' 'gpm.5=12' 'gpm.10=85' "${@:2}"
}

# machine GPU...: as they are printed by gpu.
machine() {
	printf '%s\n' 'driver=590.48.01' "$@" >"$gpus.new" && mv "$gpus.new" "$gpus"
}

# accelgovd on the live system.
start() {
	accelgovd --config-dir "$tmp/etc" --socket "$tmp/sock" \
		--state "$tmp/state.json" >/dev/null 2>"$tmp/log" &
	daemon_pid=$!
	defer kill -9 "$daemon_pid"
	wait_until 10 daemon_ready
}

only_sees() {
	[[ $(ask "$tmp/sock" '{"method":"status"}' | jq -r '[.accelerators[].name] | join(" ")') == "$1" ]]
}

# The promise is for minutes: where the host takes the CPU away for half a second just
# when the first low clock is chosen, the first second alone loses more than its share.
cost_is_kept() {
	of_is "$1" '.would | .slowdown_permille >= 1 and .slowdown_permille <= 30' true
}

reads_on() {
	local before

	before=$(of "$1" .reads)
	sleep 0.5
	(($(of "$1" .reads) > before))
}

log_has() {
	grep -qE -- "$1" "$tmp/log"
}

# CPU time of all of its threads in ns, and how often they slept.
spent() {
	cat "/proc/$daemon_pid"/task/*/{schedstat,status} | awk '
		NF == 3 && $1 + 0 == $1 { ns += $1 }
		/^voluntary/ { slept += $2 }
		END { printf "%.0f %d\n", ns, slept }'
}

reads_of_all() {
	ask "$tmp/sock" '{"method":"status"}' | jq '[.accelerators[].reads] | add'
}

plan 76
config '[Daemon]' 'Lease=1s' '[Device *]' 'MaxMemoryFreq=1.6GHz' 'PowerProfile=3'
machine "$(gpu 1)" "$(gpu 2)"
start
is "it starts" "$?" 0
check "a GPU is found" wait_until 20 of_is "$a" .state observing
check "so is the other" wait_until 20 of_is "$b" .state observing
check "its phase is named" wait_until 30 of_is "$a" .would.phase inference-decode
check "a lower clock would do" wait_until 30 of_is "$a" '.would.clock_khz < 1980000' true
is "it runs at the top" "$(of "$a" .signals.clock_khz)" 1980000
within "what that saves is told" "$(of "$a" .would.saving_permille)" 50 600
check "and what it costs, in the end within the budget" wait_until 20 cost_is_kept "$a"
is "what is not known is null" "$(of "$a" .signals.progress)" null
check "the log tells of it" wait_until 20 log_has "$a: inference-decode: would run at .* runs at 1.98 GHz; that saves .* \\(model\\)"
out=$(accelgov status --socket "$tmp/sock" "$a")
matches "status as well" "$out" 'observing, nothing is set'
matches "with the clocks" "$out" 'clock +1.98 GHz, would be [0-9.]+ [MG]Hz'
matches "and whose figures those are" "$out" 'would save .* of .* so far, .* of it now, at .* slowdown \(model estimates\)'
is "JSON has it" "$(accelgov status --json --socket "$tmp/sock" "$a" | jq -r '.accelerators[0].name')" "$a"
check "no line comes twice in ten seconds" eval "((\$(grep -c '$a: inference-decode: would' '$tmp/log') <= 2))"

# Not everything that one might expect of a host with root.
if [[ -e /dev/accelgov ]]; then
	skip "without the module it can't be activated" "the module is loaded here"
	skip "and says what to do" "the module is loaded here"
	skip "it is observed as before" "the module is loaded here"
else
	rc "without the module it can't be activated" 3 accelgov activate "$a" --socket "$tmp/sock"
	matches "and says what to do" "$out" "^$a: only observed: .*modprobe accelgov"
	is "it is observed as before" "$(of "$a" '"\(.mode) \(.state)"')" "active observing"
fi
rc "observe takes that back" 0 accelgov observe "$a" --socket "$tmp/sock"
is "for it" "$(of "$a" '"\(.mode) \(.problem)"')" "observe null"
check "nothing was ever set" test ! -s "$gpus.log"
check "nothing is on record" eval "! grep -q nvml '$tmp/state.json'"

# Whose processes hold a GPU, and whose energy it was.
job_is() {
	ask "$tmp/sock" '{"method":"jobs"}' |
		jq -e --arg n "$a" ".devices[] | select(.name == \$n) | $1"
}
machine "$(gpu 1 "process=$$:1024:75")" "$(gpu 2)"
check "a process that holds a GPU is told" wait_until 20 job_is ".jobs[0].pid == $$"
check "with its time" wait_until 20 job_is '.jobs[0].run_us > 0'
check "and its energy" wait_until 20 \
	job_is '.energy_source == "power" and .jobs[0].energy_uj > 0 and .jobs[0].energy_uj <= .energy_uj'
check "what no scheduler tells is null" job_is '.jobs[0].done == null and .in_flight == null'
matches "the tool shows it" "$(accelgov jobs --socket "$tmp/sock" "$a")" "$$ [a-z.]+ +[0-9.]+ m?s +unknown +unknown +[0-9.]+ k?J"
sleep 30 &
other=$!
defer kill "$other"
machine "$(gpu 1 "process=$$:1024" "process=$other:1024")" "$(gpu 2)"
check "so is a second one" wait_until 20 job_is "any(.jobs[]; .pid == $other)"
kill "$other"
machine "$(gpu 1 "process=$$:1024:75")" "$(gpu 2)"
check "when that has ended it has no row of its own" wait_until 20 job_is "all(.jobs[]; .pid != $other)"

# A process gives itself its name: not all of it is for a terminal, or for JSON.
bash -c 'printf "a\033[31m\377" >"/proc/$$/comm"; read -rt 60 -u "$1" _' bash "$tap_never" &
other=$!
defer kill "$other"
wait_until 10 grep -q '31m' "/proc/$other/comm"
machine "$(gpu 1 "process=$other:1024:75")" "$(gpu 2)"
check "a process with an odd name has its row" wait_until 20 job_is "any(.jobs[]; .pid == $other)"
matches "without what steers a terminal" "$(accelgov jobs --socket "$tmp/sock" "$a")" "$other a\?\[31m\?"
kill "$other"

# Parts of a GPU are looked after with the whole.
mig=('mig=1' 'instance=1:0:MIG-a' 'instance=2:0:MIG-b' 'profiles=0 3')
machine "$(gpu 1 "${mig[@]}")"
devices=$(accelgov devices --json | jq -c '[.accelerators[] | select(.backend == "nvml") | [.name, .parent]]')
is "a GPU with parts and its parts are listed" "$devices" \
	"[[\"$a\",null],[\"$a-g1c0\",\"$a\"],[\"$a-g2c0\",\"$a\"]]"
told=$(accelgov doctor)
matches "doctor says what is worked on" "$told" 'has 2 parts .MIG., which share its clock and power: accelgovd works on it as one'
matches "and what is not" "$told" "part of $a: clock, power and limits belong to that"
is "a profile is told with its range" "$(accelgov doctor --json | jq -c '.accelerators[0].actuators.ranges.profile')" \
	'{"value":-1,"min":-1,"max":3}'
matches "to people as well" "$told" 'ok +actuator profile +none .none to 3.'
devices=$(accelgov devices)
matches "devices lists profiles" "$devices" 'profile +none .of 0 3.'
matches "and says what parts are of" "$devices" "$a-g1c0 .*, part of $a"
is "parts are no devices of their own there" "$(accelgov doctor --json | jq -r '.checks[] | select(.check == "frequencies").found' | grep -o ' of .*')" " of 1 devices have more than one"
check "the daemon sees one" wait_until 90 only_sees "$a"
check "and what it does" wait_until 30 of_is "$a" .would.phase inference-decode
machine "$(gpu 1)" "$(gpu 2)"
check "the other comes back" wait_until 90 of_is "$b" .state observing

# One GPU hangs, goes, comes back: the other has no part in it.
machine "$(gpu 1)" "$(gpu 2 'hang=*')"
check "a GPU that hangs is noticed" wait_until 30 of_is "$b" '.hangs or .read_errors > 0' true
check "the other is read on" reads_on "$a"
check "what it does now is not known" wait_until 20 of_is "$b" .would.phase unknown
check "nor is what it did last" wait_until 20 of_is "$b" \
	'[.signals[], .sensors[], .would.saving_permille] | all(. == null)' true
out=$(accelgov status --socket "$tmp/sock" "$b")
matches "status shows no power" "$out" 'power +unknown'
matches "and no saving" "$out" ' so far, unknown of it now'
check "and the daemon answers" daemon_ready
machine "$(gpu 1)" "$(gpu 2)"
check "it comes back" wait_until 40 reads_on "$b"
check "and is known again" wait_until 30 of_is "$b" .would.phase inference-decode
machine "$(gpu 1)" "$(gpu 2 'lost=1')"
check "a GPU that is lost is gone" wait_until 30 log_has "$b: gone"
check "the other stays" wait_until 20 reads_on "$a"
machine "$(gpu 1)" "$(gpu 2)"
check "it is found again" wait_until 90 of_is "$b" .state observing
check "the other still stays" wait_until 20 reads_on "$a"
stop_daemon TERM
is "SIGTERM ends it well" "$daemon_rc" 0

# A record of a daemon that was killed.
printf 'GPU-1 resets=0 core=345-900 mem=0-0 cap=300000 profiles=0\n' >"$gpus.state"
printf '{"schema":1,"pid":1,"start_time":1,"devices":[],"accelerators":[{"name":"%s","backend":"nvml","was":"uuid=GPU-1 clock=default mem_clock=default cap_mw=700000"}]}\n' "$a" >"$tmp/state.json"
rc "restore puts a GPU back" 0 accelgov restore --state "$tmp/state.json"
matches "its clock and its limit" "$(<"$gpus.state")" 'GPU-1 .*core=0-0 .*cap=700000'

# Somebody who is nobody.
chmod 755 "$tmp" && mkdir -p "$tmp/run" && chmod 777 "$tmp/run" && chmod 666 "$gpus"*
cp "$ACCELGOV_BUILD/bin/accelgovd" "$fakes/libnvidia-ml.so.1" "$tmp/" && rm -f "$tmp/sock"
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	LD_LIBRARY_PATH=$tmp setpriv --reuid 65534 --clear-groups "$tmp/accelgovd" \
		--config-dir "$tmp/etc" --socket "$tmp/run/sock" --state "$tmp/run/state.json" \
		>/dev/null 2>"$tmp/log" &
	daemon_pid=$!
	defer kill -9 "$daemon_pid"
	ln -s run/sock "$tmp/sock"
	check "without root it observes" wait_until 20 of_is "$a" .would.phase inference-decode
	stop_daemon TERM
	rm -f "$tmp/sock"
else
	skip "without root it observes" "needs root to be somebody else"
fi

# Eight of them, at the default rate.
machine "$(gpu 1)" "$(gpu 2)" "$(gpu 3)" "$(gpu 4)" "$(gpu 5)" "$(gpu 6)" "$(gpu 7)" "$(gpu 8)"
export ACCELGOV_FAKE_NVML_STILL=1
start
check "eight GPUs are observed" wait_until 30 of_is nvidia-0000:08:00.0 .would.phase inference-decode
reads=$(reads_of_all) begin=$(now_ms)
read -r ns slept <<<"$(spent)"
sleep 6
reads=$(($(reads_of_all) - reads)) ms=$(($(now_ms) - begin))
read -r ns_after slept_after <<<"$(spent)"
used=$(((ns_after - ns) / ms)) slept=$((slept_after - slept))
diag "eight GPUs: $used per million of a core, $slept switches for $reads readings"
# A third of that on a machine that is not too busy: make bench B=watch.
within "for little of a core (per million)" "$used" 0 15000
# Two more when each call goes to another thread and back.
within "and one switch for a reading" "$((slept * 100 / reads))" 1 190
stop_daemon TERM
unset ACCELGOV_FAKE_NVML_STILL

# A driver that takes 2 ms of CPU time for a reading: 2 % of a core at the full rate.
slow='spin=nvmlGpmSampleGet:2000'
machine "$(gpu 1 "$slow" "process=$$:1024:75")"
start
check "a GPU that costs much to read is looked at" wait_until 20 of_is "$a" .would.phase inference-decode
is "at the full rate" "$(of "$a" '"\(.period_us) \(.rest_us)"')" "100000 null"
check "then it rests" wait_until 20 of_is "$a" '.rest_us >= 5000000' true
is "its phase is the one that it had" "$(of "$a" .would.phase)" inference-decode
within "what a reading takes is told (us)" "$(of "$a" .reading_cpu_us)" 1000 20000
matches "status tells why" "$(accelgov status --socket "$tmp/sock" "$a")" \
	'samples +every [0-9.]+ s, .*rests +now and then, as one sample takes [0-9.]+ ms of CPU time .ReadingsCost=.'
energy=$(of "$a" .would.energy_uj) reads=$(reads_of_all)
job=$(ask "$tmp/sock" '{"method":"jobs"}' | jq '.devices[0].jobs[0].energy_uj')
check "its energy is counted all the same" wait_until 20 of_is "$a" ".would.energy_uj >= $energy + 450000 * 5000" true
check "and whose that was" wait_until 10 job_is ".jobs[0].energy_uj >= $job + 450000 * 3000"
# At the full rate there would be a hundred.
within "with a few readings" "$(($(reads_of_all) - reads))" 1 7
machine "$(gpu 1 "$slow" 'gpm.1=0' 'gpm.2=0' 'gpm.5=0' 'gpm.10=0' 'util_gpu=0' 'util_mem=0')"
check "what it does now is not what it did" wait_until 20 of_is "$a" '.would.phase != "inference-decode"' true
config '[Daemon]' 'ReadingsCost=50%'
kill -HUP "$daemon_pid"
check "who allows more gets more" wait_until 20 of_is "$a" '.rest_us == null and .reads > 60' true
check "and it knows what goes on" wait_until 20 of_is "$a" '.would.phase | test("idle")' true
stop_daemon TERM
machine "$(gpu 1)" "$(gpu 2)"
start
check "with one that hangs" wait_until 30 of_is "$b" .state observing
machine "$(gpu 1)" "$(gpu 2 'hang=*')"
begin=$(now_ms)
sleep 1
stop_daemon TERM
within "a library that hangs does not keep it from ending (ms)" "$(($(now_ms) - begin))" 0 20000
finish
