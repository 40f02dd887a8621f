// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of phases: what is read, and every way to be refused.
 */
#include <errno.h>

#include "unit.h"

#include "../../kmod/uapi/accelgov.h"
#include "workload/segments.h"

#define MSEC	1000000ULL
#define PD	"phase,duration_ms\n"
#define WORK	"ops,bytes,link_ns,host_ns,io_bytes\n"

static int parse(const char *text, struct segments *ret,
		 struct text_error *err)
{
	return segments_parse(text, strlen(text), ret, err);
}

/* Refused at this line for this very reason; nothing is set. */
static void refused(const char *text, unsigned int line, const char *reason)
{
	struct segments list = { .nr = 77 };
	struct text_error err = { 0 };

	EXPECT_EQ(parse(text, &list, &err), -EINVAL);
	EXPECT_EQ(err.line, line);
	EXPECT_STREQ(err.reason, reason);
	EXPECT_EQ(list.nr, 77);
}

TEST(phases_and_how_long)
{
	struct segments list;
	struct text_error err;

	ASSERT_EQ(parse("\xef\xbb\xbfrepeat,phase,duration_ms,idle_ms\r\n"
			"20,compute,50.5,0\r\n"
			"1,loaded-idle,7000,0\r\n"
			"1,memory,1e3,2.5", &list, &err), 0);
	ASSERT_EQ(list.nr, 3);
	EXPECT_EQ(list.v[0].work.label, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(list.v[0].duration_ns, 50500000);
	EXPECT_EQ(list.v[0].repeat, 20);
	EXPECT_EQ(list.v[0].line, 2);
	EXPECT_EQ(list.v[1].duration_ns, 0);
	EXPECT_EQ(list.v[1].idle_ns, 7000 * MSEC);
	EXPECT_EQ(list.v[2].duration_ns, 1000 * MSEC);
	EXPECT_EQ(list.v[2].idle_ns, 2500000);
	EXPECT_EQ(list.v[2].work.ops, 0);
	segments_free(&list);
}

TEST(physics_without_phases)
{
	struct segments list;
	struct text_error err;

	ASSERT_EQ(parse(WORK "9359000000000,25920000000,3,4,5\n0,0,0,7,0\n",
			&list, &err), 0);
	ASSERT_EQ(list.nr, 2);
	EXPECT_EQ(list.v[0].work.ops, 9359000000000ULL);
	EXPECT_EQ(list.v[0].work.bytes, 25920000000ULL);
	EXPECT_EQ(list.v[0].work.link_ns, 3);
	EXPECT_EQ(list.v[0].work.host_ns, 4);
	EXPECT_EQ(list.v[0].work.io_bytes, 5);
	EXPECT_EQ(list.v[0].work.label, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(list.v[0].repeat, 1);
	EXPECT_EQ(list.v[1].work.host_ns, 7);
	segments_free(&list);
	ASSERT_EQ(parse("ops,phase,idle_ms\n1,,0\n0,,5\n", &list, &err), 0);
	EXPECT_EQ(list.v[1].idle_ns, 5 * MSEC);
	segments_free(&list);
}

/* The names are the core's; messages and pages list them. */
TEST(all_phases_by_their_names)
{
	static const char *const name[] = {
		"compute", "memory", "link-wait", "input-stall", "checkpoint",
		"mixed", "loaded-idle", "idle", "training-compute",
	};
	struct segments list;
	struct text_error err;
	char text[400] = PD;

	for (int i = 0; i < 9; i++)
		snprintf(text + strlen(text), 40, "%s,5\n", name[i]);
	ASSERT_EQ(parse(text, &list, &err), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(list.v[i].work.label, i + ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(list.v[8].work.label, ACCELGOV_PHASE_COMPUTE);
	segments_free(&list);
}

TEST(refuses_other_headers)
{
	refused("", 0, "the file is empty");
	refused("\n", 1, "unknown column \"\"");
	refused("phase,duration_s\n", 1, "unknown column \"duration_s\"");
	refused("\x1b[2J,phase\n", 1, "unknown column \"?[2J\"");
	refused("phase,duration_ms,phase\n", 1, "column phase twice");
	refused("phase,duration_ms,\n", 1, "unknown column \"\"");
	refused("phase,idle_ms\n", 1,
		"no column says what is to be done: duration_ms, or any of ops, bytes, link_ns, host_ns, io_bytes");
	refused("phase,duration_ms,ops\n", 1,
		"duration_ms and columns of work in one list: either of them says how much it is");
	refused("duration_ms\n", 1,
		"duration_ms says how long, but no column phase says what");
}

TEST(refuses_other_lines)
{
	refused(PD, 0, "there is no work in it");
	refused(PD "idle,5\n", 0, "there is no work in it");
	refused(PD "compute,5\n\n", 3, "empty line");
	refused(PD "compute,5\n" PD, 3, "the header once more");
	refused(PD "compute\n", 2, "1 fields under 2 columns");
	refused(PD "compute,5,6\n", 2, "3 fields under 2 columns");
	refused(PD "computing,5\n", 2,
		"\"computing\" is no phase; there are compute, memory, link-wait, input-stall, checkpoint, mixed, loaded-idle, idle");
	refused(PD ",5\n", 2, "duration_ms without a phase");
	refused(PD "unknown,5\n", 2, "duration_ms without a phase");
	refused(PD "compute,\n", 2, "duration_ms is empty; 0 says none");
	refused(PD "compute,0\n", 2, "neither work nor time in it");
	refused(PD "compute,5s\n", 2, "duration_ms is not a number");
	refused(PD "compute,-5\n", 2,
		"duration_ms is negative, it has to be 0 or more");
	refused(PD "compute,2678400001\n", 2, "duration_ms is above 2.6784e+09");
	refused("phase,duration_ms,repeat\ncompute,5,0\n", 2, "repeat is 0");
	refused("phase,duration_ms,repeat\ncompute,5,1.5\n", 2,
		"repeat is not a number");
	refused("phase,ops\nidle,5\n", 2, "work in an idle phase");
	refused("ops\n1e12\n", 2, "ops is not a number");
	refused("ops\n1000000000000000001\n", 2,
		"ops is above 1000000000000000000");
	refused("ops\n99999999999999999999999\n", 2,
		"ops is above 1000000000000000000");
	refused("link_ns\n2678400000000001\n", 2,
		"link_ns is above 2678400000000000");
}

TEST(a_nul_byte_is_no_text)
{
	static const char text[] = PD "compute,5\0\n";
	struct text_error err = { 0 };
	struct segments list;

	EXPECT_EQ(segments_parse(text, sizeof(text) - 1, &list, &err),
		  -EINVAL);
	EXPECT_EQ(err.line, 2);
}
