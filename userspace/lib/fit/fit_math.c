// SPDX-License-Identifier: GPL-2.0
/*
 * The little mathematics that the fit needs: three dimensions at most for a
 * search, eight unknowns at most for a linear system. GSL would bring megabytes
 * for these lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit_parts.h"

#define GOLDEN		0.6180339887498949
#define GOLDEN_ROUNDS	26
#define DIMENSIONS	3

bool fit_solve(double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX], double *b, int n)
{
	for (int i = 0; i < n; i++) {
		for (int k = 0; k <= i; k++) {
			double sum = a[i][k];

			for (int j = 0; j < k; j++)
				sum -= a[i][j] * a[k][j];
			if (i != k)
				a[i][k] = sum / a[k][k];
			else if (sum > 1e-14 * fabs(a[i][i]) && sum > 0)
				a[i][i] = sqrt(sum);
			else
				return false;
		}
	}
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < i; j++)
			b[i] -= a[i][j] * b[j];
		b[i] /= a[i][i];
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int j = i + 1; j < n; j++)
			b[i] -= a[j][i] * b[j];
		b[i] /= a[i][i];
	}
	return true;
}

double fit_golden(double (*f)(double x, void *arg), void *arg, double lo,
		  double hi)
{
	double a = hi - GOLDEN * (hi - lo), b = lo + GOLDEN * (hi - lo);
	double fa = f(a, arg), fb = f(b, arg);

	for (int i = 0; i < GOLDEN_ROUNDS; i++) {
		if (fa < fb) {
			hi = b;
			b = a;
			fb = fa;
			a = hi - GOLDEN * (hi - lo);
			fa = f(a, arg);
		} else {
			lo = a;
			a = b;
			fa = fb;
			b = lo + GOLDEN * (hi - lo);
			fb = f(b, arg);
		}
	}
	return (lo + hi) / 2;
}

struct corner {
	double x[DIMENSIONS];
	double f;
};

static int by_value(const void *a, const void *b)
{
	double one = ((const struct corner *)a)->f;
	double two = ((const struct corner *)b)->f;

	return one < two ? -1 : one > two;
}

/* The point at @t between the centre of all but the worst and the worst. */
static struct corner probe(const struct corner *s, int n, double t,
			   double (*f)(const double *x, void *arg), void *arg)
{
	struct corner c = { .f = 0 };

	for (int d = 0; d < n; d++) {
		double centre = 0;

		for (int i = 0; i < n; i++)
			centre += s[i].x[d] / n;
		c.x[d] = centre + t * (s[n].x[d] - centre);
	}
	c.f = f(c.x, arg);
	return c;
}

static void shrink(struct corner *s, int n,
		   double (*f)(const double *x, void *arg), void *arg)
{
	for (int i = 1; i <= n; i++) {
		for (int d = 0; d < n; d++)
			s[i].x[d] = (s[i].x[d] + s[0].x[d]) / 2;
		s[i].f = f(s[i].x, arg);
	}
}

/* Nelder and Mead, Computer Journal 7(4), 1965. */
double fit_simplex(double (*f)(const double *x, void *arg), void *arg,
		   double *x, const double *step, int n, int rounds)
{
	struct corner s[DIMENSIONS + 1], c, further;

	for (int i = 0; i <= n; i++) {
		memcpy(s[i].x, x, (size_t)n * sizeof(*x));
		if (i)
			s[i].x[i - 1] += step[i - 1];
		s[i].f = f(s[i].x, arg);
	}
	for (; rounds; rounds--) {
		qsort(s, (size_t)n + 1, sizeof(*s), by_value);
		if (s[n].f - s[0].f <= 1e-9 * fabs(s[0].f))
			break;
		c = probe(s, n, -1, f, arg);
		if (c.f < s[0].f) {
			further = probe(s, n, -2, f, arg);
			s[n] = further.f < c.f ? further : c;
		} else if (c.f < s[n - 1].f) {
			s[n] = c;
		} else {
			c = probe(s, n, c.f < s[n].f ? -0.5 : 0.5, f, arg);
			if (c.f < s[n].f)
				s[n] = c;
			else
				shrink(s, n, f, arg);
		}
	}
	qsort(s, (size_t)n + 1, sizeof(*s), by_value);
	memcpy(x, s[0].x, (size_t)n * sizeof(*x));
	return s[0].f;
}

static int by_number(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return one < two ? -1 : one > two;
}

void fit_sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_number);
}

double fit_median(double *v, size_t n)
{
	if (!n)
		return 0;
	fit_sort(v, n);
	return (v[(n - 1) / 2] + v[n / 2]) / 2;
}
