// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: what is written is what is read; what is damaged is refused with its
 * place; what was cut off is good up to there.
 */
#include "recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <zlib.h>

#include "unit.h"

static const char head_text[] =
	"{\"accelgov_recording\":1,\"tool\":\"0.1\",\"host\":\"h\",\"kernel\":\"6.12\","
	"\"wall_s\":1,\"start_ns\":1000,\"devices\":1}\n"
	"{\"device\":0,\"name\":\"gpu\",\"source\":\"nvml\",\"period_us\":100000,"
	"\"signals\":[\"busy_permille\"],\"missing\":{},\"sensors\":[],"
	"\"power_sensor\":{},\"clocks_khz\":[1000,2000]}\n";

static struct recording_decision decision(void)
{
	struct recording_decision d = {
		.phase = ACCELGOV_PHASE_MEMORY,
		.workload = ACCELGOV_WORKLOAD_INFERENCE,
		.confidence_permille = { 930, true },
		.clock_khz = { 1200000, true },
		.saving_permille = { -3, true },
		.reason = "phase",
	};

	return d;
}

/* Two devices, all kinds of lines. To be freed. */
static char *write_all(size_t *ret_len)
{
	struct recording_device device[2] = { test_device("a"), test_device("b") };
	struct recording_head head = test_head(2);
	struct recording_entry e;
	struct recording_writer *w;
	int fd = memfd_create("recording", MFD_CLOEXEC), kept = dup(fd);
	char *bytes;

	if (!EXPECT_EQ(recording_create(fd, &head, device, &w), 0))
		exit(1);
	e = test_label(50, "decode");
	EXPECT_EQ(recording_put(w, &e), 0);
	e = test_sample(100, 100, 900);
	e.device = 1;
	e.reading.sample.amount = 1U << ACCELGOV_SIG_POWER;
	e.reading.sample.val[ACCELGOV_SIG_POWER] = 40000;
	EXPECT_EQ(recording_put(w, &e), 0);
	e.kind = RECORDING_DECISION;
	e.decision = decision();
	EXPECT_EQ(recording_put(w, &e), 0);
	/* In the order of the governor, whatever its clock says. */
	e.kind = RECORDING_GOVERN;
	e.time_ns += 7;
	e.govern = (struct recording_govern){
		.what = RECORDING_DECIDED, .khz = 900000, .min_khz = 600000,
		.max_khz = 1800000, .reason = "phase",
	};
	EXPECT_EQ(recording_put(w, &e), 0);
	e.time_ns -= 9;
	e.govern = (struct recording_govern){
		.what = RECORDING_SET, .key = "idle/enable", .value = -1,
	};
	EXPECT_EQ(recording_put(w, &e), 0);
	e.time_ns += 2;
	e.kind = RECORDING_GAP;
	e.device = 0;
	strcpy(e.text, "Ger\xe4t \"weg\"");
	EXPECT_EQ(recording_put(w, &e), 0);
	EXPECT_EQ(recording_samples(w), 1);
	e = test_end(2000, 1);
	EXPECT_EQ(recording_put(w, &e), 0);
	EXPECT_EQ(recording_close(w), 0);
	bytes = memory_bytes(kept, ret_len);
	close(kept);
	return bytes;
}

static bool same_reading(struct reading a, struct reading b)
{
	return a.known == b.known && a.value == b.value;
}

static void expect_same_sample(const struct backend_reading *a,
			       const struct backend_reading *b)
{
	EXPECT_TRUE(!memcmp(&a->sample, &b->sample, sizeof(a->sample)));
	for (int s = 0; s < BACKEND_SENSORS; s++)
		EXPECT_TRUE(same_reading(a->sensor[s], b->sensor[s]));
}

static void expect_same_decision(const struct recording_decision *a,
				 const struct recording_decision *b)
{
	EXPECT_EQ(a->phase, b->phase);
	EXPECT_EQ(a->workload, b->workload);
	EXPECT_STREQ(a->reason, b->reason);
	EXPECT_TRUE(same_reading(a->confidence_permille, b->confidence_permille));
	EXPECT_TRUE(same_reading(a->clock_khz, b->clock_khz));
	EXPECT_TRUE(same_reading(a->saving_permille, b->saving_permille));
}

TEST(what_is_written_is_read)
{
	struct recording_device device = test_device("a");
	struct recording_error error;
	struct recording_reader *r;
	struct recording_entry e, was;
	size_t len;
	char *bytes = write_all(&len);
	int fd = memory_file(bytes, len);

	EXPECT_EQ((uint8_t)bytes[0], 0x1f);
	free(bytes);
	ASSERT_EQ(recording_open_fd(fd, &r, &error), 0);
	EXPECT_EQ(recording_head(r)->start_ns, START_NS);
	EXPECT_EQ(recording_head(r)->wall_s, 1700000000);
	EXPECT_STREQ(recording_head(r)->host, "there");
	EXPECT_TRUE(!memcmp(recording_device(r, 0), &device, sizeof(device)));
	EXPECT_STREQ(recording_device(r, 1)->name, "b");

	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_EQ(e.kind, RECORDING_LABEL);
	EXPECT_STREQ(e.text, "decode");
	EXPECT_EQ(e.time_ns, START_NS + 50 * MS);

	ASSERT_EQ(recording_next(r, &e, &error), 1);
	was = test_sample(100, 100, 900);
	was.reading.sample.amount = 1U << ACCELGOV_SIG_POWER;
	was.reading.sample.val[ACCELGOV_SIG_POWER] = 40000;
	EXPECT_EQ(e.kind, RECORDING_SAMPLE);
	EXPECT_EQ(e.device, 1);
	expect_same_sample(&e.reading, &was.reading);

	ASSERT_EQ(recording_next(r, &e, &error), 1);
	was.decision = decision();
	EXPECT_EQ(e.kind, RECORDING_DECISION);
	expect_same_decision(&e.decision, &was.decision);

	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_EQ(e.kind, RECORDING_GOVERN);
	EXPECT_EQ(e.device, 1);
	EXPECT_EQ(e.time_ns, START_NS + 100 * MS + 7);
	EXPECT_EQ(e.govern.what, RECORDING_DECIDED);
	EXPECT_EQ(e.govern.khz, 900000);
	EXPECT_EQ(e.govern.min_khz, 600000);
	EXPECT_EQ(e.govern.max_khz, 1800000);
	EXPECT_STREQ(e.govern.reason, "phase");
	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_EQ(e.time_ns, START_NS + 100 * MS - 2);
	EXPECT_EQ(e.govern.what, RECORDING_SET);
	EXPECT_STREQ(e.govern.key, "idle/enable");
	EXPECT_EQ(e.govern.value, -1);

	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_EQ(e.kind, RECORDING_GAP);
	EXPECT_STREQ(e.text, "Ger?t \"weg\"");

	EXPECT_FALSE(recording_is_whole(r));
	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_EQ(e.kind, RECORDING_END);
	EXPECT_EQ(e.cpu_us.value, 1234);
	EXPECT_EQ(recording_next(r, &e, &error), 0);
	EXPECT_TRUE(recording_is_whole(r));
	recording_end(r);
}

/* Return: lines behind the head, or a negative errno; *@ret_whole with it. */
static int count(const void *bytes, size_t len, bool *ret_whole,
		 struct recording_error *ret_error)
{
	struct recording_reader *r;
	struct recording_entry e;
	int nr = 0, ret;

	ret = recording_open_fd(memory_file(bytes, len), &r, ret_error);
	if (ret)
		return ret;
	while ((ret = recording_next(r, &e, ret_error)) > 0)
		nr++;
	*ret_whole = recording_is_whole(r);
	recording_end(r);
	return ret ? ret : nr;
}

/* Cut off behind each byte: what was whole is there, and nothing is an error. */
static void cut(const char *bytes, size_t len)
{
	struct recording_error error;
	int nr, last = -EBADMSG;
	bool whole = false;
	size_t i;

	for (i = 0; i < len; i++) {
		nr = count(bytes, i, &whole, &error);
		if (nr < last || (nr < 0 && nr != -EBADMSG)) {
			unit_fail(__FILE__, __LINE__, "%d lines of %zu bytes", nr, i);
			return;
		}
		EXPECT_TRUE(nr == 7 || !whole);
		last = nr;
	}
	EXPECT_EQ(count(bytes, len, &whole, &error), 7);
	EXPECT_TRUE(whole);
}

TEST(what_was_cut_off_is_good_up_to_there)
{
	struct recording_error error;
	bool whole = true;
	char *packed, *text = malloc(65536);
	z_stream z = { 0 };
	size_t len;

	packed = write_all(&len);
	cut(packed, len);

	ASSERT_EQ(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (uint8_t *)packed;
	z.avail_in = (unsigned int)len;
	z.next_out = (uint8_t *)text;
	z.avail_out = 65536;
	EXPECT_EQ(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	cut(text, z.total_out);

	/* The head reaches the disk before the first sample does. */
	EXPECT_EQ(count("", 0, &whole, &error), -EBADMSG);
	EXPECT_EQ(count(head_text, strlen(head_text), &whole, &error), 0);
	EXPECT_FALSE(whole);
	free(text);
	free(packed);
}

TEST(what_is_damaged_is_refused)
{
	struct recording_error error = { 0 };
	bool whole;
	size_t len;
	char *bytes = write_all(&len);

	/* The stream's own checksum is at its end. */
	bytes[len - 6] ^= 0x10;
	EXPECT_EQ(count(bytes, len, &whole, &error), -EBADMSG);
	EXPECT_TRUE(strstr(error.reason, "gzip"));
	bytes[len - 6] ^= 0x10;
	bytes[len / 2] ^= 0xff;
	EXPECT_EQ(count(bytes, len, &whole, &error), -EBADMSG);
	free(bytes);
}

/* Lines behind the head, what is wrong with them, and in which line that is. */
static const struct {
	const char *text;
	const char *reason;
	uint64_t line;
} bad_lines[] = {
	{ "\n", "column", 3 },
	{ "{]\n", "column", 3 },
	{ "[]\n", "no JSON object", 3 },
	{ "{\"t_ns\":1}\n", "neither sample", 3 },
	{ "{\"sample\":1,\"t_ns\":1,\"window_ns\":0}\n", "\"sample\"", 3 },
	{ "{\"sample\":0,\"window_ns\":0}\n", "\"t_ns\" is missing", 3 },
	{ "{\"sample\":0,\"t_ns\":-1,\"window_ns\":0}\n", "\"t_ns\"", 3 },
	{ "{\"sample\":0,\"t_ns\":1.5,\"window_ns\":0}\n", "\"t_ns\"", 3 },
	{ "{\"sample\":0,\"t_ns\":1}\n", "\"window_ns\" is missing", 3 },
	{ "{\"sample\":0,\"t_ns\":1,\"window_ns\":1002}\n", "before all time", 3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":8,\"busy_permille\":-1}\n",
	  "\"busy_permille\"", 3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":8,\"busy_permille\":null}\n",
	  "\"busy_permille\"", 3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":8,\"busy_permille\":1,\"busy_ns\":1}\n",
	  "exclude", 3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":0,\"busy_ns\":1}\n", "without a window",
	  3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":8,\"bussy_ns\":1}\n",
	  "unknown member \"bussy_ns\"", 3 },
	{ "{\"sample\":0,\"sample\":0,\"t_ns\":9,\"window_ns\":8}\n", "column", 3 },
	{ "{\"sample\":0,\"t_ns\":99999999999999999999,\"window_ns\":8}\n", "column", 3 },
	{ "{\"sample\":0,\"t_ns\":9,\"window_ns\":8}\n{\"sample\":0,\"t_ns\":9,\"window_ns\":8}\n",
	  "not after", 4 },
	{ "{\"decision\":0,\"t_ns\":1,\"phase\":\"lunch\",\"workload\":\"unknown\"}\n",
	  "no phase", 3 },
	{ "{\"decision\":0,\"t_ns\":1,\"phase\":\"inference-decode\",\"workload\":\"training\"}\n",
	  "no phase", 3 },
	{ "{\"label\":\"a b\",\"t_ns\":1}\n", "\"label\"", 3 },
	{ "{\"label\":\"a\",\"t_ns\":2}\n{\"label\":\"b\",\"t_ns\":1}\n", "not after", 4 },
	{ "{\"end\":\"time\",\"t_ns\":1,\"samples\":1}\n", "\"samples\"", 3 },
	{ "{\"end\":\"time\",\"t_ns\":1,\"samples\":0}\n{\"label\":\"a\",\"t_ns\":1}\n",
	  "behind the end", 4 },
	{ "{\"end\":\"time\",\"t_ns\":1,\"samples\":0}\nx", "behind the end", 4 },
	{ "{\"device\":0,\"t_ns\":1}\n", "neither sample", 3 },
};

TEST(lines_that_are_none_are_refused_with_their_place)
{
	struct recording_error error;
	char text[4096];
	bool whole;
	size_t i;

	for (i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		memset(&error, 0, sizeof(error));
		snprintf(text, sizeof(text), "%s%s", head_text,
			 bad_lines[i].text);
		EXPECT_EQ(count(text, strlen(text), &whole, &error), -EBADMSG);
		if (!strstr(error.reason, bad_lines[i].reason) ||
		    error.line != bad_lines[i].line)
			unit_fail(__FILE__, __LINE__, "%s: line %d: %s",
				  bad_lines[i].text, (int)error.line, error.reason);
		if (bad_lines[i].line == 3)
			EXPECT_EQ(error.offset, strlen(head_text));
	}
}

/* Whoever wrote it: a terminal gets what is in it. */
TEST(what_could_steer_a_terminal_is_taken_out)
{
	static const char text[] =
		"{\"accelgov_recording\":1,\"tool\":\"0.1\",\"host\":\"h\\u001b[31m\","
		"\"kernel\":\"6\\n12\",\"wall_s\":1,\"start_ns\":1000,\"devices\":1}\n"
		"{\"device\":0,\"name\":\"gpu\",\"model\":\"A\\u009b2J\",\"source\":\"nvml\","
		"\"period_us\":100000,\"signals\":[\"busy_permille\"],"
		"\"missing\":{},\"sensors\":[],"
		"\"power_sensor\":{},\"clocks_khz\":[1000,2000]}\n"
		"{\"gap\":0,\"t_ns\":1,\"why\":\"\\u001b]0;x\"}\n"
		"{\"\\u001b[2J\":0,\"label\":\"a\",\"t_ns\":2}\n";
	struct recording_error error;
	struct recording_reader *r;
	struct recording_entry e;
	int fd = memory_file(text, strlen(text));

	ASSERT_EQ(recording_open_fd(fd, &r, &error), 0);
	EXPECT_STREQ(recording_head(r)->host, "h?[31m");
	EXPECT_STREQ(recording_head(r)->kernel, "6?12");
	EXPECT_STREQ(recording_device(r, 0)->model, "A??2J");
	ASSERT_EQ(recording_next(r, &e, &error), 1);
	EXPECT_STREQ(e.text, "?]0;x");
	EXPECT_EQ(recording_next(r, &e, &error), -EBADMSG);
	EXPECT_TRUE(strstr(error.reason, "?[2J"));
	EXPECT_FALSE(strchr(error.reason, '\033'));
	recording_end(r);
}

static void check_head(const char *text, const char *reason, uint64_t line)
{
	struct recording_error error = { 0 };
	bool whole;

	EXPECT_EQ(count(text, strlen(text), &whole, &error), -EBADMSG);
	if (!strstr(error.reason, reason) || error.line != line)
		unit_fail(__FILE__, __LINE__, "%s: line %d: %s", text,
			  (int)error.line, error.reason);
}

TEST(heads_that_are_none_are_refused)
{
	char text[4096], *at;

	check_head("\x1f\x8b", "ends before", 1);
	check_head("just some text\n", "column", 1);
	check_head("{\"schema\":1}\n", "accelgov_recording", 1);
	check_head("{\"accelgov_recording\":2,\"new\":1}\n", "version 2", 1);
	strcpy(text, head_text);
	*strchr(text, '\n') = '\0';
	strcat(text, "\n{\"device\":1}\n");
	check_head(text, "\"device\"", 2);
	strcpy(text, head_text);
	at = strstr(text, "2000");
	memcpy(at, "1000", 4);
	check_head(text, "ascend", 2);
	strcpy(text, head_text);
	at = strstr(text, "busy_permille");
	at[0] = 'B';
	check_head(text, "\"signals\"", 2);
}

TEST(a_line_without_end_is_no_memory_without_end)
{
	struct recording_error error = { 0 };
	size_t len = strlen(head_text) + 100000;
	char *text = malloc(len);
	bool whole;

	memset(text, ' ', len);
	memcpy(text, head_text, strlen(head_text));
	EXPECT_EQ(count(text, len, &whole, &error), -EBADMSG);
	EXPECT_TRUE(strstr(error.reason, "too long"));
	free(text);
}

TEST(a_full_disk_is_told)
{
	struct recording_device device = test_device("a");
	struct recording_head head = test_head(1);
	struct recording_writer *w;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		SKIP("no /dev/full");
	EXPECT_EQ(recording_create(fd, &head, &device, &w), -ENOSPC);
}

TEST(what_can_be_a_label)
{
	char text[80];

	EXPECT_TRUE(recording_label_valid("decode"));
	EXPECT_TRUE(recording_label_valid("step-12/forward"));
	EXPECT_TRUE(recording_label_valid("-"));
	EXPECT_FALSE(recording_label_valid(""));
	EXPECT_FALSE(recording_label_valid("a b"));
	EXPECT_FALSE(recording_label_valid("a\"b"));
	EXPECT_FALSE(recording_label_valid("\xc3\xa4"));
	memset(text, 'x', sizeof(text));
	text[RECORDING_LABEL_LEN] = '\0';
	EXPECT_FALSE(recording_label_valid(text));
	text[RECORDING_LABEL_LEN - 1] = '\0';
	EXPECT_TRUE(recording_label_valid(text));

	EXPECT_EQ(recording_label_phase("decode"), ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(recording_label_phase("inference-prefill"), ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(recording_label_phase("loaded-idle"), ACCELGOV_PHASE_LOADED_IDLE);
	EXPECT_EQ(recording_label_phase("unknown"), ACCELGOV_PHASE_NR);
	EXPECT_EQ(recording_label_phase("-"), ACCELGOV_PHASE_NR);
	EXPECT_EQ(recording_label_phase("warm-up"), ACCELGOV_PHASE_NR);
}

TEST(a_device_has_a_title)
{
	struct recording_device d = test_device("a");
	char buf[128];

	EXPECT_STREQ(recording_title(&d, buf, sizeof(buf)), "NVIDIA \"H100\"");
	strcpy(d.model, "H100");
	EXPECT_STREQ(recording_title(&d, buf, sizeof(buf)), "NVIDIA H100");
	d.vendor[0] = '\0';
	EXPECT_STREQ(recording_title(&d, buf, sizeof(buf)), "H100");
	d.model[0] = '\0';
	EXPECT_STREQ(recording_title(&d, buf, sizeof(buf)), "10de:2330");
}
