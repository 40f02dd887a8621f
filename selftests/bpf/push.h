/* SPDX-License-Identifier: GPL-2.0 */
/* What the push test programs and their loader share. */
#ifndef ACCELGOV_SELFTESTS_PUSH_H
#define ACCELGOV_SELFTESTS_PUSH_H

#include "../../kmod/uapi/accelgov.h"

/**
 * struct push_call - context of push_once and push_short
 * @token: device
 * @ret: what accelgov_push() returned
 * @sample: what to push
 */
struct push_call {
	__u32 token;
	__s32 ret;
	struct accelgov_sample sample;
};

/* Devices that one overflow can push for. */
#define PUSH_EVENTS	16

/**
 * struct push_event - what push_event pushes at every overflow
 * @token: device, 0 to push nothing, for this one and all after it
 * @times: how often, one after the other
 * @pushed: samples that were taken
 * @refused: samples that were not
 * @sample: what to push; time_ns 0 lets the module stamp it
 */
struct push_event {
	__u32 token;
	__u32 times;
	__u64 pushed;
	__u64 refused;
	struct accelgov_sample sample;
};

#endif /* ACCELGOV_SELFTESTS_PUSH_H */
