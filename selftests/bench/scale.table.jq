# SPDX-License-Identifier: GPL-2.0
def whole: round;
def tenth: . * 10 | round / 10;
def hundredth: . * 100 | round / 100;

"## Instructions in the VM, \(.seconds) s each",
"",
"Governor, collectors and daemon: of a core, at one instruction per ns, and at the \(.instructions_per_ns | tenth)",
"that this machine does of the core's (state out of the caches).",
"",
"| devices | sampled every, ms | accelgov, per device and decision | simple_ondemand | ratio | of accelgov's the collector | of it the daemon, % | all, % | all, at this machine's rate, % |",
"|---|---|---|---|---|---|---|---|---|",
(.rows[] |
	"| \(.devices) | \(.period_ms) | \(.accelgov_instructions | whole) | \(.simple_ondemand_instructions | whole) | \(.ratio | tenth) | \(.collector_ns_per_sample) | \(100 * .accelgov.daemon_us / .accelgov.wall_us | hundredth) | \(.percent_at_one_per_ns | hundredth) | \(.percent_here | hundredth) |")
