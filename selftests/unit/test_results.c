// SPDX-License-Identifier: GPL-2.0
/*
 * results.json: what is written is read again, what is wrong is refused, runs
 * are compared with the right one.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "unit.h"

#include "../../userspace/lib/report/results.h"
#include "../../userspace/lib/samples.h"

static struct result make(const char *workload, const char *governor,
			  double energy, double slowdown)
{
	struct result r;

	result_init(&r);
	strcpy(r.workload, workload);
	strcpy(r.governor, governor);
	strcpy(r.device, "accelsim.0");
	strcpy(r.profile, "h100-sxm");
	strcpy(r.work_unit, "token");
	r.energy_per_work_j = energy;
	r.slowdown_ref_permille = slowdown;
	return r;
}

TEST(percentiles)
{
	struct samples s = { 0 };

	EXPECT_TRUE(isnan(samples_percentile(&s, 50)));
	EXPECT_TRUE(isnan(samples_mean(&s)));
	for (int i = 100; i >= 0; i--)
		ASSERT_EQ(samples_add(&s, i), 0);
	EXPECT_NEAR(samples_percentile(&s, 50), 50, 1e-9);
	EXPECT_NEAR(samples_percentile(&s, 99), 99, 1e-9);
	EXPECT_NEAR(samples_percentile(&s, 0), 0, 1e-9);
	EXPECT_NEAR(samples_percentile(&s, 100), 100, 1e-9);
	EXPECT_NEAR(samples_percentile(&s, 12.5), 12.5, 1e-9);
	ASSERT_EQ(samples_add(&s, 1000), 0);
	EXPECT_NEAR(samples_percentile(&s, 100), 1000, 1e-9);
	samples_free(&s);
	EXPECT_EQ(s.nr, 0);
}

TEST(compares_with_performance_of_the_same_workload_and_device)
{
	struct result run[] = {
		make("training", "performance", 100, 0),
		make("serving", "accelgov", 1.5, 31),
		make("serving", "performance", 2, 1),
		make("serving", "powersave", 1, 2002),
		make("serving", "accelgov", 1.5, 31),
	};
	struct results all = { .run = run, .nr = 5 };

	strcpy(run[4].profile, "a100-sxm");
	results_compare(&all);
	EXPECT_NEAR(run[1].saving_permille, 250, 1e-9);
	EXPECT_NEAR(run[1].slowdown_permille, 1000 * (1031 / 1001.0 - 1),
		    1e-9);
	EXPECT_NEAR(run[2].saving_permille, 0, 1e-9);
	EXPECT_NEAR(run[2].slowdown_permille, 0, 1e-9);
	EXPECT_NEAR(run[3].slowdown_permille, 1000 * (3002 / 1001.0 - 1),
		    1e-9);
	/* No such run on that device: nothing to compare with. */
	EXPECT_TRUE(isnan(run[4].saving_permille));
	EXPECT_NEAR(run[4].slowdown_permille, 31, 1e-9);
}

/* Writes @all and gives the text back as JSON. */
static json_t *written(const struct results *all)
{
	FILE *f = tmpfile();
	json_t *top = NULL;

	if (f && !results_write(all, f)) {
		rewind(f);
		top = json_loadf(f, 0, NULL);
	}
	if (f)
		fclose(f);
	return top;
}

/* The fields of schema 1, in the words of its documentation. */
TEST(schema_1)
{
	static const char *const fields[] = {
		"workload", "device", "governor", "elapsed_s", "energy_j",
		"work", "work_unit", "energy_per_work_j", "slowdown_permille",
		"ttft_ms", "tpot_ms", "transitions",
		"phase_accuracy_permille", "decision_latency_us",
		"collector_ns_per_sample",
	};
	struct result run = make("serving", "accelgov", 1.25, 20);
	struct results all = { .kernel = "6.12", .run = &run, .nr = 1 };
	json_t *top, *o, *p99;

	run.ttft_ms = (struct result_percentiles){ 100, 400.5 };
	top = written(&all);
	ASSERT_TRUE(top);
	EXPECT_EQ(json_integer_value(json_object_get(top, "schema")), 1);
	EXPECT_STREQ(json_string_value(json_object_get(top, "kernel")),
		     "6.12");
	o = json_array_get(json_object_get(top, "runs"), 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!json_object_get(o, fields[i]))
			unit_fail(__FILE__, __LINE__, "%s is missing",
				  fields[i]);
	EXPECT_NEAR(json_real_value(json_object_get(o, "energy_per_work_j")),
		    1.25, 1e-9);
	EXPECT_TRUE(json_is_null(json_object_get(o, "tpot_ms")));
	EXPECT_TRUE(json_is_null(json_object_get(o, "transitions")));
	p99 = json_object_get(json_object_get(o, "ttft_ms"), "p99");
	EXPECT_NEAR(json_real_value(p99), 400.5, 1e-9);
	json_decref(top);
}

TEST(reads_what_it_wrote)
{
	struct result run[2] = { make("serving", "a<\"b", 1.5, 2),
				 make("training", "performance", 3, 4) };
	struct results all = { .kernel = "k", .run = run, .nr = 2 };
	struct results again;
	char why[160];
	FILE *f = tmpfile();

	ASSERT_TRUE(f);
	run[0].tpot_ms = (struct result_percentiles){ 1, 2 };
	run[1].work = 12;
	ASSERT_EQ(results_write(&all, f), 0);
	rewind(f);
	ASSERT_EQ(results_read(f, &again, why), 0);
	fclose(f);
	ASSERT_EQ(again.nr, 2);
	EXPECT_STREQ(again.kernel, "k");
	EXPECT_STREQ(again.run[0].governor, "a<\"b");
	EXPECT_NEAR(again.run[0].tpot_ms.p99, 2, 0);
	EXPECT_TRUE(isnan(again.run[0].ttft_ms.p50));
	EXPECT_NEAR(again.run[1].work, 12, 0);
	EXPECT_TRUE(isnan(again.run[1].elapsed_s));
	results_free(&again);
}

static void refused(const char *text, const char *word)
{
	struct results all = { .nr = 77 };
	char why[160] = "";
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	ASSERT_TRUE(f);
	EXPECT_EQ(results_read(f, &all, why), -EBADMSG);
	fclose(f);
	EXPECT_EQ(all.nr, 77);
	if (!strstr(why, word))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not about %s: %s",
			  why, word, text);
}

#define RUN(rest) \
	"{\"schema\":1,\"kernel\":\"k\",\"runs\":[{\"workload\":\"a\"," \
	"\"device\":\"b\",\"governor\":\"c\"" rest "}]}"

TEST(refuses_other_texts)
{
	refused("nonsense", "line 1");
	refused("{\"schema\":1", "line 1");
	refused("[]", "schema");
	refused("{\"schema\":2,\"runs\":[]}", "schema");
	refused("{\"schema\":1,\"runs\":[]}", "no runs");
	refused("{\"schema\":1,\"runs\":[3]}", "no object");
	refused("{\"schema\":1,\"runs\":[{}]}", "lacks");
	refused(RUN(",\"work\":\"many\""), "work");
	refused(RUN(",\"ttft_ms\":3"), "ttft_ms");
	refused(RUN(",\"ttft_ms\":{\"p50\":\"x\"}"), "ttft_ms");
	refused(RUN(",\"profile\":\"much longer than any profile is ever called\""),
		"profile");
}

/* Whoever wrote it: a terminal gets what is in it. */
TEST(what_could_steer_a_terminal_is_taken_out)
{
	static const char text[] =
		"{\"schema\":1,\"kernel\":\"k\\u001b[31m\",\"runs\":[{\"workload\":\"a\","
		"\"device\":\"b\\u009b2J\",\"governor\":\"c\"}]}";
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct results all = { 0 };
	char why[160] = "";

	ASSERT_TRUE(f);
	ASSERT_EQ(results_read(f, &all, why), 0);
	fclose(f);
	EXPECT_STREQ(all.kernel, "k?[31m");
	EXPECT_STREQ(all.run[0].device, "b??2J");
	results_free(&all);
	refused("{\"schema\":1,\033[31m", "near '?'");
}

TEST(table_groups_and_shows_unknown_as_dash)
{
	struct result run[] = {
		make("serving", "performance", 2, 0),
		make("training", "performance", 100, 0),
		make("serving", "accelgov", 1.5, 20),
	};
	struct results all = { .run = run, .nr = 3 };
	char *text = NULL, *serving, *ours, *training;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ASSERT_TRUE(f);
	strcpy(run[1].work_unit, "step");
	results_compare(&all);
	results_table(&all, f);
	fclose(f);
	serving = strstr(text, "serving on h100-sxm");
	training = strstr(text, "training on h100-sxm");
	ours = strstr(text, "accelgov");
	EXPECT_TRUE(serving && ours && training);
	EXPECT_TRUE(serving < ours && ours < training);
	EXPECT_TRUE(strstr(ours, "25.0"));
	EXPECT_TRUE(strstr(ours, " - "));
	free(text);
}
