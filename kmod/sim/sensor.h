/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A power sensor as boards have it: sampled, late, and off by a gain error.
 * Pure code.
 */
#ifndef _ASIM_SENSOR_H
#define _ASIM_SENSOR_H

#include "../core/types.h"

#define ASIM_SENSOR_PERIOD_NS	(100ULL * NSEC_PER_MSEC)
#define ASIM_SENSOR_WINDOW_NS	(25ULL * NSEC_PER_MSEC)
/* Periods that the slow average looks back. */
#define ASIM_SENSOR_PERIODS	10

/**
 * struct asim_sensor - state of one sensor
 * @gain_permille: what it shows for 1000
 * @next_ns: next edge of a window or period
 * @in_window: that edge closes a window
 * @window_nj: energy at the start of the open window
 * @sample_mw: mean power of the last closed window
 * @shown_mw: the sample that readers get, one period late
 * @edges_nj: energy at the starts of the last periods, a ring
 * @edges: periods started so far
 */
struct asim_sensor {
	u32 gain_permille;
	u64 next_ns;
	bool in_window;
	u64 window_nj;
	u32 sample_mw;
	u32 shown_mw;
	u64 edges_nj[ASIM_SENSOR_PERIODS + 1];
	u64 edges;
};

u64 asim_energy_nj(u64 ns, u32 mw);
void asim_sensor_init(struct asim_sensor *sensor, u32 gain_permille, u64 now,
		      u32 mw);
void asim_sensor_advance(struct asim_sensor *sensor, u64 from_ns, u64 to_ns,
			 u64 energy_nj, u32 mw);
u32 asim_sensor_sample_mw(const struct asim_sensor *sensor);
u32 asim_sensor_average_mw(const struct asim_sensor *sensor);

#endif /* _ASIM_SENSOR_H */
