// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for Intel Gaudi (driver habanalabs)
 *
 * Its files lie with the accel node, or with the device on kernels before there were
 * accel nodes. They ask the firmware each time; the device never sleeps. Which
 * clocks and limits it takes is in no file: the firmware refuses what it does not. So
 * there is no list of clocks, and without one, and without a signal that tells what
 * it does, nothing could be decided: a card is observed, never active.
 */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "filedev.h"

/**
 * struct gaudi - one card
 * @dev: what all file back ends have
 * @dir: where clk_max_freq_mhz is
 */
struct gaudi {
	struct filedev dev;
	const char *dir;
};

static const char *const without[ACCELGOV_SIG_NR] = {
	[ACCELGOV_SIG_BUSY] = "in no file: hl-smi's library (HLML) tells",
	[ACCELGOV_SIG_COMPUTE] = "in no file: hl-smi's library (HLML) tells",
	[ACCELGOV_SIG_MEMORY] = "in no file: hl-smi's library (HLML) tells",
	[ACCELGOV_SIG_LINK] = "in no file of the driver",
	[ACCELGOV_SIG_HOST] = "in no file of the driver",
	[ACCELGOV_SIG_QUEUE] = "in no file of the driver",
	[ACCELGOV_SIG_PROGRESS] = "in no file of the driver",
};

static void find(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct gaudi *card = acc->priv;
	const struct pcidev *at = &card->dev.at;

	card->dir = at->dir;
	if (at->has_node &&
	    (sysfs_exists(sysfs, "%sclk_max_freq_mhz", at->node) ||
	     sysfs_exists(sysfs, "%smax_power", at->node)))
		card->dir = at->node;
}

static struct reading mhz(const struct sysfs *sysfs, const struct gaudi *card,
			  const char *name, char *reason)
{
	return reading_times(file_number(sysfs, card->dir, name, 1, 20000,
					 reason), 1000, 1);
}

static void look(const struct sysfs *sysfs, struct accelerator *acc,
		 struct observation *o)
{
	struct gaudi *card = acc->priv;
	unsigned int s;

	o->rate[ACCELGOV_SIG_CLOCK] = mhz(sysfs, card, "clk_cur_freq_mhz",
					  o->why[ACCELGOV_SIG_CLOCK]);
	o->rate[ACCELGOV_SIG_POWER] =
		hwmon_power_mw(sysfs, &card->dev.hwmon,
			       o->why[ACCELGOV_SIG_POWER]);
	o->sensor[BACKEND_TEMPERATURE] =
		hwmon_temperature_mc(sysfs, &card->dev.hwmon);
	filedev_contexts(sysfs, acc, o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (without[s])
			why(o->why[s], "%s", without[s]);
}

static void actuator(const struct sysfs *sysfs, const struct gaudi *card,
		     const char *file, int64_t max, int64_t factor,
		     struct backend_range *range)
{
	range->value = reading_times(file_number(sysfs, card->dir, file, 1,
						 max, range->why), factor, 1);
	range->there = range->value.known;
	if (!range->there)
		return;
	range->writable = sysfs_writable(sysfs, "%s%s", card->dir, file);
	if (!range->writable)
		why(range->why, "%s may not be written: run as root", file);
}

static void actuators(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct gaudi *card = acc->priv;

	actuator(sysfs, card, "clk_max_freq_mhz", 20000, 1000,
		 &acc->actuator[BACKEND_CLOCK]);
	actuator(sysfs, card, "max_power", 20000000, 1,
		 &acc->actuator[BACKEND_CAP]);
}

static int set(const struct sysfs *sysfs, struct accelerator *acc,
	       enum backend_actuator which, int64_t value)
{
	struct gaudi *card = acc->priv;

	if (which == BACKEND_CAP)
		return file_write_number(sysfs, card->dir, "max_power", value);
	return file_write_number(sysfs, card->dir, "clk_max_freq_mhz",
				 value / 1000);
}

static int save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
		size_t size)
{
	struct gaudi *card = acc->priv;
	int ret;

	ret = filedev_keep_number(line, size, "max_khz",
				  mhz(sysfs, card, "clk_max_freq_mhz", NULL));
	return ret ? ret :
	       filedev_keep_number(line, size, "cap_mw",
				   file_number(sysfs, card->dir, "max_power",
					       1, 20000000, NULL));
}

static int restore(const struct sysfs *sysfs, struct accelerator *acc,
		   const char *line)
{
	struct reading khz = filedev_kept_number(line, "max_khz");
	struct reading cap = filedev_kept_number(line, "cap_mw"), now;
	struct gaudi *card = acc->priv;
	int ret, error = 0;

	now = mhz(sysfs, card, "clk_max_freq_mhz", NULL);
	if (khz.known && (!now.known || now.value != khz.value))
		error = set(sysfs, acc, BACKEND_CLOCK, khz.value);
	now = file_number(sysfs, card->dir, "max_power", 1, 20000000, NULL);
	if (!cap.known || (now.known && now.value == cap.value))
		return error;
	ret = set(sysfs, acc, BACKEND_CAP, cap.value);
	return error ? error : ret;
}

static const struct filedev_kind kind = {
	.driver = "habanalabs",
	.prefix = "gaudi",
	.size = sizeof(struct gaudi),
	.find = find,
	.look = look,
	.actuators = actuators,
	.set = set,
	.save = save,
	.restore = restore,
};

static int scan(const struct sysfs *sysfs, struct accelerators *list,
		struct backend_note *ret_note)
{
	return filedev_scan(sysfs, list, &backend_habanalabs, &kind, ret_note);
}

const struct backend backend_habanalabs = {
	.name = "habanalabs",
	.title = "Intel Gaudi, through the files of habanalabs",
	.scan = scan,
	.refresh = filedev_refresh,
	.read = filedev_read,
	.set = filedev_set,
	.save = filedev_save,
	.restore = filedev_restore,
	.release = filedev_release,
};
