// SPDX-License-Identifier: GPL-2.0
/*
 * Back ends for Intel's NPUs and for its GPUs of several parts: whose clocks are told,
 * whose can be set, and what is put back.
 */
#include "accelerators.h"

#define NPU	"sys/class/accel/accel0/device/"

TEST(an_npu_is_read_asleep_and_awake)
{
	struct backend_reading r;
	struct accelerator *acc;

	tree_begin(&sysfs);
	tree_file(NPU "uevent",
		  "DRIVER=intel_vpu\nPCI_CLASS=120000\nPCI_ID=8086:7D1D\nPCI_SLOT_NAME=0000:00:0b.0\n");
	tree_file(NPU "npu_busy_time_us", "1000\n");
	tree_file(NPU "npu_current_frequency_mhz", "0\n");
	tree_file(NPU "npu_max_frequency_mhz", "1400\n");
	tree_file(NPU "npu_memory_utilization", "4096\n");
	tree_file(NPU "power/runtime_status", "suspended\n");
	tree_file(NPU "power/autosuspend_delay_ms", "100\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_STREQ(acc->model, "NPU (Meteor Lake)");
	EXPECT_TRUE(acc->asleep);
	EXPECT_TRUE(acc->signals & (1U << ACCELGOV_SIG_BUSY));
	EXPECT_FALSE(acc->signals & (1U << ACCELGOV_SIG_CLOCK));
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].there, false);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].max.value, 1400000);
	EXPECT_TRUE(strstr(acc->actuator[BACKEND_CLOCK].why, "Linux 7.2"));
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_EQ(r.sensor[BACKEND_MEM_USED].value, 4096);
	/* Not asked again within a second. */
	tree_file(NPU "npu_busy_time_us", "5000\n");
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_EQ(r.sample.window_ns, 0);
	EXPECT_FALSE(r.sample.valid & (1U << ACCELGOV_SIG_BUSY));
	EXPECT_EQ(set(acc, BACKEND_AUTOSUSPEND, 20), 0);
	expect_file(NPU "power/autosuspend_delay_ms", "20");
	finish();
}

static struct accelerator *npu(const char *pci)
{
	char event[160];

	snprintf(event, sizeof(event),
		 "DRIVER=intel_vpu\nPCI_CLASS=120000\nPCI_ID=8086:%s\nPCI_SLOT_NAME=0000:00:0b.0\n",
		 pci);
	tree_file(NPU "uevent", event);
	tree_file(NPU "npu_busy_time_us", "1000\n");
	tree_file(NPU "freq/hw_min_freq", "300\n");
	tree_file(NPU "freq/hw_max_freq", "1400\n");
	tree_file(NPU "freq/current_freq", "850\n");
	tree_file(NPU "power/runtime_status", "active\n");
	scan();
	return list.nr == 1 ? list.item[0] : NULL;
}

TEST(an_npu_of_linux_7_2_tells_its_clocks)
{
	struct backend_range *clock;
	struct accelerator *acc;
	char line[512];

	tree_begin(&sysfs);
	acc = npu("643E");
	ASSERT_TRUE(acc);
	clock = &acc->actuator[BACKEND_CLOCK];
	EXPECT_EQ(rate(acc, ACCELGOV_SIG_CLOCK).value, 850000);
	EXPECT_EQ(clock->max.value, 1400000);
	EXPECT_FALSE(clock->there);
	EXPECT_TRUE(strstr(clock->why, "50XX"));
	EXPECT_EQ(acc->nr_clocks, 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), -EOPNOTSUPP);
	EXPECT_EQ(save(acc, line), 0);
	tree_file(NPU "freq/current_freq", "0\n");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_TRUE(strstr(acc->signal_why[ACCELGOV_SIG_CLOCK],
			   "freq/current_freq says 0"));
	finish();
}

TEST(an_npu_from_50xx_on_takes_a_clock)
{
	struct backend_range *clock;
	struct accelerator *acc;
	char line[512];

	tree_begin(&sysfs);
	tree_file(NPU "freq/set_min_freq", "900\n");
	tree_file(NPU "freq/set_max_freq", "1300\n");
	acc = npu("B03E");
	ASSERT_TRUE(acc);
	clock = &acc->actuator[BACKEND_CLOCK];
	EXPECT_TRUE(clock->there);
	EXPECT_TRUE(clock->writable);
	EXPECT_EQ(clock->value.value, 1300000);
	EXPECT_EQ(clock->min.value, 300000);
	EXPECT_EQ(acc->clock_khz[0], 300000);
	EXPECT_EQ(acc->clock_khz[acc->nr_clocks - 1], 1400000);
	ASSERT_EQ(save(acc, line), 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 299000), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), 0);
	expect_file(NPU "freq/set_max_freq", "600");
	/* The driver sees to that it is no higher. */
	expect_file(NPU "freq/set_min_freq", "900");
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, line), 0);
	expect_file(NPU "freq/set_max_freq", "1300");
	tree_file(NPU "power/runtime_status", "suspended\n");
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), -EAGAIN);
	expect_file(NPU "freq/set_max_freq", "1300");
	EXPECT_EQ(save(acc, line), 0);
	finish();
}
