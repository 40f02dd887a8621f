// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - a thread for calls that may never come back
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "worker.h"

/*
 * @lock guards all. @copy belongs to the thread while @busy, to the caller
 * otherwise. @refs: the owner and the thread.
 */
struct worker {
	pthread_mutex_t lock;
	pthread_cond_t posted;
	pthread_cond_t done;
	int (*call)(void *arg);
	void (*discard)(void *arg);
	void (*last)(void *arg);
	void *last_arg;
	void *copy;
	int ret;
	bool busy;
	bool abandoned;
	bool end;
	bool ended;
	unsigned int refs;
};

static void worker_unref(struct worker *worker)
{
	unsigned int left;

	pthread_mutex_lock(&worker->lock);
	left = --worker->refs;
	pthread_mutex_unlock(&worker->lock);
	if (left)
		return;
	pthread_cond_destroy(&worker->done);
	pthread_cond_destroy(&worker->posted);
	pthread_mutex_destroy(&worker->lock);
	free(worker->copy);
	free(worker);
}

/* Called and left with the lock held. */
static void worker_run(struct worker *worker)
{
	int ret;

	pthread_mutex_unlock(&worker->lock);
	ret = worker->call(worker->copy);
	pthread_mutex_lock(&worker->lock);
	if (worker->abandoned && worker->discard) {
		/* It may call the library again: never with the lock held. */
		pthread_mutex_unlock(&worker->lock);
		worker->discard(worker->copy);
		pthread_mutex_lock(&worker->lock);
	}
	worker->abandoned = false;
	worker->ret = ret;
	worker->busy = false;
	pthread_cond_broadcast(&worker->done);
}

static void *worker_thread(void *arg)
{
	struct worker *worker = arg;

	pthread_mutex_lock(&worker->lock);
	while (worker->busy || !worker->end) {
		if (worker->busy)
			worker_run(worker);
		else
			pthread_cond_wait(&worker->posted, &worker->lock);
	}
	pthread_mutex_unlock(&worker->lock);
	if (worker->last)
		worker->last(worker->last_arg);
	pthread_mutex_lock(&worker->lock);
	worker->ended = true;
	pthread_cond_broadcast(&worker->done);
	pthread_mutex_unlock(&worker->lock);
	worker_unref(worker);
	return NULL;
}

static int worker_start(struct worker *worker)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int ret;

	ret = pthread_attr_init(&attr);
	if (ret)
		return -ret;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&thread, &attr, worker_thread, worker);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -ret;
}

struct worker *worker_new(void)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_condattr_t attr;

	if (!worker)
		return NULL;
	worker->refs = 2;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->posted, NULL);
	pthread_cond_init(&worker->done, &attr);
	pthread_condattr_destroy(&attr);
	if (worker_start(worker)) {
		worker->refs = 1;
		worker_unref(worker);
		return NULL;
	}
	return worker;
}

static struct timespec in_ms(unsigned int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_nsec -= 1000000000L;
		at.tv_sec++;
	}
	return at;
}

/* With the lock held. */
static int worker_wait(struct worker *worker, const bool *flag, bool until,
		       unsigned int timeout_ms)
{
	struct timespec at = in_ms(timeout_ms);
	int ret = 0;

	while (*flag != until && !ret)
		ret = pthread_cond_timedwait(&worker->done, &worker->lock, &at);
	return *flag == until ? 0 : -ETIMEDOUT;
}

int worker_call(struct worker *worker, unsigned int timeout_ms,
		int (*call)(void *arg), void (*discard)(void *arg),
		void *arg, size_t size)
{
	void *copy;
	int ret;

	pthread_mutex_lock(&worker->lock);
	ret = -ETIMEDOUT;
	if (worker->busy)
		goto unlock;
	ret = -ENOMEM;
	copy = realloc(worker->copy, size);
	if (!copy)
		goto unlock;
	memcpy(copy, arg, size);
	worker->copy = copy;
	worker->call = call;
	worker->discard = discard;
	worker->busy = true;
	pthread_cond_signal(&worker->posted);
	ret = worker_wait(worker, &worker->busy, false, timeout_ms);
	if (ret) {
		worker->abandoned = true;
		goto unlock;
	}
	memcpy(arg, worker->copy, size);
	ret = worker->ret;
unlock:
	pthread_mutex_unlock(&worker->lock);
	return ret;
}

void worker_free(struct worker *worker, unsigned int timeout_ms,
		 void (*last)(void *arg), void *arg)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->last = last;
	worker->last_arg = arg;
	worker->end = true;
	pthread_cond_signal(&worker->posted);
	/* Behind a call that hangs already there is nothing to wait for. */
	if (!worker->abandoned)
		worker_wait(worker, &worker->ended, true, timeout_ms);
	pthread_mutex_unlock(&worker->lock);
	worker_unref(worker);
}
