// SPDX-License-Identifier: GPL-2.0
/*
 * Waits of those who own a device, as signals of samples that nobody else fills.
 */
#include "ownwaits.h"
#include "unit.h"

#define WINDOW_US	100000ULL

static struct accelgov_sample sample(uint32_t valid)
{
	struct accelgov_sample s = { .window_ns = WINDOW_US * 1000, .valid = valid };

	return s;
}

/* A device of which one thread begins to wait at 0. */
static struct drmc_device device(void)
{
	return (struct drmc_device){
		.owners = 1, .callers = 1, .input = DRMC_ENTER(0),
		.saving = DRMC_ENTER(0), .collective = DRMC_ENTER(0),
	};
}

static bool has(const struct accelgov_sample *s, enum accelgov_signal signal)
{
	return s->valid & 1U << signal;
}

#define BIT_OF(signal)	(1U << (signal))

TEST(waits_are_told_from_the_second_sample_on)
{
	struct accelgov_sample s = sample(0);
	struct drmc_device d = device();
	struct ownwaits w = { 0 };

	ownwaits_fill(&w, &d, WINDOW_US, &s);
	EXPECT_EQ(s.valid, 0);
	ownwaits_fill(&w, &d, 2 * WINDOW_US, &s);
	EXPECT_EQ(s.val[ACCELGOV_SIG_QUEUE], 1000);
	EXPECT_EQ(s.val[ACCELGOV_SIG_HOST], 1000);
	/* Pipes and memory are not known to rest. */
	EXPECT_EQ(s.valid, BIT_OF(ACCELGOV_SIG_QUEUE) | BIT_OF(ACCELGOV_SIG_HOST));
	/* Nobody owns it any more, and then somebody does again. */
	s = sample(0);
	d.owners = 0;
	ownwaits_fill(&w, &d, 3 * WINDOW_US, &s);
	EXPECT_EQ(s.valid, 0);
	d.owners = 1;
	ownwaits_fill(&w, &d, 4 * WINDOW_US, &s);
	EXPECT_EQ(s.valid, 0);
	ownwaits_fill(&w, NULL, 5 * WINDOW_US, &s);
	EXPECT_EQ(s.valid, 0);
}

TEST(a_part_of_a_queue_is_none)
{
	struct drmc_device d = device();
	struct accelgov_sample s = sample(BIT_OF(ACCELGOV_SIG_BUSY));
	struct ownwaits w = { 0 };

	s.val[ACCELGOV_SIG_BUSY] = 100;
	ownwaits_fill(&w, &d, WINDOW_US, &s);
	/* It ends after 60 % of the window. */
	d.input += DRMC_LEAVE(WINDOW_US * 16 / 10);
	d.saving += DRMC_LEAVE(WINDOW_US);
	ownwaits_fill(&w, &d, 2 * WINDOW_US, &s);
	EXPECT_EQ(s.val[ACCELGOV_SIG_QUEUE], 700);
	/* Nobody saves: that says nothing. */
	EXPECT_FALSE(has(&s, ACCELGOV_SIG_HOST));
	s = sample(0);
	d.input += DRMC_ENTER(WINDOW_US * 26 / 10);
	ownwaits_fill(&w, &d, 3 * WINDOW_US, &s);
	EXPECT_FALSE(has(&s, ACCELGOV_SIG_QUEUE));
}

TEST(what_is_known_stays)
{
	struct accelgov_sample s = sample(BIT_OF(ACCELGOV_SIG_QUEUE) |
					  BIT_OF(ACCELGOV_SIG_HOST) |
					  BIT_OF(ACCELGOV_SIG_LINK) |
					  BIT_OF(ACCELGOV_SIG_COMPUTE) |
					  BIT_OF(ACCELGOV_SIG_MEMORY));
	struct drmc_device d = device();
	struct ownwaits w = { 0 };

	ownwaits_fill(&w, &d, WINDOW_US, &s);
	ownwaits_fill(&w, &d, 2 * WINDOW_US, &s);
	EXPECT_EQ(s.val[ACCELGOV_SIG_QUEUE], 0);
	EXPECT_EQ(s.val[ACCELGOV_SIG_HOST], 0);
	EXPECT_EQ(s.val[ACCELGOV_SIG_LINK], 0);
}

TEST(a_collective_needs_rest)
{
	uint32_t both = BIT_OF(ACCELGOV_SIG_COMPUTE) | BIT_OF(ACCELGOV_SIG_MEMORY);
	struct accelgov_sample s = sample(both);
	struct drmc_device d = device();
	struct ownwaits w = { 0 };

	/* Two processes, one of which waits. */
	d.callers = 2;
	ownwaits_fill(&w, &d, WINDOW_US, &s);
	ownwaits_fill(&w, &d, 2 * WINDOW_US, &s);
	EXPECT_EQ(s.val[ACCELGOV_SIG_LINK], 500);
	s = sample(both);
	s.val[ACCELGOV_SIG_MEMORY] = 125;
	ownwaits_fill(&w, &d, 3 * WINDOW_US, &s);
	EXPECT_FALSE(has(&s, ACCELGOV_SIG_LINK));
	/* As amounts of time. */
	s = sample(both);
	s.amount = both;
	s.val[ACCELGOV_SIG_MEMORY] = WINDOW_US * 1000 / 9;
	ownwaits_fill(&w, &d, 4 * WINDOW_US, &s);
	EXPECT_EQ(s.val[ACCELGOV_SIG_LINK], 500);
}
