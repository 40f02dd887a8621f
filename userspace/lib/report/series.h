/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run over time, sampled every 100 ms or so, as CSV.
 */
#ifndef _LIB_SERIES_H
#define _LIB_SERIES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct series_row - what happened in one interval; -1 is unknown
 * @end_ms: end of the interval, after the start of the run
 * @power_mw: mean power
 * @clock_khz: effective clock at the end
 * @target_khz: requested clock at the end
 * @truth: phase that held longest, &enum accelgov_phase
 * @seen: published phase that held longest
 * @slowdown_permille: the governor's own account at the end
 */
struct series_row {
	int64_t end_ms;
	int64_t power_mw;
	int64_t clock_khz;
	int64_t target_khz;
	int32_t truth;
	int32_t seen;
	int64_t slowdown_permille;
};

/**
 * struct series - rows in the order of time
 * @v: the rows
 * @nr: how many there are
 * @room: how many fit before the array grows
 */
struct series {
	struct series_row *v;
	size_t nr;
	size_t room;
};

/**
 * series_add() - append a row
 * @s: the series
 * @row: the row
 *
 * Return: 0 or -ENOMEM, then the series is as before.
 */
int series_add(struct series *s, const struct series_row *row);

/**
 * series_write() - write CSV with a header; unknown values are empty
 * @s: the series
 * @f: where to
 *
 * Return: 0, or as textfile_flush().
 */
int series_write(const struct series *s, FILE *f);

/**
 * series_read() - read what series_write() wrote
 * @f: where from
 * @ret: the series, set on success only
 * @ret_line: line that is wrong, set on -EBADMSG
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int series_read(FILE *f, struct series *ret, unsigned int *ret_line);

/**
 * series_free() - give the memory back and leave an empty series
 * @s: the series
 */
void series_free(struct series *s);

#endif /* _LIB_SERIES_H */
