// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov replay: where the work comes from.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arrivals.h"
#include "cmd.h"
#include "load.h"
#include "replay_cmd.h"

/* Drawn requests come at this rate before they are scaled to the load. */
#define DRAWN_PER_S	5.0
#define DRAWN_NS	(3600 * 1000000000ULL)

static int map_fd(int fd, const char **ret_text, size_t *ret_len)
{
	struct stat st;
	void *text = NULL;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size)
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			    fd, 0);
	if (text == MAP_FAILED)
		return -errno;
	*ret_text = text;
	*ret_len = (size_t)st.st_size;
	return 0;
}

static int read_requests(const char *path, struct requests *ret)
{
	struct requests_error err = { 0 };
	const char *text = NULL;
	size_t len = 0;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : map_fd(fd, &text, &len);
	if (fd >= 0)
		close(fd);
	if (r) {
		replay_error("can't read %s: %s", path, r == -EINVAL ?
			     "it is no regular file" : strerror(-r));
		return cmd_exit_code(r);
	}
	r = requests_parse_azure(text, len, ret, &err);
	if (text)
		munmap((void *)text, len);
	if (r == -EINVAL && err.line)
		replay_error("%s:%u: %s; expected is the Azure LLM inference format, a line TIMESTAMP,ContextTokens,GeneratedTokens and then requests such as 2023-11-16 18:15:46.6805900,374,44",
			     path, err.line, err.reason);
	else if (r)
		replay_error("%s: %s", path,
			     r == -EINVAL ? err.reason : strerror(-r));
	return r ? CMD_FAILURE : CMD_OK;
}

static int draw_requests(const struct replay_options *opt,
			 struct requests *ret)
{
	struct arrivals_config cfg = {
		.rate_per_s = DRAWN_PER_S,
		.cv = ARRIVALS_CV,
		.duration_ns = DRAWN_NS,
		.seed = opt->seed,
	};

	if (opt->duration_ns > cfg.duration_ns)
		cfg.duration_ns = opt->duration_ns;
	if (!arrivals_draw(&cfg, ret))
		return CMD_OK;
	replay_error("out of memory");
	return CMD_FAILURE;
}

static int complain(const struct replay_options *opt, int error)
{
	switch (error) {
	case -ENODEV:
		replay_error("no serving numbers are known for %s, use h100-sxm or a100-sxm",
			     opt->profile->name);
		return CMD_UNSUPPORTED;
	case -EINVAL:
		replay_error("can't find a load for %s on %s; give one with --rate-scale",
			     opt->model, opt->profile->name);
		return CMD_FAILURE;
	default:
		replay_error("can't make the work: %s", strerror(-error));
		return CMD_FAILURE;
	}
}

static void tell_load(const struct replay_options *opt,
		      const struct replay_work *w)
{
	fprintf(stderr, "%s on %s: %.2f requests/s", opt->model,
		opt->profile->name, w->rate_per_s);
	if (w->capacity_per_s > 0)
		fprintf(stderr, ", %.0f %% of what it serves well",
			100 * w->rate_per_s / w->capacity_per_s);
	fputc('\n', stderr);
}

int replay_input(const struct replay_options *opt,
		 const struct asim_chip *chip, struct requests *all,
		 struct replay_work *ret)
{
	int r;

	if (!strcmp(opt->workload, "training")) {
		replay_work_training(chip, opt->seed, opt->duration_ns, ret);
		return CMD_OK;
	}
	r = opt->requests ? read_requests(opt->requests, all) :
			    draw_requests(opt, all);
	if (r)
		return r;
	r = replay_work_serving(chip, opt->model, all, opt->rate_scale,
				opt->chunked, opt->duration_ns, ret);
	if (r)
		return complain(opt, r);
	tell_load(opt, ret);
	return CMD_OK;
}
