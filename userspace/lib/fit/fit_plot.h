/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A picture of a fit: what was measured as points, what was fitted as lines.
 */
#ifndef _LIB_FIT_PLOT_H
#define _LIB_FIT_PLOT_H

#include <stdio.h>

#include "fit.h"

/**
 * fit_plot() - write an SVG that needs nothing else
 * @fit: the fit
 * @sweep: what it was fitted to
 * @title: above the picture
 * @f: where to
 *
 * At most six kinds of work are shown, those with the largest errors; of equal ones
 * the first.
 *
 * Return: 0, -ENOMEM, or as textfile_flush().
 */
int fit_plot(const struct fit *fit, const struct sweep *sweep,
	     const char *title, FILE *f);

#endif /* _LIB_FIT_PLOT_H */
