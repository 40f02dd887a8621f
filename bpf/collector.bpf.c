// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - collector: an accelerator's perf counters, pushed to the module
 *
 * A software clock event fires every sample period on one CPU and runs this program in
 * interrupt context, for up to eight devices that are sampled that often: the attach
 * cookie names the tick, which names their slots. For each the program reads the slot's
 * counters, all cumulative, from a perf event array, turns them into deltas over the
 * time that really passed, adds what the GPU scheduler knows where there is no counter
 * for it (drm.bpf.c), and hands one sample to accelgov_push(). Nothing here waits,
 * allocates or wakes anybody: when the module's ring is full the sample is lost and
 * counted.
 *
 * A counter that could not be read, or that went backwards, leaves its validity
 * bit clear for this sample. It never becomes zero.
 *
 * The program times itself. A run's cost travels with the next sample, so that
 * the module can account for what watching costs.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "collector.h"
#include "drm_devices.h"

/* Kernel errno values; vmlinux.h has types only. */
#define ENODEV	19
#define EBUSY	16
#define MAX_ERRNO	4095

extern int accelgov_push(__u32 token, const struct accelgov_sample *s,
			 __u32 s__sz) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, COLLECTOR_SLOTS * ACCELGOV_SIG_NR);
	__type(key, __u32);
	__type(value, __u32);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COLLECTOR_SLOTS);
	__type(key, __u32);
	__type(value, struct collector_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COLLECTOR_SLOTS);
	__type(key, __u32);
	__type(value, struct collector_tick);
} ticks SEC(".maps");

/*
 * Read one counter. A delta goes into the sample only when the reading before
 * it was real as well, so each signal primes by itself. The newer
 * bpf_perf_event_read_value() also tells how long the counter ran, which takes a
 * quarter longer and nobody asks for; this one takes the last few counts before 2^64
 * for errors, where no counter of ours gets in a machine's life.
 */
static __always_inline void read_signal(struct collector_slot *slot, __u32 nr,
					__u32 signal)
{
	__u64 value, last = slot->last[signal];
	__u32 bit = 1U << signal;

	value = bpf_perf_event_read(&counters, COLLECTOR_INDEX(nr, signal));
	if (value >= (__u64)-MAX_ERRNO) {
		slot->read_errors++;
		slot->primed &= ~bit;
		return;
	}
	slot->last[signal] = value;
	if (!(slot->primed & bit)) {
		slot->primed |= bit;
	} else if (value >= last) {
		slot->sample.val[signal] = value - last;
		slot->sample.valid |= bit;
	} else {
		slot->backwards++;
	}
}

/*
 * The same with an integral that the DRM collector keeps, which wraps. One that could
 * only have grown that far with more than @most at a time went backwards.
 */
static __always_inline void read_integral(struct collector_slot *slot,
					  __u32 signal, __u64 now,
					  __u64 window_us, __u32 most,
					  __u32 unit)
{
	struct accelgov_sample *s = &slot->sample;
	__u64 delta = (now - slot->last[signal]) & DRMC_TIME_MASK;
	__u32 bit = 1U << signal;

	if (slot->primed & bit) {
		if (delta <= window_us * most) {
			s->val[signal] = delta * unit;
			s->valid |= bit;
		} else {
			slot->backwards++;
		}
	}
	slot->last[signal] = now;
	slot->primed |= bit;
}

/*
 * Whose process waits for its input has an item that it can't submit yet: one counts as
 * queued for the time that any of them waits. The device alone can't tell that from idle.
 */
static __always_inline void add_input(struct collector_slot *slot,
				      const struct drmc_device *d, __u64 now_us,
				      __u64 window_us)
{
	__u64 now = DRMC_INTEGRAL(d->input, now_us), delta;
	__u32 bit = 1U << ACCELGOV_SIG_QUEUE;

	if (!d->owners) {
		slot->input_primed = 0;
		return;
	}
	delta = (now - slot->last_input) & DRMC_TIME_MASK;
	if (slot->input_primed && slot->sample.valid & bit)
		slot->sample.val[ACCELGOV_SIG_QUEUE] +=
			delta < window_us ? delta : window_us;
	slot->last_input = now;
	slot->input_primed = 1;
}

/* What no counter tells and the GPU scheduler does; some microseconds pass till here. */
static __always_inline void read_drm(struct collector_slot *slot,
				     const struct drmc_device *d,
				     __u64 window_ns)
{
	__u64 window_us = window_ns / 1000 + 20, queued, busy, now_us;

	queued = d->queued;
	busy = d->busy;
	/* After the words, so that no event in them is later. */
	now_us = bpf_ktime_get_ns() / 1000;
	if (!(slot->signals & (1U << ACCELGOV_SIG_QUEUE))) {
		read_integral(slot, ACCELGOV_SIG_QUEUE,
			      DRMC_INTEGRAL(queued, now_us), window_us,
			      DRMC_COUNT_MASK, 1);
		add_input(slot, d, now_us, window_us);
	}
	/* Between two updates of the word its count may be neither 0 nor 1. */
	if (slot->signals & (1U << ACCELGOV_SIG_BUSY))
		return;
	if (DRMC_COUNT(busy) <= 1)
		read_integral(slot, ACCELGOV_SIG_BUSY,
			      DRMC_INTEGRAL(busy, now_us), window_us, 1, 1000);
	else
		slot->primed &= ~(1U << ACCELGOV_SIG_BUSY);
}

/*
 * No counter of the host's link, and whoever owns the device waits for what it writes:
 * a checkpoint, which is what that signal is to tell. That nobody waits says nothing,
 * for memory may still be copied.
 */
static __always_inline void read_saving(struct collector_slot *slot,
					const struct drmc_device *d,
					__u64 window_ns)
{
	__u64 window_us = window_ns / 1000 + 20, word, now_us;
	__u64 *val = &slot->sample.val[ACCELGOV_SIG_HOST];
	__u32 bit = 1U << ACCELGOV_SIG_HOST;

	if (slot->signals & bit)
		return;
	word = d->saving;
	now_us = bpf_ktime_get_ns() / 1000;
	if (!d->owners) {
		slot->primed &= ~bit;
		return;
	}
	read_integral(slot, ACCELGOV_SIG_HOST, DRMC_INTEGRAL(word, now_us),
		      window_us, DRMC_COUNT_MASK, 1000);
	if (!*val)
		slot->sample.valid &= ~bit;
	if (*val > window_ns)
		*val = window_ns;
}

static __always_inline bool is_low(const struct collector_slot *slot,
				   __u64 window_ns, __u32 signal)
{
	const struct accelgov_sample *s = &slot->sample;

	return s->valid & 1U << signal &&
	       s->val[signal] < window_ns / COLLECTOR_LOW_PART;
}

/*
 * No counter of the interconnect, pipes and memory that rest, and whoever owns the
 * device waits behind a collective: it is that which runs. With pipes that work the
 * same wait says nothing, for what else is before the collective nobody knows.
 */
static __always_inline void read_collective(struct collector_slot *slot,
					    const struct drmc_device *d,
					    __u64 window_ns)
{
	__u64 window_us = window_ns / 1000 + 20, word, now_us, callers;
	__u32 bit = 1U << ACCELGOV_SIG_LINK;

	if (slot->signals & bit)
		return;
	word = d->collective;
	callers = d->callers;
	now_us = bpf_ktime_get_ns() / 1000;
	if (!callers) {
		slot->primed &= ~bit;
		return;
	}
	read_integral(slot, ACCELGOV_SIG_LINK, DRMC_INTEGRAL(word, now_us),
		      window_us, DRMC_COUNT_MASK, 1);
	if (!(slot->sample.valid & bit))
		return;
	if (!is_low(slot, window_ns, ACCELGOV_SIG_COMPUTE) ||
	    !is_low(slot, window_ns, ACCELGOV_SIG_MEMORY)) {
		slot->sample.valid &= ~bit;
		return;
	}
	/* Threads of several processes: all of them have to wait. */
	slot->sample.val[ACCELGOV_SIG_LINK] =
		slot->sample.val[ACCELGOV_SIG_LINK] * 1000 / callers;
	if (slot->sample.val[ACCELGOV_SIG_LINK] > window_ns)
		slot->sample.val[ACCELGOV_SIG_LINK] = window_ns;
}

/* What its GPU scheduler's collector knows of the device. */
static __always_inline void read_device(struct collector_slot *slot,
					__u64 window_ns)
{
	const struct drmc_device *d;
	__u32 index = slot->drm - 1;

	d = bpf_map_lookup_elem(&drm_devices, &index);
	if (!d)
		return;
	read_drm(slot, d, window_ns);
	read_collective(slot, d, window_ns);
	read_saving(slot, d, window_ns);
}

static __always_inline void push(struct collector_slot *slot)
{
	int ret;

	if (!bpf_ksym_exists(accelgov_push)) {
		slot->absent++;
		return;
	}
	ret = accelgov_push(slot->token, &slot->sample,
			    sizeof(slot->sample));
	if (!ret)
		slot->pushed++;
	else if (ret == -EBUSY)
		slot->busy++;
	else if (ret == -ENODEV)
		slot->stale++;
	else
		slot->refused++;
}

static __always_inline void collect(struct collector_slot *slot, __u32 nr,
				    __u64 now_ns)
{
	struct accelgov_sample *s = &slot->sample;
	__u64 window_ns = now_ns - slot->last_ns;
	__u32 signal;

	if (slot->last_ns && window_ns < COLLECTOR_WINDOW_MIN_NS) {
		slot->skipped++;
		return;
	}
	if (!slot->last_ns || window_ns > COLLECTOR_WINDOW_MAX_NS)
		slot->primed = 0;

	__builtin_memset(s, 0, sizeof(*s));
	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++)
		if (slot->signals & (1U << signal))
			read_signal(slot, nr, signal);
	if (slot->drm)
		read_device(slot, window_ns);
	slot->last_ns = now_ns;

	if (!s->valid) {
		slot->skipped++;
		return;
	}
	s->time_ns = now_ns;
	s->window_ns = window_ns;
	s->amount = s->valid;
	s->cost_ns = slot->last_cost_ns;
	push(slot);
}

/* Global, so that the verifier looks at it once and not for each slot of a tick. */
__noinline int collect_slot(__u32 nr)
{
	__u64 start_ns = bpf_ktime_get_ns(), cost_ns;
	struct collector_slot *slot;

	slot = bpf_map_lookup_elem(&slots, &nr);
	if (!slot)
		return 0;

	collect(slot, nr, start_ns);

	cost_ns = bpf_ktime_get_ns() - start_ns;
	slot->last_cost_ns = cost_ns;
	slot->run_ns += cost_ns;
	if (cost_ns > slot->max_cost_ns)
		slot->max_cost_ns = cost_ns;
	slot->runs++;
	return 0;
}

SEC("perf_event")
int accelgov_collect(struct bpf_perf_event_data *ctx)
{
	__u32 nr = bpf_get_attach_cookie(ctx), i;
	const struct collector_tick *tick;

	tick = bpf_map_lookup_elem(&ticks, &nr);
	if (!tick)
		return 0;
	for (i = 0; i < COLLECTOR_TICK_SLOTS && i < tick->nr; i++)
		collect_slot(tick->slot[i]);
	return 0;
}

char _license[] SEC("license") = "GPL";
