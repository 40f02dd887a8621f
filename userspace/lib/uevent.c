// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the kernel's device events
 *
 * Taken from the kernel's own multicast group: nothing here needs what udev
 * adds, and a machine without udev, such as a container host's initramfs, works
 * the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uevent.h"

#define GROUP_KERNEL 1

int uevent_open(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = GROUP_KERNEL,
	};
	int fd, ret;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

static void take(const char *entry, const char *key, const char **ret_value)
{
	size_t len = strlen(key);

	if (!strncmp(entry, key, len))
		*ret_value = entry + len;
}

int uevent_parse(const char *buf, size_t len, struct uevent *ret_event)
{
	const char *entry, *end = buf + len, *path = NULL;
	struct uevent event = { 0 };

	if (!len || buf[len - 1] || !strchr(buf, '@'))
		return -EBADMSG;
	for (entry = buf; entry < end; entry += strlen(entry) + 1) {
		take(entry, "ACTION=", &event.action);
		take(entry, "SUBSYSTEM=", &event.subsystem);
		take(entry, "DEVPATH=", &path);
		take(entry, "ACCELGOV_EVENT=", &event.accelgov_event);
	}
	if (!event.action || !event.subsystem || !path)
		return -EBADMSG;
	event.name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	*ret_event = event;
	return 0;
}

int uevent_read(int fd, char *buf, size_t size, struct uevent *ret_event)
{
	struct sockaddr_nl sender = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr message = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len = recvmsg(fd, &message, 0);

	if (len < 0)
		return -errno;
	/* Port 0 is the kernel; root's programs may send here as well. */
	if (sender.nl_pid || (message.msg_flags & MSG_TRUNC))
		return -EBADMSG;
	return uevent_parse(buf, len, ret_event);
}
