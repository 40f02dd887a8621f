// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <string.h>

#include "profile_fields.h"

/* Where the pointers of the profile lead after it was copied as bytes. */
static void point_home(struct profile_file *pf)
{
	pf->p.name = pf->name;
	if (pf->p.khz)
		pf->p.khz = pf->khz;
	for (u32 i = 0; i < pf->p.nr_levels; i++)
		pf->p.levels[i].name = pf->level_name[i];
}

void profile_file_copy(const struct profile_file *from,
		       struct profile_file *to)
{
	*to = *from;
	point_home(to);
}

bool profile_rename(struct profile_file *pf, const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= PROFILE_NAME_LEN ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != len)
		return false;
	strcpy(pf->name, name);
	pf->p.name = pf->name;
	return true;
}

static struct profile_note *find_note(const struct profile_file *pf,
				      const char *section, const char *key)
{
	for (u32 i = 0; i < pf->nr_notes; i++) {
		const struct profile_note *n = &pf->note[i];

		if (!strcmp(n->section, section) && !strcmp(n->key, key))
			return (struct profile_note *)n;
	}
	return NULL;
}

void profile_note(struct profile_file *pf, const char *section,
		  const char *key, const char *text)
{
	struct profile_note *n = find_note(pf, section, key);

	if (!n) {
		if (pf->nr_notes == PROFILE_NOTES_MAX)
			return;
		n = &pf->note[pf->nr_notes++];
		snprintf(n->section, sizeof(n->section), "%s", section);
		snprintf(n->key, sizeof(n->key), "%s", key);
	}
	snprintf(n->text, sizeof(n->text), "%s", text);
}

const char *profile_note_of(const struct profile_file *pf,
			    const char *section, const char *key)
{
	const struct profile_note *n = find_note(pf, section, key);

	return n ? n->text : "";
}

__attribute__((format(printf, 3, 4)))
static bool wrong(char *reason, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, size, fmt, args);
	va_end(args);
	return false;
}

static bool check_clocks(const struct asim_profile *p, char *reason,
			 size_t size)
{
	if (p->khz_min > p->khz_max)
		return wrong(reason, size,
			     "[clock] min is above max");
	if (!p->khz) {
		if (!p->khz_step)
			return wrong(reason, size, "[clock] step is 0");
		if ((p->khz_max - p->khz_min) % p->khz_step)
			return wrong(reason, size,
				     "[clock] from min to max is no whole number of steps");
		if ((p->khz_max - p->khz_min) / p->khz_step >= ASIM_MAX_OPPS)
			return wrong(reason, size,
				     "[clock] has more than %d clocks",
				     ASIM_MAX_OPPS);
	}
	for (u32 i = 1; p->khz && i < p->nr_khz; i++)
		if (p->khz[i] <= p->khz[i - 1])
			return wrong(reason, size,
				     "[clock] list does not ascend");
	if (p->mem_knee_khz > p->khz_max)
		return wrong(reason, size,
			     "[rate] memory_knee is above the highest clock");
	return true;
}

static bool check_volts(const struct asim_profile *p, char *reason, size_t size)
{
	if (p->nr_volts < 2)
		return wrong(reason, size,
			     "[voltage] needs at least two clocks");
	for (u32 i = 1; i < p->nr_volts; i++)
		if (p->volts[i].khz <= p->volts[i - 1].khz ||
		    p->volts[i].uv < p->volts[i - 1].uv)
			return wrong(reason, size,
				     "[voltage] clocks do not ascend or a voltage falls");
	if (p->volts[0].khz > p->khz_min)
		return wrong(reason, size,
			     "[voltage] does not begin at the lowest clock");
	if (p->volts[p->nr_volts - 1].khz != p->khz_max)
		return wrong(reason, size,
			     "[voltage] does not end at the highest clock");
	return true;
}

static bool check_levels(const struct asim_profile *p, char *reason,
			 size_t size)
{
	const struct asim_level *l = p->levels;

	if (p->nr_levels < 2)
		return wrong(reason, size,
			     "needs two [idle NAME] sections at least: clocks running, and suspended");
	if (l[0].entry_ns || l[0].mw[0])
		return wrong(reason, size,
			     "[idle %s] comes first, so it is entered after 0 and its power is 0: what it draws follows from the clock",
			     l[0].name);
	for (u32 i = 1; i < p->nr_levels; i++)
		if (l[i].entry_ns < l[i - 1].entry_ns)
			return wrong(reason, size,
				     "[idle %s] is entered before the state above it",
				     l[i].name);
	if (l[p->nr_levels - 1].entry_ns != U64_MAX)
		return wrong(reason, size,
			     "[idle %s] is the last and so runtime suspend: enters_after must be never",
			     l[p->nr_levels - 1].name);
	return true;
}

static bool check_ranges(const struct asim_profile *p, char *reason,
			 size_t size)
{
	const struct profile_field *f;

	for (u32 i = 0; (f = profile_field(i)); i++) {
		u64 v = profile_field_get(f, p);

		if (f->at == offsetof(struct asim_profile, khz_step) && p->khz)
			continue;
		if (v < f->min || v > f->max)
			return wrong(reason, size, "[%s] %s is out of range",
				     f->section, f->key);
	}
	return true;
}

bool profile_check(const struct asim_profile *p, char *reason, size_t size)
{
	struct asim_chip chip;

	if (!check_ranges(p, reason, size) || !check_clocks(p, reason, size) ||
	    !check_volts(p, reason, size) || !check_levels(p, reason, size))
		return false;
	if (p->cap_min_mw > p->cap_max_mw)
		return wrong(reason, size, "[limit] min is above max");
	if (asim_chip_init(&chip, p))
		return wrong(reason, size, "the clocks make no valid table");
	if (!chip.opps[0].mem_bytes_per_us)
		return wrong(reason, size,
			     "[rate] memory_bandwidth is nothing at the lowest clock");
	return true;
}

static void copy_name(char *to, const char *from)
{
	snprintf(to, PROFILE_NAME_LEN, "%s", from);
}

void profile_builtin(const struct asim_profile *p, struct profile_file *ret)
{
	*ret = (struct profile_file){ .p = *p };
	copy_name(ret->name, p->name);
	for (u32 i = 0; i < p->nr_khz; i++)
		ret->khz[i] = p->khz[i];
	for (u32 i = 0; i < p->nr_levels; i++)
		copy_name(ret->level_name[i], p->levels[i].name);
	point_home(ret);
	profile_sources(ret);
}
