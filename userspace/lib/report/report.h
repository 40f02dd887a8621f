/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results and time series as one HTML page: no scripts, nothing loaded from
 * elsewhere, charts as inline SVG.
 */
#ifndef _LIB_REPORT_H
#define _LIB_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "results.h"
#include "series.h"

/**
 * struct report - what goes on the page
 * @results: the runs
 * @series: one time series per run; an empty one leaves its chart out
 */
struct report {
	const struct results *results;
	const struct series *series;
};

/**
 * report_write() - write the page
 * @report: what goes on it
 * @f: where to
 *
 * Return: 0, or as textfile_flush().
 */
int report_write(const struct report *report, FILE *f);

#endif /* _LIB_REPORT_H */
