// SPDX-License-Identifier: GPL-2.0
/*
 * Scoring a run: timelines, slowdown, trace lines.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../userspace/lib/report/score.h"
#include "../../userspace/lib/traceline.h"

#define COMPUTE	ACCELGOV_PHASE_COMPUTE
#define MEMORY	ACCELGOV_PHASE_MEMORY
#define STALL	ACCELGOV_PHASE_STALL
#define IDLE	ACCELGOV_PHASE_LOADED_IDLE

TEST(a_timeline_has_no_holes)
{
	struct timeline t = { 0 };

	EXPECT_EQ(timeline_extend(&t, 10, 20, COMPUTE), 0);
	EXPECT_EQ(timeline_extend(&t, 0, 30, COMPUTE), 0);
	EXPECT_EQ(timeline_extend(&t, 0, 25, MEMORY), 0);
	EXPECT_EQ(timeline_extend(&t, 0, 40, MEMORY), 0);
	ASSERT_EQ(t.nr, 2);
	EXPECT_EQ(t.v[0].start_ns, 10);
	EXPECT_EQ(t.v[0].end_ns, 30);
	EXPECT_EQ(t.v[1].start_ns, 30);
	EXPECT_EQ(t.v[1].end_ns, 40);
	timeline_free(&t);
}

TEST(dominant_phase)
{
	struct timeline t = { 0 };

	timeline_extend(&t, 0, 100, COMPUTE);
	timeline_extend(&t, 0, 140, MEMORY);
	timeline_extend(&t, 0, 200, COMPUTE);
	EXPECT_EQ(timeline_dominant(&t, 0, 200), COMPUTE);
	EXPECT_EQ(timeline_dominant(&t, 90, 150), MEMORY);
	EXPECT_EQ(timeline_dominant(&t, 139, 200), COMPUTE);
	EXPECT_EQ(timeline_dominant(&t, 200, 300), ACCELGOV_PHASE_NR);
	timeline_free(&t);
}

/* Turns make a window mixed when they are balanced and more than one. */
TEST(windows_of_turns_are_mixed)
{
	struct timeline t = { 0 };
	uint64_t at = 0;

	for (int i = 0; i < 10; i++) {
		timeline_extend(&t, 0, at += 10, COMPUTE);
		timeline_extend(&t, 0, at += i < 5 ? 12 : 13, MEMORY);
	}
	EXPECT_EQ(timeline_window(&t, 22, 66), ACCELGOV_PHASE_MIXED);
	EXPECT_EQ(timeline_dominant(&t, 22, 66), MEMORY);
	EXPECT_EQ(timeline_window(&t, 133, 179), MEMORY);
	EXPECT_EQ(timeline_window(&t, 2, 20), MEMORY);
	EXPECT_EQ(timeline_window(&t, 10, 32), MEMORY);
	EXPECT_EQ(timeline_window(&t, 225, 300), ACCELGOV_PHASE_NR);
	/* Mostly something else. */
	timeline_extend(&t, 0, at + 300, ACCELGOV_PHASE_LINK);
	EXPECT_EQ(timeline_window(&t, at - 46, at + 60), ACCELGOV_PHASE_LINK);
	timeline_free(&t);
}

TEST(agreement_counts_late_recognition)
{
	struct timeline truth = { 0 }, seen = { 0 };

	timeline_extend(&truth, 0, 100, COMPUTE);
	timeline_extend(&truth, 0, 200, MEMORY);
	EXPECT_TRUE(isnan(timeline_agreement(&seen, &seen, 0, 200)));
	timeline_extend(&seen, 0, 120, COMPUTE);
	timeline_extend(&seen, 0, 200, MEMORY);
	EXPECT_NEAR(timeline_agreement(&truth, &seen, 0, 200), 900, 1e-9);
	EXPECT_NEAR(timeline_agreement(&truth, &seen, 0, 100), 1000, 1e-9);
	EXPECT_NEAR(timeline_agreement(&truth, &seen, 100, 120), 0, 1e-9);
	EXPECT_NEAR(timeline_agreement(&truth, &seen, 50, 150), 800, 1e-9);
	timeline_free(&seen);
	/* What was not seen was not right. */
	timeline_extend(&seen, 0, 100, COMPUTE);
	EXPECT_NEAR(timeline_agreement(&truth, &seen, 0, 200), 500, 1e-9);
	timeline_free(&truth);
	timeline_free(&seen);
}

/* Many short spans against an answer counted nanosecond by nanosecond. */
TEST(agreement_against_counting)
{
	struct timeline a = { 0 }, b = { 0 };
	unsigned char x[3000], y[3000];
	unsigned int same = 0;
	uint32_t seed = 1;

	for (unsigned int i = 0; i < 3000; i++) {
		seed = seed * 1664525 + 1013904223;
		x[i] = !i || seed >> 29 == 0 ? 1 + (seed >> 8) % 3 : x[i - 1];
		y[i] = !i || (seed >> 12 & 7) == 0 ? 1 + (seed >> 20) % 3 :
						     y[i - 1];
		timeline_extend(&a, 0, i + 1, x[i]);
		timeline_extend(&b, 0, i + 1, y[i]);
		same += i >= 500 && i < 2500 && x[i] == y[i];
	}
	EXPECT_NEAR(timeline_agreement(&a, &b, 500, 2500), same / 2.0, 1e-9);
	timeline_free(&a);
	timeline_free(&b);
}

static const struct accelsim_item work = { .ops = 1 };
static const struct accelsim_item pause_item = { .host_ns = 1 };

static void take(struct score *s, const struct accelsim_item *item,
		 uint32_t label, uint64_t submit, uint64_t start, uint64_t end,
		 uint64_t ref)
{
	struct accelsim_done done = {
		.label = label, .submit_ns = submit, .start_ns = start,
		.end_ns = end, .ref_ns = ref,
	};

	EXPECT_EQ(score_done(s, item, &done), 0);
}

TEST(gaps_without_work_are_loaded_idle)
{
	struct score s;

	score_init(&s, 0, 1000);
	take(&s, &work, COMPUTE, 0, 0, 100, 100);
	/* Queued ahead: no gap. Then 50 of idle, and 10 until it woke up. */
	take(&s, &work, MEMORY, 50, 100, 200, 100);
	take(&s, &work, MEMORY, 250, 260, 300, 40);
	EXPECT_EQ(score_finish(&s), 0);
	EXPECT_NEAR(s.label_ns[COMPUTE], 100, 0);
	EXPECT_NEAR(s.label_ns[MEMORY], 150, 0);
	EXPECT_NEAR(s.label_ns[IDLE], 750, 0);
	EXPECT_EQ(timeline_dominant(&s.truth, 205, 245), IDLE);
	score_free(&s);
}

TEST(slowdown_is_of_work_alone)
{
	struct score s;

	score_init(&s, 0, 1000);
	EXPECT_TRUE(isnan(score_slowdown(&s)));
	take(&s, &work, COMPUTE, 0, 0, 110, 100);
	/* Waiting for the host is no work, however long. */
	take(&s, &pause_item, STALL, 0, 110, 500, 300);
	EXPECT_NEAR(score_slowdown(&s), 100, 1e-9);
	/* Half of the last item lies behind the end. */
	take(&s, &work, COMPUTE, 0, 900, 1100, 100);
	EXPECT_NEAR(s.spent_ns, 210, 1e-9);
	EXPECT_NEAR(s.ref_ns, 150, 1e-9);
	take(&s, &work, COMPUTE, 0, 1100, 1200, 100);
	EXPECT_NEAR(s.ref_ns, 150, 1e-9);
	score_free(&s);
}

TEST(waking_up_is_time_spent)
{
	struct accelsim_done done = {
		.label = MEMORY, .submit_ns = 0, .start_ns = 50,
		.end_ns = 150, .ref_ns = 100, .wake_ns = 50,
	};
	struct score s;

	score_init(&s, 0, 1000);
	EXPECT_EQ(score_done(&s, &work, &done), 0);
	EXPECT_NEAR(score_slowdown(&s), 500, 1e-9);
	EXPECT_NEAR(s.wake_ns, 50, 1e-9);
	score_free(&s);
}

#define SECOND	1000000000ULL

/* 10 s of work without loss, 5 s that took 6, and 5 s without loss. */
TEST(the_worst_minute_is_any_of_60_seconds)
{
	struct minute m;

	minute_init(&m, 5 * SECOND);
	minute_add(&m, 6 * SECOND, 10 * SECOND, 10 * SECOND);
	minute_advance(&m, 65 * SECOND - 1);
	EXPECT_TRUE(isnan(m.worst_permille));
	minute_advance(&m, 65 * SECOND);
	EXPECT_NEAR(m.worst_permille, 0, 0);
	minute_add(&m, 65 * SECOND + 1, 5 * SECOND, 6 * SECOND);
	/* From 6 to 66 both count. */
	minute_advance(&m, 66 * SECOND);
	EXPECT_NEAR(m.worst_permille, 1000.0 / 15, 1e-9);
	minute_add(&m, 124 * SECOND, 5 * SECOND, 5 * SECOND);
	EXPECT_NEAR(m.permille, 200, 1e-9);
	/* From 65 to 125 the loss of 65, from 66 on none. */
	minute_advance(&m, 125 * SECOND);
	EXPECT_NEAR(m.permille, 100, 1e-9);
	minute_advance(&m, 126 * SECOND);
	EXPECT_NEAR(m.permille, 0, 0);
	minute_advance(&m, 1000 * SECOND);
	EXPECT_NEAR(m.permille, 0, 0);
	EXPECT_NEAR(m.worst_permille, 200, 1e-9);
}

TEST(a_minute_with_little_work_is_no_slow_one)
{
	struct minute m;

	minute_init(&m, 0);
	minute_add(&m, SECOND, SECOND / 10, SECOND / 5);
	minute_advance(&m, 60 * SECOND);
	EXPECT_NEAR(m.worst_permille, 100.0 / 3, 1e-9);
	/* Faster than the top clock is as good as it. */
	minute_init(&m, 0);
	minute_add(&m, SECOND, 5 * SECOND, 4 * SECOND);
	minute_advance(&m, 60 * SECOND);
	EXPECT_NEAR(m.worst_permille, 0, 0);
}

TEST(the_account_knows_its_worst_minute)
{
	struct score s;

	score_init(&s, 0, 100 * SECOND);
	EXPECT_TRUE(isnan(score_minute(&s)));
	take(&s, &work, COMPUTE, 0, 0, 10 * SECOND, 10 * SECOND);
	/* Waiting for the host and what ends too late are in no minute. */
	take(&s, &pause_item, STALL, 0, 10 * SECOND, 20 * SECOND, SECOND);
	take(&s, &work, COMPUTE, 0, 80 * SECOND, 91 * SECOND, 10 * SECOND);
	take(&s, &work, COMPUTE, 0, 91 * SECOND, 101 * SECOND, SECOND);
	EXPECT_EQ(score_finish(&s), 0);
	EXPECT_NEAR(score_minute(&s), 100, 1e-9);
	score_free(&s);
}

TEST(published_names)
{
	EXPECT_EQ(phase_from_name("compute"), COMPUTE);
	EXPECT_EQ(phase_from_name("inference-prefill"), COMPUTE);
	EXPECT_EQ(phase_from_name("training-compute"), COMPUTE);
	EXPECT_EQ(phase_from_name("inference-decode"), MEMORY);
	EXPECT_EQ(phase_from_name("training-collective"),
		  ACCELGOV_PHASE_LINK);
	EXPECT_EQ(phase_from_name("link-wait"), ACCELGOV_PHASE_LINK);
	EXPECT_EQ(phase_from_name("loaded-idle"), IDLE);
	EXPECT_EQ(phase_from_name("unknown"), ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(phase_from_name("comput"), ACCELGOV_PHASE_NR);
	EXPECT_EQ(phase_from_name(""), ACCELGOV_PHASE_NR);
}

static const char phase_line[] =
	"   kworker/u8:1-52      [001] d..1.  1234.567890: phase: dev=accelsim.3 old=unknown "
	"new=inference-decode workload=inference confidence_permille=930 held_us=12";
/* A task may be called anything. */
static const char change_line[] =
	" my: 1.2 task-9 [000] .....    77.000001: devfreq_frequency: "
	"dev_name=accelsim.0                     freq=1980000000   prev_freq=345000000    load=100";

TEST(trace_lines)
{
	struct traceline t;
	char buf[32] = "as before";
	uint64_t n = 7;

	ASSERT_EQ(traceline_parse(phase_line, &t), 0);
	EXPECT_EQ(t.time_ns, 1234567890000ULL);
	EXPECT_TRUE(traceline_is(&t, "phase"));
	EXPECT_FALSE(traceline_is(&t, "phas"));
	EXPECT_FALSE(traceline_is(&t, "phases"));
	EXPECT_EQ(traceline_field(&t, "new", buf, sizeof(buf)), 0);
	EXPECT_STREQ(buf, "inference-decode");
	EXPECT_EQ(traceline_field(&t, "ne", buf, sizeof(buf)), -ENOENT);
	EXPECT_EQ(traceline_field(&t, "new", buf, 5), -ENOBUFS);
	EXPECT_STREQ(buf, "inference-decode");
	EXPECT_EQ(traceline_number(&t, "held_us", &n), 0);
	EXPECT_EQ(n, 12);
	EXPECT_EQ(traceline_number(&t, "old", &n), -EINVAL);
	EXPECT_EQ(n, 12);
}

TEST(trace_lines_with_padding_and_odd_tasks)
{
	struct traceline t;
	char buf[32];
	uint64_t n;

	ASSERT_EQ(traceline_parse(change_line, &t), 0);
	EXPECT_TRUE(traceline_is(&t, "devfreq_frequency"));
	EXPECT_EQ(traceline_field(&t, "dev_name", buf, sizeof(buf)), 0);
	EXPECT_STREQ(buf, "accelsim.0");
	EXPECT_EQ(traceline_number(&t, "freq", &n), 0);
	EXPECT_EQ(n, 1980000000);
}

TEST(what_is_no_trace_line)
{
	struct traceline t;

	EXPECT_EQ(traceline_parse("", &t), -EINVAL);
	EXPECT_EQ(traceline_parse("# tracer: nop", &t), -EINVAL);
	EXPECT_EQ(traceline_parse("CPU:1 [LOST 12 EVENTS]", &t), -EINVAL);
	EXPECT_EQ(traceline_parse("task-1 [000] ..... 12.5: ", &t), -EINVAL);
	EXPECT_EQ(traceline_parse("task-1 [000] ..... 12.5", &t), -EINVAL);
	EXPECT_EQ(traceline_parse("12.", &t), -EINVAL);
}
