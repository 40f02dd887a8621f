/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many requests per second a deployment serves well, found by rehearsing.
 */
#ifndef _LIB_LOAD_H
#define _LIB_LOAD_H

#include "rehearsal.h"
#include "serving.h"

/* 99 of 100 requests get their tokens at least this fast; see load.c. */
#define LOAD_TPOT_MS		40
/* Part of the capacity that a deployment is planned for. */
#define LOAD_PERMILLE		600

/**
 * load_capacity() - highest rate at which the service is still good
 * @cfg: the engine; its table gives the lengths and the burstiness
 * @device: the device at its top clock
 * @ret: requests per second, set on success only
 *
 * Return: 0, -EINVAL when the table has fewer than two requests, -EDOM when not
 * even a low rate is served well, -ENOMEM.
 */
int load_capacity(const struct serving_config *cfg,
		  const struct rehearsal_device *device, double *ret);

/**
 * load_throughput() - highest rate at which the queue does not grow
 * @cfg: the engine; its table gives the lengths
 * @device: the device at its top clock
 * @ret: requests per second, however long each takes, set on success only
 *
 * Return: 0, -EINVAL when the table has fewer than two requests or none is done
 * within ten minutes, -ENOMEM.
 */
int load_throughput(const struct serving_config *cfg,
		    const struct rehearsal_device *device, double *ret);

/**
 * load_scale() - factor that gives the beginning of a table a certain rate
 * @table: the table
 * @rate_per_s: wanted mean rate over the interval
 * @duration_ns: length of the interval
 *
 * Return: factor for requests_excerpt(); 0 when the table is too short.
 */
double load_scale(const struct requests *table, double rate_per_s,
		  uint64_t duration_ns);

#endif /* _LIB_LOAD_H */
