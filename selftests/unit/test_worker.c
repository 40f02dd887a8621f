// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests: calls that come back late or never
 */
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "backends/worker.h"
#include "unit.h"

/* Steady on a machine that is busy otherwise. */
#define PATIENCE_MS	60000

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void sleep_ms(unsigned int ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

struct errand {
	atomic_int *gate;
	atomic_int *discarded;
	int number;
};

static int wait_at_gate(void *arg)
{
	struct errand *errand = arg;

	while (!*errand->gate)
		sleep_ms(2);
	errand->number *= 2;
	return 7;
}

static void count_discarded(void *arg)
{
	struct errand *errand = arg;

	*errand->discarded += errand->number;
}

static void count_last(void *arg)
{
	atomic_int *last = arg;

	(*last)++;
}

TEST(a_late_result_is_discarded)
{
	static atomic_int gate, discarded, last;
	struct errand errand = { &gate, &discarded, 21 };
	struct worker *worker = worker_new();
	uint64_t end = now_ms() + PATIENCE_MS;
	int ret;

	ASSERT_TRUE(worker);
	EXPECT_EQ(worker_call(worker, 20, wait_at_gate, count_discarded, &errand,
			      sizeof(errand)), -ETIMEDOUT);
	EXPECT_EQ(errand.number, 21);
	EXPECT_EQ(discarded, 0);
	EXPECT_EQ(worker_call(worker, PATIENCE_MS, wait_at_gate, count_discarded, &errand,
			      sizeof(errand)), -ETIMEDOUT);
	gate = 1;
	do {
		errand.number = 5;
		ret = worker_call(worker, PATIENCE_MS, wait_at_gate, count_discarded,
				  &errand, sizeof(errand));
		sleep_ms(2);
	} while (ret == -ETIMEDOUT && now_ms() < end);
	EXPECT_EQ(ret, 7);
	EXPECT_EQ(errand.number, 10);
	EXPECT_EQ(discarded, 42);
	worker_free(worker, PATIENCE_MS, count_last, &last);
	EXPECT_EQ(last, 1);
}
