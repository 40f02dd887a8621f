// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: serving engine
 *
 * Observation. Engines such as vLLM, SGLang and TensorRT-LLM batch by
 * iteration (Yu et al., Orca, OSDI 2022): between two steps finished sequences
 * leave and waiting ones join. The device sees two kinds of step that could
 * hardly differ more: a prefill of hundreds to thousands of tokens, bound by
 * arithmetic, and a decode of one token per running sequence, bound by memory.
 *
 * Model, once per step:
 *
 * 1. Requests that have arrived wait first come, first served.
 * 2. If the oldest of them fits (tokens of the step, sequences, KV cache), it
 *    is prefilled, together with as many behind it as fit too: prefill goes
 *    before decode. A prompt longer than the limit of a step goes alone.
 * 3. Otherwise every running sequence gets one token.
 * 4. With chunked prefill the two share a step: running sequences get their
 *    token first, then prompts fill the step up in pieces.
 * 5. With nothing to do the device is left idle until the next arrival.
 *
 * Room in the KV cache is reserved for prompt and answer together, so that no
 * sequence is ever preempted; vLLM reserves less and recomputes sometimes.
 *
 * Scheduling is asynchronous as in vLLM since 2025: while one step runs, the
 * next one is prepared and queued, assuming that the running one will produce
 * its tokens. Lengths are known from the table, hence the assumption always
 * holds. A request that arrives meanwhile waits for both.
 *
 * Constants: 8192 tokens and 256 sequences per step are what vLLM serves with
 * on boards of this class by default; two steps ahead is what its asynchronous
 * scheduler does.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../../kmod/uapi/accelgov.h"
#include "bound.h"
#include "serving.h"

#define MAX_TOKENS	8192
#define MAX_SEQS	256
#define DEPTH		2

/* A sequence from its admission to its last token. */
struct seq {
	uint64_t first_ns;
	const struct request *req;
	uint32_t prefilled;
	uint32_t made;
};

/* A step between its submission and its completion. */
struct step {
	uint64_t cookie;
	uint32_t *first;
	uint32_t *last;
	unsigned int nr_first;
	unsigned int nr_last;
	uint64_t tokens_in;
	uint64_t tokens_out;
};

/* A step while it is put together. */
struct draft {
	struct llm_step cost;
	struct step *step;
	uint64_t prompt_tokens;
};

struct serving {
	struct job job;
	struct serving_config cfg;

	/* Oldest request not admitted, first one that has not arrived. */
	size_t next_req;
	size_t arrived;

	struct seq *seqs;
	uint32_t *free_seqs;
	unsigned int nr_free;

	/* Sequences that want tokens, in the order of admission. */
	uint32_t *running;
	unsigned int nr_running;

	uint64_t kv_used;

	/* Steps in flight, a ring. */
	struct step steps[SERVING_DEPTH_MAX];
	unsigned int head;
	unsigned int nr_steps;
	uint64_t next_cookie;
};

static struct serving *to_serving(struct job *j)
{
	return (struct serving *)j;
}

static uint64_t request_tokens(const struct request *req)
{
	return (uint64_t)req->context + req->generated;
}

static void take_arrivals(struct serving *s, uint64_t now_ns)
{
	const struct requests *r = s->cfg.requests;

	while (s->arrived < r->nr && r->v[s->arrived].arrival_ns <= now_ns)
		s->arrived++;
}

/* Oldest waiting request that can ever be served, others are turned away. */
static const struct request *oldest_waiting(struct serving *s)
{
	while (s->next_req < s->arrived) {
		const struct request *req = &s->cfg.requests->v[s->next_req];
		uint64_t tokens = request_tokens(req);

		if (tokens <= s->cfg.rank.model->max_context &&
		    tokens <= s->cfg.kv_tokens)
			return req;
		s->job.stats.requests_rejected++;
		s->next_req++;
	}
	return NULL;
}

static bool can_admit(const struct serving *s, const struct request *req)
{
	return s->nr_free && s->kv_used + request_tokens(req) <=
				     s->cfg.kv_tokens;
}

static uint32_t admit(struct serving *s, const struct request *req)
{
	uint32_t slot = s->free_seqs[--s->nr_free];

	s->seqs[slot] = (struct seq){ .req = req };
	s->running[s->nr_running++] = slot;
	s->kv_used += request_tokens(req);
	s->next_req++;
	return slot;
}

/* Adds @tokens of the prompt; the end of the prompt brings the first token. */
static void draft_prompt(struct serving *s, struct draft *d, uint32_t slot,
			 uint32_t tokens)
{
	struct seq *seq = &s->seqs[slot];
	uint64_t n = tokens, before = seq->prefilled;

	d->cost.tokens += n;
	d->cost.pairs += n * before + n * (n + 1) / 2;
	d->cost.kv_read += before;
	d->prompt_tokens += n;
	d->step->tokens_in += n;
	seq->prefilled += tokens;
	if (seq->prefilled < seq->req->context)
		return;
	if (seq->req->generated) {
		seq->made = 1;
		d->cost.logits++;
		d->step->tokens_out++;
		d->step->first[d->step->nr_first++] = slot;
	}
}

/* Adds one token of a running sequence. */
static void draft_token(struct draft *d, struct seq *seq)
{
	uint64_t length = (uint64_t)seq->req->context + seq->made;

	d->cost.tokens++;
	d->cost.logits++;
	d->cost.pairs += length;
	d->cost.kv_read += length;
	d->step->tokens_out++;
	seq->made++;
}

static bool is_prefilled(const struct seq *seq)
{
	return seq->prefilled == seq->req->context;
}

/* Moves sequences whose last token is in this step from running to leaving. */
static void draft_leavers(struct serving *s, struct draft *d)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < s->nr_running; i++) {
		uint32_t slot = s->running[i];
		struct seq *seq = &s->seqs[slot];

		if (is_prefilled(seq) && seq->made == seq->req->generated)
			d->step->last[d->step->nr_last++] = slot;
		else
			s->running[kept++] = slot;
	}
	s->nr_running = kept;
}

static void draft_decode(struct serving *s, struct draft *d)
{
	for (unsigned int i = 0; i < s->nr_running; i++) {
		struct seq *seq = &s->seqs[s->running[i]];

		if (is_prefilled(seq))
			draft_token(d, seq);
	}
}

static void draft_prefill(struct serving *s, struct draft *d)
{
	const struct request *req = oldest_waiting(s);

	while (req && can_admit(s, req)) {
		if (d->cost.tokens &&
		    d->cost.tokens + req->context > s->cfg.max_tokens)
			break;
		draft_prompt(s, d, admit(s, req), req->context);
		req = oldest_waiting(s);
	}
}

/* Prompts begun earlier come first, they stand in front in running. */
static void draft_chunks(struct serving *s, struct draft *d)
{
	for (unsigned int i = 0;; i++) {
		const struct request *req;
		struct seq *seq;
		uint32_t room, left;

		if (d->cost.tokens >= s->cfg.max_tokens)
			return;
		if (i == s->nr_running) {
			req = oldest_waiting(s);
			if (!req || !can_admit(s, req))
				return;
			admit(s, req);
		}
		seq = &s->seqs[s->running[i]];
		if (is_prefilled(seq))
			continue;
		room = s->cfg.max_tokens - (uint32_t)d->cost.tokens;
		left = seq->req->context - seq->prefilled;
		draft_prompt(s, d, s->running[i], left < room ? left : room);
	}
}

static void draft_step(struct serving *s, struct draft *d)
{
	if (s->cfg.chunked) {
		draft_decode(s, d);
		draft_chunks(s, d);
	} else {
		draft_prefill(s, d);
		if (!d->cost.tokens)
			draft_decode(s, d);
	}
	draft_leavers(s, d);
}

/*
 * Where the device is known, a step is called by what bounds it, whatever it is made
 * of: prefill of a few tokens is bound by memory, and 256 sequences that decode, or a
 * chunk of a prompt beside them, take as much arithmetic as traffic on some boards.
 */
static uint32_t draft_label(const struct serving *s, const struct draft *d,
			    const struct accelsim_item *item)
{
	if (s->cfg.ops_per_byte > 0 && item->bytes)
		return bound_label(item, s->cfg.ops_per_byte);
	if (!d->prompt_tokens)
		return ACCELGOV_PHASE_MEMORY;
	return d->prompt_tokens == d->cost.tokens ? ACCELGOV_PHASE_COMPUTE :
						    ACCELGOV_PHASE_MIXED;
}

static struct step *new_step(struct serving *s)
{
	struct step *step =
		&s->steps[(s->head + s->nr_steps) % SERVING_DEPTH_MAX];

	step->cookie = s->next_cookie;
	step->nr_first = 0;
	step->nr_last = 0;
	step->tokens_in = 0;
	step->tokens_out = 0;
	return step;
}

static uint64_t next_arrival(const struct serving *s)
{
	const struct requests *r = s->cfg.requests;

	return s->arrived < r->nr ? r->v[s->arrived].arrival_ns :
				    JOB_NEVER;
}

static int serving_next(struct job *j, uint64_t now_ns,
			struct accelsim_item *ret, uint64_t *ret_wake_ns)
{
	struct serving *s = to_serving(j);
	struct draft d = { .step = new_step(s) };

	take_arrivals(s, now_ns < j->end_ns ? now_ns : j->end_ns);
	*ret_wake_ns = JOB_NEVER;
	if (now_ns < j->end_ns && s->nr_steps < s->cfg.depth) {
		draft_step(s, &d);
		if (!d.cost.tokens)
			*ret_wake_ns = next_arrival(s);
	}
	j->stats.requests_waiting = s->arrived - s->next_req;
	if (!d.cost.tokens)
		return 0;

	s->nr_steps++;
	s->next_cookie++;
	*ret = (struct accelsim_item){
		.cookie = d.step->cookie,
	};
	llm_cost(&s->cfg.rank, &d.cost, ret);
	ret->label = draft_label(s, &d, ret);
	return 1;
}

static int finish_first(struct serving *s, const struct step *step,
			uint64_t end_ns, bool counts)
{
	for (unsigned int i = 0; i < step->nr_first; i++) {
		struct seq *seq = &s->seqs[step->first[i]];
		uint64_t waited = end_ns - seq->req->arrival_ns;

		seq->first_ns = end_ns;
		if (counts && samples_add(&s->job.stats.ttft_ms,
					  (double)waited / 1e6))
			return -ENOMEM;
	}
	return 0;
}

static int finish_last(struct serving *s, const struct step *step,
		       uint64_t end_ns, bool counts)
{
	for (unsigned int i = 0; i < step->nr_last; i++) {
		uint32_t slot = step->last[i];
		struct seq *seq = &s->seqs[slot];
		uint32_t further = seq->made ? seq->made - 1 : 0;

		s->kv_used -= request_tokens(seq->req);
		s->free_seqs[s->nr_free++] = slot;
		if (!counts)
			continue;
		s->job.stats.requests_done++;
		if (further &&
		    samples_add(&s->job.stats.tpot_ms,
				(double)(end_ns - seq->first_ns) / 1e6 /
					further))
			return -ENOMEM;
	}
	return 0;
}

static int serving_done(struct job *j, const struct accelsim_done *done)
{
	struct serving *s = to_serving(j);
	struct step *step = &s->steps[s->head];
	bool counts = done->end_ns <= j->end_ns;
	double share = job_share(j, done);
	int r;

	if (!s->nr_steps || step->cookie != done->cookie)
		return -EINVAL;
	s->head = (s->head + 1) % SERVING_DEPTH_MAX;
	s->nr_steps--;
	j->stats.work += share * (double)step->tokens_out;
	j->stats.tokens_in += (uint64_t)(share * (double)step->tokens_in);
	j->stats.steps += counts;
	r = finish_first(s, step, done->end_ns, counts);
	if (r)
		return r;
	return finish_last(s, step, done->end_ns, counts);
}

static void serving_free(struct job *j)
{
	struct serving *s = to_serving(j);

	for (unsigned int i = 0; i < SERVING_DEPTH_MAX; i++) {
		free(s->steps[i].first);
		free(s->steps[i].last);
	}
	free(s->seqs);
	free(s->free_seqs);
	free(s->running);
	free(s);
}

static const struct job_ops serving_ops = {
	.name = "serving",
	.unit = "token",
	.next = serving_next,
	.done = serving_done,
	.free = serving_free,
};

struct serving_config serving_defaults(const struct llm_rank *rank,
				       const struct requests *requests,
				       uint64_t end_ns)
{
	return (struct serving_config){
		.rank = *rank,
		.requests = requests,
		.max_tokens = MAX_TOKENS,
		.max_seqs = MAX_SEQS,
		.kv_tokens = llm_kv_capacity(rank),
		.depth = DEPTH,
		.end_ns = end_ns,
	};
}

static int allocate(struct serving *s)
{
	unsigned int n = s->cfg.max_seqs;

	s->seqs = calloc(n, sizeof(*s->seqs));
	s->free_seqs = calloc(n, sizeof(*s->free_seqs));
	s->running = calloc(n, sizeof(*s->running));
	if (!s->seqs || !s->free_seqs || !s->running)
		return -ENOMEM;
	for (unsigned int i = 0; i < SERVING_DEPTH_MAX; i++) {
		s->steps[i].first = calloc(n, sizeof(uint32_t));
		s->steps[i].last = calloc(n, sizeof(uint32_t));
		if (!s->steps[i].first || !s->steps[i].last)
			return -ENOMEM;
	}
	for (unsigned int i = 0; i < n; i++)
		s->free_seqs[s->nr_free++] = n - 1 - i;
	return 0;
}

int serving_new(const struct serving_config *cfg, struct job **ret)
{
	struct serving *s;

	if (!cfg->max_tokens || !cfg->max_seqs || !cfg->kv_tokens ||
	    !cfg->depth || cfg->depth > SERVING_DEPTH_MAX)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->job.ops = &serving_ops;
	s->job.end_ns = cfg->end_ns;
	s->cfg = *cfg;
	if (allocate(s)) {
		serving_free(&s->job);
		return -ENOMEM;
	}
	*ret = &s->job;
	return 0;
}
