// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: text from the kernel and numbers from people. The first byte chooses
 * what the rest is: a number, a number with a unit, a line of the trace, a
 * key, a device event, or a whole device with its PMU below /sys.
 */
#include "scratch.h"

#include <inttypes.h>

#include "device.h"
#include "pmu.h"
#include "policy.h"
#include "traceline.h"
#include "uevent.h"
#include "units.h"

#define DEV	"sys/class/devfreq/chip.0/"
#define PMU	"sys/bus/event_source/devices/chip_0/"

static void number(const char *text)
{
	int64_t value = 77, again;
	char buf[24];

	if (parse_int(text, &value)) {
		HOLDS(value == 77);
		return;
	}
	snprintf(buf, sizeof(buf), "%" PRId64, value);
	HOLDS(!parse_int(buf, &again) && again == value);
}

static void with_unit(const char *text)
{
	char buf[80];
	int64_t value;

	for (int unit = UNIT_TIME; unit <= UNIT_BOOL; unit++) {
		value = 77;
		if (unit_parse(unit, text, &value)) {
			HOLDS(value == 77);
			continue;
		}
		HOLDS(value >= 0);
		HOLDS(strlen(unit_format(unit, value, buf, sizeof(buf))) < 24);
		HOLDS(strlen(format_energy(value, buf, sizeof(buf))) < 24);
	}
}

static void trace_line(const char *text)
{
	struct traceline t;
	char buf[32];
	uint64_t n;

	if (traceline_parse(text, &t))
		return;
	HOLDS(t.event > text && t.fields > t.event);
	HOLDS(t.event_len && t.event_len < strlen(text));
	HOLDS(t.fields <= text + strlen(text));
	traceline_is(&t, "decision");
	if (!traceline_field(&t, "dev", buf, sizeof(buf)))
		HOLDS(strlen(buf) < sizeof(buf));
	if (!traceline_number(&t, "old_khz", &n))
		HOLDS(!traceline_field(&t, "old_khz", buf, sizeof(buf)) &&
		      n == strtoull(buf, NULL, 10));
}

static void key(const char *text)
{
	const struct policy_file *file = policy_find(text);

	if (file)
		HOLDS(file->key && file->help);
}

static void event(const char *text, size_t len)
{
	struct uevent e = { 0 };

	if (uevent_parse(text, len, &e))
		return;
	HOLDS(e.action >= text && e.action < text + len);
	HOLDS(!e.name || strlen(e.name) < len);
	HOLDS(!e.subsystem || strlen(e.subsystem) < len);
	HOLDS(!e.accelgov_event || strlen(e.accelgov_event) < len);
}

/* The chunks of the input become these files; a missing one is empty. */
static void fill_device(struct bytes *in)
{
	static const char *const files[] = {
		DEV "governor", DEV "available_governors",
		DEV "available_frequencies", DEV "cur_freq", DEV "min_freq",
		DEV "max_freq", DEV "device/power/runtime_status",
		DEV "device/power/autosuspend_delay_ms",
		DEV "device/hwmon/hwmon3/power1_average",
		DEV "device/hwmon/hwmon3/power1_cap",
		DEV "device/hwmon/hwmon3/energy1_input",
		DEV "accelgov/phase", DEV "accelgov/state",
		DEV "accelgov/energy_saved_uj",
		DEV "accelgov/stats/samples", PMU "type", PMU "cpumask",
		PMU "format/event", PMU "events/busy", PMU "events/busy.unit",
		PMU "events/busy.scale", PMU "events/cycles",
		"sys/devices/system/cpu/online",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_put(in, files[i]);
}

static void whole_device(struct bytes *in)
{
	struct governed governed;
	struct device dev;
	struct pmu pmu;

	fill_device(in);
	HOLDS(!device_load(&scratch, "chip.0", &dev));
	HOLDS(dev.nr_freqs <= DEVICE_FREQS);
	for (size_t i = 1; i < dev.nr_freqs; i++)
		HOLDS(dev.freq_hz[i] >= dev.freq_hz[i - 1]);
	device_load_governed(&scratch, "chip.0", &governed);
	if (pmu_load(&scratch, "chip_0", &pmu))
		return;
	HOLDS(pmu.cpu >= 0 && !(pmu.signals & pmu.odd));
	HOLDS(!(pmu.signals >> ACCELGOV_SIG_NR));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, data + size };
	uint64_t kind = take(&in, 1) % 8;
	size_t len = 0;
	char *text;

	scratch_begin();
	if (kind > 4) {
		whole_device(&in);
		return 0;
	}
	text = take_text(&in, &len);
	if (!text)
		return 0;
	switch (kind) {
	case 0:
		number(text);
		break;
	case 1:
		with_unit(text);
		break;
	case 2:
		trace_line(text);
		break;
	case 3:
		key(text);
		break;
	default:
		event(text, len + 1);
		break;
	}
	free(text);
	return 0;
}
