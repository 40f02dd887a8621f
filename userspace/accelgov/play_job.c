// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: making the jobs, with a load that fits the device.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../kmod/sim/model.h"
#include "arrivals.h"
#include "cmd.h"
#include "load.h"
#include "play.h"
#include "training.h"

/* Rate at which requests are drawn before they are scaled to the load. */
#define DRAWN_PER_S	5.0
#define DRAWN_NS	(3600 * PLAY_NSEC)

static int map_file(const char *path, char **ret_text, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	struct stat st;
	void *text = NULL;

	*ret_text = NULL;
	*ret_len = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = -EINVAL;
	else if (st.st_size)
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			    fd, 0);
	if (text == MAP_FAILED)
		ret = -errno;
	close(fd);
	if (ret)
		return ret;
	*ret_text = text;
	*ret_len = (size_t)st.st_size;
	return 0;
}

static int load_requests(const char *path, struct requests *ret)
{
	struct requests_error err = { 0 };
	char *text;
	size_t len;
	int r = map_file(path, &text, &len);

	if (r) {
		play_error("can't read %s: %s", path,
			   r == -EINVAL ? "it is no regular file" :
					  strerror(-r));
		return cmd_exit_code(r);
	}
	r = requests_parse_azure(text, len, ret, &err);
	if (text)
		munmap(text, len);
	if (r == -EINVAL && err.line)
		play_error("%s:%u: %s; expected is the Azure LLM inference format, a line TIMESTAMP,ContextTokens,GeneratedTokens and then requests such as 2023-11-16 18:15:46.6805900,374,44",
			   path, err.line, err.reason);
	else if (r)
		play_error("%s: %s", path,
			   r == -EINVAL ? err.reason : strerror(-r));
	return r ? CMD_FAILURE : CMD_OK;
}

static int draw_requests(const struct play *play, struct requests *ret)
{
	struct arrivals_config cfg = {
		.rate_per_s = DRAWN_PER_S,
		.cv = ARRIVALS_CV,
		.duration_ns = DRAWN_NS,
		.seed = play->opt.seed,
	};

	if (!arrivals_draw(&cfg, ret))
		return CMD_OK;
	play_error("out of memory");
	return CMD_FAILURE;
}

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

static int init_chip(struct asim_chip *chip, const struct play_run *run)
{
	const struct asim_profile *profile =
		asim_profile_find(run->dev.profile);

	return profile ? asim_chip_init(chip, profile) : -EINVAL;
}

/* The factor for which the device is loaded as a deployment would be. */
static int choose_scale(const struct serving_config *cfg,
			struct play_run *run)
{
	static struct asim_chip chip;
	struct rehearsal_device device = { item_ns, &chip };
	const struct requests *all = cfg->requests;
	double capacity, percent = LOAD_PERMILLE / 10.0;
	int r;

	if (init_chip(&chip, run))
		return -EINVAL;
	r = load_capacity(cfg, &device, &capacity);
	if (r)
		return r;
	run->rate_scale = load_scale(all, capacity * percent / 100,
				     cfg->end_ns);
	if (!run->rate_scale) {
		run->rate_scale = (double)all->v[all->nr - 1].arrival_ns /
				  (double)cfg->end_ns;
		percent = 100 * requests_rate(all) * run->rate_scale /
			  capacity;
	}
	fprintf(stderr, "%s on %s: capacity %.2f requests/s at the top clock, played at %.0f %% of it\n",
		cfg->rank.model->name, run->dev.profile, capacity, percent);
	return 0;
}

static int find_rank(const struct play *play, const struct play_run *run,
		     struct llm_rank *ret)
{
	ret->model = llm_find(play->opt.model);
	ret->board = llm_board_find(run->dev.profile);
	ret->stack = &llm_stack_2025;
	if (!ret->board) {
		play_error("no serving numbers are known for a %s (%s), use an h100-sxm or a100-sxm",
			   run->dev.profile, run->dev.name);
		return CMD_UNSUPPORTED;
	}
	ret->tp = ret->model->tp;
	return CMD_OK;
}

/* Runs on the same kind of device get the same requests at the same times. */
static bool copy_scale(const struct play *play, struct play_run *run)
{
	for (const struct play_run *r = play->run; r < run; r++) {
		if (strcmp(r->spec.workload, run->spec.workload) ||
		    strcmp(r->dev.profile, run->dev.profile))
			continue;
		run->rate_scale = r->rate_scale;
		return true;
	}
	return false;
}

static int scale_requests(const struct play *play, struct play_run *run,
			  const struct serving_config *cfg)
{
	int r;

	run->rate_scale = play->opt.rate_scale;
	if (!run->rate_scale && !copy_scale(play, run)) {
		r = choose_scale(cfg, run);
		if (r) {
			play_error("can't find a load for %s: %s; give one with --rate-scale",
				   run->dev.name, strerror(-r));
			return CMD_FAILURE;
		}
	}
	if (requests_excerpt(&play->requests, run->rate_scale, cfg->end_ns,
			     &run->table)) {
		play_error("out of memory");
		return CMD_FAILURE;
	}
	run->request_rate_per_s = (double)run->table.nr * 1e9 /
				  (double)cfg->end_ns;
	return CMD_OK;
}

/* Once for all runs: a trace may be large. */
static int get_requests(struct play *play)
{
	if (play->requests.nr)
		return CMD_OK;
	return play->opt.requests ?
		       load_requests(play->opt.requests, &play->requests) :
		       draw_requests(play, &play->requests);
}

static int new_serving(struct play *play, struct play_run *run)
{
	struct serving_config cfg;
	struct llm_rank rank;
	int ret = find_rank(play, run, &rank);

	if (!ret)
		ret = get_requests(play);
	if (ret)
		return ret;
	snprintf(run->requests, sizeof(run->requests), "%s",
		 play->opt.requests ? basename(play->opt.requests) :
				      "drawn from Azure conversation 2023");
	cfg = serving_defaults(&rank, &play->requests, play->opt.duration_ns);
	cfg.chunked = play->opt.chunked;
	ret = scale_requests(play, run, &cfg);
	if (ret)
		return ret;
	cfg.requests = &run->table;
	if (serving_new(&cfg, &run->job)) {
		play_error("%s does not fit on %s", play->opt.model,
			   run->dev.name);
		return CMD_FAILURE;
	}
	return CMD_OK;
}

static uint64_t pass_ns(const struct asim_chip *chip,
			const struct training_pass *pass)
{
	struct accelsim_item item = { .ops = pass->ops, .bytes = pass->bytes };

	return asim_item_ref_ns(chip, &item);
}

/* The other stages of the pipeline run on the same kind of device. */
static int new_training(struct play *play, struct play_run *run)
{
	struct training_config cfg = training_gpt3(play->opt.seed,
						   play->opt.duration_ns);
	static struct asim_chip chip;

	if (init_chip(&chip, run)) {
		play_error("the profile %s of %s is not known here",
			   run->dev.profile, run->dev.name);
		return CMD_UNSUPPORTED;
	}
	cfg.forward.nominal_ns = pass_ns(&chip, &cfg.forward);
	cfg.backward.nominal_ns = pass_ns(&chip, &cfg.backward);
	if (training_new(&cfg, &run->job)) {
		play_error("out of memory");
		return CMD_FAILURE;
	}
	return CMD_OK;
}

int play_job_new(struct play *play, struct play_run *run)
{
	if (!strcmp(run->spec.workload, "serving"))
		return new_serving(play, run);
	return new_training(play, run);
}
