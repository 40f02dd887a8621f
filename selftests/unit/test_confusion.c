// SPDX-License-Identifier: GPL-2.0
/*
 * Scoring of names: F1, delays, reliability, windows.
 */
#include <math.h>

#include "unit.h"

#include "../../userspace/lib/report/confusion.h"

#define COMPUTE	ACCELGOV_PHASE_COMPUTE
#define MEMORY	ACCELGOV_PHASE_MEMORY
#define LINK	ACCELGOV_PHASE_LINK
#define UNKNOWN	ACCELGOV_PHASE_UNKNOWN

TEST(f1_is_the_harmonic_mean)
{
	struct confusion c = { 0 };

	EXPECT_TRUE(isnan(confusion_macro_f1(&c)));
	confusion_add(&c, COMPUTE, COMPUTE, 60);
	confusion_add(&c, COMPUTE, MEMORY, 20);
	confusion_add(&c, MEMORY, MEMORY, 20);
	/* Precision 1 and recall 3/4; 1/2 and 1. */
	EXPECT_NEAR(confusion_f1(&c, COMPUTE), 1000 * 6.0 / 7, 1e-9);
	EXPECT_NEAR(confusion_f1(&c, MEMORY), 1000 * 2.0 / 3, 1e-9);
	EXPECT_TRUE(isnan(confusion_f1(&c, LINK)));
	EXPECT_NEAR(confusion_macro_f1(&c), 500 * (6.0 / 7 + 2.0 / 3), 1e-9);
	/* Called what is not there at all: recall suffers, no new class. */
	confusion_add(&c, COMPUTE, LINK, 80);
	EXPECT_NEAR(confusion_f1(&c, COMPUTE), 1000 * 2 * 60.0 / 220, 1e-9);
	EXPECT_TRUE(isnan(confusion_f1(&c, LINK)));
	/* Too rare to be a class. */
	confusion_add(&c, LINK, LINK, 0.5);
	EXPECT_TRUE(isnan(confusion_f1(&c, LINK)));
	/* Nonsense counts as nothing, or as not known. */
	confusion_add(&c, 77, LINK, 1e9);
	confusion_add(&c, MEMORY, 77, 5);
	EXPECT_NEAR(c.at[MEMORY][UNKNOWN], 5, 1e-9);
}

TEST(time_is_counted_where_anything_is_true)
{
	struct timeline truth = { 0 }, seen = { 0 };
	struct confusion c = { 0 };

	timeline_extend(&truth, 0, 1000000000, COMPUTE);
	timeline_extend(&truth, 0, 3000000000, MEMORY);
	timeline_extend(&truth, 0, 4000000000, COMPUTE);
	timeline_extend(&seen, 500000000, 1500000000, COMPUTE);
	timeline_extend(&seen, 0, 3500000000, MEMORY);
	confusion_time(&c, &truth, &seen);
	EXPECT_NEAR(c.at[COMPUTE][UNKNOWN], 1.0, 1e-9);
	EXPECT_NEAR(c.at[COMPUTE][COMPUTE], 0.5, 1e-9);
	EXPECT_NEAR(c.at[MEMORY][COMPUTE], 0.5, 1e-9);
	EXPECT_NEAR(c.at[MEMORY][MEMORY], 1.5, 1e-9);
	EXPECT_NEAR(c.at[COMPUTE][MEMORY], 0.5, 1e-9);
	timeline_free(&truth);
	timeline_free(&seen);
}

TEST(delays_of_changes)
{
	struct timeline truth = { 0 }, seen = { 0 };
	struct delays d = { 0 };

	timeline_extend(&truth, 0, 100, COMPUTE);
	timeline_extend(&truth, 0, 200, MEMORY);	/* seen at 115 */
	timeline_extend(&truth, 0, 300, COMPUTE);	/* never seen */
	timeline_extend(&truth, 0, 400, MEMORY);	/* seen already */
	timeline_extend(&truth, 0, 420, LINK);		/* too short */
	timeline_extend(&truth, 0, 500, COMPUTE);	/* seen at 440 */
	timeline_extend(&seen, 0, 115, COMPUTE);
	timeline_extend(&seen, 0, 440, MEMORY);
	timeline_extend(&seen, 0, 500, COMPUTE);
	EXPECT_TRUE(isnan(delays_percentile(&d, 50)));
	delays_add(&d, &truth, &seen, 10);
	EXPECT_EQ(d.too_short, 1);
	EXPECT_EQ(d.total, 3);
	EXPECT_NEAR(delays_percentile(&d, 0), 1.5, 0.07);
	EXPECT_NEAR(delays_percentile(&d, 50), 2, 0.07);
	EXPECT_NEAR(delays_percentile(&d, 100), 10, 0.07);
	delays_merge(&d, &d);
	EXPECT_EQ(d.total, 6);
	EXPECT_NEAR(delays_percentile(&d, 50), 2, 0.07);
	timeline_free(&truth);
	timeline_free(&seen);
}

TEST(windows_are_what_most_of_them_was)
{
	static const struct named_window window[] = {
		{ 0, 100, COMPUTE, 900 },
		{ 100, 200, MEMORY, 800 },	/* 60 of it compute */
		{ 200, 300, MEMORY, 900 },
		{ 300, 400, MEMORY, 900 },	/* not known yet */
	};
	struct named_windows w = { 0 };
	struct timeline truth = { 0 };

	timeline_extend(&truth, 0, 160, COMPUTE);
	timeline_extend(&truth, 0, 350, MEMORY);
	for (int i = 0; i < 4; i++)
		ASSERT_EQ(named_windows_add(&w, &window[i], &truth), 0);
	named_windows_settle(&w, &truth);
	EXPECT_EQ(w.nr, 1);
	EXPECT_NEAR(w.confusion.at[COMPUTE][COMPUTE], 1, 1e-9);
	EXPECT_NEAR(w.confusion.at[COMPUTE][MEMORY], 1, 1e-9);
	EXPECT_NEAR(w.confusion.at[MEMORY][MEMORY], 1, 1e-9);
	timeline_extend(&truth, 0, 400, MEMORY);
	named_windows_settle(&w, &truth);
	EXPECT_EQ(w.nr, 0);
	EXPECT_NEAR(w.confusion.at[MEMORY][MEMORY], 2, 1e-9);
	named_windows_free(&w);
	timeline_free(&truth);
}

/* Many windows are counted on the way and none is lost. */
TEST(many_windows)
{
	struct named_windows w = { 0 };
	struct timeline truth = { 0 };

	for (uint64_t i = 0; i < 100000; i++) {
		struct named_window n = { i * 10, i * 10 + 10, COMPUTE, 1000 };

		timeline_extend(&truth, 0, i * 10, i % 7 ? COMPUTE : MEMORY);
		ASSERT_EQ(named_windows_add(&w, &n, &truth), 0);
	}
	EXPECT_LT(w.room, 20000);
	timeline_extend(&truth, 0, 2000000, MEMORY);
	named_windows_settle(&w, &truth);
	EXPECT_NEAR(w.confusion.at[COMPUTE][COMPUTE] +
		    w.confusion.at[MEMORY][COMPUTE], 100000, 1e-9);
	named_windows_free(&w);
	timeline_free(&truth);
}

TEST(reliability_is_the_distance_from_what_was_deserved)
{
	struct reliability r = { 0 };

	EXPECT_TRUE(isnan(reliability_error(&r)));
	for (int i = 0; i < 10; i++)
		reliability_add(&r, 800, i < 8);
	EXPECT_NEAR(reliability_error(&r), 0, 1e-9);
	for (int i = 0; i < 10; i++)
		reliability_add(&r, 1000, i < 5);
	EXPECT_NEAR(reliability_error(&r), 250, 1e-9);
	reliability_merge(&r, &r);
	EXPECT_NEAR(reliability_error(&r), 250, 1e-9);
}
