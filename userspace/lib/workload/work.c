// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <string.h>

#include "../../../kmod/sim/model.h"
#include "arrivals.h"
#include "batch.h"
#include "bursts.h"
#include "load.h"
#include "mixed.h"
#include "sequence.h"
#include "work.h"
#include "work_phases.h"

#define NSEC		1000000000ULL

/*
 * Beside a training job a service is planned for half the load: the two take turns
 * (mixed.c), and training always has work.
 */
#define BESIDE_PERMILLE	(LOAD_PERMILLE / 2)

/*
 * A device slower than this part of a board is no relative of it. A choice: boards of one
 * generation and the next are a factor of two to three apart.
 */
#define BOARD_RELATIVE	0.25

/*
 * Requests to rehearse with when there are only rates: 18,000, nearly as many as the
 * Azure trace has in its hour (arrivals.c). Their rate is scaled, so any will do.
 */
#define TRIAL_PER_S	5.0
#define TRIAL_NS	(3600 * NSEC)

static const char *const kinds[WORK_NR] = {
	[WORK_SERVING] = "serving",
	[WORK_TRAINING] = "training",
	[WORK_MIXED] = "mixed",
	[WORK_BURSTY] = "bursty",
	[WORK_BATCH] = "batch",
	[WORK_PHASES] = "phases",
};

const char *work_kind_name(enum work_kind kind)
{
	return kind < WORK_NR ? kinds[kind] : NULL;
}

enum work_kind work_kind_find(const char *name)
{
	int i = 0;

	while (i < WORK_NR && strcmp(kinds[i], name))
		i++;
	return (enum work_kind)i;
}

bool work_has_requests(enum work_kind kind)
{
	return kind == WORK_SERVING || kind == WORK_MIXED ||
	       kind == WORK_BURSTY;
}

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

/*
 * Requests per second that the device serves well, lengths as in @all; those
 * that it serves at all where it serves none well.
 */
static int find_capacity(const struct asim_chip *chip,
			 const struct requests *all, struct work *w)
{
	struct rehearsal_device device = { item_ns, (void *)chip };
	struct serving_config trial = w->serving;
	int r;

	trial.requests = all;
	r = load_capacity(&trial, &device, &w->capacity_per_s);
	w->late = r == -EDOM;
	return w->late ? load_throughput(&trial, &device, &w->capacity_per_s) :
			 r;
}

/* The factor for which the device is loaded as a deployment would be. */
static int choose_scale(const struct asim_chip *chip,
			const struct requests *all, unsigned int permille,
			struct work *w)
{
	int ret = find_capacity(chip, all, w);

	if (ret)
		return ret;
	w->rate_scale = load_scale(all, w->capacity_per_s * permille / 1000,
				   w->duration_ns);
	/* Too few requests for that: all of them, spread over the interval. */
	if (!w->rate_scale)
		w->rate_scale = (double)all->v[all->nr - 1].arrival_ns /
				(double)w->duration_ns;
	return 0;
}

static double ops_per_s(const struct asim_profile *p)
{
	return (double)p->ops_per_cycle * p->khz_max * 1e3;
}

static double ops_per_byte(const struct asim_chip *chip)
{
	const struct asim_profile *p = chip->profile;

	return ops_per_s(p) / (double)p->mem_bytes_per_us / 1e6;
}

/* How far apart two devices are, infinite where @p is much the slower one. */
static double distance(const struct asim_profile *p,
		       const struct asim_profile *known)
{
	double ops = ops_per_s(p) / ops_per_s(known);
	double bytes = (double)p->mem_bytes_per_us /
		       (double)known->mem_bytes_per_us;

	if (!(ops >= BOARD_RELATIVE && bytes >= BOARD_RELATIVE))
		return INFINITY;
	return fabs(log(ops)) + fabs(log(bytes));
}

/*
 * A profile has no memory size and no links. Those of the board that computes
 * and reads most like it are the best guess there is.
 */
static const struct llm_board *nearest_board(const struct asim_profile *p)
{
	const struct llm_board *board, *best = NULL;
	double least = INFINITY;

	for (unsigned int i = 0; (board = llm_board_nth(i)); i++) {
		double d = distance(p, asim_profile_find(board->name));

		if (d < least) {
			least = d;
			best = board;
		}
	}
	return best;
}

static const struct llm_board *choose_board(const struct asim_profile *p)
{
	const struct llm_board *board = llm_board_find(p->name);

	return board ? board : nearest_board(p);
}

static int set_engine(const struct work_config *cfg, struct work *w)
{
	struct llm_rank rank = {
		.model = llm_find(cfg->model),
		.board = choose_board(cfg->chip->profile),
		.stack = &llm_stack_2025,
	};

	if (!rank.board)
		return -ENODEV;
	if (!rank.model)
		return -EINVAL;
	rank.tp = rank.model->tp;
	w->serving = serving_defaults(&rank, NULL, cfg->duration_ns);
	w->serving.chunked = cfg->chunked;
	w->serving.ops_per_byte = ops_per_byte(cfg->chip);
	w->rate_scale = cfg->rate_scale;
	return 0;
}

static int take_requests(const struct work_config *cfg, unsigned int permille,
			 struct work *w)
{
	const struct requests *all = &cfg->source->requests;
	int r = all->nr ? 0 : -EINVAL;

	if (!r && !w->rate_scale)
		r = choose_scale(cfg->chip, all, permille, w);
	if (!r)
		r = requests_excerpt(all, w->rate_scale, cfg->duration_ns,
				     &w->table);
	return r;
}

/* The busiest window gets what the device is planned for. */
static int scale_rates(const struct work_config *cfg, unsigned int permille,
		       struct work *w)
{
	struct arrivals_config trial = {
		.rate_per_s = TRIAL_PER_S,
		.cv = ARRIVALS_CV,
		.duration_ns = TRIAL_NS,
		.seed = cfg->seed,
	};
	double peak = rates_peak(&cfg->source->rates, cfg->duration_ns);
	struct requests lengths;
	int r = peak > 0 ? arrivals_draw(&trial, &lengths) : -EINVAL;

	if (r)
		return r;
	r = find_capacity(cfg->chip, &lengths, w);
	w->rate_scale = w->capacity_per_s * permille / 1000 / peak;
	requests_free(&lengths);
	return r;
}

static int take_rates(const struct work_config *cfg, unsigned int permille,
		      struct work *w)
{
	const struct rates *rates = &cfg->source->rates;
	int r = rates->end_ns < cfg->duration_ns ? -ENODATA : 0;

	if (!r && !w->rate_scale)
		r = scale_rates(cfg, permille, w);
	if (!r)
		r = rates_draw(rates, w->rate_scale, cfg->duration_ns,
			       cfg->seed, &w->table);
	return r;
}

static int set_serving(const struct work_config *cfg, unsigned int permille,
		       struct work *w)
{
	int r = set_engine(cfg, w);

	if (!r && cfg->source->rates.nr)
		r = take_rates(cfg, permille, w);
	else if (!r)
		r = take_requests(cfg, permille, w);
	return r;
}

struct rehearsal_hall {
	const struct asim_chip *chip;
	const struct serving_config *serving;
};

static int answer_ns(void *context, const struct requests *burst,
		     uint64_t *ret_ns)
{
	struct rehearsal_hall *hall = context;
	struct rehearsal_device device = { item_ns, (void *)hall->chip };
	struct serving_config cfg = *hall->serving;
	struct rehearsal out;
	struct job *job;
	int r;

	cfg.requests = burst;
	cfg.end_ns = UINT64_MAX;
	r = serving_new(&cfg, &job);
	if (r)
		return r;
	r = rehearsal_run(job, &device, &out);
	job_free(job);
	*ret_ns = out.end_ns;
	return r;
}

static int set_bursty(const struct work_config *cfg, struct work *w)
{
	const struct requests *all = &cfg->source->requests;
	struct rehearsal_hall hall = { cfg->chip, &w->serving };
	struct bursts_config bursts = {
		.from = all,
		.duration_ns = cfg->duration_ns,
		.seed = cfg->seed,
		.answer_ns = answer_ns,
		.context = &hall,
	};
	int r = set_engine(cfg, w);

	if (!r && !(requests_rate(all) > 0))
		r = -EINVAL;
	if (!r && !w->rate_scale) {
		r = find_capacity(cfg->chip, all, w);
		w->rate_scale = w->capacity_per_s * LOAD_PERMILLE / 1000 /
				requests_rate(all);
	}
	bursts.factor = w->rate_scale;
	return r ? r : bursts_draw(&bursts, &w->table);
}

static uint64_t pass_ns(const struct asim_chip *chip,
			const struct training_pass *pass)
{
	struct accelsim_item item = { .ops = pass->ops, .bytes = pass->bytes };

	return asim_item_ref_ns(chip, &item);
}

static void set_training(const struct asim_chip *chip,
			 const struct training_config *cfg, struct work *w)
{
	w->training = *cfg;
	w->training.ops_per_byte = ops_per_byte(chip);
	w->training.forward.nominal_ns = pass_ns(chip, &cfg->forward);
	w->training.backward.nominal_ns = pass_ns(chip, &cfg->backward);
}

static int set_mixed(const struct work_config *cfg, struct work *w)
{
	struct training_config training =
		training_alone(cfg->seed, cfg->duration_ns);

	set_training(cfg->chip, &training, w);
	return set_serving(cfg, BESIDE_PERMILLE, w);
}

static int set_batch(const struct work_config *cfg, struct work *w,
		     unsigned int *ret_line)
{
	struct segments drawn;
	int r = batch_draw(cfg->seed, cfg->duration_ns, &drawn);

	if (r)
		return r;
	r = work_phases(cfg->chip, &drawn, &w->segments, ret_line);
	segments_free(&drawn);
	return r;
}

static int set_kind(const struct work_config *cfg, struct work *w,
		    unsigned int *ret_line)
{
	struct training_config gpt3;

	switch (w->kind) {
	case WORK_SERVING:
		return set_serving(cfg, LOAD_PERMILLE, w);
	case WORK_TRAINING:
		gpt3 = training_gpt3(cfg->seed, cfg->duration_ns);
		set_training(cfg->chip, &gpt3, w);
		return 0;
	case WORK_MIXED:
		return set_mixed(cfg, w);
	case WORK_BURSTY:
		return set_bursty(cfg, w);
	case WORK_BATCH:
		return set_batch(cfg, w, ret_line);
	case WORK_PHASES:
		return work_phases(cfg->chip, &cfg->source->segments,
				   &w->segments, ret_line);
	default:
		return -EINVAL;
	}
}

int work_new(enum work_kind kind, const struct work_config *cfg,
	     struct work *ret, unsigned int *ret_line)
{
	struct work w = {
		.kind = kind,
		.chip = *cfg->chip,
		.duration_ns = cfg->duration_ns,
	};
	int r = set_kind(cfg, &w, ret_line);

	if (r) {
		work_free(&w);
		return r;
	}
	w.rate_per_s = (double)w.table.nr * 1e9 / (double)cfg->duration_ns;
	*ret = w;
	return 0;
}

int work_serving(const struct asim_chip *chip, const char *model,
		 const struct requests *all, double rate_scale,
		 bool chunked, uint64_t duration_ns,
		 struct work *ret)
{
	struct source source = { .requests = *all };
	struct work_config cfg = {
		.chip = chip,
		.model = model,
		.source = &source,
		.rate_scale = rate_scale,
		.chunked = chunked,
		.duration_ns = duration_ns,
	};
	unsigned int line;

	return work_new(WORK_SERVING, &cfg, ret, &line);
}

void work_training(const struct asim_chip *chip, uint64_t seed,
		   uint64_t duration_ns, struct work *ret)
{
	struct work_config cfg = {
		.chip = chip, .duration_ns = duration_ns, .seed = seed,
	};
	unsigned int line;

	work_new(WORK_TRAINING, &cfg, ret, &line);
}

static int serving_job(const struct work *w, struct job **ret)
{
	struct serving_config serving = w->serving;

	serving.requests = &w->table;
	return serving_new(&serving, ret);
}

static int mixed_job(const struct work *w, struct job **ret)
{
	struct mixed_config mixed = {
		.meter = work_meter(&w->chip),
		.end_ns = w->duration_ns,
	};
	int r = serving_job(w, &mixed.front);

	if (r)
		return r;
	r = training_new(&w->training, &mixed.back);
	if (r) {
		job_free(mixed.front);
		return r;
	}
	return mixed_new(&mixed, ret);
}

static int sequence_job(const struct work *w, struct job **ret)
{
	struct sequence_config sequence = {
		.list = &w->segments,
		.meter = work_meter(&w->chip),
		.end_ns = w->duration_ns,
	};

	return sequence_new(&sequence, ret);
}

int work_job(const void *work, struct job **ret)
{
	const struct work *w = work;

	switch (w->kind) {
	case WORK_TRAINING:
		return training_new(&w->training, ret);
	case WORK_MIXED:
		return mixed_job(w, ret);
	case WORK_BATCH:
	case WORK_PHASES:
		return sequence_job(w, ret);
	default:
		return serving_job(w, ret);
	}
}

void work_free(struct work *w)
{
	requests_free(&w->table);
	segments_free(&w->segments);
}
