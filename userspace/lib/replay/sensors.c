// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: sensors of real boards
 *
 * Observation. The model tells every signal exactly and for any interval. No
 * board does. What NVML shows, and what it is known to get wrong:
 *
 * - Power is looked at for 25 ms of each 100 ms and shown 60 to 100 ms later
 *   (A100, H100), or averaged over one second; boards differ by up to 5 % in
 *   gain (Yang et al., SC 2024; github.com/JimZeyuYang/GPU_Power_Benchmark).
 * - Utilisation of cores and of memory are shares of time over an interval of
 *   the board's own, in whole per cent. In the A100 series of the same source
 *   they are renewed every 200 ms, for the 200 ms before; other boards take
 *   from 100 ms to a second.
 * - Hopper and later have GPM: means of pipes, memory, NVLink and PCIe between
 *   two moments that the collector chooses. What is behind it is renewed every 100 ms,
 *   at moments of the board's own, and then tells of 100 ms that ended 35 to 75 ms
 *   before (H100; Documentation/hardware.rst).
 * - NVLink counts bytes. A kernel that waits in a collective moves none, so of
 *   the time in collectives anything between nothing and all is seen.
 * - Nobody counts queued work.
 *
 * Model. Each board draws one gain per signal from 0.95 to 1.05, the part of
 * the time in collectives that shows as traffic, and the phase of its own
 * intervals. Utilisations are latched when the board renews them, and shown from then
 * on, GPM's 35 to 75 ms later, which is drawn too; power comes
 * from the sensor of the device model (kmod/sim/sensor.c); the clock is that of
 * the moment. All of this is drawn from the seed, nothing from the machine.
 *
 * A collector that comes before the board has anything new gets the old value
 * again, as it would from the library. The clock has no gain: it is counted.
 */
#include <stddef.h>
#include <string.h>

#include "model.h"
#include "sensors.h"

#define MSEC		1000000ULL
#define GAIN_ERROR	0.05
#define GPM_MIN_NS	(95 * MSEC)
#define GPM_LATE_MIN_NS	(35 * MSEC)
#define GPM_LATE_NS	(40 * MSEC)

#define B(sig)		(1U << ACCELGOV_SIG_##sig)
#define ENGINES		(B(BUSY) | B(COMPUTE) | B(MEMORY) | B(LINK) | B(HOST))
#define BASIC		(B(BUSY) | B(MEMORY) | B(POWER))
#define NVML		(BASIC | B(LINK) | B(HOST) | B(CLOCK) | B(CONTEXTS))

static const struct sensors_level levels[] = {
	{
		.name = "full",
		.help = "every signal, exactly",
	}, {
		.name = "gpm",
		.help = "NVML with GPM (Hopper and later): means over 100 ms",
		.valid = ENGINES | NVML,
		.update_ns = 100 * MSEC,
		.fine = true,
		.late = true,
		.period_us = 100000,
	}, {
		.name = "nvml",
		.help = "NVML without GPM: utilisation, NVLink, PCIe, clock, power",
		.valid = NVML,
		.own = B(LINK) | B(HOST),
		.update_ns = 100 * MSEC,
		.period_us = 100000,
	}, {
		.name = "nvml-200ms",
		.help = "the same, utilisation renewed every 200 ms as on A100",
		.valid = NVML,
		.own = B(LINK) | B(HOST),
		.update_ns = 200 * MSEC,
		.period_us = 100000,
	}, {
		.name = "basic",
		.help = "busy time, memory utilisation and power",
		.valid = BASIC,
		.update_ns = 100 * MSEC,
		.period_us = 100000,
	}, {
		.name = "basic-1s",
		.help = "the same, power averaged over a second",
		.valid = BASIC,
		.update_ns = 100 * MSEC,
		.power_slow = true,
		.period_us = 100000,
	},
};

void sensors_look(struct asim_model *m, uint64_t now_ns, bool power,
		  struct sensors_now *ret)
{
	ret->now_ns = now_ns;
	for (int i = 0; i < ACCELGOV_SIG_NR; i++)
		ret->counter[i] = asim_counter(m, i, now_ns);
	ret->clock_khz = asim_clock_khz(m);
	ret->sample_mw = power ? asim_sample_mw(m, now_ns) : 0;
	ret->average_mw = power ? asim_average_mw(m, now_ns) : 0;
}

const struct sensors_level *sensors_level_nth(unsigned int i)
{
	return i < sizeof(levels) / sizeof(levels[0]) ? &levels[i] : NULL;
}

const struct sensors_level *sensors_level_find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!strcmp(levels[i].name, name))
			return &levels[i];
	return NULL;
}

void sensors_init(struct sensors *s, const struct sensors_level *level,
		  uint64_t seed, const struct sensors_now *now)
{
	/* Another sequence than that of the samples' jitter. */
	struct prng p = { seed ^ 0x5e4505ULL };

	*s = (struct sensors){ .next_ns = UINT64_MAX };
	if (!level || !level->valid)
		return;
	s->level = level;
	for (int i = 0; i < ACCELGOV_SIG_NR; i++)
		s->gain[i] = 1 + GAIN_ERROR * (2 * prng_uniform(&p) - 1);
	s->gain[ACCELGOV_SIG_LINK] *= prng_uniform(&p);
	s->edge_ns = now->now_ns;
	s->own_ns = now->now_ns;
	s->from_ns = now->now_ns;
	s->to_ns = now->now_ns;
	memcpy(s->seen, now->counter, sizeof(s->seen));
	memcpy(s->own_seen, now->counter, sizeof(s->own_seen));
	if (level->update_ns)
		s->next_ns = now->now_ns + 1 + (uint64_t)
			(prng_uniform(&p) * (double)level->update_ns);
	if (level->late)
		s->late_ns = GPM_LATE_MIN_NS +
			     (uint64_t)(prng_uniform(&p) * (double)GPM_LATE_NS);
}

/* A share of the interval, as this board shows it. */
static uint64_t share(const struct sensors *s, int sig, uint64_t amount,
		      uint64_t ns, uint64_t step)
{
	double v = s->gain[sig] * 1000 * (double)amount / (double)ns;

	if (v > 1000)
		v = 1000;
	return (uint64_t)(v / (double)step + 0.5) * step;
}

/* What was latched is shown from now on. */
static void show(struct sensors *s)
{
	if (!s->latched)
		return;
	memcpy(s->shown, s->latch, sizeof(s->shown));
	s->from_ns = s->latch_from_ns;
	s->to_ns = s->edge_ns;
	s->latched = false;
}

/* Utilisations are whole per cents, but for GPM's. */
void sensors_renew(struct sensors *s, const struct sensors_now *now)
{
	uint64_t ns = now->now_ns - s->edge_ns;

	show(s);
	for (int i = 0; ns && i <= ACCELGOV_SIG_HOST; i++)
		s->latch[i] = share(s, i, now->counter[i] - s->seen[i], ns,
				    s->level->fine ? 1 : 10);
	memcpy(s->seen, now->counter, sizeof(s->seen));
	s->latch_from_ns = s->edge_ns;
	s->latched = true;
	s->edge_ns = now->now_ns;
	s->next_ns = now->now_ns + s->level->update_ns;
}

static void read_own(struct sensors *s, const struct sensors_now *now)
{
	uint64_t ns = now->now_ns - s->own_ns;

	if (ns < GPM_MIN_NS)
		return;
	for (int i = 0; i <= ACCELGOV_SIG_HOST; i++)
		s->own_shown[i] = share(s, i, now->counter[i] - s->own_seen[i],
					ns, 1);
	memcpy(s->own_seen, now->counter, sizeof(s->own_seen));
	if (!s->level->update_ns) {
		s->from_ns = s->own_ns;
		s->to_ns = now->now_ns;
	}
	s->own_ns = now->now_ns;
}

void sensors_read(struct sensors *s, const struct sensors_now *now,
		  struct accelgov_sample *sample)
{
	const struct sensors_level *l = s->level;
	uint32_t mw;

	if (!l) {
		s->from_ns = sample->time_ns - sample->window_ns;
		s->to_ns = sample->time_ns;
		return;
	}
	read_own(s, now);
	if (now->now_ns >= s->edge_ns + s->late_ns)
		show(s);
	for (int i = 0; i <= ACCELGOV_SIG_HOST; i++)
		sample->val[i] = l->own & 1U << i ? s->own_shown[i] :
						    s->shown[i];
	mw = l->power_slow ? now->average_mw : now->sample_mw;
	sample->val[ACCELGOV_SIG_POWER] = (uint64_t)
		(s->gain[ACCELGOV_SIG_POWER] * (double)mw);
	sample->val[ACCELGOV_SIG_CLOCK] = now->clock_khz;
	/* Contexts are counted: their amount stays as it is. */
	sample->valid = l->valid;
	sample->amount = B(CONTEXTS);
	for (int i = 0; i < ACCELGOV_SIG_NR; i++)
		if (!(l->valid & 1U << i))
			sample->val[i] = 0;
	sample->amount &= l->valid;
}
