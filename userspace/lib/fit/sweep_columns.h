/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the columns of a file of measurements mean, by their names.
 */
#ifndef _LIB_SWEEP_COLUMNS_H
#define _LIB_SWEEP_COLUMNS_H

#include <stddef.h>

#define SWEEP_COLUMN_LEN	48

/**
 * enum sweep_role - what a column holds
 * @SWEEP_UNKNOWN: its name says nothing
 * @SWEEP_IGNORED: something that makes no difference, such as a time of day
 * @SWEEP_LABEL: tells work apart
 * @SWEEP_WINDOW: a label that ends in an underscore and the limit in watts
 * @SWEEP_MHZ: core clock
 * @SWEEP_WATT_LIMIT: power limit; several are those of several devices
 * @SWEEP_SECONDS: time of the work
 * @SWEEP_JOULES: energy; several are those of several devices
 * @SWEEP_WATTS: mean power
 */
enum sweep_role {
	SWEEP_UNKNOWN,
	SWEEP_IGNORED,
	SWEEP_LABEL,
	SWEEP_WINDOW,
	SWEEP_MHZ,
	SWEEP_WATT_LIMIT,
	SWEEP_SECONDS,
	SWEEP_JOULES,
	SWEEP_WATTS,
};

/**
 * struct sweep_column - a column
 * @name: from the header, in lower case and without its unit
 * @role: what it holds
 * @factor: to megahertz, seconds, joules or watts
 */
struct sweep_column {
	char name[SWEEP_COLUMN_LEN];
	enum sweep_role role;
	double factor;
};

/**
 * sweep_column() - understand a column's name
 * @header: the cell of the header
 * @ret: filled; without a unit in the header, columns are in MHz, s, J and W
 *
 * Return: NULL, or what is wrong with it.
 */
const char *sweep_column(const char *header, struct sweep_column *ret);

#endif /* _LIB_SWEEP_COLUMNS_H */
