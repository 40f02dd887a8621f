// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the knobs of a governed device: what can be set, and how
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"

/* Normal values are those of ag_config_default(). */
static const struct policy_file files[] = {
	{ "slowdown_budget_permille", UNIT_SHARE, 30,
	  "slowdown that may be traded for energy" },
	{ "power_cap_uw", UNIT_POWER, 0,
	  "power that the device is held to, 0 for no cap" },
	{ "sample_period_us", UNIT_TIME, 10000,
	  "time between two readings of the counters" },
	{ "idle/enable", UNIT_BOOL, 1,
	  "suspend the device in long idle times" },
	{ "idle/break_even_us", UNIT_TIME, 2000000,
	  "how long a suspend must last to save energy" },
	{ "idle/max_latency_us", UNIT_TIME, 0,
	  "how long a wake-up may take, 0 for any time" },
	{ "idle/wake_latency_us", UNIT_TIME, 0,
	  "how long a wake-up takes, 0 when not known" },
	{ "phases/*/min_freq_hz", UNIT_FREQ, 0,
	  "lowest clock in this phase, 0 for no limit" },
	{ "phases/*/max_freq_hz", UNIT_FREQ, 0,
	  "highest clock in this phase, 0 for no limit" },
	{ "phases/*/slowdown_budget_permille", UNIT_SHARE, -1,
	  "budget in this phase, -1 for the device's" },
	{ 0 }
};

const struct policy_file *policy_files(void)
{
	return files;
}

static const struct policy_file *find_phase_file(const char *name)
{
	const struct policy_file *file;

	for (file = files; file->key; file++)
		if (!strncmp(file->key, "phases/*/", 9) &&
		    !strcmp(file->key + 9, name))
			return file;
	return NULL;
}

const struct policy_file *policy_find(const char *key)
{
	const struct policy_file *file;
	unsigned int phase;
	const char *name;
	size_t len;

	for (file = files; file->key; file++)
		if (!strchr(file->key, '*') && !strcmp(file->key, key))
			return file;
	if (strncmp(key, "phases/", 7))
		return NULL;
	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		name = phase_name(phase);
		len = name ? strlen(name) : 0;
		if (len && !strncmp(key + 7, name, len) && key[7 + len] == '/')
			return find_phase_file(key + 8 + len);
	}
	return NULL;
}

static size_t add(struct policy_knob *knobs, size_t nr, struct reading value,
		  const char *attr)
{
	if (!value.known)
		return nr;
	snprintf(knobs[nr].attr, POLICY_ATTR_LEN, "accelgov/%.54s", attr);
	snprintf(knobs[nr].value, POLICY_VALUE_LEN, "%" PRId64, value.value);
	return nr + 1;
}

static size_t add_phase(struct policy_knob *knobs, size_t nr,
			struct reading value, unsigned int phase,
			const char *file)
{
	char attr[POLICY_ATTR_LEN - 9];

	snprintf(attr, sizeof(attr), "phases/%s/%s", phase_name(phase), file);
	return add(knobs, nr, value, attr);
}

size_t policy_knobs(const struct config_device *config,
		    struct policy_knob *knobs)
{
	const struct config_phase *c;
	unsigned int phase;
	size_t nr = 0;

	nr = add(knobs, nr, config->budget_permille,
		 "slowdown_budget_permille");
	nr = add(knobs, nr, config->cap_uw, "power_cap_uw");
	nr = add(knobs, nr, config->sample_period_us, "sample_period_us");
	nr = add(knobs, nr, config->break_even_us, "idle/break_even_us");
	nr = add(knobs, nr, config->max_latency_us, "idle/max_latency_us");
	nr = add(knobs, nr, config->wake_latency_us, "idle/wake_latency_us");
	nr = add(knobs, nr, config->idle, "idle/enable");
	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		if (!phase_name(phase))
			continue;
		c = &config->phase[phase];
		nr = add_phase(knobs, nr, c->max_freq_hz, phase, "max_freq_hz");
		nr = add_phase(knobs, nr, c->min_freq_hz, phase, "min_freq_hz");
		nr = add_phase(knobs, nr, c->budget_permille, phase,
			       "slowdown_budget_permille");
	}
	return nr;
}
