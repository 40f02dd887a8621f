// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: the file that is read.
 *
 * A recording that ends in the middle of a line, or of what gzip packed, was cut
 * off: what was whole before is good. Everything else that is not as it must be is
 * an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "recording_lines.h"

/* Order of what one device tells. */
struct device_time {
	uint64_t sample_ns;
	uint64_t decision_ns;
	uint64_t gap_ns;
};

/* @at and @len: what of @buf is unread; @line and @offset: of the last line. */
struct recording_reader {
	gzFile gz;
	struct recording_head head;
	struct recording_device *device;
	struct device_time *time;
	uint64_t label_ns;
	uint64_t samples;
	uint64_t line;
	uint64_t offset;
	uint64_t next;
	bool ended;
	bool eof;
	size_t at;
	size_t len;
	char buf[4 * RECORDING_LINE_MAX];
};

static int bad(const struct recording_reader *r, const char *reason,
	       struct recording_error *ret_error)
{
	ret_error->line = r->line;
	ret_error->offset = r->offset;
	if (reason != ret_error->reason)
		snprintf(ret_error->reason, sizeof(ret_error->reason), "%s",
			 reason);
	return -EBADMSG;
}

/* What is left of the file, up to the size of the buffer. */
static int fill(struct recording_reader *r, struct recording_error *ret_error)
{
	int nr, code = Z_OK;

	memmove(r->buf, r->buf + r->at, r->len);
	r->at = 0;
	errno = 0;
	nr = gzread(r->gz, r->buf + r->len,
		    (unsigned int)(sizeof(r->buf) - r->len));
	if (nr > 0)
		r->len += (size_t)nr;
	r->eof = !nr;
	if (nr >= 0)
		return 0;
	gzerror(r->gz, &code);
	if (code == Z_ERRNO)
		return errno ? -errno : -EIO;
	if (code == Z_MEM_ERROR)
		return -ENOMEM;
	r->line++;
	r->offset = r->next;
	return bad(r, "what gzip packed is damaged behind this place", ret_error);
}

/* Return: 1 and a whole line without its end; 0 when there is none. */
static int next_line(struct recording_reader *r, const char **ret_line,
		     size_t *ret_len, struct recording_error *ret_error)
{
	char *line, *end;
	int ret;

	for (;;) {
		line = r->buf + r->at;
		end = memchr(line, '\n', r->len);
		if (end || r->eof || r->len >= RECORDING_LINE_MAX)
			break;
		ret = fill(r, ret_error);
		if (ret)
			return ret;
	}
	if (!end && r->len < RECORDING_LINE_MAX)
		return 0;
	r->line++;
	r->offset = r->next;
	if (!end || end - line >= RECORDING_LINE_MAX)
		return bad(r, "the line is too long", ret_error);
	*ret_line = line;
	*ret_len = (size_t)(end - line);
	r->at += *ret_len + 1;
	r->len -= *ret_len + 1;
	r->next += *ret_len + 1;
	return 1;
}

/* One of the first lines, which must be there. */
static int need_line(struct recording_reader *r, const char **ret_line,
		     size_t *ret_len, struct recording_error *ret_error)
{
	int ret = next_line(r, ret_line, ret_len, ret_error);

	if (ret)
		return ret < 0 ? ret : 0;
	r->line++;
	r->offset = r->next;
	return bad(r, "it ends before its devices were told", ret_error);
}

static int read_devices(struct recording_reader *r,
			struct recording_error *ret_error)
{
	const char *line = "";
	uint32_t i;
	size_t len = 0;
	int ret = 0;

	r->device = calloc(r->head.nr_devices, sizeof(*r->device));
	r->time = calloc(r->head.nr_devices, sizeof(*r->time));
	if (!r->device || !r->time)
		return -ENOMEM;
	for (i = 0; i < r->head.nr_devices && !ret; i++) {
		ret = need_line(r, &line, &len, ret_error);
		if (!ret)
			ret = recording_parse_device(line, len, i,
						     &r->device[i],
						     ret_error->reason);
	}
	return ret;
}

static int read_head(struct recording_reader *r,
		     struct recording_error *ret_error)
{
	const char *line = "";
	size_t len = 0;
	int ret = need_line(r, &line, &len, ret_error);

	if (!ret)
		ret = recording_parse_head(line, len, &r->head,
					   ret_error->reason);
	if (!ret)
		ret = read_devices(r, ret_error);
	return ret == -EBADMSG ? bad(r, ret_error->reason, ret_error) : ret;
}

int recording_open_fd(int fd, struct recording_reader **ret_reader,
		      struct recording_error *ret_error)
{
	struct recording_reader *r = calloc(1, sizeof(*r));
	int ret;

	if (r)
		r->gz = gzdopen(fd, "rb");
	if (!r || !r->gz) {
		close(fd);
		free(r);
		return -ENOMEM;
	}
	ret = read_head(r, ret_error);
	if (ret)
		recording_end(r);
	else
		*ret_reader = r;
	return ret;
}

int recording_open(const char *path, struct recording_reader **ret_reader,
		   struct recording_error *ret_error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : recording_open_fd(fd, ret_reader, ret_error);
}

const struct recording_head *recording_head(const struct recording_reader *r)
{
	return &r->head;
}

const struct recording_device *
recording_device(const struct recording_reader *r, uint32_t index)
{
	return &r->device[index];
}

/*
 * Samples go on in time; what else there is does not go back. What a governor did is
 * in the order in which it did it, and its times are the core's.
 */
static int take_order(struct recording_reader *r,
		      const struct recording_entry *e,
		      struct recording_error *ret_error)
{
	struct device_time *t = &r->time[e->device];
	uint64_t *last;

	if (e->kind == RECORDING_GOVERN)
		return 0;
	last = e->kind == RECORDING_SAMPLE ? &t->sample_ns :
	       e->kind == RECORDING_DECISION ? &t->decision_ns :
	       e->kind == RECORDING_GAP ? &t->gap_ns : &r->label_ns;
	if (e->time_ns < *last ||
	    (e->kind == RECORDING_SAMPLE && e->time_ns == *last))
		return bad(r, "\"t_ns\" is not after the one before",
			   ret_error);
	*last = e->time_ns;
	return 0;
}

static int take_entry(struct recording_reader *r,
		      const struct recording_entry *e,
		      struct recording_error *ret_error)
{
	if (r->ended)
		return bad(r, "there is something behind the end", ret_error);
	if (e->kind != RECORDING_END) {
		r->samples += e->kind == RECORDING_SAMPLE;
		return take_order(r, e, ret_error);
	}
	if (e->samples != r->samples)
		return bad(r, "\"samples\" is another number than there are",
			   ret_error);
	r->ended = true;
	return 0;
}

int recording_next(struct recording_reader *r, struct recording_entry *ret_entry,
		   struct recording_error *ret_error)
{
	struct recording_entry e;
	const char *line;
	size_t len;
	int ret = next_line(r, &line, &len, ret_error);

	if (!ret && r->ended && r->len) {
		r->line++;
		r->offset = r->next;
		return bad(r, "there is something behind the end", ret_error);
	}
	if (ret <= 0)
		return ret;
	ret = recording_parse_entry(line, len, &r->head, &e, ret_error->reason);
	if (ret)
		return ret == -EBADMSG ? bad(r, ret_error->reason, ret_error) :
					 ret;
	ret = take_entry(r, &e, ret_error);
	if (ret)
		return ret;
	*ret_entry = e;
	return 1;
}

bool recording_is_whole(const struct recording_reader *r)
{
	return r->ended;
}

void recording_end(struct recording_reader *r)
{
	if (!r)
		return;
	gzclose(r->gz);
	free(r->device);
	free(r->time);
	free(r);
}
