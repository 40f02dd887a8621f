# SPDX-License-Identifier: GPL-2.0
def whole: round;
def tenth: . * 10 | round / 10;

"## Instructions in the VM, each device sampled every \(.rows[0].period_ms) ms, \(.seconds) s each",
"",
"| devices | accelgov, per device and decision | simple_ondemand | ratio | of accelgov's the collector | share of 10^9 a second, % | the daemon, % |",
"|---|---|---|---|---|---|---|",
(.rows[] |
	"| \(.devices) | \(.accelgov_instructions | whole) | \(.simple_ondemand_instructions | whole) | \(.ratio | tenth) | \(.collector_ns_per_sample) | \(100 * (.accelgov.busy_us - .accelgov.daemon_us - .nothing.busy_us) / .accelgov.wall_us | tenth) | \(100 * .accelgov.daemon_us / .accelgov.wall_us | tenth) |")
