// SPDX-License-Identifier: GPL-2.0
/*
 * The perf PMU: cumulative counters, one PMU per device
 *
 * Events count for the whole device, from any CPU. There is no interrupt, so
 * no sampling. An event keeps its device: after unbinding its count stands
 * still.
 *
 * A PMU cannot be unregistered safely while events are open: up to 6.14,
 * perf_pmu_unregister() frees per-CPU data that put_pmu_ctx() of a late event
 * still touches after ->destroy(). So the PMU lives in a slot that outlives
 * the device:
 *
 *  - unbinding closes the slot: opening events gives -ENODEV;
 *  - when no event was ever opened, the PMU goes at once;
 *  - else it goes when the last event is gone, and since ->destroy() is not
 *    the end of an event, after an RCU-tasks grace period: the closing task
 *    doesn't sleep between ->destroy() and its last access;
 *  - binding again before that takes the slot over, events of the old device
 *    stay with the old one;
 *  - module exit finds no event, each holds a module reference until its end.
 *
 * Locking: @accelsim_slots_lock is held over registering and unregistering and
 * is not taken below perf, whose SRCU unregistering waits for. The slot's own
 * lock is taken in ->event_init() and ->destroy().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "sim.h"

/* A holder that is not us in disguise is gone long before. */
#define ACCELSIM_PMU_SPINS	(64 * 1024)

/**
 * struct accelsim_pmu - the PMU of one device number
 * @pmu: what perf knows
 * @name: its name
 * @registered: perf knows it; under accelsim_slots_lock
 * @lock: protects the rest
 * @adev: bound device, NULL while closed
 * @events: open events, of any device that the slot ever had
 * @used: an event was opened since registration
 * @bindings: how many devices the slot has had
 * @reap: unregisters a closed slot
 */
struct accelsim_pmu {
	struct pmu pmu;
	char name[24];
	bool registered;
	struct mutex lock; /* protects what follows */
	struct accelsim_device *adev;
	unsigned int events;
	bool used;
	u32 bindings;
	struct work_struct reap;
};

static DEFINE_MUTEX(accelsim_slots_lock);
static struct accelsim_pmu *accelsim_slots;
static unsigned int accelsim_nr_slots;

/* Numbers are those of enum accelgov_signal. perf multiplies by the scale. */
PMU_EVENT_ATTR_STRING(busy, event_busy, "event=0x00")
PMU_EVENT_ATTR_STRING(compute, event_compute, "event=0x01")
PMU_EVENT_ATTR_STRING(memory, event_memory, "event=0x02")
PMU_EVENT_ATTR_STRING(link, event_link, "event=0x03")
PMU_EVENT_ATTR_STRING(host, event_host, "event=0x04")
PMU_EVENT_ATTR_STRING(queue, event_queue, "event=0x05")
PMU_EVENT_ATTR_STRING(cycles, event_cycles, "event=0x06")
PMU_EVENT_ATTR_STRING(energy, event_energy, "event=0x07")
PMU_EVENT_ATTR_STRING(progress, event_progress, "event=0x08")
PMU_EVENT_ATTR_STRING(contexts, event_contexts, "event=0x09")
PMU_EVENT_ATTR_STRING(busy.unit, unit_busy, "ns")
PMU_EVENT_ATTR_STRING(compute.unit, unit_compute, "ns")
PMU_EVENT_ATTR_STRING(memory.unit, unit_memory, "ns")
PMU_EVENT_ATTR_STRING(link.unit, unit_link, "ns")
PMU_EVENT_ATTR_STRING(host.unit, unit_host, "ns")
PMU_EVENT_ATTR_STRING(queue.unit, unit_queue, "item*us")
PMU_EVENT_ATTR_STRING(cycles.unit, unit_cycles, "cycles")
PMU_EVENT_ATTR_STRING(energy.unit, unit_energy, "Joules")
PMU_EVENT_ATTR_STRING(progress.unit, unit_progress, "units")
PMU_EVENT_ATTR_STRING(contexts.unit, unit_contexts, "context*us")
PMU_EVENT_ATTR_STRING(energy.scale, scale_energy, "1e-6")

static struct attribute *accelsim_event_attrs[] = {
	&event_busy.attr.attr,
	&event_compute.attr.attr,
	&event_memory.attr.attr,
	&event_link.attr.attr,
	&event_host.attr.attr,
	&event_queue.attr.attr,
	&event_cycles.attr.attr,
	&event_energy.attr.attr,
	&event_progress.attr.attr,
	&event_contexts.attr.attr,
	&unit_busy.attr.attr,
	&unit_compute.attr.attr,
	&unit_memory.attr.attr,
	&unit_link.attr.attr,
	&unit_host.attr.attr,
	&unit_queue.attr.attr,
	&unit_cycles.attr.attr,
	&unit_energy.attr.attr,
	&unit_progress.attr.attr,
	&unit_contexts.attr.attr,
	&scale_energy.attr.attr,
	NULL
};

static const struct attribute_group accelsim_events_group = {
	.name = "events",
	.attrs = accelsim_event_attrs,
};

PMU_FORMAT_ATTR(event, "config:0-7");

static struct attribute *accelsim_format_attrs[] = {
	&format_attr_event.attr,
	NULL
};

static const struct attribute_group accelsim_format_group = {
	.name = "format",
	.attrs = accelsim_format_attrs,
};

static const struct attribute_group *accelsim_pmu_groups[] = {
	&accelsim_events_group,
	&accelsim_format_group,
	NULL
};

static struct accelsim_pmu *accelsim_slot_of(struct pmu *pmu)
{
	return container_of(pmu, struct accelsim_pmu, pmu);
}

/*
 * Readers may sit in NMI context, or in a tracepoint below our own lock or the
 * timer's. Both give up instead of waiting for themselves.
 */
static bool accelsim_pmu_value(struct perf_event *event, u64 *ret_value)
{
	struct accelsim_device *adev = event->pmu_private;
	unsigned int tries = in_nmi() ? 1 : ACCELSIM_PMU_SPINS;
	unsigned long flags;
	u64 now;

	local_irq_save(flags);
	while (!raw_spin_trylock(&adev->lock)) {
		if (!--tries) {
			local_irq_restore(flags);
			return false;
		}
		cpu_relax();
	}
	now = adev->dead ? adev->dead_ns : ktime_get_mono_fast_ns();
	*ret_value = asim_counter(&adev->model, event->attr.config, now);
	raw_spin_unlock(&adev->lock);
	local_irq_restore(flags);
	return true;
}

static void accelsim_pmu_read(struct perf_event *event)
{
	struct hw_perf_event *hwc = &event->hw;
	s64 prev = local64_read(&hwc->prev_count);
	u64 value;

	do {
		if (!accelsim_pmu_value(event, &value) ||
		    (s64)(value - prev) <= 0)
			return;
	} while (!local64_try_cmpxchg(&hwc->prev_count, &prev, value));
	local64_add(value - prev, &event->count);
}

static void accelsim_pmu_start(struct perf_event *event, int flags)
{
	u64 value;

	event->hw.state = 0;
	if (accelsim_pmu_value(event, &value))
		local64_set(&event->hw.prev_count, value);
}

static void accelsim_pmu_stop(struct perf_event *event, int flags)
{
	if (event->hw.state & PERF_HES_STOPPED)
		return;
	accelsim_pmu_read(event);
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
}

static int accelsim_pmu_add_event(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START)
		accelsim_pmu_start(event, flags);
	return 0;
}

static void accelsim_pmu_del_event(struct perf_event *event, int flags)
{
	accelsim_pmu_stop(event, PERF_EF_UPDATE);
}

static void accelsim_pmu_destroy(struct perf_event *event)
{
	struct accelsim_pmu *slot = accelsim_slot_of(event->pmu);
	struct accelsim_device *adev = event->pmu_private;

	mutex_lock(&slot->lock);
	if (!--slot->events && !slot->adev)
		queue_work(system_unbound_wq, &slot->reap);
	mutex_unlock(&slot->lock);
	put_device(&adev->node);
}

static int accelsim_pmu_attach(struct accelsim_pmu *slot,
			       struct perf_event *event)
{
	int ret = -ENODEV;

	mutex_lock(&slot->lock);
	if (slot->adev) {
		get_device(&slot->adev->node);
		event->pmu_private = slot->adev;
		slot->events++;
		slot->used = true;
		ret = 0;
	}
	mutex_unlock(&slot->lock);
	return ret;
}

static int accelsim_pmu_event_init(struct perf_event *event)
{
	int ret;

	if (event->attr.type != event->pmu->type)
		return -ENOENT;
	if (is_sampling_event(event) || event->attach_state & PERF_ATTACH_TASK)
		return -EINVAL;
	if (has_branch_stack(event))
		return -EOPNOTSUPP;
	if (event->cpu < 0 || event->attr.config >= ACCELGOV_SIG_NR)
		return -EINVAL;

	ret = accelsim_pmu_attach(accelsim_slot_of(event->pmu), event);
	if (!ret)
		event->destroy = accelsim_pmu_destroy;
	return ret;
}

static int accelsim_pmu_register(struct accelsim_pmu *slot, struct device *dev)
{
	int ret;

	slot->used = false;
	slot->pmu = (struct pmu){
		.module = THIS_MODULE,
		.parent = dev,
		.attr_groups = accelsim_pmu_groups,
		.capabilities = PERF_PMU_CAP_NO_INTERRUPT |
				PERF_PMU_CAP_NO_EXCLUDE,
		.scope = PERF_PMU_SCOPE_SYS_WIDE,
		.task_ctx_nr = perf_invalid_context,
		.event_init = accelsim_pmu_event_init,
		.add = accelsim_pmu_add_event,
		.del = accelsim_pmu_del_event,
		.start = accelsim_pmu_start,
		.stop = accelsim_pmu_stop,
		.read = accelsim_pmu_read,
	};
	ret = perf_pmu_register(&slot->pmu, slot->name, -1);
	slot->registered = !ret;
	return ret;
}

static void accelsim_pmu_unregister(struct accelsim_pmu *slot)
{
	lockdep_assert_held(&accelsim_slots_lock);
	if (!slot->registered)
		return;
	perf_pmu_unregister(&slot->pmu);
	slot->registered = false;
}

static bool accelsim_pmu_closed(struct accelsim_pmu *slot, u32 *ret_bindings)
{
	bool closed;

	mutex_lock(&slot->lock);
	closed = !slot->adev && !slot->events;
	*ret_bindings = slot->bindings;
	mutex_unlock(&slot->lock);
	return closed;
}

/* What was closed before the grace period must be what is closed after it. */
static void accelsim_pmu_reap(struct work_struct *work)
{
	struct accelsim_pmu *slot =
		container_of(work, struct accelsim_pmu, reap);
	u32 before, after;

	if (!accelsim_pmu_closed(slot, &before))
		return;
	synchronize_rcu_tasks();
	mutex_lock(&accelsim_slots_lock);
	if (accelsim_pmu_closed(slot, &after) && after == before)
		accelsim_pmu_unregister(slot);
	mutex_unlock(&accelsim_slots_lock);
}

/**
 * accelsim_pmu_add() - register the PMU of a device, or take its slot over
 * @adev: device
 *
 * Return: 0 or a negative error code.
 */
int accelsim_pmu_add(struct accelsim_device *adev)
{
	struct accelsim_pmu *slot = &accelsim_slots[adev->id];
	int ret = 0;

	mutex_lock(&accelsim_slots_lock);
	if (!slot->registered)
		ret = accelsim_pmu_register(slot, adev->dev);
	if (!ret) {
		mutex_lock(&slot->lock);
		slot->adev = adev;
		slot->bindings++;
		mutex_unlock(&slot->lock);
		adev->pmu = slot;
	}
	mutex_unlock(&accelsim_slots_lock);
	return ret;
}

/**
 * accelsim_pmu_remove() - close the slot, let the PMU go when it may
 * @adev: device, may have none
 */
void accelsim_pmu_remove(struct accelsim_device *adev)
{
	struct accelsim_pmu *slot = adev->pmu;
	bool used;

	if (!slot)
		return;
	mutex_lock(&accelsim_slots_lock);
	mutex_lock(&slot->lock);
	slot->adev = NULL;
	used = slot->used;
	mutex_unlock(&slot->lock);
	if (used)
		queue_work(system_unbound_wq, &slot->reap);
	else
		accelsim_pmu_unregister(slot);
	mutex_unlock(&accelsim_slots_lock);
}

/**
 * accelsim_pmu_init() - make a slot for each device
 * @devices: how many
 *
 * Return: 0 or a negative error code.
 */
int accelsim_pmu_init(unsigned int devices)
{
	unsigned int i;

	accelsim_slots = kvcalloc(devices, sizeof(*accelsim_slots), GFP_KERNEL);
	if (!accelsim_slots)
		return -ENOMEM;
	accelsim_nr_slots = devices;
	for (i = 0; i < devices; i++) {
		struct accelsim_pmu *slot = &accelsim_slots[i];

		snprintf(slot->name, sizeof(slot->name), ACCELSIM_NAME "_%u",
			 i);
		mutex_init(&slot->lock);
		INIT_WORK(&slot->reap, accelsim_pmu_reap);
	}
	return 0;
}

/**
 * accelsim_pmu_exit() - unregister what is left
 *
 * All devices are gone, and no event is left: each had a module reference.
 */
void accelsim_pmu_exit(void)
{
	unsigned int i;

	for (i = 0; i < accelsim_nr_slots; i++)
		cancel_work_sync(&accelsim_slots[i].reap);
	mutex_lock(&accelsim_slots_lock);
	for (i = 0; i < accelsim_nr_slots; i++)
		accelsim_pmu_unregister(&accelsim_slots[i]);
	mutex_unlock(&accelsim_slots_lock);
	kvfree(accelsim_slots);
}
