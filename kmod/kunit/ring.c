// SPDX-License-Identifier: GPL-2.0
/*
 * Ring: order and loss, between CPUs and under interrupts.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include "ring.h"

#define PUTS	20000U
#define SENT	2000U
#define CPUS	4

/* Every word of a sample follows from its name, so a torn one shows. */
static void fill(struct accelgov_sample *s, u32 who, u32 n)
{
	u64 name = (u64)who << 32 | n;
	int i;

	memset(s, 0, sizeof(*s));
	s->time_ns = name;
	s->window_ns = ~name;
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		s->val[i] = name * (i + 3);
}

static bool torn(const struct accelgov_slot *slot)
{
	struct accelgov_sample want;

	fill(&want, slot->sample.time_ns >> 32, (u32)slot->sample.time_ns);
	return memcmp(&want, &slot->sample, sizeof(want)) ||
	       slot->arrival_ns != ~slot->sample.time_ns;
}

static bool put(struct accelgov_ring *ring, u32 who, u32 n)
{
	struct accelgov_sample s;

	fill(&s, who, n);
	return accelgov_ring_put(ring, &s, ~s.time_ns);
}

static struct accelgov_ring *new_ring(struct kunit *test)
{
	struct accelgov_ring *ring;

	ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	accelgov_ring_init(ring);
	return ring;
}

static void keeps_order(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	struct accelgov_slot slot;
	u32 i;

	KUNIT_EXPECT_FALSE(test, accelgov_ring_get(ring, &slot));
	for (i = 0; i < ACCELGOV_RING_LEN; i++)
		KUNIT_EXPECT_TRUE(test, put(ring, 1, i));
	for (i = 0; i < ACCELGOV_RING_LEN; i++) {
		KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
		KUNIT_EXPECT_EQ(test, (u32)slot.sample.time_ns, i);
		KUNIT_EXPECT_FALSE(test, torn(&slot));
	}
	KUNIT_EXPECT_FALSE(test, accelgov_ring_get(ring, &slot));
}

static void drops_when_full(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	struct accelgov_slot slot;
	u32 i;

	for (i = 0; i < ACCELGOV_RING_LEN; i++)
		put(ring, 1, i);
	KUNIT_EXPECT_FALSE(test, put(ring, 1, 100));
	KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
	KUNIT_EXPECT_EQ(test, (u32)slot.sample.time_ns, 0);
	KUNIT_EXPECT_TRUE(test, put(ring, 1, 101));
	KUNIT_EXPECT_FALSE(test, put(ring, 1, 102));
}

/* Positions are 32 bit: at 1 kHz they wrap after 50 days. */
static void positions_wrap(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	u32 start = U32_MAX - 2 * ACCELGOV_RING_LEN + 3, i;
	struct accelgov_slot slot;

	for (i = 0; i < ACCELGOV_RING_LEN; i++)
		ring->slot[(start + i) & (ACCELGOV_RING_LEN - 1)].seq =
			start + i;
	ring->head = start;
	ring->tail = start;
	for (i = 0; i < 4 * ACCELGOV_RING_LEN; i++) {
		KUNIT_EXPECT_TRUE(test, put(ring, 1, 2 * i));
		KUNIT_EXPECT_TRUE(test, put(ring, 1, 2 * i + 1));
		KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
		KUNIT_EXPECT_EQ(test, (u32)slot.sample.time_ns, 2 * i);
		KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
		KUNIT_EXPECT_EQ(test, (u32)slot.sample.time_ns, 2 * i + 1);
	}
	KUNIT_EXPECT_LT(test, ring->tail, start);
	for (i = 0; i < ACCELGOV_RING_LEN; i++)
		KUNIT_EXPECT_TRUE(test, put(ring, 1, i));
	KUNIT_EXPECT_FALSE(test, put(ring, 1, i));
}

/* A producer was interrupted between claiming a slot and passing it on. */
static void waits_for_a_claimed_slot(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	struct accelgov_slot slot;
	u32 pos = ring->head++;

	KUNIT_EXPECT_TRUE(test, put(ring, 2, 1));
	KUNIT_EXPECT_FALSE(test, accelgov_ring_get(ring, &slot));
	fill(&ring->slot[pos].sample, 1, 0);
	ring->slot[pos].arrival_ns = ~ring->slot[pos].sample.time_ns;
	/* Pairs with the acquire in accelgov_ring_get(). */
	smp_store_release(&ring->slot[pos].seq, pos + 1);
	KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
	KUNIT_EXPECT_EQ(test, slot.sample.time_ns >> 32, 1);
	KUNIT_ASSERT_TRUE(test, accelgov_ring_get(ring, &slot));
	KUNIT_EXPECT_EQ(test, slot.sample.time_ns >> 32, 2);
}

struct producer {
	struct accelgov_ring *ring;
	struct completion *start;
	struct completion done;
	u32 who;
	u32 full;
};

static int produce(void *data)
{
	struct producer *p = data;
	u32 i;

	wait_for_completion(p->start);
	for (i = 0; i < SENT; i++) {
		while (!put(p->ring, p->who, i)) {
			p->full++;
			usleep_range(10, 50);
		}
	}
	complete(&p->done);
	while (!kthread_should_stop())
		schedule_timeout_idle(1);
	return 0;
}

/* What came out of a ring that several fill. */
struct outcome {
	u32 got[CPUS];
	s64 last[CPUS];
	u32 torn;
	u32 disordered;
};

static void consume(struct accelgov_ring *ring, struct outcome *o)
{
	struct accelgov_slot slot;

	while (accelgov_ring_get(ring, &slot)) {
		u32 who = slot.sample.time_ns >> 32;
		u32 n = (u32)slot.sample.time_ns;

		if (torn(&slot) || who >= CPUS) {
			o->torn++;
			continue;
		}
		o->disordered += n <= o->last[who];
		o->last[who] = n;
		o->got[who]++;
	}
}

/* Each sends until all is through: nothing is lost, doubled or out of order. */
static void producers_on_all_cpus(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	DECLARE_COMPLETION_ONSTACK(start);
	struct task_struct *task[CPUS];
	struct producer *p;
	struct outcome *o;
	u32 nr = 0;
	int cpu;

	p = kunit_kcalloc(test, CPUS, sizeof(*p), GFP_KERNEL);
	o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, o);
	for_each_online_cpu(cpu) {
		if (nr == CPUS)
			break;
		p[nr].ring = ring;
		p[nr].start = &start;
		p[nr].who = nr;
		o->last[nr] = -1;
		init_completion(&p[nr].done);
		task[nr] = kthread_create(produce, &p[nr], "accelgov-put%u", nr);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[nr]);
		kthread_bind(task[nr], cpu);
		wake_up_process(task[nr]);
		nr++;
	}
	if (nr < 2)
		kunit_info(test, "one CPU only: producers take turns\n");
	complete_all(&start);
	for (u32 i = 0; i < nr; i++) {
		while (!try_wait_for_completion(&p[i].done)) {
			consume(ring, o);
			cond_resched();
		}
		kthread_stop(task[i]);
	}
	consume(ring, o);
	KUNIT_EXPECT_EQ(test, o->torn, 0);
	KUNIT_EXPECT_EQ(test, o->disordered, 0);
	for (u32 i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, o->got[i], SENT);
		kunit_info(test, "producer %u: %u sent, full %u times\n", i,
			   SENT, p[i].full);
	}
}

struct interrupter {
	struct irq_work work;
	struct accelgov_ring *ring;
	u32 n;
	u32 taken;
};

static void interrupt(struct irq_work *work)
{
	struct interrupter *i = container_of(work, struct interrupter, work);

	i->taken += put(i->ring, 1, i->n++);
}

/* The second producer is an interrupt of the first. */
static void producers_that_interrupt(struct kunit *test)
{
	struct accelgov_ring *ring = new_ring(test);
	struct interrupter *irq;
	u32 i, taken = 0;
	struct outcome *o;

	irq = kunit_kzalloc(test, sizeof(*irq), GFP_KERNEL);
	o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, irq);
	KUNIT_ASSERT_NOT_NULL(test, o);
	irq->ring = ring;
	init_irq_work(&irq->work, interrupt);
	o->last[0] = -1;
	o->last[1] = -1;
	for (i = 0; i < PUTS; i++) {
		irq_work_queue(&irq->work);
		taken += put(ring, 0, i);
		if (i % 3 == 2)
			consume(ring, o);
		if (!(i % 64))
			cond_resched();
	}
	irq_work_sync(&irq->work);
	consume(ring, o);
	KUNIT_EXPECT_EQ(test, o->torn, 0);
	KUNIT_EXPECT_EQ(test, o->disordered, 0);
	KUNIT_EXPECT_EQ(test, o->got[0], taken);
	KUNIT_EXPECT_EQ(test, o->got[1], irq->taken);
	KUNIT_EXPECT_GT(test, irq->taken, 0);
	kunit_info(test, "%u from the task, %u from interrupts\n", taken,
		   irq->taken);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(keeps_order),
	KUNIT_CASE(drops_when_full),
	KUNIT_CASE(positions_wrap),
	KUNIT_CASE(waits_for_a_claimed_slot),
	KUNIT_CASE(producers_on_all_cpus),
	KUNIT_CASE(producers_that_interrupt),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_ring",
	.test_cases = cases,
};

kunit_test_suite(suite);
