// SPDX-License-Identifier: GPL-2.0
/*
 * Samples: what is refused, and what rates come out of amounts.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

static struct accelgov_sample good_sample(void)
{
	return (struct accelgov_sample){
		.time_ns = SECOND,
		.window_ns = 10 * MS,
		.valid = ALL_SIGNALS,
	};
}

TEST(window_bounds)
{
	struct accelgov_sample s = good_sample();

	EXPECT_EQ(ag_sample_check(&s), 0);
	s.window_ns = 100000;
	EXPECT_EQ(ag_sample_check(&s), 0);
	s.window_ns = 99999;
	EXPECT_EQ(ag_sample_check(&s), -EINVAL);
	s.window_ns = 0;
	EXPECT_EQ(ag_sample_check(&s), -EINVAL);
	s.window_ns = 10 * SECOND;
	EXPECT_EQ(ag_sample_check(&s), 0);
	s.window_ns = 10 * SECOND + 1;
	EXPECT_EQ(ag_sample_check(&s), -EINVAL);
	s.window_ns = U64_MAX;
	EXPECT_EQ(ag_sample_check(&s), -EINVAL);
}

TEST(unknown_bits_are_refused)
{
	struct accelgov_sample s;
	u32 bit;

	for (bit = 0; bit < 32; bit++) {
		s = good_sample();
		s.valid |= 1U << bit;
		EXPECT_EQ(ag_sample_check(&s),
			  bit < ACCELGOV_SIG_NR ? 0 : -EINVAL);
		s = good_sample();
		s.amount = 1U << bit;
		EXPECT_EQ(ag_sample_check(&s),
			  bit < ACCELGOV_SIG_NR ? 0 : -EINVAL);
		s = good_sample();
		s.pad = 1U << bit;
		EXPECT_EQ(ag_sample_check(&s), -EINVAL);
	}
	s = good_sample();
	s.valid = 0;
	EXPECT_EQ(ag_sample_check(&s), -EINVAL);
}

/* 7 ms of a 10 ms window, in the unit of an amount. */
static void fill_amounts(struct accelgov_sample *s)
{
	u32 i;

	s->amount = ALL_SIGNALS;
	for (i = ACCELGOV_SIG_BUSY; i <= ACCELGOV_SIG_HOST; i++)
		s->val[i] = 7 * MS;
	s->val[ACCELGOV_SIG_QUEUE] = 25000;	/* 2.5 items for 10 ms */
	s->val[ACCELGOV_SIG_CLOCK] = 14100000;	/* 1.41 GHz for 10 ms */
	s->val[ACCELGOV_SIG_POWER] = 4200000;	/* 420 W for 10 ms */
	s->val[ACCELGOV_SIG_PROGRESS] = 12345;
	s->val[ACCELGOV_SIG_CONTEXTS] = 20000;
}

static void expect_common_rates(const struct ag_rates *r)
{
	EXPECT_EQ(r->busy, 700);
	EXPECT_EQ(r->compute, 700);
	EXPECT_EQ(r->memory, 700);
	EXPECT_EQ(r->link, 700);
	EXPECT_EQ(r->host, 700);
	EXPECT_EQ(r->queue, 2500);
	EXPECT_EQ(r->clock_khz, 1410000);
	EXPECT_EQ(r->power_mw, 420000);
	EXPECT_EQ(r->contexts, 2000);
	EXPECT_EQ(r->progress, 1234500);
}

TEST(amounts_and_rates_agree)
{
	struct accelgov_sample s = good_sample();
	struct ag_rates r;

	fill_amounts(&s);
	ag_sample_rates(&s, &r);
	EXPECT_EQ(r.time_ns, SECOND);
	EXPECT_EQ(r.window_ns, 10 * MS);
	EXPECT_EQ(r.valid, ALL_SIGNALS);
	expect_common_rates(&r);

	s.amount = 0;
	memset(s.val, 0, sizeof(s.val));
	for (u32 i = ACCELGOV_SIG_BUSY; i <= ACCELGOV_SIG_HOST; i++)
		s.val[i] = 700;
	s.val[ACCELGOV_SIG_QUEUE] = 2500;
	s.val[ACCELGOV_SIG_CLOCK] = 1410000;
	s.val[ACCELGOV_SIG_POWER] = 420000;
	s.val[ACCELGOV_SIG_PROGRESS] = 1234500;
	s.val[ACCELGOV_SIG_CONTEXTS] = 2000;
	ag_sample_rates(&s, &r);
	expect_common_rates(&r);
}

/* The rate of an amount in floating point, without bounds. */
static double rate_of(const struct accelgov_sample *s, enum accelgov_signal sig,
		      double unit)
{
	if (!(s->amount >> sig & 1))
		return (double)s->val[sig];
	return (double)s->val[sig] * unit / (double)s->window_ns;
}

static void expect_rate(double want, u64 got, double max)
{
	if (want > max)
		want = max;
	EXPECT_NEAR((double)got, want, 1.5 + want * 1e-9);
}

TEST(random_samples_against_floating_point)
{
	struct random rnd = { 1 };
	struct accelgov_sample s;
	struct ag_rates r;
	u32 i;

	for (i = 0; i < 200000; i++) {
		s = good_sample();
		s.window_ns = random_in(&rnd, 100000, 1000000000);
		s.amount = random_below(&rnd, 1U << ACCELGOV_SIG_NR);
		/* Below 2^42 no signal comes near the end of 64 bits. */
		for (u32 k = 0; k < ACCELGOV_SIG_NR; k++)
			s.val[k] = random_u64(&rnd) >>
				   random_in(&rnd, 22, 63);
		ag_sample_rates(&s, &r);
		expect_rate(rate_of(&s, ACCELGOV_SIG_BUSY, 1e3), r.busy, 1000);
		expect_rate(rate_of(&s, ACCELGOV_SIG_COMPUTE, 1e3), r.compute,
			    1000);
		expect_rate(rate_of(&s, ACCELGOV_SIG_MEMORY, 1e3), r.memory,
			    1000);
		expect_rate(rate_of(&s, ACCELGOV_SIG_LINK, 1e3), r.link, 1000);
		expect_rate(rate_of(&s, ACCELGOV_SIG_HOST, 1e3), r.host, 1000);
		expect_rate(rate_of(&s, ACCELGOV_SIG_QUEUE, 1e6), r.queue,
			    U32_MAX);
		expect_rate(rate_of(&s, ACCELGOV_SIG_CLOCK, 1e6), r.clock_khz,
			    U32_MAX);
		expect_rate(rate_of(&s, ACCELGOV_SIG_PROGRESS, 1e9), r.progress,
			    1.9e19);
		if (unit_failures)
			break;
	}
	unit_note("%u random samples", i);
}

/* Garbage may not wrap around to something that looks sane. */
TEST(garbage_saturates)
{
	struct accelgov_sample s = good_sample();
	struct ag_rates r;
	u32 i;

	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		s.val[i] = U64_MAX;
	for (s.amount = 0; ; s.amount = ALL_SIGNALS) {
		for (i = 0; i < 3; i++) {
			s.window_ns = i == 0 ? AG_WINDOW_MIN_NS :
				      i == 1 ? AG_WINDOW_MAX_NS : 10 * MS;
			ag_sample_rates(&s, &r);
			EXPECT_EQ(r.busy, 1000);
			EXPECT_EQ(r.host, 1000);
			EXPECT_EQ(r.queue, U32_MAX);
			EXPECT_EQ(r.contexts, U32_MAX);
			EXPECT_EQ(r.clock_khz, U32_MAX);
			EXPECT_EQ(r.power_mw, 100000000);
			EXPECT_GE(r.progress, U64_MAX / 10 / 2);
		}
		if (s.amount)
			break;
	}
}

/* More amount never gives less rate, through the switch of formulas too. */
TEST(rates_rise_with_amounts)
{
	struct random rnd = { 2 };
	struct accelgov_sample a, b;
	struct ag_rates ra, rb;
	u32 i, k;

	for (i = 0; i < 100000; i++) {
		a = good_sample();
		a.window_ns = random_in(&rnd, 100000, 2000000000);
		a.amount = random_below(&rnd, 1U << ACCELGOV_SIG_NR);
		b = a;
		for (k = 0; k < ACCELGOV_SIG_NR; k++) {
			u64 x = random_any(&rnd), y = random_any(&rnd);

			a.val[k] = x < y ? x : y;
			b.val[k] = x < y ? y : x;
		}
		ag_sample_rates(&a, &ra);
		ag_sample_rates(&b, &rb);
		EXPECT_LE(ra.busy, rb.busy);
		EXPECT_LE(ra.queue, rb.queue);
		EXPECT_LE(ra.clock_khz, rb.clock_khz);
		EXPECT_LE(ra.power_mw, rb.power_mw);
		EXPECT_LE(ra.progress, rb.progress);
		if (unit_failures)
			break;
	}
}

TEST(validity_is_kept)
{
	struct accelgov_sample s = good_sample();
	struct ag_rates r;
	u32 valid, i;

	for (valid = 1; valid <= ALL_SIGNALS; valid++) {
		s.valid = valid;
		ASSERT_EQ(ag_sample_check(&s), 0);
		ag_sample_rates(&s, &r);
		for (i = 0; i < ACCELGOV_SIG_NR; i++)
			EXPECT_EQ(ag_valid(&r, i), valid >> i & 1);
	}
}
