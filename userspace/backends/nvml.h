/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - NVIDIA GPUs through NVML
 */
#ifndef ACCELGOV_BACKENDS_NVML_H
#define ACCELGOV_BACKENDS_NVML_H

#include "backend.h"

extern const struct backend backend_nvml;

#endif /* ACCELGOV_BACKENDS_NVML_H */
