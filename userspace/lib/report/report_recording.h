/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording as one HTML page, as report.h makes one of results.
 */
#ifndef _LIB_REPORT_RECORDING_H
#define _LIB_REPORT_RECORDING_H

#include <stdio.h>

#include "../record/recorded.h"

/**
 * report_recording_write() - write the page
 * @r: the recording, run with time series
 * @f: where to
 *
 * Return: 0, or as textfile_flush().
 */
int report_recording_write(const struct recorded *r, FILE *f);

#endif /* _LIB_REPORT_RECORDING_H */
