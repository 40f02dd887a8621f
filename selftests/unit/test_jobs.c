// SPDX-License-Identifier: GPL-2.0
/*
 * Whose energy it was: idle power that is learned, shares by time, clients that end,
 * rows that run out; and the integral that DRM collectors keep in one word.
 */
#include <errno.h>

#include "jobs.h"
#include "unit.h"

#define SECOND_US	1000000
#define MS		1000000ULL

static struct job_use use(uint32_t tgid, uint64_t run_ms)
{
	return (struct job_use){
		.client = { .tgid = tgid, .cgroup = tgid / 10, .id = 1 },
		.use = { .run_ns = run_ms * MS, .wait_ns = run_ms * MS / 2,
			 .jobs = run_ms, .comm = "job" },
	};
}

static void group(const struct drmc_client *client, char *buf)
{
	snprintf(buf, JOBS_CGROUP_LEN, "/group%u",
		 (unsigned int)client->cgroup);
}

static struct job *row(struct jobs *jobs, uint32_t tgid, uint64_t cgroup)
{
	size_t i;

	for (i = 0; i < jobs->nr; i++)
		if (jobs->job[i].client.tgid == tgid &&
		    jobs->job[i].client.cgroup == cgroup)
			return &jobs->job[i];
	return NULL;
}

static uint64_t sum_nj(const struct jobs *jobs)
{
	uint64_t nj = jobs->idle_nj;
	size_t i;

	for (i = 0; i < jobs->nr; i++)
		nj += jobs->job[i].energy_nj;
	return nj;
}

TEST(shares_follow_the_time_that_ran)
{
	struct jobs jobs = { 0 };
	struct job_use u[2] = { use(10, 0), use(20, 0) };

	/* 100 W idle for a second. */
	EXPECT_EQ(jobs_account(&jobs, u, 2, SECOND_US, 100000000, group), 0);
	EXPECT_TRUE(jobs.idle_mw.known);
	EXPECT_EQ(jobs.idle_mw.value, 100000);
	EXPECT_EQ(jobs.idle_nj, 100000000000);
	EXPECT_EQ(row(&jobs, 10, 1)->energy_nj, 0);

	/* 300 W with 600 and 200 ms of work: 200 ms of 100 W are nobody's. */
	u[0] = use(10, 600);
	u[1] = use(20, 200);
	EXPECT_EQ(jobs_account(&jobs, u, 2, SECOND_US, 300000000, group), 0);
	EXPECT_EQ(row(&jobs, 10, 1)->energy_nj, 210000000000);
	EXPECT_EQ(row(&jobs, 20, 2)->energy_nj, 70000000000);
	EXPECT_EQ(jobs.idle_nj, 120000000000);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	EXPECT_STREQ(row(&jobs, 20, 2)->cgroup, "/group2");
	EXPECT_STREQ(row(&jobs, 20, 2)->comm, "job");
	EXPECT_EQ(row(&jobs, 10, 1)->wait_ns, 300 * MS);
	jobs_free(&jobs);
}

TEST(without_an_idle_window_time_alone_counts)
{
	struct jobs jobs = { 0 };
	struct job_use u = use(10, 250);

	EXPECT_EQ(jobs_account(&jobs, &u, 1, SECOND_US, 80000000, NULL), 0);
	EXPECT_FALSE(jobs.idle_mw.known);
	EXPECT_EQ(jobs.job[0].energy_nj, 20000000000);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	EXPECT_STREQ(jobs.job[0].cgroup, "");
	jobs_free(&jobs);
}

TEST(rings_in_parallel_share_all_of_it)
{
	struct jobs jobs = { 0 };
	struct job_use u[2] = { use(10, 1000), use(20, 1000) };

	EXPECT_EQ(jobs_account(&jobs, u, 2, SECOND_US, 80000000, NULL), 0);
	EXPECT_EQ(jobs.idle_nj, 0);
	EXPECT_EQ(jobs.job[0].energy_nj, jobs.job[1].energy_nj);
	jobs_free(&jobs);
}

TEST(a_short_window_teaches_no_idle_power)
{
	struct jobs jobs = { 0 };
	struct job_use u = use(10, 0);

	/* The counter had no step in it. */
	EXPECT_EQ(jobs_account(&jobs, &u, 1, 1000, 0, NULL), 0);
	EXPECT_FALSE(jobs.idle_mw.known);
	/* And a window without length divides nothing. */
	EXPECT_EQ(jobs_account(&jobs, &u, 1, 0, 5, NULL), 0);
	EXPECT_EQ(jobs.energy_nj, 0);
	jobs_free(&jobs);
}

TEST(an_estimate_that_shrinks_is_not_counted_twice)
{
	struct jobs jobs = { 0 };
	struct job_use u = use(10, 500);

	jobs_account(&jobs, &u, 1, SECOND_US, 10000000, NULL);
	u = use(10, 490);
	jobs_account(&jobs, &u, 1, SECOND_US, 10000000, NULL);
	EXPECT_EQ(jobs.job[0].run_ns, 500 * MS);
	u = use(10, 510);
	jobs_account(&jobs, &u, 1, SECOND_US, 10000000, NULL);
	EXPECT_EQ(jobs.job[0].run_ns, 510 * MS);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	jobs_free(&jobs);
}

TEST(energy_that_nobody_knows_is_nobodys)
{
	struct jobs jobs = { 0 };
	struct job_use u = use(10, 500);

	EXPECT_EQ(jobs_skip(&jobs, &u, 1, NULL), 0);
	EXPECT_EQ(jobs.energy_nj, 0);
	EXPECT_EQ(jobs.job[0].run_ns, 500 * MS);
	jobs_free(&jobs);
}

TEST(those_that_ended_are_a_row_of_their_cgroup)
{
	struct jobs jobs = { 0 };
	struct job_use u[3] = { use(10, 100), use(11, 100), use(12, 200) };

	jobs_account(&jobs, u, 3, SECOND_US, 40000000, group);
	jobs_end(&jobs, &u[0].client);
	jobs_end(&jobs, &u[2].client);
	ASSERT_EQ(jobs.nr, 2);
	ASSERT_TRUE(row(&jobs, 0, 1));
	EXPECT_EQ(row(&jobs, 0, 1)->clients, 2);
	EXPECT_EQ(row(&jobs, 0, 1)->run_ns, 300 * MS);
	EXPECT_STREQ(row(&jobs, 0, 1)->cgroup, "/group1");
	EXPECT_STREQ(row(&jobs, 0, 1)->comm, "");
	EXPECT_EQ(row(&jobs, 11, 1)->run_ns, 100 * MS);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	/* Neither of these is there. */
	jobs_end(&jobs, &u[0].client);
	EXPECT_EQ(jobs.nr, 2);
	jobs_free(&jobs);
}

TEST(rows_run_out_and_no_energy_is_lost)
{
	struct jobs jobs = { 0 };
	struct job_use u;
	uint32_t i;
	int ret;

	for (i = 1; i <= 3 * JOBS_ROWS; i++) {
		u = use(10 * i, i);
		ret = jobs_account(&jobs, &u, 1, SECOND_US, 1000000, NULL);
		ASSERT_EQ(ret, 0);
		if (i % 2)
			jobs_end(&jobs, &u.client);
		ASSERT_TRUE(jobs.nr <= JOBS_ROWS);
		if (jobs.nr == JOBS_ROWS && !row(&jobs, 0, 0))
			break;
	}
	for (; i <= 3 * JOBS_ROWS; i++) {
		u = use(10 * i, i);
		jobs_account(&jobs, &u, 1, SECOND_US, 1000000, NULL);
		jobs_end(&jobs, &u.client);
		ASSERT_TRUE(jobs.nr <= JOBS_ROWS);
	}
	ASSERT_TRUE(row(&jobs, 0, 0));
	EXPECT_TRUE(row(&jobs, 0, 0)->clients > JOBS_ROWS);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	jobs_free(&jobs);
}

TEST(with_all_rows_alive_a_new_client_finds_no_room)
{
	struct jobs jobs = { 0 };
	struct job_use u;
	uint32_t i;

	for (i = 1; i <= JOBS_ROWS; i++) {
		u = use(10 * i, 1);
		ASSERT_EQ(jobs_skip(&jobs, &u, 1, NULL), 0);
	}
	u = use(10 * i, 1);
	EXPECT_EQ(jobs_account(&jobs, &u, 1, SECOND_US, 1000000, NULL),
		  -ENOMEM);
	EXPECT_EQ(jobs.lost, 1);
	EXPECT_EQ(jobs.nr, JOBS_ROWS);
	EXPECT_EQ(sum_nj(&jobs), jobs.energy_nj);
	jobs_free(&jobs);
}

/* What the word says about a run of events against counting it out. */
TEST(one_word_holds_the_integral)
{
	uint64_t word = 0, us = 1ULL << 47, before, expected = 0;
	uint32_t n = 0, i, seed = 1;

	before = DRMC_INTEGRAL(word, us);
	for (i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		us += seed >> 24;
		expected += (uint64_t)n * (seed >> 24);
		if ((seed >> 8 & 3) && n < 60000) {
			word += DRMC_ENTER(us);
			n++;
		} else if (n) {
			word += DRMC_LEAVE(us);
			n--;
		}
		ASSERT_EQ(DRMC_COUNT(word), n);
		ASSERT_EQ(((DRMC_INTEGRAL(word, us) - before) & DRMC_TIME_MASK),
			  expected);
	}
}
