// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit tests in kunit/ call of this module. In one place, because the
 * policy core knows nothing of kernel modules; nothing is exported where the
 * kernel has no KUnit.
 */
#include "clock.h"
#include "compat/kunit.h"
#include "core/core.h"
#include "device.h"
#include "intake.h"
#include "kfunc.h"
#include "token.h"
#include "watchdog.h"

ACCELGOV_FOR_KUNIT(ag_config_default);
ACCELGOV_FOR_KUNIT(ag_core_init);
ACCELGOV_FOR_KUNIT(ag_core_sample);
ACCELGOV_FOR_KUNIT(ag_core_decide);
ACCELGOV_FOR_KUNIT(ag_core_applied);
ACCELGOV_FOR_KUNIT(ag_core_fallback);
ACCELGOV_FOR_KUNIT(ag_core_lost_signals);
ACCELGOV_FOR_KUNIT(ag_guard_account);
ACCELGOV_FOR_KUNIT(ag_guard_init);
ACCELGOV_FOR_KUNIT(ag_guard_reprice);
ACCELGOV_FOR_KUNIT(ag_guard_slowdown_permille);
ACCELGOV_FOR_KUNIT(ag_idle_allowed);
ACCELGOV_FOR_KUNIT(ag_idle_choose);
ACCELGOV_FOR_KUNIT(ag_idle_enter);
ACCELGOV_FOR_KUNIT(ag_idle_init);
ACCELGOV_FOR_KUNIT(ag_idle_leave);
ACCELGOV_FOR_KUNIT(ag_sample_check);
ACCELGOV_FOR_KUNIT(ag_sample_rates);

ACCELGOV_FOR_KUNIT(accelgov_clock_fill);
ACCELGOV_FOR_KUNIT(accelgov_clock_forget);
ACCELGOV_FOR_KUNIT(accelgov_device_find);
ACCELGOV_FOR_KUNIT(accelgov_device_start);
ACCELGOV_FOR_KUNIT(accelgov_device_stop);
ACCELGOV_FOR_KUNIT(accelgov_intake_check);
ACCELGOV_FOR_KUNIT(accelgov_points_ceil);
ACCELGOV_FOR_KUNIT(accelgov_points_floor);
ACCELGOV_FOR_KUNIT(accelgov_points_hz);
ACCELGOV_FOR_KUNIT(accelgov_points_read);
ACCELGOV_FOR_KUNIT(accelgov_push);
ACCELGOV_FOR_KUNIT(accelgov_ring_get);
ACCELGOV_FOR_KUNIT(accelgov_ring_init);
ACCELGOV_FOR_KUNIT(accelgov_ring_put);
ACCELGOV_FOR_KUNIT(accelgov_token_device);
ACCELGOV_FOR_KUNIT(accelgov_watchdog_stop);
