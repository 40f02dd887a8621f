// SPDX-License-Identifier: GPL-2.0
/*
 * The Mooncake trace format: what is read, and every way to be refused.
 */
#include <errno.h>

#include "unit.h"

#include "workload/requests.h"

#define ONE	"{\"timestamp\": 3000, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1, 2]}\n"
#define SHORT(time) \
	"{\"timestamp\": " time ", \"input_length\": 7, \"output_length\": 0}\n"
#define KEYS	"timestamp, input_length, output_length and hash_ids"

static int parse(const char *text, struct requests *ret,
		 struct text_error *err)
{
	return requests_parse_mooncake(text, strlen(text), ret, err);
}

/* Refused at this line for this very reason; nothing is set. */
static void refused(const char *text, unsigned int line, const char *reason)
{
	struct requests table = { .nr = 77 };
	struct text_error err = { 0 };

	EXPECT_EQ(parse(text, &table, &err), -EINVAL);
	EXPECT_EQ(err.line, line);
	EXPECT_STREQ(err.reason, reason);
	EXPECT_EQ(table.nr, 77);
}

TEST(published_format)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse(ONE SHORT("3000") SHORT("5999"), &table, &err), 0);
	ASSERT_EQ(table.nr, 3);
	EXPECT_EQ(table.v[0].arrival_ns, 0);
	EXPECT_EQ(table.v[0].context, 6758);
	EXPECT_EQ(table.v[0].generated, 500);
	EXPECT_EQ(table.v[1].arrival_ns, 0);
	EXPECT_EQ(table.v[1].generated, 0);
	EXPECT_EQ(table.v[2].arrival_ns, 2999000000ULL);
	requests_free(&table);
}

TEST(line_ends_order_of_keys_and_parts_of_a_millisecond)
{
	struct requests table;
	struct text_error err;

	ASSERT_EQ(parse("\xef\xbb\xbf{\"output_length\":1,\"timestamp\":0.25,\"input_length\":2}\r\n"
			"{ \"input_length\" : 2, \"timestamp\" : 1e3, \"output_length\" : 1 }",
			&table, &err), 0);
	ASSERT_EQ(table.nr, 2);
	EXPECT_EQ(table.v[1].arrival_ns, 999750000ULL);
	requests_free(&table);
}

TEST(refuses_what_is_no_json)
{
	refused("", 0, "the file is empty");
	refused(ONE "\n" ONE, 2, "empty line");
	refused(ONE "{\"timestamp\": 1,\n", 2,
		"no JSON: string or '}' expected near end of file");
	refused(ONE "x\n", 2, "no JSON: '[' or '{' expected near 'x'");
	refused("[1]\n", 1, "no JSON object");
	refused(ONE "{} {}\n", 2,
		"no JSON: end of file expected near '{'");
	refused("{\"timestamp\": 0, \"timestamp\": 0}\n", 1,
		"no JSON: duplicate object key near '\"timestamp\"'");
	refused("{\"timestamp\": 9999999999999999999}\n", 1,
		"no JSON: too big integer near '9999999999999999999'");
	refused("{\"timestamp\": 1e999}\n", 1,
		"no JSON: real number overflow near '1e999'");
}

TEST(a_nul_byte_is_no_text)
{
	static const char text[] = SHORT("0") "{\"time\0stamp\": 1}\n";
	struct text_error err = { 0 };
	struct requests table;

	EXPECT_EQ(requests_parse_mooncake(text, sizeof(text) - 1, &table,
					  &err), -EINVAL);
	EXPECT_EQ(err.line, 2);
	EXPECT_STREQ(err.reason, "a NUL byte: this is no text");
}

TEST(refuses_other_keys)
{
	refused("{\"input_length\": 1, \"output_length\": 1}\n", 1,
		"timestamp is missing");
	refused("{\"timestamp\": 1, \"output_length\": 1}\n", 1,
		"input_length is missing");
	refused("{\"timestamp\": 1, \"input_length\": 1}\n", 1,
		"output_length is missing");
	/* Traces of other origin, with times in seconds. */
	refused("{\"chat_id\": 1, \"timestamp\": 61.1, \"input_length\": 1, \"output_length\": 1}\n",
		1, "unknown key \"chat_id\"; this format has " KEYS);
	refused("{\"a\\u001b[2J\": 1, \"timestamp\": 1, \"input_length\": 1, \"output_length\": 1}\n",
		1, "unknown key \"a?[2J\"; this format has " KEYS);
}

static void refused_value(const char *key, const char *value,
			  const char *reason)
{
	static const char *const keys[] = {
		"timestamp", "input_length", "output_length", "hash_ids"
	};
	char text[300] = "{";

	for (int i = 0; i < 4; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%s\"%s\": %s",
			 i ? ", " : "", keys[i],
			 strcmp(key, keys[i]) ? i == 3 ? "[]" : "1" : value);
	}
	strcat(text, "}\n");
	refused(text, 1, reason);
}

TEST(refuses_other_values)
{
	refused_value("timestamp", "\"0\"",
		      "timestamp is not a number of milliseconds");
	refused_value("timestamp", "null",
		      "timestamp is not a number of milliseconds");
	refused_value("timestamp", "-1",
		      "timestamp is not between 0 and 3155760000000 ms");
	refused_value("timestamp", "1e300",
		      "timestamp is not between 0 and 3155760000000 ms");
	refused_value("input_length", "0",
		      "input_length is not between 1 and 100000000");
	refused_value("input_length", "1.5",
		      "input_length is not a whole number");
	refused_value("input_length", "9223372036854775807",
		      "input_length is not between 1 and 100000000");
	refused_value("output_length", "-1",
		      "output_length is not between 0 and 100000000");
	refused_value("output_length", "true",
		      "output_length is not a whole number");
	refused_value("hash_ids", "7", "hash_ids is not a list");
	refused_value("hash_ids", "[1, \"2\"]",
		      "hash_ids holds something that is no number from 0");
	refused_value("hash_ids", "[-1]",
		      "hash_ids holds something that is no number from 0");
}

TEST(refuses_disorder_with_its_line)
{
	refused(SHORT("5") SHORT("6") SHORT("5.9"), 3,
		"earlier than the line before");
	refused(SHORT("5") SHORT("0"), 2, "earlier than the line before");
}
