// SPDX-License-Identifier: GPL-2.0
/*
 * Devices, their PMUs, the record of changes and the kernel's events.
 */
#include "tree.h"
#include <errno.h>
#include "device.h"
#include "pmu.h"
#include "state.h"
#include "uevent.h"
#include "unit.h"

#define PARENT	"sys/devices/platform/chip.0/"
#define DEV	PARENT "devfreq/chip.0/"
#define PMU	PARENT "chip_0/"

static void make_device(void)
{
	tree_file(DEV "governor", "accelgov\n");
	tree_file(DEV "available_governors", "accelgov simple_ondemand\n");
	tree_file(DEV "available_frequencies", "1410000000 210000000 900000000\n");
	tree_file(DEV "cur_freq", "900000000\n");
	tree_file(DEV "target_freq", "210000000\n");
	tree_file(DEV "min_freq", "210000000\n");
	tree_file(DEV "max_freq", "1410000000\n");
	tree_file(PARENT "power/runtime_status", "active\n");
	tree_file(PARENT "power/autosuspend_delay_ms", "2000\n");
	tree_file(PARENT "hwmon/hwmon3/power1_average", "150000000\n");
	tree_file(PARENT "hwmon/hwmon3/power1_cap", "400000000\n");
	tree_link(DEV "device", "../../../chip.0");
	tree_link("sys/class/devfreq/chip.0",
		  "../../devices/platform/chip.0/devfreq/chip.0");
}

static void make_pmu(void)
{
	tree_file(PMU "type", "23\n");
	tree_file(PMU "cpumask", "3\n");
	tree_file(PMU "format/event", "config:0-7\n");
	tree_file(PMU "format/unit", "config1:4-5,60\n");
	tree_file(PMU "events/busy", "event=0x01\n");
	tree_link(PMU "subsystem", "../../../../bus/event_source");
	tree_link("sys/bus/event_source/devices/chip_0",
		  "../../../devices/platform/chip.0/chip_0");
}

TEST(a_device_is_read)
{
	struct sysfs sysfs;
	struct device dev;

	tree_begin(&sysfs);
	make_device();
	make_pmu();
	ASSERT_EQ(device_load(&sysfs, "chip.0", &dev), 0);
	EXPECT_STREQ(dev.governor, "accelgov");
	EXPECT_EQ(dev.nr_freqs, 3);
	EXPECT_EQ(dev.freq_hz[0], 210000000);
	EXPECT_EQ(dev.freq_hz[2], 1410000000);
	EXPECT_EQ(dev.cur_freq_hz.value, 900000000);
	EXPECT_STREQ(dev.pmu, "chip_0");
	EXPECT_EQ(dev.power_uw.value, 150000000);
	EXPECT_EQ(dev.cap_uw.value, 400000000);
	EXPECT_FALSE(dev.cap_min_uw.known);
	EXPECT_FALSE(dev.energy_uj.known);
	EXPECT_EQ(dev.autosuspend_ms.value, 2000);
	EXPECT_FALSE(dev.asleep);
	EXPECT_FALSE(dev.governed);
	tree_file(DEV "accelgov/push_token", "1024\n");
	ASSERT_EQ(device_load(&sysfs, "chip.0", &dev), 0);
	EXPECT_TRUE(dev.governed);
	tree_end(&sysfs);
}

/* cur_freq and hwmon may ask the hardware. */
TEST(a_sleeping_device_is_left_asleep)
{
	struct sysfs sysfs;
	struct device dev;

	tree_begin(&sysfs);
	make_device();
	tree_file(PARENT "power/runtime_status", "suspended\n");
	ASSERT_EQ(device_load(&sysfs, "chip.0", &dev), 0);
	EXPECT_TRUE(dev.asleep);
	EXPECT_FALSE(dev.power_uw.known);
	EXPECT_FALSE(dev.cap_uw.known);
	EXPECT_EQ(dev.cur_freq_hz.value, 210000000);
	tree_end(&sysfs);
}

TEST(a_bare_device_has_unknowns)
{
	struct governed governed;
	struct sysfs sysfs;
	struct device dev;

	tree_begin(&sysfs);
	tree_file("sys/class/devfreq/x/governor", "userspace\n");
	ASSERT_EQ(device_load(&sysfs, "x", &dev), 0);
	EXPECT_EQ(dev.nr_freqs, 0);
	EXPECT_FALSE(dev.cur_freq_hz.known);
	EXPECT_STREQ(dev.pmu, "");
	EXPECT_STREQ(dev.runtime_status, "");
	device_load_governed(&sysfs, "x", &governed);
	EXPECT_FALSE(governed.energy_uj.known);
	EXPECT_STREQ(governed.phase, "");
	EXPECT_EQ(device_load(&sysfs, "y", &dev), -ENODEV);
	EXPECT_EQ(device_load(&sysfs, "../devfreq/x", &dev), -ENODEV);
	EXPECT_EQ(device_load(&sysfs, "", &dev), -ENODEV);
	tree_end(&sysfs);
}

TEST(pmu_events_are_encoded_by_their_format)
{
	struct sysfs sysfs;
	struct pmu pmu;

	tree_begin(&sysfs);
	make_pmu();
	tree_file(PMU "events/memory", "event=0x3,unit=0x5\n");
	tree_file(PMU "events/cycles", "config=0x107,config2=0x1\n");
	tree_file(PMU "events/link", "unit\n");
	ASSERT_EQ(pmu_load(&sysfs, "chip_0", &pmu), 0);
	EXPECT_EQ(pmu.type, 23);
	EXPECT_EQ(pmu.cpu, 3);
	EXPECT_EQ(pmu.signals, 1 << ACCELGOV_SIG_BUSY |
		  1 << ACCELGOV_SIG_MEMORY | 1 << ACCELGOV_SIG_LINK |
		  1 << ACCELGOV_SIG_CLOCK);
	EXPECT_EQ(pmu.odd, 0);
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_BUSY].config, 1);
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_MEMORY].config, 3);
	/* Bits 0 and 2 of the value go to bits 4 and 60. */
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_MEMORY].config1, 1ULL << 60 | 1 << 4);
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_LINK].config1, 1 << 4);
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_CLOCK].config, 0x107);
	EXPECT_EQ(pmu.event[ACCELGOV_SIG_CLOCK].config2, 1);
	tree_end(&sysfs);
}

TEST(a_counter_in_another_unit_is_left_alone)
{
	struct sysfs sysfs;
	struct pmu pmu;

	tree_begin(&sysfs);
	make_pmu();
	tree_file(PMU "events/energy", "event=0x8\n");
	tree_file(PMU "events/energy.unit", "Joules\n");
	tree_file(PMU "events/energy.scale", "2.3283064365386962890625e-10\n");
	tree_file(PMU "events/busy.unit", "ns\n");
	tree_file(PMU "events/memory", "event=0x3\n");
	tree_file(PMU "events/memory.unit", "bytes\n");
	tree_file(PMU "events/queue", "event=0x300\n");
	tree_file(PMU "events/host", "colour=3\n");
	tree_file(PMU "events/link", "event=\n");
	ASSERT_EQ(pmu_load(&sysfs, "chip_0", &pmu), 0);
	EXPECT_EQ(pmu.signals, 1 << ACCELGOV_SIG_BUSY);
	EXPECT_EQ(pmu.odd, 1 << ACCELGOV_SIG_POWER | 1 << ACCELGOV_SIG_MEMORY |
		  1 << ACCELGOV_SIG_QUEUE | 1 << ACCELGOV_SIG_HOST |
		  1 << ACCELGOV_SIG_LINK);
	tree_file(PMU "events/energy.scale", "1e-6\n");
	ASSERT_EQ(pmu_load(&sysfs, "chip_0", &pmu), 0);
	EXPECT_TRUE(pmu.signals & 1 << ACCELGOV_SIG_POWER);
	tree_end(&sysfs);
}

static void make_state(struct state *state, struct state_device *dev)
{
	*dev = (struct state_device){ .name = "chip.0", .leased = true,
				      .governor_was = "simple_ondemand",
				      .governor_now = "accelgov",
				      .nr_knobs = 2 };
	dev->knob[0] = (struct state_knob){ "accelgov/power_cap_uw", "0",
					    "350000000" };
	dev->knob[1] = (struct state_knob){ "accelgov/idle/enable", "1", "0" };
	*state = (struct state){ .pid = getpid(), .device = dev,
				 .start_time = process_start_time(getpid()),
				 .nr_devices = 1 };
}

TEST(the_record_survives_a_round_trip)
{
	struct state_device dev;
	struct state state, got;
	struct sysfs sysfs;
	char path[96];

	tree_begin(&sysfs);
	snprintf(path, sizeof(path), "%s/state.json", tree_root);
	make_state(&state, &dev);
	EXPECT_EQ(state_load(path, &got), -ENOENT);
	ASSERT_EQ(state_save(&state, path), 0);
	ASSERT_EQ(state_load(path, &got), 0);
	EXPECT_EQ(got.pid, getpid());
	EXPECT_TRUE(state_owner_alive(&got));
	EXPECT_EQ(got.nr_devices, 1);
	EXPECT_STREQ(got.device[0].governor_was, "simple_ondemand");
	EXPECT_TRUE(got.device[0].leased);
	EXPECT_EQ(got.device[0].nr_knobs, 2);
	EXPECT_STREQ(got.device[0].knob[1].attr, "accelgov/idle/enable");
	got.start_time++;
	EXPECT_FALSE(state_owner_alive(&got));
	state_free(&got);
	tree_end(&sysfs);
}

/* Root writes where the record says: it must not say just anything. */
TEST(a_damaged_record_is_refused)
{
	static const char *const bad[] = {
		"", "{", "[]", "{\"schema\":1}",
		"{\"schema\":2,\"pid\":1,\"start_time\":1,\"devices\":[]}",
		"{\"schema\":1,\"pid\":1,\"start_time\":1,\"devices\":{}}",
		"{\"schema\":1,\"pid\":1,\"start_time\":1,\"devices\":[{}]}",
		"{\"schema\":1,\"pid\":1,\"start_time\":1,\"devices\":[{\"name\":\"../x\",\"governor_was\":\"\",\"governor_now\":\"\",\"leased\":true,\"knobs\":[]}]}",
		"{\"schema\":1,\"pid\":1,\"start_time\":1,\"devices\":[{\"name\":\"x\",\"governor_was\":\"\",\"governor_now\":\"\",\"leased\":true,\"knobs\":[{\"attr\":\"accelgov/../../../etc/passwd\",\"was\":\"a\",\"now\":\"b\"}]}]}",
		"{\"schema\":1,\"pid\":1,\"start_time\":1,\"devices\":[{\"name\":\"x\",\"governor_was\":\"\",\"governor_now\":\"\",\"leased\":true,\"knobs\":[{\"attr\":\"device/uevent\",\"was\":\"a\",\"now\":\"b\"}]}]}",
	};
	struct sysfs sysfs;
	struct state got;
	char path[96];
	size_t i;

	tree_begin(&sysfs);
	snprintf(path, sizeof(path), "%s/state.json", tree_root);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tree_file("state.json", bad[i]);
		if (state_load(path, &got) != -EBADMSG)
			unit_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	}
	tree_end(&sysfs);
}

struct tally {
	int done;
	int foreign;
	int gone;
};

static void on_undone(void *arg, const char *device, const char *attr,
		      const char *was, enum undo_result result, int error)
{
	struct tally *tally = arg;

	tally->done += result == UNDO_DONE;
	tally->foreign += result == UNDO_FOREIGN;
	tally->gone += result == UNDO_GONE;
}

static void expect_file(struct sysfs *sysfs, const char *path,
			const char *want)
{
	char buf[64] = "(none)";

	sysfs_read(sysfs, buf, sizeof(buf), "%s", path);
	EXPECT_STREQ(buf, want);
}

TEST(undo_leaves_what_others_changed)
{
	struct state_device dev;
	struct tally tally = { 0 };
	struct state state;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	make_device();
	make_state(&state, &dev);
	tree_file(DEV "accelgov/lease_ms", "1234\n");
	tree_file(DEV "accelgov/power_cap_uw", "200000000\n");
	tree_file(DEV "accelgov/idle/enable", "0\n");
	EXPECT_EQ(state_undo_device(&sysfs, &dev, on_undone, &tally), 0);
	expect_file(&sysfs, DEV "accelgov/lease_ms", "0");
	expect_file(&sysfs, DEV "accelgov/power_cap_uw", "200000000");
	expect_file(&sysfs, DEV "accelgov/idle/enable", "1");
	expect_file(&sysfs, DEV "governor", "simple_ondemand");
	EXPECT_EQ(tally.done, 2);
	EXPECT_EQ(tally.foreign, 1);
	/* Once more: nothing is left to do. */
	tree_file(DEV "accelgov/power_cap_uw", "0\n");
	tally = (struct tally){ 0 };
	EXPECT_EQ(state_undo_device(&sysfs, &dev, on_undone, &tally), 0);
	EXPECT_EQ(tally.gone, 3);
	tree_end(&sysfs);
}

TEST(undo_survives_a_device_that_is_gone)
{
	struct state_device dev;
	struct tally tally = { 0 };
	struct state state;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	make_state(&state, &dev);
	EXPECT_EQ(state_undo_device(&sysfs, &dev, on_undone, &tally), 0);
	EXPECT_EQ(tally.gone, 3);
	tree_end(&sysfs);
}

TEST(events_are_picked_apart)
{
	static const char change[] =
		"change@/devices/platform/chip.0/devfreq/chip.0\0"
		"ACTION=change\0DEVPATH=/devices/platform/chip.0/devfreq/chip.0\0"
		"SUBSYSTEM=devfreq\0ACCELGOV_EVENT=lease-expired\0SEQNUM=77";
	static const char bare[] = "add@/x\0ACTION=add\0SUBSYSTEM=module\0DEVPATH=y";
	struct uevent event;
	size_t len;

	ASSERT_EQ(uevent_parse(change, sizeof(change), &event), 0);
	EXPECT_STREQ(event.action, "change");
	EXPECT_STREQ(event.subsystem, "devfreq");
	EXPECT_STREQ(event.name, "chip.0");
	EXPECT_STREQ(event.accelgov_event, "lease-expired");
	ASSERT_EQ(uevent_parse(bare, sizeof(bare), &event), 0);
	EXPECT_STREQ(event.name, "y");
	EXPECT_TRUE(!event.accelgov_event);
	EXPECT_EQ(uevent_parse("libudev\0\376\355", 11, &event), -EBADMSG);
	/* Cut anywhere: refused, or whole up to there. */
	for (len = 0; len < sizeof(change) - 1; len++) {
		char *copy = malloc(len + !len);

		memcpy(copy, change, len);
		if (len && copy[len - 1])
			EXPECT_EQ(uevent_parse(copy, len, &event), -EBADMSG);
		else
			uevent_parse(copy, len, &event);
		free(copy);
	}
}
