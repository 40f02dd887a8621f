// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: which devices are recorded, and reading one.
 *
 * Accelerators of back ends come first. A devfreq device that shows one of them once
 * more, by its driver or through accelgovd, adds the decisions of its governor and is
 * no device of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "record_cmd.h"

#define CLASS		"sys/class/devfreq"
#define PERIOD_US	100000
#define REFRESH_NS	(5 * RECORD_NS_PER_S)

static bool wanted(const struct record *r, const char *name)
{
	uint32_t i;

	for (i = 0; i < r->opt.nr_devices; i++)
		if (!strcmp(r->opt.device[i], name))
			return true;
	return !r->opt.nr_devices;
}

static struct record_source *add(struct record *r)
{
	struct record_source *more;

	if (r->nr == RECORDING_DEVICES)
		return NULL;
	more = reallocarray(r->source, r->nr + 1, sizeof(*more));
	if (!more)
		return NULL;
	r->source = more;
	more += r->nr++;
	memset(more, 0, sizeof(*more));
	return more;
}

static void describe(const struct record *r, const struct accelerator *acc,
		     struct recording_device *ret)
{
	struct recording_device d = {
		.signals = acc->signals,
		.sensors = acc->sensors,
		.power = acc->power,
		.nr_clocks = (uint32_t)acc->nr_clocks,
	};

	strcpy(d.name, acc->name);
	snprintf(d.source, sizeof(d.source), "%s", acc->backend->name);
	strcpy(d.vendor, acc->vendor);
	strcpy(d.model, acc->model);
	strcpy(d.driver, acc->driver);
	strcpy(d.driver_version, acc->driver_version);
	strcpy(d.bus, acc->bus);
	strcpy(d.pci, acc->pci);
	memcpy(d.why, acc->signal_why, sizeof(d.why));
	memcpy(d.clock_khz, acc->clock_khz, sizeof(d.clock_khz));
	d.period_us = r->opt.period_us ? r->opt.period_us : PERIOD_US;
	if (d.period_us < acc->period_us)
		d.period_us = acc->period_us;
	*ret = d;
}

static bool has_devfreq(const struct record *r, const char *name)
{
	return name[0] && sysfs_exists(&r->sysfs, CLASS "/%s", name);
}

static int add_accelerator(struct record *r, struct accelerator *acc)
{
	struct record_source *s = add(r);
	const char *devfreq = has_devfreq(r, acc->devfreq) ? acc->devfreq :
			      has_devfreq(r, acc->name) ? acc->name : NULL;

	if (!s)
		return -ENOMEM;
	s->acc = acc;
	describe(r, acc, &s->info);
	if (devfreq) {
		record_native_open(&r->sysfs, devfreq, &s->native);
		s->has_native = true;
	}
	return 0;
}

/* What only lists a device can't record it. */
static int add_accelerators(struct record *r)
{
	struct accelerator *acc;
	size_t i;
	int ret = 0;

	for (i = 0; i < r->list.nr && !ret; i++) {
		acc = r->list.item[i];
		if (!wanted(r, acc->name))
			continue;
		if (acc->signals || acc->asleep) {
			ret = add_accelerator(r, acc);
			continue;
		}
		cmd_error("%s can't be recorded: %s", acc->name,
			  acc->signal_why[ACCELGOV_SIG_BUSY]);
	}
	return ret;
}

static bool shown_already(const struct record *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->list.nr; i++)
		if (!strcmp(r->list.item[i]->name, name) ||
		    !strcmp(r->list.item[i]->devfreq, name))
			return true;
	return false;
}

static int add_native(struct record *r, const char *name)
{
	struct record_source *s = add(r);

	if (!s)
		return -ENOMEM;
	record_native_open(&r->sysfs, name, &s->native);
	s->has_native = true;
	record_native_describe(&r->sysfs, &s->native, r->opt.period_us,
			       &s->info);
	if (s->info.signals)
		return 0;
	cmd_error("%s can't be recorded: %s", name,
		  s->info.why[ACCELGOV_SIG_BUSY]);
	record_native_close(&s->native);
	r->nr--;
	return 0;
}

static int add_natives(struct record *r)
{
	struct names names;
	size_t i;
	int ret = device_names(&r->sysfs, &names);

	if (ret)
		return ret;
	for (i = 0; i < names.nr && !ret; i++)
		if (device_name_valid(names.name[i]) &&
		    wanted(r, names.name[i]) &&
		    !shown_already(r, names.name[i]))
			ret = add_native(r, names.name[i]);
	names_free(&names);
	return ret;
}

static bool exists(const struct record *r, const char *name)
{
	return accelerators_find(&r->list, name) ||
	       (device_name_valid(name) && has_devfreq(r, name));
}

static int check_names(const struct record *r)
{
	uint32_t i;

	for (i = 0; i < r->opt.nr_devices; i++) {
		if (exists(r, r->opt.device[i]))
			continue;
		cmd_error("there is no device %s; accelgov devices lists them",
			  r->opt.device[i]);
		return CMD_UNSUPPORTED;
	}
	if (r->nr)
		return CMD_OK;
	cmd_error("there is no accelerator that can be recorded; accelgov doctor tells what is missing");
	return CMD_UNSUPPORTED;
}

int record_find_sources(struct record *r)
{
	uint32_t i;
	int ret;

	ret = accelerators_scan(&r->sysfs, &r->list, NULL, NULL);
	if (ret)
		cmd_error("not all accelerators could be looked for: %s",
			  strerror(-ret));
	ret = add_accelerators(r);
	if (!ret)
		ret = add_natives(r);
	if (ret) {
		cmd_error("can't set up the devices: %s", strerror(-ret));
		return cmd_exit_code(ret);
	}
	for (i = 0; i < r->nr; i++)
		record_begin_deciding(r, &r->source[i]);
	return check_names(r);
}

static int refresh(struct record *r, struct record_source *s)
{
	uint64_t now_ns = record_now_ns();

	if (!s->acc->backend->refresh ||
	    (s->refreshed_ns && now_ns < s->refreshed_ns + REFRESH_NS))
		return 0;
	s->refreshed_ns = now_ns;
	return s->acc->backend->refresh(&r->sysfs, s->acc);
}

static int read_source(struct record *r, struct record_source *s,
		       struct backend_reading *ret_reading)
{
	int ret;

	if (!s->acc)
		return record_native_read(&r->sysfs, &s->native, ret_reading);
	ret = refresh(r, s);
	if (ret == -ENODEV)
		return ret;
	return s->acc->backend->read(&r->sysfs, s->acc, ret_reading);
}

int record_read(struct record *r, struct record_source *s,
		struct backend_reading *ret_reading)
{
	struct accelgov_sample *sample = &ret_reading->sample;
	int ret;

	*ret_reading = (struct backend_reading){ 0 };
	ret = read_source(r, s, ret_reading);
	if (ret)
		return ret;
	if (!sample->time_ns)
		sample->time_ns = record_now_ns();
	if (!r->sysfs.live)
		sample_drop_counts(sample);
	return 0;
}

void record_free_sources(struct record *r)
{
	uint32_t i;

	for (i = 0; i < r->nr; i++) {
		if (r->source[i].has_native)
			record_native_close(&r->source[i].native);
		free(r->source[i].observer);
	}
	free(r->source);
	accelerators_free(&r->list);
}
