// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "profile_fields.h"
#include "textfile.h"

#define CLOCKS_PER_LINE	8

static const struct {
	const char *section;
	const char *help;
} helps[] = {
	{ "rate", "Sustained rates. Below the knee bandwidth falls with the clock." },
	{ "power", "With v = (V/Vtop)^2, c = f/ftop * v, T the time of a piece of work:\n"
	  "#   static + leakage*v + c * (busy_clock or idle_clock + compute * tc/T)\n"
	  "#   + (data_movement*v + memory) * tm/T + link * tl/T" },
	{ "limit", "Power limits the board takes; the share of one that mean power reaches." },
	{ "switch", "From a request for a clock until it applies; engines halt for stall." },
	{ "progress", "What counts as one unit of progress." },
	{ "voltage", "Knots, linear in between." },
};

static const char *help_of(const char *section)
{
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
		if (!strcmp(helps[i].section, section))
			return helps[i].help;
	return NULL;
}

static void section_out(FILE *f, const char *section)
{
	const char *help = help_of(section);

	fputc('\n', f);
	if (help)
		fprintf(f, "# %s\n", help);
	fprintf(f, "[%s]\n", section);
}

static void line_out(const struct profile_file *pf, FILE *f,
		     const char *section, const char *key, const char *value)
{
	const char *note = profile_note_of(pf, section, key);

	fprintf(f, "%s = %s", key, value);
	if (*note)
		fprintf(f, " ; %s", note);
	fputc('\n', f);
}

static void field_out(const struct profile_file *pf, FILE *f,
		      const struct profile_field *field, const char *section,
		      const void *base)
{
	u64 v = profile_field_get(field, base);
	char text[48];

	if (field->unit == UNIT_BOOL)
		strcpy(text, v ? "yes" : "no");
	else if (v == U64_MAX)
		strcpy(text, "never");
	else
		unit_exact(field->unit, (int64_t)(v * field->per), text,
			   sizeof(text));
	line_out(pf, f, section, field->key, text);
}

static void list_out(const struct profile_file *pf, FILE *f)
{
	char line[CLOCKS_PER_LINE * 24], hz[40];
	size_t len = 0;

	for (u32 i = 0; i < pf->p.nr_khz; i++) {
		unit_exact(UNIT_FREQ, pf->p.khz[i] * 1000LL, hz, sizeof(hz));
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
					len ? ", " : "", hz);
		if (i % CLOCKS_PER_LINE == CLOCKS_PER_LINE - 1 ||
		    i == pf->p.nr_khz - 1) {
			line_out(pf, f, "clock", "list", line);
			len = 0;
		}
	}
}

static void volts_out(const struct profile_file *pf, FILE *f)
{
	char hz[40], uv[40];

	section_out(f, "voltage");
	for (u32 i = 0; i < pf->p.nr_volts; i++) {
		const struct asim_volt *v = &pf->p.volts[i];

		unit_exact(UNIT_FREQ, v->khz * 1000LL, hz, sizeof(hz));
		unit_exact(UNIT_VOLTAGE, v->uv, uv, sizeof(uv));
		line_out(pf, f, "voltage", hz, uv);
	}
}

static void fields_out(const struct profile_file *pf, FILE *f)
{
	const struct profile_field *field;
	const char *section = "";

	for (u32 i = 0; (field = profile_field(i)); i++) {
		bool clock = !strcmp(field->section, "clock");

		if (strcmp(field->section, section)) {
			if (!strcmp(section, "clock"))
				volts_out(pf, f);
			section_out(f, field->section);
			section = field->section;
			if (clock && pf->p.khz)
				list_out(pf, f);
		}
		if (!clock || !pf->p.khz)
			field_out(pf, f, field, section, &pf->p);
	}
}

static void named_out(const struct profile_file *pf, FILE *f, const char *kind,
		      const char *name, const void *base,
		      const struct profile_field *(*nth)(u32 i))
{
	char section[PROFILE_LABEL_LEN + 8];
	const struct profile_field *field;

	snprintf(section, sizeof(section), "%s %s", kind, name);
	section_out(f, section);
	for (u32 i = 0; (field = nth(i)); i++)
		field_out(pf, f, field, section, base);
}

int profile_write(const struct profile_file *pf, FILE *f)
{
	fputs("# Device profile of accelgov, see Documentation/calibrate.rst. Behind a\n"
	      "# semicolon stands where a figure comes from.\n\n[device]\n", f);
	line_out(pf, f, "device", "name", pf->p.name);
	fields_out(pf, f);
	fputs("\n# Idle states, lightest first. The last one is runtime suspend; of the\n"
	      "# first one, power_with_context is what a context adds.", f);
	for (u32 i = 0; i < pf->p.nr_levels; i++)
		named_out(pf, f, "idle", pf->p.levels[i].name,
			  &pf->p.levels[i], profile_level_field);
	if (pf->nr_phases)
		fputs("\n# Work that the profile was fitted to, at the top clock without a power\n"
		      "# limit. Sensitivity is w of Documentation/governor.rst.", f);
	for (u32 i = 0; i < pf->nr_phases; i++)
		named_out(pf, f, "phase", pf->phase[i].name, &pf->phase[i],
			  profile_phase_field);
	return textfile_flush(f);
}
