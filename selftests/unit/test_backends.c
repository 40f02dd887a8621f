// SPDX-License-Identifier: GPL-2.0
/*
 * Back ends that read files, from end to end: found in trees of several shapes, read,
 * set and put back, left asleep, and fed with files that are malformed, cut short or
 * padded.
 */
#include "accelerators.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "backends/runtime.h"
#include "unit.h"

/* A card below the class, and what every kind of them has. */
#define CARD	"sys/class/drm/card0/"
#define DEV	CARD "device/"
#define HWMON	DEV "hwmon/hwmon3/"

static void card(const char *driver, const char *pci)
{
	char event[160];

	snprintf(event, sizeof(event),
		 "DRIVER=%s\nPCI_CLASS=30000\nPCI_ID=%s\nPCI_SLOT_NAME=0000:03:00.0\n",
		 driver, pci);
	tree_file(DEV "uevent", event);
	tree_file(DEV "power/runtime_status", "active\n");
	tree_file(DEV "power/control", "auto\n");
	tree_file(DEV "power/autosuspend_delay_ms", "5000\n");
}

static void amd_card(void)
{
	card("amdgpu", "1002:67DF");
	tree_file(DEV "pp_dpm_sclk",
		  "0: 300Mhz\n1: 600Mhz\n2: 900Mhz *\n3: 1366Mhz\n");
	tree_file(DEV "pp_dpm_mclk", "0: 300Mhz\n1: 1750Mhz *\n");
	tree_file(DEV "power_dpm_force_performance_level", "auto\n");
	tree_file(DEV "gpu_busy_percent", "11\n");
	tree_file(DEV "mem_busy_percent", "2\n");
	tree_file(HWMON "name", "amdgpu\n");
	tree_file(HWMON "power1_average", "41045000\n");
	tree_file(HWMON "power1_cap", "155000000\n");
	tree_file(HWMON "power1_cap_min", "50000000\n");
	tree_file(HWMON "power1_cap_max", "201000000\n");
	tree_file(HWMON "freq1_label", "sclk\n");
	tree_file(HWMON "freq1_input", "798080000\n");
	tree_file(HWMON "temp1_input", "50000\n");
	tree_file(HWMON "temp2_input", "60000\n");
	tree_file(HWMON "temp2_label", "mem\n");
}

static void xe_card(void)
{
	card("xe", "8086:E20B");
	tree_file(DEV "tile0/gt0/freq0/act_freq", "400\n");
	tree_file(DEV "tile0/gt0/freq0/min_freq", "1100\n");
	tree_file(DEV "tile0/gt0/freq0/max_freq", "2850\n");
	tree_file(DEV "tile0/gt0/freq0/rp0_freq", "2850\n");
	tree_file(DEV "tile0/gt0/freq0/rpn_freq", "400\n");
	tree_file(DEV "tile0/gt0/gtidle/name", "gt0-rc\n");
	tree_file(DEV "tile0/gt0/gtidle/idle_residency_ms", "1000\n");
	tree_file(DEV "tile0/gt0/freq0/throttle/status", "1\n");
	tree_file(DEV "tile0/gt0/freq0/throttle/reason_pl1", "1\n");
	tree_file(DEV "tile0/gt0/freq0/throttle/reason_ratl", "0\n");
	tree_file(DEV "tile0/gt1/freq0/max_freq", "1500\n");
	tree_file(DEV "tile0/gt1/gtidle/name", "gt1-mc\n");
	tree_file(HWMON "name", "xe\n");
	tree_file(HWMON "energy1_input", "0\n");
	tree_file(HWMON "energy2_input", "5000000\n");
	tree_file(HWMON "power1_max", "190000000\n");
}

TEST(amdgpu_is_read)
{
	struct accelerator *acc;
	struct backend_reading r;

	tree_begin(&sysfs);
	amd_card();
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_STREQ(acc->name, "amdgpu-0000:03:00.0");
	EXPECT_STREQ(acc->pci, "1002:67df");
	EXPECT_STREQ(acc->vendor, "AMD");
	EXPECT_EQ(acc->nr_clocks, 4);
	EXPECT_EQ(acc->clock_khz[3], 1366000);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].value.value, 1366000);
	EXPECT_EQ(acc->actuator[BACKEND_CAP].value.value, 155000);
	EXPECT_EQ(acc->actuator[BACKEND_AUTOSUSPEND].value.value, 5000);
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_EQ(r.sample.window_ns, 0);
	EXPECT_EQ(r.sample.val[ACCELGOV_SIG_BUSY], 110);
	EXPECT_EQ(r.sample.val[ACCELGOV_SIG_MEMORY], 20);
	EXPECT_EQ(r.sample.val[ACCELGOV_SIG_CLOCK], 798080);
	EXPECT_EQ(r.sample.val[ACCELGOV_SIG_POWER], 41045);
	EXPECT_EQ(r.sensor[BACKEND_TEMPERATURE].value, 50000);
	EXPECT_FALSE(r.sample.valid & (1U << ACCELGOV_SIG_COMPUTE));
	EXPECT_TRUE(acc->signal_why[ACCELGOV_SIG_COMPUTE][0]);
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_GT(r.sample.window_ns, 0);
	finish();
}

TEST(amdgpu_levels_are_set_and_put_back)
{
	struct accelerator *acc;
	char line[512];

	tree_begin(&sysfs);
	amd_card();
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	ASSERT_EQ(save(acc, line), 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 899999), 0);
	expect_file(DEV "power_dpm_force_performance_level", "manual");
	expect_file(DEV "pp_dpm_sclk", "0 1");
	tree_file(DEV "pp_dpm_sclk",
		  "0: 300Mhz\n1: 600Mhz *\n2: 900Mhz\n3: 1366Mhz\n");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].value.value, 600000);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 299999), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 1366001), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CAP, 201001), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CAP, 49999), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_PROFILE, 1), -EOPNOTSUPP);
	expect_file(HWMON "power1_cap", "155000000");
	EXPECT_EQ(set(acc, BACKEND_CAP, 100000), 0);
	expect_file(HWMON "power1_cap", "100000000");
	EXPECT_EQ(set(acc, BACKEND_MEM, 300000), 0);
	expect_file(DEV "pp_dpm_mclk", "0");
	tree_file(DEV "pp_dpm_mclk", "0: 300Mhz *\n1: 1750Mhz\n");
	EXPECT_EQ(set(acc, BACKEND_AUTOSUSPEND, 100), 0);
	expect_file(DEV "power/autosuspend_delay_ms", "100");
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, line), 0);
	expect_file(DEV "power_dpm_force_performance_level", "auto");
	expect_file(DEV "pp_dpm_sclk", "0 1 2 3");
	expect_file(DEV "pp_dpm_mclk", "0 1");
	expect_file(HWMON "power1_cap", "155000000");
	expect_file(DEV "power/autosuspend_delay_ms", "5000");
	finish();
}

/* A file keeps the last line that was written: in the driver it is a command. */
TEST(amdgpu_overdrive_never_goes_above_what_was_found)
{
	struct accelerator *acc;

	tree_begin(&sysfs);
	amd_card();
	tree_file(DEV "pp_od_clk_voltage",
		  "OD_SCLK:\n0: 500Mhz\n1: 2660Mhz\n\0\0OD_RANGE:\nSCLK:     500Mhz       5000Mhz\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	/* Cut by the NUL bytes there is no range: levels it is. */
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].max.value, 1366000);
	tree_file(DEV "pp_od_clk_voltage",
		  "OD_SCLK:\n0: 500Mhz\n1: 2660Mhz\nOD_RANGE:\nSCLK:     500Mhz       5000Mhz\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].min.value, 500000);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].max.value, 2660000);
	EXPECT_EQ(acc->clock_khz[0], 500000);
	EXPECT_EQ(acc->clock_khz[acc->nr_clocks - 1], 2660000);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 2661000), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 1500000), 0);
	expect_file(DEV "pp_od_clk_voltage", "c");
	/* What the driver shows then; the upper end of the range stays known. */
	tree_file(DEV "pp_od_clk_voltage",
		  "OD_SCLK:\n0: 500Mhz\n1: 1500Mhz\nOD_RANGE:\nSCLK:     500Mhz       5000Mhz\n");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].value.value, 1500000);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].max.value, 2660000);
	finish();
}

TEST(xe_is_read_and_set)
{
	struct accelerator *acc;
	struct backend_reading r;
	char line[512];

	tree_begin(&sysfs);
	xe_card();
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_FALSE(r.sample.valid & (1U << ACCELGOV_SIG_BUSY));
	EXPECT_EQ(r.sensor[BACKEND_ENERGY].value, 5000000);
	EXPECT_EQ(r.sensor[BACKEND_THROTTLE].value, BACKEND_THROTTLE_POWER);
	usleep(20000);
	tree_file(HWMON "energy2_input", "5500000\n");
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_TRUE(r.sample.amount & (1U << ACCELGOV_SIG_POWER));
	EXPECT_EQ(r.sample.val[ACCELGOV_SIG_POWER], 500000);
	/* It did not sleep meanwhile. */
	EXPECT_EQ(sample_rate(&r.sample, ACCELGOV_SIG_BUSY).value, 1000);
	/* A counter that starts anew tells nothing of this window. */
	tree_file(HWMON "energy2_input", "7\n");
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_FALSE(r.sample.valid & (1U << ACCELGOV_SIG_POWER));
	ASSERT_EQ(save(acc, line), 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), 0);
	expect_file(DEV "tile0/gt0/freq0/max_freq", "600");
	expect_file(DEV "tile0/gt0/freq0/min_freq", "600");
	expect_file(DEV "tile0/gt1/freq0/max_freq", "1500");
	EXPECT_EQ(set(acc, BACKEND_CAP, 0), -ERANGE);
	EXPECT_EQ(set(acc, BACKEND_CAP, 120000), 0);
	expect_file(HWMON "power1_max", "120000000");
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, line), 0);
	expect_file(DEV "tile0/gt0/freq0/max_freq", "2850");
	expect_file(DEV "tile0/gt0/freq0/min_freq", "1100");
	expect_file(HWMON "power1_max", "190000000");
	finish();
}

TEST(i915_has_its_files_in_two_places)
{
	tree_begin(&sysfs);
	card("i915", "8086:9A49");
	tree_file(CARD "gt_act_freq_mhz", "0\n");
	tree_file(CARD "gt_min_freq_mhz", "100\n");
	tree_file(CARD "gt_max_freq_mhz", "1300\n");
	tree_file(CARD "gt_RP0_freq_mhz", "1300\n");
	tree_file(CARD "gt_RPn_freq_mhz", "100\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	EXPECT_EQ(list.item[0]->actuator[BACKEND_CLOCK].max.value, 1300000);
	EXPECT_FALSE(rate(list.item[0], ACCELGOV_SIG_CLOCK).known);
	EXPECT_TRUE(strstr(list.item[0]->signal_why[ACCELGOV_SIG_CLOCK],
			   "powered down"));
	tree_file(CARD "gt/gt0/rps_max_freq_mhz", "2450\n");
	tree_file(CARD "gt/gt0/rps_act_freq_mhz", "600\n");
	tree_file(CARD "gt/gt0/rps_RP0_freq_mhz", "2450\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	EXPECT_EQ(list.item[0]->actuator[BACKEND_CLOCK].max.value, 2450000);
	EXPECT_EQ(rate(list.item[0], ACCELGOV_SIG_CLOCK).value, 600000);
	finish();
}

#define GAUDI	"sys/class/accel/accel0/"

TEST(gaudi_takes_clock_and_limit)
{
	struct accelerator *acc;
	char line[512];

	tree_begin(&sysfs);
	tree_file(GAUDI "device/uevent",
		  "DRIVER=habanalabs\nPCI_CLASS=120000\nPCI_ID=1DA3:1020\nPCI_SLOT_NAME=0000:4d:00.0\n");
	tree_file(GAUDI "clk_max_freq_mhz", "1650\n");
	tree_file(GAUDI "clk_cur_freq_mhz", "200\n");
	tree_file(GAUDI "max_power", "600000\n");
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_STREQ(acc->model, "HL-225 (Gaudi2)");
	EXPECT_EQ(rate(acc, ACCELGOV_SIG_CLOCK).value, 200000);
	ASSERT_EQ(save(acc, line), 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 1200000), 0);
	EXPECT_EQ(set(acc, BACKEND_CAP, 450000), 0);
	expect_file(GAUDI "clk_max_freq_mhz", "1200");
	expect_file(GAUDI "max_power", "450000");
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, line), 0);
	expect_file(GAUDI "clk_max_freq_mhz", "1650");
	expect_file(GAUDI "max_power", "600000");
	finish();
}

TEST(a_sleeping_gpu_is_left_alone)
{
	struct accelerator *acc;
	struct backend_reading r;
	char line[512];

	tree_begin(&sysfs);
	amd_card();
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	tree_file(DEV "power/runtime_status", "suspended\n");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_TRUE(acc->asleep);
	EXPECT_EQ(acc->signals, 0);
	EXPECT_TRUE(strstr(acc->signal_why[ACCELGOV_SIG_POWER], "wake"));
	EXPECT_FALSE(acc->actuator[BACKEND_CLOCK].value.known);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].max.value, 1366000);
	ASSERT_EQ(acc->backend->read(&sysfs, acc, &r), 0);
	EXPECT_EQ(r.sample.valid, 0);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), -EAGAIN);
	EXPECT_EQ(set(acc, BACKEND_CAP, 100000), -EAGAIN);
	EXPECT_EQ(save(acc, line), -EAGAIN);
	expect_file(DEV "power_dpm_force_performance_level", "auto");
	EXPECT_EQ(set(acc, BACKEND_AUTOSUSPEND, 10), 0);
	/* Found asleep, it is listed, and known when it wakes. */
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	EXPECT_EQ(acc->signals, 0);
	tree_file(DEV "power/runtime_status", "active\n");
	ASSERT_EQ(acc->backend->refresh(&sysfs, acc), 0);
	EXPECT_EQ(rate(acc, ACCELGOV_SIG_POWER).value, 41045);
	finish();
}

/* A process that is called @name. Its files go with it, as those of a device do. */
static pid_t begin_process(const char *name)
{
	int there[2];
	char byte = 0;
	pid_t pid;

	if (!EXPECT_EQ(pipe(there), 0))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(there[1], &byte, 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	EXPECT_EQ(read(there[0], &byte, 1), 1);
	close(there[0]);
	close(there[1]);
	return pid;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
}

static void status_is_of(pid_t pid)
{
	char path[160], to[32];

	snprintf(path, sizeof(path), "%s/device/power/runtime_status", tree_root);
	snprintf(to, sizeof(to), "/proc/%d/comm", pid);
	unlink(path);
	tree_link("device/power/runtime_status", to);
}

TEST(a_status_is_watched_over_removal)
{
	struct runtime_watch watch = { .fd = -1 };
	pid_t pid;

	tree_begin(&sysfs);
	/* Out of the tree, into /proc. */
	sysfs.live = true;
	pid = begin_process("suspended");
	status_is_of(pid);
	EXPECT_TRUE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	EXPECT_TRUE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	end_process(pid);
	pid = begin_process("active");
	status_is_of(pid);
	EXPECT_FALSE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	EXPECT_GE(watch.fd, 0);
	end_process(pid);
	pid = begin_process("suspending");
	status_is_of(pid);
	EXPECT_TRUE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	/* Gone for good: nothing is known, and it is not looked for each time. */
	end_process(pid);
	EXPECT_FALSE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	EXPECT_EQ(watch.fd, -1);
	EXPECT_GT(watch.retry_ns, 0);
	pid = begin_process("suspended");
	status_is_of(pid);
	EXPECT_FALSE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	watch.retry_ns = 0;
	EXPECT_TRUE(runtime_watch_asleep(&watch, &sysfs, "device/"));
	end_process(pid);
	runtime_watch_end(&watch);
	tree_end(&sysfs);
}

/* What the reading of a file gives, and that the reason names the file. */
static void expect_busy(const char *bytes, size_t len, int64_t want)
{
	struct accelerator *acc;
	struct reading r;

	tree_bytes(DEV "gpu_busy_percent", bytes, len);
	scan();
	acc = list.item[0];
	r = rate(acc, ACCELGOV_SIG_BUSY);
	EXPECT_EQ(r.known, want >= 0);
	EXPECT_EQ(r.value, want >= 0 ? want : 0);
	if (want < 0)
		EXPECT_TRUE(strstr(acc->signal_why[ACCELGOV_SIG_BUSY],
				   "gpu_busy_percent"));
}

TEST(files_that_are_not_what_they_should_be)
{
	static char page[4096] = "42\n", huge[20000];

	tree_begin(&sysfs);
	amd_card();
	expect_busy("42\n", 3, 420);
	expect_busy(page, sizeof(page), 420);
	expect_busy("42", 2, 420);
	expect_busy("", 0, -1);
	expect_busy("\n", 1, -1);
	expect_busy(page + 100, 500, -1);
	expect_busy("4\0002\n", 4, -1);
	expect_busy("101\n", 4, -1);
	expect_busy("-1\n", 3, -1);
	expect_busy("42 %\n", 5, -1);
	expect_busy("fast\n", 5, -1);
	expect_busy("99999999999999999999999\n", 24, -1);
	memset(huge, '1', sizeof(huge));
	expect_busy(huge, sizeof(huge), -1);
	tree_file(DEV "pp_dpm_sclk", "0: 300Mhz\n1: 60");
	tree_file(HWMON "power1_cap", "lots\n");
	scan();
	EXPECT_FALSE(list.item[0]->actuator[BACKEND_CLOCK].there);
	EXPECT_TRUE(strstr(list.item[0]->actuator[BACKEND_CLOCK].why,
			   "pp_dpm_sclk"));
	EXPECT_FALSE(list.item[0]->actuator[BACKEND_CAP].value.known);
	EXPECT_TRUE(strstr(list.item[0]->actuator[BACKEND_CAP].why,
			   "power1_cap"));
	finish();
}

TEST(a_table_that_is_cut_is_told)
{
	static const unsigned char head[8] = { 120, 0, 1, 3 };
	char path[200];

	tree_begin(&sysfs);
	amd_card();
	tree_path(path, sizeof(path), DEV "mem_busy_percent");
	unlink(path);
	tree_bytes(DEV "gpu_metrics", head, sizeof(head));
	scan();
	ASSERT_EQ(list.nr, 1);
	EXPECT_FALSE(list.item[0]->signals & (1U << ACCELGOV_SIG_MEMORY));
	EXPECT_TRUE(strstr(list.item[0]->signal_why[ACCELGOV_SIG_MEMORY],
			   "cut short"));
	finish();
}

static const char event[] =
	"DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:744C\nPCI_SLOT_NAME=0000:03:00.0\n";

static void expect_found(const char *dir)
{
	char path[200];

	tree_begin(&sysfs);
	snprintf(path, sizeof(path), "%suevent", dir);
	tree_file(path, event);
	snprintf(path, sizeof(path), "%sgpu_busy_percent", dir);
	tree_file(path, "7\n");
	scan();
	EXPECT_EQ(list.nr, 1);
	if (list.nr != 1)
		unit_note("not found in \"%s\"", dir);
	else
		EXPECT_EQ(rate(list.item[0], ACCELGOV_SIG_BUSY).value, 70);
	finish();
}

TEST(trees_of_any_shape)
{
	expect_found("sys/class/drm/card1/device/");
	expect_found("class/drm/card1/device/");
	expect_found("drm/card1/device/");
	expect_found("card1/device/");
	expect_found("device/");
	expect_found("");
	expect_found("sys/bus/pci/devices/0000:03:00.0/");
	expect_found("sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0/");
	expect_found("some/host/sys/devices/pci0000:00/0000:03:00.0/");
}

/* The card's link, the bus' link and the device itself are one device. */
TEST(one_device_is_listed_once)
{
	tree_begin(&sysfs);
	tree_file("sys/devices/pci0000:00/0000:03:00.0/uevent", event);
	tree_file("sys/devices/pci0000:00/0000:03:00.0/class", "0x030000\n");
	tree_file("sys/devices/pci0000:00/0000:03:00.0/devfreq/gpu0/governor",
		  "accelgov\n");
	tree_link("sys/class/drm/card0", "../../devices/pci0000:00/0000:03:00.0/drm/card0");
	tree_file("sys/devices/pci0000:00/0000:03:00.0/drm/card0/dev", "226:0\n");
	tree_link("sys/devices/pci0000:00/0000:03:00.0/drm/card0/device",
		  "../../../0000:03:00.0");
	tree_link("sys/bus/pci/devices/0000:03:00.0",
		  "../../../devices/pci0000:00/0000:03:00.0");
	tree_link("sys/class/drm/card1", "/nowhere/else");
	scan();
	ASSERT_EQ(list.nr, 1);
	EXPECT_STREQ(list.item[0]->bus, "0000:03:00.0");
	EXPECT_STREQ(list.item[0]->devfreq, "gpu0");
	finish();
}

/* Who wrote no uevent down: files that only one driver has tell. */
TEST(a_device_without_a_uevent)
{
	tree_begin(&sysfs);
	tree_file("card0/device/pp_dpm_sclk", "0: 300Mhz\n1: 900Mhz *\n");
	tree_file("card1/device/tile0/gt0/freq0/max_freq", "1300\n");
	scan();
	ASSERT_EQ(list.nr, 2);
	EXPECT_STREQ(list.item[0]->driver, "amdgpu");
	EXPECT_STREQ(list.item[1]->driver, "xe");
	EXPECT_EQ(rate(list.item[0], ACCELGOV_SIG_CLOCK).value, 900000);
	finish();
}

TEST(nvidia_is_seen_without_its_library)
{
	tree_begin(&sysfs);
	tree_file("sys/bus/pci/devices/0000:3b:00.0/class", "0x030200\n");
	tree_file("sys/bus/pci/devices/0000:3b:00.0/vendor", "0x10de\n");
	tree_file("sys/bus/pci/devices/0000:3b:00.0/device", "0x2330\n");
	tree_file("sys/bus/pci/devices/0000:00:1f.0/class", "0x060100\n");
	tree_file("sys/bus/pci/devices/0000:00:1f.0/vendor", "0x8086\n");
	tree_file("proc/driver/nvidia/gpus/0000:5e:00.0/information",
		  "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 30\nGPU UUID: \t GPU-1234\n");
	scan();
	ASSERT_EQ(list.nr, 2);
	EXPECT_STREQ(list.item[0]->name, "nvidia-0000:3b:00.0");
	EXPECT_STREQ(list.item[0]->model, "H100 SXM5 80GB");
	EXPECT_TRUE(strstr(list.item[0]->signal_why[0], "no driver is bound"));
	EXPECT_STREQ(list.item[1]->model, "NVIDIA H100 80GB HBM3");
	EXPECT_STREQ(list.item[1]->uuid, "GPU-1234");
	EXPECT_TRUE(strstr(list.item[1]->signal_why[0], "NVML"));
	EXPECT_EQ(list.item[1]->signals, 0);
	finish();
}

TEST(a_device_that_goes_is_gone)
{
	struct backend_reading r = { .sample.window_ns = 77 };
	struct accelerator *acc;
	char from[200], to[200];

	tree_begin(&sysfs);
	amd_card();
	scan();
	ASSERT_EQ(list.nr, 1);
	acc = list.item[0];
	snprintf(from, sizeof(from), "%s/sys", tree_root);
	snprintf(to, sizeof(to), "%s/away", tree_root);
	ASSERT_EQ(rename(from, to), 0);
	EXPECT_EQ(acc->backend->read(&sysfs, acc, &r), -ENODEV);
	EXPECT_EQ(r.sample.window_ns, 77);
	EXPECT_EQ(acc->backend->refresh(&sysfs, acc), -ENODEV);
	EXPECT_EQ(set(acc, BACKEND_CLOCK, 600000), -ENODEV);
	EXPECT_EQ(acc->backend->restore(&sysfs, acc, "level=auto"), -ENODEV);
	finish();
}
