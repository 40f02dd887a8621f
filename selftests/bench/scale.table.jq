# SPDX-License-Identifier: GPL-2.0
def us: . * 10 | round / 10;

"## CPU time in the VM, each device sampled every \(.rows[0].period_ms) ms, \(.seconds) s each",
"",
"| devices | accelgov, us per device and decision | simple_ondemand | ratio | of it the collector | one CPU, % | the daemon, % |",
"|---|---|---|---|---|---|---|",
(.rows[] |
	"| \(.devices) | \(.accelgov_us | us) | \(.simple_ondemand_us | us) | \(.ratio | us) | \(.collector_ns_per_sample / 1000 | us) | \(100 * (.accelgov.busy_us - .accelgov.daemon_us - .nothing.busy_us) / .accelgov.wall_us | us) | \(100 * .accelgov.daemon_us / .accelgov.wall_us | us) |"),
"",
"The VM waited for the host's CPUs for \(.vm_waited_permille / 10) % of its time."
