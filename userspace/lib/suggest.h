/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - "did you mean"
 */
#ifndef ACCELGOV_LIB_SUGGEST_H
#define ACCELGOV_LIB_SUGGEST_H

#include <stddef.h>

/**
 * suggest() - find the known word that a typing error could have come from
 * @word: what was written
 * @known: words, ended by NULL
 *
 * Return: the nearest word when it is near enough to be meant, else NULL.
 */
const char *suggest(const char *word, const char *const *known);

#endif /* ACCELGOV_LIB_SUGGEST_H */
