/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accelerators of a small tree, for tests of back ends that read files: found, read,
 * set and saved through their interface.
 */
#ifndef UNIT_ACCELERATORS_H
#define UNIT_ACCELERATORS_H

#include "tree.h"

#include <errno.h>

#include "backends/backend.h"
#include "backends/observe.h"
#include "unit.h"

static struct sysfs sysfs;
static struct accelerators list;

static inline void scan(void)
{
	accelerators_free(&list);
	EXPECT_EQ(accelerators_scan(&sysfs, &list, NULL, NULL), 0);
}

static inline void finish(void)
{
	accelerators_free(&list);
	tree_end(&sysfs);
}

static inline void expect_file(const char *path, const char *want)
{
	char text[256] = "(none)";

	sysfs_read(&sysfs, text, sizeof(text), "%s", path);
	EXPECT_STREQ(text, want);
}

static inline int set(struct accelerator *acc, enum backend_actuator a, int64_t v)
{
	return acc->backend->set(&sysfs, acc, a, v);
}

static inline int save(struct accelerator *acc, char line[512])
{
	return acc->backend->save(&sysfs, acc, line, 512);
}

static inline struct reading rate(struct accelerator *acc, enum accelgov_signal s)
{
	struct backend_reading r = { 0 };

	EXPECT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	return sample_rate(&r.sample, s);
}

#endif /* UNIT_ACCELERATORS_H */
