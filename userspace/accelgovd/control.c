// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - control socket
 *
 * Anybody may read, only root may change. What comes in is trusted with nothing:
 * requests are short, a client that sends junk gets an error and one that sends
 * a line without end, or does not take its answers, is hung up on. When all
 * places are taken the client that was silent longest makes room, so that idle
 * connections can't lock the administrator out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge.h"
#include "callwatch.h"
#include "control.h"
#include "drmwatch.h"
#include "log.h"
#include "modefile.h"
#include "status.h"

#define CLIENTS		32
#define REQUEST_MAX	4096
#define ANSWER_MAX	(4 << 20)

struct client {
	struct control *control;
	sd_event_source *source;
	int fd;
	uid_t uid;
	uint64_t heard;
	char in[REQUEST_MAX];
	size_t in_len;
	char *out;
	size_t out_len;
	size_t out_sent;
};

struct control {
	struct daemon *daemon;
	sd_event_source *source;
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client *client[CLIENTS];
	uint64_t clock;
};

static void hang_up(struct control *c, int i)
{
	struct client *client = c->client[i];

	c->client[i] = NULL;
	sd_event_source_disable_unref(client->source);
	close(client->fd);
	free(client->out);
	free(client);
}

static void hang_up_client(struct client *client)
{
	struct control *c = client->control;
	int i;

	for (i = 0; i < CLIENTS; i++)
		if (c->client[i] == client) {
			hang_up(c, i);
			return;
		}
}

static json_t *error_answer(const char *name, const char *text)
{
	return json_pack("{s:i, s:s, s:s}", "schema", 1, "error", name, "text",
			 text);
}

/* A daemon that somebody runs for himself is his. */
static bool may_change(const struct client *client)
{
	return !client->uid || client->uid == geteuid();
}

static json_t *tell_jobs(struct daemon *d)
{
	json_t *jobs = drmwatch_status(d->drm);

	bridges_jobs(d->bridges, json_object_get(jobs, "devices"));
	json_object_set_new(jobs, "calls", callwatch_status(d->calls));
	return jobs;
}

static json_t *do_reload(struct client *client)
{
	struct daemon *d = client->control->daemon;

	if (!may_change(client))
		return error_answer("PermissionDenied",
				    "only root may reload the configuration: run it again as root (sudo)");
	if (daemon_reload(d))
		return error_answer("InvalidConfiguration", d->config_problem);
	return json_pack("{s:i, s:b}", "schema", 1, "reloaded", 1);
}

static bool knows(const struct daemon *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->nr_devices; i++)
		if (!strcmp(d->device[i]->changes.name, name))
			return true;
	return bridges_has(d->bridges, name);
}

static json_t *write_failed(const struct daemon *d, int error)
{
	char text[512];

	if (error == -EEXIST)
		snprintf(text, sizeof(text),
			 "%s/" MODEFILE_NAME " was not written by accelgov: set Mode= by hand, or move it away",
			 d->config_dir);
	else if (error == -ENOENT)
		snprintf(text, sizeof(text),
			 "%s/" MODEFILE_NAME " can't be written, there is no %s: mkdir -p %s, then try again",
			 d->config_dir, d->config_dir, d->config_dir);
	else
		snprintf(text, sizeof(text),
			 "%s/" MODEFILE_NAME " can't be written: %s; accelgovd needs the right to write there, and room",
			 d->config_dir, strerror(-error));
	return error_answer("NotSaved", text);
}

static json_t *set_mode(struct daemon *d, const char *device,
			enum config_mode mode)
{
	char *old = NULL, file[512];
	json_t *result;
	int ret;

	ret = modefile_set(d->config_dir, device, mode, &old);
	if (ret)
		return write_failed(d, ret);
	snprintf(file, sizeof(file), "%s/" MODEFILE_NAME, d->config_dir);
	if (daemon_reload(d)) {
		modefile_put(d->config_dir, old);
		result = error_answer("InvalidConfiguration",
				      d->config_problem);
	} else {
		result = json_pack("{s:i, s:s, s:s}", "schema", 1, "mode",
				   mode == CONFIG_MODE_ACTIVE ? "active" :
								"observe",
				   "file", file);
	}
	free(old);
	return result;
}

static json_t *do_mode(struct client *client, json_t *request,
		       enum config_mode mode)
{
	struct daemon *d = client->control->daemon;
	json_t *device = json_object_get(request, "device");
	const char *name = json_string_value(device);

	if (!may_change(client))
		return error_answer("PermissionDenied",
				    "only root may say which devices accelgov sets: run it again as root (sudo)");
	if (device && !name)
		return error_answer("InvalidRequest", "device is a name");
	if (name && !knows(d, name))
		return error_answer("NoSuchDevice",
				    "there is no such device or accelerator");
	return set_mode(d, name, mode);
}

static json_t *answer(struct client *client, const char *line, size_t len)
{
	struct daemon *d = client->control->daemon;
	json_t *request, *result;
	const char *method;

	request = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	method = json_string_value(json_object_get(request, "method"));
	if (!method)
		result = error_answer("InvalidRequest",
				      "expected one line such as {\"method\":\"status\"}");
	else if (!strcmp(method, "status"))
		result = status_daemon(d);
	else if (!strcmp(method, "devices"))
		result = status_devices(d);
	else if (!strcmp(method, "jobs"))
		result = tell_jobs(d);
	else if (!strcmp(method, "reload"))
		result = do_reload(client);
	else if (!strcmp(method, "activate"))
		result = do_mode(client, request, CONFIG_MODE_ACTIVE);
	else if (!strcmp(method, "observe"))
		result = do_mode(client, request, CONFIG_MODE_OBSERVE);
	else
		result = error_answer("MethodNotFound",
				      "methods are status, devices, jobs, reload, activate, observe");
	json_decref(request);
	return result;
}

static int queue_answer(struct client *client, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL, *more;
	size_t len;

	json_decref(json);
	if (!text)
		return -ENOMEM;
	len = strlen(text);
	if (client->out_len + len + 1 > ANSWER_MAX) {
		free(text);
		return -ENOBUFS;
	}
	more = realloc(client->out, client->out_len + len + 1);
	if (!more) {
		free(text);
		return -ENOMEM;
	}
	memcpy(more + client->out_len, text, len);
	more[client->out_len + len] = '\n';
	client->out = more;
	client->out_len += len + 1;
	free(text);
	return 0;
}

static int flush(struct client *client)
{
	ssize_t len;

	while (client->out_sent < client->out_len) {
		len = send(client->fd, client->out + client->out_sent,
			   client->out_len - client->out_sent, MSG_NOSIGNAL);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			return -errno;
		client->out_sent += len;
	}
	if (client->out_sent == client->out_len) {
		free(client->out);
		client->out = NULL;
		client->out_len = 0;
		client->out_sent = 0;
	}
	/* No new requests before the answers to the old ones are taken. */
	return sd_event_source_set_io_events(client->source,
					     client->out ? EPOLLOUT : EPOLLIN);
}

/* All whole lines; the rest of a line stays for the next read. */
static int handle_lines(struct client *client)
{
	char *line = client->in, *end = client->in + client->in_len, *eol;
	int ret = 0;

	while (!ret && (eol = memchr(line, '\n', end - line))) {
		ret = queue_answer(client, answer(client, line, eol - line));
		line = eol + 1;
	}
	client->in_len = end - line;
	memmove(client->in, line, client->in_len);
	if (!ret && client->in_len == sizeof(client->in)) {
		queue_answer(client, error_answer("InvalidRequest",
						  "the request is too long"));
		flush(client);
		ret = -EMSGSIZE;
	}
	return ret;
}

static int on_client(sd_event_source *source, int fd, uint32_t events,
		     void *arg)
{
	struct client *client = arg;
	ssize_t len;
	int ret = 0;

	client->heard = ++client->control->clock;
	if (events & EPOLLIN) {
		len = recv(fd, client->in + client->in_len,
			   sizeof(client->in) - client->in_len, 0);
		if (len > 0) {
			client->in_len += len;
			ret = handle_lines(client);
		} else if (!len || (errno != EAGAIN && errno != EINTR)) {
			ret = -ECONNRESET;
		}
	} else if (events & (EPOLLHUP | EPOLLERR)) {
		ret = -ECONNRESET;
	}
	if (!ret)
		ret = flush(client);
	if (ret)
		hang_up_client(client);
	return 0;
}

static int free_place(struct control *c)
{
	int i, oldest = 0;

	for (i = 0; i < CLIENTS; i++) {
		if (!c->client[i])
			return i;
		if (c->client[i]->heard < c->client[oldest]->heard)
			oldest = i;
	}
	hang_up(c, oldest);
	return oldest;
}

static int add_client(struct control *c, int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);
	struct client *client;
	int i, ret;

	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		free(client);
		return -errno;
	}
	client->control = c;
	client->fd = fd;
	client->uid = peer.uid;
	client->heard = ++c->clock;
	ret = sd_event_add_io(c->daemon->event, &client->source, fd, EPOLLIN,
			      on_client, client);
	if (ret < 0) {
		free(client);
		return ret;
	}
	i = free_place(c);
	c->client[i] = client;
	return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events,
		      void *arg)
{
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (client >= 0 && add_client(arg, client))
		close(client);
	return 0;
}

/* A socket that nobody answers on is left from a daemon that was killed. */
static int make_socket(const struct sockaddr_un *address)
{
	int fd, ret = 0;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    errno == EAGAIN)
		ret = -EADDRINUSE;
	else if (errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (!ret && bind(fd, (const struct sockaddr *)address,
			 sizeof(*address)))
		ret = -errno;
	/* The file decides who may connect: everybody may ask. */
	if (!ret && (chmod(address->sun_path, 0666) || listen(fd, 16)))
		ret = -errno;
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

int control_new(struct daemon *d, const char *path,
		struct control **ret_control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *c;
	int ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->daemon = d;
	strcpy(c->path, path);
	c->fd = make_socket(&address);
	if (c->fd < 0) {
		ret = c->fd;
		free(c);
		return ret;
	}
	ret = sd_event_add_io(d->event, &c->source, c->fd, EPOLLIN, on_connect,
			      c);
	if (ret < 0) {
		control_free(c);
		return ret;
	}
	*ret_control = c;
	return 0;
}

struct control *control_free(struct control *control)
{
	int i;

	if (!control)
		return NULL;
	for (i = 0; i < CLIENTS; i++)
		if (control->client[i])
			hang_up(control, i);
	sd_event_source_disable_unref(control->source);
	close(control->fd);
	unlink(control->path);
	free(control);
	return NULL;
}
