// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for amdgpu
 *
 * Small files with one number each come first: their unit is documented. The
 * gpu_metrics table fills in what a chip has no file for, and is the only one that
 * tells of throttling and energy. Each of these reads wakes a sleeping GPU.
 */
#include <errno.h>
#include <string.h>

#include "amdgpu.h"
#include "file.h"

static const char *const without[ACCELGOV_SIG_NR] = {
	[ACCELGOV_SIG_COMPUTE] =
		"amdgpu counts no busy arithmetic units: ROCm's counters would",
	[ACCELGOV_SIG_LINK] = "amdgpu tells bytes on XGMI, not how busy it is",
	[ACCELGOV_SIG_HOST] =
		"not read: pcie_bw stops its reader for a second",
	[ACCELGOV_SIG_QUEUE] = "in no file: trace events of the DRM scheduler tell",
	[ACCELGOV_SIG_PROGRESS] = "in no file of the driver",
};

static int read_metrics(const struct sysfs *sysfs, const struct amdgpu *gpu,
			struct gpu_metrics *m, char *reason)
{
	uint8_t data[GPU_METRICS_MAX];
	size_t len = 0;
	int ret;

	ret = sysfs_read_bytes(sysfs, data, sizeof(data), &len,
			       "%sgpu_metrics", gpu->dev.at.dir);
	if (ret) {
		why(reason, ret == -ENOENT ? "there is no gpu_metrics" :
		    "gpu_metrics can't be read: %s", strerror(-ret));
		return ret;
	}
	ret = gpu_metrics_parse(data, len, m);
	if (ret == -EPROTONOSUPPORT)
		why(reason, "gpu_metrics v%u.%u is not known here", m->format,
		    m->content);
	else if (ret)
		why(reason, "gpu_metrics is cut short: %zu bytes", len);
	else
		why(reason, "gpu_metrics v%u.%u does not have it", m->format,
		    m->content);
	return ret;
}

/* A file with a percentage, else what the table has. */
static void take_busy(const struct sysfs *sysfs, const struct amdgpu *gpu,
		      unsigned int signal, const char *file,
		      struct reading other, const char *other_why,
		      struct observation *o)
{
	char reason[BACKEND_WHY_LEN] = "";
	struct reading r;

	r = reading_times(file_number(sysfs, gpu->dev.at.dir, file, 0, 100,
				      reason), 10, 1);
	if (!r.known)
		r = other;
	o->rate[signal] = r;
	why(o->why[signal], "%.60s; %.56s", reason, other_why);
}

/* Where the driver marks the clock in its table of levels. */
static struct reading marked_khz(const struct sysfs *sysfs,
				 const struct amdgpu *gpu, const char *file,
				 char *reason)
{
	struct reading none = { 0 };
	struct dpm_table table;
	char text[FILE_TEXT];

	if (file_lines(sysfs, gpu->dev.at.dir, file, text, sizeof(text),
		       reason))
		return none;
	if (dpm_parse(text, &table)) {
		why(reason, text[0] ? "%s is not understood" : "%s is empty",
		    file);
		return none;
	}
	if (!table.current_mhz) {
		why(reason, table.marked ?
		    "%s says 0: powered down while idle" :
		    "%s marks no level as the current one", file);
		return none;
	}
	return reading_of(table.current_mhz * 1000LL);
}

/* A clock that hwmon says is 0 is not made up from elsewhere. */
static struct reading clock_khz(const struct sysfs *sysfs,
				const struct amdgpu *gpu, const char *label,
				const char *file, struct reading other,
				char *reason)
{
	char ignored[BACKEND_WHY_LEN] = "";
	struct reading r;

	r = hwmon_clock_khz(sysfs, &gpu->dev.hwmon, label, ignored);
	if (r.known)
		return r;
	if (strstr(ignored, "powered down")) {
		why(reason, "%s", ignored);
		return r;
	}
	r = marked_khz(sysfs, gpu, file, reason);
	return r.known ? r : other;
}

static void take_memory(const struct sysfs *sysfs, const struct amdgpu *gpu,
			struct observation *o)
{
	const char *dir = gpu->dev.at.dir;

	o->sensor[BACKEND_MEM_USED] =
		file_number(sysfs, dir, "mem_info_vram_used", 0, INT64_MAX,
			    NULL);
	o->sensor[BACKEND_MEM_TOTAL] =
		file_number(sysfs, dir, "mem_info_vram_total", 1, INT64_MAX,
			    NULL);
}

/* Counters that grew since the look before: it was throttled in between. */
static void take_residency(struct amdgpu *gpu, const struct gpu_metrics *m,
			   struct observation *o)
{
	static const int64_t reason[GPU_METRICS_RESIDENCIES] = {
		[GPU_METRICS_PROCHOT] = BACKEND_THROTTLE_HARDWARE,
		[GPU_METRICS_PPT] = BACKEND_THROTTLE_POWER,
		[GPU_METRICS_SOCKET_THERMAL] = BACKEND_THROTTLE_THERMAL,
		[GPU_METRICS_VR_THERMAL] = BACKEND_THROTTLE_THERMAL,
		[GPU_METRICS_HBM_THERMAL] = BACKEND_THROTTLE_THERMAL,
	};
	struct reading *t = &o->sensor[BACKEND_THROTTLE];
	unsigned int i;

	for (i = 0; i < GPU_METRICS_RESIDENCIES; i++) {
		if (m->residency[i].known && gpu->residency[i].known) {
			t->known = true;
			if (m->residency[i].value != gpu->residency[i].value)
				t->value |= reason[i];
		}
		gpu->residency[i] = m->residency[i];
	}
}

static void look(const struct sysfs *sysfs, struct accelerator *acc,
		 struct observation *o)
{
	char reason[BACKEND_WHY_LEN] = "";
	struct amdgpu *gpu = acc->priv;
	struct gpu_metrics m = { 0 };
	unsigned int s;

	if (read_metrics(sysfs, gpu, &m, reason))
		m = (struct gpu_metrics){ 0 };
	take_busy(sysfs, gpu, ACCELGOV_SIG_BUSY, "gpu_busy_percent",
		  m.busy_permille, reason, o);
	take_busy(sysfs, gpu, ACCELGOV_SIG_MEMORY, "mem_busy_percent",
		  m.memory_permille, reason, o);
	o->rate[ACCELGOV_SIG_CLOCK] =
		clock_khz(sysfs, gpu, "sclk", AMD_SCLK, m.clock_khz,
			  o->why[ACCELGOV_SIG_CLOCK]);
	o->sensor[BACKEND_MEM_CLOCK] =
		clock_khz(sysfs, gpu, "mclk", AMD_MCLK, m.mem_clock_khz, NULL);
	o->rate[ACCELGOV_SIG_POWER] =
		hwmon_power_mw(sysfs, &gpu->dev.hwmon,
			       o->why[ACCELGOV_SIG_POWER]);
	if (!o->rate[ACCELGOV_SIG_POWER].known)
		o->rate[ACCELGOV_SIG_POWER] = m.power_mw;
	o->sensor[BACKEND_ENERGY] =
		hwmon_energy_uj(sysfs, &gpu->dev.hwmon, NULL);
	if (!o->sensor[BACKEND_ENERGY].known)
		o->sensor[BACKEND_ENERGY] = m.energy_uj;
	o->sensor[BACKEND_TEMPERATURE] =
		hwmon_temperature_mc(sysfs, &gpu->dev.hwmon);
	if (!o->sensor[BACKEND_TEMPERATURE].known)
		o->sensor[BACKEND_TEMPERATURE] = m.temperature_mc;
	take_memory(sysfs, gpu, o);
	o->sensor[BACKEND_THROTTLE] = m.throttle;
	take_residency(gpu, &m, o);
	filedev_contexts(sysfs, acc, o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (without[s])
			why(o->why[s], "%s", without[s]);
}

static const struct filedev_kind kind = {
	.driver = "amdgpu",
	.prefix = "amdgpu",
	.size = sizeof(struct amdgpu),
	.look = look,
	.actuators = amdgpu_actuators,
	.set = amdgpu_set,
	.save = amdgpu_save,
	.restore = amdgpu_restore,
};

static int scan(const struct sysfs *sysfs, struct accelerators *list,
		struct backend_note *ret_note)
{
	return filedev_scan(sysfs, list, &backend_amdgpu, &kind, ret_note);
}

const struct backend backend_amdgpu = {
	.name = "amdgpu",
	.title = "AMD GPUs, through the files of amdgpu",
	.scan = scan,
	.refresh = filedev_refresh,
	.read = filedev_read,
	.set = filedev_set,
	.save = filedev_save,
	.restore = filedev_restore,
	.release = filedev_release,
};
