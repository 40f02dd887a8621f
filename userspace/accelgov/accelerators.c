// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the command line: accelerators that back ends found
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accelerators.h"
#include "backends/fdinfo.h"
#include "backends/observe.h"
#include "cmd.h"
#include "units.h"

#define WINDOW_US	100000

/*
 * Two readings for the counters in between. A recorded tree stands still: what is
 * a counter there has no value, only the knowledge that it can be read.
 */
static struct backend_reading *read_all(const struct sysfs *sysfs,
					const struct accelerators *list)
{
	struct backend_reading *readings;
	bool wait = false;
	size_t i;

	readings = calloc(list->nr + 1, sizeof(*readings));
	if (!readings)
		return NULL;
	for (i = 0; i < list->nr; i++) {
		struct accelerator *acc = list->item[i];

		if (acc->backend->read(sysfs, acc, &readings[i]))
			readings[i] = (struct backend_reading){ 0 };
		wait |= acc->signals & ~readings[i].sample.valid;
	}
	if (!sysfs->live || !wait)
		return readings;
	usleep(WINDOW_US);
	for (i = 0; i < list->nr; i++)
		list->item[i]->backend->read(sysfs, list->item[i],
					     &readings[i]);
	return readings;
}

static const char *const throttle_names[] = { "power", "thermal", "hardware",
					      "user", "other" };

static json_t *throttle_json(struct reading bits)
{
	json_t *array;
	size_t i;

	if (!bits.known)
		return json_null();
	array = json_array();
	for (i = 0; i < 5; i++)
		if (bits.value & 1 << i)
			json_array_append_new(array,
					      json_string(throttle_names[i]));
	return array;
}

static json_t *signals_json(const struct accelerator *acc,
			    const struct accelgov_sample *sample)
{
	json_t *object = json_object(), *one;
	unsigned int s;
	bool valid;

	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		valid = acc->signals & (1U << s);
		one = json_pack("{s:b, s:o, s:o}", "valid", valid, "value",
				json_reading(sample_rate(sample, s)), "why",
				json_text(acc->signal_why[s]));
		json_object_set_new(object, backend_signal_name(s), one);
	}
	return object;
}

static json_t *sensors_json(const struct backend_reading *r)
{
	json_t *object = json_object();
	unsigned int s;

	for (s = 0; s < BACKEND_SENSORS; s++)
		json_object_set_new(object, backend_sensor_name(s),
				    s == BACKEND_THROTTLE ?
				    throttle_json(r->sensor[s]) :
				    json_reading(r->sensor[s]));
	return object;
}

static json_t *actuators_json(const struct accelerator *acc)
{
	json_t *object = json_object(), *one;
	const struct backend_range *range;
	unsigned int a;

	for (a = 0; a < BACKEND_ACTUATORS; a++) {
		range = &acc->actuator[a];
		one = json_pack("{s:b, s:b, s:o, s:o, s:o, s:o}",
				"there", range->there,
				"writable", range->writable,
				"value", json_reading(range->value),
				"min", json_reading(range->min),
				"max", json_reading(range->max),
				"why", json_text(range->why));
		json_object_set_new(object, backend_actuator_name(a), one);
	}
	return object;
}

static json_t *clocks_json(const uint32_t *khz, size_t nr)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(array, json_integer(khz[i]));
	return array;
}

static json_t *profiles_json(const struct accelerator *acc)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < acc->nr_profiles; i++)
		json_array_append_new(array, json_integer(acc->profile[i]));
	return array;
}

static json_t *engines_json(const struct fdinfo *client)
{
	json_t *object = json_object(), *one;
	const struct fdinfo_engine *e;
	size_t i;

	for (i = 0; i < client->nr_engines; i++) {
		e = &client->engine[i];
		one = json_pack("{s:o, s:o, s:o, s:I}",
				"busy_ns", json_reading(e->busy_ns),
				"cycles", json_reading(e->cycles),
				"total_cycles", json_reading(e->total_cycles),
				"capacity", (json_int_t)e->capacity);
		json_object_set_new(object, e->name, one);
	}
	return object;
}

static json_t *client_json(const struct fdinfo *client)
{
	return json_pack("{s:I, s:o, s:o, s:o}",
			 "pid", (json_int_t)client->pid,
			 "client_id", json_reading(client->client_id),
			 "memory_bytes", json_reading(client->memory_bytes),
			 "engines", engines_json(client));
}

/* Null where there is no way to know, so that none is not mistaken for nobody. */
static json_t *clients_json(const struct sysfs *sysfs,
			    const struct accelerator *acc)
{
	struct fdinfos clients;
	json_t *array;
	size_t i;

	if (!acc->bus[0] || acc->asleep ||
	    fdinfo_scan(sysfs, acc->bus, &clients))
		return json_null();
	array = clients.processes ? json_array() : json_null();
	for (i = 0; i < clients.nr; i++)
		json_array_append_new(array, client_json(&clients.item[i]));
	fdinfos_free(&clients);
	return array;
}

static json_t *one_json(const struct sysfs *sysfs,
			const struct accelerator *acc,
			const struct backend_reading *r)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", acc->name,
		"backend", acc->backend->name,
		"vendor", json_text(acc->vendor),
		"model", json_text(acc->model),
		"driver", json_text(acc->driver),
		"driver_version", json_text(acc->driver_version),
		"bus", json_text(acc->bus),
		"pci", json_text(acc->pci),
		"uuid", json_text(acc->uuid),
		"parent", json_text(acc->parent),
		"devfreq", json_text(acc->devfreq),
		"asleep", acc->asleep,
		"signals", signals_json(acc, &r->sample),
		"sensors", sensors_json(r),
		"actuators", actuators_json(acc),
		"clocks_khz", clocks_json(acc->clock_khz, acc->nr_clocks),
		"mem_clocks_khz", clocks_json(acc->mem_khz, acc->nr_mem_clocks),
		"profiles", profiles_json(acc),
		"clients", clients_json(sysfs, acc));
}

json_t *accelerators_json(const struct sysfs *sysfs,
			  const struct accelerators *list)
{
	struct backend_reading *readings = read_all(sysfs, list);
	json_t *array = json_array();
	size_t i;

	for (i = 0; readings && i < list->nr; i++)
		json_array_append_new(array, one_json(sysfs, list->item[i],
						      &readings[i]));
	free(readings);
	return array;
}

static const char *show(enum unit unit, struct reading r, int64_t factor,
			char buf[24])
{
	if (!r.known)
		return "unknown";
	return unit_format(unit, r.value * factor, buf, 24);
}

static void print_signal(unsigned int s, struct reading r)
{
	const char *name = backend_signal_name(s);
	char buf[24];

	/* The unit is printed with the value. */
	printf(" %.*s", (int)strcspn(name, "_"), name);
	if (!r.known)
		return;
	if (s == ACCELGOV_SIG_CLOCK)
		printf(" %s", show(UNIT_FREQ, r, 1000, buf));
	else if (s == ACCELGOV_SIG_POWER)
		printf(" %s", show(UNIT_POWER, r, 1000, buf));
	else if (s == ACCELGOV_SIG_CONTEXTS || s == ACCELGOV_SIG_QUEUE)
		printf(" %lld", (long long)r.value / 1000);
	else if (s != ACCELGOV_SIG_PROGRESS)
		printf(" %.1f %%", r.value / 10.0);
}

static void print_signals(const struct accelerator *acc,
			  const struct backend_reading *r)
{
	const char *comma = "";
	unsigned int s;

	printf("  signals   ");
	if (acc->asleep)
		printf(" not asked: it sleeps");
	else if (!acc->signals)
		printf(" none: %s", acc->signal_why[ACCELGOV_SIG_BUSY]);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (acc->signals & (1U << s)) {
			printf("%s", comma);
			print_signal(s, sample_rate(&r->sample, s));
			comma = ",";
		}
	putchar('\n');
}

/* Some vendors say their name again in that of the model. */
void accelerator_title(const char *name, const char *vendor, const char *model)
{
	bool twice = !strncmp(vendor, model, strlen(vendor));

	printf("%s%s%s  %s%s%s", style_bold, name, style_off, twice ? "" : vendor,
	       twice ? "" : " ", model);
}

static void print_title(const struct accelerator *acc)
{
	accelerator_title(acc->name, acc->vendor,
			  acc->model[0] ? acc->model : acc->pci);
}

/* Return: "range 1 W to 2 W", as far as it is known. */
static const char *show_range(enum unit unit, int64_t factor,
			      const struct backend_range *range, char buf[80])
{
	char min[24], max[24];

	show(unit, range->min, factor, min);
	show(unit, range->max, factor, max);
	if (range->min.known && range->max.known)
		snprintf(buf, 80, "range %s to %s", min, max);
	else if (range->min.known)
		snprintf(buf, 80, "range from %s, no highest known", min);
	else if (range->max.known)
		snprintf(buf, 80, "range up to %s, no lowest known", max);
	else
		return "no range known";
	return buf;
}

static void print_actuator(const char *title, enum unit unit, int64_t factor,
			   const struct backend_range *range)
{
	char value[24], limits[80];

	if (!range->there) {
		printf("  %-10s none: %s\n", title, range->why);
		return;
	}
	printf("  %-10s %s (%s)%s%s\n", title,
	       show(unit, range->value, factor, value),
	       show_range(unit, factor, range, limits),
	       range->why[0] ? "; " : "", range->why);
}

static void print_profile(const struct accelerator *acc)
{
	const struct backend_range *range = &acc->actuator[BACKEND_PROFILE];
	size_t i;

	if (!range->there) {
		printf("  %-10s none: %s\n", "profile", range->why);
		return;
	}
	if (!range->value.known)
		printf("  %-10s unknown (of", "profile");
	else if (range->value.value < 0)
		printf("  %-10s none (of", "profile");
	else
		printf("  %-10s %lld (of", "profile",
		       (long long)range->value.value);
	for (i = 0; i < acc->nr_profiles; i++)
		printf(" %u", acc->profile[i]);
	printf(")%s%s\n", range->why[0] ? "; " : "", range->why);
}

static void print_one(const struct accelerator *acc,
		      const struct backend_reading *r)
{
	print_title(acc);
	if (acc->driver[0])
		printf(", driver %s", acc->driver);
	if (acc->devfreq[0])
		printf(", devfreq %s", acc->devfreq);
	if (acc->parent[0])
		printf(", part of %s", acc->parent);
	putchar('\n');
	print_signals(acc, r);
	if (!acc->signals && !acc->actuator[BACKEND_CLOCK].there &&
	    !acc->asleep)
		return;
	print_actuator("clock", UNIT_FREQ, 1000,
		       &acc->actuator[BACKEND_CLOCK]);
	print_actuator("memory", UNIT_FREQ, 1000, &acc->actuator[BACKEND_MEM]);
	print_actuator("power cap", UNIT_POWER, 1000,
		       &acc->actuator[BACKEND_CAP]);
	print_profile(acc);
}

void accelerators_show(const struct sysfs *sysfs,
		       const struct accelerators *list)
{
	struct backend_reading *readings = read_all(sysfs, list);
	size_t i;

	for (i = 0; readings && i < list->nr; i++)
		print_one(list->item[i], &readings[i]);
	free(readings);
}

/* What works as a list of names, the rest with what stands in its way. */
static json_t *verdict(json_t *work, json_t *missing)
{
	return json_pack("{s:o, s:o}", "work", work, "missing", missing);
}

static json_t *signals_verdict(const struct accelerator *acc)
{
	json_t *work = json_array(), *missing = json_object();
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (acc->signals & (1U << s))
			json_array_append_new(work,
					      json_string(backend_signal_name(s)));
		else
			json_object_set_new(missing, backend_signal_name(s),
					    json_text(acc->signal_why[s]));
	return verdict(work, missing);
}

/* Those that work, with what is set and what can be. */
static json_t *ranges_json(const struct accelerator *acc)
{
	const struct backend_range *range;
	json_t *object = json_object();
	unsigned int a;

	for (a = 0; a < BACKEND_ACTUATORS; a++) {
		range = &acc->actuator[a];
		if (range->there && range->writable)
			json_object_set_new(object, backend_actuator_name(a),
					    json_pack("{s:o, s:o, s:o}", "value",
						      json_reading(range->value),
						      "min",
						      json_reading(range->min),
						      "max",
						      json_reading(range->max)));
	}
	return object;
}

static json_t *actuators_verdict(const struct accelerator *acc)
{
	json_t *work = json_array(), *missing = json_object(), *object;
	const struct backend_range *range;
	const char *name;
	unsigned int a;

	for (a = 0; a < BACKEND_ACTUATORS; a++) {
		range = &acc->actuator[a];
		name = backend_actuator_name(a);
		if (range->there && range->writable)
			json_array_append_new(work, json_string(name));
		else
			json_object_set_new(missing, name,
					    json_text(range->why));
	}
	object = verdict(work, missing);
	json_object_set_new(object, "ranges", ranges_json(acc));
	return object;
}

static size_t parts_of(const struct accelerators *list,
		       const struct accelerator *acc)
{
	size_t i, nr = 0;

	for (i = 0; i < list->nr; i++)
		nr += !strcmp(list->item[i]->parent, acc->name);
	return nr;
}

static json_t *one_verdict(const struct accelerators *list,
			   const struct accelerator *acc)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:b, s:o, s:o}",
			 "name", acc->name,
			 "backend", acc->backend->name,
			 "vendor", json_text(acc->vendor),
			 "model", json_text(acc->model),
			 "parent", json_text(acc->parent),
			 "parts", (int)parts_of(list, acc),
			 "asleep", acc->asleep,
			 "signals", signals_verdict(acc),
			 "actuators", actuators_verdict(acc));
}

json_t *accelerators_verdict_json(const struct accelerators *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->nr; i++)
		json_array_append_new(array, one_verdict(list, list->item[i]));
	return array;
}

/* One line per reason: a driver often gives the same for several things. */
static void print_missing(const char *what, const char *name,
			  const char *reason)
{
	printf("      %-8s %-16s -> %s\n", what, name, reason);
}

/* A setting for people; there are no units to profiles, and none is one of them. */
static const char *show_setting(unsigned int actuator, struct reading r,
				char buf[24])
{
	if (actuator == BACKEND_CAP)
		return show(UNIT_POWER, r, 1000, buf);
	if (actuator == BACKEND_AUTOSUSPEND)
		return show(UNIT_TIME, r, 1000, buf);
	if (actuator != BACKEND_PROFILE)
		return show(UNIT_FREQ, r, 1000, buf);
	if (!r.known)
		return "unknown";
	if (r.value < 0)
		return "none";
	snprintf(buf, 24, "%lld", (long long)r.value);
	return buf;
}

static void print_working(const struct accelerator *acc, unsigned int actuator)
{
	const struct backend_range *range = &acc->actuator[actuator];
	char value[24], min[24], max[24];

	printf("  %sok%s  actuator %-16s %s", style_good, style_off,
	       backend_actuator_name(actuator),
	       show_setting(actuator, range->value, value));
	if (range->min.known || range->max.known)
		printf(" (%s to %s)", show_setting(actuator, range->min, min),
		       show_setting(actuator, range->max, max));
	putchar('\n');
}

/* What becomes of it in accelgovd where that is not what everybody expects. */
static void print_bridge(const struct accelerators *list,
			 const struct accelerator *acc)
{
	size_t parts = parts_of(list, acc);

	if (acc->devfreq[0])
		printf("      its driver has a devfreq device, %s: governed there\n",
		       acc->devfreq);
	else if (acc->parent[0])
		printf("      part of %s: clock, power and limits belong to that, and accelgovd works on that\n",
		       acc->parent);
	else if (parts)
		printf("      has %zu parts (MIG), which share its clock and power: accelgovd works on it as one\n",
		       parts);
	else if (acc->actuator[BACKEND_CLOCK].there && !acc->nr_clocks)
		printf("      only observed by accelgovd, and nothing is decided: no file tells which clocks it takes\n");
}

static void verdict_print(const struct accelerators *list,
			  const struct accelerator *acc)
{
	const struct backend_range *range;
	unsigned int i;

	print_title(acc);
	putchar('\n');
	print_bridge(list, acc);
	if (acc->asleep) {
		printf("      asleep: looked at without waking it\n");
		return;
	}
	if (!acc->signals && !acc->actuator[BACKEND_CLOCK].there &&
	    !acc->actuator[BACKEND_CAP].there) {
		printf("      -> %s\n", acc->signal_why[ACCELGOV_SIG_BUSY]);
		return;
	}
	printf("  %sok%s  signals  ", style_good, style_off);
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		if (acc->signals & (1U << i))
			printf(" %s", backend_signal_name(i));
	putchar('\n');
	for (i = 0; i < BACKEND_ACTUATORS; i++)
		if (acc->actuator[i].there && acc->actuator[i].writable)
			print_working(acc, i);
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		if (!(acc->signals & (1U << i)))
			print_missing("signal", backend_signal_name(i),
				      acc->signal_why[i]);
	for (i = 0; i < BACKEND_ACTUATORS; i++) {
		range = &acc->actuator[i];
		if (!range->there || !range->writable)
			print_missing("actuator", backend_actuator_name(i),
				      range->why);
	}
}

void accelerators_verdict_show(const struct accelerators *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		verdict_print(list, list->item[i]);
}
