// SPDX-License-Identifier: GPL-2.0
/*
 * What a later look at an accelerator has to have more than an earlier one.
 */
#include "backends/gain.h"
#include "unit.h"

static struct accelerator before, now;

static struct backend_range range(int64_t min, int64_t max)
{
	return (struct backend_range){
		.there = true, .writable = true,
		.value = { max, true }, .min = { min, true }, .max = { max, true },
	};
}

static void clocks(struct accelerator *acc, uint32_t low, uint32_t high)
{
	acc->clock_khz[0] = low;
	acc->clock_khz[1] = high;
	acc->nr_clocks = 2;
	acc->actuator[BACKEND_CLOCK] = range(low, high);
}

static void begin(void)
{
	memset(&before, 0, sizeof(before));
	clocks(&before, 300, 1400);
	before.actuator[BACKEND_CAP] = range(100, 300);
	now = before;
}

TEST(the_same_is_no_gain)
{
	begin();
	EXPECT_STREQ(accelerator_gains(&before, &now, true), NULL);
	EXPECT_STREQ(accelerator_gains(&before, &now, false), NULL);
}

TEST(values_in_force_and_signals_are_none)
{
	begin();
	now.actuator[BACKEND_CLOCK].value.value = 700;
	now.actuator[BACKEND_CAP].value.known = false;
	now.signals = 7;
	EXPECT_STREQ(accelerator_gains(&before, &now, true), NULL);
}

TEST(what_was_not_there_is_one)
{
	begin();
	before.nr_clocks = 0;
	EXPECT_STREQ(accelerator_gains(&before, &now, false), "clocks");
	begin();
	before.actuator[BACKEND_CLOCK].writable = false;
	EXPECT_STREQ(accelerator_gains(&before, &now, false), "a clock that can be set");
	begin();
	before.actuator[BACKEND_CAP].there = false;
	EXPECT_STREQ(accelerator_gains(&before, &now, false),
		     "a power limit that can be set");
	begin();
	now.mem_khz[0] = 1000;
	now.nr_mem_clocks = 1;
	EXPECT_STREQ(accelerator_gains(&before, &now, false), "memory clocks");
	begin();
	now.nr_profiles = 1;
	EXPECT_STREQ(accelerator_gains(&before, &now, false), "power profiles");
}

TEST(a_limit_without_ends_is_of_no_use)
{
	begin();
	before.actuator[BACKEND_CAP] = (struct backend_range){ 0 };
	now.actuator[BACKEND_CAP].min.known = false;
	EXPECT_STREQ(accelerator_gains(&before, &now, true), NULL);
}

TEST(less_is_never_one)
{
	begin();
	now.nr_clocks = 0;
	now.nr_profiles = 1;
	EXPECT_STREQ(accelerator_gains(&before, &now, true), NULL);
	begin();
	now.actuator[BACKEND_CAP].writable = false;
	clocks(&now, 300, 1500);
	EXPECT_STREQ(accelerator_gains(&before, &now, true), NULL);
}

/* A highest clock that accelgovd has set may be all that a look finds of a range. */
TEST(another_list_counts_where_nothing_of_ours_is_in_force)
{
	begin();
	clocks(&now, 300, 900);
	EXPECT_STREQ(accelerator_gains(&before, &now, false), NULL);
	EXPECT_STREQ(accelerator_gains(&before, &now, true), "clocks");
	clocks(&now, 300, 1500);
	EXPECT_STREQ(accelerator_gains(&before, &now, false), "clocks");
}

TEST(another_range_as_well)
{
	begin();
	now.actuator[BACKEND_CAP] = range(100, 250);
	EXPECT_STREQ(accelerator_gains(&before, &now, false), NULL);
	EXPECT_STREQ(accelerator_gains(&before, &now, true),
		     "a power limit that can be set");
	now.actuator[BACKEND_CAP] = range(100, 350);
	EXPECT_STREQ(accelerator_gains(&before, &now, false),
		     "a power limit that can be set");
	now.actuator[BACKEND_CAP] = range(90, 300);
	EXPECT_STREQ(accelerator_gains(&before, &now, false),
		     "a power limit that can be set");
}
