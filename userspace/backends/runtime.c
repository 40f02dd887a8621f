// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - runtime PM of an accelerator
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "file.h"
#include "runtime.h"

#define DELAY	"power/autosuspend_delay_ms"

bool runtime_asleep(const struct sysfs *sysfs, const char *dir)
{
	char status[32];

	if (!file_text(sysfs, dir, "power/runtime_status", status,
		       sizeof(status), NULL))
		return !strcmp(status, "suspended") ||
		       !strcmp(status, "suspending");
	return !file_text(sysfs, dir, "power_state", status, sizeof(status),
			  NULL) && !strncmp(status, "D3", 2);
}

/*
 * "control" is "on" where nobody allowed the device to sleep: then a delay that is
 * set has no effect, which is not this program's to change.
 */
static void check_control(const struct sysfs *sysfs, const char *dir,
			  struct backend_range *range)
{
	char control[16];

	if (!file_text(sysfs, dir, "power/control", control, sizeof(control),
		       NULL) && !strcmp(control, "on"))
		why(range->why, "no effect yet: echo auto > power/control lets it sleep");
}

void runtime_autosuspend(const struct sysfs *sysfs, const char *dir,
			 struct backend_range *range)
{
	*range = (struct backend_range){ 0 };
	if (!sysfs_exists(sysfs, "%s" DELAY, dir)) {
		why(range->why, "there is no " DELAY);
		return;
	}
	/* Drivers that don't use autosuspend have the file, and -EIO in it. */
	range->value = file_number(sysfs, dir, DELAY, INT_MIN, INT_MAX,
				   range->why);
	if (!range->value.known)
		return;
	range->there = true;
	range->min = reading_of(0);
	range->max = reading_of(INT_MAX);
	range->writable = sysfs_writable(sysfs, "%s" DELAY, dir);
	if (!range->writable)
		why(range->why, DELAY " may not be written: run as root");
	else
		check_control(sysfs, dir, range);
}

int runtime_set_autosuspend(const struct sysfs *sysfs, const char *dir,
			    int64_t ms)
{
	if (ms < INT_MIN || ms > INT_MAX)
		return -ERANGE;
	return file_write_number(sysfs, dir, DELAY, ms);
}
