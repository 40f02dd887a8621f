/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the daemon's configuration
 *
 * accelgov.conf and then conf.d/NAME.conf in lexical order; later assignments
 * override earlier ones key by key. Sections:
 *
 *	[Daemon]		SamplePeriod= Lease= Mode= Probes= ProbesCost=
 *				ReadingsCost=
 *	[Device GLOB]		Governor= SlowdownBudget= PowerCap= SamplePeriod=
 *				Idle= BreakEven= MaxWakeLatency= WakeLatency=
 *				Mode= MaxMemoryFreq= PowerProfile= ClockSwitch=
 *				ClockHalt=
 *	[Phase NAME [GLOB]]	MinFreq= MaxFreq= SlowdownBudget=
 *
 * An empty value takes an earlier assignment back.
 */
#ifndef ACCELGOV_LIB_CONFIG_H
#define ACCELGOV_LIB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../kmod/uapi/accelgov.h"
#include "device.h"
#include "sysfs.h"

#define CONFIG_DIR		"/etc/accelgov"

#define CONFIG_LEASE_US		3000000
#define CONFIG_SAMPLE_US	10000

struct config;

/**
 * struct config_phase - limits of one phase of one device
 * @min_freq_hz: lowest clock
 * @max_freq_hz: highest clock
 * @budget_permille: slowdown budget
 */
struct config_phase {
	struct reading min_freq_hz;
	struct reading max_freq_hz;
	struct reading budget_permille;
};

/**
 * enum config_mode - may a device be touched
 * @CONFIG_MODE_UNSET: nobody said so: a devfreq device as its Governor= says, an
 *	accelerator that a back end found is only observed
 * @CONFIG_MODE_OBSERVE: tell what would be done, do nothing
 * @CONFIG_MODE_ACTIVE: do it
 */
enum config_mode {
	CONFIG_MODE_UNSET,
	CONFIG_MODE_OBSERVE,
	CONFIG_MODE_ACTIVE,
};

/**
 * struct config_device - everything configured for one device; what is not
 *	known was not configured
 * @governor: to be chosen, "" to leave the device's own alone
 * @mode: may it be touched
 * @budget_permille: slowdown budget
 * @cap_uw: power cap
 * @sample_period_us: between samples
 * @idle: use idle states
 * @break_even_us: how long a suspend must last to save energy
 * @max_latency_us: longest wake-up that may be waited for
 * @wake_latency_us: how long a wake-up takes
 * @max_mem_khz: highest memory clock while active
 * @power_profile: workload power profile while active; its number, -1 for none
 * @switch_us: from a request for a clock to one that holds
 * @halt_us: how long a change of clock halts the device
 * @phase: by &enum accelgov_phase
 */
struct config_device {
	char governor[DEVICE_GOVERNOR_LEN + 1];
	enum config_mode mode;
	struct reading budget_permille;
	struct reading cap_uw;
	struct reading sample_period_us;
	struct reading idle;
	struct reading break_even_us;
	struct reading max_latency_us;
	struct reading wake_latency_us;
	struct reading max_mem_khz;
	struct reading power_profile;
	struct reading switch_us;
	struct reading halt_us;
	struct config_phase phase[ACCELGOV_PHASE_NR];
};

/**
 * typedef config_problem_fn - told about each thing wrong with the configuration
 * @arg: as given to config_load()
 * @file: path of the file
 * @line: in the file, 0 when the file as a whole is meant
 * @text: what is wrong and what would be right
 */
typedef void config_problem_fn(void *arg, const char *file, unsigned int line,
			       const char *text);

/**
 * config_load() - read the configuration
 * @dir: directory of accelgov.conf and conf.d
 * @ret_config: set on success, to be freed with config_free()
 * @problem: called for each problem
 * @arg: handed to @problem
 *
 * A missing accelgov.conf or conf.d is no problem, a missing @dir is one unless
 * it is %CONFIG_DIR.
 *
 * Return: 0; -EINVAL when there were problems, all of them reported; another
 * negative errno when memory ran out.
 */
int config_load(const char *dir, struct config **ret_config,
		config_problem_fn *problem, void *arg);

/**
 * config_free() - free a configuration
 * @config: may be NULL
 *
 * Return: NULL.
 */
struct config *config_free(struct config *config);

/**
 * config_lease_us() - how long the kernel may go without hearing from us
 * @config: the configuration
 *
 * Return: microseconds.
 */
int64_t config_lease_us(const struct config *config);

/**
 * config_probes() - may calls into vendors' libraries be probed
 * @config: the configuration
 *
 * Return: true when they may.
 */
bool config_probes(const struct config *config);

/**
 * config_probes_permille() - what all these probes together may cost
 * @config: the configuration
 *
 * Return: per mille of one CPU.
 */
uint32_t config_probes_permille(const struct config *config);

/**
 * config_readings_permille() - what readings of all that is only observed may cost
 * @config: the configuration
 *
 * Return: per mille of one CPU.
 */
uint32_t config_readings_permille(const struct config *config);

/**
 * config_files() - which files were read
 * @config: the configuration
 *
 * Return: their paths.
 */
const struct names *config_files(const struct config *config);

/**
 * config_device() - resolve what applies to one device
 * @config: the configuration
 * @name: of the device
 * @ret_device: filled
 */
void config_device(const struct config *config, const char *name,
		   struct config_device *ret_device);

#endif /* ACCELGOV_LIB_CONFIG_H */
