/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings for tests, in memory. Include it before anything of libc.
 */
#ifndef _UNIT_RECORDING_FILE_H
#define _UNIT_RECORDING_FILE_H

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/recording.h"

#define MS		1000000ULL
#define START_NS	(5000 * MS)

/* A file of these bytes, at its beginning. */
static inline int memory_file(const void *bytes, size_t len)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET)) {
		printf("Bail out! no file in memory\n");
		exit(1);
	}
	return fd;
}

/* What a file in memory holds; to be freed. */
static inline char *memory_bytes(int fd, size_t *ret_len)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *bytes = malloc((size_t)len + 1);

	if (!bytes || pread(fd, bytes, (size_t)len, 0) != len) {
		printf("Bail out! can't read a file in memory\n");
		exit(1);
	}
	bytes[len] = '\0';
	*ret_len = (size_t)len;
	return bytes;
}

static inline struct recording_head test_head(uint32_t nr_devices)
{
	struct recording_head head = {
		.tool = "0.1",
		.host = "there",
		.kernel = "6.12",
		.machine = "x86_64",
		.wall_s = 1700000000,
		.start_ns = START_NS,
		.nr_devices = nr_devices,
	};

	return head;
}

static inline struct recording_device test_device(const char *name)
{
	struct recording_device d = {
		.source = "nvml",
		.decider = "observer",
		.vendor = "NVIDIA",
		.model = "NVIDIA \"H100\"",
		.driver = "nvidia",
		.driver_version = "590.48.01",
		.bus = "0000:01:00.0",
		.pci = "10de:2330",
		.period_us = 100000,
		.signals = 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
			   1U << ACCELGOV_SIG_MEMORY | 1U << ACCELGOV_SIG_CLOCK |
			   1U << ACCELGOV_SIG_POWER,
		.sensors = 1U << BACKEND_TEMPERATURE,
		.power = { 25000, 100000, 0 },
		.clock_khz = { 600000, 900000, 1200000, 1500000, 1800000 },
		.nr_clocks = 5,
	};

	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.why[ACCELGOV_SIG_LINK], sizeof(d.why[0]), "no link");
	return d;
}

/* A window of 100 ms that ends at @end_ms after the beginning. */
static inline struct recording_entry test_sample(uint64_t end_ms,
						 uint32_t compute,
						 uint32_t memory)
{
	struct recording_entry e = {
		.kind = RECORDING_SAMPLE,
		.time_ns = START_NS + end_ms * MS,
	};
	struct accelgov_sample *s = &e.reading.sample;

	s->time_ns = e.time_ns;
	s->window_ns = 100 * MS;
	s->valid = 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
		   1U << ACCELGOV_SIG_MEMORY | 1U << ACCELGOV_SIG_CLOCK |
		   1U << ACCELGOV_SIG_POWER;
	s->val[ACCELGOV_SIG_BUSY] = compute || memory ? 1000 : 0;
	s->val[ACCELGOV_SIG_COMPUTE] = compute;
	s->val[ACCELGOV_SIG_MEMORY] = memory;
	s->val[ACCELGOV_SIG_CLOCK] = 1800000;
	s->val[ACCELGOV_SIG_POWER] = 400000;
	e.reading.sensor[BACKEND_TEMPERATURE] = (struct reading){ -1500, true };
	return e;
}

static inline struct recording_entry test_label(uint64_t ms, const char *label)
{
	struct recording_entry e = {
		.kind = RECORDING_LABEL,
		.time_ns = START_NS + ms * MS,
	};

	snprintf(e.text, sizeof(e.text), "%s", label);
	return e;
}

static inline struct recording_entry test_end(uint64_t ms, uint64_t samples)
{
	struct recording_entry e = {
		.kind = RECORDING_END,
		.time_ns = START_NS + ms * MS,
		.text = "time",
		.samples = samples,
		.cpu_us = { 1234, true },
	};

	return e;
}

#endif /* _UNIT_RECORDING_FILE_H */
