// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cursor.h"
#include "input_format.h"

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
	return INPUT_FORMAT_NR;
}
