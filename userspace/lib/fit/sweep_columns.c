// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sweep_columns.h"

/* One @ at the end stands for a number. */
static const struct {
	enum sweep_role role;
	const char *names;
} roles[] = {
	{ SWEEP_MHZ,
	  " frequency freq clock f core_clock core_freq "
	  "core_frequency coref corefreq core_f sm_clock sm_freq "
	  "sm_frequency gpu_clock gpu_freq gpu_frequency gpc_clock "
	  "graphics_clock graphics_freq graphics_frequency "
	  "locked_clock locked_frequency set_clock requested_clock "
	  "requested_frequency clock_rate clk sclk " },
	{ SWEEP_WATT_LIMIT,
	  " power_limit power_limit_@ limit power_cap cap pl "
	  "set_power_limit enforced_power_limit " },
	{ SWEEP_SECONDS,
	  " time duration latency elapsed elapsed_time runtime "
	  "run_time exec_time execution_time time_per_epoch "
	  "epoch_time iter_time iteration_time time_per_iteration "
	  "step_time time_per_step kernel_time t " },
	{ SWEEP_JOULES,
	  " energy energy_@ gpu_energy gpu@_energy "
	  "energy_consumption total_energy iter_energy "
	  "iteration_energy energy_per_iteration energy_per_step "
	  "kernel_energy e " },
	{ SWEEP_WATTS,
	  " power average_power avg_power mean_power power_mean "
	  "power_avg power_average power_draw board_power gpu_power "
	  "p " },
	{ SWEEP_WINDOW,
	  " window_name " },
	{ SWEEP_LABEL,
	  " stage instruction phase kernel name app application "
	  "benchmark workload model model_name network dataset batch "
	  "batch_size microbatch microbatch_size precision dtype "
	  "optimizer op operation layer task mem_clock mem_freq "
	  "mem_frequency memory_clock memory_frequency memf memfreq "
	  "mclk input size seq_len sequence_length " },
	{ SWEEP_IGNORED,
	  " start_time end_time timestamp date time_stamp start end "
	  "uuid host hostname index id run run_id repeat trial "
	  "iteration gpu gpu_name device device_name "
	  "partition_method optimal_power_limit " },
};

static const struct {
	enum sweep_role role;
	const char *unit;
	double factor;
} units[] = {
	{ SWEEP_MHZ, "hz", 1e-6 }, { SWEEP_MHZ, "khz", 1e-3 },
	{ SWEEP_MHZ, "mhz", 1 }, { SWEEP_MHZ, "ghz", 1e3 },
	{ SWEEP_WATT_LIMIT, "uw", 1e-6 }, { SWEEP_WATT_LIMIT, "mw", 1e-3 },
	{ SWEEP_WATT_LIMIT, "w", 1 }, { SWEEP_WATT_LIMIT, "watt", 1 },
	{ SWEEP_WATT_LIMIT, "watts", 1 }, { SWEEP_WATT_LIMIT, "kw", 1e3 },
	{ SWEEP_SECONDS, "ns", 1e-9 }, { SWEEP_SECONDS, "us", 1e-6 },
	{ SWEEP_SECONDS, "ms", 1e-3 }, { SWEEP_SECONDS, "msec", 1e-3 },
	{ SWEEP_SECONDS, "s", 1 }, { SWEEP_SECONDS, "sec", 1 },
	{ SWEEP_SECONDS, "seconds", 1 }, { SWEEP_SECONDS, "min", 60 },
	{ SWEEP_SECONDS, "h", 3600 },
	{ SWEEP_JOULES, "uj", 1e-6 }, { SWEEP_JOULES, "mj", 1e-3 },
	{ SWEEP_JOULES, "j", 1 }, { SWEEP_JOULES, "joule", 1 },
	{ SWEEP_JOULES, "joules", 1 }, { SWEEP_JOULES, "kj", 1e3 },
	{ SWEEP_JOULES, "wh", 3600 }, { SWEEP_JOULES, "kwh", 3.6e6 },
	{ SWEEP_WATTS, "uw", 1e-6 }, { SWEEP_WATTS, "mw", 1e-3 },
	{ SWEEP_WATTS, "w", 1 }, { SWEEP_WATTS, "watt", 1 },
	{ SWEEP_WATTS, "watts", 1 }, { SWEEP_WATTS, "kw", 1e3 },
};

/* Lower case, words joined by underscores, brackets' content apart. */
static void split_header(const char *header, char *name, char *unit)
{
	size_t nr_name = 0, nr_unit = 0;
	bool inside = false;

	for (; *header; header++) {
		unsigned char c = (unsigned char)tolower((unsigned char)*header);

		if (c == '[' || c == '(' || c == ']' || c == ')') {
			inside = c == '[' || c == '(';
		} else if (inside) {
			if (isalnum(c) && nr_unit < SWEEP_COLUMN_LEN - 1)
				unit[nr_unit++] = (char)c;
		} else if (isalnum(c)) {
			if (nr_name < SWEEP_COLUMN_LEN - 1)
				name[nr_name++] = (char)c;
		} else if (nr_name && name[nr_name - 1] != '_' &&
			   nr_name < SWEEP_COLUMN_LEN - 1) {
			name[nr_name++] = '_';
		}
	}
	while (nr_name && name[nr_name - 1] == '_')
		nr_name--;
	name[nr_name] = '\0';
	unit[nr_unit] = '\0';
}

/* gpu0_energy and gpu12_energy are the same kind of column. */
static void without_number(const char *name, char *to)
{
	for (; *name; name++) {
		bool digit = isdigit((unsigned char)*name);

		if (!digit)
			*to++ = *name;
		else if (!isdigit((unsigned char)name[1]))
			*to++ = '@';
	}
	*to = '\0';
}

static enum sweep_role find_role(const char *name)
{
	char plain[SWEEP_COLUMN_LEN], word[SWEEP_COLUMN_LEN + 2];

	if (!*name)
		return SWEEP_UNKNOWN;
	without_number(name, plain);
	snprintf(word, sizeof(word), " %s ", plain);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strstr(roles[i].names, word))
			return roles[i].role;
	return SWEEP_UNKNOWN;
}

static double find_factor(enum sweep_role role, const char *unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].role == role && !strcmp(units[i].unit, unit))
			return units[i].factor;
	return 0;
}

/* "time_ms" is a time in ms, when "time" and "ms" go together. */
static bool split_suffix(struct sweep_column *c)
{
	char *suffix = strrchr(c->name, '_');
	enum sweep_role role;
	double factor;

	if (!suffix)
		return false;
	*suffix = '\0';
	role = find_role(c->name);
	factor = find_factor(role, suffix + 1);
	if (factor > 0) {
		c->role = role;
		c->factor = factor;
		return true;
	}
	*suffix = '_';
	return false;
}

const char *sweep_column(const char *header, struct sweep_column *ret)
{
	char unit[SWEEP_COLUMN_LEN];

	*ret = (struct sweep_column){ .factor = 1 };
	split_header(header, ret->name, unit);
	ret->role = find_role(ret->name);
	if (ret->role == SWEEP_UNKNOWN && split_suffix(ret))
		return NULL;
	if (!*unit || ret->role < SWEEP_MHZ)
		return NULL;
	ret->factor = find_factor(ret->role, unit);
	return ret->factor > 0 ? NULL : "is in a unit that is not known";
}
