// SPDX-License-Identifier: GPL-2.0
/*
 * Reading foreign text: lines, fields, numbers; and telling its format.
 */
#include <errno.h>

#include "unit.h"

#include "cursor.h"
#include "workload/input_format.h"

static struct text_error err;

static struct cursor on_line(const char *text)
{
	struct cursor c;

	memset(&err, 0, sizeof(err));
	EXPECT_EQ(cursor_begin(&c, text, strlen(text), &err), 0);
	EXPECT_EQ(cursor_next(&c), 1);
	return c;
}

TEST(lines_end_in_lf_crlf_or_not_at_all)
{
	struct cursor c = on_line("a\r\n\nb\rc\nlast");

	EXPECT_TRUE(cursor_is(&c, "a"));
	EXPECT_EQ(cursor_next(&c), 1);
	EXPECT_TRUE(cursor_ended(&c));
	EXPECT_EQ(cursor_next(&c), 1);
	EXPECT_TRUE(cursor_is(&c, "b\rc"));
	EXPECT_EQ(cursor_next(&c), 1);
	EXPECT_TRUE(cursor_is(&c, "last"));
	EXPECT_EQ(c.line, 4);
	EXPECT_EQ(cursor_next(&c), 0);
	EXPECT_EQ(cursor_next(&c), 0);
}

TEST(fields)
{
	struct cursor c = on_line("one,,3"), field;

	EXPECT_TRUE(cursor_field(&c, &field));
	EXPECT_TRUE(cursor_is(&field, "one"));
	EXPECT_TRUE(cursor_field(&c, &field));
	EXPECT_TRUE(cursor_ended(&field));
	EXPECT_FALSE(cursor_field(&c, &field));
	EXPECT_TRUE(cursor_is(&field, "3"));
	EXPECT_TRUE(cursor_ended(&c));
}

static int whole(const char *text, uint64_t max, uint64_t *ret)
{
	struct cursor c = on_line(text);

	return cursor_whole(&c, "n", max, ret);
}

TEST(whole_numbers)
{
	uint64_t v = 77;

	EXPECT_EQ(whole("18446744073709551615", UINT64_MAX, &v), 0);
	EXPECT_EQ(v, UINT64_MAX);
	EXPECT_EQ(whole("18446744073709551616", UINT64_MAX, &v), -EINVAL);
	EXPECT_STREQ(err.reason, "n is above 18446744073709551615");
	EXPECT_EQ(whole("9", 5, &v), -EINVAL);
	EXPECT_EQ(whole("-374", 5, &v), -EINVAL);
	EXPECT_STREQ(err.reason, "n is negative, it has to be 0 or more");
	EXPECT_EQ(whole("-x", 5, &v), -EINVAL);
	EXPECT_STREQ(err.reason, "n is not a number");
	EXPECT_EQ(whole("+1", 5, &v), -EINVAL);
	EXPECT_EQ(whole("x", 5, &v), -EINVAL);
	EXPECT_EQ(v, UINT64_MAX);
	EXPECT_EQ(whole("0007,", 7, &v), 0);
	EXPECT_EQ(v, 7);
}

static int real(const char *text, double *ret)
{
	struct cursor c = on_line(text);

	return cursor_real(&c, "x", 1e6, ret);
}

TEST(numbers_with_a_fraction)
{
	static const char *const bad[] = {
		"-", "-x", "+1", ".5", "nan", "inf", "1e", "1.2.3", "1e5-",
		"", " 1",
		"0.00000000000000000000000000000000000000000000000000000000000000000000001",
	};
	double v = 77;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(real(*bad[i] ? bad[i] : "\n", &v), -EINVAL);
		EXPECT_STREQ(err.reason, "x is not a number");
	}
	EXPECT_EQ(real("-1", &v), -EINVAL);
	EXPECT_STREQ(err.reason, "x is negative, it has to be 0 or more");
	EXPECT_EQ(real("1e400", &v), -EINVAL);
	EXPECT_STREQ(err.reason, "x is above 1e+06");
	EXPECT_EQ(real("1000001", &v), -EINVAL);
	EXPECT_NEAR(v, 77, 0);
	EXPECT_EQ(real("6.439503641246156e-05,", &v), 0);
	EXPECT_NEAR(v, 6.439503641246156e-05, 0);
	EXPECT_EQ(real("1000000", &v), 0);
	EXPECT_EQ(real("0x10", &v), 0);
	EXPECT_NEAR(v, 0, 0);
}

TEST(what_is_shown_can_be_shown)
{
	char buf[5];

	EXPECT_STREQ(text_printable(buf, sizeof(buf), "a\x1b\xc3z~~", 6),
		     "a??z");
	EXPECT_STREQ(text_printable(buf, sizeof(buf), "ab", 2), "ab");
}

static enum input_format detect(const char *text)
{
	return input_format_detect(text, strlen(text));
}

TEST(formats_are_told_from_the_first_line)
{
	EXPECT_EQ(detect("TIMESTAMP,ContextTokens,GeneratedTokens\n"),
		  INPUT_AZURE);
	EXPECT_EQ(detect("\xef\xbb\xbfTIMESTAMP,ContextTokens,Generated"),
		  INPUT_AZURE);
	EXPECT_EQ(detect("{\"timestamp\": 0"), INPUT_MOONCAKE);
	EXPECT_EQ(detect(""), INPUT_FORMAT_NR);
	EXPECT_EQ(detect("\n{"), INPUT_FORMAT_NR);
	EXPECT_EQ(detect("Timestamp,Model\n"), INPUT_FORMAT_NR);
	EXPECT_EQ(detect("\xff\xfeT"), INPUT_FORMAT_NR);
	EXPECT_EQ(input_format_detect("{\0\n", 3), INPUT_FORMAT_NR);
	for (int i = 0; i < INPUT_FORMAT_NR; i++)
		EXPECT_EQ(input_format_find(input_format_name(i)), i);
	EXPECT_EQ(input_format_find("csv"), INPUT_FORMAT_NR);
}
