// SPDX-License-Identifier: GPL-2.0
/*
 * Time series as CSV and the page made of them.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../kmod/uapi/accelgov.h"
#include "../../userspace/lib/report/report.h"
#include "../../userspace/lib/report/report_parts.h"

static struct series ramp(int rows)
{
	struct series s = { 0 };

	for (int i = 0; i < rows; i++) {
		struct series_row row = {
			.end_ms = (i + 1) * 100,
			.power_mw = 100000 + i * 1000,
			.clock_khz = i % 7 ? 1980000 : -1,
			.target_khz = 1980000,
			.truth = i % 20 < 5 ? ACCELGOV_PHASE_COMPUTE :
					      ACCELGOV_PHASE_MEMORY,
			.seen = i % 20 < 6 ? ACCELGOV_PHASE_COMPUTE :
					     ACCELGOV_PHASE_MEMORY,
			.slowdown_permille = i ? 12 : -1,
		};

		if (series_add(&s, &row))
			break;
	}
	return s;
}

TEST(series_round_trip)
{
	struct series s = ramp(50), again = { 0 };
	FILE *f = tmpfile();
	unsigned int line;

	ASSERT_TRUE(f);
	ASSERT_EQ(series_write(&s, f), 0);
	rewind(f);
	ASSERT_EQ(series_read(f, &again, &line), 0);
	fclose(f);
	ASSERT_EQ(again.nr, s.nr);
	EXPECT_TRUE(!memcmp(again.v, s.v, s.nr * sizeof(*s.v)));
	series_free(&s);
	series_free(&again);
}

#define HEAD \
	"time_ms,power_mw,clock_khz,target_khz,phase,phase_seen,slowdown_permille\n"

static void refused(const char *text, unsigned int want)
{
	struct series s = { .nr = 77 };
	unsigned int line = 0;
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	ASSERT_TRUE(f);
	EXPECT_EQ(series_read(f, &s, &line), -EBADMSG);
	fclose(f);
	EXPECT_EQ(line, want);
	EXPECT_EQ(s.nr, 77);
}

TEST(series_refuses_other_texts)
{
	refused("x\n", 1);
	refused(HEAD "100,1,2,3,compute,memory\n", 2);
	refused(HEAD "100,1,2,3,compute,memory,4,5\n", 2);
	refused(HEAD "100,1,2,3,computing,memory,4\n", 2);
	refused(HEAD "100,1,x,3,compute,memory,4\n", 2);
	refused(HEAD ",1,2,3,compute,memory,4\n", 2);
	refused(HEAD "100,1,2,3,compute,,4\n100,1,2,3,,,\n", 3);
	refused(HEAD "100,-5,2,3,compute,,4\n", 2);
	refused(HEAD "100,99999999999999999999,2,3,compute,,4\n", 2);
}

TEST(axes_are_round_and_hold_the_maximum)
{
	static const double max[] = { 0.003, 0.9, 1, 1.7, 30, 99, 421, 1980 };

	for (size_t i = 0; i < sizeof(max) / sizeof(max[0]); i++) {
		struct report_axis a = report_axis(max[i], 4);
		double ticks = a.max / a.step;

		EXPECT_TRUE(a.max >= max[i] * 0.999);
		EXPECT_NEAR(ticks, round(ticks), 1e-6);
		EXPECT_TRUE(ticks >= 2 && ticks <= 5);
	}
	EXPECT_NEAR(report_axis(0, 4).max, 1, 0);
	EXPECT_NEAR(report_axis(NAN, 4).max, 1, 0);
}

static struct result make(const char *workload, const char *governor)
{
	struct result r;

	result_init(&r);
	strcpy(r.workload, workload);
	strcpy(r.governor, governor);
	strcpy(r.device, "accelsim.0");
	strcpy(r.profile, "h100-sxm");
	strcpy(r.work_unit, "token");
	r.elapsed_s = 120;
	r.energy_per_work_j = 1.5;
	r.slowdown_permille = 20;
	r.mean_power_w = 300;
	return r;
}

static char *page(const struct report *report)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return NULL;
	r = report_write(report, f);
	fclose(f);
	EXPECT_EQ(r, 0);
	return text;
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

TEST(page_is_whole_and_alone)
{
	struct result run[] = {
		make("serving", "performance"), make("serving", "accelgov"),
	};
	struct results all = { .kernel = "6.12.0-<test>", .run = run,
			       .nr = 2 };
	struct series series[] = { ramp(200), ramp(200) };
	struct report report = { &all, series };
	char *text;

	run[1].saving_permille = 257;
	run[1].budget_permille = 30;
	strcpy(run[1].requests, "a&b.csv");
	text = page(&report);
	ASSERT_TRUE(text);
	EXPECT_TRUE(strstr(text, "25.7 % less energy per token"));
	EXPECT_TRUE(strstr(text, "6.12.0-&lt;test&gt;"));
	EXPECT_TRUE(!strstr(text, "<test>"));
	EXPECT_EQ(count(text, "<script"), 0);
	EXPECT_EQ(count(text, "http"), 0);
	EXPECT_EQ(count(text, "src="), 0);
	EXPECT_EQ(count(text, "nan"), 0);
	EXPECT_EQ(count(text, "inf"), count(text, "inference"));
	EXPECT_EQ(count(text, "<svg"), count(text, "</svg>"));
	EXPECT_EQ(count(text, "<section"), count(text, "</section>"));
	EXPECT_EQ(count(text, "<figure"), 3);
	EXPECT_TRUE(strstr(text, "</html>"));
	free(text);
	series_free(&series[0]);
	series_free(&series[1]);
}

TEST(page_without_series_has_no_charts_over_time)
{
	struct result run[] = { make("serving", "powersave") };
	struct results all = { .run = run, .nr = 1 };
	struct series series[1] = { { 0 } };
	struct report report = { &all, series };
	char *text;

	run[0].energy_per_work_j = NAN;
	run[0].slowdown_permille = NAN;
	text = page(&report);
	ASSERT_TRUE(text);
	EXPECT_EQ(count(text, "<figure"), 1);
	EXPECT_EQ(count(text, "nan"), 0);
	EXPECT_TRUE(strstr(text, "&ndash;"));
	free(text);
}
