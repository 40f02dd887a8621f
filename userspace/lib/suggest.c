// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - "did you mean"
 *
 * Edit distance with transposed neighbours as one step, ignoring case. A word
 * is near enough when at most a third of its letters differ.
 */
#include <ctype.h>
#include <string.h>

#include "suggest.h"

#define WORD_MAX 32

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

static int same(const char *a, const char *b)
{
	return tolower((unsigned char)*a) == tolower((unsigned char)*b);
}

static unsigned int distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];
	size_t i, j;

	for (i = 0; i <= na; i++)
		d[i][0] = i;
	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++) {
		for (j = 1; j <= nb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] +
				       !same(&a[i - 1], &b[j - 1]));
			if (i > 1 && j > 1 && same(&a[i - 1], &b[j - 2]) &&
			    same(&a[i - 2], &b[j - 1]) &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[na][nb];
}

const char *suggest(const char *word, const char *const *known)
{
	size_t len = strlen(word), known_len;
	unsigned int best, near;
	const char *found = NULL;

	if (!len || len > WORD_MAX)
		return NULL;
	best = (len + 2) / 3 + 1;
	for (; *known; known++) {
		known_len = strlen(*known);
		if (known_len > WORD_MAX)
			continue;
		near = distance(word, len, *known, known_len);
		if (near < best) {
			best = near;
			found = *known;
		}
	}
	return found;
}
