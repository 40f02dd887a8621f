/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A growing set of numbers and its percentiles.
 */
#ifndef _LIB_SAMPLES_H
#define _LIB_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct samples - numbers in the order they came, until sorted
 * @v: the numbers
 * @nr: how many there are
 * @room: how many fit before the array grows
 * @sorted: @v is in rising order
 */
struct samples {
	double *v;
	size_t nr;
	size_t room;
	bool sorted;
};

/**
 * samples_add() - take one more number
 * @s: the set
 * @v: the number
 *
 * Return: 0 or -ENOMEM, then the set is as before.
 */
int samples_add(struct samples *s, double v);

/**
 * samples_move() - take all numbers of another set
 * @s: the set
 * @from: the other one, empty afterwards
 *
 * Return: 0 or -ENOMEM, then some numbers are in both.
 */
int samples_move(struct samples *s, struct samples *from);

/**
 * samples_percentile() - value below which @percent of the numbers lie
 * @s: the set; it is sorted on the way
 * @percent: 0 to 100
 *
 * Linear interpolation between the two neighbouring ranks.
 *
 * Return: the value, NAN for an empty set.
 */
double samples_percentile(struct samples *s, double percent);

/**
 * samples_mean() - arithmetic mean
 * @s: the set
 *
 * Return: the mean, NAN for an empty set.
 */
double samples_mean(const struct samples *s);

/**
 * samples_free() - give the memory back and leave an empty set
 * @s: the set
 */
void samples_free(struct samples *s);

#endif /* _LIB_SAMPLES_H */
