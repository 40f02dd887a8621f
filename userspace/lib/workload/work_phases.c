// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: phases of a given length
 *
 * "50 ms of compute" is no physics: which operations, which traffic? On the
 * device that it runs on it takes 50 ms at the top clock, under the board's
 * default power limit, and it is made of:
 *
 * compute	arithmetic for 97 % and memory traffic for 25 % of the time alone,
 *		which overlap; the shares of the GPT-3 passes on A100 (training.c)
 * memory	the other way round; decode of a 70B model has these shares too
 * mixed	as much of one as of the other
 * link		waiting in a collective
 * stall	waiting for the host
 * checkpoint	waiting for the host, which takes a transfer for two thirds of
 *		the time, as in training.c
 */
#include <errno.h>

#include "../../../kmod/sim/model.h"
#include "work_phases.h"

#define SECOND		1000000000ULL
#define MAJOR		0.97
#define MINOR		0.25
#define EVEN		0.7071
#define TRANSFER	0.65

static uint64_t item_ns(const void *chip, const struct accelsim_item *item)
{
	return asim_item_ref_ns(chip, item);
}

static double item_joule(const void *context, const struct accelsim_item *item)
{
	const struct asim_chip *chip = context;
	struct asim_work work = {
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
	struct asim_rates rates;
	uint32_t opp = asim_work_opp(chip, &work, chip->nr_opps - 1,
				     chip->profile->cap_max_mw);

	asim_work_rates(chip, &work, opp, &rates);
	return (double)rates.total_ns * rates.mw * 1e-12;
}

struct meter work_meter(const struct asim_chip *chip)
{
	return (struct meter){ item_ns, item_joule, chip };
}

/* A second of arithmetic and of traffic, were each alone. */
static void set_engines(const struct asim_chip *chip, double compute,
			double memory, struct accelsim_item *ret)
{
	const struct asim_profile *p = chip->profile;
	double khz = chip->opps[chip->nr_opps - 1].khz;

	ret->ops = (uint64_t)(compute * p->ops_per_cycle * khz * 1e3);
	ret->bytes = (uint64_t)(memory * p->mem_bytes_per_us * 1e6);
}

/* A second of a phase, more or less. */
static void set_second(const struct asim_chip *chip, struct accelsim_item *ret)
{
	switch (ret->label) {
	case ACCELGOV_PHASE_COMPUTE:
		set_engines(chip, MAJOR, MINOR, ret);
		break;
	case ACCELGOV_PHASE_MEMORY:
		set_engines(chip, MINOR, MAJOR, ret);
		break;
	case ACCELGOV_PHASE_LINK:
		ret->link_ns = SECOND;
		break;
	case ACCELGOV_PHASE_STALL:
		ret->host_ns = SECOND;
		break;
	case ACCELGOV_PHASE_CHECKPOINT:
		ret->host_ns = SECOND;
		ret->io_bytes = (uint64_t)(TRANSFER * 1e6 *
					   chip->profile->io_bytes_per_us);
		break;
	default:
		set_engines(chip, EVEN, EVEN, ret);
	}
}

static void set_physics(const struct asim_chip *chip, struct segment *s)
{
	struct accelsim_item *w = &s->work;
	double times;

	if (!s->duration_ns)
		return;
	set_second(chip, w);
	times = (double)s->duration_ns / (double)asim_item_ref_ns(chip, w);
	w->ops = (uint64_t)((double)w->ops * times);
	w->bytes = (uint64_t)((double)w->bytes * times);
	w->link_ns = (uint64_t)((double)w->link_ns * times);
	w->host_ns = (uint64_t)((double)w->host_ns * times);
	w->io_bytes = (uint64_t)((double)w->io_bytes * times);
	s->duration_ns = 0;
}

/* Work that rounds to no time at all is no item; long work is cut first. */
static bool is_possible(const struct asim_chip *chip, const struct segment *s)
{
	const struct accelsim_item *w = &s->work;

	return !(w->ops || w->bytes || w->link_ns || w->host_ns ||
		 w->io_bytes) || asim_item_ref_ns(chip, w);
}

int work_phases(const struct asim_chip *chip, const struct segments *list,
		struct segments *ret, unsigned int *ret_line)
{
	struct segments out = { 0 };
	int r = 0;

	for (size_t i = 0; !r && i < list->nr; i++) {
		struct segment one = list->v[i];

		set_physics(chip, &one);
		if (is_possible(chip, &one)) {
			r = segments_add(&out, &one);
			continue;
		}
		*ret_line = one.line;
		r = -ERANGE;
	}
	if (r)
		segments_free(&out);
	else
		*ret = out;
	return r;
}
