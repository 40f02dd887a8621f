/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What items are worth on a device at its top clock, for jobs that know no
 * device; and items cut to pieces.
 */
#ifndef _LIB_METER_H
#define _LIB_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/uapi/accelsim.h"

/**
 * struct meter - a device at its top clock
 * @ns: how long an item takes
 * @joule: how much energy
 * @context: first argument of both
 */
struct meter {
	uint64_t (*ns)(const void *context, const struct accelsim_item *item);
	double (*joule)(const void *context, const struct accelsim_item *item);
	const void *context;
};

/* Unit of work of jobs that mix kinds of work: see METER_UNIT_J. */
#define METER_UNIT	"ref-kJ"
/* Work that takes so much energy at the top clock is one unit. */
#define METER_UNIT_J	1000.0

/**
 * struct pieces - an item cut into equal parts
 * @whole: the item
 * @nr: how many parts
 * @next: the next one to be handed out
 */
struct pieces {
	struct accelsim_item whole;
	uint64_t nr;
	uint64_t next;
};

/**
 * pieces_cut() - cut an item
 * @m: the device
 * @whole: the item
 * @most_ns: longest time that a part may take at the top clock
 *
 * Return: its parts, none handed out.
 */
struct pieces pieces_cut(const struct meter *m,
			 const struct accelsim_item *whole, uint64_t most_ns);

/**
 * pieces_left() - is anything left to be handed out
 * @p: the parts
 *
 * Return: true when it is.
 */
static inline bool pieces_left(const struct pieces *p)
{
	return p->next < p->nr;
}

/**
 * pieces_take() - hand out the next part
 * @p: the parts, not used up
 *
 * All parts together are the whole to the last byte.
 *
 * Return: the part, with label and cookie of the whole.
 */
struct accelsim_item pieces_take(struct pieces *p);

#endif /* _LIB_METER_H */
