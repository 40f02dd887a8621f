// SPDX-License-Identifier: GPL-2.0
/*
 * Words in recordings.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../report/score.h"
#include "recording_lines.h"

const char *recording_amount_name(enum accelgov_signal signal)
{
	static const char *const name[ACCELGOV_SIG_NR] = {
		[ACCELGOV_SIG_BUSY] = "busy_ns",
		[ACCELGOV_SIG_COMPUTE] = "compute_ns",
		[ACCELGOV_SIG_MEMORY] = "memory_ns",
		[ACCELGOV_SIG_LINK] = "link_ns",
		[ACCELGOV_SIG_HOST] = "host_ns",
		[ACCELGOV_SIG_QUEUE] = "queue_item_us",
		[ACCELGOV_SIG_CLOCK] = "clock_cycles",
		[ACCELGOV_SIG_POWER] = "power_uj",
		[ACCELGOV_SIG_PROGRESS] = "progress_units",
		[ACCELGOV_SIG_CONTEXTS] = "contexts_context_us",
	};

	return name[signal];
}

static const char *const govern_names[RECORDING_WHATS] = {
	[RECORDING_POINT] = "point",
	[RECORDING_START] = "start",
	[RECORDING_STOP] = "stop",
	[RECORDING_WOKE] = "woke",
	[RECORDING_LOST] = "lost",
	[RECORDING_CLOCK] = "clock",
	[RECORDING_DECIDED] = "decided",
	[RECORDING_SET] = "set",
	[RECORDING_LEASE_START] = "lease-start",
	[RECORDING_LEASE_END] = "lease-end",
	[RECORDING_LEASE_EXPIRED] = "lease-expired",
	[RECORDING_ATTACH] = "attach",
	[RECORDING_LIMITED] = "limited",
	[RECORDING_MISSED] = "missed",
};

const char *recording_govern_name(enum recording_govern_what what)
{
	return govern_names[what];
}

enum recording_govern_what recording_govern_by_name(const char *name)
{
	unsigned int what = 0;

	while (what < RECORDING_WHATS && strcmp(name, govern_names[what]))
		what++;
	return what;
}

/* Many a model begins with its vendor. */
const char *recording_title(const struct recording_device *device, char *buf,
			    size_t size)
{
	const char *vendor = device->vendor, *model = device->model;

	if (!model[0])
		model = device->pci[0] ? device->pci : device->driver;
	if (!strncmp(model, vendor, strlen(vendor)))
		vendor = "";
	snprintf(buf, size, "%s%s%s", vendor, vendor[0] ? " " : "", model);
	return buf;
}

bool recording_label_valid(const char *text)
{
	size_t len = strlen(text);
	size_t i;

	for (i = 0; i < len; i++)
		if (!isascii(text[i]) ||
		    (!isalnum((unsigned char)text[i]) &&
		     !strchr("-_.:/+@", text[i])))
			return false;
	return len && len < RECORDING_LABEL_LEN;
}

/* What jobs call their parts. */
static const struct {
	const char *word;
	enum accelgov_phase phase;
} words[] = {
	{ "prefill", ACCELGOV_PHASE_COMPUTE },
	{ "forward", ACCELGOV_PHASE_COMPUTE },
	{ "backward", ACCELGOV_PHASE_COMPUTE },
	{ "decode", ACCELGOV_PHASE_MEMORY },
	{ "optimizer", ACCELGOV_PHASE_MEMORY },
	{ "collective", ACCELGOV_PHASE_LINK },
	{ "allreduce", ACCELGOV_PHASE_LINK },
	{ "link", ACCELGOV_PHASE_LINK },
	{ "input", ACCELGOV_PHASE_STALL },
	{ "stall", ACCELGOV_PHASE_STALL },
};

uint32_t recording_label_phase(const char *text)
{
	uint32_t phase = phase_from_name(text);
	size_t i;

	/* "unknown" is what a classifier may say, not what a job does. */
	if (phase == ACCELGOV_PHASE_UNKNOWN)
		return ACCELGOV_PHASE_NR;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].word, text))
			return words[i].phase;
	return phase;
}
