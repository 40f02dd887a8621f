/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The GPU scheduler's functions had other arguments when 6.12 came out. Kbuild looks
 * into the headers and defines COMPAT_SCHED_ARGS and COMPAT_SCHED_CLIENT where the
 * later ones are there.
 */
#ifndef _COMPAT_DRM_H
#define _COMPAT_DRM_H

#include <drm/gpu_scheduler.h>

static inline int compat_drm_sched_init(struct drm_gpu_scheduler *sched,
					const struct drm_sched_backend_ops *ops,
					u32 credits, const char *name,
					struct device *dev)
{
#ifdef COMPAT_SCHED_ARGS
	const struct drm_sched_init_args args = {
		.ops = ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = credits,
		.timeout = MAX_SCHEDULE_TIMEOUT,
		.name = name,
		.dev = dev,
	};

	return drm_sched_init(sched, &args);
#else
	return drm_sched_init(sched, ops, NULL, DRM_SCHED_PRIORITY_COUNT,
			      credits, 0, MAX_SCHEDULE_TIMEOUT, NULL, NULL,
			      name, dev);
#endif
}

static inline int compat_drm_sched_job_init(struct drm_sched_job *job,
					    struct drm_sched_entity *entity,
					    void *owner, u64 client_id)
{
#ifdef COMPAT_SCHED_CLIENT
	return drm_sched_job_init(job, entity, 1, owner, client_id);
#else
	return drm_sched_job_init(job, entity, 1, owner);
#endif
}

#endif /* _COMPAT_DRM_H */
