// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for i915
 *
 * The files lie with the card, not with its device: card0/gt/gt0/rps_* and, before
 * there could be several GTs, card0/gt_*.
 */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "gt.h"

static const struct gt_names gt_names = {
	.act = "rps_act_freq_mhz",
	.cur = "rps_cur_freq_mhz",
	.min = "rps_min_freq_mhz",
	.max = "rps_max_freq_mhz",
	.rp0 = "rps_RP0_freq_mhz",
	.rpn = "rps_RPn_freq_mhz",
	.idle = "rc6_residency_ms",
	.reasons = "",
	.reason = "throttle_reason_",
	.status = "throttle_reason_status",
};

static const struct gt_names card_names = {
	.act = "gt_act_freq_mhz",
	.cur = "gt_cur_freq_mhz",
	.min = "gt_min_freq_mhz",
	.max = "gt_max_freq_mhz",
	.rp0 = "gt_RP0_freq_mhz",
	.rpn = "gt_RPn_freq_mhz",
	.idle = "power/rc6_residency_ms",
	.reasons = "",
	.reason = "throttle_reason_",
	.status = "throttle_reason_status",
};

/* gt1 and up are media on all chips that i915 drives. */
static void find(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct intel_gpu *gpu = acc->priv;
	const char *node = gpu->dev.at.node;

	gpu->names = &gt_names;
	gpu->nr_gts = 0;
	if (!gpu->dev.at.has_node)
		return;
	if (sysfs_exists(sysfs, "%sgt/gt0/rps_max_freq_mhz", node)) {
		snprintf(gpu->gt[0].dir, sizeof(gpu->gt[0].dir), "%sgt/gt0/",
			 node);
		gpu->nr_gts = 1;
	} else if (sysfs_exists(sysfs, "%sgt_max_freq_mhz", node)) {
		gpu->names = &card_names;
		snprintf(gpu->gt[0].dir, sizeof(gpu->gt[0].dir), "%s", node);
		gpu->nr_gts = 1;
	}
}

static const struct filedev_kind kind = {
	.driver = "i915",
	.prefix = "i915",
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
	return filedev_scan(sysfs, list, &backend_i915, &kind, ret_note);
}

const struct backend backend_i915 = {
	.name = "i915",
	.title = "Intel GPUs, through the files of i915",
	.scan = scan,
	.refresh = filedev_refresh,
	.read = filedev_read,
	.set = filedev_set,
	.save = filedev_save,
	.restore = filedev_restore,
	.release = filedev_release,
};
