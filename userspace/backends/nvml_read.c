// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what a GPU does, from NVML
 *
 * Hopper and newer have GPM: two samples, some time apart, give the share of that
 * time in which engines, pipes and memory worked, and bytes per second of the
 * links. No lock and no right is needed. Older ones know two things: the share of
 * time in which any kernel ran, and in which memory was accessed at all, over a
 * window of the driver's own of 1/6 to 1 s; some have byte counters of links.
 *
 * Windows much below 100 ms are refused: an H100 renews what is behind GPM every
 * 100 ms and not before (measured, and DCGM issue 310), power, average power and the
 * energy counter likewise. Two samples between which nothing was renewed say that all
 * rested, and that DRAM's share is no number: by that they are told from a GPU that
 * rests, and the window goes on. A timer of 100 ms comes a little early as often as
 * late, and must not lose every other window.
 *
 * What each call takes was measured on an H100 with driver 580 in a virtual machine
 * (selftests/progs/nvmlcost.c). Those that read what the driver has renewed by itself take
 * 0.4 to 8 us: clocks, power, average power, utilisation, temperature, reasons. A sample
 * of GPM takes 50 to 180 us, memory in use 40, the list of processes 40 to 180. Those that
 * ask the GPU's own processor, and spin until it answers, take milliseconds of CPU time:
 * energy 3.4 to 4.6, what processes used 1.4, and of all metrics of GPM one, how long
 * the graphics engine was active, 1.1 to 1.8. So that metric is only asked for
 * where the multiprocessors' activity leaves open whether the GPU was busy: it can't
 * be less than theirs, and where they did nothing there was nothing. Energy is asked
 * for once a minute where the average power of each second is told, whose sum came to
 * within 0.4 % of the counter over a job of 78 s; what processes used, where it is not all
 * of one. What else can't change fast is asked for once a second.
 */
#include <errno.h>
#include <math.h>

#include "nvml_gpu.h"

#define GPM_WINDOW_NS		90000000ULL
#define SLOW_NS			1000000000ULL
#define ENERGY_NS		60000000000ULL
/* Activity of multiprocessors that says enough about the whole GPU, percent. */
#define SM_RESTS		0.5
#define SM_BUSY			90
/* Longest window that the module takes. */
#define WINDOW_MAX_NS		10000000000ULL

#define MIB			1048576ULL

static const char no_gpm[] = "counted on Hopper and newer only (GPM)";
static const char no_nvlink[] = "this GPU has no NVLink";
static const char no_counter[] = "the driver has no counter for it";
static const char whole_gpu[] = "known for the whole GPU only, not for an instance";
static const char no_queue[] =
	"NVML does not know what is queued, and NVIDIA's driver has a queue of its own";
static const char no_progress[] =
	"NVML does not know work; a collector on the CUDA runtime does";

/* Each index of the array is one of these. */
enum {
	SM, TENSOR, FP64, FP32, FP16, DRAM, PCIE_TX, PCIE_RX, NVLINK_TX,
	NVLINK_RX, METRICS
};

static const uint32_t metric_id[METRICS] = {
	[SM] = NVML_METRIC_SM_UTIL,
	[TENSOR] = NVML_METRIC_TENSOR_UTIL,
	[FP64] = NVML_METRIC_FP64_UTIL,
	[FP32] = NVML_METRIC_FP32_UTIL,
	[FP16] = NVML_METRIC_FP16_UTIL,
	[DRAM] = NVML_METRIC_DRAM_UTIL,
	[PCIE_TX] = NVML_METRIC_PCIE_TX,
	[PCIE_RX] = NVML_METRIC_PCIE_RX,
	[NVLINK_TX] = NVML_METRIC_NVLINK_TX,
	[NVLINK_RX] = NVML_METRIC_NVLINK_RX,
};

/* The GPU is away: all other answers would say the same. */
static bool gone(int ret)
{
	return nvml_errno(ret) == -ENODEV;
}

static void put(struct nvml_seen *seen, enum accelgov_signal signal, uint64_t value)
{
	seen->reading.sample.val[signal] = value;
	seen->reading.sample.valid |= 1U << signal;
	seen->error[signal] = 0;
}

static void put_permille(struct nvml_seen *seen, enum accelgov_signal signal,
			 double permille)
{
	if (!isfinite(permille) || permille < 0)
		seen->error[signal] = -ENODATA;
	else
		put(seen, signal, permille > 1000 ? 1000 : (uint64_t)lround(permille));
}

/* The largest of @nr metrics that are there. */
static bool metric_max(const struct nvml_gpm_metrics *metrics, const int *which,
		       size_t nr, double *ret_value)
{
	const struct nvml_gpm_metric *metric;
	double max = -1;
	size_t i;

	for (i = 0; i < nr; i++) {
		metric = &metrics->metric[which[i]];
		if (!metric->ret && isfinite(metric->value) && metric->value > max)
			max = metric->value;
	}
	*ret_value = max;
	return max >= 0;
}

/* Return: nothing was renewed between the two samples. */
static bool is_stale(const struct nvml_gpm_metrics *metrics)
{
	const struct nvml_gpm_metric *dram = &metrics->metric[DRAM];
	const struct nvml_gpm_metric *sm = &metrics->metric[SM];

	return !dram->ret && isnan(dram->value) && !sm->ret && sm->value == 0;
}

/* @nr metrics of the sample before and of that at @next, into @gpu's own. */
static int get_metrics(struct nvml_gpu *gpu, const uint32_t *id, int nr, unsigned int next)
{
	struct nvml_gpm_metrics *metrics = &gpu->metrics;
	int i;

	metrics->version = NVML_GPM_METRICS_VERSION;
	metrics->nr = nr;
	metrics->sample1 = gpu->sample[gpu->newest];
	metrics->sample2 = gpu->sample[next];
	for (i = 0; i < nr; i++)
		metrics->metric[i] = (struct nvml_gpm_metric){ .id = id[i] };
	return gpu->lib->call.gpm_metrics(metrics);
}

/*
 * How long anything was active. Few multiprocessors at work all the time, as in a
 * collective, look like all of them at work for a part of it: the engine knows.
 */
static bool busy_percent(struct nvml_gpu *gpu, unsigned int next, double sm,
			 double *ret_percent)
{
	static const uint32_t graphics = NVML_METRIC_GRAPHICS_UTIL;
	const struct nvml_gpm_metric *metric = gpu->metrics.metric;

	*ret_percent = sm;
	if (sm >= SM_BUSY || (sm >= 0 && sm < SM_RESTS))
		return true;
	if (get_metrics(gpu, &graphics, 1, next) || metric->ret ||
	    !isfinite(metric->value))
		return sm >= 0;
	if (metric->value > sm)
		*ret_percent = metric->value;
	return true;
}

static void put_gpm(struct nvml_gpu *gpu, struct nvml_seen *seen, unsigned int next)
{
	const struct nvml_gpm_metrics *metrics = &gpu->metrics;
	/* One pipe at full rate is all that one kind of arithmetic can do. */
	static const int compute[] = { TENSOR, FP64, FP32, FP16 };
	static const int memory[] = { DRAM };
	static const int link[] = { NVLINK_TX, NVLINK_RX };
	static const int host[] = { PCIE_TX, PCIE_RX };
	static const int sm[] = { SM };
	double value;

	if (metric_max(metrics, compute, 4, &value))
		put_permille(seen, ACCELGOV_SIG_COMPUTE, value * 10);
	if (metric_max(metrics, memory, 1, &value))
		put_permille(seen, ACCELGOV_SIG_MEMORY, value * 10);
	if (gpu->nvlink_mb_s && metric_max(metrics, link, 2, &value))
		put_permille(seen, ACCELGOV_SIG_LINK,
			     value * MIB / 1000 / gpu->nvlink_mb_s);
	if (gpu->pcie_mb_s && metric_max(metrics, host, 2, &value))
		put_permille(seen, ACCELGOV_SIG_HOST,
			     value * MIB / 1000 / gpu->pcie_mb_s);
	/* Last: it may put another metric where these are. */
	metric_max(metrics, sm, 1, &value);
	if (busy_percent(gpu, next, value, &value))
		put_permille(seen, ACCELGOV_SIG_BUSY, value * 10);
}

static int take_sample(struct nvml_gpu *gpu, struct nvml_sample *sample)
{
	const struct nvml_calls *call = &gpu->lib->call;

	if (gpu->instance)
		return call->gpm_mig_sample(gpu->device, gpu->gpu_instance, sample);
	return call->gpm_sample(gpu->device, sample);
}

/* True while GPM is at work, even when this reading is too early for values. */
static bool read_gpm(struct nvml_gpu *gpu, struct nvml_seen *seen, uint64_t now)
{
	unsigned int next = !gpu->newest;
	int ret;

	if (!gpu->gpm)
		return false;
	if (gpu->sampled_ns && now - gpu->sampled_ns < GPM_WINDOW_NS)
		return true;
	ret = take_sample(gpu, gpu->sample[next]);
	if (ret) {
		gpu->sampled_ns = 0;
		return false;
	}
	if (gpu->sampled_ns) {
		ret = get_metrics(gpu, metric_id, METRICS, next);
		if (!ret && is_stale(&gpu->metrics))
			return true;
		if (!ret)
			put_gpm(gpu, seen, next);
	}
	gpu->newest = next;
	gpu->sampled_ns = now;
	return !ret;
}

static bool has(const struct nvml_seen *seen, enum accelgov_signal signal)
{
	return seen->reading.sample.valid & 1U << signal;
}

/* The fallback for a GPU, a driver or a moment without GPM. */
static void read_utilization(struct nvml_gpu *gpu, struct nvml_seen *seen)
{
	struct nvml_utilization utilization;
	int error = NVML_NO_FUNCTION;

	if (gpu->lib->call.utilization)
		error = nvml_errno(gpu->lib->call.utilization(gpu->own, &utilization));
	if (!has(seen, ACCELGOV_SIG_BUSY)) {
		seen->error[ACCELGOV_SIG_BUSY] = error;
		if (!error)
			put_permille(seen, ACCELGOV_SIG_BUSY, utilization.gpu * 10.);
	}
	if (!has(seen, ACCELGOV_SIG_MEMORY)) {
		seen->error[ACCELGOV_SIG_MEMORY] = error;
		if (!error)
			put_permille(seen, ACCELGOV_SIG_MEMORY, utilization.memory * 10.);
	}
}

/* Share of a link's rate since the counters were read before. */
static void put_bytes(struct nvml_seen *seen, enum accelgov_signal signal,
		      struct nvml_bytes *before, struct nvml_bytes now,
		      uint64_t capacity_mb_s)
{
	uint64_t ns = now.taken_ns - before->taken_ns, bytes;

	/* A counter that ran backwards was reset, or has wrapped. */
	if (before->taken_ns && ns && now.tx >= before->tx && now.rx >= before->rx) {
		bytes = now.tx - before->tx;
		if (bytes < now.rx - before->rx)
			bytes = now.rx - before->rx;
		/* bytes/ns is GB/s; the capacity is in MB/s; per mille */
		put_permille(seen, signal, (double)bytes / ns * 1e6 / capacity_mb_s);
	}
	*before = now;
}

/* A counter of 32 bits wraps within a window: only long ones tell a rate. */
static bool long_counter(const struct nvml_field_value *value, uint64_t *ret_value)
{
	return value->type != NVML_VALUE_UINT && value->type != NVML_VALUE_INT &&
	       !nvml_field(value, ret_value);
}

static void read_counters(struct nvml_gpu *gpu, struct nvml_seen *seen, uint64_t now)
{
	struct nvml_field_value value[4] = {
		{ .field = NVML_FIELD_NVLINK_DATA_TX, .scope = NVML_SCOPE_ALL_LINKS },
		{ .field = NVML_FIELD_NVLINK_DATA_RX, .scope = NVML_SCOPE_ALL_LINKS },
		{ .field = NVML_FIELD_PCIE_TX },
		{ .field = NVML_FIELD_PCIE_RX },
	};
	struct nvml_bytes bytes = { .taken_ns = now };

	seen->none[ACCELGOV_SIG_LINK] = gpu->instance ? whole_gpu :
		gpu->nvlink_mb_s ? no_counter : no_nvlink;
	seen->none[ACCELGOV_SIG_HOST] = gpu->instance ? whole_gpu : no_counter;
	if (gpu->instance || !gpu->lib->call.fields ||
	    gpu->lib->call.fields(gpu->device, 4, value))
		return;
	if (gpu->nvlink_mb_s && long_counter(&value[0], &bytes.tx) &&
	    long_counter(&value[1], &bytes.rx)) {
		seen->none[ACCELGOV_SIG_LINK] = NULL;
		bytes.tx *= 1024;
		bytes.rx *= 1024;
		put_bytes(seen, ACCELGOV_SIG_LINK, &gpu->nvlink, bytes, gpu->nvlink_mb_s);
	}
	if (gpu->pcie_mb_s && long_counter(&value[2], &bytes.tx) &&
	    long_counter(&value[3], &bytes.rx)) {
		seen->none[ACCELGOV_SIG_HOST] = NULL;
		put_bytes(seen, ACCELGOV_SIG_HOST, &gpu->pcie, bytes, gpu->pcie_mb_s);
	}
}

static void read_activity(struct nvml_gpu *gpu, struct nvml_seen *seen, uint64_t now)
{
	if (read_gpm(gpu, seen, now)) {
		if (!gpu->nvlink_mb_s)
			seen->none[ACCELGOV_SIG_LINK] = no_nvlink;
		if (!gpu->pcie_mb_s)
			seen->none[ACCELGOV_SIG_HOST] = no_counter;
		return;
	}
	read_utilization(gpu, seen);
	if (!has(seen, ACCELGOV_SIG_COMPUTE))
		seen->none[ACCELGOV_SIG_COMPUTE] = no_gpm;
	read_counters(gpu, seen, now);
}

static int read_clock(struct nvml_gpu *gpu, struct nvml_seen *seen)
{
	const struct nvml_calls *call = &gpu->lib->call;
	uint32_t mhz;
	int ret;

	seen->error[ACCELGOV_SIG_CLOCK] = NVML_NO_FUNCTION;
	if (!call->clock)
		return 0;
	ret = call->clock(gpu->device, NVML_CLOCK_SM, &mhz);
	if (gone(ret))
		return -ENODEV;
	seen->error[ACCELGOV_SIG_CLOCK] = nvml_errno(ret);
	if (!ret)
		put(seen, ACCELGOV_SIG_CLOCK, mhz * 1000ULL);
	return 0;
}

/*
 * The instant sensor where there is one: what GetPowerUsage() returns is the mean
 * of a second on Ampere boards other than GA100 and on newer ones.
 */
static void read_power(struct nvml_gpu *gpu, struct nvml_seen *seen)
{
	struct nvml_field_value value = {
		.field = NVML_FIELD_POWER_INSTANT, .scope = NVML_SCOPE_GPU,
	};
	const struct nvml_calls *call = &gpu->lib->call;
	uint64_t field_mw;
	uint32_t mw;
	int ret;

	if (gpu->instance) {
		seen->none[ACCELGOV_SIG_POWER] = whole_gpu;
		return;
	}
	if (call->fields && !call->fields(gpu->device, 1, &value) &&
	    !nvml_field(&value, &field_mw)) {
		put(seen, ACCELGOV_SIG_POWER, field_mw);
	} else {
		ret = call->power ? call->power(gpu->device, &mw) : NVML_FUNCTION_NOT_FOUND;
		seen->error[ACCELGOV_SIG_POWER] = call->power ? nvml_errno(ret) : NVML_NO_FUNCTION;
		if (!ret)
			put(seen, ACCELGOV_SIG_POWER, mw);
	}
}

/* Told only in the reading that has asked: it counts on meanwhile. */
static struct reading energy(struct nvml_gpu *gpu, uint64_t now)
{
	const struct nvml_slow *slow = &gpu->slow;
	unsigned long long mj;

	if (gpu->instance || !gpu->lib->call.energy ||
	    (slow->energy_ns && slow->power_average_mw.known &&
	     now - slow->energy_ns < ENERGY_NS))
		return (struct reading){ 0 };
	gpu->slow.energy_ns = now;
	if (gpu->lib->call.energy(gpu->device, &mj))
		return (struct reading){ 0 };
	return (struct reading){ mj * 1000LL, true };
}

static int64_t throttle_of(unsigned long long reasons)
{
	int64_t throttle = 0;

	if (reasons & NVML_REASON_SW_POWER_CAP)
		throttle |= BACKEND_THROTTLE_POWER;
	if (reasons & (NVML_REASON_SW_THERMAL | NVML_REASON_HW_THERMAL))
		throttle |= BACKEND_THROTTLE_THERMAL;
	/* Slowdown is the sum of the two below it, and of others without a bit. */
	if (reasons & NVML_REASON_HW_POWER_BRAKE ||
	    (reasons & NVML_REASON_HW_SLOWDOWN && !(reasons & NVML_REASON_HW_THERMAL)))
		throttle |= BACKEND_THROTTLE_HARDWARE;
	if (reasons & NVML_REASON_APPLICATION_CLOCKS)
		throttle |= BACKEND_THROTTLE_USER;
	if (reasons & (NVML_REASON_SYNC_BOOST | NVML_REASON_DISPLAY_CLOCK))
		throttle |= BACKEND_THROTTLE_OTHER;
	return throttle;
}

static struct reading mem_clock(struct nvml_gpu *gpu)
{
	uint32_t mhz;

	if (!gpu->lib->call.clock ||
	    gpu->lib->call.clock(gpu->device, NVML_CLOCK_MEM, &mhz))
		return (struct reading){ 0 };
	return (struct reading){ mhz * 1000LL, true };
}

static struct reading throttle(struct nvml_gpu *gpu)
{
	unsigned long long reasons;

	if (!gpu->lib->call.reasons ||
	    gpu->lib->call.reasons(gpu->device, &reasons))
		return (struct reading){ 0 };
	return (struct reading){ throttle_of(reasons), true };
}

static struct reading temperature(struct nvml_gpu *gpu)
{
	struct nvml_temperature value = {
		.version = NVML_VERSION(struct nvml_temperature, 1),
	};
	const struct nvml_calls *call = &gpu->lib->call;
	uint32_t celsius;

	if (call->temperature_v && !call->temperature_v(gpu->device, &value))
		return (struct reading){ value.celsius * 1000LL, true };
	if (call->temperature && !call->temperature(gpu->device, 0, &celsius))
		return (struct reading){ celsius * 1000LL, true };
	return (struct reading){ 0 };
}

static struct reading power_average(struct nvml_gpu *gpu)
{
	struct nvml_field_value value = {
		.field = NVML_FIELD_POWER_AVERAGE, .scope = NVML_SCOPE_GPU,
	};
	uint64_t mw;

	if (gpu->instance || !gpu->lib->call.fields ||
	    gpu->lib->call.fields(gpu->device, 1, &value) || nvml_field(&value, &mw))
		return (struct reading){ 0 };
	return (struct reading){ mw, true };
}

/* The second version does not count what the driver keeps for itself as used. */
static void memory(struct nvml_gpu *gpu)
{
	struct nvml_memory_v2 v2 = { .version = NVML_VERSION(struct nvml_memory_v2, 2) };
	const struct nvml_calls *call = &gpu->lib->call;
	struct nvml_slow *slow = &gpu->slow;
	struct nvml_memory v1;

	slow->mem_used.known = false;
	slow->mem_total.known = false;
	if (call->memory_v2 && !call->memory_v2(gpu->own, &v2)) {
		slow->mem_used = (struct reading){ v2.used, true };
		slow->mem_total = (struct reading){ v2.total, true };
	} else if (call->memory && !call->memory(gpu->own, &v1)) {
		slow->mem_used = (struct reading){ v1.used, true };
		slow->mem_total = (struct reading){ v1.total, true };
	}
}

static bool rests(const struct nvml_seen *seen)
{
	return has(seen, ACCELGOV_SIG_BUSY) &&
	       !seen->reading.sample.val[ACCELGOV_SIG_BUSY];
}

static void read_slow(struct nvml_gpu *gpu, struct nvml_seen *seen, uint64_t now)
{
	struct reading *sensor = seen->reading.sensor;
	struct nvml_slow *slow = &gpu->slow;

	if (!slow->taken_ns || now - slow->taken_ns >= SLOW_NS) {
		slow->mem_clock_khz = mem_clock(gpu);
		slow->throttle = throttle(gpu);
		nvml_owners(gpu, rests(seen), now);
		slow->power_average_mw = power_average(gpu);
		sensor[BACKEND_ENERGY] = energy(gpu, now);
		slow->temperature_mc = temperature(gpu);
		memory(gpu);
		slow->taken_ns = now;
	}
	if (slow->contexts.known)
		put(seen, ACCELGOV_SIG_CONTEXTS, slow->contexts.value * 1000);
	else
		seen->error[ACCELGOV_SIG_CONTEXTS] =
			gpu->lib->call.processes ? -EOPNOTSUPP : NVML_NO_FUNCTION;
	sensor[BACKEND_MEM_CLOCK] = slow->mem_clock_khz;
	sensor[BACKEND_THROTTLE] = slow->throttle;
	sensor[BACKEND_TEMPERATURE] = slow->temperature_mc;
	sensor[BACKEND_MEM_USED] = slow->mem_used;
	sensor[BACKEND_MEM_TOTAL] = slow->mem_total;
	sensor[BACKEND_POWER_AVERAGE] = slow->power_average_mw;
}

int nvml_read(struct nvml_gpu *gpu, struct nvml_seen *ret_seen)
{
	struct nvml_seen seen = { 0 };
	uint64_t now = nvml_now_ns();
	int ret;

	ret = read_clock(gpu, &seen);
	if (ret)
		return ret;
	seen.none[ACCELGOV_SIG_QUEUE] = no_queue;
	seen.none[ACCELGOV_SIG_PROGRESS] = no_progress;
	read_activity(gpu, &seen, now);
	read_power(gpu, &seen);
	read_slow(gpu, &seen, now);
	seen.reading.sample.time_ns = now;
	if (gpu->read_ns) {
		seen.reading.sample.window_ns = now - gpu->read_ns;
		if (seen.reading.sample.window_ns > WINDOW_MAX_NS)
			seen.reading.sample.window_ns = WINDOW_MAX_NS;
	}
	gpu->read_ns = now;
	*ret_seen = seen;
	return 0;
}
