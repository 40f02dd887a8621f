// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - asking the daemon
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd.h"

#define SOCKET_PATH	"/run/accelgov/control.sock"
#define ANSWER_MAX	(8 << 20)

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 3 };
	int fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		ret = errno == ENOENT ? -ECONNREFUSED : -errno;
		close(fd);
		return ret;
	}
	return fd;
}

static int send_request(int fd, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	struct iovec iov[] = {
		{ text, text ? strlen(text) : 0 }, { "\n", 1 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t len;
	int ret = 0;

	if (!text)
		return -ENOMEM;
	len = sendmsg(fd, &msg, MSG_NOSIGNAL);
	if (len < 0)
		ret = -errno;
	else if (len != (ssize_t)(iov[0].iov_len + 1))
		ret = -EIO;
	free(text);
	return ret;
}

/* One line, however many packets it comes in. */
static int read_line(int fd, char **ret_line, size_t *ret_len)
{
	char *line = NULL, *more, *eol;
	size_t used = 0;
	ssize_t len;

	while (used < ANSWER_MAX) {
		more = realloc(line, used + 65536);
		if (!more)
			break;
		line = more;
		len = recv(fd, line + used, 65536, 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		eol = memchr(line + used, '\n', len);
		if (eol) {
			*ret_len = eol - line;
			*ret_line = line;
			return 0;
		}
		used += len;
	}
	free(line);
	return -EBADMSG;
}

int client_request(const char *socket, json_t *request, json_t **ret_answer)
{
	char *line = NULL;
	json_t *answer;
	size_t len = 0;
	int fd, ret;

	fd = dial(socket ? socket : SOCKET_PATH);
	if (fd < 0)
		return fd;
	ret = send_request(fd, request);
	if (!ret)
		ret = read_line(fd, &line, &len);
	close(fd);
	if (ret)
		return ret;
	answer = json_loadb(line, len, 0, NULL);
	free(line);
	if (!json_is_object(answer)) {
		json_decref(answer);
		return -EBADMSG;
	}
	*ret_answer = answer;
	return 0;
}

int client_call(const char *socket, const char *method, json_t **ret_answer)
{
	json_t *request = json_pack("{s:s}", "method", method);
	int ret = request ? client_request(socket, request, ret_answer) :
			    -ENOMEM;

	json_decref(request);
	return ret;
}
