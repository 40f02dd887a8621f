// SPDX-License-Identifier: GPL-2.0
/* Instantiates the trace event of trace.h. */
#define CREATE_TRACE_POINTS
#include "trace.h"
