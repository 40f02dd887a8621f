// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests: NVIDIA GPUs, set and set back; refused, lost, reset, hung
 */
#include <pthread.h>

#include "nvml_fake.h"

TEST(sets_and_says_so)
{
	if (!found("", H100 "profiles=0 3 40\n", 1))
		return;
	EXPECT_EQ(gpu(0)->actuator[BACKEND_PROFILE].min.value, -1);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_PROFILE].max.value, 40);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_PROFILE].value.value, -1);
	/* Between two clocks the lower one; the lower end stays the lowest. */
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1204000), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_CLOCK].value.value, 1200000);
	EXPECT_EQ(set_one(0, BACKEND_MEM, 1593000), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_MEM].value.value, 1593000);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 350000), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_CAP].value.value, 350000);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 40), 0);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 3), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_PROFILE].value.value, 3);
	EXPECT_TRUE(strstr(beside("log"), "nvmlDeviceSetGpuLockedClocks GPU-1 345 1200 = 0"));
	EXPECT_TRUE(strstr(beside("log"), "nvmlDeviceSetPowerManagementLimit GPU-1 350000 = 0"));
	EXPECT_TRUE(strstr(beside("state"),
			   "GPU-1 resets=0 core=345-1200 mem=1593-1593 cap=350000"));
	EXPECT_TRUE(strstr(beside("state"), "00000008\n"));
	EXPECT_FALSE(strstr(beside("state"), "00000100"));
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, -1), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_PROFILE].value.value, -1);
	teardown();
}

TEST(out_of_range_changes_nothing)
{
	if (!found("", H100 "profiles=0 3\n", 1))
		return;
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 344999), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1980001), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, -1), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_MEM, 1592999), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_MEM, INT64_MAX), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 199999), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 700001), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 1), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 255), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, -2), -ERANGE);
	EXPECT_EQ(set_one(0, BACKEND_AUTOSUSPEND, 100), -EOPNOTSUPP);
	EXPECT_STREQ(beside("log"), "");
	EXPECT_STREQ(beside("state"), "");
	teardown();
}

TEST(refusals_become_reasons)
{
	struct backend_reading reading;

	if (!found("", H100 "refuse=nvmlDeviceSetGpuLockedClocks:4\n"
		   "refuse=nvmlDeviceSetPowerManagementLimit:3\n"
		   "refuse=nvmlDeviceGetPowerManagementLimitConstraints:0\n", 1))
		return;
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), -EPERM);
	EXPECT_TRUE(gpu(0)->actuator[BACKEND_CLOCK].there);
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_CLOCK].writable);
	EXPECT_TRUE(strstr(gpu(0)->actuator[BACKEND_CLOCK].why, "root"));
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_CLOCK].value.known);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 300000), -EOPNOTSUPP);
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_CAP].there);
	EXPECT_TRUE(strstr(gpu(0)->actuator[BACKEND_CAP].why, "support"));
	/* It stays known, and it keeps nobody from reading. */
	EXPECT_EQ(backend_nvml.refresh(&the.sysfs, gpu(0)), 0);
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_CLOCK].writable);
	EXPECT_EQ(read_one(0, &reading), 0);
	/* Once it was granted, it is no refusal any more. */
	script(H100);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_CLOCK].value.value, 1200000);
	EXPECT_EQ(gpu(0)->actuator[BACKEND_CLOCK].writable, !geteuid());
	teardown();
}

TEST(saves_and_restores)
{
	char line[512], other[512] = "uuid=GPU-7 clock=default cap_mw=300000";

	if (!found("", H100 "profiles=0 3\n", 1))
		return;
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 0), 0);
	ASSERT_EQ(backend_nvml.save(&the.sysfs, gpu(0), line, sizeof(line)), 0);
	EXPECT_EQ(backend_nvml.save(&the.sysfs, gpu(0), other, 8), -ENOSPC);
	EXPECT_FALSE(strchr(line, '\n'));
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(set_one(0, BACKEND_MEM, 1593000), 0);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 350000), 0);
	EXPECT_EQ(set_one(0, BACKEND_PROFILE, 3), 0);
	/* As another process would: nothing is known but the line. */
	ASSERT_EQ(scan(), 0);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), other), -ENXIO);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), "uuid=GPU-1 cap_mw=-5"), -EBADMSG);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), "uuid=GPU-1 clock"), -EBADMSG);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), "uuid=GPU-1 what=1"), -EBADMSG);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), "uuid=GPU-1 profiles=12"), -EBADMSG);
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), ""), -EBADMSG);
	EXPECT_TRUE(strstr(beside("state"), "core=345-1200 mem=1593-1593 cap=350000"));
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), line), 0);
	EXPECT_TRUE(strstr(beside("state"), "core=0-0 mem=0-0 cap=700000"));
	EXPECT_TRUE(strstr(beside("state"), "00000001\n"));
	EXPECT_EQ(gpu(0)->actuator[BACKEND_CAP].value.value, 700000);
	EXPECT_FALSE(gpu(0)->actuator[BACKEND_CLOCK].value.known);
	teardown();
}

/* One that can't be set back does not keep the others from it. */
TEST(restores_what_it_can)
{
	const char *line = "uuid=GPU-1 clock=default mem_clock=default cap_mw=700000";

	if (!found("", H100, 1))
		return;
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(set_one(0, BACKEND_MEM, 1593000), 0);
	script(H100 "refuse=nvmlDeviceSetPowerManagementLimit:999\n"
	       "refuse=nvmlDeviceResetMemoryLockedClocks:3\n");
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), line), -EIO);
	EXPECT_TRUE(strstr(beside("state"), "core=0-0 mem=1593-1593"));
	/* What is not supported was never set: no error. */
	script(H100 "refuse=nvmlDeviceResetMemoryLockedClocks:3\n");
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), line), 0);
	teardown();
}

TEST(a_lost_gpu_comes_back)
{
	struct backend_reading reading;

	if (!found("", H100 A100, 2))
		return;
	script(H100 "lost=1\n" A100);
	EXPECT_EQ(read_one(0, &reading), -ENODEV);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), -ENODEV);
	EXPECT_EQ(read_one(0, &reading), -ENODEV);
	EXPECT_TRUE(reads_as(1, 0));
	script(H100 A100);
	EXPECT_TRUE(reads_as(0, 0));
	EXPECT_TRUE(reads_as(1, 0));
	teardown();
}

/* One that stays away must not cost the others their windows all the time. */
TEST(a_lost_gpu_is_looked_for_now_and_then)
{
	struct backend_reading reading;
	unsigned int gaps = 0, i;
	uint64_t from;

	if (!found("", H100 A100, 2))
		return;
	script(H100 "lost=1\n" A100);
	from = now_ms();
	EXPECT_EQ(read_one(0, &reading), -ENODEV);
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(read_one(0, &reading), -ENODEV);
		sleep_ms(1);
		EXPECT_EQ(read_one(1, &reading), 0);
		gaps += !reading.sample.window_ns;
	}
	/* The first look, and with a machine that stood still one more. */
	EXPECT_GE(gaps, 1);
	if (now_ms() - from < 1900)
		EXPECT_EQ(gaps, 1);
	/* After the first 2 s, 4 s: two looks in 5.5 s at most. */
	while (now_ms() - from < 5500) {
		EXPECT_EQ(read_one(0, &reading), -ENODEV);
		sleep_ms(20);
		EXPECT_EQ(read_one(1, &reading), 0);
		gaps += !reading.sample.window_ns;
	}
	EXPECT_LE(gaps, now_ms() - from < 5900 ? 2 : 3);
	teardown();
}

TEST(a_reset_is_survived)
{
	struct backend_reading reading;
	char line[512];

	if (!found("", H100 A100, 2))
		return;
	ASSERT_EQ(backend_nvml.save(&the.sysfs, gpu(0), line, sizeof(line)), 0);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(set_one(0, BACKEND_CAP, 350000), 0);
	script(H100 "resets=1\n" A100);
	/* Found again at once, with what was set; the neighbour does not notice. */
	EXPECT_EQ(read_one(0, &reading), 0);
	EXPECT_TRUE(strstr(beside("state"), "GPU-1 resets=1 core=345-1200 mem=0-0 cap=350000"));
	EXPECT_EQ(read_one(1, &reading), 0);
	/* After another one, in the middle of setting back. */
	script(H100 "resets=2\n" A100);
	EXPECT_TRUE(reads_as(0, 0));
	EXPECT_EQ(backend_nvml.restore(&the.sysfs, gpu(0), line), 0);
	EXPECT_TRUE(strstr(beside("state"), "GPU-1 resets=2 core=0-0 mem=0-0 cap=700000"));
	teardown();
}

/* The kernel driver is unloaded and loaded again under a running process. */
TEST(a_driver_that_goes_comes_back)
{
	struct backend_reading reading;

	if (!found("", H100, 1))
		return;
	script("init=9\n" H100);
	EXPECT_EQ(read_one(0, &reading), -ENODEV);
	script(H100);
	EXPECT_TRUE(reads_as(0, 0));
	teardown();
}

TEST(gpus_come_and_go)
{
	struct accelerators old;
	struct backend_reading reading;

	if (!found("", H100, 1))
		return;
	old = the.list;
	the.list = (struct accelerators){ 0 };
	script(H100 A100);
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 2);
	/* Who holds the first one notices a gap in its windows at most. */
	EXPECT_EQ(backend_nvml.read(&the.sysfs, old.item[0], &reading), 0);
	EXPECT_EQ(reading.sample.window_ns, 0);
	script(A100);
	EXPECT_EQ(backend_nvml.read(&the.sysfs, old.item[0], &reading), -ENODEV);
	EXPECT_TRUE(reads_as(1, 0));
	accelerators_free(&old);
	EXPECT_EQ(scan(), 0);
	ASSERT_EQ(the.list.nr, 1);
	EXPECT_STREQ(gpu(0)->uuid, "GPU-2");
	teardown();
}

/* A scan is no reason to disturb GPUs in use while the driver has the same ones. */
TEST(scans_disturb_nobody)
{
	struct accelerators old;
	struct backend_reading reading;
	char command[192];

	if (!setup("", H100))
		return;
	snprintf(command, sizeof(command), "mkdir -p %s/sys/bus/pci/drivers/nvidia/0000:3b:00.0",
		 the.dir);
	ASSERT_EQ(system(command), 0);
	ASSERT_EQ(scan(), 0);
	ASSERT_EQ(the.list.nr, 1);
	old = the.list;
	the.list = (struct accelerators){ 0 };
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 1);
	EXPECT_EQ(backend_nvml.read(&the.sysfs, old.item[0], &reading), 0);
	EXPECT_GT(reading.sample.window_ns, 0);
	script(H100 A100);
	snprintf(command, sizeof(command), "mkdir %s/sys/bus/pci/drivers/nvidia/0000:86:00.0",
		 the.dir);
	ASSERT_EQ(system(command), 0);
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 2);
	EXPECT_EQ(backend_nvml.read(&the.sysfs, old.item[0], &reading), 0);
	EXPECT_EQ(reading.sample.window_ns, 0);
	accelerators_free(&old);
	teardown();
}

TEST(one_gpu_left_out_leaves_the_others)
{
	if (!setup("", H100 "refuse=nvmlDeviceGetUUID:15\n" A100))
		return;
	EXPECT_EQ(scan(), 0);
	ASSERT_EQ(the.list.nr, 1);
	EXPECT_STREQ(gpu(0)->uuid, "GPU-2");
	EXPECT_TRUE(strstr(the.note.text, "GPU 0 left out"));
	teardown();
}

TEST(each_gpu_left_out_is_told)
{
	if (!setup("", H100 "refuse=nvmlDeviceGetUUID:15\n" A100 "refuse=nvmlDeviceGetUUID:15\n"
		   "[gpu]\nuuid=GPU-3\nrefuse=nvmlDeviceGetUUID:4\n"))
		return;
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 0);
	EXPECT_TRUE(the.note.left_out);
	EXPECT_TRUE(strstr(the.note.text, "GPU 0 left out: the GPU does not answer"));
	EXPECT_TRUE(strstr(the.note.text, "; so is GPU 1; "));
	EXPECT_TRUE(strstr(the.note.text, "; GPU 2 left out: the driver refused it"));
	teardown();
}

TEST(a_hang_costs_one_deadline)
{
	struct backend_reading reading;
	uint64_t from;

	if (!found("", H100 A100, 2))
		return;
	script(H100 "hang=nvmlDeviceGetClockInfo\n" A100);
	from = now_ms();
	EXPECT_EQ(read_one(0, &reading), -ETIMEDOUT);
	EXPECT_GE(now_ms() - from, 1900);
	from = now_ms();
	EXPECT_EQ(read_one(0, &reading), -ETIMEDOUT);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), -ETIMEDOUT);
	EXPECT_EQ(backend_nvml.refresh(&the.sysfs, gpu(0)), -ETIMEDOUT);
	EXPECT_LT(now_ms() - from, 1500);
	/* Others are not held up. */
	EXPECT_EQ(read_one(1, &reading), 0);
	EXPECT_EQ(set_one(1, BACKEND_CLOCK, 1200000), 0);
	script(H100 A100);
	EXPECT_TRUE(reads_as(0, 0));
	/* What was refused meanwhile is not made up for. */
	EXPECT_FALSE(strstr(beside("log"), "GPU-1"));
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	teardown();
}

static void *answer_later(void *arg)
{
	sleep_ms(2200);
	script(H100 A100);
	return arg;
}

/* One that may hang is not given up on: it gets what there is when it comes. */
TEST(a_patient_caller_hangs_along)
{
	struct backend_reading reading;
	pthread_t other;
	uint64_t from;

	if (!found("", H100 A100, 2))
		return;
	gpu(0)->patient = true;
	EXPECT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(signal_of(&reading, ACCELGOV_SIG_CLOCK), 1980000);
	script(H100 "hang=nvmlDeviceGetClockInfo\n" A100);
	from = now_ms();
	ASSERT_EQ(pthread_create(&other, NULL, answer_later, NULL), 0);
	/* A part of it is from before. */
	EXPECT_EQ(read_one(0, &reading), -ETIMEDOUT);
	EXPECT_GE(now_ms() - from, 2100);
	ASSERT_EQ(pthread_join(other, NULL), 0);
	EXPECT_EQ(read_one(0, &reading), 0);
	EXPECT_EQ(set_one(0, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(backend_nvml.refresh(&the.sysfs, gpu(0)), 0);
	teardown();
}

/* Let go of while its call hangs: freed by its thread when that returns. */
TEST(a_hanging_gpu_can_be_let_go)
{
	struct backend_reading reading;
	uint64_t from;

	if (!found("", H100, 1))
		return;
	script(H100 "hang=*\n");
	EXPECT_EQ(read_one(0, &reading), -ETIMEDOUT);
	from = now_ms();
	accelerators_free(&the.list);
	EXPECT_LT(now_ms() - from, 1500);
	script(H100);
	/* The library goes with the thread: a scan has to start it afresh. */
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(the.list.nr, 1);
	EXPECT_EQ(read_one(0, &reading), 0);
	teardown();
}
