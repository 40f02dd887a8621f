/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the report share.
 */
#ifndef _LIB_REPORT_PARTS_H
#define _LIB_REPORT_PARTS_H

#include "report.h"

/* Runs of one workload on one kind of device, at most so many on the page. */
#define REPORT_GROUP_MAX	32

/**
 * struct report_group - runs that are compared with each other
 * @run: the runs
 * @series: their time series
 * @nr: how many there are
 */
struct report_group {
	const struct result *run[REPORT_GROUP_MAX];
	const struct series *series[REPORT_GROUP_MAX];
	size_t nr;
};

/**
 * struct report_axis - a linear scale
 * @max: upper end, the lower one is 0
 * @step: distance of two ticks
 */
struct report_axis {
	double max;
	double step;
};

extern const char report_style[];

/* Text with the characters that mean something in HTML replaced. */
void report_text(FILE *f, const char *text);
/* A scale from 0 to at least @max with about @ticks round steps. */
struct report_axis report_axis(double max, int ticks);

/* Energy per work and slowdown of each governor. */
void report_bars(FILE *f, const struct report_group *g);
/* Power, clock and phases over time, all runs or two of them in detail. */
void report_overview(FILE *f, const struct report_group *g);
void report_detail(FILE *f, const struct report_group *g);
/* The same of one run that is compared with none, all of it and its middle. */
void report_run(FILE *f, const struct report_group *g);
/* What the colours of the phases mean. */
void report_legend(FILE *f, const struct report_group *g);

#endif /* _LIB_REPORT_PARTS_H */
