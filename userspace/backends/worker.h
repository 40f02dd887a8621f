/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - a thread for calls that may never come back
 *
 * A vendor's library waits for its driver, and a driver that waits for a dead
 * device takes the caller with it. So calls are made on a thread of their own and
 * waited for with a deadline. A call works on a copy of its argument: when the
 * caller has gone, thread and copy stay behind, and nothing of the caller's is
 * touched any more. Until that call returns every further one fails at once, so
 * that one hang costs one deadline.
 */
#ifndef ACCELGOV_BACKENDS_WORKER_H
#define ACCELGOV_BACKENDS_WORKER_H

#include <stddef.h>

struct worker;

/**
 * worker_new() - start a thread
 *
 * All signals are blocked in it.
 *
 * Return: the worker, NULL without memory or threads.
 */
struct worker *worker_new(void);

/**
 * worker_call() - run a function on the thread and wait for it
 * @worker: the thread; one caller at a time
 * @timeout_ms: how long to wait
 * @call: runs with a copy of @arg; what it changes there is copied back
 * @discard: runs on the thread with the copy when the result came too late, to
 *	free what the copy holds; may be NULL
 * @arg: argument and result, left as it was unless @call has returned in time
 * @size: of @arg
 *
 * Return: what @call returned; -ETIMEDOUT when it did not in time or when an
 * earlier call still has not; -ENOMEM.
 */
int worker_call(struct worker *worker, unsigned int timeout_ms,
		int (*call)(void *arg), void (*discard)(void *arg),
		void *arg, size_t size);

/**
 * worker_free() - end the thread
 * @worker: the thread, may be NULL
 * @timeout_ms: how long to wait for its end; it ends later by itself when a call
 *	hangs
 * @last: runs on the thread as the last thing, may be NULL
 * @arg: for @last
 */
void worker_free(struct worker *worker, unsigned int timeout_ms,
		 void (*last)(void *arg), void *arg);

#endif /* ACCELGOV_BACKENDS_WORKER_H */
