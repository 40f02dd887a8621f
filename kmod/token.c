// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens: how a BPF program names a device
 *
 * A program can't hold a kernel pointer safely, and a bare index would hit the
 * wrong device after a hotplug. A token is an index and the generation of that
 * place in the table: it never becomes valid again once its device has left
 * (until 4 million devices have used the same place).
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include "device.h"
#include "token.h"

#define ACCELGOV_TOKEN_BITS	10
#define ACCELGOV_TOKEN_PLACES	BIT(ACCELGOV_TOKEN_BITS)
#define ACCELGOV_TOKEN_INDEX(t)	((t) & (ACCELGOV_TOKEN_PLACES - 1))
#define ACCELGOV_TOKEN_GENERATIONS	BIT(32 - ACCELGOV_TOKEN_BITS)

/* Written under the list's lock in device.c, read under RCU. */
static struct accelgov_device __rcu *places[ACCELGOV_TOKEN_PLACES];
static u32 generations[ACCELGOV_TOKEN_PLACES];

/**
 * accelgov_token_alloc() - let BPF programs find a device
 * @agd: device, ready to take samples
 *
 * Context: callers of this and accelgov_token_free() exclude each other.
 * Return: 0, or -ENOSPC.
 */
int accelgov_token_alloc(struct accelgov_device *agd)
{
	u32 i;

	for (i = 0; i < ACCELGOV_TOKEN_PLACES; i++)
		if (!rcu_access_pointer(places[i]))
			break;
	if (i == ACCELGOV_TOKEN_PLACES)
		return -ENOSPC;

	/* Generation 0 is left out: no token is 0. */
	if (++generations[i] == ACCELGOV_TOKEN_GENERATIONS)
		generations[i] = 1;
	agd->token = generations[i] << ACCELGOV_TOKEN_BITS | i;
	rcu_assign_pointer(places[i], agd);
	return 0;
}

/**
 * accelgov_token_free() - no BPF program finds the device any more
 * @agd: device
 *
 * Programs that have found it may still use it until an RCU grace period ends.
 */
void accelgov_token_free(struct accelgov_device *agd)
{
	RCU_INIT_POINTER(places[ACCELGOV_TOKEN_INDEX(agd->token)], NULL);
}

/**
 * accelgov_token_device() - which device a token means
 * @token: token
 *
 * Context: any, NMI included, inside an RCU read-side section.
 * Return: the device, or NULL.
 */
struct accelgov_device *accelgov_token_device(u32 token)
{
	struct accelgov_device *agd;

	agd = rcu_dereference(places[ACCELGOV_TOKEN_INDEX(token)]);
	return agd && agd->token == token ? agd : NULL;
}
