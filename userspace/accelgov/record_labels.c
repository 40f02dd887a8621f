// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: labels, from a file that others append to, or from a FIFO.
 *
 * A file never holds up or kills the job that writes to it, whatever becomes of the
 * recorder, so that is what a command gets. A FIFO is held open for writing as well:
 * its writers come and go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "record_cmd.h"

static int complain(const char *what, const char *path)
{
	int error = errno;

	cmd_error("can't %s %s for labels: %s", what, path, strerror(error));
	return cmd_exit_code(-error);
}

static int make_file(struct record_labels *l)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(l->path, sizeof(l->path), "%.400s/accelgov-labels-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	l->fd = mkostemp(l->path, O_CLOEXEC);
	if (l->fd < 0)
		return complain("make", l->path);
	l->ours = true;
	return CMD_OK;
}

static int open_file(struct record_labels *l, const char *path)
{
	struct stat st;

	if (strlen(path) >= sizeof(l->path)) {
		cmd_error("the path of the labels is too long");
		return CMD_USAGE;
	}
	strcpy(l->path, path);
	l->fd = open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
	if (l->fd < 0 && (errno == EACCES || errno == EROFS))
		l->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st))
		return complain("open", path);
	l->fifo = S_ISFIFO(st.st_mode);
	if (l->fifo)
		return CMD_OK;
	if (!S_ISREG(st.st_mode)) {
		cmd_error("%s is neither a file nor a FIFO: labels can't come from there",
			  path);
		return CMD_USAGE;
	}
	/* What is there already belongs to another run. */
	l->offset = st.st_size;
	return CMD_OK;
}

int record_labels_open(struct record_labels *l, const char *path, bool needed)
{
	int ret = CMD_OK;

	*l = (struct record_labels){ .fd = -1, .watch = -1 };
	if (path)
		ret = open_file(l, path);
	else if (needed)
		ret = make_file(l);
	if (ret || l->fd < 0 || l->fifo)
		return ret;
	/* Where it does not work, each sample looks into the file. */
	l->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (l->watch >= 0)
		inotify_add_watch(l->watch, l->path, IN_MODIFY);
	return CMD_OK;
}

/* Return: the label in @line, with its time if it has one; NULL for none. */
static const char *parse(char *line, uint64_t *ns)
{
	char *rest = line, *name, *time, *end;

	name = strsep(&rest, " \t");
	time = rest ? rest + strspn(rest, " \t") : NULL;
	if (time && *time) {
		errno = 0;
		*ns = strtoull(time, &end, 10);
		if (errno || end == time || end[strspn(end, " \t")] ||
		    *time == '-')
			return NULL;
	}
	return recording_label_valid(name) ? name : NULL;
}

/*
 * A NUL is in no label, and ends none: a job that writes to a file which was begun anew
 * leaves as many of them as it had written before.
 */
static void show_nuls(char *line, const char *end)
{
	while ((line = memchr(line, '\0', (size_t)(end - line))))
		*line = '?';
}

static void take_line(struct record_labels *l, char *line, uint64_t start_ns,
		      void (*put)(void *arg, const char *label, uint64_t ns),
		      void *arg)
{
	uint64_t now_ns = record_now_ns(), ns = now_ns;
	const char *label;

	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if (!line[0])
		return;
	label = parse(line, &ns);
	/* A time that is not in this recording, or not in order. */
	if (label && (ns > now_ns || ns < start_ns || ns < l->last_ns))
		label = NULL;
	if (!label) {
		if (!l->bad++)
			cmd_error("a line of %s is no label and was left out: NAME, or NAME TIME with TIME in ns of CLOCK_MONOTONIC, since the recording and the label before began",
				  l->path);
		return;
	}
	l->last_ns = ns;
	put(arg, label, ns);
}

/* Return: bytes that came, 0 for none. */
static size_t fetch(struct record_labels *l)
{
	size_t room = sizeof(l->text) - 1 - l->len;
	struct stat st;
	ssize_t n;

	if (l->fifo)
		n = read(l->fd, l->text + l->len, room);
	else
		n = pread(l->fd, l->text + l->len, room, l->offset);
	if (n > 0) {
		l->offset += n;
		return (size_t)n;
	}
	/* Somebody began it anew. */
	if (!n && !l->fifo && !fstat(l->fd, &st) && st.st_size < l->offset) {
		l->offset = 0;
		l->len = 0;
		return st.st_size ? fetch(l) : 0;
	}
	return 0;
}

static char *next_line(struct record_labels *l, char *at)
{
	return memchr(at, '\n', l->len - (size_t)(at - l->text));
}

void record_labels_take(struct record_labels *l, uint64_t start_ns,
			void (*put)(void *arg, const char *label, uint64_t ns),
			void *arg)
{
	char drop[4096], *at, *end;
	size_t n;

	if (l->fd < 0)
		return;
	while (l->watch >= 0 && read(l->watch, drop, sizeof(drop)) > 0)
		;
	while ((n = fetch(l))) {
		l->len += n;
		for (at = l->text; (end = next_line(l, at)); at = end + 1) {
			show_nuls(at, end);
			*end = '\0';
			if (!l->skip)
				take_line(l, at, start_ns, put, arg);
			l->skip = false;
		}
		l->len -= (size_t)(at - l->text);
		memmove(l->text, at, l->len);
		/* No label is that long: it is not taken for one in pieces. */
		if (l->len == sizeof(l->text) - 1) {
			l->bad += !l->skip;
			l->skip = true;
			l->len = 0;
		}
	}
}

void record_labels_close(struct record_labels *l)
{
	if (l->watch >= 0)
		close(l->watch);
	if (l->fd >= 0)
		close(l->fd);
	if (l->ours)
		unlink(l->path);
}
