// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - amdgpu's text tables
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "dpm.h"

/* Above any clock; an engine's is below 10 GHz. */
#define MHZ_MAX		99999

static const char *skip_blank(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Return: behind the digits; NULL when there are none or the number is too large. */
static const char *number(const char *p, uint32_t *ret)
{
	uint32_t v = 0;

	if (!isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++) {
		v = v * 10 + (*p - '0');
		if (v > MHZ_MAX)
			return NULL;
	}
	*ret = v;
	return p;
}

static const char *megahertz(const char *p, uint32_t *ret_mhz)
{
	uint32_t mhz;

	p = number(skip_blank(p), &mhz);
	if (!p || strncasecmp(p, "mhz", 3))
		return NULL;
	*ret_mhz = mhz;
	return p + 3;
}

static const char *line_end(const char *p)
{
	return p + strcspn(p, "\n");
}

/* Return: the line is a level or the "S:" line, and well formed. */
static bool take_level(const char *line, const char *end,
		       struct dpm_table *table)
{
	const char *p = skip_blank(line);
	bool sleep = *p == 'S';
	uint32_t level = 0, mhz;
	bool mark;

	p = sleep ? p + 1 : number(p, &level);
	if (!p || *p != ':')
		return false;
	p = megahertz(p + 1, &mhz);
	if (!p)
		return false;
	p = skip_blank(p);
	mark = *p == '*';
	p = skip_blank(p + mark);
	if (p != end && *p != '\r')
		return false;
	if (!sleep) {
		if (level != table->nr || level >= DPM_LEVELS)
			return false;
		table->mhz[table->nr++] = mhz;
	}
	if (mark && !table->marked) {
		table->marked = true;
		table->deep_sleep = sleep;
		table->current_mhz = mhz;
	}
	return true;
}

int dpm_parse(const char *text, struct dpm_table *ret_table)
{
	struct dpm_table table = { 0 };
	const char *line, *end;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = line_end(line);
		if (skip_blank(line) == end)
			continue;
		if (!take_level(line, end, &table))
			return -EBADMSG;
	}
	if (!table.nr)
		return -EBADMSG;
	*ret_table = table;
	return 0;
}

size_t dpm_settable(const struct dpm_table *table, bool engine,
		    uint32_t ret_mhz[DPM_LEVELS],
		    uint8_t ret_level[DPM_LEVELS])
{
	size_t i, nr = 0;

	for (i = 0; i < table->nr; i++) {
		if (engine && table->nr == 3 && i == 1)
			continue;
		if (!table->mhz[i] ||
		    (nr && table->mhz[i] < ret_mhz[nr - 1]))
			return 0;
		if (nr && table->mhz[i] == ret_mhz[nr - 1])
			continue;
		ret_mhz[nr] = table->mhz[i];
		if (ret_level)
			ret_level[nr] = i;
		nr++;
	}
	return nr;
}

static bool begins(const char *line, const char *word)
{
	return !strncmp(line, word, strlen(word));
}

static void take_od_sclk(const char *line, const char *end, struct dpm_od *od)
{
	uint32_t level, mhz;
	const char *p = number(skip_blank(line), &level);

	if (!p || *p != ':' || level != od->levels)
		return;
	p = megahertz(p + 1, &mhz);
	if (!p)
		return;
	if (skip_blank(p) != end)
		od->voltages = true;
	if (!od->levels)
		od->sclk_min = mhz;
	od->sclk_max = mhz;
	od->levels++;
}

static void take_od_range(const char *line, struct dpm_od *od)
{
	uint32_t min, max;
	const char *p;

	if (!begins(line, "SCLK:"))
		return;
	p = megahertz(line + 5, &min);
	if (!p || !megahertz(p, &max) || min > max)
		return;
	od->range_min = min;
	od->range_max = max;
}

int dpm_parse_od(const char *text, struct dpm_od *ret_od)
{
	enum { NONE, SCLK, RANGE } section = NONE;
	struct dpm_od od = { 0 };
	const char *line, *end;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = line_end(line);
		if (begins(line, "OD_"))
			section = begins(line, "OD_SCLK:") ? SCLK :
				  begins(line, "OD_RANGE:") ? RANGE : NONE;
		else if (section == SCLK)
			take_od_sclk(line, end, &od);
		else if (section == RANGE)
			take_od_range(line, &od);
	}
	if (!od.levels)
		return -EBADMSG;
	*ret_od = od;
	return 0;
}

/* Lines of coefficients begin with numbers that have come before. */
static void add_profile(struct dpm_profiles *profiles, uint32_t number)
{
	if (profiles->nr < DPM_PROFILES &&
	    (!profiles->nr || number > profiles->number[profiles->nr - 1]))
		profiles->number[profiles->nr++] = number;
}

/* " 1 3D_FULL_SCREEN *:", "  1   COMPUTE*" and the like: number, name, mark. */
int dpm_parse_profile(const char *text, struct dpm_profiles *ret_profiles)
{
	struct dpm_profiles profiles = { 0 };
	const char *line, *end, *p;
	uint32_t profile;
	bool found = false;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = line_end(line);
		p = number(skip_blank(line), &profile);
		if (!p || (*p != ' ' && *p != '\t') || profile > 255)
			continue;
		p = skip_blank(p);
		if (!isalnum((unsigned char)*p) || strchr(" \t\n", p[1]))
			continue;
		add_profile(&profiles, profile);
		p += strcspn(p, " \t\n*:(");
		p = skip_blank(p);
		if (*p == '*' && !found) {
			profiles.current = profile;
			found = true;
		}
	}
	if (!found)
		return -EBADMSG;
	*ret_profiles = profiles;
	return 0;
}
