// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: device profiles as text. What is accepted is written as a text that reads
 * as the same profile, and describes a device that the model can run.
 */
#include <errno.h>

#include "fuzz.h"
#include "model.h"
#include "profile/profile_file.h"

#define RUN_NS	(50 * 1000000ULL)

static char *text_of(const struct profile_file *pf, size_t *ret_len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_len);

	HOLDS(f && !profile_write(pf, f));
	HOLDS(!fclose(f));
	return text;
}

static void check_again(const struct profile_file *pf)
{
	static struct profile_file again;
	struct profile_error err = { 0 };
	size_t len, len_again;
	char *text = text_of(pf, &len), *text_again;

	if (profile_parse(text, len, &again, &err)) {
		fprintf(stderr, "%u: %s\n%s", err.line, err.reason, text);
		HOLDS(!"what was written is refused");
	}
	text_again = text_of(&again, &len_again);
	HOLDS(len == len_again && !memcmp(text, text_again, len));
	free(text_again);
	free(text);
}

/* Half of the time busy at the lowest clock, half at the highest, then idle. */
static void run(const struct asim_chip *chip)
{
	const struct accelsim_item item = {
		.ops = 1000000000000, .bytes = 1000000000, .link_ns = 1000000,
		.io_bytes = 1000000,
	};
	static struct asim_model m;
	uint64_t now_ns = 1;

	asim_init(&m, chip, 1000, now_ns);
	asim_set_context(&m, true, now_ns);
	HOLDS(!asim_submit(&m, &item, asim_item_ref_ns(chip, &item), &m,
			   now_ns));
	for (int i = 0; i < 4; i++) {
		asim_set_clock(&m, chip->opps[i % 2 ? chip->nr_opps - 1 : 0].khz,
			       now_ns);
		now_ns += RUN_NS / 4;
		asim_advance(&m, now_ns);
		HOLDS(asim_effective_khz(&m, now_ns) <=
		      chip->opps[chip->nr_opps - 1].khz);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile_file pf;
	static struct asim_chip chip;
	struct profile_error err = { 0 };
	int ret = profile_parse((const char *)data, size, &pf, &err);

	HOLDS(ret != -EINVAL || err.reason[0]);
	if (ret)
		return 0;
	check_again(&pf);
	if (!asim_chip_init(&chip, &pf.p))
		run(&chip);
	return 0;
}
