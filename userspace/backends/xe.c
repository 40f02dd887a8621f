// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for xe
 *
 * device/tile0/gt0/freq0 has the clocks of a GT, device/tile0/gt0/gtidle how long it
 * slept. First kernels had no tiles. Each of these reads wakes a sleeping GPU.
 */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "gt.h"

static const struct gt_names xe_names = {
	.act = "freq0/act_freq",
	.cur = "freq0/cur_freq",
	.min = "freq0/min_freq",
	.max = "freq0/max_freq",
	.rp0 = "freq0/rp0_freq",
	.rpn = "freq0/rpn_freq",
	.idle = "gtidle/idle_residency_ms",
	.reasons = "freq0/throttle/",
	.reason = "reason_",
	.status = "status",
};

/* "gt0-rc" is render and compute, "gt1-mc" media; without a name the first. */
static bool computes(const struct sysfs *sysfs, const char *dir, size_t before)
{
	char name[32];

	if (file_text(sysfs, dir, "gtidle/name", name, sizeof(name), NULL))
		return !before;
	return !strstr(name, "-mc");
}

static void add_gts(const struct sysfs *sysfs, struct intel_gpu *gpu,
		    const char *tile)
{
	size_t before = gpu->nr_gts, i;
	struct names names;
	struct gt gt;

	if (sysfs_list(sysfs, &names, "%s.", tile))
		return;
	for (i = 0; i < names.nr && gpu->nr_gts < GTS; i++) {
		if (strncmp(names.name[i], "gt", 2) ||
		    strspn(names.name[i] + 2, "0123456789") !=
		    strlen(names.name[i] + 2) || !names.name[i][2])
			continue;
		if (snprintf(gt.dir, sizeof(gt.dir), "%s%s/", tile,
			     names.name[i]) < (int)sizeof(gt.dir) &&
		    computes(sysfs, gt.dir, gpu->nr_gts - before))
			gpu->gt[gpu->nr_gts++] = gt;
	}
	names_free(&names);
}

static void find(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct intel_gpu *gpu = acc->priv;
	struct names names;
	char tile[288];
	size_t i;

	gpu->names = &xe_names;
	gpu->nr_gts = 0;
	if (sysfs_list(sysfs, &names, "%s.", gpu->dev.at.dir))
		return;
	for (i = 0; i < names.nr; i++)
		if (!strncmp(names.name[i], "tile", 4) &&
		    snprintf(tile, sizeof(tile), "%s%s/", gpu->dev.at.dir,
			     names.name[i]) < (int)sizeof(tile))
			add_gts(sysfs, gpu, tile);
	names_free(&names);
	if (!gpu->nr_gts)
		add_gts(sysfs, gpu, gpu->dev.at.dir);
}

static const struct filedev_kind kind = {
	.driver = "xe",
	.prefix = "xe",
	.size = sizeof(struct intel_gpu),
	.find = find,
	.look = gt_look,
	.actuators = gt_actuators,
	.set = gt_set,
	.save = gt_save,
	.restore = gt_restore,
};

static int scan(const struct sysfs *sysfs, struct accelerators *list,
		struct backend_note *ret_note)
{
	return filedev_scan(sysfs, list, &backend_xe, &kind, ret_note);
}

const struct backend backend_xe = {
	.name = "xe",
	.title = "Intel GPUs, through the files of xe",
	.scan = scan,
	.refresh = filedev_refresh,
	.read = filedev_read,
	.set = filedev_set,
	.save = filedev_save,
	.restore = filedev_restore,
	.release = filedev_release,
};
