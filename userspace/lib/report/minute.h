/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The worst minute: what the slowdown promise is about
 */
#ifndef _LIB_MINUTE_H
#define _LIB_MINUTE_H

#include <stdint.h>

#define MINUTE_SECONDS	60
/* A power of two above it, so that the second being filled has room as well. */
#define MINUTE_SLOTS	64

/**
 * struct minute - work and time of the last 60 seconds
 * @first: second in which it all began
 * @second: the one that is being filled
 * @work_ns: by second: what the work that ended in it takes at the top clock
 * @took_ns: by second: what it took
 * @permille: slowdown of the last 60 whole seconds, NAN before there are as many
 * @worst_permille: largest of these so far, NAN when there is none
 */
struct minute {
	uint64_t first;
	uint64_t second;
	uint64_t work_ns[MINUTE_SLOTS];
	uint64_t took_ns[MINUTE_SLOTS];
	double permille;
	double worst_permille;
};

/**
 * minute_init() - nothing has happened yet
 * @m: the account
 * @now_ns: time
 */
void minute_init(struct minute *m, uint64_t now_ns);

/**
 * minute_advance() - time goes on
 * @m: the account
 * @now_ns: time; one that was passed already changes nothing
 *
 * Each second that is over by then ends a minute. A minute with less than 3 s of work
 * counts as if it had that much: what a wake-up costs is no slowdown of a job.
 */
void minute_advance(struct minute *m, uint64_t now_ns);

/**
 * minute_add() - work has ended
 * @m: the account
 * @end_ns: when; it counts into the second that is being filled where that is later
 * @work_ns: what it takes at the top clock
 * @took_ns: what it took
 */
void minute_add(struct minute *m, uint64_t end_ns, uint64_t work_ns,
		uint64_t took_ns);

#endif /* _LIB_MINUTE_H */
