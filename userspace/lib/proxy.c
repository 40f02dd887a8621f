// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - a devfreq device for an accelerator that this program actuates
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "proxy.h"

int proxy_create(struct accelgov_proxy_create *create, int *ret_fd)
{
	int fd, err;

	create->size = sizeof(*create);
	fd = open(PROXY_NODE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, ACCELGOV_PROXY_CREATE, create)) {
		err = -errno;
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

int proxy_read(int fd, struct accelgov_proxy_target *ret)
{
	struct accelgov_proxy_target target = { 0 };
	ssize_t n = read(fd, &target, sizeof(target));

	if (n < 0)
		return -errno;
	/* An older kernel's is shorter; what it lacks stays zero. */
	if (n < ACCELGOV_PROXY_TARGET_SIZE_V0)
		return -EIO;
	*ret = target;
	return 0;
}

int proxy_report(int fd, struct accelgov_proxy_report *report)
{
	report->size = sizeof(*report);
	return write(fd, report, sizeof(*report)) < 0 ? -errno : 0;
}
