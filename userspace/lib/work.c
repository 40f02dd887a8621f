// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "../../kmod/sim/model.h"
#include "load.h"
#include "work.h"

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

/* The factor for which the device is loaded as a deployment would be. */
static int choose_scale(const struct asim_chip *chip, struct work *w)
{
	struct rehearsal_device device = { item_ns, (void *)chip };
	const struct requests *all = w->serving.requests;
	int ret = load_capacity(&w->serving, &device, &w->capacity_per_s);

	if (ret)
		return ret;
	w->rate_scale = load_scale(all, w->capacity_per_s * LOAD_PERMILLE / 1000,
				   w->serving.end_ns);
	/* Too few requests for that: all of them, spread over the interval. */
	if (!w->rate_scale)
		w->rate_scale = (double)all->v[all->nr - 1].arrival_ns /
				(double)w->serving.end_ns;
	return 0;
}

int work_serving(const struct asim_chip *chip, const char *model,
		 const struct requests *all, double rate_scale,
		 bool chunked, uint64_t duration_ns,
		 struct work *ret)
{
	struct work w = { .rate_scale = rate_scale };
	struct llm_rank rank = {
		.model = llm_find(model),
		.board = llm_board_find(chip->profile->name),
		.stack = &llm_stack_2025,
	};
	int err;

	if (!rank.board)
		return -ENODEV;
	if (!rank.model || !all->nr)
		return -EINVAL;
	rank.tp = rank.model->tp;
	w.serving = serving_defaults(&rank, all, duration_ns);
	w.serving.chunked = chunked;
	if (!rate_scale) {
		err = choose_scale(chip, &w);
		if (err)
			return err;
	}
	err = requests_excerpt(all, w.rate_scale, duration_ns, &w.table);
	if (err)
		return err;
	w.rate_per_s = (double)w.table.nr * 1e9 / (double)duration_ns;
	*ret = w;
	return 0;
}

static uint64_t pass_ns(const struct asim_chip *chip,
			const struct training_pass *pass)
{
	struct accelsim_item item = { .ops = pass->ops, .bytes = pass->bytes };

	return asim_item_ref_ns(chip, &item);
}

void work_training(const struct asim_chip *chip, uint64_t seed,
		   uint64_t duration_ns, struct work *ret)
{
	struct work w = {
		.is_training = true,
		.training = training_gpt3(seed, duration_ns),
	};

	w.training.forward.nominal_ns = pass_ns(chip, &w.training.forward);
	w.training.backward.nominal_ns = pass_ns(chip, &w.training.backward);
	*ret = w;
}

int work_job(const void *work, struct job **ret)
{
	const struct work *w = work;
	struct serving_config serving;

	if (w->is_training)
		return training_new(&w->training, ret);
	serving = w->serving;
	serving.requests = &w->table;
	return serving_new(&serving, ret);
}

void work_free(struct work *w)
{
	requests_free(&w->table);
}
