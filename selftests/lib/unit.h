/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests in userspace, one program per file, TAP on stdout.
 *
 *	#include "unit.h"
 *
 *	TEST(adds_up)
 *	{
 *		EXPECT_EQ(1 + 1, 2);
 *	}
 *
 * EXPECT_* notes a failure and goes on, ASSERT_* leaves the test. The plan comes
 * first, so that a crash shows as missing results. The header holds main():
 * include it in one file only. Arguments name the tests to run.
 */
#ifndef _UNIT_H
#define _UNIT_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

static struct unit_test *unit_first, **unit_last = &unit_first;
static int unit_failures;
static const char *unit_skipped;

#define TEST(test)							\
	static void unit_run_##test(void);				\
	static struct unit_test unit_case_##test = {				\
		.name = #test, .run = unit_run_##test,			\
	};								\
	__attribute__((constructor)) static void unit_add_##test(void)	\
	{								\
		*unit_last = &unit_case_##test;				\
		unit_last = &unit_case_##test.next;				\
	}								\
	static void unit_run_##test(void)

/* Leaves the test: it does not apply here. */
#define SKIP(why) do { unit_skipped = (why); return; } while (0)

/* A line for the log: measured errors and the like. */
__attribute__((format(printf, 1, 2), unused))
static void unit_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

__attribute__((format(printf, 3, 4), unused))
static bool unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	unit_failures++;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return false;
}

__attribute__((unused))
static bool unit_true(bool got, const char *what, const char *file, int line)
{
	return got ? true : unit_fail(file, line, "not true: %s", what);
}

/* 128 bits hold every s64 and every u64. */
__attribute__((unused))
static bool unit_cmp(__int128 a, __int128 b, const char *op, bool holds,
		     const char *what, const char *file, int line)
{
	if (holds)
		return true;
	return unit_fail(file, line, "%s: %" PRId64 " %s %" PRId64 " does not hold",
			 what, (int64_t)a, op, (int64_t)b);
}

__attribute__((unused))
static bool unit_streq(const char *a, const char *b, const char *what,
		       const char *file, int line)
{
	if (a == b || (a && b && !strcmp(a, b)))
		return true;
	return unit_fail(file, line, "%s: \"%s\" is not \"%s\"", what,
			 a ? a : "(null)", b ? b : "(null)");
}

__attribute__((unused))
static bool unit_near(double a, double b, double tolerance, const char *what,
		      const char *file, int line)
{
	double off = a > b ? a - b : b - a;

	if (off <= tolerance)
		return true;
	return unit_fail(file, line, "%s: %g is not within %g of %g", what, a,
			 tolerance, b);
}

#define UNIT_CMP(a, op, b) __extension__ ({				\
	__int128 unit_a = (a), unit_b = (b);				\
	unit_cmp(unit_a, unit_b, #op, unit_a op unit_b,			\
		 #a " " #op " " #b, __FILE__, __LINE__);		\
})

#define EXPECT_TRUE(x)		unit_true((x), #x, __FILE__, __LINE__)
#define EXPECT_FALSE(x)		unit_true(!(x), "!(" #x ")", __FILE__, __LINE__)
#define EXPECT_EQ(a, b)		UNIT_CMP(a, ==, b)
#define EXPECT_NE(a, b)		UNIT_CMP(a, !=, b)
#define EXPECT_LT(a, b)		UNIT_CMP(a, <, b)
#define EXPECT_LE(a, b)		UNIT_CMP(a, <=, b)
#define EXPECT_GT(a, b)		UNIT_CMP(a, >, b)
#define EXPECT_GE(a, b)		UNIT_CMP(a, >=, b)
#define EXPECT_STREQ(a, b)	unit_streq((a), (b), #a " == " #b, __FILE__, __LINE__)
#define EXPECT_NEAR(a, b, tol)	unit_near((a), (b), (tol), #a " ~ " #b, __FILE__, __LINE__)

#define UNIT_OR_RETURN(x)	do { if (!(x)) return; } while (0)
#define ASSERT_TRUE(x)		UNIT_OR_RETURN(EXPECT_TRUE(x))
#define ASSERT_FALSE(x)		UNIT_OR_RETURN(EXPECT_FALSE(x))
#define ASSERT_EQ(a, b)		UNIT_OR_RETURN(EXPECT_EQ(a, b))
#define ASSERT_NE(a, b)		UNIT_OR_RETURN(EXPECT_NE(a, b))
#define ASSERT_GT(a, b)		UNIT_OR_RETURN(EXPECT_GT(a, b))
#define ASSERT_GE(a, b)		UNIT_OR_RETURN(EXPECT_GE(a, b))
#define ASSERT_STREQ(a, b)	UNIT_OR_RETURN(EXPECT_STREQ(a, b))

static bool unit_wanted(const struct unit_test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], test->name))
			return true;
	return argc < 2;
}

static bool unit_run(const struct unit_test *test, int number)
{
	unit_failures = 0;
	unit_skipped = NULL;
	test->run();
	if (unit_failures)
		printf("not ok %d - %s\n", number, test->name);
	else if (unit_skipped)
		printf("ok %d - %s # SKIP %s\n", number, test->name, unit_skipped);
	else
		printf("ok %d - %s\n", number, test->name);
	fflush(stdout);
	return !unit_failures;
}

int main(int argc, char **argv)
{
	struct unit_test *test;
	int count = 0, number = 0;
	bool good = true;

	for (test = unit_first; test; test = test->next)
		count += unit_wanted(test, argc, argv);
	printf("1..%d\n", count);
	fflush(stdout);
	for (test = unit_first; test; test = test->next)
		if (unit_wanted(test, argc, argv))
			good &= unit_run(test, ++number);
	return good && count ? 0 : 1;
}

#endif /* _UNIT_H */
