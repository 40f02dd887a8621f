// SPDX-License-Identifier: GPL-2.0
/*
 * Roots: exact for every number that they are for.
 */
#include "unit.h"
#include "random.h"
#include "root.h"

static void check(u64 v)
{
	u64 root = ag_root(v);

	EXPECT_LE(root * root, v);
	EXPECT_GT((root + 1) * (root + 1), v);
}

TEST(small_numbers)
{
	u64 v;

	EXPECT_EQ(ag_root(0), 0);
	EXPECT_EQ(ag_root(1), 1);
	EXPECT_EQ(ag_root(15), 3);
	EXPECT_EQ(ag_root(16), 4);
	for (v = 0; v < 1000000; v++)
		check(v);
}

TEST(squares_and_their_neighbours)
{
	u64 root;

	for (root = 1; root < 1ULL << 30; root += 1 + root / 50000) {
		check(root * root - 1);
		check(root * root);
		check(root * root + 1);
	}
	check(AG_ROOT_LIMIT - 1);
}

TEST(numbers_of_every_length)
{
	struct random rnd = { .state = 7 };
	u32 bits, i;

	for (bits = 1; bits <= 60; bits++) {
		check(1ULL << (bits - 1));
		check((1ULL << (bits - 1)) * 2 - 1);
		for (i = 0; i < 5000; i++)
			check(random_u64(&rnd) >> (64 - bits));
	}
}
