// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: recordings, packed or not. What is accepted is in order, goes through the
 * policy core, and is written as lines that read as the same again. What is refused
 * has a place and a reason.
 */
#include "recording_file.h"

#include <errno.h>
#include <math.h>

#include "fuzz.h"
#include "record/recorded.h"
#include "record/recording_lines.h"
#include "report/report_recording.h"

#define ENTRIES_MAX	2000

static void check_error(int ret, const struct recording_error *error)
{
	HOLDS(ret == -EBADMSG || ret == -ENOMEM || ret == -EIO);
	if (ret != -EBADMSG)
		return;
	HOLDS(error->line >= 1);
	HOLDS(error->reason[0]);
	HOLDS(memchr(error->reason, '\0', sizeof(error->reason)));
}

static void check_device(const struct recording_device *d, uint32_t index)
{
	static struct recording_device again;
	char reason[RECORDING_TEXT_LEN], *line;

	line = recording_format_device(d, index);
	if (!line)
		abort();
	HOLDS(!recording_parse_device(line, strlen(line), index, &again, reason));
	HOLDS(!memcmp(d, &again, sizeof(again)));
	free(line);
}

static void check_entry(const struct recording_head *head,
			const struct recording_entry *e)
{
	static char line[RECORDING_LINE_MAX], line2[RECORDING_LINE_MAX];
	static struct recording_entry again;
	char reason[RECORDING_TEXT_LEN];
	size_t len;

	HOLDS(e->device < head->nr_devices);
	HOLDS(e->time_ns >= head->start_ns);
	len = recording_format_entry(e, head->start_ns, line, sizeof(line));
	HOLDS(len && len < sizeof(line));
	HOLDS(!recording_parse_entry(line, len, head, &again, reason));
	HOLDS(recording_format_entry(&again, head->start_ns, line2, sizeof(line2)) ==
	      len);
	HOLDS(!memcmp(line, line2, len));
}

static void read_lines(const uint8_t *data, size_t size)
{
	struct recording_error error = { 0 };
	struct recording_reader *r;
	struct recording_entry e;
	int ret, nr = 0;
	uint32_t i;

	ret = recording_open_fd(memory_file(data, size), &r, &error);
	if (ret) {
		check_error(ret, &error);
		return;
	}
	for (i = 0; i < recording_head(r)->nr_devices; i++)
		check_device(recording_device(r, i), i);
	while (nr++ < ENTRIES_MAX && (ret = recording_next(r, &e, &error)) > 0)
		check_entry(recording_head(r), &e);
	if (ret < 0)
		check_error(ret, &error);
	recording_end(r);
}

static void check_recorded(const struct recorded *r)
{
	double f1;
	uint32_t i;

	for (i = 0; i < r->nr; i++) {
		const struct recorded_device *d = &r->device[i];

		f1 = confusion_macro_f1(&d->replayed.windows.confusion);
		HOLDS(isnan(f1) || (f1 >= 0 && f1 <= 1000.001));
		HOLDS(d->decided <= d->samples);
		HOLDS(d->last_ns <= r->end_ns);
		HOLDS(d->series.nr <= d->samples);
	}
}

static void run(const uint8_t *data, size_t size, FILE *page)
{
	const struct recorded_options options = { .series = true };
	struct recording_error error = { 0 };
	struct recording_reader *reader;
	struct recorded r;
	int ret;

	ret = recording_open_fd(memory_file(data, size), &reader, &error);
	if (ret)
		return;
	ret = recorded_run(reader, &options, &r, &error);
	recording_end(reader);
	if (ret) {
		check_error(ret, &error);
		return;
	}
	check_recorded(&r);
	rewind(page);
	HOLDS(!report_recording_write(&r, page));
	recorded_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *page;

	if (!page)
		page = fopen("/dev/null", "we");
	if (!page)
		abort();
	read_lines(data, size);
	run(data, size, page);
	return 0;
}
