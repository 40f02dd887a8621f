// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests: recorded NVIDIA GPUs, shown by the back end as nvidia-smi showed them
 *
 * selftests/fakes/nvml/from-smi.awk makes a script for the fake library from each
 * recording. What the back end says then is held against the recording itself, as
 * read by this file alone.
 */
#include <glob.h>

#include "nvml_fake.h"

#define CAPTURE_SIZE	(1 << 20)

/* Where one value stands: behind a line of text, or behind a tag of XML. */
struct place {
	const char *text_section;
	const char *text_key;
	const char *xml_section;
	const char *xml_key;
};

static char capture[CAPTURE_SIZE];

static const char *data_path(const char *file)
{
	const char *root = getenv("ACCELGOV_DATA");
	static char path[512];

	snprintf(path, sizeof(path), "%s/sysfs/%s", root ? root : "../shared/data", file);
	return path;
}

static bool xml(void)
{
	return !strncmp(capture, "<?xml", 5);
}

/* A recording of several commands is cut down to the one of a state. */
static bool load_capture(const char *path, const char *state)
{
	char heading[64], *from, *to;
	FILE *file = fopen(path, "r");
	size_t size;

	if (!EXPECT_TRUE(file))
		return false;
	size = fread(capture, 1, sizeof(capture) - 1, file);
	fclose(file);
	capture[size] = '\0';
	if (xml())
		return !strcmp(state, "idle");
	snprintf(heading, sizeof(heading), "# %s :: query (-q)\n", state);
	from = strstr(capture, heading);
	if (!EXPECT_TRUE(from))
		return false;
	from += strlen(heading);
	to = strstr(from, "\n# ");
	to = to ? strstr(to + 1, "\n# ") : NULL;
	to = to ? strstr(to + 1, "\n# ") : NULL;
	memmove(capture, from, to ? (size_t)(to - from) : strlen(from));
	capture[to ? (size_t)(to - from) : strlen(from)] = '\0';
	return true;
}

/* Text behind the place, NULL when there is none. */
static const char *value_at(const struct place *place)
{
	char text[96];
	const char *at;

	if (xml()) {
		snprintf(text, sizeof(text), "<%s>", place->xml_section);
		at = strstr(capture, text);
		snprintf(text, sizeof(text), "<%s>", place->xml_key);
		at = at ? strstr(at, text) : NULL;
		return at ? at + strlen(text) : NULL;
	}
	snprintf(text, sizeof(text), "\n    %s\n", place->text_section);
	at = strstr(capture, text);
	snprintf(text, sizeof(text), "        %s ", place->text_key);
	at = at ? strstr(at + 1, text) : NULL;
	at = at ? strchr(at, ':') : NULL;
	return at ? at + 2 : NULL;
}

/* The number there times @scale, -1 for none. */
static int64_t number_at(const struct place *place, int64_t scale)
{
	const char *at = value_at(place);
	double value;
	char *end;

	if (!at)
		return -1;
	value = strtod(at, &end);
	return end == at ? -1 : (int64_t)(value * scale + 0.5);
}

static void check_signals(const struct accelerator *acc,
			  const struct backend_reading *reading)
{
	static const struct place clock = { "Clocks", "SM", "clocks", "sm_clock" };
	static const struct place mem = { "Clocks", "Memory", "clocks", "mem_clock" };
	static const struct place temp = {
		"Temperature", "GPU Current Temp", "temperature", "gpu_temp"
	};
	static const struct place used = {
		"FB Memory Usage", "Used", "fb_memory_usage", "used"
	};
	static const struct place total = {
		"FB Memory Usage", "Total", "fb_memory_usage", "total"
	};
	static const struct place busy = { "Utilization", "GPU", "utilization", "gpu_util" };
	int64_t busy_permille = number_at(&busy, 10);

	EXPECT_EQ(signal_of(reading, ACCELGOV_SIG_CLOCK), number_at(&clock, 1000));
	EXPECT_EQ(sensor_of(reading, BACKEND_MEM_CLOCK), number_at(&mem, 1000));
	EXPECT_EQ(sensor_of(reading, BACKEND_TEMPERATURE), number_at(&temp, 1000));
	EXPECT_EQ(sensor_of(reading, BACKEND_MEM_USED), number_at(&used, 1 << 20));
	EXPECT_EQ(sensor_of(reading, BACKEND_MEM_TOTAL), number_at(&total, 1 << 20));
	/* Hopper's come from GPM, of which recordings hold nothing. */
	if (!strstr(acc->model, "H100"))
		EXPECT_EQ(signal_of(reading, ACCELGOV_SIG_BUSY), busy_permille);
}

static int64_t draw(void)
{
	static const struct place instant[] = {
		{ "GPU Power Readings", "Instantaneous Power Draw", "gpu_power_readings",
		  "instant_power_draw" },
		{ "GPU Power Readings", "Average Power Draw", "gpu_power_readings",
		  "average_power_draw" },
		{ "", "", "gpu_power_readings", "power_draw" },
		{ "", "", "power_readings", "power_draw" },
	};
	int64_t mw = -1;
	size_t i;

	for (i = 0; i < 4 && mw < 0; i++)
		mw = number_at(&instant[i], 1000);
	return mw;
}

static void check_power(const struct accelerator *acc,
			const struct backend_reading *reading)
{
	const char *section = strstr(capture, "<gpu_power_readings>") ?
		"gpu_power_readings" : "power_readings";
	const struct place min = {
		"GPU Power Readings", "Min Power Limit", section, "min_power_limit"
	};
	const struct place max = {
		"GPU Power Readings", "Max Power Limit", section, "max_power_limit"
	};
	const struct place now = {
		"GPU Power Readings", "Current Power Limit", section,
		strstr(capture, "<current_power_limit>") ? "current_power_limit" :
		"power_limit"
	};
	const struct backend_range *cap = &acc->actuator[BACKEND_CAP];

	EXPECT_EQ(signal_of(reading, ACCELGOV_SIG_POWER), draw());
	EXPECT_EQ(cap->there, number_at(&max, 1000) >= 0);
	EXPECT_EQ(!cap->there, !!cap->why[0] && !cap->there);
	if (!cap->there)
		return;
	EXPECT_EQ(cap->min.value, number_at(&min, 1000));
	EXPECT_EQ(cap->max.value, number_at(&max, 1000));
	EXPECT_EQ(cap->value.value, number_at(&now, 1000));
}

/* Clocks of the highest memory clock come first in a list that descends. */
static void check_clocks(const struct accelerator *acc)
{
	const char *at = strstr(capture, "<supported_mem_clock>");
	const char *end = at ? strstr(at, "</supported_mem_clock>") : NULL;
	static const char tag[] = "<supported_graphics_clock>";
	size_t nr = 0;

	while (at && end && (at = strstr(at, tag)) && at < end) {
		at += strlen(tag);
		nr++;
		if (nr <= acc->nr_clocks)
			EXPECT_EQ(acc->clock_khz[acc->nr_clocks - nr],
				  strtol(at, NULL, 10) * 1000);
	}
	EXPECT_EQ(acc->nr_clocks, nr);
	EXPECT_EQ(acc->actuator[BACKEND_CLOCK].there, nr > 0);
}

static void check_reason(const struct backend_reading *reading, const char *text,
			 const char *tag, enum backend_throttle bit)
{
	char events[96], throttle[96];
	const struct place place[] = {
		{ "Clocks Event Reasons", text, "clocks_event_reasons", events },
		{ "", "", "clocks_throttle_reasons", throttle },
	};
	const char *at;

	snprintf(events, sizeof(events), "clocks_event_reason_%s", tag);
	snprintf(throttle, sizeof(throttle), "clocks_throttle_reason_%s", tag);
	at = value_at(&place[0]);
	if (!at)
		at = value_at(&place[1]);
	if (!at || strncmp(at, "Active", 6))
		return;
	EXPECT_TRUE(sensor_of(reading, BACKEND_THROTTLE) & bit);
}

/* One recording, shown. */
static bool check_capture(const char *path, const char *state)
{
	static const struct place bus = { "PCI", "Bus Id", "pci", "pci_bus_id" };
	struct backend_reading reading;
	char command[1024], number[32];
	const char *at;

	if (!load_capture(path, state))
		return true;
	if (!setup("", ""))
		return false;
	snprintf(command, sizeof(command),
		 "awk -v state=%s -f selftests/fakes/nvml/from-smi.awk %s >%s", state, path,
		 the.script);
	EXPECT_EQ(system(command), 0);
	EXPECT_EQ(scan(), 0);
	at = value_at(&bus);
	if (!EXPECT_EQ(the.list.nr, at ? 1 : 0) || !at) {
		teardown();
		return !!at || the.list.nr == 0;
	}
	/* "00000000:3B:00.0" */
	snprintf(number, sizeof(number), "%04lx:%02lx:%02lx.0", strtoul(at, NULL, 16),
		 strtoul(at + 9, NULL, 16), strtoul(at + 12, NULL, 16));
	EXPECT_STREQ(gpu(0)->bus, number);
	if (EXPECT_EQ(read_one(0, &reading), 0)) {
		check_signals(gpu(0), &reading);
		check_power(gpu(0), &reading);
		check_clocks(gpu(0));
		check_reason(&reading, "SW Power Cap", "sw_power_cap", BACKEND_THROTTLE_POWER);
		check_reason(&reading, "SW Thermal Slowdown", "sw_thermal_slowdown",
			     BACKEND_THROTTLE_THERMAL);
	}
	teardown();
	return true;
}

static void check_all(const char *pattern)
{
	glob_t found;
	size_t i;
	int before;

	if (glob(data_path(pattern), 0, NULL, &found))
		SKIP("no recordings in ../shared/data/sysfs");
	for (i = 0; i < found.gl_pathc; i++) {
		before = unit_failures;
		check_capture(found.gl_pathv[i], "idle");
		if (!strstr(pattern, ".xml"))
			check_capture(found.gl_pathv[i], "load");
		if (unit_failures != before)
			unit_note("in %s", found.gl_pathv[i]);
	}
	EXPECT_GE(found.gl_pathc, 3);
	globfree(&found);
}

/* In the form of recordings, so that there is something everywhere. */
TEST(shows_written_ones)
{
	if (access("selftests/fakes/nvml/example.txt", R_OK))
		SKIP("not run in the top folder of the sources");
	check_capture("selftests/fakes/nvml/example.txt", "idle");
	check_capture("selftests/fakes/nvml/example.txt", "load");
	check_capture("selftests/fakes/nvml/example.xml", "idle");
}

TEST(shows_recorded_gpus)
{
	check_all("nvidia-smi-captures/linux*.txt");
}

TEST(shows_recorded_gpus_in_xml)
{
	check_all("smi-fixtures/nvidia_smi_xml/*.xml");
}

/* The fake has no function that the real library has not. */
TEST(fake_is_like_the_real_one)
{
	char path[PATH_MAX], command[PATH_MAX + 64], name[128], line[160];
	unsigned int nr = 0;
	FILE *file;

	file = fopen(data_path("nvidia-smi-captures/"
			       "linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01.txt"), "r");
	if (!file)
		SKIP("no recordings in ../shared/data/sysfs");
	capture[fread(capture, 1, sizeof(capture) - 1, file)] = '\0';
	fclose(file);
	fake_path("", path);
	snprintf(command, sizeof(command), "nm -D --defined-only %s", path);
	file = popen(command, "r");
	ASSERT_TRUE(file);
	while (fscanf(file, "%*s %*s %120s", name) == 1) {
		if (strncmp(name, "nvml", 4))
			continue;
		nr++;
		snprintf(line, sizeof(line), "\n%s\n", name);
		if (!EXPECT_TRUE(strstr(capture, line)))
			unit_note("%s", name);
	}
	pclose(file);
	EXPECT_GE(nr, 40);
}
