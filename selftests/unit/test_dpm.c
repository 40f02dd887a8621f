// SPDX-License-Identifier: GPL-2.0
/*
 * amdgpu's text tables, in the forms that chips of all generations have, and cut,
 * padded and garbled.
 */
#include <errno.h>

#include "backends/dpm.h"
#include "unit.h"

TEST(levels_and_their_mark)
{
	struct dpm_table t;

	ASSERT_EQ(dpm_parse("0: 300Mhz\040\n1: 600Mhz\040\n2: 900Mhz *\n", &t), 0);
	EXPECT_EQ(t.nr, 3);
	EXPECT_EQ(t.mhz[2], 900);
	EXPECT_EQ(t.current_mhz, 900);
	EXPECT_FALSE(t.deep_sleep);
	ASSERT_EQ(dpm_parse("S: 19Mhz *\n0: 615Mhz\040\n1: 2100Mhz", &t), 0);
	EXPECT_EQ(t.nr, 2);
	EXPECT_EQ(t.current_mhz, 19);
	EXPECT_TRUE(t.deep_sleep);
	ASSERT_EQ(dpm_parse("0: 255Mhz\n1: 0Mhz *\n2: 1841Mhz\n", &t), 0);
	EXPECT_TRUE(t.marked);
	EXPECT_EQ(t.current_mhz, 0);
	ASSERT_EQ(dpm_parse("0: 300Mhz\n1: 1900Mhz\n", &t), 0);
	EXPECT_FALSE(t.marked);
}

TEST(what_is_no_table_is_none)
{
	static const char *const bad[] = {
		"", "\n", "junk", "0", "0:", "0: ", "0: Mhz", "0: 300",
		"0: 300M", "0: 300Mh", "1: 300Mhz", "0: 300Mhz\n2: 600Mhz",
		"0: 300Mhz\n1: 60", "0: 300Mhz\n1:", "0: -300Mhz",
		"0: 300Mhz x", "0: 300Mhz * *", "S: 19Mhz *",
		"0: 99999999999999999999Mhz", "0: 8.0GT/s, x16 *",
		"99999999999999999999: 300Mhz",
	};
	struct dpm_table t = { .nr = 77 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (dpm_parse(bad[i], &t) != -EBADMSG)
			unit_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	EXPECT_EQ(t.nr, 77);
}

TEST(more_levels_than_a_mask_has_bits)
{
	char text[DPM_LEVELS * 20 + 20] = "";
	struct dpm_table t;
	size_t i, len = 0;

	for (i = 0; i < DPM_LEVELS; i++)
		len += sprintf(text + len, "%zu: %zuMhz\n", i, 100 + i);
	ASSERT_EQ(dpm_parse(text, &t), 0);
	EXPECT_EQ(t.nr, DPM_LEVELS);
	sprintf(text + len, "%d: 999Mhz\n", DPM_LEVELS);
	EXPECT_EQ(dpm_parse(text, &t), -EBADMSG);
}

static size_t settable(const char *text, bool engine, uint32_t *mhz,
		       uint8_t *level)
{
	struct dpm_table t;

	return dpm_parse(text, &t) ? 0 : dpm_settable(&t, engine, mhz, level);
}

TEST(clocks_that_can_be_set)
{
	uint32_t mhz[DPM_LEVELS];
	uint8_t level[DPM_LEVELS];

	/* In the middle is where the engine is now; memory has three levels. */
	ASSERT_EQ(settable("0: 500Mhz\n1: 77Mhz *\n2: 2254Mhz", true, mhz,
			   level), 2);
	EXPECT_EQ(mhz[0], 500);
	EXPECT_EQ(mhz[1], 2254);
	EXPECT_EQ(level[1], 2);
	EXPECT_EQ(settable("0: 300Mhz\n1: 1000Mhz\n2: 1750Mhz *", false, mhz,
			   level), 3);
	ASSERT_EQ(settable("0: 400Mhz *\n1: 800Mhz\n2: 800Mhz\n3: 800Mhz",
			   false, mhz, level), 2);
	EXPECT_EQ(level[1], 1);
	EXPECT_EQ(settable("0: 0Mhz *\n1: 0Mhz *", true, mhz, level), 0);
	EXPECT_EQ(settable("0: 1600Mhz\n1: 800Mhz", false, mhz, level), 0);
}

TEST(overdrive_as_a_range)
{
	struct dpm_od od;

	ASSERT_EQ(dpm_parse_od("OD_SCLK:\n0: 500Mhz\n1: 2660Mhz\nOD_MCLK:\n0: 97Mhz\n1: 1300MHz\nOD_RANGE:\nSCLK:     500Mhz       5000Mhz\nMCLK:      97Mhz       1500Mhz\n",
			       &od), 0);
	EXPECT_EQ(od.levels, 2);
	EXPECT_EQ(od.sclk_min, 500);
	EXPECT_EQ(od.sclk_max, 2660);
	EXPECT_EQ(od.range_min, 500);
	EXPECT_EQ(od.range_max, 5000);
	EXPECT_FALSE(od.voltages);
}

TEST(overdrive_as_a_curve_of_voltages)
{
	struct dpm_od od;

	ASSERT_EQ(dpm_parse_od("OD_SCLK:\n0:        300MHz        750mV\n1:        600MHz        769mV\nOD_RANGE:\nSCLK:     300MHz       2000MHz\n",
			       &od), 0);
	EXPECT_TRUE(od.voltages);
}

TEST(overdrive_that_is_cut_or_absent)
{
	struct dpm_od od = { .levels = 77 };

	EXPECT_EQ(dpm_parse_od("", &od), -EBADMSG);
	EXPECT_EQ(dpm_parse_od("OD_SCLK:\n0: 50", &od), -EBADMSG);
	EXPECT_EQ(dpm_parse_od("OD_RANGE:\nSCLK: 5Mhz 9Mhz\n", &od), -EBADMSG);
	EXPECT_EQ(od.levels, 77);
	ASSERT_EQ(dpm_parse_od("OD_SCLK:\n0: 500Mhz\n1: 900Mhz\nOD_RANGE:\nSCLK:     900Mhz       500Mhz\n",
			       &od), 0);
	EXPECT_EQ(od.range_min, 0);
}

TEST(profiles)
{
	struct dpm_profiles p = { .current = 77 };

	ASSERT_EQ(dpm_parse_profile("NUM        MODE_NAME     SCLK_UP_HYST\n  0   BOOTUP_DEFAULT:        -\n  1 3D_FULL_SCREEN *:        0\n  5          COMPUTE:        0\n",
				    &p), 0);
	EXPECT_EQ(p.current, 1);
	ASSERT_EQ(p.nr, 3);
	EXPECT_EQ(p.number[1], 1);
	EXPECT_EQ(p.number[2], 5);
	/* A table of coefficients follows each profile here. */
	ASSERT_EQ(dpm_parse_profile("PROFILE_INDEX(NAME) CLOCK_TYPE(NAME) FPS\n 0 BOOTUP_DEFAULT*:\n                    0(       GFXCLK)       0       5\n 1 3D_FULL_SCREEN :\n                    0(       GFXCLK)       0       5\n",
				    &p), 0);
	EXPECT_EQ(p.current, 0);
	ASSERT_EQ(p.nr, 2);
	EXPECT_EQ(p.number[1], 1);
	ASSERT_EQ(dpm_parse_profile("  0  BOOTUP_DEFAULT\040\n  5         COMPUTE*\n",
				    &p), 0);
	EXPECT_EQ(p.current, 5);
	p.current = 77;
	EXPECT_EQ(dpm_parse_profile("  0  BOOTUP_DEFAULT\040\n", &p),
		  -EBADMSG);
	EXPECT_EQ(dpm_parse_profile("", &p), -EBADMSG);
	EXPECT_EQ(p.current, 77);
}
