// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>

#include "source.h"

int source_parse(enum input_format format, const char *text, size_t len,
		 struct source *ret, struct text_error *err)
{
	struct source s = { 0 };
	int r = -EINVAL;

	switch (format) {
	case INPUT_AZURE:
		r = requests_parse_azure(text, len, &s.requests, err);
		break;
	case INPUT_MOONCAKE:
		r = requests_parse_mooncake(text, len, &s.requests, err);
		break;
	case INPUT_SERVEGEN:
		r = rates_parse(text, len, &s.rates, err);
		break;
	case INPUT_PHASES:
		r = segments_parse(text, len, &s.segments, err);
		break;
	case INPUT_FORMAT_NR:
		*err = (struct text_error){ .reason = "no format" };
	}
	if (!r)
		*ret = s;
	return r;
}

void source_free(struct source *s)
{
	requests_free(&s->requests);
	rates_free(&s->rates);
	segments_free(&s->segments);
}
