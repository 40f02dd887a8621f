// SPDX-License-Identifier: GPL-2.0
/*
 * Request tables: reading the published format, refusing everything else,
 * drawing from statistics.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../userspace/lib/samples.h"
#include "../../userspace/lib/workload/arrivals.h"
#include "../../userspace/lib/workload/requests.h"

#define HEAD	"TIMESTAMP,ContextTokens,GeneratedTokens\n"
#define ONE	"2023-11-16 18:15:46.6805900,374,44\n"
#define SEC	1000000000ULL

static int parse(const char *text, struct requests *ret,
		 struct text_error *err)
{
	return requests_parse_azure(text, strlen(text), ret, err);
}

/* Refused, at this line, with a reason that holds @word; nothing is set. */
static void refused(const char *text, unsigned int line, const char *word)
{
	struct requests table = { .nr = 77 };
	struct text_error err = { 0 };

	EXPECT_EQ(parse(text, &table, &err), -EINVAL);
	EXPECT_EQ(err.line, line);
	if (!strstr(err.reason, word))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not about \"%s\": %s",
			  err.reason, word, text);
	EXPECT_EQ(table.nr, 77);
}

TEST(published_format)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse(HEAD ONE
			"2023-11-16 18:15:50.9951690,396,109\n"
			"2023-11-16 18:16:51.2224670,879,0\n", &table, &err),
		  0);
	ASSERT_EQ(table.nr, 3);
	EXPECT_EQ(table.v[0].arrival_ns, 0);
	EXPECT_EQ(table.v[0].context, 374);
	EXPECT_EQ(table.v[0].generated, 44);
	EXPECT_EQ(table.v[1].arrival_ns, 4314579000ULL);
	EXPECT_EQ(table.v[2].arrival_ns, 64541877000ULL);
	EXPECT_EQ(table.v[2].generated, 0);
	requests_free(&table);
}

TEST(line_ends)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
			"2023-11-16 18:15:46.6805900,374,44\r\n"
			"2023-11-16 18:15:46.6805900,8,9", &table, &err), 0);
	ASSERT_EQ(table.nr, 2);
	EXPECT_EQ(table.v[1].arrival_ns, 0);
	EXPECT_EQ(table.v[1].generated, 9);
	requests_free(&table);
}

TEST(midnight_months_and_leap_years)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse(HEAD
			"2023-12-31 23:59:59.5000000,1,1\n"
			"2024-01-01 00:00:00.5000000,1,1\n"
			"2024-02-28 23:59:59,1,1\n"
			"2024-02-29 00:00:00,1,1\n"
			"2024-03-01 00:00:00,1,1\n", &table, &err), 0);
	ASSERT_EQ(table.nr, 5);
	EXPECT_EQ(table.v[1].arrival_ns, SEC);
	EXPECT_EQ(table.v[3].arrival_ns - table.v[2].arrival_ns, SEC);
	EXPECT_EQ(table.v[4].arrival_ns - table.v[3].arrival_ns,
		  24 * 3600 * SEC);
	requests_free(&table);
	refused(HEAD "2023-02-29 00:00:00,1,1\n", 2, "timestamp");
}

TEST(utc_as_in_2024)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse(HEAD "2024-05-12 00:00:00.001163+00:00,7,8\n", &table,
			&err), 0);
	ASSERT_EQ(table.nr, 1);
	EXPECT_EQ(table.v[0].context, 7);
	requests_free(&table);
	refused(HEAD "2024-05-12 00:00:00.001163+02:00,7,8\n", 2, "timestamp");
}

TEST(refuses_what_is_not_a_table)
{
	refused("", 0, "empty");
	refused("\n", 1, "header");
	refused(HEAD, 0, "no request");
	refused("timestamp,prompt,answer\n" ONE, 1, "header");
	refused(ONE, 1, "header");
	refused("TIMESTAMP,ContextTokens,GeneratedTokens,x\n" ONE, 1, "header");
}

TEST(refuses_bad_lines)
{
	refused(HEAD ONE "\n" ONE, 3, "empty line");
	refused(HEAD ONE "garbage\n", 3, "timestamp");
	refused(HEAD "2023-11-16T18:15:46.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-13-16 18:15:46.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-31 18:15:46.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 24:15:46.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 18:60:46.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 18:15:60.68,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 18:15:46.,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 18:15:46.0123456789,1,1\n", 2, "timestamp");
	refused(HEAD "2023-11-16 18:15:46.68 ,1,1\n", 2, "comma");
	refused(HEAD "2023-11-16 18:15:46.68,,1\n", 2, "ContextTokens");
	refused(HEAD "2023-11-16 18:15:46.68,-3,1\n", 2, "ContextTokens");
	refused(HEAD "2023-11-16 18:15:46.68,0,1\n", 2, "ContextTokens");
	refused(HEAD "2023-11-16 18:15:46.68,12x,1\n", 2, "comma");
	refused(HEAD "2023-11-16 18:15:46.68,1\n", 2, "comma");
	refused(HEAD "2023-11-16 18:15:46.68,1,\n", 2, "GeneratedTokens");
	refused(HEAD "2023-11-16 18:15:46.68,1,2,3\n", 2, "text after");
	refused(HEAD "2023-11-16 18:15:46.68,1,2\t\n", 2, "text after");
	refused(HEAD "2023-11-16 18:15:46.68,1,99999999999\n", 2, "above");
}

TEST(a_second_header_is_no_request)
{
	refused(HEAD ONE HEAD ONE, 3, "the header once more");
}

TEST(a_mark_of_utf8_is_stepped_over_and_utf16_named)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse("\xef\xbb\xbf" HEAD ONE, &table, &err), 0);
	EXPECT_EQ(table.nr, 1);
	requests_free(&table);
	refused("\xef\xbb\xbf", 0, "empty");
	refused("\xff\xfeT", 0, "UTF-16");
	refused("\xfe\xffT", 0, "UTF-16");
}

TEST(refuses_disorder_with_its_line)
{
	refused(HEAD ONE
		"2023-11-16 18:15:47.0000000,1,1\n"
		"2023-11-16 18:15:46.9999999,1,1\n", 4, "earlier");
}

TEST(bytes_after_a_nul_are_not_text)
{
	static const char text[] = HEAD ONE "\0" ONE;
	struct text_error err = { 0 };
	struct requests table;

	EXPECT_EQ(requests_parse_azure(text, sizeof(text) - 1, &table, &err),
		  -EINVAL);
	EXPECT_EQ(err.line, 3);
	EXPECT_STREQ(err.reason, "a NUL byte: this is no text");
}

TEST(excerpt)
{
	struct requests table, part;
	struct text_error err;

	ASSERT_EQ(parse(HEAD
			"2023-11-16 00:00:00,1,1\n"
			"2023-11-16 00:00:02,2,1\n"
			"2023-11-16 00:00:04,3,1\n", &table, &err), 0);
	EXPECT_NEAR(requests_rate(&table), 0.5, 1e-9);
	ASSERT_EQ(requests_excerpt(&table, 0.5, 8 * SEC, &part), 0);
	EXPECT_EQ(part.nr, 2);
	EXPECT_EQ(part.v[1].arrival_ns, 4 * SEC);
	EXPECT_EQ(part.v[1].context, 2);
	requests_free(&part);
	ASSERT_EQ(requests_excerpt(&table, 4, 8 * SEC, &part), 0);
	EXPECT_EQ(part.nr, 3);
	EXPECT_EQ(part.v[2].arrival_ns, SEC);
	requests_free(&part);
	EXPECT_EQ(table.v[2].arrival_ns, 4 * SEC);
	requests_free(&table);
	EXPECT_NEAR(requests_rate(&table), 0, 0);
}

TEST(add_keeps_order)
{
	struct request late = { 5, 1, 1 }, early = { 4, 1, 1 };
	struct request empty = { 6, 0, 1 };
	struct requests table = { 0 };

	EXPECT_EQ(requests_add(&table, &late), 0);
	EXPECT_EQ(requests_add(&table, &early), -EINVAL);
	EXPECT_EQ(requests_add(&table, &empty), -EINVAL);
	EXPECT_EQ(table.nr, 1);
	requests_free(&table);
}

static void lengths(const struct requests *table, struct samples *context,
		    struct samples *generated, struct samples *gap_ns)
{
	for (size_t i = 0; i < table->nr; i++) {
		const struct request *r = &table->v[i];

		ASSERT_EQ(samples_add(context, r->context), 0);
		ASSERT_EQ(samples_add(generated, r->generated), 0);
		if (i)
			ASSERT_EQ(samples_add(gap_ns, (double)(r->arrival_ns -
						r[-1].arrival_ns)), 0);
	}
}

static double variation(const struct samples *s)
{
	double mean = samples_mean(s), sum = 0;

	for (size_t i = 0; i < s->nr; i++)
		sum += (s->v[i] - mean) * (s->v[i] - mean);
	return sqrt(sum / (double)s->nr) / mean;
}

/* What is drawn has the percentiles that it is drawn from. */
TEST(drawn_requests_have_the_published_statistics)
{
	struct arrivals_config cfg = { 5, ARRIVALS_CV, 10000 * SEC, 42 };
	struct samples context = { 0 }, generated = { 0 }, gap_ns = { 0 };
	struct requests table;

	ASSERT_EQ(arrivals_draw(&cfg, &table), 0);
	lengths(&table, &context, &generated, &gap_ns);
	unit_note("%zu requests, %.3f/s, CV %.3f; prompt p50 %.0f p90 %.0f, answer p50 %.0f p90 %.0f",
		  table.nr, requests_rate(&table), variation(&gap_ns),
		  samples_percentile(&context, 50),
		  samples_percentile(&context, 90),
		  samples_percentile(&generated, 50),
		  samples_percentile(&generated, 90));
	EXPECT_NEAR(requests_rate(&table), 5, 0.1);
	EXPECT_NEAR(variation(&gap_ns), ARRIVALS_CV, 0.02);
	EXPECT_NEAR(samples_percentile(&context, 50), 1020, 15);
	EXPECT_NEAR(samples_percentile(&context, 90), 2735, 80);
	EXPECT_NEAR(samples_percentile(&generated, 50), 129, 5);
	EXPECT_NEAR(samples_percentile(&generated, 90), 424, 5);
	samples_free(&context);
	samples_free(&generated);
	samples_free(&gap_ns);
	requests_free(&table);
}

TEST(a_seed_gives_the_same_requests_again)
{
	struct arrivals_config cfg = { 2, 1.5, 100 * SEC, 7 };
	struct requests a, b, c;

	ASSERT_EQ(arrivals_draw(&cfg, &a), 0);
	ASSERT_EQ(arrivals_draw(&cfg, &b), 0);
	cfg.seed = 8;
	ASSERT_EQ(arrivals_draw(&cfg, &c), 0);
	ASSERT_EQ(a.nr, b.nr);
	EXPECT_TRUE(!memcmp(a.v, b.v, a.nr * sizeof(*a.v)));
	EXPECT_FALSE(a.nr == c.nr && !memcmp(a.v, c.v, a.nr * sizeof(*a.v)));
	requests_free(&a);
	requests_free(&b);
	requests_free(&c);
}

TEST(impossible_statistics_are_refused)
{
	struct arrivals_config cfg = { 0, 1, SEC, 1 };
	struct requests table;

	EXPECT_EQ(arrivals_draw(&cfg, &table), -EINVAL);
	cfg.rate_per_s = NAN;
	EXPECT_EQ(arrivals_draw(&cfg, &table), -EINVAL);
	cfg.rate_per_s = 1;
	cfg.cv = -1;
	EXPECT_EQ(arrivals_draw(&cfg, &table), -EINVAL);
}

/* The percentiles in arrivals.c and the parser, against the real file. */
TEST(azure_conversation_trace)
{
	struct samples context = { 0 }, generated = { 0 }, gap_ns = { 0 };
	const char *root = getenv("ACCELGOV_DATA");
	struct text_error err = { 0 };
	struct requests table;
	static char text[1 << 20];
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path),
		 "%s/llm-requests/azure-llm-2023/AzureLLMInferenceTrace_conv.csv",
		 root ? root : "../shared/data");
	f = fopen(path, "r");
	if (!f)
		SKIP("the published trace is not here (ACCELGOV_DATA)");
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	ASSERT_EQ(requests_parse_azure(text, len, &table, &err), 0);
	lengths(&table, &context, &generated, &gap_ns);
	EXPECT_EQ(table.nr, 19366);
	EXPECT_NEAR(requests_rate(&table), 5.530, 0.001);
	EXPECT_NEAR(variation(&gap_ns), 1.094, 0.001);
	EXPECT_NEAR(samples_percentile(&context, 50), 1020, 0.5);
	EXPECT_NEAR(samples_percentile(&context, 99), 4142, 0.5);
	EXPECT_NEAR(samples_percentile(&generated, 50), 129, 0.5);
	EXPECT_NEAR(samples_percentile(&generated, 95), 451, 0.5);
	samples_free(&context);
	samples_free(&generated);
	samples_free(&gap_ns);
	requests_free(&table);
}
