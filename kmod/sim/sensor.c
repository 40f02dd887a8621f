// SPDX-License-Identifier: GPL-2.0
/*
 * A power sensor as boards have it
 *
 * Observation. On A100 and H100, NVML's instantaneous power looks at 25 ms of
 * each 100 ms and shows the result 60 to 100 ms later; its averaged power
 * covers one second; boards differ by up to 5 % in gain.
 *
 * Model. Time is cut into periods of 100 ms. The mean power of the first 25 ms
 * of a period is shown during all of the next one. The average is that of the
 * ten periods before the current one. Nothing runs on a timer: the device
 * model tells of each stretch of constant power, and the edges inside it are
 * computed. A stretch longer than the memory of the sensor is skipped but for
 * its end.
 */
#include "sensor.h"

/**
 * asim_energy_nj() - energy at constant power
 * @ns: length of time
 * @mw: power
 *
 * A milliwatt for a microsecond is a nanojoule.
 *
 * Return: nanojoules, without overflow on the way.
 */
u64 asim_energy_nj(u64 ns, u32 mw)
{
	u64 us = div_u64(ns, NSEC_PER_USEC);
	u64 rest = ns - us * NSEC_PER_USEC;

	return us * mw + div_u64(rest * mw, NSEC_PER_USEC);
}

static void asim_sensor_edge(struct asim_sensor *s, u64 energy_nj)
{
	if (s->in_window) {
		s->sample_mw = div_u64(energy_nj - s->window_nj,
				       ASIM_SENSOR_WINDOW_NS / NSEC_PER_USEC);
		s->next_ns += ASIM_SENSOR_PERIOD_NS - ASIM_SENSOR_WINDOW_NS;
		s->in_window = false;
		return;
	}
	s->shown_mw = s->sample_mw;
	s->edges_nj[s->edges++ % ARRAY_SIZE(s->edges_nj)] = energy_nj;
	s->window_nj = energy_nj;
	s->next_ns += ASIM_SENSOR_WINDOW_NS;
	s->in_window = true;
}

/**
 * asim_sensor_init() - start a sensor
 * @sensor: to be filled
 * @gain_permille: what it shows for 1000
 * @now: time in nanoseconds
 * @mw: power until now, so that the first readings make sense
 */
void asim_sensor_init(struct asim_sensor *sensor, u32 gain_permille, u64 now,
		      u32 mw)
{
	*sensor = (struct asim_sensor){
		.gain_permille = gain_permille,
		.next_ns = now,
		.sample_mw = mw,
		.shown_mw = mw,
	};
}

/**
 * asim_sensor_advance() - account a stretch of constant power
 * @sensor: the sensor
 * @from_ns: start of the stretch
 * @to_ns: its end
 * @energy_nj: energy counter at the start
 * @mw: power in between
 */
void asim_sensor_advance(struct asim_sensor *sensor, u64 from_ns, u64 to_ns,
			 u64 energy_nj, u32 mw)
{
	const u64 memory_ns = (ASIM_SENSOR_PERIODS + 2) * ASIM_SENSOR_PERIOD_NS;
	u64 skip;

	if (sensor->next_ns > to_ns)
		return;
	if (to_ns - sensor->next_ns > memory_ns) {
		skip = div_u64(to_ns - memory_ns - sensor->next_ns,
			       ASIM_SENSOR_PERIOD_NS);
		if (sensor->in_window)
			asim_sensor_edge(sensor, energy_nj +
				asim_energy_nj(sensor->next_ns - from_ns, mw));
		sensor->next_ns += skip * ASIM_SENSOR_PERIOD_NS;
	}
	while (sensor->next_ns <= to_ns)
		asim_sensor_edge(sensor, energy_nj +
				 asim_energy_nj(sensor->next_ns - from_ns, mw));
}

static u32 asim_sensor_gain(const struct asim_sensor *s, u64 mw)
{
	return div_u64(mw * s->gain_permille, 1000);
}

/**
 * asim_sensor_sample_mw() - what the instantaneous reading shows
 * @sensor: the sensor
 *
 * Return: milliwatts.
 */
u32 asim_sensor_sample_mw(const struct asim_sensor *sensor)
{
	return asim_sensor_gain(sensor, sensor->shown_mw);
}

/**
 * asim_sensor_average_mw() - what the averaged reading shows
 * @sensor: the sensor
 *
 * Return: milliwatts; of fewer periods than usual right after the start.
 */
u32 asim_sensor_average_mw(const struct asim_sensor *sensor)
{
	const u32 size = ARRAY_SIZE(sensor->edges_nj);
	u64 first, last, nj;

	if (sensor->edges < 2)
		return asim_sensor_sample_mw(sensor);
	last = sensor->edges - 1;
	first = last > ASIM_SENSOR_PERIODS ? last - ASIM_SENSOR_PERIODS : 0;
	nj = sensor->edges_nj[last % size] - sensor->edges_nj[first % size];
	return asim_sensor_gain(sensor, div64_u64(nj, (last - first) *
				ASIM_SENSOR_PERIOD_NS / NSEC_PER_USEC));
}
