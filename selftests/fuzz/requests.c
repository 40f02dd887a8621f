// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: what users bring along for a device to do, in every format.
 */
#include <errno.h>

#include "fuzz.h"
#include "workload/rates.h"
#include "workload/requests.h"
#include "workload/segments.h"

#define MINUTE_NS	60000000000ULL

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

	if (requests_excerpt(r, 0.5, MINUTE_NS, &part))
		return;
	HOLDS(part.nr <= r->nr);
	for (size_t i = 0; i < part.nr; i++)
		HOLDS(part.v[i].arrival_ns < MINUTE_NS);
	requests_free(&part);
}

static void check_error(int ret, const struct text_error *err)
{
	HOLDS(ret == -ENOMEM || (ret == -EINVAL && err->reason[0]));
}

static void as_requests(const char *text, size_t len)
{
	static int (*const parse[])(const char *text, size_t len,
				    struct requests *ret,
				    struct text_error *err) = {
		requests_parse_azure, requests_parse_mooncake,
	};

	for (size_t i = 0; i < sizeof(parse) / sizeof(parse[0]); i++) {
		struct requests table = { 0 };
		struct text_error err = { 0 };
		int ret = parse[i](text, len, &table, &err);

		if (ret) {
			HOLDS(!table.v && !table.nr);
			check_error(ret, &err);
			continue;
		}
		check_table(&table);
		check_excerpt(&table);
		requests_free(&table);
	}
}

/* How many requests the windows hold that begin in time. */
static double expected(const struct rates *r, uint64_t end_ns)
{
	double sum = 0;

	for (size_t i = 0; i < r->nr && r->v[i].start_ns < end_ns; i++) {
		uint64_t next_ns = i + 1 < r->nr ? r->v[i + 1].start_ns :
						   r->end_ns;

		sum += r->v[i].rate_per_s / 1e9 *
		       (double)(next_ns - r->v[i].start_ns);
	}
	return sum;
}

static void check_drawn(const struct rates *r)
{
	uint64_t end_ns = r->end_ns < MINUTE_NS ? r->end_ns : MINUTE_NS;
	struct requests table = { 0 };

	/* They may be more than a fuzzer wants to wait for. */
	if (!(expected(r, end_ns) < 10000) ||
	    rates_draw(r, 1, end_ns, 1, &table))
		return;
	for (size_t i = 1; i < table.nr; i++)
		HOLDS(table.v[i].arrival_ns >= table.v[i - 1].arrival_ns);
	HOLDS(!table.nr || table.v[table.nr - 1].arrival_ns <= end_ns);
	requests_free(&table);
}

static void as_rates(const char *text, size_t len)
{
	struct text_error err = { 0 };
	struct rates r = { 0 };
	int ret = rates_parse(text, len, &r, &err);

	if (ret) {
		HOLDS(!r.v && !r.nr);
		check_error(ret, &err);
		return;
	}
	HOLDS(r.nr && r.end_ns > r.v[r.nr - 1].start_ns);
	for (size_t i = 0; i < r.nr; i++) {
		HOLDS(r.v[i].rate_per_s >= 0);
		HOLDS(!i || r.v[i].start_ns > r.v[i - 1].start_ns);
	}
	check_drawn(&r);
	rates_free(&r);
}

static void as_phases(const char *text, size_t len)
{
	struct text_error err = { 0 };
	struct segments s = { 0 };
	int ret = segments_parse(text, len, &s, &err);

	if (ret) {
		HOLDS(!s.v && !s.nr);
		check_error(ret, &err);
		return;
	}
	HOLDS(s.nr);
	for (size_t i = 0; i < s.nr; i++)
		HOLDS(s.v[i].repeat);
	segments_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	/* Whatever the text looks like, any format may be asked for. */
	as_requests(text, size);
	as_rates(text, size);
	as_phases(text, size);
	return 0;
}
