// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for amdgpu: setting
 *
 * The core's clock has two handles. Chips with a table of levels take a mask of
 * them in pp_dpm_sclk. Where firmware chooses any clock between two ends, the upper
 * end is set in pp_od_clk_voltage, which the driver offers only when the administrator
 * allowed overdrive (amdgpu.ppfeaturemask) or the chip is an APU or an Instinct; it
 * is lowered here, never raised above what was found. Without it the levels that
 * remain are the two ends. Both want the performance level "manual".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "amdgpu.h"
#include "file.h"

enum { CORE, MEMORY };

static int read_table(const struct sysfs *sysfs, const struct amdgpu *gpu,
		      const char *file, struct dpm_table *table, char *reason)
{
	char text[FILE_TEXT];
	int ret;

	ret = file_lines(sysfs, gpu->dev.at.dir, file, text, sizeof(text),
			 reason);
	if (ret)
		return ret;
	ret = dpm_parse(text, table);
	if (ret)
		why(reason, text[0] ? "%s is not understood" :
		    "%s is empty: this chip shows no levels", file);
	return ret;
}

/* A curve of voltages is nothing to touch, and an empty range no handle. */
static bool read_od(const struct sysfs *sysfs, const struct amdgpu *gpu,
		    struct dpm_od *od)
{
	char text[FILE_TEXT];

	return !file_lines(sysfs, gpu->dev.at.dir, AMD_OD, text, sizeof(text),
			   NULL) &&
	       !dpm_parse_od(text, od) && od->levels == 2 && !od->voltages &&
	       od->range_min && od->sclk_max >= od->range_min &&
	       od->sclk_min <= od->sclk_max;
}

static void read_level(const struct sysfs *sysfs, const struct amdgpu *gpu,
		       char *buf, size_t size, char *reason)
{
	buf[0] = '\0';
	file_text(sysfs, gpu->dev.at.dir, AMD_LEVEL, buf, size, reason);
}

/* Which of the levels is the highest that may be chosen now. */
static struct reading level_khz(const struct amdgpu *gpu, const char *level,
				unsigned int which, const uint32_t *mhz,
				size_t nr)
{
	if (!strcmp(level, "auto") || !strcmp(level, "high") ||
	    !strcmp(level, "profile_peak"))
		return reading_of(mhz[nr - 1] * 1000LL);
	if (!strcmp(level, "low"))
		return reading_of(mhz[0] * 1000LL);
	if (!strcmp(level, "manual") && gpu->set_khz[which])
		return reading_of(gpu->set_khz[which]);
	return (struct reading){ 0 };
}

static void check_writable(const struct sysfs *sysfs, const struct amdgpu *gpu,
			   const char *file, struct backend_range *range)
{
	const char *dir = gpu->dev.at.dir;

	if (!sysfs_exists(sysfs, "%s" AMD_LEVEL, dir)) {
		why(range->why, "there is no " AMD_LEVEL " to set to manual first");
		return;
	}
	range->writable = sysfs_writable(sysfs, "%s%s", dir, file) &&
			  sysfs_writable(sysfs, "%s" AMD_LEVEL, dir);
	if (!range->writable)
		why(range->why, "%s may not be written: run as root", file);
}

static void levels_range(const struct sysfs *sysfs, const struct amdgpu *gpu,
			 const char *file, unsigned int which,
			 struct backend_range *range, uint32_t *mhz,
			 size_t *ret_nr)
{
	struct dpm_table table;
	char level[40];
	size_t nr;

	if (read_table(sysfs, gpu, file, &table, range->why))
		return;
	nr = dpm_settable(&table, which == CORE, mhz, NULL);
	if (nr < 2) {
		why(range->why, nr ? "%s has one level only" :
		    "%s has no clocks that ascend", file);
		return;
	}
	range->there = true;
	range->min = reading_of(mhz[0] * 1000LL);
	range->max = reading_of(mhz[nr - 1] * 1000LL);
	read_level(sysfs, gpu, level, sizeof(level), NULL);
	range->value = level_khz(gpu, level, which, mhz, nr);
	check_writable(sysfs, gpu, file, range);
	if (!range->value.known && level[0])
		why(range->why, "set by hand (%s): a mask of levels can't be read back",
		    level);
	*ret_nr = nr;
}

static void core_actuator(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct backend_range *range = &acc->actuator[BACKEND_CLOCK];
	struct amdgpu *gpu = acc->priv;
	uint32_t mhz[DPM_LEVELS];
	struct dpm_od od;
	size_t i, nr = 0;

	acc->nr_clocks = 0;
	gpu->use_od = read_od(sysfs, gpu, &od);
	if (!gpu->use_od) {
		levels_range(sysfs, gpu, AMD_SCLK, CORE, range, mhz, &nr);
		for (i = 0; i < nr; i++)
			acc->clock_khz[i] = mhz[i] * 1000;
		acc->nr_clocks = nr;
		return;
	}
	if (od.sclk_max > gpu->top_mhz)
		gpu->top_mhz = od.sclk_max;
	range->there = true;
	range->value = reading_of(od.sclk_max * 1000LL);
	range->min = reading_of(od.range_min * 1000LL);
	range->max = reading_of(gpu->top_mhz * 1000LL);
	check_writable(sysfs, gpu, AMD_OD, range);
	filedev_steps(acc, range->min.value, range->max.value);
}

static void profile_actuator(const struct sysfs *sysfs,
			     const struct amdgpu *gpu, struct accelerator *acc)
{
	struct backend_range *range = &acc->actuator[BACKEND_PROFILE];
	struct dpm_profiles profiles;
	char text[FILE_TEXT];

	acc->nr_profiles = 0;
	if (file_lines(sysfs, gpu->dev.at.dir, AMD_PROFILE, text, sizeof(text),
		       range->why))
		return;
	if (dpm_parse_profile(text, &profiles)) {
		why(range->why, AMD_PROFILE " marks no profile as the current one");
		return;
	}
	range->there = true;
	range->value = reading_of(profiles.current);
	range->min = reading_of(profiles.number[0]);
	range->max = reading_of(profiles.number[profiles.nr - 1]);
	memcpy(acc->profile, profiles.number, sizeof(acc->profile));
	acc->nr_profiles = profiles.nr;
	range->writable = sysfs_writable(sysfs, "%s" AMD_PROFILE,
					 gpu->dev.at.dir);
	if (!range->writable)
		why(range->why, AMD_PROFILE " may not be written: run as root");
}

void amdgpu_actuators(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct amdgpu *gpu = acc->priv;
	uint32_t mhz[DPM_LEVELS];
	size_t i, nr = 0;

	core_actuator(sysfs, acc);
	levels_range(sysfs, gpu, AMD_MCLK, MEMORY,
		     &acc->actuator[BACKEND_MEM], mhz, &nr);
	for (i = 0; i < nr; i++)
		acc->mem_khz[i] = mhz[i] * 1000;
	acc->nr_mem_clocks = nr;
	hwmon_cap(sysfs, &gpu->dev.hwmon, &acc->actuator[BACKEND_CAP]);
	profile_actuator(sysfs, gpu, acc);
}

static int write_level(const struct sysfs *sysfs, const struct amdgpu *gpu,
		       const char *level)
{
	return sysfs_write(sysfs, level, "%s" AMD_LEVEL, gpu->dev.at.dir);
}

/* Return: 1 when it was "manual" before, 0 when it is now, or a negative errno. */
static int go_manual(const struct sysfs *sysfs, const struct amdgpu *gpu,
		     char *was, size_t size)
{
	read_level(sysfs, gpu, was, size, NULL);
	if (!was[0])
		return -EOPNOTSUPP;
	if (!strcmp(was, "manual"))
		return 1;
	return write_level(sysfs, gpu, "manual");
}

static int write_od(const struct sysfs *sysfs, const struct amdgpu *gpu,
		    uint32_t min, uint32_t max, const struct dpm_od *now)
{
	char text[32];
	int ret = 0;

	/* At no time may the ends cross. */
	if (min < now->sclk_min) {
		snprintf(text, sizeof(text), "s 0 %u", min);
		ret = sysfs_write(sysfs, text, "%s" AMD_OD, gpu->dev.at.dir);
	}
	if (!ret && max != now->sclk_max) {
		snprintf(text, sizeof(text), "s 1 %u", max);
		ret = sysfs_write(sysfs, text, "%s" AMD_OD, gpu->dev.at.dir);
	}
	if (!ret && min > now->sclk_min) {
		snprintf(text, sizeof(text), "s 0 %u", min);
		ret = sysfs_write(sysfs, text, "%s" AMD_OD, gpu->dev.at.dir);
	}
	return ret ? ret : sysfs_write(sysfs, "c", "%s" AMD_OD,
				       gpu->dev.at.dir);
}

static int set_od(const struct sysfs *sysfs, struct amdgpu *gpu, uint32_t mhz)
{
	struct dpm_od now;
	int ret;

	if (!read_od(sysfs, gpu, &now))
		return -EIO;
	if (now.sclk_max == mhz)
		return 0;
	ret = write_od(sysfs, gpu, now.sclk_min < mhz ? now.sclk_min : mhz,
		       mhz, &now);
	if (ret)
		write_od(sysfs, gpu, now.sclk_min, now.sclk_max,
			 &(struct dpm_od){ .sclk_min = mhz, .sclk_max = mhz });
	return ret;
}

/* "0 1 2": the levels up to this one. */
static int write_mask(const struct sysfs *sysfs, const struct amdgpu *gpu,
		      const char *file, unsigned int level)
{
	char text[DPM_LEVELS * 3 + 1] = "";
	size_t len = 0;
	unsigned int i;

	for (i = 0; i <= level; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s%u",
				i ? " " : "", i);
	return sysfs_write(sysfs, text, "%s%s", gpu->dev.at.dir, file);
}

static int set_levels(const struct sysfs *sysfs, struct amdgpu *gpu,
		      const char *file, unsigned int which, uint32_t khz)
{
	uint32_t mhz[DPM_LEVELS];
	uint8_t level[DPM_LEVELS];
	struct dpm_table table;
	size_t nr;
	int ret;

	ret = read_table(sysfs, gpu, file, &table, NULL);
	if (ret)
		return ret;
	nr = dpm_settable(&table, which == CORE, mhz, level);
	while (nr && mhz[nr - 1] * 1000ULL > khz)
		nr--;
	if (!nr)
		return -ERANGE;
	ret = write_mask(sysfs, gpu, file, level[nr - 1]);
	if (!ret)
		gpu->set_khz[which] = mhz[nr - 1] * 1000;
	return ret;
}

static int set_manually(const struct sysfs *sysfs, struct accelerator *acc,
			enum backend_actuator actuator, int64_t value)
{
	struct amdgpu *gpu = acc->priv;

	if (actuator == BACKEND_MEM)
		return set_levels(sysfs, gpu, AMD_MCLK, MEMORY, value);
	if (actuator == BACKEND_PROFILE)
		return file_write_number(sysfs, gpu->dev.at.dir, AMD_PROFILE,
					 value);
	if (gpu->use_od)
		return set_od(sysfs, gpu, value / 1000);
	return set_levels(sysfs, gpu, AMD_SCLK, CORE, value);
}

int amdgpu_set(const struct sysfs *sysfs, struct accelerator *acc,
	       enum backend_actuator actuator, int64_t value)
{
	struct amdgpu *gpu = acc->priv;
	char was[40];
	int ret, manual;

	if (actuator == BACKEND_CAP)
		return hwmon_write_cap(sysfs, &gpu->dev.hwmon, value * 1000);
	manual = go_manual(sysfs, gpu, was, sizeof(was));
	if (manual < 0)
		return manual;
	ret = set_manually(sysfs, acc, actuator, value);
	if (ret && !manual)
		write_level(sysfs, gpu, was);
	return ret;
}

int amdgpu_save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
		size_t size)
{
	struct amdgpu *gpu = acc->priv;
	struct dpm_profiles profiles;
	char text[FILE_TEXT];
	struct dpm_od od;
	int ret = 0;

	read_level(sysfs, gpu, text, sizeof(text), NULL);
	if (text[0] && !strpbrk(text, " \t\n"))
		ret = filedev_keep(line, size, "level", text);
	if (!ret && read_od(sysfs, gpu, &od)) {
		ret = filedev_keep_number(line, size, "sclk_min_mhz",
					  reading_of(od.sclk_min));
		if (!ret)
			ret = filedev_keep_number(line, size, "sclk_max_mhz",
						  reading_of(od.sclk_max));
	}
	if (!ret)
		ret = filedev_keep_number(line, size, "cap_uw",
					  hwmon_cap_uw(sysfs, &gpu->dev.hwmon));
	if (!ret &&
	    !file_lines(sysfs, gpu->dev.at.dir, AMD_PROFILE, text,
			sizeof(text), NULL) &&
	    !dpm_parse_profile(text, &profiles))
		ret = filedev_keep_number(line, size, "profile",
					  reading_of(profiles.current));
	return ret;
}

static int restore_cap(const struct sysfs *sysfs, struct amdgpu *gpu,
		       struct reading want)
{
	struct reading now = hwmon_cap_uw(sysfs, &gpu->dev.hwmon);

	if (!want.known || (now.known && now.value == want.value))
		return 0;
	return hwmon_write_cap(sysfs, &gpu->dev.hwmon, want.value);
}

static int restore_profile(const struct sysfs *sysfs, struct amdgpu *gpu,
			   struct reading want)
{
	struct dpm_profiles profiles;
	char text[FILE_TEXT];

	if (!want.known ||
	    file_lines(sysfs, gpu->dev.at.dir, AMD_PROFILE, text, sizeof(text),
		       NULL) ||
	    dpm_parse_profile(text, &profiles) || profiles.current == want.value)
		return 0;
	return file_write_number(sysfs, gpu->dev.at.dir, AMD_PROFILE,
				 want.value);
}

static int restore_od(const struct sysfs *sysfs, struct amdgpu *gpu,
		      struct reading min, struct reading max)
{
	struct dpm_od now;

	if (!min.known || !max.known || !read_od(sysfs, gpu, &now) ||
	    (now.sclk_min == min.value && now.sclk_max == max.value))
		return 0;
	return write_od(sysfs, gpu, min.value, max.value, &now);
}

/* The masks that were found can't be known: all levels, as after boot. */
static int restore_masks(const struct sysfs *sysfs, struct amdgpu *gpu)
{
	static const char *const files[] = { AMD_SCLK, AMD_MCLK };
	struct dpm_table table;
	int ret, error = 0;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (read_table(sysfs, gpu, files[i], &table, NULL) ||
		    !sysfs_writable(sysfs, "%s%s", gpu->dev.at.dir, files[i]))
			continue;
		ret = write_mask(sysfs, gpu, files[i], table.nr - 1);
		if (!error)
			error = ret;
	}
	return error;
}

int amdgpu_restore(const struct sysfs *sysfs, struct accelerator *acc,
		   const char *line)
{
	struct amdgpu *gpu = acc->priv;
	char level[40] = "", now[40];
	int ret, error;

	error = restore_cap(sysfs, gpu, filedev_kept_number(line, "cap_uw"));
	ret = restore_profile(sysfs, gpu,
			      filedev_kept_number(line, "profile"));
	error = error ? error : ret;
	ret = restore_od(sysfs, gpu, filedev_kept_number(line, "sclk_min_mhz"),
			 filedev_kept_number(line, "sclk_max_mhz"));
	error = error ? error : ret;
	read_level(sysfs, gpu, now, sizeof(now), NULL);
	if (!strcmp(now, "manual")) {
		ret = restore_masks(sysfs, gpu);
		error = error ? error : ret;
	}
	if (filedev_kept(line, "level", level, sizeof(level)) &&
	    strcmp(level, now)) {
		ret = write_level(sysfs, gpu, level);
		error = error ? error : ret;
	}
	memset(gpu->set_khz, 0, sizeof(gpu->set_khz));
	return error;
}
