/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events of accelgov: what came in, what it was taken for, what was done.
 *
 * Every event starts with dev=, and everything after it is key=value with the
 * unit in the key. Names are copied into the record rather than pointed at,
 * because perf reads the records in another address space.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM accelgov

#if !defined(_ACCELGOV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ACCELGOV_TRACE_H

#include <linux/tracepoint.h>
#include "accelgov_proxy.h"
#include "core/core.h"
#include "device.h"

#ifndef ACCELGOV_TRACE_VALUE
/* An unknown reading is -1, never zero. */
#define ACCELGOV_TRACE_VALUE(r, sig, field) \
	(ag_valid(r, sig) ? (s32)min_t(u32, (r)->field, S32_MAX) : -1)
#endif

/*
 * One sample, as rates; -1 where the collector did not know. Its window as it was
 * taken, cut where the one before had not ended; time_ns is its end. clock_counted:
 * the clock is the window's mean from a count of cycles, not one shown at its end.
 */
TRACE_EVENT(signal,
	TP_PROTO(const char *dev, const struct ag_rates *r),
	TP_ARGS(dev, r),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, valid)
		__field(u32, window_us)
		__field(s32, busy_permille)
		__field(s32, compute_permille)
		__field(s32, memory_permille)
		__field(s32, link_permille)
		__field(s32, host_permille)
		__field(s32, queue_milli)
		__field(s32, clock_khz)
		__field(s32, power_mw)
		__field(s32, contexts_milli)
		__field(s64, progress_per_s)
		__field(u64, time_ns)
		__field(u64, window_ns)
		__field(bool, clock_counted)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->valid = r->valid & AG_ALL_SIGNALS;
		__entry->window_us = (u32)div_u64(r->window_ns, NSEC_PER_USEC);
		__entry->busy_permille =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_BUSY, busy);
		__entry->compute_permille =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_COMPUTE, compute);
		__entry->memory_permille =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_MEMORY, memory);
		__entry->link_permille =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_LINK, link);
		__entry->host_permille =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_HOST, host);
		__entry->queue_milli =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_QUEUE, queue);
		__entry->clock_khz =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_CLOCK, clock_khz);
		__entry->power_mw =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_POWER, power_mw);
		__entry->contexts_milli =
			ACCELGOV_TRACE_VALUE(r, ACCELGOV_SIG_CONTEXTS, contexts);
		__entry->progress_per_s = ag_valid(r, ACCELGOV_SIG_PROGRESS) ?
			(s64)min_t(u64, r->progress, S64_MAX) : -1;
		__entry->time_ns = r->time_ns;
		__entry->window_ns = r->window_ns;
		__entry->clock_counted = ag_clock_counted(r);
	),
	TP_printk("dev=%s valid=0x%x window_us=%u busy_permille=%d compute_permille=%d memory_permille=%d link_permille=%d host_permille=%d queue_milli=%d clock_khz=%d power_mw=%d contexts_milli=%d progress_per_s=%lld time_ns=%llu window_ns=%llu clock_counted=%d",
		  __get_str(dev), __entry->valid, __entry->window_us,
		  __entry->busy_permille, __entry->compute_permille, __entry->memory_permille,
		  __entry->link_permille, __entry->host_permille, __entry->queue_milli,
		  __entry->clock_khz, __entry->power_mw, __entry->contexts_milli,
		  __entry->progress_per_s, __entry->time_ns, __entry->window_ns,
		  __entry->clock_counted)
);

/* The published phase or workload changed. */
TRACE_EVENT(phase,
	TP_PROTO(const char *dev, const char *old_name, const char *new_name,
		 const char *workload, u32 confidence, u64 held_us),
	TP_ARGS(dev, old_name, new_name, workload, confidence, held_us),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(old_name, old_name)
		__string(new_name, new_name)
		__string(workload, workload)
		__field(u32, confidence_permille)
		__field(u64, held_us)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(old_name);
		__assign_str(new_name);
		__assign_str(workload);
		__entry->confidence_permille = confidence;
		__entry->held_us = held_us;
	),
	TP_printk("dev=%s old=%s new=%s workload=%s confidence_permille=%u held_us=%llu",
		  __get_str(dev), __get_str(old_name), __get_str(new_name),
		  __get_str(workload), __entry->confidence_permille, __entry->held_us)
);

/* A target reached the driver, at set_ns, and the limits that held for it. */
TRACE_EVENT(decision,
	TP_PROTO(const char *dev, u32 old_khz, u32 new_khz,
		 const struct accelgov_pending *p, const char *trigger,
		 u64 latency_us, u64 set_ns),
	TP_ARGS(dev, old_khz, new_khz, p, trigger, latency_us, set_ns),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, old_khz)
		__field(u32, new_khz)
		__string(reason, ag_reason_name(p->decision.reason))
		__string(phase, p->phase_name)
		__field(u64, latency_us)
		__field(u32, slowdown_permille)
		__field(u32, energy_permille)
		__string(trigger, trigger)
		__field(u32, min_khz)
		__field(u32, max_khz)
		__field(u64, set_ns)
		__field(u32, cap_mw)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->old_khz = old_khz;
		__entry->new_khz = new_khz;
		__assign_str(reason);
		__assign_str(phase);
		__entry->latency_us = latency_us;
		__entry->slowdown_permille = p->decision.slowdown_permille;
		__entry->energy_permille = p->decision.energy_permille;
		__assign_str(trigger);
		__entry->min_khz = p->min_khz;
		__entry->max_khz = p->max_khz;
		__entry->set_ns = set_ns;
		__entry->cap_mw = p->decision.cap_mw;
	),
	TP_printk("dev=%s old_khz=%u new_khz=%u reason=%s phase=%s latency_us=%llu slowdown_permille=%u energy_permille=%u trigger=%s min_khz=%u max_khz=%u set_ns=%llu cap_mw=%u",
		  __get_str(dev), __entry->old_khz, __entry->new_khz,
		  __get_str(reason), __get_str(phase), __entry->latency_us,
		  __entry->slowdown_permille, __entry->energy_permille, __get_str(trigger),
		  __entry->min_khz, __entry->max_khz, __entry->set_ns, __entry->cap_mw)
);

/* The autosuspend delay of the device was changed; -1 for never. */
TRACE_EVENT(idle,
	TP_PROTO(const char *dev, u32 predicted_us, int old_ms, int new_ms),
	TP_ARGS(dev, predicted_us, old_ms, new_ms),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, predicted_us)
		__field(int, old_autosuspend_ms)
		__field(int, new_autosuspend_ms)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->predicted_us = predicted_us;
		__entry->old_autosuspend_ms = old_ms;
		__entry->new_autosuspend_ms = new_ms;
	),
	TP_printk("dev=%s predicted_us=%u old_autosuspend_ms=%d new_autosuspend_ms=%d",
		  __get_str(dev), __entry->predicted_us, __entry->old_autosuspend_ms,
		  __entry->new_autosuspend_ms)
);

/* The slowdown budget was used up, or has recovered. */
TRACE_EVENT(guard,
	TP_PROTO(const char *dev, const struct ag_guard *g, u32 budget),
	TP_ARGS(dev, g, budget),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(bool, engaged)
		__field(u32, slowdown_permille)
		__field(u32, budget_permille)
		__field(u64, lost_us)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->engaged = g->engaged;
		__entry->slowdown_permille = ag_guard_slowdown_permille(g);
		__entry->budget_permille = budget;
		__entry->lost_us = g->lost_us;
	),
	TP_printk("dev=%s engaged=%d slowdown_permille=%u budget_permille=%u lost_us=%llu",
		  __get_str(dev), __entry->engaged, __entry->slowdown_permille,
		  __entry->budget_permille, __entry->lost_us)
);

/* Signals went stale (active=1) or came back (active=0), at time_ns. */
TRACE_EVENT(fallback,
	TP_PROTO(const char *dev, bool active, u64 silent_us, u64 time_ns),
	TP_ARGS(dev, active, silent_us, time_ns),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(bool, active)
		__field(u64, silent_us)
		__field(u64, time_ns)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->active = active;
		__entry->silent_us = silent_us;
		__entry->time_ns = time_ns;
	),
	TP_printk("dev=%s active=%d silent_us=%llu time_ns=%llu",
		  __get_str(dev), __entry->active, __entry->silent_us,
		  __entry->time_ns)
);

/* An operator's or the daemon's wish changed. */
TRACE_EVENT(policy,
	TP_PROTO(const char *dev, const char *action, const char *key,
		 s64 value),
	TP_ARGS(dev, action, key, value),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(action, action)
		__string(key, key)
		__field(s64, value)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(action);
		__assign_str(key);
		__entry->value = value;
	),
	TP_printk("dev=%s action=%s key=%s value=%lld", __get_str(dev),
		  __get_str(action), __get_str(key), __entry->value)
);

/*
 * What the policy core is told beside samples and knobs: what is point (one of its
 * operating points, before start), start, stop, woke (the device resumed), clock (a
 * target that nobody decided, before the first sample), limited (the device is asked to
 * hold the power cap); time_ns is the core's time of it; switch_us and halt_us come with
 * start, see ag_core_switching(), and are 0 when not known. With signal, decision,
 * fallback and policy, its whole state follows from these, up to the first limited.
 */
TRACE_EVENT(govern,
	TP_PROTO(const char *dev, const char *what, u64 time_ns, u32 khz,
		 u32 mv, u32 switch_us, u32 halt_us),
	TP_ARGS(dev, what, time_ns, khz, mv, switch_us, halt_us),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(what, what)
		__field(u64, time_ns)
		__field(u32, khz)
		__field(u32, mv)
		__field(u32, switch_us)
		__field(u32, halt_us)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(what);
		__entry->time_ns = time_ns;
		__entry->khz = khz;
		__entry->mv = mv;
		__entry->switch_us = switch_us;
		__entry->halt_us = halt_us;
	),
	TP_printk("dev=%s what=%s time_ns=%llu khz=%u mv=%u switch_us=%u halt_us=%u",
		  __get_str(dev), __get_str(what), __entry->time_ns,
		  __entry->khz, __entry->mv, __entry->switch_us,
		  __entry->halt_us)
);

/*
 * A device that userspace actuates: what is create, target (a new one), done and
 * error (userspace dealt with the newest it read; error is its errno), gone.
 */
TRACE_EVENT(proxy,
	TP_PROTO(const char *dev, const char *what,
		 const struct accelgov_proxy_target *t, int error),
	TP_ARGS(dev, what, t, error),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(what, what)
		__field(u64, seq)
		__field(u32, clock_khz)
		__field(u32, cap_mw)
		__field(u32, idle_state)
		__field(int, error)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(what);
		__entry->seq = t->seq;
		__entry->clock_khz = t->clock_khz;
		__entry->cap_mw = t->cap_mw;
		__entry->idle_state = t->idle_state;
		__entry->error = error;
	),
	TP_printk("dev=%s what=%s seq=%llu clock_khz=%u cap_mw=%u idle_state=%u error=%d",
		  __get_str(dev), __get_str(what), __entry->seq,
		  __entry->clock_khz, __entry->cap_mw, __entry->idle_state,
		  __entry->error)
);

#endif /* _ACCELGOV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
