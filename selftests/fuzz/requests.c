// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: request traces that users bring along.
 */
#include <errno.h>

#include "fuzz.h"
#include "requests.h"

static void check_table(const struct requests *r)
{
	HOLDS(r->nr && r->nr <= r->room);
	HOLDS(!r->v[0].arrival_ns);
	for (size_t i = 0; i < r->nr; i++) {
		HOLDS(r->v[i].context);
		HOLDS(!i || r->v[i].arrival_ns >= r->v[i - 1].arrival_ns);
	}
	HOLDS(requests_rate(r) >= 0);
}

static void check_excerpt(const struct requests *r)
{
	struct requests part;

	if (requests_excerpt(r, 0.5, 60000000000ULL, &part))
		return;
	HOLDS(part.nr <= r->nr);
	for (size_t i = 0; i < part.nr; i++)
		HOLDS(part.v[i].arrival_ns < 60000000000ULL);
	requests_free(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const parse[])(const char *text, size_t len,
				    struct requests *ret,
				    struct text_error *err) = {
		requests_parse_azure, requests_parse_mooncake,
	};
	struct text_error err = { 0 };

	/* Whatever the text looks like, any format may be asked for. */
	for (size_t i = 0; i < sizeof(parse) / sizeof(parse[0]); i++) {
		struct requests table = { 0 };
		int ret = parse[i]((const char *)data, size, &table, &err);

		HOLDS(!ret || (!table.v && !table.nr));
		HOLDS(ret != -EINVAL || err.reason[0]);
		if (ret)
			continue;
		check_table(&table);
		check_excerpt(&table);
		requests_free(&table);
	}
	return 0;
}
