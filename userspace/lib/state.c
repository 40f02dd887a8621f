// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what the daemon changed, on disk, so that it can be undone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state.h"

#define CLASS "sys/class/devfreq/%s/"

uint64_t process_start_time(pid_t pid)
{
	char text[1024], *p;
	struct sysfs root;
	uint64_t ticks = 0;
	int field;

	if (sysfs_open(&root, NULL))
		return 0;
	if (!sysfs_read(&root, text, sizeof(text), "proc/%d/stat", (int)pid)) {
		/* The name, in brackets, may hold spaces: count from its end. */
		p = strrchr(text, ')');
		for (field = 2; p && field < 22; field++)
			p = strchr(p + 1, ' ');
		if (p)
			ticks = strtoull(p + 1, NULL, 10);
	}
	sysfs_close(&root);
	return ticks;
}

bool state_owner_alive(const struct state *state)
{
	uint64_t ticks = process_start_time(state->pid);

	return ticks && ticks == state->start_time;
}

static json_t *knobs_to_json(const struct state_device *dev)
{
	json_t *array = json_array(), *knob;
	size_t i;

	for (i = 0; i < dev->nr_knobs; i++) {
		knob = json_pack("{s:s, s:s, s:s}", "attr", dev->knob[i].attr,
				 "was", dev->knob[i].was,
				 "now", dev->knob[i].now);
		json_array_append_new(array, knob);
	}
	return array;
}

static json_t *device_to_json(const struct state_device *dev)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:o}",
			 "name", dev->name,
			 "governor_was", dev->governor_was,
			 "governor_now", dev->governor_now,
			 "leased", dev->leased,
			 "knobs", knobs_to_json(dev));
}

static json_t *accelerators_to_json(const struct state *state)
{
	const struct state_accelerator *acc;
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < state->nr_accelerators; i++) {
		acc = &state->accelerator[i];
		json_array_append_new(array, json_pack("{s:s, s:s, s:s}",
						       "name", acc->name,
						       "backend", acc->backend,
						       "was", acc->line));
	}
	return array;
}

static json_t *state_to_json(const struct state *state)
{
	json_t *devices = json_array();
	size_t i;

	for (i = 0; i < state->nr_devices; i++)
		json_array_append_new(devices,
				      device_to_json(&state->device[i]));
	return json_pack("{s:i, s:i, s:I, s:o, s:o}", "schema", 1,
			 "pid", (int)state->pid,
			 "start_time", (json_int_t)state->start_time,
			 "devices", devices,
			 "accelerators", accelerators_to_json(state));
}

/* What is left of a short write fails with the reason. */
static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t len;

	for (; left; left -= len, text += len) {
		len = write(fd, text, left);
		if (len < 0)
			return -errno;
	}
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd, ret;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, text);
	/* Some file systems tell only now that they are full. */
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

int state_save(const struct state *state, const char *path)
{
	json_t *json = state_to_json(state);
	char temporary[512];
	char *text;
	int ret;

	text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	json_decref(json);
	if (!text)
		return -ENOMEM;
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	ret = write_file(temporary, text);
	free(text);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	return ret;
}

static int copy_text(char *dst, size_t size, const char *src)
{
	if (strlen(src) >= size)
		return -EBADMSG;
	strcpy(dst, src);
	return 0;
}

/*
 * The file says which files root writes to: take nothing from it that leads out
 * of the device's folder.
 */
static bool attr_valid(const char *attr)
{
	return !strncmp(attr, "accelgov/", 9) && !strstr(attr, "..");
}

static int knob_from_json(json_t *json, struct state_knob *knob)
{
	const char *attr, *was, *now;

	if (json_unpack(json, "{s:s, s:s, s:s}", "attr", &attr, "was", &was,
			"now", &now) || !attr_valid(attr) ||
	    copy_text(knob->attr, sizeof(knob->attr), attr) ||
	    copy_text(knob->was, sizeof(knob->was), was) ||
	    copy_text(knob->now, sizeof(knob->now), now))
		return -EBADMSG;
	return 0;
}

static int device_from_json(json_t *json, struct state_device *dev)
{
	const char *name, *was, *now;
	json_t *knobs;
	size_t i;
	int leased;

	if (json_unpack(json, "{s:s, s:s, s:s, s:b, s:o}", "name", &name,
			"governor_was", &was, "governor_now", &now, "leased",
			&leased, "knobs", &knobs) ||
	    !device_name_valid(name) || !json_is_array(knobs) ||
	    json_array_size(knobs) > POLICY_KNOBS ||
	    copy_text(dev->name, sizeof(dev->name), name) ||
	    copy_text(dev->governor_was, sizeof(dev->governor_was), was) ||
	    copy_text(dev->governor_now, sizeof(dev->governor_now), now))
		return -EBADMSG;
	dev->leased = leased;
	dev->nr_knobs = json_array_size(knobs);
	for (i = 0; i < dev->nr_knobs; i++)
		if (knob_from_json(json_array_get(knobs, i), &dev->knob[i]))
			return -EBADMSG;
	return 0;
}

static int accelerator_from_json(json_t *json, struct state_accelerator *acc)
{
	const char *name, *backend, *line;

	if (json_unpack(json, "{s:s, s:s, s:s}", "name", &name, "backend",
			&backend, "was", &line) ||
	    !device_name_valid(name) ||
	    copy_text(acc->name, sizeof(acc->name), name) ||
	    copy_text(acc->backend, sizeof(acc->backend), backend) ||
	    copy_text(acc->line, sizeof(acc->line), line))
		return -EBADMSG;
	return 0;
}

static int accelerators_from_json(json_t *list, struct state *state)
{
	size_t i, nr = json_array_size(list);

	if (list && !json_is_array(list))
		return -EBADMSG;
	state->accelerator = calloc(nr + 1, sizeof(*state->accelerator));
	if (!state->accelerator)
		return -ENOMEM;
	state->nr_accelerators = nr;
	for (i = 0; i < nr; i++)
		if (accelerator_from_json(json_array_get(list, i),
					  &state->accelerator[i]))
			return -EBADMSG;
	return 0;
}

static int state_from_json(json_t *json, struct state *state)
{
	json_t *devices, *accelerators = NULL;
	json_int_t start_time;
	int schema, pid;
	size_t i;

	if (json_unpack(json, "{s:i, s:i, s:I, s:o, s?o}", "schema", &schema,
			"pid", &pid, "start_time", &start_time, "devices",
			&devices, "accelerators", &accelerators) ||
	    schema != 1 || !json_is_array(devices))
		return -EBADMSG;
	state->pid = pid;
	state->start_time = start_time;
	state->device = calloc(json_array_size(devices) + 1,
			       sizeof(*state->device));
	if (!state->device)
		return -ENOMEM;
	state->nr_devices = json_array_size(devices);
	for (i = 0; i < state->nr_devices; i++)
		if (device_from_json(json_array_get(devices, i),
				     &state->device[i]))
			return -EBADMSG;
	return accelerators_from_json(accelerators, state);
}

int state_load(const char *path, struct state *ret_state)
{
	struct state state = { 0 };
	json_t *json;
	FILE *file;
	int ret;

	file = fopen(path, "re");
	if (!file)
		return -errno;
	json = json_loadf(file, 0, NULL);
	fclose(file);
	ret = json ? state_from_json(json, &state) : -EBADMSG;
	json_decref(json);
	if (ret) {
		state_free(&state);
		return ret;
	}
	*ret_state = state;
	return 0;
}

void state_free(struct state *state)
{
	free(state->device);
	free(state->accelerator);
	state->device = NULL;
	state->accelerator = NULL;
	state->nr_devices = 0;
	state->nr_accelerators = 0;
}

int state_lock(const char *path)
{
	char lock[512];
	int fd;

	snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX)) {
		close(fd);
		return -EAGAIN;
	}
	return fd;
}

void state_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Put one file back, unless it no longer holds what the daemon wrote. */
static enum undo_result undo(const struct sysfs *sysfs, const char *device,
			     const char *attr, const char *was,
			     const char *now, int *ret_error)
{
	char value[64];
	int ret;

	if (sysfs_read(sysfs, value, sizeof(value), CLASS "%s", device, attr))
		return UNDO_GONE;
	if (!strcmp(value, was))
		return UNDO_GONE;
	if (strcmp(value, now))
		return UNDO_FOREIGN;
	ret = sysfs_write(sysfs, was, CLASS "%s", device, attr);
	*ret_error = ret;
	return ret ? UNDO_FAILED : UNDO_DONE;
}

int state_undo_device(const struct sysfs *sysfs,
		      const struct state_device *device, state_undo_fn *undone,
		      void *arg)
{
	const struct state_knob *knob;
	enum undo_result result;
	int error = 0, ret = 0;
	size_t i;

	if (device->leased)
		sysfs_write(sysfs, "0", CLASS "accelgov/lease_ms",
			    device->name);
	for (i = device->nr_knobs; i-- > 0;) {
		knob = &device->knob[i];
		result = undo(sysfs, device->name, knob->attr, knob->was,
			      knob->now, &error);
		if (result == UNDO_FAILED)
			ret = error;
		if (undone)
			undone(arg, device->name, knob->attr, knob->was,
			       result, error);
	}
	if (!device->governor_was[0])
		return ret;
	result = undo(sysfs, device->name, "governor", device->governor_was,
		      device->governor_now, &error);
	if (result == UNDO_FAILED)
		ret = error;
	if (undone)
		undone(arg, device->name, "governor", device->governor_was,
		       result, error);
	return ret;
}
