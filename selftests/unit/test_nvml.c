// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests: NVIDIA GPUs, found, described and read
 */
#include "nvml_fake.h"

TEST(absent_library_is_no_error)
{
	const struct sysfs root = { .fd = AT_FDCWD, .live = true };
	struct accelerators list = { 0 };
	struct backend_note note = { 0 };
	void *real = dlopen("libnvidia-ml.so.1", RTLD_NOW);

	if (real) {
		dlclose(real);
		SKIP("this machine has the library");
	}
	EXPECT_EQ(backend_nvml.scan(&root, &list, &note), 0);
	EXPECT_EQ(list.nr, 0);
	EXPECT_TRUE(strstr(note.text, "not installed"));
	EXPECT_FALSE(note.left_out);
}

TEST(recorded_tree_has_no_library)
{
	if (!setup("", H100))
		return;
	the.sysfs.live = false;
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 0);
	EXPECT_TRUE(strstr(the.note.text, "recorded"));
	EXPECT_FALSE(the.note.left_out);
	teardown();
}

TEST(driver_not_loaded_is_no_error)
{
	if (!setup("", "init=9\n"))
		return;
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 0);
	EXPECT_TRUE(strstr(the.note.text, "not loaded"));
	EXPECT_TRUE(the.note.left_out);
	script("init=18\n");
	EXPECT_EQ(scan(), -EIO);
	EXPECT_TRUE(strstr(the.note.text, "different versions"));
	script("driver=590.48.01\n");
	EXPECT_EQ(scan(), 0);
	EXPECT_TRUE(strstr(the.note.text, "no GPU"));
	teardown();
}

TEST(describes_a_gpu)
{
	const struct backend_range *range;
	struct accelerator *acc;

	if (!found("", "driver=590.48.01\n" H100, 1))
		return;
	acc = gpu(0);
	EXPECT_STREQ(acc->name, "nvidia-0000:3b:00.0");
	EXPECT_STREQ(acc->bus, "0000:3b:00.0");
	EXPECT_STREQ(acc->uuid, "GPU-1");
	EXPECT_STREQ(acc->vendor, "NVIDIA");
	EXPECT_STREQ(acc->model, "NVIDIA H100 80GB HBM3");
	EXPECT_STREQ(acc->driver_version, "590.48.01");
	EXPECT_STREQ(acc->parent, "");
	EXPECT_STREQ(acc->devfreq, "");
	EXPECT_FALSE(acc->asleep);
	EXPECT_EQ(acc->nr_clocks, 110);
	EXPECT_EQ(acc->clock_khz[0], 345000);
	EXPECT_EQ(acc->clock_khz[109], 1980000);
	EXPECT_EQ(acc->period_us, 100000);
	EXPECT_EQ(acc->power.window_us, 25000);
	EXPECT_EQ(acc->power.period_us, 100000);
	range = &acc->actuator[BACKEND_CLOCK];
	EXPECT_TRUE(range->there);
	EXPECT_EQ(range->writable, !geteuid());
	EXPECT_EQ(!range->why[0], !geteuid());
	EXPECT_FALSE(range->value.known);
	EXPECT_EQ(range->min.value, 345000);
	EXPECT_EQ(range->max.value, 1980000);
	range = &acc->actuator[BACKEND_MEM];
	EXPECT_TRUE(range->there);
	EXPECT_EQ(range->min.value, 1593000);
	range = &acc->actuator[BACKEND_CAP];
	EXPECT_TRUE(range->there);
	EXPECT_EQ(range->value.value, 700000);
	EXPECT_EQ(range->min.value, 200000);
	EXPECT_FALSE(acc->actuator[BACKEND_PROFILE].there);
	EXPECT_TRUE(acc->actuator[BACKEND_PROFILE].why[0]);
	EXPECT_FALSE(acc->actuator[BACKEND_AUTOSUSPEND].there);
	EXPECT_TRUE(acc->actuator[BACKEND_AUTOSUSPEND].why[0]);
	teardown();
}

TEST(tells_each_signal_or_why_not)
{
	int i;

	if (!found("", H100 A100, 2))
		return;
	EXPECT_EQ(gpu(0)->signals, 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
		  1U << ACCELGOV_SIG_MEMORY | 1U << ACCELGOV_SIG_LINK |
		  1U << ACCELGOV_SIG_HOST | 1U << ACCELGOV_SIG_CLOCK |
		  1U << ACCELGOV_SIG_POWER | 1U << ACCELGOV_SIG_CONTEXTS);
	EXPECT_EQ(gpu(1)->signals, 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_MEMORY |
		  1U << ACCELGOV_SIG_CLOCK | 1U << ACCELGOV_SIG_POWER |
		  1U << ACCELGOV_SIG_CONTEXTS);
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		EXPECT_EQ(!!gpu(0)->signal_why[i][0], !(gpu(0)->signals & 1U << i));
		EXPECT_EQ(!!gpu(1)->signal_why[i][0], !(gpu(1)->signals & 1U << i));
	}
	EXPECT_EQ(gpu(0)->sensors, (1U << BACKEND_SENSORS) - 1);
	EXPECT_TRUE(strstr(gpu(1)->signal_why[ACCELGOV_SIG_COMPUTE], "Hopper"));
	teardown();
}

TEST(reads_gpm)
{
	struct backend_reading reading;

	if (!found("", H100, 1))
		return;
	sleep_ms(120);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_GE(reading.sample.window_ns, 100000000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 975);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), 610);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), 433);
	/* 45597 MiB/s of 18 links of 26562 MB/s; 6008.9 MiB/s of 16 lanes */
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_LINK), 100);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_HOST), 100);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_QUEUE), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_PROGRESS), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1980000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), 629000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CONTEXTS), 3000);
	EXPECT_EQ(reading.sample.amount, 0);
	EXPECT_EQ(reading.sample.pad, 0);
	EXPECT_EQ(sensor_of(&reading, BACKEND_MEM_CLOCK), 2619000);
	EXPECT_EQ(sensor_of(&reading, BACKEND_ENERGY), 5000000);
	EXPECT_EQ(sensor_of(&reading, BACKEND_TEMPERATURE), 59000);
	EXPECT_EQ(sensor_of(&reading, BACKEND_MEM_USED), 19818LL << 20);
	EXPECT_EQ(sensor_of(&reading, BACKEND_MEM_TOTAL), 81559LL << 20);
	EXPECT_EQ(sensor_of(&reading, BACKEND_THROTTLE), BACKEND_THROTTLE_POWER);
	EXPECT_EQ(sensor_of(&reading, BACKEND_POWER_AVERAGE), 630100);
	/* That tells energy as well, and the counter costs too much to be asked again soon. */
	sleep_ms(1000);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(sensor_of(&reading, BACKEND_ENERGY), -1);
	EXPECT_EQ(sensor_of(&reading, BACKEND_POWER_AVERAGE), 630100);
	teardown();
}

TEST(a_window_too_short_is_unknown)
{
	struct backend_reading reading;
	uint64_t from;

	if (!found("", H100, 1))
		return;
	/* Unless the machine stood still for so long. */
	do {
		sleep_ms(120);
		ASSERT_EQ(read_one(0, &reading), 0);
		from = now_ms();
		ASSERT_EQ(read_one(0, &reading), 0);
	} while (now_ms() - from >= 80);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), 629000);
	teardown();
}

#define ONE(lines) \
	"[gpu]\nuuid=GPU-1\nbus=0000:01:00.0\nsm_mhz=1500\ngpm=1\n" lines

/* The engine's own metric is dear: it is not asked for where another one says enough. */
TEST(busy_from_multiprocessors)
{
	static const struct {
		const char *script;
		int64_t busy;
	} cases[] = {
		{ ONE("gpm.1=99\ngpm.2=95\n"), 950 },
		{ ONE("gpm.1=77\ngpm.2=0.1\n"), 1 },
		{ ONE("gpm.1=99\ngpm.2=20\n"), 990 },
		{ ONE("gpm.1=19\ngpm.2=20\n"), 200 },
		{ ONE("gpm.1=nan\ngpm.2=20\n"), 200 },
		{ ONE("gpm.1=98\ngpm.2=nan\n"), 980 },
		{ ONE("gpm.1=98\n"), 980 },
	};
	struct backend_reading reading;
	size_t i;

	if (!found("", cases[0].script, 1))
		return;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		script(cases[i].script);
		sleep_ms(120);
		ASSERT_EQ(read_one(0, &reading), 0);
		EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), cases[i].busy);
	}
	teardown();
}

/* Two samples of one renewal say that all rests; that is no reading of a GPU at rest. */
TEST(what_was_not_renewed_is_unknown)
{
	struct backend_reading reading;

	if (!found("", ONE("gpm.1=0\ngpm.2=0\ngpm.5=0\ngpm.10=nan\n"), 1))
		return;
	sleep_ms(120);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1500000);
	/* The window goes on: a reading right behind it has all of it. */
	script(ONE("gpm.1=97\ngpm.2=96\ngpm.5=60\ngpm.10=40\n"));
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 960);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), 400);
	sleep_ms(120);
	script(ONE("gpm.1=0\ngpm.2=0\ngpm.5=0\ngpm.10=0.001\n"));
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 0);
	teardown();
}

/* The counter is read where nothing cheaper tells energy, and once a second then. */
TEST(energy_without_an_average)
{
	struct backend_reading reading;

	if (!found("", ONE("energy_mj=5000\n"), 1))
		return;
	EXPECT_TRUE(gpu(0)->sensors & 1U << BACKEND_ENERGY);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(sensor_of(&reading, BACKEND_ENERGY), 5000000);
	sleep_ms(20);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(sensor_of(&reading, BACKEND_ENERGY), -1);
	sleep_ms(1000);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(sensor_of(&reading, BACKEND_ENERGY), 5000000);
	teardown();
}

/* Every tick of a timer of 100 ms brings values, be it early or late. */
TEST(a_timer_loses_no_window)
{
	struct timespec tick;
	struct backend_reading reading;
	uint64_t before, now;
	int i;

	if (!found("", H100, 1))
		return;
	clock_gettime(CLOCK_MONOTONIC, &tick);
	before = now_ms();
	for (i = 0; i < 10; i++) {
		/* 95 and 105 ms by turns */
		tick.tv_nsec += i % 2 ? 105000000 : 95000000;
		tick.tv_sec += tick.tv_nsec / 1000000000;
		tick.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &tick, NULL);
		now = now_ms();
		ASSERT_EQ(read_one(0, &reading), 0);
		/* The machine stood still and this tick follows at once. */
		if (now - before >= 92 && reading.sample.window_ns >= 92000000)
			EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 975);
		before = now;
	}
	teardown();
}

/* What GPM does not tell is unknown, and what it has besides is used. */
TEST(metrics_that_are_missing)
{
	struct backend_reading reading;

	if (!found("", "[gpu]\nuuid=GPU-1\nbus=0000:01:00.0\nsm_mhz=1500\ngpm=1\n"
		   "gpm.1=nan\ngpm.5=20\nutil_gpu=77\nutil_mem=11\n", 1))
		return;
	sleep_ms(120);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), 200);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_LINK), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_HOST), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), -1);
	EXPECT_EQ(sensor_of(&reading, BACKEND_THROTTLE), -1);
	EXPECT_STREQ(gpu(0)->signal_why[ACCELGOV_SIG_LINK], "this GPU has no NVLink");
	/* GPM that stops working: utilisation takes its place. */
	script("[gpu]\nuuid=GPU-1\nbus=0000:01:00.0\nsm_mhz=1500\ngpm=1\n"
	       "refuse=nvmlGpmSampleGet:999\nutil_gpu=77\nutil_mem=11\n");
	sleep_ms(120);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 770);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), 110);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), -1);
	teardown();
}

TEST(reads_older_gpus)
{
	struct backend_reading reading;

	if (!found("", A100 "nvlink_kib=1000\npcie_bytes=5000\n", 1))
		return;
	EXPECT_TRUE(gpu(0)->signals & 1U << ACCELGOV_SIG_LINK);
	EXPECT_TRUE(gpu(0)->signals & 1U << ACCELGOV_SIG_HOST);
	/* Full links for seconds: more than fits into any window is 1000. */
	script(A100 "nvlink_kib=1e12\npcie_bytes=1e15\n");
	sleep_ms(20);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 880);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), 310);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_LINK), 1000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_HOST), 1000);
	/* A counter that was reset tells nothing, then it counts again. */
	script(A100 "nvlink_kib=5\npcie_bytes=5\n");
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_LINK), -1);
	sleep_ms(5);
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_LINK), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_HOST), 0);
	teardown();
}

TEST(reads_with_an_old_library)
{
	struct backend_reading reading;

	if (!found("old/", "driver=396.44\n" H100 "power_average_mw=250000\n", 1))
		return;
	EXPECT_STREQ(gpu(0)->driver_version, "396.44");
	ASSERT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 1000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_COMPUTE), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_MEMORY), 400);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), 250000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CONTEXTS), 3000);
	EXPECT_EQ(sensor_of(&reading, BACKEND_TEMPERATURE), 59000);
	EXPECT_EQ(sensor_of(&reading, BACKEND_THROTTLE), BACKEND_THROTTLE_POWER);
	EXPECT_EQ(sensor_of(&reading, BACKEND_MEM_USED), (19818LL + 479) << 20);
	EXPECT_EQ(sensor_of(&reading, BACKEND_POWER_AVERAGE), -1);
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_MEM].there);
	EXPECT_TRUE(strstr(gpu(0)->actuator[BACKEND_MEM].why, "no function"));
	EXPECT_EQ(set_one(0, BACKEND_MEM, 1593000), -EOPNOTSUPP);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 0), -EOPNOTSUPP);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	teardown();
}

TEST(values_over_time)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct backend_reading reading;
	int64_t first;

	if (!found("", "[gpu]\nuuid=GPU-1\nbus=0000:01:00.0\nsm_mhz=345 1980@300000\n"
		   "power_mw=70000 400000@1\n", 1))
		return;
	ASSERT_EQ(read_one(0, &reading), 0);
	first = signal_of(&reading, ACCELGOV_SIG_POWER);
	EXPECT_TRUE(first == 70000 || first == 400000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 345000);
	do {
		sleep_ms(5);
		ASSERT_EQ(read_one(0, &reading), 0);
	} while (signal_of(&reading, ACCELGOV_SIG_POWER) != 400000 && now_ms() < end);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), 400000);
	teardown();
}

static int64_t throttle(const char *reasons)
{
	struct backend_reading reading;
	char text[256];

	snprintf(text, sizeof(text), "[gpu]\nuuid=GPU-1\nbus=0000:01:00.0\nreasons=%s\n",
		 reasons);
	script(text);
	/* It is asked for once a second, and of a GPU that was just found. */
	if (scan() || the.list.nr != 1)
		return -3;
	return read_one(0, &reading) ? -2 : sensor_of(&reading, BACKEND_THROTTLE);
}

TEST(names_throttle_reasons)
{
	if (!found("", H100, 1))
		return;
	EXPECT_EQ(throttle("0"), 0);
	EXPECT_EQ(throttle("1"), 0);
	EXPECT_EQ(throttle("2"), BACKEND_THROTTLE_USER);
	EXPECT_EQ(throttle("4"), BACKEND_THROTTLE_POWER);
	EXPECT_EQ(throttle("8"), BACKEND_THROTTLE_HARDWARE);
	EXPECT_EQ(throttle("0x48"), BACKEND_THROTTLE_THERMAL);
	EXPECT_EQ(throttle("0x88"), BACKEND_THROTTLE_HARDWARE);
	EXPECT_EQ(throttle("0x24"), BACKEND_THROTTLE_THERMAL | BACKEND_THROTTLE_POWER);
	EXPECT_EQ(throttle("0x110"), BACKEND_THROTTLE_OTHER);
	EXPECT_EQ(throttle(""), -1);
	teardown();
}

/* Owners as of a reading that asks anew; patient, as who needs them is. */
static int owners(struct backend_owners *ret)
{
	struct backend_reading reading;

	gpu(0)->patient = true;
	sleep_ms(1100);
	EXPECT_EQ(read_one(0, &reading), 0);
	return backend_nvml.owners(gpu(0), ret);
}

TEST(whose_processes_they_are)
{
	static const char *const bytes[] = { "", "process_bytes=16\n", "process_bytes=32\n" };
	struct backend_owners o = { 0 };
	char text[2048];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), H100 "%sprocess=700:512:60\n"
			 "process=701:1024:0\nprocess=0:1\n", bytes[i]);
		if (!found("", text, 1))
			return;
		ASSERT_EQ(owners(&o), 0);
		/* One without a number is of another machine. */
		ASSERT_EQ(o.nr, 2);
		EXPECT_EQ(o.owner[0].pid, 700);
		EXPECT_EQ(o.owner[0].mem_bytes.value, 512 << 20);
		EXPECT_TRUE(o.owner[0].busy_permille.known);
		EXPECT_EQ(o.owner[0].busy_permille.value, 600);
		EXPECT_EQ(o.owner[1].pid, 701);
		EXPECT_TRUE(o.owner[1].busy_permille.known);
		EXPECT_EQ(o.owner[1].busy_permille.value, 0);
		gpu(0)->patient = false;
		EXPECT_EQ(backend_nvml.owners(gpu(0), &o), -EOPNOTSUPP);
		teardown();
	}
}

TEST(whose_work_it_is_may_be_unknown)
{
	struct backend_owners o = { 0 };

	if (!found("", H100 "process=700:512\nprocess=701:1024\n", 1))
		return;
	ASSERT_EQ(owners(&o), 0);
	ASSERT_EQ(o.nr, 2);
	EXPECT_FALSE(o.owner[0].busy_permille.known);
	EXPECT_FALSE(o.owner[1].busy_permille.known);
	/* A list that is known already is not handed out again. */
	o.owner[0].pid = 9;
	EXPECT_EQ(backend_nvml.owners(gpu(0), &o), 0);
	EXPECT_EQ(o.owner[0].pid, 9);
	ASSERT_EQ(owners(&o), 0);
	EXPECT_EQ(o.owner[0].pid, 700);
	/* A length that no version has, a list that is not filled, one that is refused. */
	script(H100 "process_bytes=40\nprocess=700:512:1\n");
	EXPECT_EQ(owners(&o), -ENODATA);
	script(H100);
	EXPECT_EQ(owners(&o), -ENODATA);
	script(H100 "process=700:512:1\n"
	       "refuse=nvmlDeviceGetComputeRunningProcesses_v3:3\n");
	EXPECT_EQ(owners(&o), -ENODATA);
	/* Nobody. */
	script("[gpu]\nuuid=GPU-1\nbus=0000:3b:00.0\nsm_mhz=1980\nprocesses=0\n");
	ASSERT_EQ(owners(&o), 0);
	EXPECT_EQ(o.nr, 0);
	teardown();
}

TEST(shows_mig_instances)
{
	struct backend_reading reading;
	char line[512];

	if (!found("", H100 "mig=1\ninstance=1:0:MIG-a\ninstance=5:2:MIG-b\n" A100, 4))
		return;
	EXPECT_STREQ(gpu(0)->name, "nvidia-0000:3b:00.0");
	EXPECT_STREQ(gpu(1)->name, "nvidia-0000:3b:00.0-g1c0");
	EXPECT_STREQ(gpu(1)->parent, "nvidia-0000:3b:00.0");
	EXPECT_STREQ(gpu(1)->uuid, "MIG-a");
	EXPECT_STREQ(gpu(2)->name, "nvidia-0000:3b:00.0-g5c2");
	EXPECT_STREQ(gpu(3)->uuid, "GPU-2");
	EXPECT_FALSE(gpu(1)->actuator[BACKEND_CLOCK].there);
	EXPECT_TRUE(strstr(gpu(1)->actuator[BACKEND_CLOCK].why, "whole GPU"));
	EXPECT_EQ(set_one(1, BACKEND_CLOCK, 1200000), -EOPNOTSUPP);
	EXPECT_FALSE(gpu(1)->signals & 1U << ACCELGOV_SIG_POWER);
	EXPECT_TRUE(strstr(gpu(1)->signal_why[ACCELGOV_SIG_POWER], "whole GPU"));
	sleep_ms(120);
	ASSERT_EQ(read_one(1, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_BUSY), 975);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1980000);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_POWER), -1);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CONTEXTS), 3000);
	ASSERT_EQ(backend_nvml.save(&the.sysfs, gpu(1), line, sizeof(line)), 0);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(1), line), 0);
	EXPECT_STREQ(beside("log"), "");
	teardown();
}

/* What can't be described is shown with what is known of it, or at least named. */
TEST(no_mig_instance_is_dropped_silently)
{
	struct backend_reading reading;
	static const struct {
		const char *line;
		const char *note;
	} whole[] = {
		{ "refuse=nvmlDeviceGetMigMode:999\n",
		  "MIG instances of GPU 0, if any, left out: " },
		{ "refuse=nvmlDeviceGetMaxMigDeviceCount:4\n",
		  "MIG instances of GPU 0, if any, left out: the driver refused it" },
		{ "refuse=nvmlDeviceGetMigDeviceHandleByIndex:4\n",
		  "MIG instance 0 of GPU 0 left out: the driver refused it: "
		  "run as root, outside of a container; so is MIG instance 1 of GPU 0" },
	};
	char text[2048];
	size_t i;

	/* One can't be told from others. The next is no other's, with the same trouble. */
	if (!found("", H100 "mig=1\ninstance=1:0:?\ninstance=2:0:MIG-b\ninstance=3:0:?\n"
			 A100, 3))
		return;
	EXPECT_STREQ(gpu(1)->name, "nvidia-0000:3b:00.0-g2c0");
	EXPECT_TRUE(the.note.left_out);
	EXPECT_TRUE(strstr(the.note.text, "MIG instance 0 of GPU 0 left out: the driver answered"));
	EXPECT_TRUE(strstr(the.note.text, "MIG instance 4 of GPU 0 left out: "));
	teardown();
	/* Numbers are unknown, the identity is not; of another name each. */
	if (!found("", H100 "mig=1\ninstance=1:0:MIG-a\ninstance=2:0:MIG-b\n"
			 "refuse=nvmlDeviceGetGpuInstanceId:999\n", 3))
		return;
	EXPECT_TRUE(!strncmp(gpu(1)->name, "nvidia-0000:3b:00.0-x", 21));
	EXPECT_TRUE(strcmp(gpu(1)->name, gpu(2)->name));
	EXPECT_STREQ(gpu(1)->uuid, "MIG-a");
	EXPECT_STREQ(gpu(1)->parent, "nvidia-0000:3b:00.0");
	EXPECT_FALSE(the.note.left_out);
	ASSERT_EQ(read_one(1, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1980000);
	teardown();
	/* It is there, and does not answer. */
	if (!found("", H100 "mig=1\ninstance=1:0:!a\ninstance=2:0:MIG-b\n", 3))
		return;
	EXPECT_STREQ(gpu(1)->name, "nvidia-0000:3b:00.0-g1c0");
	EXPECT_STREQ(gpu(1)->uuid, "!a");
	EXPECT_EQ(gpu(1)->signals, 0);
	EXPECT_TRUE(strstr(gpu(1)->signal_why[ACCELGOV_SIG_BUSY], "does not answer"));
	EXPECT_TRUE(strstr(gpu(1)->actuator[BACKEND_CAP].why, "does not answer"));
	EXPECT_TRUE(the.note.left_out);
	EXPECT_TRUE(strstr(the.note.text,
			   "nvidia-0000:3b:00.0-g1c0 is there, and what it does is not known: "
			   "the GPU does not answer"));
	EXPECT_EQ(read_one(1, &reading), -ENODEV);
	EXPECT_STREQ(gpu(2)->name, "nvidia-0000:3b:00.0-g2c0");
	EXPECT_TRUE(gpu(2)->signals & 1U << ACCELGOV_SIG_CLOCK);
	teardown();
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		snprintf(text, sizeof(text), "%smig=1\ninstance=1:0:MIG-a\n%s%s", H100,
			 whole[i].line, A100);
		if (!found("", text, 2))
			return;
		EXPECT_TRUE(the.note.left_out);
		if (!strstr(the.note.text, whole[i].note))
			unit_fail(__FILE__, __LINE__, "%s: %s", whole[i].line,
				  the.note.text);
		teardown();
	}
	/* A GPU that can't be parted is none that lacks something. */
	if (!found("", A100, 1))
		return;
	EXPECT_FALSE(the.note.left_out);
	teardown();
}

/* As the kernel changes what is in a file: it stays the same one. */
static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!EXPECT_TRUE(file))
		return;
	fputs(text, file);
	fclose(file);
}

TEST(a_sleeping_gpu_is_left_alone)
{
	struct backend_reading reading;
	char path[160], command[256];

	if (!found("", H100, 1))
		return;
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/0000:3b:00.0/power", the.dir);
	snprintf(command, sizeof(command), "mkdir -p %s", path);
	ASSERT_EQ(system(command), 0);
	strcat(path, "/runtime_status");
	write_file(path, "suspended\n");
	/* Any call would hang. */
	script(H100 "hang=*\n");
	EXPECT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(reading.sample.valid, 0);
	EXPECT_EQ(reading.sample.window_ns, 0);
	EXPECT_EQ(backend_nvml.refresh(&the.sysfs, gpu(0)), 0);
	EXPECT_TRUE(gpu(0)->asleep);
	script(H100);
	write_file(path, "active\n");
	EXPECT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1980000);
	EXPECT_FALSE(gpu(0)->asleep);
	teardown();
}
