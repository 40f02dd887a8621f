// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: what amdgpu and DRM drivers write for people and programs. The first byte
 * chooses: gpu_metrics, a table of levels, overdrive, profiles, fdinfo, or a whole
 * GPU below /sys that is looked at, set, and put back.
 */
#include "scratch.h"

#include <errno.h>

#include "backends/backend.h"
#include "backends/dpm.h"
#include "backends/fdinfo.h"
#include "backends/gpu_metrics.h"
#include "backends/observe.h"

#define GPU	"sys/class/drm/card0/device/"

static void within(struct reading r, int64_t min, int64_t max)
{
	HOLDS(r.known ? r.value >= min && r.value <= max : !r.value);
}

static void metrics(const uint8_t *data, size_t size)
{
	struct gpu_metrics m = { .format = 77 };
	uint8_t *copy = malloc(size + !size);
	int ret;

	/* Exactly as long as it is, so that a look behind the end is seen. */
	memcpy(copy, data, size);
	ret = gpu_metrics_parse(copy, size, &m);
	free(copy);
	HOLDS(!ret || ret == -EBADMSG || ret == -ENODATA ||
	      ret == -EPROTONOSUPPORT);
	if (ret) {
		HOLDS(ret == -EPROTONOSUPPORT || m.format == 77);
		return;
	}
	HOLDS(m.format >= 1 && m.format <= 3);
	within(m.busy_permille, 0, 1000);
	within(m.memory_permille, 0, 1000);
	within(m.power_mw, 0, 20000000);
	within(m.energy_uj, 1, INT64_MAX);
	within(m.clock_khz, 1, 20000000);
	within(m.mem_clock_khz, 1, 20000000);
	within(m.temperature_mc, 0, 300000);
	within(m.throttle, 0, 31);
}

static void levels(const char *text)
{
	uint8_t level[DPM_LEVELS];
	uint32_t mhz[DPM_LEVELS];
	struct dpm_table t;
	size_t nr;

	if (dpm_parse(text, &t))
		return;
	HOLDS(t.nr && t.nr <= DPM_LEVELS);
	HOLDS(t.marked || !t.current_mhz);
	for (int engine = 0; engine < 2; engine++) {
		nr = dpm_settable(&t, engine, mhz, level);
		HOLDS(nr <= t.nr);
		for (size_t i = 0; i < nr; i++) {
			HOLDS(mhz[i] && level[i] < t.nr);
			HOLDS(!i || (mhz[i] > mhz[i - 1] &&
				     level[i] > level[i - 1]));
		}
	}
}

static void overdrive(const char *text)
{
	struct dpm_od od;

	if (dpm_parse_od(text, &od))
		return;
	HOLDS(od.levels && od.range_min <= od.range_max);
}

static void profiles(const char *text)
{
	struct dpm_profiles p;
	size_t i;

	if (dpm_parse_profile(text, &p))
		return;
	HOLDS(p.nr && p.nr <= DPM_PROFILES);
	for (i = 1; i < p.nr; i++)
		HOLDS(p.number[i - 1] < p.number[i]);
}

static void clients(const char *text)
{
	struct fdinfo info;
	struct fdinfos list = { .item = &info, .nr = 1 };

	if (fdinfo_parse(text, &info))
		return;
	HOLDS(info.driver[0] && info.nr_engines <= FDINFO_ENGINES);
	for (size_t i = 0; i < info.nr_engines; i++) {
		HOLDS(info.engine[i].name[0] && info.engine[i].capacity > 0);
		within(info.engine[i].busy_ns, 0, INT64_MAX);
	}
	within(info.memory_bytes, 0, INT64_MAX);
	within(fdinfos_busy_ns(&list), 0, INT64_MAX);
}

static void check(const struct accelerator *acc)
{
	const struct backend_range *r;

	for (unsigned int s = 0; s < ACCELGOV_SIG_NR; s++)
		HOLDS(!(acc->signals & 1U << s) == !!acc->signal_why[s][0]);
	for (unsigned int a = 0; a < BACKEND_ACTUATORS; a++) {
		r = &acc->actuator[a];
		HOLDS(r->there || r->why[0]);
		HOLDS(!r->why[BACKEND_WHY_LEN - 1]);
	}
	for (size_t i = 1; i < acc->nr_clocks; i++)
		HOLDS(acc->clock_khz[i] > acc->clock_khz[i - 1]);
}

static void try_all(struct accelerator *acc, struct bytes *in)
{
	struct backend_reading reading;
	char line[512];
	bool saved;

	HOLDS(!acc->backend->read(&scratch, acc, &reading));
	for (unsigned int s = 0; s < ACCELGOV_SIG_NR; s++)
		sample_rate(&reading.sample, s);
	saved = !acc->backend->save(&scratch, acc, line, sizeof(line));
	for (unsigned int a = 0; a < BACKEND_ACTUATORS; a++)
		acc->backend->set(&scratch, acc, a,
				  acc->actuator[a].max.value -
				  take_below(in, 1000) * 1000);
	if (saved)
		acc->backend->restore(&scratch, acc, line);
	HOLDS(!acc->backend->refresh(&scratch, acc));
	check(acc);
}

static void whole_gpu(struct bytes *in)
{
	static const char *const files[] = {
		GPU "uevent", GPU "gpu_metrics", GPU "pp_dpm_sclk",
		GPU "pp_dpm_mclk", GPU "pp_od_clk_voltage",
		GPU "power_dpm_force_performance_level",
		GPU "pp_power_profile_mode", GPU "gpu_busy_percent",
		GPU "hwmon/hwmon1/power1_cap", GPU "hwmon/hwmon1/power1_cap_max",
		GPU "hwmon/hwmon1/freq1_input", GPU "hwmon/hwmon1/freq1_label",
		GPU "power/runtime_status",
	};
	struct accelerators list;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_put(in, files[i]);
	tree_file(GPU "vendor", "0x1002\n");
	HOLDS(!accelerators_scan(&scratch, &list, NULL, NULL));
	for (size_t i = 0; i < list.nr; i++) {
		check(list.item[i]);
		if (list.item[i]->backend == &backend_amdgpu)
			try_all(list.item[i], in);
	}
	accelerators_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, data + size };
	uint64_t kind = take(&in, 1) % 8;
	size_t len = 0;
	char *text;

	scratch_begin();
	if (kind < 2) {
		metrics(in.at, in.end - in.at);
		return 0;
	}
	if (kind == 7) {
		whole_gpu(&in);
		return 0;
	}
	text = take_text(&in, &len);
	if (!text)
		return 0;
	switch (kind) {
	case 2:
		overdrive(text);
		break;
	case 3:
		profiles(text);
		break;
	case 4:
		clients(text);
		break;
	default:
		levels(text);
		break;
	}
	free(text);
	return 0;
}
