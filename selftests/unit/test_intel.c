// SPDX-License-Identifier: GPL-2.0
/*
 * Back ends for Intel's NPUs and for its GPUs of several parts: whose clocks are told,
 * whose can be set, and what is put back.
 */
#include "accelerators.h"

#include <fcntl.h>
#include <sys/mman.h>

#define NPU	"sys/class/accel/accel0/device/"

static void npu_begin(const char *pci)
{
	char event[160];

	snprintf(event, sizeof(event),
		 "DRIVER=intel_vpu\nPCI_CLASS=120000\nPCI_ID=8086:%s\nPCI_SLOT_NAME=0000:00:0b.0\n",
		 pci);
	tree_file(NPU "uevent", event);
	tree_file(NPU "npu_busy_time_us", "1000\n");
}

TEST(an_npu_is_read_asleep_and_awake)
{
	struct backend_reading r;
	struct accelerator *acc;

	tree_begin(&sysfs);
	npu_begin("7D1D");
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
	npu_begin(pci);
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
	acc = npu("FD3E");
	ASSERT_TRUE(acc);
	EXPECT_STREQ(acc->model, "NPU (Wildcat Lake)");
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

#define XE	"sys/class/drm/card0/device/"

static void gt(const char *dir, const char *min, const char *max,
	       const char *rpn, const char *rp0)
{
	const struct {
		const char *name;
		const char *text;
	} files[] = {
		{ "min_freq", min }, { "max_freq", max }, { "rpn_freq", rpn },
		{ "rp0_freq", rp0 }, { "act_freq", min },
	};
	char path[160], text[32];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), XE "%sfreq0/%s", dir,
			 files[i].name);
		snprintf(text, sizeof(text), "%s\n", files[i].text);
		tree_file(path, text);
	}
}

/* Two tiles whose ends and limits differ, and a part for media that is slower. */
static struct accelerator *tiles(void)
{
	tree_begin(&sysfs);
	tree_file(XE "uevent",
		  "DRIVER=xe\nPCI_CLASS=30000\nPCI_ID=8086:0BD5\nPCI_SLOT_NAME=0000:03:00.0\n");
	tree_file(XE "power/runtime_status", "active\n");
	gt("tile0/gt0/", "900", "2100", "300", "2100");
	gt("tile0/gt1/", "500", "1500", "100", "1500");
	tree_file(XE "tile0/gt1/gtidle/name", "gt1-mc\n");
	gt("tile1/gt2/", "700", "1600", "400", "1800");
	scan();
	return list.nr == 1 ? list.item[0] : NULL;
}

static void expect_limits(const char *min0, const char *max0,
			  const char *min2, const char *max2)
{
	expect_file(XE "tile0/gt0/freq0/min_freq", min0);
	expect_file(XE "tile0/gt0/freq0/max_freq", max0);
	expect_file(XE "tile0/gt1/freq0/min_freq", "500");
	expect_file(XE "tile0/gt1/freq0/max_freq", "1500");
	expect_file(XE "tile1/gt2/freq0/min_freq", min2);
	expect_file(XE "tile1/gt2/freq0/max_freq", max2);
}

TEST(a_clock_is_what_all_tiles_take)
{
	struct backend_range *clock;
	struct accelerator *acc = tiles();
	char line[512];

	ASSERT_TRUE(acc);
	clock = &acc->actuator[BACKEND_CLOCK];
	EXPECT_EQ(clock->value.value, 1600000);
	EXPECT_EQ(clock->min.value, 400000);
	EXPECT_EQ(clock->max.value, 1800000);
	EXPECT_EQ(acc->clock_khz[0], 400000);
	EXPECT_EQ(acc->clock_khz[acc->nr_clocks - 1], 1800000);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 2100000), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 300000), -ERANGE);
	ASSERT_EQ(save(acc, line), 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 800000), 0);
	expect_limits("800", "800", "700", "800");
	/* As a later process finds it. */
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, line), 0);
	expect_limits("900", "2100", "700", "1600");
	finish();
}

/* Can be read, but not even root writes it. */
static void refuse(const char *name, const char *text)
{
	int fd = memfd_create("refuses", MFD_ALLOW_SEALING);
	char path[200], to[40];

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	tree_path(path, sizeof(path), name);
	unlink(path);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", fd);
	tree_link(name, to);
}

TEST(a_tile_that_refuses_leaves_each_as_it_was)
{
	struct accelerator *acc = tiles();

	ASSERT_TRUE(acc);
	gt("tile0/gt0/", "1200", "2100", "0300", "2100");
	gt("tile1/gt2/", "1100", "1600", "0400", "1800");
	refuse(XE "tile1/gt2/freq0/max_freq", "1600\n");
	/* Out of the tree, into /proc. */
	sysfs.live = true;
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 1000000), -EPERM);
	expect_limits("1200", "2100", "1100", "1600");
	sysfs.live = false;
	finish();
}

TEST(tiles_without_a_common_clock_are_not_set)
{
	struct accelerator *acc = tiles();

	ASSERT_TRUE(acc);
	gt("tile1/gt2/", "2200", "2400", "2200", "2400");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_FALSE(acc->actuator[BACKEND_CLOCK].there);
	EXPECT_TRUE(strstr(acc->actuator[BACKEND_CLOCK].why, "in common"));
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 2100000), -EOPNOTSUPP);
	finish();
}
