// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: taking a device over and giving it back as it was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "play.h"

#define CLASS		"sys/class/devfreq"
#define PREFIX		"accelsim."

/* How long accelgov may take to see its first signals. */
#define ACTIVE_NS	(10 * PLAY_NSEC)

static bool is_pinned(const char *governor)
{
	return !strcmp(governor, "performance") ||
	       !strcmp(governor, "powersave");
}

static int find_bounds(const struct sysfs *sysfs, struct play_device *dev)
{
	char text[4096], *at = text, *end;
	int ret = sysfs_read(sysfs, text, sizeof(text),
			     CLASS "/%s/available_frequencies", dev->name);

	if (ret)
		return ret;
	for (;; at = end) {
		int64_t hz = strtoll(at, &end, 10);

		if (end == at)
			break;
		if (!dev->low_hz || hz < dev->low_hz)
			dev->low_hz = hz;
		if (hz > dev->high_hz)
			dev->high_hz = hz;
	}
	return dev->low_hz > 0 ? 0 : -EBADMSG;
}

static int open_node(const struct sysfs *sysfs, const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "dev/accelsim%s", name + strlen(PREFIX));
	fd = openat(sysfs->fd, path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int play_device_open(const struct sysfs *sysfs, struct play_run *run)
{
	struct play_device *dev = &run->dev;
	struct device info;
	int ret;

	strcpy(dev->name, run->spec.device);
	if (strncmp(dev->name, PREFIX, strlen(PREFIX))) {
		cmd_error("%s is no simulated accelerator, play needs one called accelsim.N",
			  dev->name);
		return CMD_UNSUPPORTED;
	}
	ret = device_load(sysfs, dev->name, &info);
	if (ret) {
		cmd_error("there is no device %s: insmod accelsim.ko devices=N makes some, accelgov devices lists them",
			  dev->name);
		return CMD_UNSUPPORTED;
	}
	ret = find_bounds(sysfs, dev);
	if (ret || !info.hwmon[0]) {
		cmd_error("%s has no %s", dev->name,
			  ret ? "operating points" : "energy counter");
		return CMD_UNSUPPORTED;
	}
	strcpy(dev->hwmon, info.hwmon);
	ret = sysfs_read(sysfs, dev->profile, sizeof(dev->profile),
			 CLASS "/%s/device/profile", dev->name);
	if (ret) {
		cmd_error("%s does not tell its profile: %s", dev->name,
			  strerror(-ret));
		return cmd_exit_code(ret);
	}
	run->fd = open_node(sysfs, dev->name);
	if (run->fd < 0) {
		cmd_error("can't open /dev/accelsim%s: %s",
			  dev->name + strlen(PREFIX), strerror(-run->fd));
		return cmd_exit_code(run->fd);
	}
	return CMD_OK;
}

static int set(const struct sysfs *sysfs, const struct play_device *dev,
	       const char *attr, const char *value)
{
	int ret = sysfs_write(sysfs, value, CLASS "/%s/%s", dev->name, attr);

	if (ret)
		cmd_error("can't set %s of %s to %s: %s", attr, dev->name,
			  value, strerror(-ret));
	return ret ? cmd_exit_code(ret) : CMD_OK;
}

static int remember(const struct sysfs *sysfs, struct play_device *dev)
{
	int ret;

	ret = sysfs_read(sysfs, dev->min_was, sizeof(dev->min_was),
			 CLASS "/%s/min_freq", dev->name);
	if (!ret)
		ret = sysfs_read(sysfs, dev->max_was, sizeof(dev->max_was),
				 CLASS "/%s/max_freq", dev->name);
	if (!ret)
		ret = sysfs_read(sysfs, dev->governor_was,
				 sizeof(dev->governor_was),
				 CLASS "/%s/governor", dev->name);
	if (ret)
		cmd_error("can't read the settings of %s: %s", dev->name,
			  strerror(-ret));
	return ret ? cmd_exit_code(ret) : CMD_OK;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words) {
		size_t n = strcspn(words, " ");

		if (n == len && !strncmp(words, word, len))
			return true;
		words += n;
		words += strspn(words, " ");
	}
	return false;
}

static int check_governor(const struct sysfs *sysfs,
			  const struct play_device *dev, const char *governor)
{
	const char *module = !strcmp(governor, "simple_ondemand") ?
				     "governor_simpleondemand" : governor;
	char names[256];
	int ret = sysfs_read(sysfs, names, sizeof(names),
			     CLASS "/%s/available_governors", dev->name);

	if (ret) {
		cmd_error("can't read the governors of %s: %s", dev->name,
			  strerror(-ret));
		return cmd_exit_code(ret);
	}
	if (has_word(names, governor))
		return CMD_OK;
	cmd_error("%s can't use the governor %s, only: %s (is the module %s loaded?)",
		  dev->name, governor, names, module);
	return CMD_UNSUPPORTED;
}

/*
 * Debian's kernels have no governors of these names. With both limits at one
 * end every governor is that one, except that accelgov would spend work on it.
 */
static int take_pinned(const struct sysfs *sysfs, struct play_run *run)
{
	bool high = !strcmp(run->spec.governor, "performance");
	struct play_device *dev = &run->dev;
	char hz[24];
	int ret;

	if (!strcmp(dev->governor_was, "accelgov")) {
		ret = check_governor(sysfs, dev, "simple_ondemand");
		if (!ret)
			ret = set(sysfs, dev, "governor", "simple_ondemand");
		if (ret)
			return ret;
	}
	snprintf(hz, sizeof(hz), "%" PRId64, high ? dev->high_hz : dev->low_hz);
	return set(sysfs, dev, high ? "min_freq" : "max_freq", hz);
}

int play_device_take(const struct sysfs *sysfs, struct play_run *run)
{
	struct play_device *dev = &run->dev;
	int ret = CMD_OK;

	if (!is_pinned(run->spec.governor))
		ret = check_governor(sysfs, dev, run->spec.governor);
	if (!ret)
		ret = remember(sysfs, dev);
	if (ret)
		return ret;
	dev->governed = !strcmp(run->spec.governor, "accelgov");
	if (is_pinned(run->spec.governor))
		return take_pinned(sysfs, run);
	return set(sysfs, dev, "governor", run->spec.governor);
}

int play_device_wait(const struct sysfs *sysfs, struct play_run *run,
		     const struct play *play)
{
	const struct timespec nap = { .tv_nsec = 50 * PLAY_MSEC };
	uint64_t until_ns = play_now_ns() + ACTIVE_NS;
	struct governed state = { 0 };

	if (!run->dev.governed)
		return CMD_OK;
	while (play_now_ns() < until_ns) {
		device_load_governed(sysfs, run->dev.name, &state);
		if (!strcmp(state.state, "active"))
			return CMD_OK;
		nanosleep(&nap, NULL);
	}
	if (play->opt.allow_fallback)
		return CMD_OK;
	cmd_error("accelgov on %s gets no signals (state \"%s\"): is accelgovd running, does its configuration name the device? --allow-fallback goes on without",
		  run->dev.name, state.state);
	return CMD_NO_DAEMON;
}

void play_device_restore(const struct sysfs *sysfs, struct play_run *run)
{
	struct play_device *dev = &run->dev;

	if (!dev->governor_was[0])
		return;
	set(sysfs, dev, "min_freq", dev->min_was);
	set(sysfs, dev, "max_freq", dev->max_was);
	set(sysfs, dev, "governor", dev->governor_was);
	dev->governor_was[0] = '\0';
}

struct reading play_device_energy(const struct sysfs *sysfs,
				  const struct play_device *dev)
{
	return sysfs_reading(sysfs, "%s/energy1_input", dev->hwmon);
}
