// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration: what is understood, what is refused and in which words.
 */
#include "tree.h"
#include <errno.h>
#include "config.h"
#include "core.h"
#include "ini.h"
#include "policy.h"
#include "suggest.h"
#include "units.h"
#include "unit.h"

static char problems[4096];
static int nr_problems;

static void on_problem(void *arg, const char *file, unsigned int line,
		       const char *text)
{
	size_t len = strlen(problems);

	nr_problems++;
	snprintf(problems + len, sizeof(problems) - len, "%s:%u: %s\n",
		 strrchr(file, '/') + 1, line, text);
}

/* Load what tree_file() wrote below etc. */
static int load(struct config **ret_config)
{
	char dir[96];

	problems[0] = '\0';
	nr_problems = 0;
	snprintf(dir, sizeof(dir), "%s/etc", tree_root);
	return config_load(dir, ret_config, on_problem, NULL);
}

static void expect_problem(const char *text, const char *want)
{
	struct config *config = NULL;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf", text);
	EXPECT_EQ(load(&config), -EINVAL);
	EXPECT_TRUE(!config);
	EXPECT_EQ(nr_problems, 1);
	if (!strstr(problems, want))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", want,
			  problems);
	tree_end(&sysfs);
}

TEST(units_are_exact)
{
	int64_t v;

	EXPECT_EQ(unit_parse(UNIT_TIME, "10ms", &v), 0);
	EXPECT_EQ(v, 10000);
	EXPECT_EQ(unit_parse(UNIT_TIME, "1.5 s", &v), 0);
	EXPECT_EQ(v, 1500000);
	EXPECT_EQ(unit_parse(UNIT_FREQ, "1.2GHz", &v), 0);
	EXPECT_EQ(v, 1200000000);
	EXPECT_EQ(unit_parse(UNIT_POWER, "350W", &v), 0);
	EXPECT_EQ(v, 350000000);
	EXPECT_EQ(unit_parse(UNIT_SHARE, "3%", &v), 0);
	EXPECT_EQ(v, 30);
	EXPECT_EQ(unit_parse(UNIT_SHARE, "35permille", &v), 0);
	EXPECT_EQ(v, 35);
	EXPECT_EQ(unit_parse(UNIT_TIME, "0", &v), 0);
	EXPECT_EQ(v, 0);
	EXPECT_EQ(unit_parse(UNIT_BOOL, "Yes", &v), 0);
	EXPECT_EQ(v, 1);

	for (v = 1; v < 4000000000000LL; v = v * 7 + 3) {
		for (enum unit unit = UNIT_TIME; unit <= UNIT_COUNT; unit++) {
			char text[40];
			int64_t back;

			if (unit == UNIT_BOOL)
				continue;
			unit_exact(unit, v, text, sizeof(text));
			EXPECT_EQ(unit_parse(unit, text, &back), 0);
			EXPECT_EQ(back, v);
		}
	}
}

TEST(units_refuse_what_is_unclear)
{
	static const char *const bad[] = {
		"", "10", "ms", "10 mss", "10mS", "1e3ms", "-1ms", "1.ms",
		".5ms", "1..5ms", "0x10ms", "10ms 5us", "10W", "inf", "1,5s",
	};
	int64_t v = 77;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (unit_parse(UNIT_TIME, bad[i], &v) != -EBADMSG)
			unit_fail(__FILE__, __LINE__, "\"%s\" was taken",
				  bad[i]);
	EXPECT_EQ(unit_parse(UNIT_TIME, "0.5us", &v), -EDOM);
	EXPECT_EQ(unit_parse(UNIT_SHARE, "0.25%", &v), -EDOM);
	EXPECT_EQ(unit_parse(UNIT_TIME, "99999999999999999999s", &v), -ERANGE);
	EXPECT_EQ(unit_parse(UNIT_FREQ, "9999999999999GHz", &v), -ERANGE);
	EXPECT_EQ(v, 77);
}

TEST(numbers_read_well)
{
	char buf[24];

	EXPECT_STREQ(unit_format(UNIT_FREQ, 1410000000, buf, 24), "1.41 GHz");
	EXPECT_STREQ(unit_format(UNIT_FREQ, 210000000, buf, 24), "210 MHz");
	EXPECT_STREQ(unit_format(UNIT_POWER, 187300000, buf, 24), "187 W");
	EXPECT_STREQ(unit_format(UNIT_POWER, 71500, buf, 24), "71.5 mW");
	EXPECT_STREQ(unit_format(UNIT_SHARE, 12, buf, 24), "1.2 %");
	EXPECT_STREQ(format_energy(-1500000, buf, 24), "-1.50 J");
	EXPECT_STREQ(format_energy(7200000000000LL, buf, 24), "2 kWh");
}

TEST(near_words_are_suggested)
{
	static const char *const words[] = { "SlowdownBudget", "PowerCap",
					     "Idle", NULL };

	EXPECT_STREQ(suggest("SlowdownBugdet", words), "SlowdownBudget");
	EXPECT_STREQ(suggest("powercap", words), "PowerCap");
	EXPECT_STREQ(suggest("Ilde", words), "Idle");
	EXPECT_TRUE(!suggest("Frequency", words));
	EXPECT_TRUE(!suggest("", words));
}

TEST(what_probes_may_cost_is_understood)
{
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf", "[Daemon]\nProbes=yes\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_probes_permille(config), 2);
	config_free(config);
	tree_file("etc/accelgov.conf", "[Daemon]\nProbesCost=0.7%\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_probes_permille(config), 7);
	config_free(config);
	tree_file("etc/accelgov.conf", "[Daemon]\nProbesCost=0.7%\nProbesCost=\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_probes_permille(config), 2);
	config_free(config);
	tree_end(&sysfs);
	expect_problem("[Daemon]\nProbesCost=0%\n", "ProbesCost=0% is out of range: 0.1 % to 10.0 %");
}

TEST(what_readings_may_cost_is_understood)
{
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf", "[Daemon]\nProbesCost=1%\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_readings_permille(config), 2);
	config_free(config);
	tree_file("etc/accelgov.conf", "[Daemon]\nReadingsCost=100%\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_readings_permille(config), 1000);
	config_free(config);
	tree_end(&sysfs);
	expect_problem("[Daemon]\nReadingsCost=0%\n", "ReadingsCost=0% is out of range: 0.1 % to 100.0 %");
}

TEST(what_is_held_is_understood)
{
	struct config_device dev;
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf",
		  "[Device nvidia-*]\n"
		  "MaxMemoryFreq=1.593GHz\n"
		  "PowerProfile=3\n"
		  "ClockSwitch=20ms\n"
		  "ClockHalt=1500us\n"
		  "[Device nvidia-b]\n"
		  "MaxMemoryFreq=\n"
		  "PowerProfile=none\n"
		  "ClockSwitch=\n"
		  "ClockHalt=0\n");
	ASSERT_EQ(load(&config), 0);
	config_device(config, "nvidia-a", &dev);
	EXPECT_TRUE(dev.max_mem_khz.known);
	EXPECT_EQ(dev.max_mem_khz.value, 1593000);
	EXPECT_EQ(dev.power_profile.value, 3);
	EXPECT_EQ(dev.switch_us.value, 20000);
	EXPECT_EQ(dev.halt_us.value, 1500);
	config_device(config, "nvidia-b", &dev);
	EXPECT_FALSE(dev.max_mem_khz.known);
	EXPECT_TRUE(dev.power_profile.known);
	EXPECT_EQ(dev.power_profile.value, -1);
	EXPECT_FALSE(dev.switch_us.known);
	EXPECT_TRUE(dev.halt_us.known);
	EXPECT_EQ(dev.halt_us.value, 0);
	config_device(config, "amd", &dev);
	EXPECT_FALSE(dev.max_mem_khz.known);
	EXPECT_FALSE(dev.power_profile.known);
	config_free(config);
	tree_end(&sysfs);

	expect_problem("[Device *]\nClockSwitch=1001ms\n",
		       "accelgov.conf:2: ClockSwitch=1001ms is out of range: 0 us to 1 s");
	expect_problem("[Device *]\nMaxMemoryFreq=0\n",
		       "accelgov.conf:2: MaxMemoryFreq=0 is out of range: 1 MHz to 100 GHz");
	expect_problem("[Device *]\nMaxMemoryFreq=1593\n", "MaxMemoryFreq=1593 is not understood");
	expect_problem("[Device *]\nMaxMemoryFreq=1593000001Hz\n", "finer than can be set");
	expect_problem("[Device *]\nPowerProfile=255\n", "PowerProfile=255 is out of range");
	expect_problem("[Device *]\nPowerProfile=compute\n",
		       "PowerProfile=compute is not understood: a whole number");
	expect_problem("[Device *]\nPowerProfile=-1\n", "PowerProfile=-1 is not understood");
}

TEST(later_files_and_sections_win_key_by_key)
{
	struct config_device dev;
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf",
		  "# comment\n"
		  "[Daemon]\n"
		  "SamplePeriod = 20ms\n"
		  "[Device *]\n"
		  "Governor=accelgov\n"
		  "SlowdownBudget=3%\n"
		  "PowerCap=\\\n"
		  "  350W\n"
		  "[Device accelsim.1]\n"
		  "Governor=keep\n"
		  "SamplePeriod=5ms\n"
		  "[Phase memory]\n"
		  "MaxFreq=1.2GHz\n"
		  "[Phase memory accelsim.1]\n"
		  "MaxFreq=\n"
		  "MinFreq=300MHz\n");
	tree_file("etc/conf.d/10-b.conf", "[Device *]\nPowerCap=300W\n");
	tree_file("etc/conf.d/9-a.conf", "[Device *]\nPowerCap=200W\n");
	tree_file("etc/conf.d/99-no", "[Device *]\nPowerCap=100W\n");
	tree_file("etc/conf.d/.hidden.conf", "[Device *]\nPowerCap=1W\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_EQ(config_files(config)->nr, 3);
	EXPECT_EQ(config_lease_us(config), CONFIG_LEASE_US);

	config_device(config, "accelsim.0", &dev);
	EXPECT_STREQ(dev.governor, "accelgov");
	EXPECT_EQ(dev.budget_permille.value, 30);
	/* By byte order 9-a comes after 10-b. */
	EXPECT_EQ(dev.cap_uw.value, 200000000);
	EXPECT_EQ(dev.sample_period_us.value, 20000);
	EXPECT_TRUE(!dev.idle.known);
	EXPECT_EQ(dev.phase[ACCELGOV_PHASE_MEMORY].max_freq_hz.value,
		  1200000000);
	EXPECT_TRUE(!dev.phase[ACCELGOV_PHASE_MEMORY].min_freq_hz.known);

	config_device(config, "accelsim.1", &dev);
	EXPECT_STREQ(dev.governor, "");
	EXPECT_EQ(dev.sample_period_us.value, 5000);
	EXPECT_TRUE(!dev.phase[ACCELGOV_PHASE_MEMORY].max_freq_hz.known);
	EXPECT_EQ(dev.phase[ACCELGOV_PHASE_MEMORY].min_freq_hz.value,
		  300000000);
	EXPECT_TRUE(!dev.phase[ACCELGOV_PHASE_COMPUTE].min_freq_hz.known);
	config_free(config);
	tree_end(&sysfs);
}

TEST(problems_have_file_line_and_advice)
{
	expect_problem("[Devise x]\nGovernor=accelgov\n",
		       "accelgov.conf:1: unknown section \"Devise\", did you mean \"Device\"?");
	expect_problem("\n\n[Device x]\nPowercap=3W\n",
		       "accelgov.conf:4: unknown key in [Device] \"Powercap\", did you mean \"PowerCap\"?");
	expect_problem("[Device x]\nPowerCap=350\n",
		       ":2: PowerCap=350 is not understood: a power with its unit");
	expect_problem("[Device x]\nSlowdownBudget=101%\n",
		       ":2: SlowdownBudget=101% is out of range");
	expect_problem("[Device x]\nSamplePeriod=1.0001ms\n",
		       ":2: SamplePeriod=1.0001ms is finer");
	expect_problem("[Device x]\nSamplePeriod=900us\n", "out of range");
	expect_problem("[Device x]\nGovernor=../x\n", "can't be a governor");
	expect_problem("[Device]\n", "needs the device");
	expect_problem("[Device a/b]\n", "can't match a device");
	expect_problem("[Daemon x]\n", "takes no argument");
	expect_problem("[Phase memroy]\n", "did you mean \"memory\"?");
	expect_problem("[Phase unknown]\n", "unknown phase");
	expect_problem("[Daemon]\nPowerCap=3W\n", "unknown key in [Daemon]");
	expect_problem("Lease=3s\n", "before the first [Section]");
	expect_problem("[Daemon\nLease=3s\n", "closing ]");
	expect_problem("[Daemon]\njunk\n", "neither a [Section]");
	expect_problem("[Daemon]\n=3s\n", "key is missing");
	expect_problem("[Daemon]\nLease=\001\n", "control character");
}

TEST(probes_are_wanted_unless_somebody_says_no)
{
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf", "[Daemon]\nLease=3s\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_TRUE(config_probes(config));
	config_free(config);

	tree_file("etc/accelgov.conf", "[Daemon]\nProbes=no\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_FALSE(config_probes(config));
	config_free(config);

	tree_file("etc/conf.d/a.conf", "[Daemon]\nProbes=\n");
	ASSERT_EQ(load(&config), 0);
	EXPECT_TRUE(config_probes(config));
	config_free(config);
	sysfs_close(&sysfs);
	expect_problem("[Daemon]\nProbes=maybe\n", "yes or no");
}

TEST(all_problems_are_told)
{
	struct config *config = NULL;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf", "[Daemon]\nLease=1\nLaese=3s\n");
	tree_file("etc/conf.d/a.conf", "[Daemon]\nLease=x\n");
	EXPECT_EQ(load(&config), -EINVAL);
	EXPECT_EQ(nr_problems, 3);
	EXPECT_TRUE(strstr(problems, "a.conf:2: "));
	tree_end(&sysfs);
}

TEST(a_missing_configuration_is_an_empty_one)
{
	struct policy_knob knobs[POLICY_KNOBS];
	struct config_device dev;
	struct config *config = NULL;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	EXPECT_EQ(load(&config), -EINVAL);
	tree_file("etc/other", "");
	ASSERT_EQ(load(&config), 0);
	config_device(config, "accelsim.0", &dev);
	EXPECT_STREQ(dev.governor, "");
	EXPECT_EQ(policy_knobs(&dev, knobs), 0);
	config_free(config);
	tree_file("etc/accelgov.conf/x", "");
	EXPECT_EQ(load(&config), -EINVAL);
	EXPECT_TRUE(strstr(problems, "not a regular file"));
	tree_end(&sysfs);
}

TEST(knobs_come_lease_first_limits_in_order)
{
	struct policy_knob knobs[POLICY_KNOBS];
	struct config_device dev;
	struct config *config;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("etc/accelgov.conf",
		  "[Device *]\nSlowdownBudget=5%\nIdle=no\n"
		  "[Phase link-wait]\nMinFreq=300MHz\nMaxFreq=1GHz\nSlowdownBudget=10%\n");
	ASSERT_EQ(load(&config), 0);
	config_device(config, "x", &dev);
	ASSERT_EQ(policy_knobs(&dev, knobs), 5);
	EXPECT_STREQ(knobs[0].attr, "accelgov/slowdown_budget_permille");
	EXPECT_STREQ(knobs[0].value, "50");
	EXPECT_STREQ(knobs[1].attr, "accelgov/idle/enable");
	EXPECT_STREQ(knobs[1].value, "0");
	EXPECT_STREQ(knobs[2].attr, "accelgov/phases/link-wait/max_freq_hz");
	EXPECT_STREQ(knobs[2].value, "1000000000");
	EXPECT_STREQ(knobs[4].attr,
		     "accelgov/phases/link-wait/slowdown_budget_permille");
	config_free(config);
	tree_end(&sysfs);
}

TEST(normal_values_are_the_kernels)
{
	struct ag_config cfg;

	ag_config_default(&cfg);
	EXPECT_EQ(policy_find("slowdown_budget_permille")->normal,
		  cfg.budget_permille);
	EXPECT_EQ(policy_find("power_cap_uw")->normal,
		  cfg.power_cap_mw * 1000LL);
	EXPECT_EQ(policy_find("sample_period_us")->normal,
		  cfg.sample_period_us);
	EXPECT_EQ(policy_find("idle/enable")->normal, cfg.idle.enable);
	EXPECT_EQ(policy_find("idle/break_even_us")->normal,
		  cfg.idle.break_even_us);
	EXPECT_EQ(policy_find("idle/max_latency_us")->normal,
		  cfg.idle.max_latency_us);
	EXPECT_EQ(policy_find("phases/memory/max_freq_hz")->normal,
		  cfg.phase[ACCELGOV_PHASE_MEMORY].max_khz * 1000LL);
	EXPECT_EQ(policy_find("phases/idle/slowdown_budget_permille")->normal,
		  cfg.phase[ACCELGOV_PHASE_IDLE].budget_permille);
	EXPECT_TRUE(!policy_find("phases/unknown/max_freq_hz"));
	EXPECT_TRUE(!policy_find("phases/*/max_freq_hz"));
	EXPECT_TRUE(!policy_find("phases/memory/"));
	EXPECT_TRUE(!policy_find("push_token"));
}

TEST(phases_have_the_published_names)
{
	unsigned int phase;

	EXPECT_TRUE(!phase_name(ACCELGOV_PHASE_UNKNOWN));
	EXPECT_TRUE(!phase_name(ACCELGOV_PHASE_NR));
	for (phase = 1; phase < ACCELGOV_PHASE_NR; phase++)
		EXPECT_STREQ(phase_name(phase), ag_phase_base_name(phase));
}

static unsigned int ini_lines;

static void count_section(void *arg, unsigned int line, const char *name)
{
	ini_lines += line;
}

static void count_value(void *arg, unsigned int line, const char *key,
			const char *value)
{
	ini_lines += strlen(key) + strlen(value);
}

static void count_problem(void *arg, unsigned int line, const char *text)
{
	ini_lines += strlen(text);
}

/* Whatever comes in, the sanitizers have nothing to say. */
TEST(junk_is_survived)
{
	static const char seed[] =
		"[Daemon]\nLease=3s\n[Device accelsim.*]\nPowerCap=\\\n350W\n#x\n";
	const struct ini_handler handler = { count_section, count_value,
					     count_problem, NULL };
	char text[sizeof(seed)], long_line[9000];
	uint32_t random = 1;
	int round, i;

	for (round = 0; round < 20000; round++) {
		memcpy(text, seed, sizeof(seed));
		for (i = 0; i < 4; i++) {
			random = random * 1664525 + 1013904223;
			text[(random >> 8) % (sizeof(seed) - 1)] = random >> 24;
		}
		random = random * 1664525 + 1013904223;
		ini_parse(text, (random >> 8) % sizeof(seed), &handler);
	}
	memset(long_line, 'a', sizeof(long_line));
	ini_parse(long_line, sizeof(long_line), &handler);
	memset(long_line, '\\', sizeof(long_line));
	ini_parse(long_line, sizeof(long_line), &handler);
	for (i = 0; i < 8998; i += 2)
		memcpy(long_line + i, "\\\n", 2);
	ini_parse(long_line, sizeof(long_line), &handler);
	EXPECT_GT(ini_lines, 0);
}
