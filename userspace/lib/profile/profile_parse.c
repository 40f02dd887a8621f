// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's INI parser cuts lines and keeps their numbers, which Debian's
 * build of inih does not tell; this file judges what it finds. What is more than
 * the systemd dialect: a semicolon after a space begins a comment behind a
 * value.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ini.h"
#include "profile_fields.h"

struct parser {
	unsigned int line;
	char section[PROFILE_LABEL_LEN + 8];
	char note[PROFILE_NOTE_LEN];
	struct profile_file *pf;
	struct profile_error *err;
	bool failed;
	u64 seen;
	u32 seen_level[ASIM_MAX_LEVELS];
	u32 seen_phase[PROFILE_PHASES_MAX];
};

__attribute__((format(printf, 3, 4)))
static int refuse(struct parser *s, unsigned int line, const char *fmt, ...)
{
	va_list args;

	if (s->failed)
		return 0;
	s->failed = true;
	s->err->line = line;
	va_start(args, fmt);
	vsnprintf(s->err->reason, sizeof(s->err->reason), fmt, args);
	va_end(args);
	return 0;
}

static int parse_value(struct parser *s, const struct profile_field *f,
		       const char *section, const char *text, u64 *ret)
{
	int64_t v;
	u64 value;

	if (f->at == offsetof(struct asim_level, entry_ns) &&
	    !strcmp(f->section, "idle") && !strcmp(text, "never")) {
		*ret = U64_MAX;
		return 1;
	}
	if (unit_parse(f->unit, text, &v))
		return refuse(s, s->line, "[%s] %s: \"%.40s\" is not %s",
			      section, f->key, text, unit_example(f->unit));
	value = (u64)v / f->per;
	if ((u64)v % f->per || value < f->min || value > f->max) {
		char low[40], high[40];

		return refuse(s, s->line,
			      "[%s] %s: \"%.40s\" is not from %s to %s, or too fine",
			      section, f->key, text,
			      unit_exact(f->unit, (int64_t)(f->min * f->per),
					 low, sizeof(low)),
			      unit_exact(f->unit, (int64_t)(f->max * f->per),
					 high, sizeof(high)));
	}
	*ret = value;
	return 1;
}

/* Sets the figure called @key of one table, which must be there just once. */
static int take_field(struct parser *s, const char *section, const char *key,
		      const char *text, void *base, u64 *seen,
		      const struct profile_field *(*nth)(u32 i))
{
	const struct profile_field *f;
	size_t words = strcspn(section, " ");
	u64 v = 0;

	for (u32 i = 0; (f = nth(i)); i++) {
		if (strncmp(f->section, section, words) ||
		    f->section[words] || strcmp(f->key, key))
			continue;
		if (*seen & BIT_ULL(i))
			return refuse(s, s->line, "[%s] %s is there twice",
				      section, key);
		if (!parse_value(s, f, section, text, &v))
			return 0;
		*seen |= BIT_ULL(i);
		profile_field_set(f, base, v);
		return 1;
	}
	return refuse(s, s->line, "[%s] has no \"%s\"", section, key);
}

static int take_hz(struct parser *s, const char *text, u32 *ret_khz)
{
	int64_t hz;

	if (unit_parse(UNIT_FREQ, text, &hz) || hz <= 0 || hz % 1000 ||
	    hz / 1000 > U32_MAX)
		return refuse(s, s->line, "\"%.40s\" is not %s", text,
			      unit_example(UNIT_FREQ));
	*ret_khz = (u32)(hz / 1000);
	return 1;
}

static int take_volt(struct parser *s, const char *key, const char *text)
{
	struct asim_profile *p = &s->pf->p;
	struct asim_volt knot;
	int64_t uv;

	if (!take_hz(s, key, &knot.khz))
		return 0;
	if (unit_parse(UNIT_VOLTAGE, text, &uv) || uv < 1000 || uv > 5000000)
		return refuse(s, s->line,
			      "[voltage] %s: \"%.40s\" is not %s, 1mV to 5V",
			      key, text, unit_example(UNIT_VOLTAGE));
	if (p->nr_volts == ASIM_MAX_VOLTS)
		return refuse(s, s->line, "[voltage] has more than %d clocks",
			      ASIM_MAX_VOLTS);
	knot.uv = (u32)uv;
	p->volts[p->nr_volts++] = knot;
	return 1;
}

static int take_list(struct parser *s, const char *text)
{
	struct asim_profile *p = &s->pf->p;
	char copy[512], *at = copy, *one;

	if (snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		return refuse(s, s->line, "[clock] list: the line is too long");
	while ((one = strsep(&at, ","))) {
		one += strspn(one, " \t");
		one[strcspn(one, "\t")] = '\0';
		if (p->nr_khz == ASIM_MAX_OPPS)
			return refuse(s, s->line,
				      "[clock] list has more than %d clocks",
				      ASIM_MAX_OPPS);
		if (!take_hz(s, one, &s->pf->khz[p->nr_khz]))
			return 0;
		p->nr_khz++;
	}
	p->khz = s->pf->khz;
	return 1;
}

/* The idle state of that name, a new one when there was none. */
static int find_level(struct parser *s, const char *name)
{
	struct asim_profile *p = &s->pf->p;
	u32 i;

	for (i = 0; i < p->nr_levels; i++)
		if (!strcmp(s->pf->level_name[i], name))
			return (int)i;
	if (i == ASIM_MAX_LEVELS || !*name || strlen(name) >= PROFILE_NAME_LEN)
		return -1;
	strcpy(s->pf->level_name[i], name);
	p->levels[i].name = s->pf->level_name[i];
	p->nr_levels++;
	return (int)i;
}

static int find_phase(struct parser *s, const char *name)
{
	struct profile_file *pf = s->pf;
	u32 i;

	for (i = 0; i < pf->nr_phases; i++)
		if (!strcmp(pf->phase[i].name, name))
			return (int)i;
	if (i == PROFILE_PHASES_MAX || !*name ||
	    strlen(name) >= PROFILE_LABEL_LEN)
		return -1;
	strcpy(pf->phase[i].name, name);
	pf->nr_phases++;
	return (int)i;
}

static int take_named(struct parser *s, const char *section, const char *key,
		      const char *text)
{
	const char *name = strchr(section, ' ');
	bool idle = !strncmp(section, "idle ", 5);
	u32 *seen_of;
	u64 seen;
	int i, ret;

	while (name && *name == ' ')
		name++;
	i = !name ? -1 : idle ? find_level(s, name) : find_phase(s, name);
	if (i < 0)
		return refuse(s, s->line,
			      "[%s] has no name, too long a one, or is one too many",
			      section);
	seen_of = idle ? &s->seen_level[i] : &s->seen_phase[i];
	seen = *seen_of;
	if (idle)
		ret = take_field(s, section, key, text, &s->pf->p.levels[i],
				 &seen, profile_level_field);
	else
		ret = take_field(s, section, key, text, &s->pf->phase[i],
				 &seen, profile_phase_field);
	*seen_of = (u32)seen;
	return ret;
}

static int take_pair(struct parser *s, const char *section, const char *key,
		     const char *text)
{
	if (!strcmp(section, "device") && !strcmp(key, "name")) {
		if (s->pf->name[0])
			return refuse(s, s->line,
				      "[device] name is there twice");
		return profile_rename(s->pf, text) ? 1 :
			refuse(s, s->line,
			       "[device] name: \"%.40s\" is not made of a-z, 0-9, \".\" and \"-\", 23 at most",
			       text);
	}
	if (!strcmp(section, "voltage"))
		return take_volt(s, key, text);
	if (!strcmp(section, "clock") && !strcmp(key, "list"))
		return take_list(s, text);
	if (!strncmp(section, "idle ", 5) || !strncmp(section, "phase ", 6))
		return take_named(s, section, key, text);
	return take_field(s, section, key, text, &s->pf->p, &s->seen,
			  profile_field);
}

/* However a clock was written, its note is found by how it will be. */
static void take_note(struct parser *s, const char *section, const char *key)
{
	const struct asim_profile *p = &s->pf->p;
	char hz[40];

	if (!strcmp(section, "voltage"))
		key = unit_exact(UNIT_FREQ,
				 p->volts[p->nr_volts - 1].khz * 1000LL, hz,
				 sizeof(hz));
	profile_note(s->pf, section, key, s->note);
}

static bool known_section(const char *name)
{
	const struct profile_field *f;

	if (!strcmp(name, "device") || !strcmp(name, "voltage") ||
	    !strncmp(name, "idle ", 5) || !strncmp(name, "phase ", 6))
		return true;
	for (u32 i = 0; (f = profile_field(i)); i++)
		if (!strcmp(f->section, name))
			return true;
	return false;
}

/* Cuts the comment off a value and keeps it; refuses one that can't be kept whole. */
static bool cut_note(struct parser *s, char *value)
{
	char *end = strstr(value, " ;"), *comment = end;

	s->note[0] = '\0';
	if (!end)
		return true;
	for (comment += 2; isspace((unsigned char)*comment); comment++)
		;
	if (snprintf(s->note, sizeof(s->note), "%s", comment) >=
	    sizeof(s->note)) {
		refuse(s, s->line, "what stands behind \";\" is too long: %zu bytes at most",
		       sizeof(s->note) - 1);
		return false;
	}
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return true;
}

static void on_section(void *arg, unsigned int line, const char *name)
{
	struct parser *s = arg;

	if (!name)
		return;
	s->line = line;
	if (snprintf(s->section, sizeof(s->section), "%s", name) >=
	    sizeof(s->section))
		refuse(s, line, "the section's name is too long");
	else if (!known_section(name))
		refuse(s, line, "there is no section [%s]", name);
}

static void on_value(void *arg, unsigned int line, const char *key,
		     const char *text)
{
	struct parser *s = arg;
	char value[1024];

	if (s->failed)
		return;
	s->line = line;
	if (snprintf(value, sizeof(value), "%s", text) >= sizeof(value)) {
		refuse(s, line, "the line is too long");
		return;
	}
	if (!cut_note(s, value))
		return;
	if (take_pair(s, s->section, key, value) && s->note[0])
		take_note(s, s->section, key);
}

static void on_problem(void *arg, unsigned int line, const char *text)
{
	refuse(arg, line, "%s", text);
}

static bool all_there(struct parser *s, const char *name, const char *kind,
		      u64 seen, const struct profile_field *(*nth)(u32 i))
{
	const struct profile_field *f;

	for (u32 i = 0; (f = nth(i)); i++) {
		bool listed = s->pf->p.khz && !strcmp(f->section, "clock");

		if (!(seen & BIT_ULL(i)) == listed)
			continue;
		refuse(s, 0, listed ? "[%s%s] has a list and %s as well" :
		       "[%s%s] %s is missing", kind ? kind : f->section,
		       name, f->key);
		return false;
	}
	return true;
}

static bool complete(struct parser *s)
{
	struct asim_profile *p = &s->pf->p;

	if (!s->pf->name[0]) {
		refuse(s, 0, "[device] name is missing");
		return false;
	}
	if (!all_there(s, "", NULL, s->seen, profile_field))
		return false;
	if (p->khz) {
		p->khz_min = p->khz[0];
		p->khz_max = p->khz[p->nr_khz - 1];
	}
	for (u32 i = 0; i < p->nr_levels; i++)
		if (!all_there(s, s->pf->level_name[i], "idle ",
			       s->seen_level[i], profile_level_field))
			return false;
	for (u32 i = 0; i < s->pf->nr_phases; i++)
		if (!all_there(s, s->pf->phase[i].name, "phase ",
			       s->seen_phase[i], profile_phase_field))
			return false;
	s->err->line = 0;
	if (profile_check(p, s->err->reason, sizeof(s->err->reason)))
		return true;
	s->failed = true;
	return false;
}

int profile_parse(const char *text, size_t len, struct profile_file *ret,
		  struct profile_error *err)
{
	struct parser s = { .err = err };
	const struct ini_handler handler = {
		.section = on_section,
		.value = on_value,
		.problem = on_problem,
		.arg = &s,
	};

	s.pf = calloc(1, sizeof(*s.pf));
	if (!s.pf)
		return -ENOMEM;
	ini_parse(text, len, &handler);
	if (!s.failed && complete(&s))
		profile_file_copy(s.pf, ret);
	free(s.pf);
	return s.failed ? -EINVAL : 0;
}
