// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings through the policy core: phases against labels, gaps, decisions that
 * were recorded. And the classifier against recordings that are kept in the tree.
 */
#include "recording_file.h"

#include <errno.h>
#include <math.h>

#include "record/recorded.h"
#include "unit.h"

static int fd;
static struct recording_writer *writer;
static uint64_t at_ms, samples;

static void begin(struct recording_device *device)
{
	struct recording_head head = test_head(1);
	int own = memfd_create("recording", MFD_CLOEXEC);

	fd = dup(own);
	at_ms = 0;
	samples = 0;
	if (!EXPECT_EQ(recording_create(own, &head, device, &writer), 0))
		exit(1);
}

static void put(struct recording_entry e)
{
	EXPECT_EQ(recording_put(writer, &e), 0);
	samples += e.kind == RECORDING_SAMPLE;
}

static void feed(unsigned int nr, uint32_t compute, uint32_t memory)
{
	while (nr--) {
		at_ms += 100;
		put(test_sample(at_ms, compute, memory));
	}
}

static void decide(uint32_t phase)
{
	struct recording_entry e = test_sample(at_ms, 0, 0);

	e.kind = RECORDING_DECISION;
	e.decision.phase = phase;
	e.decision.confidence_permille = (struct reading){ 900, true };
	put(e);
}

/* Ends the recording and runs it. */
static bool run(const struct recorded_options *options, struct recorded *ret)
{
	struct recording_reader *r;
	struct recording_error error;

	put(test_end(at_ms, samples));
	EXPECT_EQ(recording_close(writer), 0);
	lseek(fd, 0, SEEK_SET);
	if (!EXPECT_EQ(recording_open_fd(fd, &r, &error), 0))
		return false;
	if (!EXPECT_EQ(recorded_run(r, options, ret, &error), 0))
		return false;
	recording_end(r);
	return true;
}

TEST(phases_are_scored_against_labels)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { .series = true };
	const struct recorded_device *d;
	struct recorded r;

	begin(&device);
	feed(20, 100, 900);
	put(test_label(at_ms, "decode"));
	feed(200, 100, 900);
	put(test_label(at_ms, "prefill"));
	feed(200, 900, 100);
	put(test_label(at_ms, "-"));
	feed(20, 100, 900);
	ASSERT_TRUE(run(&options, &r));
	d = &r.device[0];
	EXPECT_TRUE(r.whole);
	EXPECT_STREQ(r.ended_by, "time");
	EXPECT_EQ(r.labels, 3);
	EXPECT_EQ(r.strange, 0);
	EXPECT_TRUE(recorded_labelled(&r));
	EXPECT_EQ(d->samples, 440);
	EXPECT_EQ(d->decided, 440);
	EXPECT_EQ(d->silent_ns, 0);
	EXPECT_NEAR(confusion_macro_f1(&d->replayed.windows.confusion), 1000, 20);
	EXPECT_NEAR(confusion_macro_f1(&d->replayed.time), 1000, 20);
	/* Only what has a label counts: 40 s of 44. */
	EXPECT_NEAR(d->replayed.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_MEMORY] +
		    d->replayed.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_UNKNOWN] +
		    d->replayed.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_COMPUTE] +
		    d->replayed.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_MIXED],
		    20, 1e-6);
	EXPECT_EQ(d->replayed.delays.total, 1);
	EXPECT_FALSE(d->recorded.there);
	EXPECT_GT(d->observer.saved_uj, 0);
	EXPECT_EQ(d->observer.used_uj, 400ULL * 44 * 1000000);
	EXPECT_EQ(d->series.nr, 440);
	EXPECT_EQ(d->series.v[100].truth, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(d->series.v[300].truth, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(d->series.v[300].seen, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(d->series.v[10].truth, -1);
	EXPECT_EQ(d->series.v[430].truth, -1);
	EXPECT_EQ(d->series.v[430].power_mw, 400000);
	recorded_free(&r);
}

TEST(a_wrong_classifier_scores_low)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { 0 };
	struct recorded r;

	begin(&device);
	put(test_label(0, "prefill"));
	feed(200, 100, 900);
	put(test_label(at_ms, "decode"));
	feed(200, 900, 100);
	ASSERT_TRUE(run(&options, &r));
	EXPECT_TRUE(confusion_macro_f1(&r.device[0].replayed.windows.confusion) < 30);
	recorded_free(&r);
}

TEST(what_was_decided_then_is_scored_beside)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { 0 };
	const struct recorded_device *d;
	struct recorded r;

	begin(&device);
	put(test_label(0, "decode"));
	feed(1, 100, 900);
	decide(ACCELGOV_PHASE_COMPUTE);
	feed(49, 100, 900);
	decide(ACCELGOV_PHASE_MEMORY);
	feed(150, 100, 900);
	ASSERT_TRUE(run(&options, &r));
	d = &r.device[0];
	ASSERT_TRUE(d->recorded.there);
	/* Windows 1 to 49 got the wrong name, the one before it as well. */
	EXPECT_NEAR(d->recorded.windows.confusion.at[ACCELGOV_PHASE_MEMORY]
						     [ACCELGOV_PHASE_COMPUTE], 49, 0.5);
	EXPECT_NEAR(d->recorded.windows.confusion.at[ACCELGOV_PHASE_MEMORY]
						     [ACCELGOV_PHASE_MEMORY], 151, 0.5);
	EXPECT_NEAR(d->recorded.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_COMPUTE],
		    4.9, 1e-6);
	EXPECT_NEAR(confusion_macro_f1(&d->replayed.windows.confusion), 1000, 20);
	recorded_free(&r);
}

TEST(silence_is_unknown)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { 0 };
	const struct recorded_device *d;
	struct recording_entry gap = { .kind = RECORDING_GAP, .text = "asleep" };
	struct recorded r;

	begin(&device);
	put(test_label(0, "decode"));
	feed(100, 100, 900);
	gap.time_ns = START_NS + at_ms * MS;
	put(gap);
	at_ms += 10000;
	feed(100, 100, 900);
	ASSERT_TRUE(run(&options, &r));
	d = &r.device[0];
	EXPECT_EQ(d->gaps, 1);
	EXPECT_EQ(d->silent_ns, 10000 * MS);
	/* Up to three periods the last name holds. */
	EXPECT_NEAR(d->replayed.time.at[ACCELGOV_PHASE_MEMORY][ACCELGOV_PHASE_UNKNOWN],
		    9.8, 0.15);
	recorded_free(&r);
}

TEST(labels_that_are_no_phase_are_not_scored)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { 0 };
	struct recorded r;

	begin(&device);
	put(test_label(0, "warm-up"));
	feed(100, 100, 900);
	ASSERT_TRUE(run(&options, &r));
	EXPECT_EQ(r.strange, 1);
	EXPECT_STREQ(r.strange_text, "warm-up");
	EXPECT_FALSE(recorded_labelled(&r));
	EXPECT_TRUE(isnan(confusion_macro_f1(&r.device[0].replayed.time)));
	recorded_free(&r);
}

TEST(without_clocks_nothing_is_decided)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { 0 };
	struct recorded r;

	device.nr_clocks = 0;
	memset(device.clock_khz, 0, sizeof(device.clock_khz));
	begin(&device);
	feed(10, 100, 900);
	ASSERT_TRUE(run(&options, &r));
	EXPECT_FALSE(r.device[0].observes);
	EXPECT_FALSE(r.device[0].replayed.there);
	EXPECT_EQ(r.device[0].samples, 10);
	recorded_free(&r);
}

TEST(without_a_budget_nothing_is_saved_on_arithmetic)
{
	struct recording_device device = test_device("a");
	struct recorded_options options = { .budget_permille = { 0, true } };
	struct recorded r;

	begin(&device);
	feed(200, 900, 100);
	ASSERT_TRUE(run(&options, &r));
	EXPECT_EQ(r.device[0].observer.saved_uj, 0);
	recorded_free(&r);
}

/*
 * A job of 18 s in turns of a few seconds on a simulated H100, seen through a library
 * that tells what NVML would, ten times a second, and through the device's counters,
 * twenty times. Made by selftests/suites/record.sh.
 */
TEST(phases_of_a_recorded_job)
{
	static const double least[2] = { 820, 920 };
	struct recorded_options options = { 0 };
	struct recording_reader *reader;
	struct recording_error error;
	struct recorded r;
	double f1, time_f1;

	ASSERT_EQ(recording_open("selftests/recordings/accelsim-h100.rec", &reader,
				 &error), 0);
	ASSERT_EQ(recorded_run(reader, &options, &r, &error), 0);
	recording_end(reader);
	EXPECT_TRUE(r.whole);
	EXPECT_EQ(r.labels, 8);
	ASSERT_EQ(r.nr, 2);
	EXPECT_STREQ(r.device[0].info.source, "nvml");
	EXPECT_STREQ(r.device[1].info.source, "devfreq");
	for (int i = 0; i < 2; i++) {
		f1 = confusion_macro_f1(&r.device[i].replayed.windows.confusion);
		time_f1 = confusion_macro_f1(&r.device[i].replayed.time);
		unit_note("%s: macro F1 %.0f per mille over windows, %.0f over time",
			  r.device[i].info.source, f1, time_f1);
		EXPECT_TRUE(f1 >= least[i]);
		EXPECT_TRUE(time_f1 >= least[i] - 50);
		EXPECT_TRUE(confusion_f1(&r.device[i].replayed.windows.confusion,
					 ACCELGOV_PHASE_COMPUTE) > 900);
		EXPECT_TRUE(confusion_f1(&r.device[i].replayed.windows.confusion,
					 ACCELGOV_PHASE_MEMORY) > 900);
	}
	recorded_free(&r);
}

/*
 * PyTorch on real boards, as Documentation/hardware.rst tells. Quiet before a job is known
 * to train is loaded idle, and quiet after its end a wait, as far as sensors show.
 */
TEST(real_boards_are_told_apart)
{
	static const struct {
		const char *file;
		double f1, checkpoint;
	} real[] = {
		{ "selftests/recordings/h200-torch.rec", 830, 940 },
		{ "selftests/recordings/h100-torch.rec", 800, 800 },
	};
	struct recorded_options options = { 0 };
	const struct confusion *windows;
	struct recording_reader *reader;
	struct recording_error error;
	struct recorded r;
	size_t i;

	for (i = 0; i < sizeof(real) / sizeof(*real); i++) {
		ASSERT_EQ(recording_open(real[i].file, &reader, &error), 0);
		ASSERT_EQ(recorded_run(reader, &options, &r, &error), 0);
		recording_end(reader);
		EXPECT_TRUE(r.whole);
		ASSERT_EQ(r.nr, 1);
		windows = &r.device[0].replayed.windows.confusion;
		unit_note("%s: macro F1 %.0f per mille over windows", real[i].file,
			  confusion_macro_f1(windows));
		EXPECT_TRUE(confusion_macro_f1(windows) >= real[i].f1);
		EXPECT_TRUE(confusion_f1(windows, ACCELGOV_PHASE_COMPUTE) > 900);
		EXPECT_TRUE(confusion_f1(windows, ACCELGOV_PHASE_MEMORY) > 930);
		EXPECT_TRUE(confusion_f1(windows, ACCELGOV_PHASE_IDLE) > 950);
		EXPECT_TRUE(confusion_f1(windows, ACCELGOV_PHASE_CHECKPOINT) >
			    real[i].checkpoint);
		recorded_free(&r);
	}
}
