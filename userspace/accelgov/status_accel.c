// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov status - accelerators that back ends found, as the daemon sees them
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "accelerators.h"
#include "cmd.h"
#include "status.h"
#include "units.h"

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "unknown";
}

/* A number in another unit, for people. */
static const char *show(json_t *object, const char *key, enum unit unit,
			int64_t factor, char *buf, size_t size)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return "unknown";
	return unit_format(unit, json_integer_value(value) * factor, buf, size);
}

#define SHOW(object, key, unit, factor)					\
	show(object, key, unit, factor, (char[24]) { 0 }, 24)

static const char *energy(json_t *object, const char *key, char *buf,
			  size_t size)
{
	return format_energy(json_integer_value(json_object_get(object, key)),
			     buf, size);
}

static void print_would(json_t *would, json_t *signals)
{
	char used[24], saved[24];

	if (!json_is_object(would)) {
		printf("  clock      %s\n",
		       SHOW(signals, "clock_khz", UNIT_FREQ, 1000));
		return;
	}
	printf("  phase      %s%s%s for %s, confidence %s (workload %s)\n",
	       style_bold, text_of(would, "phase"), style_off,
	       SHOW(would, "phase_age_ms", UNIT_TIME, 1000),
	       SHOW(would, "confidence_permille", UNIT_SHARE, 1),
	       text_of(would, "workload"));
	printf("  clock      %s, would be %s\n",
	       SHOW(signals, "clock_khz", UNIT_FREQ, 1000),
	       SHOW(would, "clock_khz", UNIT_FREQ, 1000));
	printf("  would save %s of %s so far, %s of it now, at %s slowdown (model estimates)\n",
	       energy(would, "energy_saved_uj", saved, sizeof(saved)),
	       energy(would, "energy_uj", used, sizeof(used)),
	       SHOW(would, "saving_permille", UNIT_SHARE, 1),
	       SHOW(would, "slowdown_permille", UNIT_SHARE, 1));
}

/* What the configuration has set beside clock and power limit. */
static void print_held(json_t *set)
{
	json_t *profile = json_object_get(set, "profile");
	json_t *problem = json_object_get(set, "problem");

	if (json_is_integer(json_object_get(set, "mem_clock_khz")))
		printf("  holds      memory clock at most %s\n",
		       SHOW(set, "mem_clock_khz", UNIT_FREQ, 1000));
	if (json_is_integer(profile) && json_integer_value(profile) < 0)
		printf("  holds      no power profile\n");
	else if (json_is_integer(profile))
		printf("  holds      power profile %" JSON_INTEGER_FORMAT "\n",
		       json_integer_value(profile));
	if (json_is_string(problem))
		printf("  %sproblem%s    %s\n", style_warn, style_off,
		       json_string_value(problem));
}

static void print_set(json_t *set)
{
	printf("  sets       clock %s, power limit %s; %" JSON_INTEGER_FORMAT
	       " targets, %" JSON_INTEGER_FORMAT " failed\n",
	       SHOW(set, "clock_khz", UNIT_FREQ, 1000),
	       json_is_null(json_object_get(set, "cap_mw")) ? "none" :
	       SHOW(set, "cap_mw", UNIT_POWER, 1000),
	       json_integer_value(json_object_get(set, "targets")),
	       json_integer_value(json_object_get(set, "errors")));
	print_held(set);
}

static void print_name(json_t *acc)
{
	accelerator_title(text_of(acc, "name"), text_of(acc, "vendor"),
			  text_of(acc, "model"));
	printf(" (%s), ", text_of(acc, "backend"));
}

/* What is only observed may cost so much and no more. */
static void print_samples(json_t *acc)
{
	bool rests = json_is_integer(json_object_get(acc, "rest_us"));

	printf("  samples    every %s, %" JSON_INTEGER_FORMAT
	       " read, %" JSON_INTEGER_FORMAT " failed\n",
	       SHOW(acc, rests ? "rest_us" : "period_us", UNIT_TIME, 1),
	       json_integer_value(json_object_get(acc, "reads")),
	       json_integer_value(json_object_get(acc, "read_errors")));
	if (rests)
		printf("  rests      now and then, as one sample takes %s of CPU time (ReadingsCost=)\n",
		       SHOW(acc, "reading_cpu_us", UNIT_TIME, 1));
}

static void print_one(json_t *acc)
{
	const char *state = text_of(acc, "state");
	json_t *signals = json_object_get(acc, "signals");
	json_t *problem = json_object_get(acc, "problem");

	print_name(acc);
	printf("%s%s\n", state,
	       strcmp(state, "observing") ? "" : ", nothing is set");
	if (json_is_object(json_object_get(acc, "set")))
		print_set(json_object_get(acc, "set"));
	else
		print_would(json_object_get(acc, "would"), signals);
	printf("  power      %s\n",
	       SHOW(signals, "power_mw", UNIT_POWER, 1000));
	print_samples(acc);
	if (json_is_true(json_object_get(acc, "hangs")))
		printf("  %sproblem%s    a call into its library does not return\n",
		       style_bad, style_off);
	if (json_is_string(problem))
		printf("  %sproblem%s    %s\n", style_warn, style_off,
		       json_string_value(problem));
}

json_t *accelerator_find(json_t *daemon, const char *name)
{
	json_t *acc;
	size_t i;

	json_array_foreach(json_object_get(daemon, "accelerators"), i, acc)
		if (!strcmp(text_of(acc, "name"), name))
			return acc;
	return NULL;
}

json_t *accelerators_pick(json_t *daemon, char *const *names, size_t nr)
{
	json_t *list = json_array(), *acc;
	size_t i;

	if (!names) {
		json_array_extend(list, json_object_get(daemon,
							"accelerators"));
		return list;
	}
	for (i = 0; i < nr; i++) {
		acc = accelerator_find(daemon, names[i]);
		if (acc)
			json_array_append(list, acc);
	}
	return list;
}

void accelerators_print(json_t *list)
{
	json_t *acc;
	size_t i;

	json_array_foreach(list, i, acc) {
		print_one(acc);
	}
}
