// SPDX-License-Identifier: GPL-2.0
#include <math.h>

#include "minute.h"

#define SECOND_NS	1000000000ULL
/* As in the governor's own books (kmod/core/guard.c). */
#define LEAST_NS	(3 * SECOND_NS)

void minute_init(struct minute *m, uint64_t now_ns)
{
	*m = (struct minute){
		.first = now_ns / SECOND_NS,
		.second = now_ns / SECOND_NS,
		.permille = NAN,
		.worst_permille = NAN,
	};
}

static void judge(struct minute *m)
{
	uint64_t work = 0, took = 0;

	if (m->second - m->first < MINUTE_SECONDS)
		return;
	for (uint64_t i = 1; i <= MINUTE_SECONDS; i++) {
		work += m->work_ns[(m->second - i) % MINUTE_SLOTS];
		took += m->took_ns[(m->second - i) % MINUTE_SLOTS];
	}
	m->permille = 0;
	if (took > work)
		m->permille = 1000 * (double)(took - work) /
			      (double)(work > LEAST_NS ? work : LEAST_NS);
	m->worst_permille = fmax(m->worst_permille, m->permille);
}

void minute_advance(struct minute *m, uint64_t now_ns)
{
	uint64_t now = now_ns / SECOND_NS;

	for (int i = 0; i < MINUTE_SLOTS && m->second < now; i++) {
		m->second++;
		judge(m);
		m->work_ns[m->second % MINUTE_SLOTS] = 0;
		m->took_ns[m->second % MINUTE_SLOTS] = 0;
	}
	/* By now all of them are empty, and further minutes alike. */
	if (m->second < now)
		m->second = now;
}

void minute_add(struct minute *m, uint64_t end_ns, uint64_t work_ns,
		uint64_t took_ns)
{
	minute_advance(m, end_ns);
	m->work_ns[m->second % MINUTE_SLOTS] += work_ns;
	m->took_ns[m->second % MINUTE_SLOTS] += took_ns;
}
