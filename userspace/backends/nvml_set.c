// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what can be set on a GPU through NVML, and set back
 *
 * Clocks are held with locked clocks: a range, whose lower end stays the lowest
 * clock, so that an idle GPU still goes down by itself. NVML tells nobody which
 * range is locked. Before our first one we take none for granted, and setting back
 * means to unlock: a range that somebody else had locked is lost, which the
 * documentation says.
 *
 * A refusal is known only once it was tried. It is noted in the range then, with
 * its reason, and stays: the GPU does not change its mind.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nvml_gpu.h"

#define PROFILES	255

static struct reading known(int64_t value)
{
	return (struct reading){ value, true };
}

static bool mask_has(const struct nvml_mask *mask, int bit)
{
	return mask->word[bit / 32] & 1U << bit % 32;
}

static int mask_first(const struct nvml_mask *mask)
{
	int bit;

	for (bit = 0; bit < PROFILES; bit++)
		if (mask_has(mask, bit))
			return bit;
	return -1;
}

static int mask_last(const struct nvml_mask *mask)
{
	int bit;

	for (bit = PROFILES - 1; bit >= 0; bit--)
		if (mask_has(mask, bit))
			return bit;
	return -1;
}

static int get_profiles(struct nvml_gpu *gpu, struct nvml_profiles *ret_profiles)
{
	const struct nvml_calls *call = &gpu->lib->call;

	if (!call->profiles || !call->request_profiles || !call->clear_profiles)
		return NVML_NO_FUNCTION;
	*ret_profiles = (struct nvml_profiles){
		.version = NVML_VERSION(struct nvml_profiles, 1),
	};
	return nvml_errno(call->profiles(gpu->device, ret_profiles));
}

size_t nvml_list_profiles(struct nvml_gpu *gpu, uint8_t ret_profile[BACKEND_PROFILES])
{
	struct nvml_profiles profiles;
	size_t nr = 0;
	int bit;

	if (gpu->instance || get_profiles(gpu, &profiles))
		return 0;
	for (bit = 0; bit < PROFILES && nr < BACKEND_PROFILES; bit++)
		if (mask_has(&profiles.there, bit))
			ret_profile[nr++] = bit;
	return nr;
}

/* Ends a range that is not there. */
static void absent(struct backend_range *range, int error)
{
	range->there = false;
	range->writable = false;
	nvml_why(range->why, error);
}

static void range_of_clock(struct nvml_gpu *gpu, struct backend_range *range)
{
	const struct nvml_calls *call = &gpu->lib->call;

	if (!call->lock_core || !call->unlock_core) {
		absent(range, NVML_NO_FUNCTION);
		return;
	}
	if (!gpu->nr_core) {
		absent(range, -EOPNOTSUPP);
		return;
	}
	range->there = true;
	range->min = known(gpu->core_mhz[0] * 1000LL);
	range->max = known(gpu->core_mhz[gpu->nr_core - 1] * 1000LL);
	range->value = gpu->asked[BACKEND_CLOCK];
}

static void range_of_mem(struct nvml_gpu *gpu, struct backend_range *range)
{
	const struct nvml_calls *call = &gpu->lib->call;

	if (!call->lock_mem || !call->unlock_mem) {
		absent(range, NVML_NO_FUNCTION);
		return;
	}
	if (!gpu->nr_mem) {
		absent(range, -EOPNOTSUPP);
		return;
	}
	if (gpu->nr_mem == 1) {
		absent(range, 0);
		snprintf(range->why, sizeof(range->why), "the only memory clock is %u MHz",
			 gpu->mem_mhz[0]);
		return;
	}
	range->there = true;
	range->min = known(gpu->mem_mhz[0] * 1000LL);
	range->max = known(gpu->mem_mhz[gpu->nr_mem - 1] * 1000LL);
	range->value = gpu->asked[BACKEND_MEM];
}

static void range_of_cap(struct nvml_gpu *gpu, struct backend_range *range)
{
	const struct nvml_calls *call = &gpu->lib->call;
	uint32_t min, max, now;
	int error = NVML_NO_FUNCTION;

	if (call->cap && call->cap_range && call->set_cap)
		error = nvml_errno(call->cap_range(gpu->device, &min, &max));
	if (!error)
		error = nvml_errno(call->cap(gpu->device, &now));
	if (error) {
		absent(range, error);
		return;
	}
	range->there = true;
	range->min = known(min);
	range->max = known(max);
	range->value = known(now);
}

static void range_of_profile(struct nvml_gpu *gpu, struct backend_range *range)
{
	struct nvml_profiles profiles;
	int error = get_profiles(gpu, &profiles);

	if (!error && mask_first(&profiles.there) < 0)
		error = -EOPNOTSUPP;
	if (error) {
		absent(range, error);
		return;
	}
	range->there = true;
	range->min = known(-1);
	range->max = known(mask_last(&profiles.there));
	range->value = known(mask_first(&profiles.enforced));
}

static void range_of(struct nvml_gpu *gpu, enum backend_actuator actuator,
		     struct backend_range *range)
{
	static const char driver[] = "NVIDIA's driver suspends the GPU by its own rules";
	static const char whole[] = "set for the whole GPU only, not for an instance";

	if (gpu->instance || actuator == BACKEND_AUTOSUSPEND) {
		absent(range, 0);
		snprintf(range->why, sizeof(range->why), "%s",
			 actuator == BACKEND_AUTOSUSPEND ? driver : whole);
		return;
	}
	switch (actuator) {
	case BACKEND_CLOCK:
		range_of_clock(gpu, range);
		break;
	case BACKEND_MEM:
		range_of_mem(gpu, range);
		break;
	case BACKEND_CAP:
		range_of_cap(gpu, range);
		break;
	default:
		range_of_profile(gpu, range);
		break;
	}
}

void nvml_ranges(struct nvml_gpu *gpu, struct backend_range *range)
{
	struct backend_range new;
	int i;

	for (i = 0; i < BACKEND_ACTUATORS; i++) {
		new = (struct backend_range){ 0 };
		range_of(gpu, i, &new);
		if (gpu->refused[i] && new.there) {
			nvml_why(new.why, gpu->refused[i]);
			new.there = gpu->refused[i] == -EPERM;
		} else if (new.there && geteuid()) {
			snprintf(new.why, sizeof(new.why),
				 "only root may set it (running as user %u)", geteuid());
		} else {
			new.writable = new.there;
		}
		range[i] = new;
	}
}

/* The highest clock that is not above what was asked for. */
static uint32_t clock_below(const uint32_t *mhz, size_t nr, int64_t khz)
{
	size_t i = nr;

	while (i > 1 && mhz[i - 1] * 1000LL > khz)
		i--;
	return mhz[i - 1];
}

static int set_clock(struct nvml_gpu *gpu, int64_t khz, int64_t *ret_khz)
{
	uint32_t mhz;

	if (!gpu->lib->call.lock_core)
		return -EOPNOTSUPP;
	if (!gpu->nr_core || khz < gpu->core_mhz[0] * 1000LL ||
	    khz > gpu->core_mhz[gpu->nr_core - 1] * 1000LL)
		return gpu->nr_core ? -ERANGE : -EOPNOTSUPP;
	mhz = clock_below(gpu->core_mhz, gpu->nr_core, khz);
	*ret_khz = mhz * 1000LL;
	return nvml_errno(gpu->lib->call.lock_core(gpu->device, gpu->core_mhz[0], mhz));
}

static int set_mem(struct nvml_gpu *gpu, int64_t khz, int64_t *ret_khz)
{
	uint32_t mhz;

	if (!gpu->lib->call.lock_mem || gpu->nr_mem < 2)
		return -EOPNOTSUPP;
	if (khz < gpu->mem_mhz[0] * 1000LL ||
	    khz > gpu->mem_mhz[gpu->nr_mem - 1] * 1000LL)
		return -ERANGE;
	mhz = clock_below(gpu->mem_mhz, gpu->nr_mem, khz);
	*ret_khz = mhz * 1000LL;
	return nvml_errno(gpu->lib->call.lock_mem(gpu->device, gpu->mem_mhz[0], mhz));
}

static int set_cap(struct nvml_gpu *gpu, int64_t mw, int64_t *ret_mw)
{
	struct backend_range range = { 0 };

	range_of_cap(gpu, &range);
	if (!range.there)
		return -EOPNOTSUPP;
	if (mw < range.min.value || mw > range.max.value)
		return -ERANGE;
	*ret_mw = mw;
	return nvml_errno(gpu->lib->call.set_cap(gpu->device, mw));
}

/* Exactly these: what was requested before and is not among them is cleared. */
static int request_profiles(struct nvml_gpu *gpu, const struct nvml_mask *mask)
{
	const struct nvml_calls *call = &gpu->lib->call;
	struct nvml_profile_request request = {
		.version = NVML_VERSION(struct nvml_profile_request, 1),
	};
	struct nvml_profiles now;
	int i, ret;

	ret = get_profiles(gpu, &now);
	if (ret)
		return ret == NVML_NO_FUNCTION ? -EOPNOTSUPP : ret;
	for (i = 0; i < 8; i++)
		request.profiles.word[i] = now.requested.word[i] & ~mask->word[i];
	if (mask_first(&request.profiles) >= 0) {
		ret = nvml_errno(call->clear_profiles(gpu->device, &request));
		if (ret)
			return ret;
	}
	request.profiles = *mask;
	if (mask_first(mask) < 0)
		return 0;
	return nvml_errno(call->request_profiles(gpu->device, &request));
}

static int set_profile(struct nvml_gpu *gpu, int64_t profile, int64_t *ret_profile)
{
	struct nvml_mask mask = { 0 };
	struct nvml_profiles now;
	int ret;

	ret = get_profiles(gpu, &now);
	if (ret)
		return ret == NVML_NO_FUNCTION ? -EOPNOTSUPP : ret;
	if (profile < -1 || profile >= PROFILES ||
	    (profile >= 0 && !mask_has(&now.there, profile)))
		return -ERANGE;
	if (profile >= 0)
		mask.word[profile / 32] = 1U << profile % 32;
	*ret_profile = profile;
	return request_profiles(gpu, &mask);
}

int nvml_set(struct nvml_gpu *gpu, enum backend_actuator actuator, int64_t value)
{
	static int (*const set[BACKEND_ACTUATORS])(struct nvml_gpu *gpu, int64_t value,
						   int64_t *ret_value) = {
		[BACKEND_CLOCK] = set_clock,
		[BACKEND_MEM] = set_mem,
		[BACKEND_CAP] = set_cap,
		[BACKEND_PROFILE] = set_profile,
	};
	int64_t done = value;
	int ret;

	if (gpu->instance || !set[actuator])
		return -EOPNOTSUPP;
	ret = set[actuator](gpu, value, &done);
	if (!ret)
		gpu->asked[actuator] = known(done);
	if (!ret)
		gpu->refused[actuator] = 0;
	else if (ret == -EPERM || ret == -EOPNOTSUPP)
		gpu->refused[actuator] = ret;
	return ret;
}

void nvml_set_again(struct nvml_gpu *gpu)
{
	struct reading asked;
	int i;

	for (i = 0; i < BACKEND_ACTUATORS; i++) {
		asked = gpu->asked[i];
		gpu->asked[i].known = false;
		if (asked.known)
			nvml_set(gpu, i, asked.value);
	}
}

int nvml_save(struct nvml_gpu *gpu, char *ret_line, size_t size)
{
	struct backend_range cap = { 0 };
	struct nvml_profiles profiles;
	size_t at;
	int i;

	at = snprintf(ret_line, size, "uuid=%s clock=default mem_clock=default",
		      gpu->uuid);
	range_of_cap(gpu, &cap);
	if (cap.there && at < size)
		at += snprintf(ret_line + at, size - at, " cap_mw=%" PRId64,
			       cap.value.value);
	if (!get_profiles(gpu, &profiles) && mask_first(&profiles.there) >= 0) {
		if (at < size)
			at += snprintf(ret_line + at, size - at, " profiles=");
		for (i = 7; i >= 0 && at < size; i--)
			at += snprintf(ret_line + at, size - at, "%08" PRIx32,
				       profiles.requested.word[i]);
	}
	return at < size ? 0 : -ENOSPC;
}

/* What a line says; -1 and false for what it does not mention. */
struct saved {
	char uuid[64];
	bool clock;
	bool mem;
	int64_t cap_mw;
	bool profiles;
	struct nvml_mask mask;
};

static int parse_mask(const char *text, struct nvml_mask *ret_mask)
{
	char word[9];
	char *end;
	int i;

	if (strlen(text) != 64)
		return -EBADMSG;
	for (i = 7; i >= 0; i--, text += 8) {
		memcpy(word, text, 8);
		word[8] = '\0';
		ret_mask->word[i] = strtoul(word, &end, 16);
		if (*end || word[0] == '-' || word[0] == '+' || word[0] == ' ')
			return -EBADMSG;
	}
	return 0;
}

static int parse_pair(struct saved *saved, const char *key, const char *value)
{
	if (!strcmp(key, "uuid")) {
		snprintf(saved->uuid, sizeof(saved->uuid), "%s", value);
		return 0;
	}
	if (!strcmp(key, "clock") && !strcmp(value, "default")) {
		saved->clock = true;
		return 0;
	}
	if (!strcmp(key, "mem_clock") && !strcmp(value, "default")) {
		saved->mem = true;
		return 0;
	}
	if (!strcmp(key, "cap_mw"))
		return parse_int(value, &saved->cap_mw) || saved->cap_mw <= 0 ||
		       saved->cap_mw > UINT32_MAX ? -EBADMSG : 0;
	if (!strcmp(key, "profiles")) {
		saved->profiles = true;
		return parse_mask(value, &saved->mask);
	}
	return -EBADMSG;
}

static int parse_line(struct saved *ret_saved, const char *line)
{
	struct saved saved = { .cap_mw = -1 };
	char copy[512], *rest = copy, *pair, *value;
	int ret;

	if (strlen(line) >= sizeof(copy))
		return -EBADMSG;
	memcpy(copy, line, strlen(line) + 1);
	while ((pair = strsep(&rest, "\n "))) {
		if (!*pair)
			continue;
		value = strchr(pair, '=');
		if (!value)
			return -EBADMSG;
		*value++ = '\0';
		ret = parse_pair(&saved, pair, value);
		if (ret)
			return ret;
	}
	if (!saved.uuid[0])
		return -EBADMSG;
	*ret_saved = saved;
	return 0;
}

/* What was never there needs no setting back. */
static void first_error(int *first, int error)
{
	if (error && error != -EOPNOTSUPP && !*first)
		*first = error;
}

static int unlock(struct nvml_gpu *gpu, int (*call)(struct nvml_device *device),
		  enum backend_actuator actuator)
{
	int ret = call ? nvml_errno(call(gpu->device)) : -EOPNOTSUPP;

	if (!ret)
		gpu->asked[actuator].known = false;
	return ret;
}

int nvml_restore(struct nvml_gpu *gpu, const char *line)
{
	const struct nvml_calls *call = &gpu->lib->call;
	struct saved saved;
	int ret, first = 0;

	ret = parse_line(&saved, line);
	if (ret)
		return ret;
	if (strcmp(saved.uuid, gpu->uuid))
		return -ENXIO;
	if (gpu->instance)
		return 0;
	if (saved.cap_mw >= 0) {
		ret = call->set_cap ?
			nvml_errno(call->set_cap(gpu->device, saved.cap_mw)) : -EOPNOTSUPP;
		if (!ret)
			gpu->asked[BACKEND_CAP].known = false;
		first_error(&first, ret);
	}
	if (saved.clock)
		first_error(&first, unlock(gpu, call->unlock_core, BACKEND_CLOCK));
	if (saved.mem)
		first_error(&first, unlock(gpu, call->unlock_mem, BACKEND_MEM));
	if (saved.profiles) {
		ret = request_profiles(gpu, &saved.mask);
		if (!ret)
			gpu->asked[BACKEND_PROFILE].known = false;
		first_error(&first, ret);
	}
	return first;
}
