/* SPDX-License-Identifier: GPL-2.0 */
/* A device that userspace actuates, made and used with sense and without. */
#ifndef ACCELGOV_SELFTESTS_JUNK_PROXY_H
#define ACCELGOV_SELFTESTS_JUNK_PROXY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "accelgov_proxy.h"
#include "junk.h"

#define JUNK_OPPS	ACCELGOV_PROXY_OPPS_MAX

/**
 * struct junk_proxy - one open file of /dev/accelgov
 * @fd: it, -1 when closed
 * @create: what the device was made of, size 0 when there is none
 * @opps: of the device
 * @idle: of the device
 * @cost: of its idle states
 */
struct junk_proxy {
	int fd;
	struct accelgov_proxy_create create;
	struct accelgov_proxy_opp opps[JUNK_OPPS];
	struct accelgov_proxy_idle idle[ACCELGOV_PROXY_IDLE_MAX];
	struct accelgov_proxy_idle_cost cost[ACCELGOV_PROXY_IDLE_MAX];
};

/* A plausible device, of which every other has a word that is anything. */
static inline int junk_proxy_create(struct junk_proxy *p, uint64_t *seed)
{
	struct accelgov_proxy_create c = {
		.size = sizeof(c),
		.opps = (uintptr_t)p->opps,
		.idle = (uintptr_t)p->idle,
		.nr_opps = 1 + below(seed, JUNK_OPPS),
		.nr_idle = below(seed, ACCELGOV_PROXY_IDLE_MAX + 1),
		.cap_max_mw = 300000,
		.cap_mw = 1 + below(seed, 300000),
		.lease_ms = below(seed, 2) ? 0 : 100 + below(seed, 1000),
	};
	uint32_t *word = (uint32_t *)&c;
	int i;

	if (p->create.size)
		return ioctl(p->fd, ACCELGOV_PROXY_CREATE, &c);
	for (i = 0; i < JUNK_OPPS; i++)
		p->opps[i] = (struct accelgov_proxy_opp){
			.khz = 100000 + 10000 * i,
			.power_mw = 1000 + below(seed, 300000),
		};
	for (i = 0; i < ACCELGOV_PROXY_IDLE_MAX; i++) {
		p->idle[i] = (struct accelgov_proxy_idle){
			.entry_us = 1000 * i,
			.wake_us = below(seed, 20000),
		};
		p->cost[i] = (struct accelgov_proxy_idle_cost){
			.power_mw = 40000 - 10000 * i,
			.switch_uj = below(seed, 1000000),
		};
	}
	if (below(seed, 2)) {
		c.switch_us = below(seed, ACCELGOV_PROXY_SWITCH_MAX_US + 1);
		c.halt_us = below(seed, ACCELGOV_PROXY_SWITCH_MAX_US + 1);
	}
	if (c.nr_idle && below(seed, 2)) {
		c.idle_cost = (uintptr_t)p->cost;
		c.awake_mw = 50000;
	}
	snprintf(c.name, sizeof(c.name), "junk-%u", below(seed, 4));
	snprintf(c.governor, sizeof(c.governor), "%s",
		 below(seed, 4) ? "accelgov" : "simple_ondemand");
	if (!below(seed, 2))
		word[below(seed, sizeof(c) / 4)] = junk_number(seed);
	if (!below(seed, 8))
		p->opps[below(seed, JUNK_OPPS)].khz = junk_number(seed);
	if (ioctl(p->fd, ACCELGOV_PROXY_CREATE, &c))
		return -1;
	p->create = c;
	return 0;
}

/* Return: does the device's maker know what the target asks for? */
static inline bool junk_proxy_knows(const struct junk_proxy *p,
				    const struct accelgov_proxy_target *t)
{
	uint32_t i;

	for (i = 0; i < p->create.nr_opps; i++)
		if (p->opps[i].khz == t->clock_khz)
			break;
	return i < p->create.nr_opps && t->seq &&
	       t->idle_state <= p->create.nr_idle &&
	       t->cap_mw >= p->create.cap_min_mw &&
	       t->cap_mw <= p->create.cap_max_mw;
}

static inline int junk_proxy_report(struct junk_proxy *p, uint64_t *seed)
{
	struct accelgov_proxy_report r = {
		.size = sizeof(r),
		.seq = below(seed, 100),
		.error = below(seed, 4) ? 0 : junk_number(seed),
		.sample = {
			.window_ns = 10000000,
			.valid = below(seed, 4) ? 0x1f : dice(seed),
		},
	};
	uint64_t *word = (uint64_t *)&r;
	size_t len = sizeof(r);
	int i;

	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		r.sample.val[i] = below(seed, 4) ? below(seed, 1001) :
						   (uint64_t)junk_number(seed);
	if (!below(seed, 4))
		word[below(seed, sizeof(r) / 8)] = junk_number(seed);
	if (!below(seed, 20))
		len = below(seed, sizeof(r) + 1);
	return write(p->fd, below(seed, 50) ? (void *)&r : NULL, len) < 0 ? -1 : 0;
}

static inline void junk_proxy_close(struct junk_proxy *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->create.size = 0;
}

/**
 * junk_proxy_step() - do something with the file
 * @p: file
 * @seed: of what is done
 * @ret_broken: set when the device is asked for what it does not have
 *
 * Return: 0, or -1 when it is refused.
 */
static inline int junk_proxy_step(struct junk_proxy *p, uint64_t *seed,
				  bool *ret_broken)
{
	struct accelgov_proxy_target t = {};
	struct pollfd poll_fd = { .fd = p->fd, .events = POLLIN | POLLOUT };

	if (p->fd < 0) {
		p->fd = open("/dev/accelgov", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		return p->fd < 0 ? -1 : 0;
	}
	/* Making one and giving it up take longer than all the rest. */
	switch (below(seed, 256)) {
	case 0:
		junk_proxy_close(p);
		return 0;
	case 1 ... 4:
		return junk_proxy_create(p, seed);
	case 5 ... 24:
		return ioctl(p->fd, junk_number(seed), &t);
	case 25 ... 124:
		if (read(p->fd, &t, below(seed, 50) ? sizeof(t) : 1) < 0)
			return -1;
		*ret_broken = !junk_proxy_knows(p, &t);
		return 0;
	case 125 ... 149:
		return poll(&poll_fd, 1, 0) < 0 ? -1 : 0;
	default:
		return junk_proxy_report(p, seed);
	}
}

#endif /* ACCELGOV_SELFTESTS_JUNK_PROXY_H */
