/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace event of accelsim: what a simulated device was told to do
 *
 * The device's own record, from behind devfreq and every governor: whoever wants
 * to know whether limits held can compare it with them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM accelsim

#if !defined(_ACCELSIM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ACCELSIM_TRACE_H

#include <linux/tracepoint.h>

/* A clock was requested, or a power limit set; the other one is as before. */
TRACE_EVENT(told,
	TP_PROTO(const char *dev, u32 khz, u32 cap_mw),
	TP_ARGS(dev, khz, cap_mw),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, khz)
		__field(u32, cap_mw)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->khz = khz;
		__entry->cap_mw = cap_mw;
	),
	TP_printk("dev=%s khz=%u cap_mw=%u", __get_str(dev), __entry->khz,
		  __entry->cap_mw)
);

#endif /* _ACCELSIM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
