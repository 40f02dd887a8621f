// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles as text: there and back is the same, for the simulator's and for
 * random ones; what is wrong is refused with its line and a reason.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

#include "prng.h"
#include "profile/profile_fields.h"
#include "unit.h"

#define RANDOM_PROFILES	300
#define DAMAGED_TEXTS	4000

static char *text_of(const struct profile_file *pf)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f || profile_write(pf, f)) {
		unit_fail(__FILE__, __LINE__, "can't write");
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static bool same_clocks(const struct asim_profile *a,
			const struct asim_profile *b)
{
	struct asim_chip one = {}, two = {};

	if (asim_chip_init(&one, a) || asim_chip_init(&two, b) ||
	    one.nr_opps != two.nr_opps)
		return false;
	return !memcmp(one.opps, two.opps, sizeof(one.opps));
}

static bool same_figures(const struct profile_file *a,
			 const struct profile_file *b)
{
	const struct profile_field *f;

	for (u32 i = 0; (f = profile_field(i)); i++)
		if (profile_field_get(f, &a->p) != profile_field_get(f, &b->p))
			return false;
	for (u32 i = 0; i < a->p.nr_levels; i++)
		for (u32 k = 0; (f = profile_level_field(k)); k++)
			if (profile_field_get(f, &a->p.levels[i]) !=
			    profile_field_get(f, &b->p.levels[i]))
				return false;
	return a->p.nr_levels == b->p.nr_levels &&
	       !strcmp(a->p.name, b->p.name) && same_clocks(&a->p, &b->p);
}

static bool there_and_back(const struct profile_file *pf)
{
	static struct profile_file back;
	struct profile_error err = {};
	char *text = text_of(pf), *again;
	bool good;

	if (!text)
		return false;
	if (profile_parse(text, strlen(text), &back, &err)) {
		unit_fail(__FILE__, __LINE__, "line %u: %s", err.line,
			  err.reason);
		free(text);
		return false;
	}
	again = text_of(&back);
	good = EXPECT_STREQ(again, text) && EXPECT_TRUE(same_figures(pf, &back));
	free(text);
	free(again);
	return good;
}

TEST(simulators_profiles)
{
	static struct profile_file pf;
	char why[200];

	for (u32 i = 0; i < asim_nr_profiles; i++) {
		profile_builtin(&asim_profiles[i], &pf);
		EXPECT_TRUE(profile_check(&pf.p, why, sizeof(why)));
		EXPECT_TRUE(there_and_back(&pf));
		EXPECT_TRUE(pf.nr_notes > 0);
	}
}

static u64 between(struct prng *r, u64 low, u64 high)
{
	return low + prng_u64(r) % (high - low + 1);
}

static void random_clocks(struct prng *r, struct profile_file *pf)
{
	struct asim_profile *p = &pf->p;
	u32 nr = (u32)between(r, 2, ASIM_MAX_OPPS), khz;

	khz = (u32)between(r, 1, 500000);
	p->khz_min = khz;
	p->khz_step = (u32)between(r, 1, 30000);
	p->khz_max = p->khz_min + (nr - 1) * p->khz_step;
	p->khz = NULL;
	p->nr_khz = 0;
	if (between(r, 0, 1))
		return;
	p->khz = pf->khz;
	p->nr_khz = nr;
	for (u32 i = 0; i < nr; i++, khz += (u32)between(r, 1, 40000))
		pf->khz[i] = khz;
	p->khz_max = pf->khz[nr - 1];
	p->khz_step = 0;
}

static void random_volts(struct prng *r, struct asim_profile *p)
{
	u32 uv = (u32)between(r, 1000, 900000);

	p->nr_volts = 2;
	p->volts[0] = (struct asim_volt){ p->khz_min, uv };
	p->volts[1] = (struct asim_volt){ p->khz_max,
					  uv + (u32)between(r, 0, 900000) };
}

static void random_profile(struct prng *r, struct profile_file *pf)
{
	const struct profile_field *f;

	profile_builtin(&asim_profiles[between(r, 0, asim_nr_profiles - 1)],
			pf);
	random_clocks(r, pf);
	random_volts(r, &pf->p);
	for (u32 i = 0; (f = profile_field(i)); i++)
		if (strcmp(f->section, "clock"))
			profile_field_set(f, &pf->p,
					  between(r, f->min, f->max));
	pf->p.mem_knee_khz = (u32)between(r, 0, pf->p.khz_min);
	pf->p.cap_min_mw = (u32)between(r, 1, pf->p.cap_max_mw);
	profile_note(pf, "power", "static", "measured = 1, 2; by hand # 7");
	pf->nr_phases = (u32)between(r, 0, 3);
	for (u32 i = 0; i < pf->nr_phases; i++) {
		sprintf(pf->phase[i].name, "stage %u, forward", i);
		pf->phase[i].sensitivity_permille = (u32)between(r, 0, 1000);
		pf->phase[i].time_ns = between(r, 1, 1ULL << 50);
		pf->phase[i].mw = (u32)between(r, 0, 100000);
	}
}

TEST(random_profiles)
{
	static struct profile_file pf;
	char why[200] = "";
	struct prng r = { 1 };

	for (int i = 0; i < RANDOM_PROFILES; i++) {
		random_profile(&r, &pf);
		if (!profile_check(&pf.p, why, sizeof(why))) {
			unit_fail(__FILE__, __LINE__, "%d: %s", i, why);
			return;
		}
		ASSERT_TRUE(there_and_back(&pf));
	}
}

/* The npu-edge text with the line that begins with @line replaced by @by. */
static char *edited(const char *line, const char *by)
{
	static struct profile_file pf;
	char *text, *at, *end, *out = NULL;

	profile_builtin(asim_profile_find("npu-edge"), &pf);
	text = text_of(&pf);
	at = text ? strstr(text, line) : NULL;
	if (at) {
		end = strchr(at, '\n');
		*at = '\0';
		if (asprintf(&out, "%s%s%s", text, by, end) < 0)
			out = NULL;
	}
	free(text);
	return out;
}

static void expect_refusal(const char *line, const char *by, bool has_line,
			   const char *want)
{
	static struct profile_file pf;
	struct profile_error err = {};
	char *text = edited(line, by);

	ASSERT_TRUE(text);
	pf.name[0] = '!';
	EXPECT_EQ(profile_parse(text, strlen(text), &pf, &err), -EINVAL);
	EXPECT_EQ(pf.name[0], '!');
	EXPECT_EQ(err.line > 0, has_line);
	if (!strstr(err.reason, want))
		unit_fail(__FILE__, __LINE__, "%s: \"%s\" is not in \"%s\"", by,
			  want, err.reason);
	free(text);
}

TEST(refusals_name_the_line)
{
	expect_refusal("static =", "static = 120", true, "a power with its unit");
	expect_refusal("static =", "static = -1 W", true, "a power with");
	expect_refusal("static =", "static = 1 uW", true, "too fine");
	expect_refusal("static =", "static = 1000 kW", true, "100 kW");
	expect_refusal("static =", "staticc = 1 W", true, "no \"staticc\"");
	expect_refusal("static =", "static = 1 W\nstatic = 1 W", true, "twice");
	expect_refusal("static =", "static", true, "Key=Value");
	expect_refusal("static =", "[power", true, "closing ]");
	expect_refusal("static =", "[engine]", true, "no section [engine]");
	expect_refusal("static =", "static = 1\x01 W", true, "control");
	expect_refusal("[power]", "[phase]\ntime = 1 s", true, "no section");
	expect_refusal("with_context = yes", "with_context = maybe", true, "yes or no");
	expect_refusal("name =", "name = A100", true, "a-z");
	expect_refusal("name =", "name = a\nname = b", true, "twice");
	expect_refusal("list =", "list = 200 MHz, fast", true, "fast");
	expect_refusal("350 MHz =", "350 MHz = 560", true, "a voltage with");
	expect_refusal("350 MHz =", "350 = 560 mV", true, "a frequency with");
}

TEST(sources_are_kept_whole_or_refused)
{
	char line[PROFILE_NOTE_LEN + 32] = "static = 120 mW ; ";
	struct profile_error err = {};
	static struct profile_file pf;
	size_t at = strlen(line);
	char *text;

	/* One that ends in a space, were it cut. */
	memset(line + at, 'x', PROFILE_NOTE_LEN);
	line[at + PROFILE_NOTE_LEN - 2] = ' ';
	expect_refusal("static =", line, true, "too long");
	line[at + PROFILE_NOTE_LEN - 2] = 'x';
	line[at + PROFILE_NOTE_LEN - 1] = '\0';
	text = edited("static =", line);
	EXPECT_EQ(profile_parse(text, strlen(text), &pf, &err), 0);
	EXPECT_EQ(strlen(profile_note_of(&pf, "power", "static")),
		  PROFILE_NOTE_LEN - 1);
	free(text);
}

TEST(refusals_of_the_whole)
{
	expect_refusal("static =", "", false, "[power] static is missing");
	expect_refusal("name =", "", false, "[device] name is missing");
	expect_refusal("list =", "", false, "[clock] min is missing");
	expect_refusal("list =", "list = 200 MHz, 1 GHz\nstep = 1 MHz", false,
		       "a list and step");
	expect_refusal("list =", "list = 1 GHz, 200 MHz", false, "min is above");
	expect_refusal("list =", "list = 200 MHz, 100 MHz, 1 GHz", false,
		       "does not ascend");
	expect_refusal("1 GHz =", "900 MHz = 800 mV", false, "highest clock");
	expect_refusal("200 MHz =", "210 MHz = 550 mV", false, "lowest clock");
	expect_refusal("350 MHz =", "350 MHz = 540 mV", false, "a voltage falls");
	expect_refusal("memory_knee =", "memory_knee = 2 GHz", false, "knee");
	expect_refusal("min = 2 W", "min = 11 W", false, "min is above max");
	expect_refusal("enters_after = never", "enters_after = 1 s", false,
		       "must be never");
	expect_refusal("enters_after = 20 ms", "enters_after = 1 us", false,
		       "before the state above");
	expect_refusal("wakes_in = 20 us", "", false,
		       "[idle clock-gated] wakes_in is missing");
}

TEST(people_write_differently)
{
	static struct profile_file pf;
	struct profile_error err = {};
	char *text = edited("static =",
			    "  static=0.12W ; mine  \r\n; remark\n# [no section");

	ASSERT_TRUE(text);
	EXPECT_EQ(profile_parse(text, strlen(text), &pf, &err), 0);
	EXPECT_EQ(pf.p.static_mw, 120);
	EXPECT_STREQ(profile_note_of(&pf, "power", "static"), "mine");
	free(text);
	text = edited("350 MHz =", "0.35GHz = 0.56V ; measured");
	ASSERT_TRUE(text);
	EXPECT_EQ(profile_parse(text, strlen(text), &pf, &err), 0);
	EXPECT_STREQ(profile_note_of(&pf, "voltage", "350 MHz"), "measured");
	free(text);
}

/* As editors on Windows save it. */
TEST(a_mark_of_utf_8_in_front)
{
	static struct profile_file pf;
	struct profile_error err = {};
	char *text = edited("static =", "static = 0.12 W"), *marked;
	size_t len;

	ASSERT_TRUE(text);
	len = strlen(text);
	marked = malloc(len + 3);
	ASSERT_TRUE(marked);
	memcpy(marked, "\xef\xbb\xbf", 3);
	memcpy(marked + 3, text, len);
	EXPECT_EQ(profile_parse(marked, len + 3, &pf, &err), 0);
	EXPECT_EQ(pf.p.static_mw, 120);
	EXPECT_EQ(profile_parse(marked, 3, &pf, &err), -EINVAL);
	free(marked);
	free(text);
}

/* Whatever is in a file, it is refused or it makes a chip. */
TEST(damaged_texts)
{
	static struct profile_file pf;
	struct profile_error err;
	struct prng r = { 1 };
	int taken = 0;

	for (int i = 0; i < DAMAGED_TEXTS; i++) {
		struct asim_chip chip;
		char *text;
		size_t len;

		profile_builtin(&asim_profiles[i % asim_nr_profiles], &pf);
		text = text_of(&pf);
		ASSERT_TRUE(text);
		len = strlen(text);
		for (u64 n = between(&r, 1, 4); n; n--)
			text[between(&r, 0, len - 1)] =
				"0123456789=[];.\n \\W\xff"[between(&r, 0, 18)];
		len = between(&r, 0, 9) ? len : between(&r, 0, len);
		if (!profile_parse(text, len, &pf, &err)) {
			EXPECT_EQ(asim_chip_init(&chip, &pf.p), 0);
			taken++;
		}
		free(text);
	}
	unit_note("%d of %d were still profiles", taken, DAMAGED_TEXTS);
	EXPECT_TRUE(taken > 0 && taken < DAMAGED_TEXTS);
}
