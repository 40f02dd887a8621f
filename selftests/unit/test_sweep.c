// SPDX-License-Identifier: GPL-2.0
/*
 * Files of measurements: which columns are understood, what is refused.
 */
#include <errno.h>

#include "fit/sweep.h"
#include "unit.h"

static struct sweep sweep;

static bool take(const char *text, enum sweep_kind kind)
{
	struct sweep_error err = {};
	int ret;

	sweep_free(&sweep);
	ret = sweep_parse(text, strlen(text), kind, &sweep, &err);
	if (ret)
		return unit_fail(__FILE__, __LINE__, "%u: %s", err.line,
				 err.reason);
	return true;
}

static void expect_row(size_t i, const char *phase, double setting,
		       double time_s, double power_w)
{
	ASSERT_TRUE(i < sweep.nr);
	EXPECT_STREQ(sweep.phase[sweep.row[i].phase], phase);
	EXPECT_NEAR(sweep.row[i].setting, setting, 1e-6 * setting);
	EXPECT_NEAR(sweep.row[i].time_s, time_s, 1e-9 * time_s);
	EXPECT_NEAR(sweep.row[i].power_w, power_w, 1e-9 * power_w);
}

TEST(perseus)
{
	ASSERT_TRUE(take("stage,instruction,frequency,time,energy\n"
			 "0,forward,1410,0.05,20\n"
			 "0,backward,1410,0.1,45\n"
			 "0,forward,1395,0.06,20\n", SWEEP_CLOCK));
	EXPECT_EQ(sweep.nr, 3);
	EXPECT_EQ(sweep.nr_phases, 2);
	expect_row(0, "stage 0 forward", 1395e3, 0.06, 20 / 0.06);
	expect_row(1, "stage 0 forward", 1410e3, 0.05, 400);
	expect_row(2, "stage 0 backward", 1410e3, 0.1, 450);
}

TEST(other_orders_units_and_names)
{
	ASSERT_TRUE(take("\xef\xbb\xbf# measured by hand\r\n"
			 "Avg Power (mW);Kernel;SM Clock [GHz];time_ms\r\n"
			 "\r\n"
			 "250000;\"gemm; big\";1.38;12.5\r\n", SWEEP_CLOCK));
	expect_row(0, "gemm_ big", 1380e3, 0.0125, 250);
	ASSERT_TRUE(take("core_freq\ttime_us\tenergy_mj\ttemperature\n"
			 "900\t500\t100\t61\n", SWEEP_CLOCK));
	expect_row(0, "all", 900e3, 5e-4, 200);
	EXPECT_STREQ(sweep.unused, "temperature");
	ASSERT_TRUE(take("frequency_khz,latency,power\n1410000,1,300\n",
			 SWEEP_CLOCK));
	expect_row(0, "all", 1410e3, 1, 300);
}

TEST(repeated_rows)
{
	ASSERT_TRUE(take("frequency,time,energy\n900,1,100\n800,1,90\n"
			 "900,3,500\n900,2,300", SWEEP_CLOCK));
	EXPECT_EQ(sweep.nr, 2);
	EXPECT_EQ(sweep.repeated, 2);
	expect_row(1, "all", 900e3, 2, 150);
}

TEST(limits)
{
	ASSERT_TRUE(take("dataset,network,batch_size,optimizer,power_limit,time_per_epoch,average_power\n"
			 "cifar100,shufflenetv2,1024,adam,100,11.0,91.0\n",
			 SWEEP_LIMIT));
	expect_row(0, "cifar100 shufflenetv2 batch_size 1024 adam", 100, 11, 91);
	ASSERT_TRUE(take("start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy\n"
			 "526940.7,__GlobalPowerLimitOptimizer_250,10,1300,1500\n",
			 SWEEP_LIMIT));
	expect_row(0, "__GlobalPowerLimitOptimizer", 250, 10, 140);
	ASSERT_TRUE(take("model_name,partition_method,power_limit_0,power_limit_1,time,energy\n"
			 "bert,\"custom:0,8\",300,300,6,2400\n"
			 "bert,\"custom:0,8\",300,275,6,2400\n", SWEEP_LIMIT));
	EXPECT_EQ(sweep.nr, 1);
	EXPECT_EQ(sweep.mixed, 1);
	expect_row(0, "bert", 300, 6, 200);
}

TEST(long_names_stay_apart)
{
	char text[512], pad[101];

	memset(pad, 'x', 100);
	pad[100] = '\0';
	snprintf(text, sizeof(text),
		 "kernel,frequency,time,power\n%sa,900,1,100\n%sb,900,1,100\n",
		 pad, pad);
	ASSERT_TRUE(take(text, SWEEP_CLOCK));
	EXPECT_EQ(sweep.nr_phases, 2);
}

static void expect_refusal(const char *text, unsigned int line,
			   const char *want)
{
	struct sweep_error err = {};

	sweep_free(&sweep);
	EXPECT_EQ(sweep_parse(text, strlen(text), SWEEP_CLOCK, &sweep, &err),
		  -EINVAL);
	EXPECT_EQ(sweep.nr, 0);
	EXPECT_EQ(err.line, line);
	if (!strstr(err.reason, want))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", want,
			  err.reason);
}

TEST(refusals)
{
	const char *head = "stage,frequency,time,energy\n";
	char text[256];
	static const struct {
		const char *rows;
		unsigned int line;
		const char *want;
	} bad[] = {
		{ "0,900,1,100\n0,900,x,100\n", 3, "time is no number" },
		{ "0,900,1\n", 2, "3 cells" },
		{ "0,900,1,100,5\n", 2, "5 cells" },
		{ "0,900,,100\n", 2, "time is no number" },
		{ "0,900,-374,100\n", 2, "time is -374, it has to be above 0" },
		{ "0,900,\"0,5\",100\n", 2, "decimals begin with a point" },
		{ "0,900,nan,100\n", 2, "time is no number" },
		{ "0,900,1e400,100\n", 2, "time is no number" },
		{ "0,0x900,1,100\n", 2, "frequency is no number" },
		{ "0,900000,1,100\n", 2, "frequency_khz" },
		{ "0,9e8,1,100\n", 2, "frequency_hz" },
		{ "0,0.9,1,100\n", 2, "frequency_ghz" },
		{ "0,900,1,1e9\n", 2, "energy_mj" },
		{ "0,900,1e6,300\n", 2, "time_us" },
		{ "\"0,900,1,100\n", 2, "quote" },
		{ "", 0, "no measurement" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", head, bad[i].rows);
		expect_refusal(text, bad[i].line, bad[i].want);
	}
	expect_refusal("", 0, "empty");
	expect_refusal("time,energy\n1,2\n", 1, "no column frequency");
	expect_refusal("frequency,energy\n1,2\n", 1, "no column time");
	expect_refusal("frequency,time\n1,2\n", 1, "no column energy");
	expect_refusal("frequency\n1\n", 1, "one column");
	expect_refusal("frequency [V],time,energy\n", 1, "unit that is not");
	expect_refusal("clock,frequency,time,energy\n", 1, "the same thing");
	expect_refusal("\xff\xfeX", 0, "UTF-16");
	sweep_free(&sweep);
}

TEST(the_other_kind_of_table)
{
	static const char limits[] = "network,power_limit,time,power\na,300,1,240\n";
	static const char windows[] = "window_name,time,energy\nx_300,1,240\n";
	static const char clocks[] = "frequency,time,energy\n900,1,100\n";
	struct sweep_error err = {};

	expect_refusal(limits, 1, "give it with --limits");
	expect_refusal(windows, 1, "give it with --limits");
	EXPECT_EQ(sweep_parse(clocks, strlen(clocks), SWEEP_LIMIT, &sweep, &err),
		  -EINVAL);
	EXPECT_TRUE(strstr(err.reason, "give it with --sweep"));
	sweep_free(&sweep);
}
