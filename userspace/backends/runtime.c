// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - runtime PM of an accelerator
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "runtime.h"

#define DELAY	"power/autosuspend_delay_ms"
#define STATUS	"power/runtime_status"

#define RETRY_NS	1000000000ULL

static bool says_asleep(const char *status)
{
	return !strcmp(status, "suspended") || !strcmp(status, "suspending");
}

bool runtime_asleep(const struct sysfs *sysfs, const char *dir)
{
	char status[32];

	if (!file_text(sysfs, dir, STATUS, status, sizeof(status), NULL))
		return says_asleep(status);
	return !file_text(sysfs, dir, "power_state", status, sizeof(status),
			  NULL) && !strncmp(status, "D3", 2);
}

/* False when the file can't be read, because its device is gone for one. */
static bool watched_text(const struct runtime_watch *watch, char *text, size_t size)
{
	ssize_t len = pread(watch->fd, text, size - 1, 0);

	if (len <= 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool open_watched(struct runtime_watch *watch, const struct sysfs *sysfs,
			 const char *dir)
{
	struct timespec ts;
	uint64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now_ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	if (now_ns < watch->retry_ns)
		return false;
	watch->fd = sysfs_open_file(sysfs, "%s" STATUS, dir);
	if (watch->fd >= 0)
		return true;
	watch->fd = -1;
	watch->retry_ns = now_ns + RETRY_NS;
	return false;
}

bool runtime_watch_asleep(struct runtime_watch *watch, const struct sysfs *sysfs,
			  const char *dir)
{
	char text[32];

	if (watch->fd >= 0 && watched_text(watch, text, sizeof(text)))
		return says_asleep(text);
	runtime_watch_end(watch);
	return open_watched(watch, sysfs, dir) &&
	       watched_text(watch, text, sizeof(text)) && says_asleep(text);
}

void runtime_watch_end(struct runtime_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
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
