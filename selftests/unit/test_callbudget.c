// SPDX-License-Identifier: GPL-2.0
/*
 * What probes may cost: one bound for all of them, in a time of our own, whatever they
 * call, however late the probes are gone, and whatever it costs to put them back.
 */
#include "callbudget.h"
#include "random.h"
#include "unit.h"

#define WINDOW_US	2000000ULL
#define GROUPS		48
/* Of one CPU, in nanoseconds a window. */
#define MOST_NS		(5 * WINDOW_US)
#define TOTAL_NS	(2 * WINDOW_US)

static struct random rnd = { 31 };

static uint64_t sum(const struct callbudget_part *part, size_t nr)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		all += part[i].grant_ns;
	return all;
}

static struct callbudget fresh(void)
{
	struct callbudget b = { 0 };

	callbudget_set(&b, WINDOW_US, 2);
	return b;
}

TEST(one_alone_has_nearly_all)
{
	struct callbudget_part part = { .used_ns = 9 * TOTAL_NS, .most_ns = MOST_NS };
	struct callbudget b = fresh();

	callbudget_open(&b, 10 * WINDOW_US, 0, &part, 1);
	EXPECT_EQ(part.grant_ns, TOTAL_NS * 3 / 4);
	EXPECT_EQ(b.left_ns, TOTAL_NS / 4);
	part.most_ns = TOTAL_NS / 2;
	callbudget_open(&b, 11 * WINDOW_US, 0, &part, 1);
	EXPECT_EQ(part.grant_ns, TOTAL_NS / 2);
}

TEST(who_hardly_calls_leaves_it_to_others)
{
	struct callbudget_part part[4] = {
		{ .used_ns = 9 * TOTAL_NS, .most_ns = MOST_NS },
		{ .used_ns = 50000, .most_ns = MOST_NS },
		{ .used_ns = 0, .most_ns = MOST_NS },
		{ .used_ns = 9 * TOTAL_NS, .most_ns = MOST_NS },
	};
	struct callbudget b = fresh();

	callbudget_open(&b, 10 * WINDOW_US, 0, part, 4);
	/* Floor: a sixteenth of three quarters. */
	EXPECT_EQ(part[2].grant_ns, TOTAL_NS * 3 / 64);
	EXPECT_GE(part[1].grant_ns, 100000);
	EXPECT_LE(part[1].grant_ns, TOTAL_NS * 3 / 64);
	EXPECT_EQ(part[0].grant_ns, part[3].grant_ns);
	EXPECT_GE(part[0].grant_ns, TOTAL_NS / 4);
	EXPECT_LE(sum(part, 4) + b.left_ns, TOTAL_NS);
}

TEST(what_was_spent_beyond_is_paid_back)
{
	struct callbudget_part part = { .used_ns = 9 * TOTAL_NS, .most_ns = MOST_NS };
	struct callbudget b = fresh();

	callbudget_open(&b, 10 * WINDOW_US, 0, &part, 1);
	callbudget_open(&b, 11 * WINDOW_US, 3 * TOTAL_NS, &part, 1);
	EXPECT_EQ(part.grant_ns, 0);
	EXPECT_EQ(callbudget_join(&b, MOST_NS), 0);
	callbudget_open(&b, 12 * WINDOW_US, 0, &part, 1);
	EXPECT_EQ(part.grant_ns, 0);
	callbudget_open(&b, 13 * WINDOW_US, 0, &part, 1);
	EXPECT_EQ(part.grant_ns, TOTAL_NS * 3 / 4);
	/* One that begins early has to wait for its money. */
	callbudget_open(&b, 13 * WINDOW_US + WINDOW_US / 4, TOTAL_NS / 2, &part, 1);
	EXPECT_EQ(b.debt_ns, TOTAL_NS / 4);
	EXPECT_EQ(part.grant_ns, TOTAL_NS * 3 / 4 * 3 / 4);
}

TEST(who_comes_gets_some_until_nothing_is_left)
{
	struct callbudget b = fresh();
	uint64_t all = 0, one;
	unsigned int i;

	EXPECT_EQ(callbudget_join(&b, MOST_NS), 0);
	callbudget_open(&b, 10 * WINDOW_US, 0, NULL, 0);
	for (i = 0; i < 100; i++) {
		one = callbudget_join(&b, MOST_NS);
		all += one;
		/* The first library's three groups can do something. */
		if (i < 3)
			EXPECT_GE(one, TOTAL_NS / 8);
	}
	EXPECT_EQ(one, 0);
	EXPECT_LE(all, TOTAL_NS);
	callbudget_open(&b, 11 * WINDOW_US, 0, NULL, 0);
	EXPECT_LE(callbudget_join(&b, 1000), 1000);
}

/*
 * Ten minutes of a host: so many groups, each calling as much as it likes, some in bursts.
 * Hits come in for a while after the meter has said that it is enough, and each turn costs.
 */
static double cost_permille(size_t nr, uint32_t permille, uint64_t *ret_longest_ns)
{
	struct callbudget_part part[GROUPS];
	struct callbudget b = { 0 };
	uint64_t now_us = 10 * WINDOW_US, spent_ns = 0, all_ns = 0, would_ns;
	unsigned int window;
	size_t i;

	callbudget_set(&b, WINDOW_US, permille);
	for (i = 0; i < nr; i++)
		part[i] = (struct callbudget_part){ .most_ns = MOST_NS };
	*ret_longest_ns = 0;
	for (window = 0; window < 300; window++) {
		callbudget_open(&b, now_us, spent_ns, part, nr);
		EXPECT_LE(sum(part, nr) + b.left_ns, WINDOW_US * permille);
		now_us += WINDOW_US;
		spent_ns = 0;
		for (i = 0; i < nr; i++) {
			/* Up to a CPU and a half of nothing but probed calls. */
			would_ns = random_below(&rnd, 4) ? i * WINDOW_US * 30 :
							   random_below(&rnd, 3000000000U);
			part[i].used_ns = would_ns;
			if (!part[i].grant_ns)
				continue;
			if (would_ns <= part[i].grant_ns) {
				spent_ns += would_ns;
				continue;
			}
			/* 5 ms until they are gone; off and on again. */
			spent_ns += part[i].grant_ns + would_ns / 400 + 150000;
		}
		all_ns += spent_ns;
		if (spent_ns > *ret_longest_ns)
			*ret_longest_ns = spent_ns;
	}
	return (double)all_ns / (300 * WINDOW_US);
}

TEST(all_of_them_together_stay_within_the_bound)
{
	static const size_t nr[] = { 1, 4, 12, GROUPS };
	static const uint32_t permille[] = { 1, 2, 5, 20 };
	uint64_t longest_ns;
	double cost;
	size_t i;

	for (i = 0; i < 16; i++) {
		cost = cost_permille(nr[i / 4], permille[i % 4], &longest_ns);
		unit_note("%zu groups, %u permille: %.2f permille, at most %.1f ms in 2 s",
			  nr[i / 4], permille[i % 4], cost, longest_ns / 1e6);
		/* What the last window spent beyond is still to be paid back. */
		EXPECT_LE(cost, permille[i % 4] +
				(double)longest_ns / (300 * WINDOW_US));
	}
	/* And they are probed at all. */
	EXPECT_GE(cost_permille(12, 5, &longest_ns), 3);
}
