// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - amdgpu's gpu_metrics, a table in binary
 *
 * The offsets follow from the structs of drivers/gpu/drm/amd/include/
 * kgd_pp_interface.h by the C ABI of 64-bit machines, little endian.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "backend.h"
#include "gpu_metrics.h"

#define HEADER		4
#define NONE		0
/* 0xffff and its wider kin: the firmware does not provide the field. */
#define MHZ_MAX		20000

/* Offsets of the fields of one revision; 0 for those that it lacks. */
struct layout {
	uint8_t format;
	uint8_t content;
	uint16_t min_size;	/* v1.6 was published in two shapes */
	uint16_t size;
	uint16_t busy;		/* u16, in steps of 1/@busy_scale percent */
	uint16_t busy_scale;
	uint16_t memory;	/* u16, percent */
	uint16_t power_w;	/* u16 */
	uint16_t power_mw;	/* u32 */
	uint16_t energy;	/* u64, 2^-16 J */
	uint16_t clock[2];	/* u16, MHz: average, current */
	uint16_t uclk[2];
	uint16_t hotspot_c;	/* u16 */
	uint16_t throttle;	/* u32, bits differ from chip to chip */
	uint16_t indep;		/* u64, bits are the same on all */
	uint16_t residency[GPU_METRICS_RESIDENCIES];
};

static const struct layout layouts[] = {
	{ 1, 0, 0, 80, .busy = 28, .busy_scale = 1, .memory = 30,
	  .power_w = 34, .clock = { 40, 54 }, .uclk = { 44, 58 },
	  .hotspot_c = 18, .throttle = 68 },
	{ 1, 1, 0, 96, .busy = 16, .busy_scale = 1, .memory = 18,
	  .power_w = 22, .energy = 24, .clock = { 40, 54 },
	  .uclk = { 44, 58 }, .hotspot_c = 6, .throttle = 68 },
	{ 1, 2, 0, 104, .busy = 16, .busy_scale = 1, .memory = 18,
	  .power_w = 22, .energy = 24, .clock = { 40, 54 },
	  .uclk = { 44, 58 }, .hotspot_c = 6, .throttle = 68 },
	{ 1, 3, 0, 120, .busy = 16, .busy_scale = 1, .memory = 18,
	  .power_w = 22, .energy = 24, .clock = { 40, 54 },
	  .uclk = { 44, 58 }, .hotspot_c = 6, .throttle = 68, .indep = 112 },
	{ 1, 4, 0, 288, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 24, .clock = { NONE, 240 },
	  .uclk = { NONE, 280 }, .hotspot_c = 4, .throttle = 40 },
	{ 1, 5, 0, 360, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 88, .clock = { NONE, 312 },
	  .uclk = { NONE, 352 }, .hotspot_c = 4, .throttle = 104 },
	{ 1, 6, 1000, 1656, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 16, .clock = { NONE, 264 },
	  .uclk = { NONE, 304 }, .hotspot_c = 4,
	  .residency = { 36, 40, 44, 48, 52 } },
	{ 1, 6, 0, 384, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 88, .clock = { NONE, 336 },
	  .uclk = { NONE, 376 }, .hotspot_c = 4, .throttle = 128,
	  .residency = { 108, 112, 116, 120, 124 } },
	{ 1, 7, 0, 2204, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 24, .clock = { NONE, 296 },
	  .uclk = { NONE, 336 }, .hotspot_c = 4,
	  .residency = { 44, 48, 52, 56, 60 } },
	{ 1, 8, 0, 3356, .busy = 12, .busy_scale = 1, .memory = 14,
	  .power_w = 10, .energy = 24, .clock = { NONE, 296 },
	  .uclk = { NONE, 336 }, .hotspot_c = 4,
	  .residency = { 44, 48, 52, 56, 60 } },
	{ 2, 0, 0, 120, .clock = { 68, 80 }, .uclk = { 72, 84 },
	  .throttle = 112 },
	{ 2, 1, 0, 120, .clock = { 64, 76 }, .uclk = { 68, 80 },
	  .throttle = 108 },
	{ 2, 2, 0, 128, .clock = { 64, 76 }, .uclk = { 68, 80 },
	  .throttle = 108, .indep = 120 },
	{ 2, 3, 0, 152, .clock = { 64, 76 }, .uclk = { 68, 80 },
	  .throttle = 108, .indep = 120 },
	{ 2, 4, 0, 168, .busy = 28, .busy_scale = 100, .clock = { 64, 76 },
	  .uclk = { 68, 80 }, .throttle = 108, .indep = 120 },
	{ 3, 0, 0, 264, .busy = 42, .busy_scale = 1, .power_mw = 112,
	  .clock = { 174, NONE }, .uclk = { 186, NONE } },
};

static uint64_t little(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

static bool provided(uint64_t v, unsigned int bytes)
{
	return v != (bytes == 8 ? UINT64_MAX : (1ULL << bytes * 8) - 1);
}

static struct reading known(int64_t value)
{
	return (struct reading){ value, true };
}

/* An offset of 0, all ones, or more than can be: unknown. */
static struct reading field(const uint8_t *data, uint16_t at,
			    unsigned int bytes, uint64_t max)
{
	uint64_t v;

	if (!at)
		return (struct reading){ 0 };
	v = little(data + at, bytes);
	if (!provided(v, bytes) || v > max)
		return (struct reading){ 0 };
	return known(v);
}

static struct reading scaled(struct reading r, int64_t factor, int64_t divisor)
{
	if (r.known)
		r.value = r.value * factor / divisor;
	return r;
}

/*
 * The average is what the clock really was; "current" is what it was set to, even
 * while the core is powered down. A clock of 0 tells nothing.
 */
static struct reading clock_of(const uint8_t *data, const uint16_t at[2])
{
	struct reading r = field(data, at[0], 2, MHZ_MAX);

	if (!r.known)
		r = field(data, at[1], 2, MHZ_MAX);
	if (!r.value)
		return (struct reading){ 0 };
	return scaled(r, 1000, 1);
}

/* 2^-16 J; chips without the counter say 0. */
static struct reading energy_of(uint64_t v)
{
	if (!v || !provided(v, 8) || v > INT64_MAX / 15625)
		return (struct reading){ 0 };
	return known(v * 15625 >> 10);
}

/*
 * Groups of 16 bits: power limits, currents, temperatures, and the rest; the last
 * four of the temperatures are signals from outside.
 */
static int64_t reasons(uint64_t indep)
{
	int64_t r = 0;

	if (indep & 0xffffULL)
		r |= BACKEND_THROTTLE_POWER;
	if (indep & 0xffff0000ULL || indep & 0xf00000000000ULL)
		r |= BACKEND_THROTTLE_HARDWARE;
	if (indep & 0x0fff00000000ULL)
		r |= BACKEND_THROTTLE_THERMAL;
	if (indep >> 48)
		r |= BACKEND_THROTTLE_OTHER;
	return r;
}

static struct reading throttle_of(const uint8_t *data, const struct layout *l)
{
	struct reading r = { 0 };
	uint64_t v;

	if (l->indep) {
		v = little(data + l->indep, 8);
		if (provided(v, 8))
			return known(reasons(v));
	}
	if (!l->throttle)
		return r;
	v = little(data + l->throttle, 4);
	if (!provided(v, 4))
		return r;
	return known(v ? BACKEND_THROTTLE_OTHER : 0);
}

static void take(const uint8_t *data, const struct layout *l,
		 struct gpu_metrics *m)
{
	unsigned int i;

	m->busy_permille = scaled(field(data, l->busy, 2, 100 * l->busy_scale),
				  10, l->busy_scale ? l->busy_scale : 1);
	m->memory_permille = scaled(field(data, l->memory, 2, 100), 10, 1);
	m->power_mw = scaled(field(data, l->power_w, 2, 20000), 1000, 1);
	if (l->power_mw)
		m->power_mw = field(data, l->power_mw, 4, 20000000);
	if (l->energy)
		m->energy_uj = energy_of(little(data + l->energy, 8));
	m->clock_khz = clock_of(data, l->clock);
	m->mem_clock_khz = clock_of(data, l->uclk);
	m->temperature_mc = scaled(field(data, l->hotspot_c, 2, 300), 1000, 1);
	m->throttle = throttle_of(data, l);
	for (i = 0; i < GPU_METRICS_RESIDENCIES; i++)
		m->residency[i] = field(data, l->residency[i], 4, UINT32_MAX);
}

/*
 * v1.9 has no layout: each field comes behind 8 bytes that say which it is, of
 * which type and how often.
 */
enum attribute {
	ATTR_HOTSPOT = 0,
	ATTR_POWER = 3,
	ATTR_GFX = 4,
	ATTR_UMC = 5,
	ATTR_ENERGY = 7,
	ATTR_PROCHOT = 10,
	ATTR_HBM_THERMAL = 14,
	ATTR_GFXCLK = 33,
	ATTR_UCLK = 37,
};

static struct reading below(uint64_t v, unsigned int bytes, uint64_t max)
{
	if (!provided(v, bytes) || v > max)
		return (struct reading){ 0 };
	return known(v);
}

static void take_attribute(unsigned int id, uint64_t v, unsigned int bytes,
			   struct gpu_metrics *m)
{
	switch (id) {
	case ATTR_HOTSPOT:
		m->temperature_mc = scaled(below(v, bytes, 300), 1000, 1);
		break;
	case ATTR_POWER:
		m->power_mw = scaled(below(v, bytes, 20000), 1000, 1);
		break;
	case ATTR_GFX:
		m->busy_permille = scaled(below(v, bytes, 100), 10, 1);
		break;
	case ATTR_UMC:
		m->memory_permille = scaled(below(v, bytes, 100), 10, 1);
		break;
	case ATTR_ENERGY:
		m->energy_uj = energy_of(bytes == 8 ? v : 0);
		break;
	case ATTR_PROCHOT ... ATTR_HBM_THERMAL:
		m->residency[id - ATTR_PROCHOT] = below(v, bytes, UINT32_MAX);
		break;
	case ATTR_GFXCLK:
		if (v)
			m->clock_khz = scaled(below(v, bytes, MHZ_MAX), 1000,
					      1);
		break;
	case ATTR_UCLK:
		if (v)
			m->mem_clock_khz = scaled(below(v, bytes, MHZ_MAX),
						  1000, 1);
		break;
	}
}

static int take_attributes(const uint8_t *data, size_t size,
			   struct gpu_metrics *m)
{
	uint64_t left, what, instances;
	unsigned int bytes, type;
	size_t at = HEADER + 4;

	if (size < at)
		return -ENODATA;
	for (left = little(data + HEADER, 4); left; left--) {
		if (size - at < 8)
			return -ENODATA;
		what = little(data + at, 8);
		at += 8;
		type = what >> 20 & 0xf;
		instances = what & 0x3ff;
		if (type > 7 || !instances)
			return -ENODATA;
		bytes = 1U << type / 2;
		if (size - at < bytes * instances)
			return -ENODATA;
		/* The first of several engines stands for all. */
		take_attribute(what >> 10 & 0x3ff, little(data + at, bytes),
			       bytes, m);
		at += bytes * instances;
	}
	return 0;
}

static const struct layout *find(uint8_t format, uint8_t content, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].format == format &&
		    layouts[i].content == content &&
		    size >= layouts[i].min_size)
			return &layouts[i];
	return NULL;
}

int gpu_metrics_parse(const void *data, size_t len,
		      struct gpu_metrics *ret_metrics)
{
	struct gpu_metrics m = { 0 };
	const struct layout *layout;
	const uint8_t *bytes = data;
	size_t size;
	int ret;

	if (len < HEADER)
		return -EBADMSG;
	size = little(bytes, 2);
	m.format = bytes[2];
	m.content = bytes[3];
	if (size < HEADER || len < size)
		return -ENODATA;
	if (m.format == 1 && m.content == 9) {
		ret = take_attributes(bytes, size, &m);
		if (ret)
			return ret;
		*ret_metrics = m;
		return 0;
	}
	layout = find(m.format, m.content, size);
	if (!layout) {
		*ret_metrics = m;
		return -EPROTONOSUPPORT;
	}
	if (size < layout->size)
		return -ENODATA;
	take(bytes, layout, &m);
	*ret_metrics = m;
	return 0;
}
