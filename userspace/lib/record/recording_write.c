// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: the file that is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "recording_lines.h"

/* What a crash may lose. */
#define FLUSH_NS	1000000000ULL

/*
 * @error: first one, 0 for none. @flushed_ns: time of the entry at which all was
 * handed to the disk last.
 */
struct recording_writer {
	gzFile gz;
	uint64_t start_ns;
	uint64_t flushed_ns;
	uint64_t samples;
	int error;
	char line[RECORDING_LINE_MAX];
};

/* zlib keeps the error, and errno is still that of the write behind it. */
static int failed(struct recording_writer *w)
{
	int saved = errno, code = Z_OK;

	gzerror(w->gz, &code);
	if (code == Z_MEM_ERROR)
		w->error = -ENOMEM;
	else
		w->error = code == Z_ERRNO && saved ? -saved : -EIO;
	return w->error;
}

static int write_line(struct recording_writer *w, const char *line, size_t len)
{
	errno = 0;
	if (gzwrite(w->gz, line, (unsigned int)len) != (int)len ||
	    gzputc(w->gz, '\n') != '\n')
		return failed(w);
	return 0;
}

static int write_text(struct recording_writer *w, char *line)
{
	int ret = line ? write_line(w, line, strlen(line)) : -ENOMEM;

	free(line);
	return ret;
}

static int flush(struct recording_writer *w)
{
	errno = 0;
	return gzflush(w->gz, Z_SYNC_FLUSH) == Z_OK ? 0 : failed(w);
}

static int write_head(struct recording_writer *w,
		      const struct recording_head *head,
		      const struct recording_device *device)
{
	int ret = write_text(w, recording_format_head(head));
	uint32_t i;

	for (i = 0; i < head->nr_devices && !ret; i++)
		ret = write_text(w, recording_format_device(&device[i], i));
	return ret ? ret : flush(w);
}

int recording_create(int fd, const struct recording_head *head,
		     const struct recording_device *device,
		     struct recording_writer **ret_writer)
{
	struct recording_writer *w = calloc(1, sizeof(*w));
	int ret;

	if (w)
		w->gz = gzdopen(fd, "wb");
	if (!w || !w->gz) {
		close(fd);
		free(w);
		return -ENOMEM;
	}
	w->start_ns = head->start_ns;
	w->flushed_ns = head->start_ns;
	ret = write_head(w, head, device);
	if (ret)
		recording_close(w);
	else
		*ret_writer = w;
	return ret;
}

int recording_put(struct recording_writer *w,
		  const struct recording_entry *entry)
{
	size_t len;
	int ret;

	if (w->error)
		return w->error;
	len = recording_format_entry(entry, w->start_ns, w->line,
				     sizeof(w->line));
	if (!len || len > sizeof(w->line))
		return -ENOMEM;
	ret = write_line(w, w->line, len);
	w->samples += !ret && entry->kind == RECORDING_SAMPLE;
	if (ret || entry->time_ns < w->flushed_ns + FLUSH_NS)
		return ret;
	w->flushed_ns = entry->time_ns;
	return flush(w);
}

uint64_t recording_samples(const struct recording_writer *w)
{
	return w->samples;
}

int recording_close(struct recording_writer *w)
{
	int ret, code;

	if (!w)
		return 0;
	errno = 0;
	code = gzclose(w->gz);
	ret = w->error;
	if (!ret && code != Z_OK)
		ret = code == Z_ERRNO && errno ? -errno : -EIO;
	free(w);
	return ret;
}
