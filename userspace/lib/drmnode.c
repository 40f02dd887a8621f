// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what the kernel's GPU scheduler calls the device of a devfreq device
 *
 * Linux' msm driver gives its scheduler the device that its DRM device hangs on
 * (drivers/gpu/drm/msm/msm_ringbuffer.c), and its devfreq device the GPU
 * (drivers/gpu/drm/msm/msm_gpu_devfreq.c). With a display these are two: the GPU, driver
 * adreno, is a component of the display controller's DRM device. Nothing in sysfs joins
 * them. But there is one GPU of that driver in a chip, and its DRM driver has no other
 * jobs: so where no node hangs on the GPU itself (msm.separate_gpu_kms, and chips without
 * display do that), it is the one DRM device whose driver is a part of msm. Of two nobody
 * could tell which.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drmnode.h"

static const struct {
	const char *class;
	const char *prefix;
} classes[] = {
	{ "accel", "accel" },
	{ "drm", "card" },
};

/* Display controllers of msm, and its device for chips without one. */
static const char *const msm_drivers[] = { "msm_dpu", "msm_mdp", "mdp4", "msm", NULL };

bool drmnode_is(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) || !name[len])
		return false;
	for (name += len; *name; name++)
		if (!isdigit((unsigned char)*name))
			return false;
	return true;
}

static bool is_among(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word))
		words++;
	return *words;
}

/**
 * struct search - for a DRM device
 * @name: device that it may hang on
 * @there: one does
 * @msm: device of a driver that is a part of msm
 * @nr_msm: how many such devices there are
 */
struct search {
	const char *name;
	bool there;
	char msm[64];
	unsigned int nr_msm;
};

static void look_at(const struct sysfs *sysfs, const char *class, const char *node,
		    struct search *s)
{
	char name[64], driver[64];

	if (sysfs_link_name(sysfs, name, sizeof(name), "sys/class/%s/%s/device",
			    class, node))
		return;
	s->there |= !strcmp(name, s->name);
	if (sysfs_link_name(sysfs, driver, sizeof(driver),
			    "sys/class/%s/%s/device/driver", class, node) ||
	    !is_among(msm_drivers, driver))
		return;
	s->nr_msm++;
	strcpy(s->msm, name);
}

static void look_at_all(const struct sysfs *sysfs, struct search *s)
{
	struct names names;
	size_t c, i;

	for (c = 0; c < sizeof(classes) / sizeof(classes[0]); c++) {
		if (sysfs_list(sysfs, &names, "sys/class/%s", classes[c].class))
			continue;
		for (i = 0; i < names.nr; i++)
			if (drmnode_is(names.name[i], classes[c].prefix))
				look_at(sysfs, classes[c].class, names.name[i],
					s);
		names_free(&names);
	}
}

int drmnode_device(const struct sysfs *sysfs, const char *devfreq, char *ret_name,
		   size_t size)
{
	char name[64], driver[64];
	struct search s = { .name = name };

	if (sysfs_link_name(sysfs, name, sizeof(name),
			    "sys/class/devfreq/%s/device", devfreq))
		return -ENOENT;
	if (!sysfs_link_name(sysfs, driver, sizeof(driver),
			     "sys/class/devfreq/%s/device/driver", devfreq) &&
	    !strcmp(driver, "adreno"))
		look_at_all(sysfs, &s);
	snprintf(ret_name, size, "%s", !s.there && s.nr_msm == 1 ? s.msm : name);
	return 0;
}
