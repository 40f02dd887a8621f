// SPDX-License-Identifier: GPL-2.0
/*
 * Rates of arrival by window: reading, every way to be refused, drawing.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "samples.h"
#include "workload/rates.h"

#define SEC	1000000000ULL
#define ONE	"0,11.5,1.09,Gamma,0.84,0.1036\r\n"
#define TWO	"600,66.04333333333334,20.08,Weibull,0.2,0.000171\r\n"
#define NONE	"1200,0,0,,0,0\r\n"
#define TOTALS	"window_start_s,total_rate_req_s,active_clients\n"

static int parse(const char *text, struct rates *ret, struct text_error *err)
{
	return rates_parse(text, strlen(text), ret, err);
}

/* Refused at this line for this very reason; nothing is set. */
static void refused(const char *text, unsigned int line, const char *reason)
{
	struct rates windows = { .nr = 77 };
	struct text_error err = { 0 };

	EXPECT_EQ(parse(text, &windows, &err), -EINVAL);
	EXPECT_EQ(err.line, line);
	EXPECT_STREQ(err.reason, reason);
	EXPECT_EQ(windows.nr, 77);
}

TEST(a_client_as_published)
{
	struct rates r;
	struct text_error err;

	ASSERT_EQ(parse(ONE TWO NONE, &r, &err), 0);
	ASSERT_EQ(r.nr, 3);
	EXPECT_NEAR(r.v[0].rate_per_s, 11.5, 0);
	EXPECT_EQ(r.v[0].family, RATE_GAMMA);
	EXPECT_NEAR(r.v[0].shape, 0.84, 0);
	EXPECT_EQ(r.v[1].start_ns, 600 * SEC);
	EXPECT_EQ(r.v[1].family, RATE_WEIBULL);
	EXPECT_NEAR(r.v[2].rate_per_s, 0, 0);
	EXPECT_EQ(r.end_ns, 1800 * SEC);
	EXPECT_NEAR(rates_peak(&r, 600 * SEC), 11.5, 0);
	EXPECT_NEAR(rates_peak(&r, 601 * SEC), 66.04333333333334, 0);
	rates_free(&r);
}

TEST(sums_over_clients)
{
	struct rates r;
	struct text_error err;

	ASSERT_EQ(parse(TOTALS "600,212.78,43\n1500,179.7,40", &r, &err), 0);
	ASSERT_EQ(r.nr, 2);
	EXPECT_EQ(r.v[0].start_ns, 0);
	EXPECT_EQ(r.v[1].start_ns, 900 * SEC);
	EXPECT_EQ(r.end_ns, 1800 * SEC);
	EXPECT_NEAR(r.v[1].rate_per_s, 179.7, 0);
	rates_free(&r);
}

TEST(a_single_window_lasts_ten_minutes)
{
	struct rates r;
	struct text_error err;

	ASSERT_EQ(parse(ONE, &r, &err), 0);
	EXPECT_EQ(r.end_ns, 600 * SEC);
	rates_free(&r);
}

TEST(refuses_what_is_no_list)
{
	refused("", 0, "the file is empty");
	refused("\n", 1, "empty line");
	refused(TOTALS, 1, "no window after the header");
	refused(TOTALS "0,1,1\n" TOTALS, 3, "the header once more");
	refused(ONE "\n", 2, "empty line");
	refused(ONE "600,1,1\n", 2, "3 fields instead of 6");
	refused(TOTALS ONE, 2, "6 fields instead of 3");
	refused(ONE "x,11.5,1.09,Gamma,0.84,0.1\n", 2,
		"the start of the window is not a number");
	refused(ONE ONE, 2, "the window does not start after the one before");
	refused(TWO ONE, 2, "the window does not start after the one before");
}

TEST(refuses_bad_fields)
{
	refused("1.5,1,1,Gamma,1,1\n", 1,
		"the start of the window is not a whole number");
	refused("99999999999999999999,1,1,Gamma,1,1\n", 1,
		"the start of the window is above 3000000000");
	refused("0,-1,1,Gamma,1,1\n", 1,
		"the rate is negative, it has to be 0 or more");
	refused("0,1x,1,Gamma,1,1\n", 1, "the rate is not a number");
	refused("0,nan,1,Gamma,1,1\n", 1, "the rate is not a number");
	refused("0,1e7,1,Gamma,1,1\n", 1, "the rate is above 1e+06");
	refused("0,1,,Gamma,1,1\n", 1,
		"the coefficient of variation is not a number");
	refused("0,1,1,Poisson,1,1\n", 1,
		"the distribution is not Gamma or Weibull");
	refused("0,1,1,,1,1\n", 1, "the distribution is not Gamma or Weibull");
	refused("0,1,1,Gamma,,1\n", 1, "its shape is not a number");
	refused("0,1,1,Gamma,0,1\n", 1, "its shape is below 0.001");
	refused("0,1,1,Weibull,0.01,1\n", 1, "its shape is below 0.02");
	refused("0,1,1,Gamma,1,0\n", 1, "its scale is 0");
	refused("0,1,1,Gamma,1,1e13\n", 1, "its scale is above 1e+12");
	refused(TOTALS "0,1,few\n", 2, "the number of clients is not a number");
	refused(TOTALS "0,1,1.5\n", 2,
		"the number of clients is not a whole number");
}

static size_t count(const struct requests *t, uint64_t from_ns, uint64_t to_ns)
{
	size_t nr = 0;

	for (size_t i = 0; i < t->nr; i++)
		nr += t->v[i].arrival_ns >= from_ns &&
		      t->v[i].arrival_ns < to_ns;
	return nr;
}

TEST(each_window_gets_its_rate_and_its_spread)
{
	struct requests t, again, half;
	struct samples gap_s = { 0 };
	struct text_error err;
	double square = 0;
	struct rates r;

	ASSERT_EQ(parse(ONE TWO NONE, &r, &err), 0);
	ASSERT_EQ(rates_draw(&r, 0.1, 1800 * SEC, 3, &t), 0);
	EXPECT_NEAR((double)count(&t, 0, 600 * SEC), 690, 1);
	EXPECT_NEAR((double)count(&t, 600 * SEC, 1200 * SEC), 3962.6, 1);
	EXPECT_EQ(count(&t, 1200 * SEC, 1800 * SEC), 0);
	for (size_t i = 1; i < 690; i++)
		samples_add(&gap_s, (double)(t.v[i].arrival_ns -
					     t.v[i - 1].arrival_ns) / 1e9);
	for (size_t i = 0; i < gap_s.nr; i++)
		square += pow(gap_s.v[i] / samples_mean(&gap_s) - 1, 2);
	EXPECT_NEAR(sqrt(square / (double)gap_s.nr), 1 / sqrt(0.84), 0.1);
	ASSERT_EQ(rates_draw(&r, 0.1, 1800 * SEC, 3, &again), 0);
	EXPECT_TRUE(again.nr == t.nr &&
		    !memcmp(again.v, t.v, t.nr * sizeof(*t.v)));
	ASSERT_EQ(rates_draw(&r, 0.1, 300 * SEC, 3, &half), 0);
	EXPECT_EQ(half.nr, count(&t, 0, 300 * SEC));
	samples_free(&gap_s);
	requests_free(&t);
	requests_free(&again);
	requests_free(&half);
	rates_free(&r);
}

/* 0.3 requests a window: none in most of them, and none lost. */
TEST(parts_of_a_request_are_carried_on)
{
	struct requests t;
	struct text_error err;
	char text[2000] = TOTALS;
	struct rates r;

	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), 40, "%d,0.3,1\n", i);
	ASSERT_EQ(parse(text, &r, &err), 0);
	ASSERT_EQ(rates_draw(&r, 1, 100 * SEC, 1, &t), 0);
	EXPECT_NEAR((double)t.nr, 30, 1);
	requests_free(&t);
	rates_free(&r);
}

TEST(what_cannot_be_drawn)
{
	struct requests t = { .nr = 77 };
	struct text_error err;
	struct rates r;

	ASSERT_EQ(parse("0,1000000,1,Gamma,1,1\n", &r, &err), 0);
	EXPECT_EQ(rates_draw(&r, 1, 601 * SEC, 1, &t), -EINVAL);
	EXPECT_EQ(rates_draw(&r, 0, 600 * SEC, 1, &t), -EINVAL);
	EXPECT_EQ(rates_draw(&r, NAN, 600 * SEC, 1, &t), -EINVAL);
	EXPECT_EQ(rates_draw(&r, 1, 600 * SEC, 1, &t), -E2BIG);
	EXPECT_EQ(t.nr, 77);
	rates_free(&r);
}

static bool load(const char *name, struct rates *ret)
{
	const char *root = getenv("ACCELGOV_DATA");
	struct text_error err = { 0 };
	static char text[1 << 19];
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/llm-requests/servegen/%s",
		 root ? root : "../shared/data", name);
	f = fopen(path, "r");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	return EXPECT_EQ(rates_parse(text, len, ret, &err), 0);
}

TEST(published_windows)
{
	struct requests t;
	struct rates r;

	if (!load("language_m-small_chunk-38-trace.csv", &r))
		SKIP("the published windows are not here (ACCELGOV_DATA)");
	EXPECT_EQ(r.nr, 2016);
	EXPECT_EQ(r.end_ns, 14 * 86400 * SEC);
	ASSERT_EQ(rates_draw(&r, 0.01, 86400 * SEC, 1, &t), 0);
	unit_note("%zu requests in the first day at a hundredth", t.nr);
	EXPECT_GT(t.nr, 10000);
	requests_free(&t);
	rates_free(&r);
	ASSERT_TRUE(load("language_m-large_total_rate_600s.csv", &r));
	EXPECT_EQ(r.nr, 2016);
	EXPECT_NEAR(r.v[0].rate_per_s, 212.78, 0);
	rates_free(&r);
}
