// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: training job
 *
 * Observation. Large models are trained in pipelines: each device holds some of
 * the layers and sees, per step, a number of microbatches go forward and
 * backward through them. Between them it waits for its neighbours, at the end
 * for the gradients of the other replicas; then the optimizer updates the
 * weights. Now and then the input comes late, or the state is saved.
 *
 * Model, one step of stage s of p with m microbatches, forward time F and
 * backward time B, schedule 1F1B (Narayanan et al., PipeDream-2BW, ICML 2021):
 *
 * 1. Sometimes: wait for input. Only the host works (STALL).
 * 2. Wait s F until the first microbatch arrives (LINK).
 * 3. p - s forward passes (COMPUTE).
 * 4. Wait (p - 1 - s) B until the first one comes back (LINK).
 * 5. m - (p - s) times backward, forward (COMPUTE).
 * 6. p - s backward passes; before each but the first the stage waits F for
 *    the stage behind it (LINK).
 * 7. Wait s B until the first stage is done (LINK).
 * 8. The part of the gradient all-reduce that nothing hides (LINK).
 * 9. The optimizer (MEMORY).
 * 10. Every so many steps: a checkpoint (CHECKPOINT).
 *
 * A step that is cut by the end of the measurement counts in part: each item
 * with the energy that it takes at the top clock, as share of the whole step.
 * Counted by time, a run that ends behind a checkpoint, long and at little power,
 * would look 1 % better per step than one that ends before it.
 *
 * Where the device is known, passes are labelled with what bounds them on it: those
 * of steps 3, 5 and 6 are MEMORY or MIXED on one with much arithmetic for its
 * bandwidth.
 *
 * All waits for others together are (p - 1) (F + B), as they must be. A wait
 * in a collective keeps the engines spinning: it is link time, not idle time.
 * Its length does not depend on this device's clock, since the other stages
 * are taken to run at theirs.
 *
 * Constants of training_gpt3(), for GPT-3 175B on 8 pipeline stages of 8
 * tensor-parallel ranks:
 *
 * - F and B: measured per microbatch on A100 SXM in Perseus (Chung et al.,
 *   SOSP 2024; github.com/ml-energy/zeus at 38cb3f90, sosp24_data/emulation/
 *   stage_profile/gpt3-175b+a100_sxm_bf16.csv, Apache-2.0): 50.2 and 93.0 ms at
 *   1410 MHz in stages 0 to 6. Operations and bytes are those with which
 *   the a100-sxm profile reproduces time and energy over 855 to 1410 MHz (unit
 *   test test_sim_fit.c).
 * - 24 microbatches on 8 stages is one of the strong-scaling configurations
 *   there (4096 devices).
 * - A rank holds 12 layers / 8 ranks = 2.72 G weights. Gradients are 5.4 GB in
 *   bf16; a ring all-reduce moves them twice over one 200 Gb/s adapter per
 *   device, 0.44 s, half of it behind the backward passes of step 6.
 * - Adam with fp32 master weights reads and writes 28 bytes per weight (weight
 *   and two moments in fp32 both ways, gradient and bf16 weight): 76 GB.
 * - A checkpoint saves 14 bytes per weight, 38 GB. It takes 2.5 s: 1.6 s of
 *   transfer at PCIe 4.0 x16 speed, the rest in the file system. Dips of about
 *   5 s at checkpoints are reported for a 16-node LLaMA-2 job on H100; that job
 *   saves every 13 s. Every twelfth step here is far more often than in a real
 *   175B job, which saves hourly, so that two minutes show some.
 * - Energy of an item at the top clock, for its share in a step: 470 W in forward
 *   and backward passes (Perseus), 85 W while waiting (NCCL on A100), 300 W in
 *   the optimizer, as for decode.
 * - 12 items are queued ahead: kernels are launched asynchronously, hundreds of
 *   them per pass.
 * - One step in six waits 0.3 to 1 s for its input.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../../../kmod/uapi/accelgov.h"
#include "bound.h"
#include "prng.h"
#include "training.h"

#define MSEC		1000000ULL
#define DEPTH_MAX	16
#define MICROBATCHES_MAX	1024

#define WEIGHTS		2720000000ULL

#define PASS_WATT	470
#define WAIT_WATT	85
#define OPTIMIZER_WATT	300

/* An item with its part in the progress of the step. */
struct part {
	struct accelsim_item item;
	uint64_t weight;
};

/* An item between its submission and its completion. */
struct flight {
	uint64_t cookie;
	double work;
	bool first;
	bool last;
};

struct training {
	struct job job;
	struct training_config cfg;
	struct prng prng;

	/* The step that is being handed out. */
	struct part *parts;
	unsigned int nr_parts;
	unsigned int next_part;
	uint64_t weight;
	uint64_t step;

	struct flight flights[DEPTH_MAX];
	unsigned int head;
	unsigned int nr_flights;
	uint64_t next_cookie;

	/* Start of the step that is being completed. */
	uint64_t step_start_ns;
};

static struct training *to_training(struct job *j)
{
	return (struct training *)j;
}

static void add_part(struct training *t, const struct accelsim_item *item,
		     uint64_t nominal_ns, unsigned int watt)
{
	uint64_t weight = nominal_ns * watt;

	if (!nominal_ns)
		return;
	t->parts[t->nr_parts++] = (struct part){ *item, weight };
	t->weight += weight;
}

static void add_wait(struct training *t, uint64_t ns)
{
	struct accelsim_item item = {
		.link_ns = ns,
		.label = ACCELGOV_PHASE_LINK,
	};

	add_part(t, &item, ns, WAIT_WATT);
}

static void add_pass(struct training *t, const struct training_pass *pass)
{
	struct accelsim_item item = {
		.ops = pass->ops,
		.bytes = pass->bytes,
		.label = ACCELGOV_PHASE_COMPUTE,
	};

	if (t->cfg.ops_per_byte > 0)
		item.label = bound_label(&item, t->cfg.ops_per_byte);
	add_part(t, &item, pass->nominal_ns, PASS_WATT);
}

static void add_stall(struct training *t)
{
	const struct training_config *c = &t->cfg;
	double range_ns = (double)(c->stall_max_ns - c->stall_min_ns);
	struct accelsim_item item = { .label = ACCELGOV_PHASE_STALL };
	double luck = prng_uniform(&t->prng), length = prng_uniform(&t->prng);

	if (!c->stall_every || luck * c->stall_every >= 1)
		return;
	item.host_ns = c->stall_min_ns + (uint64_t)(length * range_ns);
	add_part(t, &item, item.host_ns, WAIT_WATT);
}

static void add_pipeline(struct training *t)
{
	const struct training_config *c = &t->cfg;
	uint64_t f_ns = c->forward.nominal_ns, b_ns = c->backward.nominal_ns;
	unsigned int warm = c->stages - c->stage;

	add_wait(t, c->stage * f_ns);
	for (unsigned int i = 0; i < warm; i++)
		add_pass(t, &c->forward);
	add_wait(t, (warm - 1) * b_ns);
	for (unsigned int i = warm; i < c->microbatches; i++) {
		add_pass(t, &c->backward);
		add_pass(t, &c->forward);
	}
	for (unsigned int i = 0; i < warm; i++) {
		add_wait(t, i ? f_ns : 0);
		add_pass(t, &c->backward);
	}
	add_wait(t, c->stage * b_ns);
}

static void add_optimizer(struct training *t)
{
	struct accelsim_item item = {
		.bytes = t->cfg.optimizer_bytes,
		.label = ACCELGOV_PHASE_MEMORY,
	};

	add_part(t, &item, t->cfg.optimizer_nominal_ns, OPTIMIZER_WATT);
}

static void add_checkpoint(struct training *t)
{
	const struct training_config *c = &t->cfg;
	struct accelsim_item item = {
		.io_bytes = c->checkpoint_bytes,
		.host_ns = c->checkpoint_ns,
		.label = ACCELGOV_PHASE_CHECKPOINT,
	};

	if (c->checkpoint_every && (t->step + 1) % c->checkpoint_every == 0)
		add_part(t, &item, c->checkpoint_ns, WAIT_WATT);
}

static void plan_step(struct training *t)
{
	t->nr_parts = 0;
	t->next_part = 0;
	t->weight = 0;
	add_stall(t);
	add_pipeline(t);
	add_wait(t, t->cfg.reduce_ns);
	add_optimizer(t);
	add_checkpoint(t);
	t->step++;
}

static int training_next(struct job *j, uint64_t now_ns,
			 struct accelsim_item *ret, uint64_t *ret_wake_ns)
{
	struct training *t = to_training(j);
	struct flight *f =
		&t->flights[(t->head + t->nr_flights) % DEPTH_MAX];
	const struct part *part;

	*ret_wake_ns = JOB_NEVER;
	if (now_ns >= j->end_ns || t->nr_flights >= t->cfg.depth)
		return 0;
	if (t->next_part == t->nr_parts)
		plan_step(t);
	part = &t->parts[t->next_part++];
	*f = (struct flight){
		.cookie = t->next_cookie++,
		.work = (double)part->weight / (double)t->weight,
		.first = t->next_part == 1,
		.last = t->next_part == t->nr_parts,
	};
	t->nr_flights++;
	*ret = part->item;
	ret->cookie = f->cookie;
	return 1;
}

static int training_done(struct job *j, const struct accelsim_done *done)
{
	struct training *t = to_training(j);
	const struct flight *f = &t->flights[t->head];

	if (!t->nr_flights || f->cookie != done->cookie)
		return -EINVAL;
	t->head = (t->head + 1) % DEPTH_MAX;
	t->nr_flights--;
	if (f->first)
		t->step_start_ns = done->start_ns;
	j->stats.work += f->work * job_share(j, done);
	if (!f->last || done->end_ns > j->end_ns)
		return 0;
	j->stats.steps++;
	return samples_add(&j->stats.step_ms,
			   (double)(done->end_ns - t->step_start_ns) / 1e6);
}

static void training_free(struct job *j)
{
	struct training *t = to_training(j);

	free(t->parts);
	free(t);
}

static const struct job_ops training_ops = {
	.name = "training",
	.unit = "step",
	.next = training_next,
	.done = training_done,
	.free = training_free,
};

struct training_config training_gpt3(uint64_t seed, uint64_t end_ns)
{
	return (struct training_config){
		.stages = 8,
		.stage = 4,
		.microbatches = 24,
		.forward = { 9359000000000ULL, 25920000000ULL, 50200000 },
		.backward = { 16758000000000ULL, 56240000000ULL, 93000000 },
		.reduce_ns = 220 * MSEC,
		.optimizer_bytes = WEIGHTS * 28,
		.optimizer_nominal_ns = 53 * MSEC,
		.stall_every = 6,
		.stall_min_ns = 300 * MSEC,
		.stall_max_ns = 1000 * MSEC,
		.checkpoint_every = 12,
		.checkpoint_bytes = WEIGHTS * 14,
		.checkpoint_ns = 2500 * MSEC,
		.depth = 12,
		.seed = seed,
		.end_ns = end_ns,
	};
}

struct training_config training_alone(uint64_t seed, uint64_t end_ns)
{
	struct training_config c = training_gpt3(seed, end_ns);

	c.stages = 1;
	c.stage = 0;
	c.reduce_ns = 0;
	c.stall_every = 0;
	c.checkpoint_every = 0;
	return c;
}

static bool is_possible(const struct training_config *c)
{
	return c->stages && c->stage < c->stages &&
	       c->microbatches >= c->stages &&
	       c->microbatches <= MICROBATCHES_MAX &&
	       c->forward.nominal_ns && c->backward.nominal_ns &&
	       c->stall_min_ns <= c->stall_max_ns && c->depth &&
	       c->depth <= DEPTH_MAX;
}

int training_new(const struct training_config *cfg, struct job **ret)
{
	/* Passes, waits before each, and what comes before and after. */
	unsigned int most = 2 * cfg->microbatches + cfg->stages + 8;
	struct training *t;

	if (!is_possible(cfg))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->parts = calloc(most, sizeof(*t->parts));
	if (!t->parts) {
		free(t);
		return -ENOMEM;
	}
	t->job.ops = &training_ops;
	t->job.end_ns = cfg->end_ns;
	t->cfg = *cfg;
	t->prng.state = cfg->seed;
	*ret = &t->job;
	return 0;
}
