// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play and replay: where the work comes from.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "workload/arrivals.h"
#include "workload/llm.h"
#include "workload/load.h"
#include "work_input.h"

/* Drawn requests come at this rate before they are scaled to the load. */
#define DRAWN_PER_S	5.0
#define DRAWN_NS	(3600 * 1000000000ULL)
#define MODELS_MAX	32

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

/* The format asked for, else the one that the text begins like. */
static int find_format(const struct work_options *opt, const char *text,
		       size_t len, enum input_format *ret)
{
	*ret = opt->format;
	if (*ret == INPUT_FORMAT_NR && len)
		*ret = input_format_detect(text, len);
	if (*ret != INPUT_FORMAT_NR)
		return CMD_OK;
	if (!len) {
		cmd_error("%s: the file is empty", opt->requests);
		return CMD_FAILURE;
	}
	cmd_error("%s:1: no known format begins like this; known are", opt->requests);
	for (int i = 0; i < INPUT_FORMAT_NR; i++)
		fprintf(stderr, "  %-10s %s\n",
			input_format_name((enum input_format)i),
			input_format_shape((enum input_format)i));
	fputs("and --format NAME tells what is wrong with it as one of them\n",
	      stderr);
	return CMD_FAILURE;
}

static int parse_source(const struct work_options *opt, const char *text,
			size_t len, struct source *ret)
{
	struct text_error err = { 0 };
	enum input_format format;
	int r = find_format(opt, text, len, &format);

	if (r)
		return r;
	r = source_parse(format, text, len, ret, &err);
	if (r == -EINVAL && err.line)
		cmd_error("%s:%u: %s; expected: %s (format %s)",
			  opt->requests, err.line, err.reason,
			  input_format_shape(format),
			  input_format_name(format));
	else if (r)
		cmd_error("%s: %s", opt->requests,
			  r == -EINVAL ? err.reason : strerror(-r));
	return r ? CMD_FAILURE : CMD_OK;
}

static int read_source(const struct work_options *opt, struct source *ret)
{
	const char *path = opt->requests, *text = NULL;
	size_t len = 0;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : map_fd(fd, &text, &len);
	if (fd >= 0)
		close(fd);
	if (r) {
		cmd_error("can't read %s: %s", path, r == -EINVAL ?
			  "it is no regular file" : strerror(-r));
		return cmd_exit_code(r);
	}
	r = parse_source(opt, text, len, ret);
	if (text)
		munmap((void *)text, len);
	return r;
}

static int draw_requests(const struct work_options *opt,
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
	cmd_error("out of memory");
	return CMD_FAILURE;
}

static int complain(const struct work_options *opt, const char *profile,
		    unsigned int line, int error)
{
	switch (error) {
	case -ENODEV:
		cmd_error("no serving numbers are known for %s, and it has less than a quarter of the arithmetic or memory bandwidth of any device with some; use h100-sxm or a100-sxm",
			  profile);
		return CMD_UNSUPPORTED;
	case -EINVAL:
		cmd_error("can't find a load for %s on %s; give one with --rate-scale",
			  opt->model, profile);
		return CMD_FAILURE;
	case -ENODATA:
		cmd_error("%s: the windows end before the run does; give a shorter --duration",
			  opt->requests);
		return CMD_FAILURE;
	case -E2BIG:
		cmd_error("%s: more requests than a device could serve in a year; give a smaller --rate-scale",
			  opt->requests);
		return CMD_FAILURE;
	case -ERANGE:
		cmd_error("%s:%u: so little work takes no time at all on %s",
			  opt->requests, line, profile);
		return CMD_FAILURE;
	default:
		cmd_error("can't make the work: %s", strerror(-error));
		return CMD_FAILURE;
	}
}

static void tell_board(const char *profile, const struct work *w)
{
	const char *board = w->serving.rank.board->name;

	if (strcmp(board, profile))
		fprintf(stderr,
			"no serving numbers are known for %s; memory size and links of %s, whose arithmetic and memory bandwidth are nearest, stand for its own\n",
			profile, board);
}

static void tell_late(const char *model, const char *profile,
		      const struct work *w)
{
	fprintf(stderr,
		"%s on %s: at no rate do 99 of 100 of these requests get a token every %d ms, since long prompts hold up the answers; the load is chosen from the highest throughput instead, %.2f requests/s\n",
		model, profile, LOAD_TPOT_MS, w->capacity_per_s);
}

static void tell_load(const char *model, const char *profile,
		      const struct work *w)
{
	fprintf(stderr, "%s on %s: %.2f requests/s", model, profile,
		w->rate_per_s);
	if (w->capacity_per_s > 0)
		fprintf(stderr, ", %.0f %% of what it serves%s",
			100 * w->rate_per_s / w->capacity_per_s,
			w->late ? " at most" : " well");
	fputc('\n', stderr);
}

/* A list of phases is no work for an engine, and requests are no phases. */
static int check_source(const struct work_options *opt, enum work_kind kind,
			const struct source *s)
{
	const char *what = NULL;

	if (kind == WORK_PHASES && !s->segments.nr)
		what = "no list of phases; --workload serving, mixed and bursty take it";
	else if (kind != WORK_PHASES && s->segments.nr)
		what = "a list of phases; --workload phases takes it";
	else if (kind == WORK_BURSTY && s->rates.nr)
		what = "a list of rates; --workload serving and mixed take it";
	if (!what)
		return CMD_OK;
	cmd_error("%s is %s", opt->requests, what);
	return CMD_USAGE;
}

static bool is_empty(const struct source *s)
{
	return !s->requests.nr && !s->rates.nr && !s->segments.nr;
}

static int fill_source(const struct work_options *opt, struct source *s)
{
	return opt->requests ? read_source(opt, s) :
			       draw_requests(opt, &s->requests);
}

int work_check(const struct work_options *opt, enum work_kind kind)
{
	if (opt->requests && !work_has_requests(kind) && kind != WORK_PHASES) {
		cmd_error("--requests is not for --workload %s",
			  work_kind_name(kind));
		return CMD_USAGE;
	}
	if (!opt->requests && kind == WORK_PHASES) {
		cmd_error("--workload phases needs a list of phases, --requests FILE");
		return CMD_USAGE;
	}
	return CMD_OK;
}

int work_check_unused(const struct work_options *opt, bool serves)
{
	const char *unused = opt->model_given ? "--model" :
			     opt->chunked ? "--chunked" :
			     opt->rate_scale > 0 ? "--rate-scale" : NULL;

	if (unused && !serves) {
		cmd_error("%s is only for workloads with requests: serving, mixed and bursty",
			  unused);
		return CMD_USAGE;
	}
	if (opt->format != INPUT_FORMAT_NR && !opt->requests) {
		cmd_error("--format says what --requests FILE holds, and there is no --requests");
		return CMD_USAGE;
	}
	return CMD_OK;
}

int work_input(const struct work_options *opt, const struct asim_chip *chip,
	       enum work_kind kind, struct source *source, struct work *ret)
{
	const char *profile = chip->profile->name;
	struct work_config cfg = {
		.chip = chip,
		.model = opt->model,
		.source = source,
		.rate_scale = opt->rate_scale,
		.chunked = opt->chunked,
		.duration_ns = opt->duration_ns,
		.seed = opt->seed,
	};
	bool wants = work_has_requests(kind) || kind == WORK_PHASES;
	bool first = wants && is_empty(source);
	unsigned int line = 0;
	int r = first ? fill_source(opt, source) : CMD_OK;

	if (!r && wants)
		r = check_source(opt, kind, source);
	if (r)
		return r;
	r = work_new(kind, &cfg, ret, &line);
	if (r)
		return complain(opt, profile, line, r);
	if (work_has_requests(kind) && first)
		tell_board(profile, ret);
	if (ret->late)
		tell_late(opt->model, profile, ret);
	/* Once for all runs that get the same. */
	if (work_has_requests(kind) && (first || ret->capacity_per_s > 0))
		tell_load(opt->model, profile, ret);
	return CMD_OK;
}

void work_result(const struct work_options *opt, const struct work *w,
		 struct result *r)
{
	const char *source = "drawn from Azure conversation 2023", *slash;

	if (!work_has_requests(w->kind) && w->kind != WORK_PHASES)
		return;
	if (opt->requests) {
		slash = strrchr(opt->requests, '/');
		source = slash ? slash + 1 : opt->requests;
	}
	snprintf(r->requests, sizeof(r->requests), "%s", source);
	if (!work_has_requests(w->kind))
		return;
	r->rate_scale = w->rate_scale;
	r->request_rate_per_s = w->rate_per_s;
}

int work_unknown(const char *text)
{
	const char *known[WORK_NR + 1] = { 0 };

	for (int i = 0; i < WORK_NR; i++)
		known[i] = work_kind_name((enum work_kind)i);
	return cmd_unknown("workload", text, known);
}

static int parse_scale(const char *text, double *ret)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !(v >= 1e-6 && v <= 1e6)) {
		cmd_error("\"%s\" is no factor between 0.000001 and 1000000",
			  text);
		return CMD_USAGE;
	}
	*ret = v;
	return CMD_OK;
}

static int parse_seed(const char *text, uint64_t *ret)
{
	int64_t v;

	if (parse_int(text, &v) || v < 0) {
		cmd_error("\"%s\" is no seed, a number from 0", text);
		return CMD_USAGE;
	}
	*ret = (uint64_t)v;
	return CMD_OK;
}

static int parse_model(const char *text, const char **ret, bool *ret_given)
{
	const char *known[MODELS_MAX + 1] = { 0 };

	*ret = text;
	*ret_given = true;
	if (llm_find(text))
		return CMD_OK;
	for (unsigned int i = 0; i < MODELS_MAX && llm_nth(i); i++)
		known[i] = llm_nth(i)->name;
	return cmd_unknown("model", text, known);
}

static int parse_format(const char *text, enum input_format *ret)
{
	const char *known[INPUT_FORMAT_NR + 1] = { 0 };

	*ret = input_format_find(text);
	if (*ret != INPUT_FORMAT_NR)
		return CMD_OK;
	for (int i = 0; i < INPUT_FORMAT_NR; i++)
		known[i] = input_format_name((enum input_format)i);
	return cmd_unknown("format", text, known);
}

int work_option(struct work_options *opt, int id, const char *text)
{
	switch (id) {
	case 'r':
		opt->requests = text;
		return CMD_OK;
	case 'f':
		return parse_format(text, &opt->format);
	case 'x':
		return parse_scale(text, &opt->rate_scale);
	case 'm':
		return parse_model(text, &opt->model,
				   &opt->model_given);
	case 'c':
		opt->chunked = true;
		return CMD_OK;
	case 's':
		return parse_seed(text, &opt->seed);
	default:
		return cmd_usage();
	}
}
