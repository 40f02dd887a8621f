// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cursor.h"
#include "input_format.h"
#include "segments.h"

static const struct {
	const char *name;
	const char *shape;
} formats[INPUT_FORMAT_NR] = {
	[INPUT_AZURE] = {
		"azure",
		"a line TIMESTAMP,ContextTokens,GeneratedTokens and then requests such as 2023-11-16 18:15:46.6805900,374,44",
	},
	[INPUT_MOONCAKE] = {
		"mooncake",
		"lines such as {\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1]}, times in ms",
	},
	[INPUT_SERVEGEN] = {
		"servegen",
		"windows such as 600,11.5,1.09,Gamma,0.84,0.104 (start in s, requests/s, variation, distribution, shape, scale)",
	},
	[INPUT_PHASES] = {
		"phases",
		"a header such as phase,duration_ms or phase,ops,bytes,link_ns,host_ns,io_bytes,idle_ms,repeat and a line per phase",
	},
};

const char *input_format_name(enum input_format format)
{
	return format < INPUT_FORMAT_NR ? formats[format].name : NULL;
}

const char *input_format_shape(enum input_format format)
{
	return formats[format].shape;
}

enum input_format input_format_find(const char *name)
{
	int i = 0;

	while (i < INPUT_FORMAT_NR && strcmp(formats[i].name, name))
		i++;
	return (enum input_format)i;
}

/* A window of one client, or the header of sums. */
static bool is_servegen(const struct cursor *c)
{
	struct cursor first = *c;
	unsigned int digit;

	return (cursor_digits(&first, 1, &digit) && cursor_fields(c) == 6) ||
	       cursor_text(&first, "window_start_s,");
}

/* Some column of the header is one, others may be misspelt. */
static bool is_phases(const struct cursor *c)
{
	struct cursor line = *c, field;
	bool more = true;

	while (more) {
		more = cursor_field(&line, &field);
		if (segments_column(&field) >= 0)
			return true;
	}
	return false;
}

enum input_format input_format_detect(const char *text, size_t len)
{
	struct text_error ignored;
	struct cursor c;

	if (cursor_begin(&c, text, len, &ignored) || cursor_next(&c) != 1)
		return INPUT_FORMAT_NR;
	if (cursor_text(&c, "{"))
		return INPUT_MOONCAKE;
	if (cursor_text(&c, "TIMESTAMP,"))
		return INPUT_AZURE;
	if (is_servegen(&c))
		return INPUT_SERVEGEN;
	return is_phases(&c) ? INPUT_PHASES : INPUT_FORMAT_NR;
}
