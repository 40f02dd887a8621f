// SPDX-License-Identifier: GPL-2.0
/*
 * gpu_metrics: every revision, with each length from nothing to more than it says,
 * and the fields that firmware leaves out.
 */
#include <errno.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/gpu_metrics.h"
#include "unit.h"

static uint8_t table[4096];

static void put(size_t at, uint64_t value, unsigned int bytes)
{
	for (; bytes--; value >>= 8)
		table[at++] = value;
}

static void begin(uint16_t size, uint8_t format, uint8_t content, uint8_t fill)
{
	memset(table, fill, sizeof(table));
	put(0, size, 2);
	table[2] = format;
	table[3] = content;
}

/* Sizes as the kernel's structs have them, and where a few fields lie in them. */
static const struct {
	uint8_t format, content;
	uint16_t size;
	uint16_t busy, memory, power, clock, uclk;
	unsigned int busy_per_percent;
} revisions[] = {
	{ 1, 0, 80, 28, 30, 34, 40, 44, 1 },
	{ 1, 1, 96, 16, 18, 22, 40, 44, 1 },
	{ 1, 2, 104, 16, 18, 22, 40, 44, 1 },
	{ 1, 3, 120, 16, 18, 22, 40, 44, 1 },
	{ 1, 4, 288, 12, 14, 10, 240, 280, 1 },
	{ 1, 5, 360, 12, 14, 10, 312, 352, 1 },
	{ 1, 6, 384, 12, 14, 10, 336, 376, 1 },
	{ 1, 6, 1664, 12, 14, 10, 264, 304, 1 },
	{ 1, 7, 2208, 12, 14, 10, 296, 336, 1 },
	{ 1, 8, 3360, 12, 14, 10, 296, 336, 1 },
	{ 2, 0, 120, 0, 0, 0, 68, 72, 0 },
	{ 2, 1, 120, 0, 0, 0, 64, 68, 0 },
	{ 2, 2, 128, 0, 0, 0, 64, 68, 0 },
	{ 2, 3, 152, 0, 0, 0, 64, 68, 0 },
	{ 2, 4, 168, 28, 0, 0, 64, 68, 100 },
	{ 3, 0, 264, 42, 0, 0, 174, 186, 1 },
};

#define REVISIONS (sizeof(revisions) / sizeof(revisions[0]))

TEST(every_revision_has_its_fields_in_their_places)
{
	struct gpu_metrics m;
	size_t i;

	for (i = 0; i < REVISIONS; i++) {
		begin(revisions[i].size, revisions[i].format,
		      revisions[i].content, 0);
		put(revisions[i].clock, 1410, 2);
		put(revisions[i].uclk, 900, 2);
		if (revisions[i].busy)
			put(revisions[i].busy,
			    37 * revisions[i].busy_per_percent, 2);
		if (revisions[i].memory)
			put(revisions[i].memory, 12, 2);
		if (revisions[i].power)
			put(revisions[i].power, 250, 2);
		unit_note("v%u.%u of %u bytes", revisions[i].format,
			  revisions[i].content, revisions[i].size);
		ASSERT_EQ(gpu_metrics_parse(table, revisions[i].size, &m), 0);
		EXPECT_EQ(m.format, revisions[i].format);
		EXPECT_EQ(m.content, revisions[i].content);
		EXPECT_TRUE(m.clock_khz.known);
		EXPECT_EQ(m.clock_khz.value, 1410000);
		EXPECT_EQ(m.mem_clock_khz.value, 900000);
		EXPECT_EQ(m.busy_permille.known, !!revisions[i].busy);
		EXPECT_EQ(m.busy_permille.value, revisions[i].busy ? 370 : 0);
		EXPECT_EQ(m.memory_permille.known, !!revisions[i].memory);
		EXPECT_EQ(m.memory_permille.value,
			  revisions[i].memory ? 120 : 0);
		if (revisions[i].power)
			EXPECT_EQ(m.power_mw.value, 250000);
		EXPECT_FALSE(m.energy_uj.known);
	}
}

TEST(all_ones_are_not_provided)
{
	struct gpu_metrics m;
	unsigned int r;
	size_t i;

	for (i = 0; i < REVISIONS; i++) {
		begin(revisions[i].size, revisions[i].format,
		      revisions[i].content, 0xff);
		ASSERT_EQ(gpu_metrics_parse(table, revisions[i].size, &m), 0);
		EXPECT_FALSE(m.busy_permille.known);
		EXPECT_FALSE(m.memory_permille.known);
		EXPECT_FALSE(m.power_mw.known);
		EXPECT_FALSE(m.energy_uj.known);
		EXPECT_FALSE(m.clock_khz.known);
		EXPECT_FALSE(m.mem_clock_khz.known);
		EXPECT_FALSE(m.temperature_mc.known);
		EXPECT_FALSE(m.throttle.known);
		for (r = 0; r < GPU_METRICS_RESIDENCIES; r++)
			EXPECT_FALSE(m.residency[r].known);
	}
}

/* Exact allocations, so that the sanitizer sees a read behind the end. */
TEST(a_table_cut_anywhere_is_none)
{
	struct gpu_metrics m = { .format = 77 };
	uint8_t *copy;
	size_t i, len;

	for (i = 0; i < REVISIONS; i++) {
		begin(revisions[i].size, revisions[i].format,
		      revisions[i].content, 1);
		for (len = 0; len < revisions[i].size; len++) {
			copy = malloc(len + !len);
			memcpy(copy, table, len);
			EXPECT_EQ(gpu_metrics_parse(copy, len, &m),
				  len < 4 ? -EBADMSG : -ENODATA);
			free(copy);
		}
		EXPECT_EQ(m.format, 77);
	}
}

TEST(a_header_that_promises_too_little_is_refused)
{
	struct gpu_metrics m;
	uint16_t size;
	size_t i;

	for (i = 0; i < REVISIONS; i++)
		for (size = 0; size + 8 < revisions[i].size; size++) {
			begin(size, revisions[i].format, revisions[i].content,
			      1);
			/* The one revision that came in two lengths. */
			if (revisions[i].content == 6 && size >= 384)
				break;
			EXPECT_EQ(gpu_metrics_parse(table, sizeof(table), &m),
				  -ENODATA);
		}
}

TEST(padding_behind_the_table_is_no_harm)
{
	struct gpu_metrics m;
	size_t i;

	for (i = 0; i < REVISIONS; i++) {
		begin(revisions[i].size, revisions[i].format,
		      revisions[i].content, 0);
		put(revisions[i].clock, 500, 2);
		ASSERT_EQ(gpu_metrics_parse(table, sizeof(table), &m), 0);
		EXPECT_EQ(m.clock_khz.value, 500000);
	}
}

TEST(an_unknown_revision_is_named)
{
	struct gpu_metrics m = { 0 };

	begin(200, 4, 7, 0);
	EXPECT_EQ(gpu_metrics_parse(table, 200, &m), -EPROTONOSUPPORT);
	EXPECT_EQ(m.format, 4);
	EXPECT_EQ(m.content, 7);
	begin(200, 1, 10, 0);
	EXPECT_EQ(gpu_metrics_parse(table, 200, &m), -EPROTONOSUPPORT);
	begin(200, 0, 0, 0);
	EXPECT_EQ(gpu_metrics_parse(table, 200, &m), -EPROTONOSUPPORT);
}

TEST(energy_counts_in_fractions_of_a_joule)
{
	struct gpu_metrics m;

	begin(288, 1, 4, 0);
	put(24, 65536ULL * 1000, 8);
	ASSERT_EQ(gpu_metrics_parse(table, 288, &m), 0);
	EXPECT_EQ(m.energy_uj.value, 1000000000);
	/* More than fits is unknown, not something negative. */
	put(24, UINT64_MAX - 1, 8);
	ASSERT_EQ(gpu_metrics_parse(table, 288, &m), 0);
	EXPECT_FALSE(m.energy_uj.known);
}

TEST(a_core_that_is_powered_down_has_no_clock)
{
	struct gpu_metrics m;

	begin(120, 1, 3, 0);
	put(54, 1200, 2);
	ASSERT_EQ(gpu_metrics_parse(table, 120, &m), 0);
	EXPECT_FALSE(m.clock_khz.known);
	/* Without an average what it was set to is the best there is. */
	put(40, 0xffff, 2);
	ASSERT_EQ(gpu_metrics_parse(table, 120, &m), 0);
	EXPECT_EQ(m.clock_khz.value, 1200000);
}

TEST(percentages_above_a_hundred_are_none)
{
	struct gpu_metrics m;

	begin(120, 1, 3, 0);
	put(16, 101, 2);
	put(18, 100, 2);
	ASSERT_EQ(gpu_metrics_parse(table, 120, &m), 0);
	EXPECT_FALSE(m.busy_permille.known);
	EXPECT_EQ(m.memory_permille.value, 1000);
}

TEST(reasons_for_throttling)
{
	static const struct {
		unsigned int bit;
		int64_t reason;
	} bits[] = {
		{ 0, BACKEND_THROTTLE_POWER },
		{ 7, BACKEND_THROTTLE_POWER },
		{ 16, BACKEND_THROTTLE_HARDWARE },
		{ 23, BACKEND_THROTTLE_HARDWARE },
		{ 32, BACKEND_THROTTLE_THERMAL },
		{ 36, BACKEND_THROTTLE_THERMAL },
		{ 46, BACKEND_THROTTLE_HARDWARE },
		{ 57, BACKEND_THROTTLE_OTHER },
	};
	struct gpu_metrics m;
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		begin(120, 1, 3, 0);
		put(112, 1ULL << bits[i].bit, 8);
		ASSERT_EQ(gpu_metrics_parse(table, 120, &m), 0);
		EXPECT_EQ(m.throttle.value, bits[i].reason);
	}
	begin(96, 1, 1, 0);
	ASSERT_EQ(gpu_metrics_parse(table, 96, &m), 0);
	EXPECT_TRUE(m.throttle.known);
	EXPECT_EQ(m.throttle.value, 0);
	put(68, 4, 4);
	ASSERT_EQ(gpu_metrics_parse(table, 96, &m), 0);
	EXPECT_EQ(m.throttle.value, BACKEND_THROTTLE_OTHER);
}

static size_t attribute(size_t at, unsigned int id, unsigned int type,
			unsigned int instances, uint64_t value)
{
	unsigned int bytes = 1 << type / 2, i;

	put(at, (uint64_t)type << 20 | id << 10 | instances, 8);
	for (i = 0; i < instances; i++)
		put(at + 8 + i * bytes, value, bytes);
	return at + 8 + instances * bytes;
}

/* v1.9 carries its own description. */
static size_t attributes(void)
{
	size_t at = 8;

	begin(0, 1, 9, 0xff);
	put(4, 6, 4);
	at = attribute(at, 0, 2, 1, 55);
	at = attribute(at, 3, 2, 1, 700);
	at = attribute(at, 4, 4, 1, 93);
	at = attribute(at, 33, 2, 8, 2100);
	at = attribute(at, 7, 6, 1, 65536);
	at = attribute(at, 999, 7, 3, 1);
	put(0, at, 2);
	return at;
}

TEST(a_table_of_attributes)
{
	struct gpu_metrics m;
	size_t size = attributes(), len;
	uint8_t *copy;

	ASSERT_EQ(gpu_metrics_parse(table, size, &m), 0);
	EXPECT_EQ(m.temperature_mc.value, 55000);
	EXPECT_EQ(m.power_mw.value, 700000);
	EXPECT_EQ(m.busy_permille.value, 930);
	EXPECT_EQ(m.clock_khz.value, 2100000);
	EXPECT_EQ(m.energy_uj.value, 1000000);
	EXPECT_FALSE(m.memory_permille.known);
	for (len = 4; len < size; len++) {
		copy = malloc(len);
		memcpy(copy, table, len);
		EXPECT_EQ(gpu_metrics_parse(copy, len, &m), -ENODATA);
		/* The header knows that it was cut, the attributes don't. */
		copy[0] = len;
		copy[1] = len >> 8;
		EXPECT_EQ(gpu_metrics_parse(copy, len, &m), -ENODATA);
		free(copy);
	}
}
