// SPDX-License-Identifier: GPL-2.0
/*
 * The device model: time, clock, limit, idle, counters, whatever its callers do.
 */
#include "unit.h"

#include "../../kmod/sim/model.h"

#define MS		NSEC_PER_MSEC
#define TOP_KHZ		1980000

static struct asim_chip chip;
static struct asim_model model, other;

static const struct accelsim_item gemm = { .ops = 10000000000000ULL };
static const struct accelsim_item decode = {
	.ops = 560000000000ULL, .bytes = 36000000000ULL,
	.link_ns = 2400000, .host_ns = 500000,
};

static const struct accelsim_item prefill = {
	.ops = 71700000000000ULL, .bytes = 36000000000ULL,
	.link_ns = 20000000,
};

static void setup(const char *profile)
{
	if (asim_chip_init(&chip, asim_profile_find(profile)))
		abort();
	asim_init(&model, &chip, 1000, 0);
}

static u64 item_ns(const struct accelsim_item *item, u32 khz)
{
	struct asim_work work = {
		item->ops, item->bytes, item->link_ns, item->host_ns,
		item->io_bytes,
	};

	return asim_work_ns(&chip, &work, asim_chip_floor(&chip, khz));
}

static u32 item_mw(const struct accelsim_item *item, u32 khz)
{
	struct asim_work work = {
		item->ops, item->bytes, item->link_ns, item->host_ns,
		item->io_bytes,
	};
	struct asim_rates rates;

	asim_work_rates(&chip, &work, asim_chip_floor(&chip, khz), &rates);
	return rates.mw;
}

static int submit(const struct accelsim_item *item, u64 now)
{
	return asim_submit(&model, item, asim_item_ref_ns(&chip, item), &model,
			   now);
}

static struct accelsim_done done_at(u64 now)
{
	struct asim_finished finished = {};

	asim_advance(&model, now);
	EXPECT_TRUE(asim_take_finished(&model, &finished));
	return finished.done;
}

TEST(item_takes_its_time)
{
	struct accelsim_done done;
	u64 ns;

	setup("h100-sxm");
	ns = item_ns(&gemm, TOP_KHZ);
	ASSERT_EQ(submit(&gemm, MS), 0);
	EXPECT_EQ(asim_next_event(&model), MS + ns);
	asim_advance(&model, MS + ns - 1);
	EXPECT_EQ(model.nr_finished, 0);
	done = done_at(1000 * MS);
	EXPECT_EQ(done.start_ns, MS);
	EXPECT_EQ(done.end_ns, MS + ns);
	EXPECT_EQ(done.ref_ns, ns);
	EXPECT_EQ(done.wake_ns, 0);
	EXPECT_NEAR(done.energy_uj, item_mw(&gemm, TOP_KHZ) * (ns / 1e6), 2);
}

TEST(counters_rise_evenly)
{
	struct asim_work work = { .ops = prefill.ops, .bytes = prefill.bytes,
				  .link_ns = prefill.link_ns };
	u64 ns, half, full;
	int i;

	setup("h100-sxm");
	asim_set_context(&model, true, 0);
	ns = item_ns(&prefill, TOP_KHZ);
	submit(&prefill, 0);
	submit(&prefill, 0);
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		/* Two items are queued, so the second starts at once. */
		half = asim_counter(&model, i, ns / 2);
		full = asim_counter(&model, i, ns / 2 * 2);
		EXPECT_NEAR(2.0 * half, full, 3);
		asim_init(&model, &chip, 1000, 0);
		asim_set_context(&model, true, 0);
		submit(&prefill, 0);
		submit(&prefill, 0);
	}
	EXPECT_EQ(asim_counter(&model, ACCELGOV_SIG_QUEUE, ns), 2 * ns / 1000);
	EXPECT_EQ(asim_counter(&model, ACCELGOV_SIG_CONTEXTS, ns), ns / 1000);
	EXPECT_EQ(asim_counter(&model, ACCELGOV_SIG_LINK, 2 * ns) / 1000,
		  2 * prefill.link_ns / 1000 - 1);
	EXPECT_EQ(asim_counter(&model, ACCELGOV_SIG_PROGRESS, 2 * ns),
		  2 * asim_work_units(&chip, &work));
}

TEST(host_time_is_not_busy)
{
	struct accelsim_item stall = { .host_ns = 80 * MS,
				       .io_bytes = 1000000000 };

	setup("h100-sxm");
	asim_set_context(&model, true, 0);
	submit(&stall, 0);
	EXPECT_EQ(asim_counter(&model, ACCELGOV_SIG_BUSY, 80 * MS), 0);
	EXPECT_NEAR(asim_counter(&model, ACCELGOV_SIG_HOST, 80 * MS), 20 * MS,
		    2);
	EXPECT_EQ(asim_power_mw(&model, 79 * MS), 122000);
}

TEST(progress_ignores_the_clock)
{
	static const u32 clocks[] = { 345000, 990000, 1500000, 1980000 };
	u64 units[ARRAY_SIZE(clocks)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		setup("h100-sxm");
		asim_set_clock(&model, clocks[i], 0);
		submit(&prefill, 20 * MS);
		submit(&decode, 20 * MS);
		asim_set_clock(&model, clocks[i] - 30000, 50 * MS);
		units[i] = asim_counter(&model, ACCELGOV_SIG_PROGRESS,
					20 * NSEC_PER_SEC);
		EXPECT_EQ(units[i], units[0]);
	}
	EXPECT_GT(units[0], 0);
}

TEST(clock_applies_after_its_latency)
{
	u64 latency, stall, fast, slow, end;

	setup("h100-sxm");
	latency = chip.opps[asim_chip_floor(&chip, 1005000)].switch_ns;
	stall = chip.profile->stall_ns;
	fast = item_ns(&gemm, TOP_KHZ);
	slow = item_ns(&gemm, 1005000);
	ASSERT_GT(fast, latency + MS);
	submit(&gemm, 0);
	asim_set_clock(&model, 1005000, MS);
	EXPECT_EQ(asim_effective_khz(&model, MS + latency - 1), TOP_KHZ);
	EXPECT_EQ(asim_effective_khz(&model, MS + latency), 1005000);
	end = MS + latency + stall +
	      (double)slow * (fast - MS - latency) / fast;
	EXPECT_NEAR(done_at(NSEC_PER_SEC).end_ns, end, 2);
}

TEST(latest_request_follows_the_switch_in_flight)
{
	u64 first, second;

	setup("h100-sxm");
	first = chip.opps[asim_chip_floor(&chip, 990000)].switch_ns;
	second = chip.opps[asim_chip_floor(&chip, 1500000)].switch_ns;
	asim_set_context(&model, true, 0);
	asim_set_clock(&model, 990000, 0);
	asim_set_clock(&model, 345000, MS);
	asim_set_clock(&model, 1500000, 2 * MS);
	EXPECT_EQ(asim_effective_khz(&model, first - 1), TOP_KHZ);
	EXPECT_EQ(asim_effective_khz(&model, first), 990000);
	EXPECT_EQ(asim_effective_khz(&model, first + second - 1), 990000);
	EXPECT_EQ(asim_effective_khz(&model, first + second), 1500000);
	EXPECT_EQ(asim_next_event(&model), U64_MAX);
}

TEST(limit_holds_the_clock)
{
	u64 end;

	setup("h100-sxm");
	asim_set_cap(&model, 400000, 0);
	submit(&gemm, 0);
	EXPECT_LE(asim_power_mw(&model, 1), 400000);
	EXPECT_GT(asim_power_mw(&model, 1), 385000);
	EXPECT_LT(asim_effective_khz(&model, 1), 1700000);
	end = done_at(NSEC_PER_SEC).end_ns;
	EXPECT_EQ(end, item_ns(&gemm, model.chip->opps[model.ran].khz));

	/* It does not touch what stays below it. */
	submit(&decode, NSEC_PER_SEC);
	asim_set_cap(&model, 700000, NSEC_PER_SEC + MS);
	EXPECT_EQ(asim_effective_khz(&model, NSEC_PER_SEC + 6 * MS), TOP_KHZ);

	/* Out of range is brought into range. */
	asim_set_cap(&model, 1, NSEC_PER_SEC);
	EXPECT_EQ(model.cap_mw, 200000);
	asim_set_cap(&model, U32_MAX, NSEC_PER_SEC);
	EXPECT_EQ(model.cap_mw, 700000);
}

TEST(reference_is_what_the_board_can_do)
{
	setup("a100-sxm");
	EXPECT_EQ(asim_item_ref_ns(&chip, &decode), item_ns(&decode, 1410000));
	EXPECT_GT(asim_item_ref_ns(&chip, &gemm), item_ns(&gemm, 1410000));
}

TEST(idle_levels_of_a_gpu)
{
	const u64 gated = 200 * MS;

	setup("h100-sxm");
	EXPECT_EQ(asim_power_mw(&model, gated - 1), 112000);
	EXPECT_STREQ(asim_level_name(&model, gated - 1), "active");
	EXPECT_EQ(asim_power_mw(&model, gated), 70000);
	EXPECT_STREQ(asim_level_name(&model, gated), "clock-gated");
	EXPECT_EQ(asim_effective_khz(&model, gated), 0);

	/* A context keeps the clocks running for as long as it stays. */
	asim_set_context(&model, true, gated);
	EXPECT_EQ(asim_power_mw(&model, 3600 * NSEC_PER_SEC), 122000);
	asim_set_clock(&model, 345000, 3600 * NSEC_PER_SEC);
	EXPECT_LT(asim_power_mw(&model, 3601 * NSEC_PER_SEC), 80000);

	asim_set_context(&model, false, 3602 * NSEC_PER_SEC);
	EXPECT_EQ(asim_power_mw(&model, 3602 * NSEC_PER_SEC + gated), 70000);
}

TEST(work_waits_for_the_wake_up)
{
	struct accelsim_done done;
	const u64 at = NSEC_PER_SEC;

	setup("npu-edge");
	EXPECT_STREQ(asim_level_name(&model, at), "deep-idle");
	EXPECT_EQ(asim_power_mw(&model, at), 5);
	ASSERT_EQ(submit(&(struct accelsim_item){ .ops = 1000000000 }, at), 0);
	ASSERT_EQ(submit(&(struct accelsim_item){ .ops = 1000000000 }, at), 0);
	EXPECT_STREQ(asim_level_name(&model, at), "none");
	done = done_at(at + 2 * MS);
	EXPECT_EQ(done.wake_ns, MS);
	EXPECT_EQ(done.start_ns, at + MS);
	done = done_at(at + 2 * MS);
	EXPECT_EQ(done.wake_ns, 0);
	EXPECT_STREQ(asim_level_name(&model, at + 2 * MS), "clock-gated");
	EXPECT_STREQ(asim_level_name(&model, at + 21 * MS), "clock-gated");
	EXPECT_STREQ(asim_level_name(&model, at + 22 * MS), "deep-idle");
}

TEST(suspend_keeps_work)
{
	struct accelsim_done done;
	u64 ns, wake;

	setup("a100-sxm");
	wake = chip.profile->levels[2].wake_ns;
	ns = item_ns(&decode, 1410000);
	asim_set_context(&model, true, 0);
	submit(&decode, 0);
	asim_suspend(&model, 5 * MS);
	EXPECT_EQ(asim_power_mw(&model, NSEC_PER_SEC), 30000);
	EXPECT_STREQ(asim_level_name(&model, NSEC_PER_SEC), "suspended");
	EXPECT_EQ(asim_next_event(&model), U64_MAX);
	asim_set_clock(&model, 1005000, NSEC_PER_SEC);
	EXPECT_EQ(asim_next_event(&model), U64_MAX);
	asim_set_clock(&model, 1410000, NSEC_PER_SEC);
	asim_resume(&model, 2 * NSEC_PER_SEC);
	done = done_at(3 * NSEC_PER_SEC);
	EXPECT_EQ(done.end_ns, 2 * NSEC_PER_SEC + wake + ns - 5 * MS);
}

TEST(queue_is_bounded_and_in_order)
{
	struct accelsim_item item = decode;
	struct asim_finished finished;
	unsigned int i;

	setup("h100-sxm");
	for (i = 0; i < ACCELSIM_QUEUE_LEN; i++) {
		item.cookie = i;
		ASSERT_EQ(submit(&item, i), 0);
	}
	EXPECT_EQ(submit(&item, i), -EAGAIN);
	asim_advance(&model, 30 * NSEC_PER_SEC);
	EXPECT_EQ(submit(&item, 30 * NSEC_PER_SEC), -EAGAIN);
	for (i = 0; i < ACCELSIM_QUEUE_LEN; i++) {
		ASSERT_TRUE(asim_take_finished(&model, &finished));
		EXPECT_EQ(finished.done.cookie, i);
		EXPECT_EQ(finished.done.submit_ns, i);
	}
	EXPECT_FALSE(asim_take_finished(&model, &finished));
	EXPECT_EQ(submit(&item, 31 * NSEC_PER_SEC), 0);
}

TEST(cancel_drops_one_owner)
{
	struct asim_finished finished;
	static int alice, bob;
	int i;

	setup("h100-sxm");
	for (i = 0; i < 6; i++)
		asim_submit(&model, &decode, 1, i % 2 ? (void *)&bob : &alice, 0);
	asim_cancel(&model, &alice, MS);
	EXPECT_EQ(model.nr_queue, 3);
	for (i = 0; i < 3; i++) {
		asim_advance(&model, NSEC_PER_SEC);
		ASSERT_TRUE(asim_take_finished(&model, &finished));
		EXPECT_TRUE(finished.owner == &bob);
		EXPECT_EQ(finished.done.start_ns,
			  MS + i * item_ns(&decode, TOP_KHZ));
	}
	asim_cancel(&model, &bob, NSEC_PER_SEC);
	EXPECT_FALSE(asim_has_work(&model));
	EXPECT_FALSE(asim_take_finished(&model, &finished));
}

TEST(impossible_items_are_refused)
{
	static const struct accelsim_item bad[] = {
		{}, { .label = 5 }, { .ops = U64_MAX }, { .bytes = U64_MAX },
		{ .link_ns = U64_MAX }, { .host_ns = U64_MAX },
		{ .io_bytes = U64_MAX }, { .ops = 1000000, .flags = 1 },
		{ .link_ns = ASIM_MAX_ITEM_NS + 1 },
		{ .link_ns = ASIM_MAX_ITEM_NS, .host_ns = 1 },
		{ .ops = U64_MAX, .bytes = U64_MAX, .link_ns = U64_MAX,
		  .host_ns = U64_MAX, .io_bytes = U64_MAX },
	};
	size_t i, j;

	for (j = 0; j < asim_nr_profiles; j++) {
		setup(asim_profiles[j].name);
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			EXPECT_FALSE(asim_item_ok(&chip, &bad[i]));
		EXPECT_TRUE(asim_item_ok(&chip, &(struct accelsim_item){
						.link_ns = ASIM_MAX_ITEM_NS }));
	}
}

TEST(sensor_is_sampled_and_late)
{
	u64 busy_from = 350 * MS;
	u32 idle_mw, busy_mw;

	setup("h100-sxm");
	asim_set_context(&model, true, 0);
	idle_mw = asim_idle_mw(&chip, chip.nr_opps - 1, true);
	busy_mw = item_mw(&gemm, TOP_KHZ);
	asim_advance(&model, busy_from);
	submit(&(struct accelsim_item){ .ops = gemm.ops * 100 }, busy_from);

	/* The window of this period was over; the next shows one period on. */
	EXPECT_EQ(asim_sample_mw(&model, 499 * MS), idle_mw);
	EXPECT_EQ(asim_sample_mw(&model, 500 * MS), busy_mw);
	EXPECT_NEAR(asim_average_mw(&model, 1000 * MS),
		    (idle_mw * 350.0 + busy_mw * 650.0) / 1000, 2);
	EXPECT_NEAR(asim_average_mw(&model, 1899 * MS), busy_mw, 1);
	EXPECT_EQ(asim_power_mw(&model, 1900 * MS), busy_mw);

	/* Nobody looked for an hour. */
	asim_cancel(&model, &model, 1900 * MS);
	EXPECT_EQ(asim_sample_mw(&model, 3600 * NSEC_PER_SEC), idle_mw);
	EXPECT_EQ(asim_average_mw(&model, 3600 * NSEC_PER_SEC), idle_mw);
}

TEST(sensor_has_a_gain)
{
	setup("h100-sxm");
	asim_init(&model, &chip, 1050, 0);
	asim_set_context(&model, true, 0);
	EXPECT_EQ(asim_sample_mw(&model, NSEC_PER_SEC), 128100);
	EXPECT_EQ(asim_average_mw(&model, 2 * NSEC_PER_SEC), 128100);
	EXPECT_EQ(asim_power_mw(&model, 2 * NSEC_PER_SEC), 122000);
}

TEST(sensor_misses_what_lies_between_its_windows)
{
	struct accelsim_item burst = gemm;
	u64 t;

	/* 20 ms of work in each 100 ms, 30 ms behind the window. */
	setup("h100-sxm");
	asim_set_context(&model, true, 0);
	burst.ops = 9820800000000ULL;
	for (t = 0; t < 2 * NSEC_PER_SEC; t += 100 * MS) {
		submit(&burst, t + 30 * MS);
		done_at(t + 90 * MS);
	}
	EXPECT_EQ(asim_sample_mw(&model, t), 122000);
	EXPECT_GT(asim_average_mw(&model, t), 220000);
}

/* A small generator, so that a failure can be repeated. */
static u32 seed;

static u32 rnd(u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return (u64)seed * below >> 32;
}

static void random_step(struct asim_model *m, u64 now)
{
	struct accelsim_item item = {
		.cookie = now,
		.ops = rnd(3) ? (u64)rnd(4000) << 30 : 0,
		.bytes = rnd(3) ? (u64)rnd(40) << 30 : 0,
		.link_ns = rnd(2) ? rnd(3000000) : 0,
		.host_ns = rnd(4) ? 0 : rnd(9000000),
		.io_bytes = rnd(4) ? 0 : rnd(90000000),
	};
	u32 what = rnd(100), value = rnd(2200000);

	if (what < 60 && asim_item_ok(m->chip, &item))
		asim_submit(m, &item, 1, (char *)m->chip + rnd(4), now);
	else if (what < 80)
		asim_set_clock(m, value, now);
	else if (what < 86)
		asim_set_cap(m, value, now);
	else if (what < 90)
		asim_set_context(m, !m->contexts, now);
	else if (what < 93)
		asim_cancel(m, (char *)m->chip + rnd(4), now);
	else if (what < 96)
		asim_suspend(m, now);
	else
		asim_resume(m, now);
}

static bool same_finished(void)
{
	struct asim_finished a = {}, b = {};
	bool more;

	do {
		more = asim_take_finished(&model, &a);
		if (more != asim_take_finished(&other, &b))
			return false;
	} while (more && !memcmp(&a.done, &b.done, sizeof(a.done)));
	return !more;
}

/* One copy is looked at all the time, the other only when something changes. */
static bool twin_run(const char *profile, u32 first_seed)
{
	u64 now = 0, t;
	int i, sig;

	setup(profile);
	asim_init(&other, &chip, 1000, 0);
	for (i = 0; i < 300; i++) {
		u32 before = first_seed + i;
		u64 step = 1 + rnd(30 * MS);

		for (t = now; t < now + step; t += 1 + step / 13)
			asim_advance(&model, t);
		now += step;
		seed = before;
		random_step(&model, now);
		seed = before;
		random_step(&other, now);
		if (!same_finished())
			return false;
	}
	for (sig = 0; sig < ACCELGOV_SIG_NR; sig++)
		if (asim_counter(&model, sig, now) !=
		    asim_counter(&other, sig, now))
			return false;
	return true;
}

TEST(being_late_changes_nothing)
{
	u32 i, j;

	for (j = 0; j < asim_nr_profiles; j++)
		for (i = 0; i < 40; i++)
			if (!EXPECT_TRUE(twin_run(asim_profiles[j].name,
						  i * 7919)))
				return;
}

TEST(counters_never_go_back)
{
	u64 last[ACCELGOV_SIG_NR] = {}, value, now = 0;
	int i, sig;

	seed = 4711;
	setup("h100-sxm");
	for (i = 0; i < 20000; i++) {
		now += rnd(2 * MS);
		if (!rnd(20))
			random_step(&model, now);
		while (model.nr_finished)
			done_at(now);
		sig = rnd(ACCELGOV_SIG_NR);
		value = asim_counter(&model, sig, now);
		if (!EXPECT_GE(value, last[sig]))
			return;
		last[sig] = value;
		if (!rnd(50))
			asim_sample_mw(&model, now);
	}
}

TEST(profiles_make_sense)
{
	u32 i, j;

	for (j = 0; j < asim_nr_profiles; j++) {
		setup(asim_profiles[j].name);
		EXPECT_EQ(chip.opps[0].khz, chip.profile->khz_min);
		EXPECT_EQ(chip.opps[chip.nr_opps - 1].khz,
			  chip.profile->khz_max);
		EXPECT_EQ(chip.opps[chip.nr_opps - 1].clock_one, ASIM_ONE);
		for (i = 1; i < chip.nr_opps; i++) {
			const struct asim_opp *o = &chip.opps[i];

			EXPECT_GT(o->khz, o[-1].khz);
			EXPECT_GE(o->uv, o[-1].uv);
			EXPECT_GT(o->clock_one, o[-1].clock_one);
			EXPECT_GE(o->mem_bytes_per_us, o[-1].mem_bytes_per_us);
			EXPECT_GE(item_mw(&gemm, o->khz),
				  item_mw(&gemm, o[-1].khz));
			EXPECT_LE(o->switch_ns, 500 * MS);
		}
		for (i = 1; i < chip.profile->nr_levels; i++) {
			const struct asim_level *l = &chip.profile->levels[i];

			EXPECT_GT(l->wake_ns, 0);
			EXPECT_LE(l->mw[0], l->mw[1]);
			EXPECT_LT(l->mw[1], asim_idle_mw(&chip, 0, true));
		}
	}
	EXPECT_TRUE(!asim_profile_find("h100"));
}

/* The figures that Documentation/accelsim.rst promises. */
TEST(key_figures)
{
	u32 top_mw, low_mw;

	setup("h100-sxm");
	EXPECT_EQ(asim_idle_mw(&chip, chip.nr_opps - 1, true), 122000);
	top_mw = item_mw(&prefill, TOP_KHZ);
	EXPECT_GE(top_mw, 590000);
	EXPECT_LE(top_mw, 690000);
	top_mw = item_mw(&decode, TOP_KHZ);
	low_mw = item_mw(&decode, 1155000);
	EXPECT_GE(top_mw, 400000);
	EXPECT_LE(top_mw, 480000);
	EXPECT_GE(low_mw * 100, top_mw * 65);
	EXPECT_LE(low_mw * 100, top_mw * 75);
	EXPECT_LE(item_ns(&decode, 1155000) * 100,
		  item_ns(&decode, TOP_KHZ) * 101);

	setup("a100-sxm");
	EXPECT_NEAR(item_mw(&(struct accelsim_item){ .link_ns = MS }, 1410000),
		    85000, 5000);
	EXPECT_NEAR(asim_idle_mw(&chip, 0, true), 62000, 2000);
}
