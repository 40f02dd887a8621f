// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: making the jobs.
 */
#include <errno.h>
#include <string.h>

#include "../../kmod/sim/model.h"
#include "cmd.h"
#include "play.h"

/* Runs on the same kind of device get the same requests at the same times. */
static double known_scale(const struct play *play, const struct play_run *run)
{
	for (const struct play_run *r = play->run; r < run; r++)
		if (!strcmp(r->spec.workload, run->spec.workload) &&
		    !strcmp(r->dev.profile, run->dev.profile))
			return r->work.rate_scale;
	return play->opt.work.rate_scale;
}

int play_job_new(struct play *play, struct play_run *run)
{
	const struct asim_profile *profile =
		asim_profile_find(run->dev.profile);
	struct work_options opt = play->opt.work;
	static struct asim_chip chip;
	int ret;

	if (!profile || asim_chip_init(&chip, profile)) {
		cmd_error("the profile %s of %s is not known here",
			  run->dev.profile, run->dev.name);
		return CMD_UNSUPPORTED;
	}
	opt.rate_scale = known_scale(play, run);
	ret = work_input(&opt, &chip, work_kind_find(run->spec.workload),
			 &play->source, &run->work);
	if (ret)
		return ret;
	ret = work_job(&run->work, &run->job);
	if (!ret)
		return CMD_OK;
	if (ret == -EINVAL)
		cmd_error("%s does not fit on %s", opt.model, run->dev.name);
	else
		cmd_error("out of memory");
	return CMD_FAILURE;
}
