// SPDX-License-Identifier: GPL-2.0
/*
 * The A100 profile against measured clock sweeps. Operations and bytes of an
 * instruction are the only values that belong to the workload; voltages,
 * coefficients, rates and the power limit are those of the profile.
 */
#include <math.h>

#include "unit.h"

#include "../../kmod/sim/model.h"

#define TIME_PERCENT	3.0
#define ENERGY_PERCENT	5.0
#define NR_POINTS	13

/**
 * struct point - one measurement
 * @mhz: locked clock
 * @ms: time of the instruction
 * @joule: energy of the instruction
 */
struct point {
	unsigned int mhz;
	double ms;
	double joule;
};

/**
 * struct sweep - one instruction of one pipeline stage
 * @stage: pipeline stage; 0 stands for 0 to 6, which were profiled once
 * @instruction: "forward" or "backward"
 * @ops: fitted operations
 * @bytes: fitted memory traffic
 * @points: every third of the measured clocks
 */
struct sweep {
	int stage;
	const char *instruction;
	u64 ops;
	u64 bytes;
	struct point points[NR_POINTS];
};

/*
 * GPT-3 175B in bfloat16 on A100 SXM, one microbatch on one GPU. Perseus
 * (SOSP'24), github.com/ml-energy/zeus branch kronos at 38cb3f90,
 * sosp24_data/emulation/stage_profile/gpt3-175b+a100_sxm_bf16.csv, Apache-2.0.
 */
static const struct sweep sweeps[] = {
	{
		.stage = 0, .instruction = "forward",
		.ops = 9359000000000ULL, .bytes = 25920000000ULL,
		.points = {
			{ 1410, 50.16, 23.81 },
			{ 1365, 50.45, 23.50 },
			{ 1320, 51.58, 22.50 },
			{ 1275, 52.96, 21.25 },
			{ 1230, 54.82, 19.82 },
			{ 1185, 56.73, 19.00 },
			{ 1140, 58.89, 18.36 },
			{ 1095, 61.17, 17.76 },
			{ 1050, 63.68, 17.58 },
			{ 1005, 66.49, 17.78 },
			{ 960, 69.45, 17.86 },
			{ 915, 72.70, 17.91 },
			{ 870, 76.54, 18.06 },
		},
	},
	{
		.stage = 0, .instruction = "backward",
		.ops = 16758000000000ULL, .bytes = 56240000000ULL,
		.points = {
			{ 1410, 92.95, 44.58 },
			{ 1365, 93.47, 43.54 },
			{ 1320, 95.29, 41.45 },
			{ 1275, 97.82, 38.98 },
			{ 1230, 100.76, 37.10 },
			{ 1185, 104.08, 35.30 },
			{ 1140, 107.82, 34.11 },
			{ 1095, 111.56, 32.93 },
			{ 1050, 115.91, 32.58 },
			{ 1005, 120.92, 33.12 },
			{ 960, 125.97, 33.27 },
			{ 915, 131.52, 33.10 },
			{ 870, 138.71, 33.33 },
		},
	},
	{
		.stage = 7, .instruction = "forward",
		.ops = 10321000000000ULL, .bytes = 20170000000ULL,
		.points = {
			{ 1410, 54.03, 24.86 },
			{ 1365, 54.42, 24.45 },
			{ 1320, 55.68, 23.43 },
			{ 1275, 57.19, 22.13 },
			{ 1230, 59.17, 20.67 },
			{ 1185, 61.24, 19.81 },
			{ 1140, 63.55, 19.15 },
			{ 1095, 65.99, 18.54 },
			{ 1050, 68.66, 18.36 },
			{ 1005, 71.67, 18.57 },
			{ 960, 74.84, 18.65 },
			{ 915, 78.33, 18.73 },
			{ 870, 82.44, 18.90 },
		},
	},
	{
		.stage = 7, .instruction = "backward",
		.ops = 18237000000000ULL, .bytes = 49070000000ULL,
		.points = {
			{ 1410, 98.86, 46.41 },
			{ 1365, 99.52, 45.21 },
			{ 1320, 101.52, 43.01 },
			{ 1275, 104.23, 40.46 },
			{ 1230, 107.35, 38.53 },
			{ 1185, 110.89, 36.69 },
			{ 1140, 114.85, 35.44 },
			{ 1095, 118.83, 34.22 },
			{ 1050, 123.41, 33.88 },
			{ 1005, 128.71, 34.42 },
			{ 960, 134.07, 34.60 },
			{ 915, 139.96, 34.44 },
			{ 870, 147.56, 34.69 },
		},
	},
};

struct error {
	double time, time_worst;
	double energy, energy_worst;
	int nr;
};

static struct asim_chip chip;
static struct asim_model model;

/* One item from an idle, settled device: what a locked-clock profile does. */
static void measure(const struct sweep *sweep, unsigned int mhz, double *ms,
		    double *joule)
{
	struct accelsim_item item = { .ops = sweep->ops, .bytes = sweep->bytes };
	struct asim_finished finished;
	const u64 start = NSEC_PER_SEC;

	asim_init(&model, &chip, 1000, 0);
	asim_set_context(&model, true, 0);
	asim_set_clock(&model, mhz * 1000, 0);
	asim_submit(&model, &item, 1, NULL, start);
	asim_advance(&model, start + 10 * NSEC_PER_SEC);
	*ms = *joule = NAN;
	if (!asim_take_finished(&model, &finished))
		return;
	*ms = (finished.done.end_ns - finished.done.start_ns) / 1e6;
	*joule = finished.done.energy_uj / 1e6;
}

static void add_error(struct error *e, double ms, double want_ms,
		      double joule, double want_joule)
{
	double time = 100 * fabs(ms / want_ms - 1);
	double energy = 100 * fabs(joule / want_joule - 1);

	e->time += time;
	e->energy += energy;
	e->time_worst = fmax(e->time_worst, time);
	e->energy_worst = fmax(e->energy_worst, energy);
	e->nr++;
}

/* NAN must fail, so what is asked for is that the error is small. */
static void judge(const char *what, const struct error *e)
{
	double time = e->time / e->nr, energy = e->energy / e->nr;

	unit_note("%s: %d points, time off by %.2f %% (worst %.2f), energy by %.2f %% (worst %.2f)",
		  what, e->nr, time, e->time_worst, energy, e->energy_worst);
	EXPECT_TRUE(time <= TIME_PERCENT);
	EXPECT_TRUE(energy <= ENERGY_PERCENT);
}

static bool setup(void)
{
	return !asim_chip_init(&chip, asim_profile_find("a100-sxm"));
}

TEST(a100_gpt3_table)
{
	double ms, joule;
	char what[64];
	size_t i, j;

	ASSERT_TRUE(setup());
	for (i = 0; i < ARRAY_SIZE(sweeps); i++) {
		const struct sweep *s = &sweeps[i];
		struct error e = {};

		for (j = 0; j < NR_POINTS; j++) {
			measure(s, s->points[j].mhz, &ms, &joule);
			add_error(&e, ms, s->points[j].ms, joule,
				  s->points[j].joule);
		}
		snprintf(what, sizeof(what), "stage %d %s", s->stage,
			 s->instruction);
		judge(what, &e);
	}
}

static const struct sweep *find_sweep(int stage, const char *instruction)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sweeps); i++)
		if (sweeps[i].stage == (stage == 7 ? 7 : 0) &&
		    !strcmp(sweeps[i].instruction, instruction))
			return &sweeps[i];
	return NULL;
}

static FILE *open_profile(void)
{
	const char *root = getenv("ACCELGOV_DATA");
	char path[4096];

	snprintf(path, sizeof(path),
		 "%s/gpu-dvfs/perseus-sosp24/stage_profile/gpt3-175b+a100_sxm_bf16.csv",
		 root ? root : "../shared/data");
	return fopen(path, "r");
}

TEST(a100_gpt3_full_profile)
{
	double seconds, joule, model_ms, model_joule;
	struct error all[2] = {};
	const struct sweep *s;
	char instruction[16], line[256];
	unsigned int mhz;
	int stage;
	FILE *file;

	file = open_profile();
	if (!file)
		SKIP("the published profile is not here (ACCELGOV_DATA)");
	ASSERT_TRUE(setup());
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%d,%15[a-z],%u,%lf,%lf", &stage, instruction,
			   &mhz, &seconds, &joule) != 5)
			continue;
		s = find_sweep(stage, instruction);
		if (!EXPECT_TRUE(s))
			break;
		measure(s, mhz, &model_ms, &model_joule);
		add_error(&all[instruction[0] == 'b'], model_ms, 1000 * seconds,
			  model_joule, joule);
	}
	fclose(file);
	EXPECT_EQ(all[0].nr, 8 * 38);
	EXPECT_EQ(all[1].nr, 8 * 38);
	judge("all stages forward", &all[0]);
	judge("all stages backward", &all[1]);
}

/* The optimum and the price of the budget decide what a governor can win. */
TEST(a100_gpt3_savings)
{
	double ms, joule, top_ms, top_joule;

	ASSERT_TRUE(setup());
	measure(&sweeps[0], 1410, &top_ms, &top_joule);
	measure(&sweeps[0], 1320, &ms, &joule);
	unit_note("1320 MHz: time x%.3f (measured x1.028), energy x%.3f (measured x0.945)",
		  ms / top_ms, joule / top_joule);
	EXPECT_NEAR(ms / top_ms, 1.028, 0.02);
	EXPECT_NEAR(joule / top_joule, 0.945, 0.03);
	measure(&sweeps[0], 990, &ms, &joule);
	EXPECT_NEAR(ms / top_ms, 1.345, 0.03);
	EXPECT_NEAR(joule / top_joule, 0.749, 0.03);
}
