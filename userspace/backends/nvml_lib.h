/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - libnvidia-ml.so.1: loaded, started, started again
 */
#ifndef ACCELGOV_BACKENDS_NVML_LIB_H
#define ACCELGOV_BACKENDS_NVML_LIB_H

#include <errno.h>

#include "backend.h"
#include "nvml_api.h"

/* Among negative errnos: the library is there and has no such function. */
#define NVML_NO_FUNCTION	(-ELIBBAD)

/**
 * struct nvml_lib - the library; there is one for the process
 * @call: its functions
 * @driver_version: "" when unknown
 * @generation: counts how often it was started: handles live until the next
 */
struct nvml_lib {
	struct nvml_calls call;
	char driver_version[48];
	unsigned int generation;
};

/**
 * nvml_lib_get() - load and start the library, or take another reference
 * @ret_lib: the library
 * @ret_why: on failure: the reason for people
 *
 * It is found the way the dynamic linker finds any, LD_LIBRARY_PATH included.
 *
 * Return: 0 when it was started now, 1 when it was running; -ENOENT when it is not
 * installed; -ENODEV when the driver is not loaded; another negative errno.
 */
int nvml_lib_get(struct nvml_lib **ret_lib, char ret_why[BACKEND_WHY_LEN]);

/**
 * nvml_lib_put() - give a reference back; the last one stops and unloads it
 * @lib: the library
 */
void nvml_lib_put(struct nvml_lib *lib);

/**
 * nvml_lib_enter() - begin to call functions of the library
 * @lib: the library
 *
 * Keeps nvml_lib_restart() out until nvml_lib_leave().
 */
void nvml_lib_enter(struct nvml_lib *lib);

/**
 * nvml_lib_leave() - done with calls
 * @lib: the library
 */
void nvml_lib_leave(struct nvml_lib *lib);

/**
 * nvml_lib_restart() - stop and start it, so that it looks for GPUs anew
 * @lib: the library; the caller is not between enter and leave
 * @generation: start it only when this is still the generation
 *
 * The library knows the GPUs that were there when it was started; one that was
 * reset, came or went since is seen after another start only.
 *
 * Return: 0, also when somebody else had restarted it; -EBUSY when another thread
 * stayed in a call for 100 ms; the errno of a start that failed.
 */
int nvml_lib_restart(struct nvml_lib *lib, unsigned int generation);

/**
 * nvml_errno() - what the library returned, as a negative errno
 * @ret: one of &enum nvml_return
 *
 * Return: 0 or a negative errno; -ENODEV for everything that a new start of the
 * library could mend.
 */
int nvml_errno(int ret);

/**
 * nvml_why() - the reason for people
 * @ret_why: filled
 * @error: negative errno, as from nvml_errno()
 */
void nvml_why(char ret_why[BACKEND_WHY_LEN], int error);

#endif /* ACCELGOV_BACKENDS_NVML_LIB_H */
