// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that replay compares, one window at a time.
 */
#include <errno.h>

#include "physics.h"
#include "random.h"
#include "replay/replay_policy.h"
#include "replay/replay_trace.h"
#include "unit.h"

#define MS	1000000ULL

struct fixture {
	struct asim_chip chip;
	const struct replay_policy *policy;
	void *state;
	uint32_t first_khz;
};

static bool setup_with(struct fixture *f, const char *device, const char *name,
		       const struct replay_tune *tune)
{
	struct replay_setup setup = {
		.chip = &f->chip,
		.budget_permille = 30,
		.sample_period_us = 10000,
		.tune = *tune,
		.now_ns = 1000 * MS,
	};

	memset(f, 0, sizeof(*f));
	f->policy = replay_policy_find(name);
	if (!EXPECT_TRUE(f->policy) ||
	    !EXPECT_EQ(asim_chip_init(&f->chip, asim_profile_find(device)), 0))
		return false;
	f->state = calloc(1, f->policy->size + 1);
	return EXPECT_EQ(f->policy->init(f->state, &setup, &f->first_khz), 0);
}

static bool setup(struct fixture *f, const char *device, const char *name)
{
	const struct replay_tune none = { 0 };

	return setup_with(f, device, name, &none);
}

static void drop(struct fixture *f)
{
	free(f->state);
	f->state = NULL;
}

/* A window with busy and link time in per mille, ending at @clock_khz. */
static uint32_t tick(struct fixture *f, uint64_t window_ns, uint32_t busy,
		     uint32_t link, uint32_t clock_khz)
{
	struct replay_window w = {
		.sample.window_ns = window_ns,
		.clock_khz = clock_khz,
	};

	w.sample.val[ACCELGOV_SIG_BUSY] = window_ns * busy / 1000;
	w.sample.val[ACCELGOV_SIG_LINK] = window_ns * link / 1000;
	return f->policy->tick(f->state, &w);
}

TEST(every_policy_is_found_by_its_name)
{
	const struct replay_policy *p;
	unsigned int i;

	for (i = 0; (p = replay_policy_nth(i)); i++) {
		EXPECT_TRUE(replay_policy_find(p->name) == p);
		EXPECT_TRUE(p->help && p->init);
		/* A clock that is chosen at ticks needs ticks. */
		EXPECT_EQ(!p->tick, !p->period_ns);
	}
	EXPECT_EQ(i, 10);
	EXPECT_TRUE(!replay_policy_find("performanc"));
	EXPECT_TRUE(!replay_policy_find(""));
}

TEST(fixed_clocks_are_the_ends_and_the_chosen_one)
{
	const struct replay_tune third = { .opp = 3 };
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", "performance"));
	EXPECT_EQ(f.first_khz, 1410000);
	drop(&f);
	ASSERT_TRUE(setup(&f, "a100-sxm", "powersave"));
	EXPECT_EQ(f.first_khz, f.chip.opps[0].khz);
	drop(&f);
	ASSERT_TRUE(setup_with(&f, "a100-sxm", "static-best", &third));
	EXPECT_EQ(f.first_khz, f.chip.opps[3].khz);
	drop(&f);
}

/* Worked out by hand from the kernel's formula; clocks are 15 MHz apart. */
TEST(simple_ondemand_follows_the_kernels_formula)
{
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", "simple_ondemand"));
	EXPECT_EQ(f.policy->period_ns, 50 * MS);
	/* Above 90 %: the top. At 90 % and above 85 %: as it is. */
	EXPECT_EQ(tick(&f, 50 * MS, 1000, 0, 705000), 1410000);
	EXPECT_EQ(tick(&f, 50 * MS, 901, 0, 705000), 1410000);
	EXPECT_EQ(tick(&f, 50 * MS, 900, 0, 705000), 705000);
	EXPECT_EQ(tick(&f, 50 * MS, 851, 0, 705000), 705000);
	/* 1410 MHz * 85 % / 88 % = 1361.9, the next clock is 1365. */
	EXPECT_EQ(tick(&f, 50 * MS, 850, 0, 1410000), 1365000);
	/* 1410 * 50 / 88 = 801.1 -> 810; 810 * 50 / 88 = 460.2 -> 465. */
	EXPECT_EQ(tick(&f, 50 * MS, 500, 0, 1410000), 810000);
	EXPECT_EQ(tick(&f, 50 * MS, 500, 0, 810000), 465000);
	EXPECT_EQ(tick(&f, 50 * MS, 0, 0, 1410000), f.chip.opps[0].khz);
	/* Nothing known: the top. */
	EXPECT_EQ(tick(&f, 0, 0, 0, 1410000), 1410000);
	EXPECT_EQ(tick(&f, 50 * MS, 500, 0, 0), 1410000);
	drop(&f);
}

TEST(geopm_scales_between_the_efficient_and_the_highest_clock)
{
	const struct asim_work work = { .ops = 1000000000000ULL };
	uint64_t least = UINT64_MAX;
	uint32_t efficient = 0, got;
	struct fixture f;

	ASSERT_TRUE(setup(&f, "h100-sxm", "geopm"));
	for (uint32_t i = 0; i < f.chip.nr_opps; i++) {
		struct asim_rates r;

		asim_work_rates(&f.chip, &work, i, &r);
		if (r.total_ns * r.mw < least) {
			least = r.total_ns * r.mw;
			efficient = f.chip.opps[i].khz;
		}
	}
	EXPECT_GT(efficient, f.chip.opps[0].khz);
	EXPECT_LT(efficient, 1980000);
	/* All time computes: the top. Nothing runs, or only waits: Fe. */
	EXPECT_EQ(tick(&f, 100 * MS, 1000, 0, 0), 1980000);
	EXPECT_EQ(tick(&f, 100 * MS, 100, 0, 0), 1980000);
	EXPECT_EQ(tick(&f, 100 * MS, 0, 0, 0), efficient);
	EXPECT_EQ(tick(&f, 100 * MS, 1000, 1000, 0), efficient);
	got = tick(&f, 100 * MS, 800, 400, 0);
	EXPECT_LE(got, (efficient + 1980000) / 2);
	EXPECT_GT(got, (efficient + 1980000) / 2 - 15000);
	drop(&f);
}

TEST(sm_idle_waits_five_seconds)
{
	struct fixture f;
	uint32_t low;

	ASSERT_TRUE(setup(&f, "h100-sxm", "sm-idle"));
	low = f.chip.opps[0].khz;
	for (int i = 0; i < 49; i++)
		EXPECT_EQ(tick(&f, 100 * MS, 49, 0, 0), 1980000);
	EXPECT_EQ(tick(&f, 100 * MS, 49, 0, 0), low);
	EXPECT_EQ(tick(&f, 100 * MS, 0, 0, 0), low);
	/* Activity, and the wait begins anew. */
	EXPECT_EQ(tick(&f, 100 * MS, 51, 0, 0), 1980000);
	for (int i = 0; i < 49; i++)
		EXPECT_EQ(tick(&f, 100 * MS, 0, 0, 0), 1980000);
	EXPECT_EQ(tick(&f, 100 * MS, 0, 0, 0), low);
	/* Waiting in a collective is not idle. */
	EXPECT_EQ(tick(&f, 100 * MS, 1000, 1000, 0), 1980000);
	drop(&f);
}

TEST(accelgov_decides_at_its_first_sample)
{
	struct replay_window w = { .sample.time_ns = 1010 * MS };
	struct replay_view view = { 0 };
	struct fixture f;

	ASSERT_TRUE(setup(&f, "h100-sxm", "accelgov"));
	EXPECT_EQ(f.first_khz, 1980000);
	/* A window of no length is none. */
	EXPECT_EQ(f.policy->tick(f.state, &w), 0);
	w.sample.window_ns = 10 * MS;
	w.sample.valid = 1U << ACCELGOV_SIG_BUSY;
	w.sample.amount = w.sample.valid;
	w.sample.val[ACCELGOV_SIG_BUSY] = 10 * MS;
	EXPECT_GE(f.policy->tick(f.state, &w), f.chip.opps[0].khz);
	f.policy->view(f.state, &view);
	EXPECT_LT(view.phase, ACCELGOV_PHASE_NR);
	EXPECT_EQ(view.slowdown_permille, 0);
	drop(&f);
}

static double cost(const struct asim_chip *chip,
		   const struct accelsim_item *item, uint32_t opp, double price)
{
	struct asim_work work = {
		.ops = item->ops, .bytes = item->bytes,
		.link_ns = item->link_ns, .host_ns = item->host_ns,
	};
	struct asim_rates r;

	asim_work_rates(chip, &work, opp, &r);
	return (double)r.total_ns * (r.mw + price);
}

/* Against every clock up to the one that the power limit leaves. */
static void compare(struct fixture *f, const struct accelsim_item *item,
		    double price)
{
	struct asim_work work = {
		.ops = item->ops, .bytes = item->bytes,
		.link_ns = item->link_ns, .host_ns = item->host_ns,
	};
	const struct asim_chip *chip = &f->chip;
	const struct replay_moment now = { .item = item };
	uint32_t khz = f->policy->item(f->state, &now, NULL);
	uint32_t cap = asim_work_opp(chip, &work, chip->nr_opps - 1,
				     chip->profile->cap_max_mw);
	double got = cost(chip, item, asim_chip_floor(chip, khz), price);
	double least = got;

	EXPECT_LE(khz, chip->opps[cap].khz);
	for (uint32_t i = 0; i <= cap; i++)
		if (cost(chip, item, i, price) < least)
			least = cost(chip, item, i, price);
	EXPECT_LE(got, least * 1.0005);
}

/* Of more clocks than a byte counts and than the core takes. */
TEST(a_device_of_many_clocks)
{
	struct asim_profile many = *asim_profile_find("h100-sxm");
	const struct replay_policy *policy = replay_policy_find("accelgov");
	static struct asim_chip chip;
	struct replay_clocks clocks;
	struct replay_setup setup = {
		.chip = &chip,
		.budget_permille = 30,
		.sample_period_us = 10000,
		.now_ns = 1000 * MS,
	};
	void *state = calloc(1, policy->size);
	uint32_t khz = 0;

	many.khz_step = 5000;
	ASSERT_EQ(asim_chip_init(&chip, &many), 0);
	ASSERT_TRUE(chip.nr_opps > 256);
	EXPECT_EQ(policy->init(state, &setup, &khz), 0);
	EXPECT_EQ(khz, many.khz_max);
	free(state);
	replay_clocks_pick(&chip, 16, &clocks);
	EXPECT_EQ(clocks.opp[0], 0);
	EXPECT_EQ(clocks.opp[clocks.dev.nr - 1], chip.nr_opps - 1);
	for (uint32_t i = 1; i < clocks.dev.nr; i++)
		EXPECT_GT(clocks.opp[i], clocks.opp[i - 1]);
}

TEST(the_free_oracle_takes_the_best_clock_of_all)
{
	const struct replay_moment idle = { 0 };
	static const double price[] = { -60000, 0, 50000, 300000, 3000000 };
	struct random random = { 7 };
	struct fixture f;

	for (unsigned int p = 0; p < 5; p++) {
		struct replay_tune tune = {
			.price_mw = price[p], .cheap_mw = price[p],
		};

		ASSERT_TRUE(setup_with(&f, "h100-sxm", "oracle-free", &tune));
		EXPECT_EQ(f.policy->item(f.state, &idle, NULL),
			  f.chip.opps[0].khz);
		for (int i = 0; i < 200; i++) {
			struct accelsim_item item = {
				.ops = random_below(&random, 1000) * 10000000000,
				.bytes = random_below(&random, 1000) * 50000000,
				.link_ns = random_below(&random, 3) * MS,
				.host_ns = 1 + random_below(&random, 2) * MS,
				.label = random_below(&random, 4),
			};

			compare(&f, &item, price[p]);
		}
		drop(&f);
	}
}
