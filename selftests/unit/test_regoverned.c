// SPDX-License-Identifier: GPL-2.0
/*
 * What a governor decided, decided again: from the text of its trace events through the
 * lines of a recording. The governor is played here, with the very core.
 */
#include "recording_file.h"

#include <errno.h>
#include <stdarg.h>

#include "../../kmod/core/core.h"
#include "record/recording_lines.h"
#include "record/regoverned.h"
#include "record/traced.h"
#include "unit.h"

#define PERIOD_NS	(10 * MS)

/* What happens to a line on its way. */
enum tamper { AS_IT_IS, OTHER_CLOCK, OTHER_REASON, OTHER_PHASE, DROP };

static struct {
	struct ag_core core;
	struct regoverned again;
	uint64_t now_ns;
	uint64_t period_ns;
	bool asked;
	bool late;
	/* The clock is a count of cycles. */
	bool counted;
	/* Nobody counts work. */
	bool blind;
	/* What was told of a change of clock. */
	uint32_t switch_us;
	uint32_t halt_us;
	struct ag_decision decided;
	/* Of which kind of event which one is changed, and how. */
	const char *event;
	unsigned int which;
	enum tamper tamper;
	unsigned int seen;
} the;

static void change(struct recording_entry *e)
{
	if (the.tamper == OTHER_CLOCK)
		e->govern.khz += 15000;
	else if (the.tamper == OTHER_REASON)
		strcpy(e->govern.reason, "cap");
	else if (the.tamper == OTHER_PHASE)
		e->decision.phase = ACCELGOV_PHASE_LINK;
}

/* As it would be written, and read again. */
static void hand_on(const struct recording_entry *entry)
{
	static char line[RECORDING_LINE_MAX];
	char reason[RECORDING_TEXT_LEN];
	struct recording_head head = test_head(1);
	struct recording_entry e = { 0 };
	size_t len;

	head.start_ns = 0;
	len = recording_format_entry(entry, 0, line, sizeof(line));
	if (recording_parse_entry(line, len, &head, &e, reason)) {
		unit_fail(__FILE__, __LINE__, "%s: %.*s", reason, (int)len, line);
		return;
	}
	EXPECT_EQ(regoverned_take(&the.again, &e), 0);
}

static void __attribute__((format(printf, 2, 3)))
event(const char *name, const char *fmt, ...)
{
	struct recording_entry e;
	struct traceline t;
	char text[1024];
	size_t at;
	va_list args;

	at = snprintf(text, sizeof(text), "   kworker/u8:1-52 [001] d..1. %5llu.%06llu: %s: dev=gpu ",
		      (unsigned long long)the.now_ns / 1000000000,
		      (unsigned long long)the.now_ns / 1000 % 1000000, name);
	va_start(args, fmt);
	vsnprintf(text + at, sizeof(text) - at, fmt, args);
	va_end(args);
	ASSERT_EQ(traceline_parse(text, &t), 0);
	if (!EXPECT_EQ(traced_entry(&t, &e), 1))
		return;
	if (the.event && !strcmp(name, the.event) && the.seen++ == the.which) {
		if (the.tamper == DROP)
			return;
		change(&e);
	}
	hand_on(&e);
}

static void govern(const char *what, uint32_t khz, uint32_t mv)
{
	event("govern", "what=%s time_ns=%llu khz=%u mv=%u switch_us=0 halt_us=0",
	      what, (unsigned long long)the.now_ns, khz, mv);
}

static void begin(void)
{
	struct ag_opp opps[20];
	struct ag_config cfg;
	uint32_t i;

	regoverned_free(&the.again);
	memset(&the, 0, sizeof(the));
	the.now_ns = 77123456789;
	the.period_ns = PERIOD_NS;
	ag_config_default(&cfg);
	for (i = 0; i < 20; i++)
		opps[i] = (struct ag_opp){ 500000 + i * 75000, 700 + i * 12 };
	ASSERT_EQ(ag_core_init(&the.core, opps, 20, &cfg, the.now_ns), 0);
	the.asked = true;
}

static void tell_start(void)
{
	uint32_t i;

	for (i = 0; i < 20; i++)
		govern("point", 500000 + i * 75000, 700 + i * 12);
	event("govern", "what=start time_ns=%llu khz=0 mv=0 switch_us=%u halt_us=%u",
	      (unsigned long long)the.now_ns, the.switch_us, the.halt_us);
}

static void decide(void)
{
	the.asked = false;
	ag_core_decide(&the.core, 500000, 1925000, &the.decided);
}

static void apply(const char *trigger)
{
	uint32_t old_khz = the.core.target_khz;

	the.now_ns += 313;
	ag_core_applied(&the.core, the.decided.khz, the.now_ns);
	event("decision", "old_khz=%u new_khz=%u reason=%s phase=x latency_us=12 slowdown_permille=%u energy_permille=%u trigger=%s min_khz=500000 max_khz=1925000 set_ns=%llu",
	      old_khz, the.decided.khz, ag_reason_name(the.decided.reason),
	      the.decided.slowdown_permille, the.decided.energy_permille, trigger,
	      (unsigned long long)the.now_ns);
}

/* A window that ends now. */
static void sample(uint32_t compute, uint32_t memory, uint32_t khz)
{
	struct ag_rates r = {
		.time_ns = the.now_ns, .window_ns = the.period_ns - 4217,
		.valid = 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
			 1U << ACCELGOV_SIG_MEMORY | 1U << ACCELGOV_SIG_CLOCK |
			 1U << ACCELGOV_SIG_POWER |
			 (the.blind ? 0 : 1U << ACCELGOV_SIG_PROGRESS) |
			 (the.counted ? 0 : AG_CLOCK_MOMENT),
		.busy = 1000, .compute = compute, .memory = memory,
		.clock_khz = khz, .power_mw = 90000 + khz / 8,
		.progress = compute > memory ? khz : 1000000,
	};
	enum accelgov_phase phase = the.core.phase.now;
	enum accelgov_workload workload = the.core.workload.now;
	const struct ag_core *c = &the.core;

	event("signal", "valid=0x%x window_us=%llu busy_permille=1000 compute_permille=%u memory_permille=%u link_permille=-1 host_permille=-1 queue_milli=-1 clock_khz=%u power_mw=%u contexts_milli=-1 progress_per_s=%lld time_ns=%llu window_ns=%llu clock_counted=%d",
	      r.valid & ((1U << ACCELGOV_SIG_NR) - 1),
	      (unsigned long long)r.window_ns / 1000, r.compute,
	      r.memory, r.clock_khz, r.power_mw, the.blind ? -1LL : (long long)r.progress,
	      (unsigned long long)r.time_ns, (unsigned long long)r.window_ns,
	      the.counted);
	the.asked |= !!(ag_core_sample(&the.core, &r) & AG_EV_RETARGET);
	if (c->phase.now != phase || c->workload.now != workload)
		event("phase", "old=%s new=%s workload=%s confidence_permille=%u held_us=1",
		      ag_phase_name(phase, workload),
		      ag_phase_name(c->phase.now, c->workload.now),
		      ag_workload_name(c->workload.now), c->phase.confidence);
}

/* Windows in turns: 300 ms of arithmetic, 700 ms of memory. */
static void windows(unsigned int nr)
{
	uint32_t khz = 1925000;
	unsigned int i;
	bool pending;

	for (i = 0; i < nr; i++) {
		the.now_ns += the.period_ns;
		pending = the.late && the.asked && the.core.samples;
		if (pending)
			decide();
		if (i % 100 < 30)
			sample(850, 200, khz);
		else
			sample(120, 900, khz);
		khz = the.core.target_khz ? the.core.target_khz : khz;
		if (!the.late && the.asked) {
			decide();
			pending = true;
		}
		/* Late: decided before this sample, so not for what it asked. */
		if (pending)
			apply("signal");
	}
}

static void set_knob(const char *key, int64_t value)
{
	event("policy", "action=set key=%s value=%lld", key, (long long)value);
	the.asked = true;
}

static void run(unsigned int nr)
{
	struct ag_config cfg = the.core.cfg;

	tell_start();
	set_knob("slowdown_budget_permille", 80);
	cfg.budget_permille = 80;
	EXPECT_EQ(ag_core_configure(&the.core, &cfg), 0);
	windows(nr);
	regoverned_finish(&the.again);
}

TEST(each_decision_is_the_same)
{
	struct regoverned *g = &the.again;
	struct ag_config cfg;

	begin();
	run(3000);
	EXPECT_TRUE(g->seen);
	EXPECT_TRUE(g->exact);
	EXPECT_STREQ(g->why, "");
	EXPECT_STREQ(g->differs, "");
	EXPECT_EQ(g->samples, 3000);
	EXPECT_EQ(g->phases_same, 3000);
	EXPECT_GE(g->decisions, 40);
	EXPECT_EQ(g->decisions_same, g->decisions);
	EXPECT_EQ(memcmp(&the.core, g->priv.core, sizeof(the.core)), 0);
	/* A lease with other knobs, silence, a resume: the state stays the same. */
	event("policy", "action=lease-start key=lease_ms value=3000");
	cfg = the.core.cfg;
	set_knob("phases/memory/min_freq_hz", 900000001);
	set_knob("phases/memory/max_freq_hz", 1200000000);
	set_knob("phases/compute/slowdown_budget_permille", 10);
	set_knob("power_cap_uw", 300000000);
	set_knob("sample_period_us", 20000);
	set_knob("idle/enable", 0);
	the.core.cfg.phase[ACCELGOV_PHASE_MEMORY].min_khz = 900001;
	the.core.cfg.phase[ACCELGOV_PHASE_MEMORY].max_khz = 1200000;
	the.core.cfg.phase[ACCELGOV_PHASE_COMPUTE].budget_permille = 10;
	the.core.cfg.power_cap_mw = 300000;
	the.core.cfg.sample_period_us = 20000;
	EXPECT_EQ(ag_core_configure(&the.core, &the.core.cfg), 0);
	windows(500);
	event("policy", "action=lease-expired key=lease_ms value=0");
	EXPECT_EQ(ag_core_configure(&the.core, &cfg), 0);
	the.asked = true;
	windows(300);
	the.now_ns += 40 * MS;
	event("fallback", "active=1 silent_us=40000 time_ns=%llu",
	      (unsigned long long)the.now_ns);
	ag_core_lost_signals(&the.core, the.now_ns);
	the.core.planned_khz = 1175000;
	the.decided = (struct ag_decision){ .khz = 1175000, .reason = AG_REASON_FALLBACK };
	apply("stale");
	the.asked = true;
	windows(300);
	the.now_ns += 100 * MS;
	ag_core_woke(&the.core, the.now_ns);
	govern("woke", 0, 0);
	the.asked = true;
	windows(300);
	govern("stop", 0, 0);
	EXPECT_TRUE(g->exact);
	EXPECT_STREQ(g->differs, "");
	EXPECT_EQ(g->samples, 4400);
	EXPECT_EQ(g->phases_same, 4400);
	EXPECT_EQ(g->decisions_same, g->decisions);
	EXPECT_EQ(g->by_busy, 1);
	EXPECT_EQ(memcmp(&the.core, g->priv.core, sizeof(the.core)), 0);
}

static void expect_the_same(void);

/* What the governor was told of the device decides as well. */
TEST(what_was_told_of_a_switch_is_known)
{
	begin();
	the.switch_us = 120000;
	the.halt_us = 9000;
	ag_core_switching(&the.core, the.switch_us, the.halt_us);
	run(3000);
	expect_the_same();
	EXPECT_EQ(the.again.priv.core->halt_us, 9000);
	/* Modules of before do not say. */
	begin();
	event("govern", "what=point time_ns=%llu khz=500000 mv=700",
	      (unsigned long long)the.now_ns);
	event("govern", "what=start time_ns=%llu khz=0 mv=0",
	      (unsigned long long)the.now_ns);
	EXPECT_TRUE(the.again.exact);
	EXPECT_EQ(the.again.priv.core->halt_us, 0);
}

static void expect_the_same(void)
{
	const struct regoverned *g = &the.again;

	EXPECT_TRUE(g->exact);
	EXPECT_STREQ(g->differs, "");
	EXPECT_GE(g->decisions, 40);
	EXPECT_EQ(g->decisions_same, g->decisions);
	EXPECT_EQ(memcmp(&the.core, g->priv.core, sizeof(the.core)), 0);
}

/* The work item was late: a sample came between deciding and the driver. */
TEST(a_decision_may_be_of_before_the_last_sample)
{
	begin();
	the.late = true;
	run(3000);
	expect_the_same();
}

/*
 * Of long windows whose work nobody counts it matters who tells the clock: one that is
 * told is late, and the first window at it teaches nothing.
 */
TEST(a_counted_clock_is_known_for_one)
{
	struct ag_sens told = { 0 };
	unsigned int counted;

	for (counted = 0; counted < 2; counted++) {
		begin();
		the.period_ns = 100 * MS;
		the.counted = counted;
		the.blind = true;
		run(3000);
		expect_the_same();
		EXPECT_TRUE(memcmp(&told, &the.core.sens, sizeof(told)));
		told = the.core.sens;
	}
}

static void expect_noticed(const char *kind, unsigned int which,
			   enum tamper tamper, const char *text)
{
	struct regoverned *g = &the.again;

	begin();
	the.event = kind;
	the.which = which;
	the.tamper = tamper;
	run(3000);
	EXPECT_TRUE(g->exact);
	EXPECT_TRUE(g->decisions_same < g->decisions || g->phases_same < g->samples);
	EXPECT_TRUE(g->differs_ns);
	if (!strstr(g->differs, text))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", text,
			  g->differs);
}

TEST(what_is_not_the_same_is_noticed)
{
	expect_noticed("decision", 20, OTHER_CLOCK, "kHz for");
	expect_noticed("decision", 20, OTHER_REASON, "for cap, which is");
	expect_noticed("decision", 20, DROP, "");
	expect_noticed("phase", 5, OTHER_PHASE, ", which is inference-");
	/* A setting that the core did not hear of. */
	expect_noticed("policy", 0, DROP, "");
	/* Nor of one of its windows. */
	expect_noticed("signal", 700, DROP, "");
}

/* Nothing was decided for more than a second, though it was asked for. */
TEST(a_decision_that_never_came_is_noticed)
{
	struct regoverned *g = &the.again;
	uint64_t decisions;
	unsigned int i;

	begin();
	run(1000);
	decisions = g->decisions;
	EXPECT_EQ(g->decisions_same, decisions);
	set_knob("slowdown_budget_permille", 80);
	EXPECT_EQ(ag_core_configure(&the.core, &the.core.cfg), 0);
	for (i = 0; i < 150; i++) {
		the.now_ns += PERIOD_NS;
		sample(120, 900, the.core.target_khz);
	}
	decide();
	apply("signal");
	EXPECT_EQ(g->decisions, decisions + 2);
	EXPECT_EQ(g->decisions_same, decisions + 1);
	EXPECT_TRUE(strstr(g->differs, "nothing was decided for 1"));
}

TEST(what_is_not_known_is_not_compared)
{
	static const struct {
		const char *fields;
		const char *why;
	} cases[] = {
		{ "action=attach key=edp value=1", "policy in BPF" },
		{ "action=set key=what/is/that value=1", "not known here" },
		{ "action=set key=phases/nothing/min_freq_hz value=1", "not known here" },
		{ "action=set key=slowdown_budget_permille value=1001", "not known here" },
	};
	struct recording_entry missed = {
		.kind = RECORDING_GOVERN,
		.govern = { .what = RECORDING_MISSED },
	};
	struct regoverned *g = &the.again;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		run(200);
		event("policy", "%s", cases[i].fields);
		EXPECT_FALSE(g->exact);
		EXPECT_TRUE(strstr(g->why, cases[i].why));
		windows(100);
		EXPECT_EQ(g->samples, 200);
	}
	begin();
	run(200);
	missed.time_ns = the.now_ns;
	hand_on(&missed);
	EXPECT_FALSE(g->exact);
	EXPECT_TRUE(strstr(g->why, "not in the recording"));
	begin();
	run(200);
	govern("limited", 0, 0);
	EXPECT_FALSE(g->exact);
	EXPECT_TRUE(strstr(g->why, "power cap"));
	/* Governed before the recording began: nothing to begin with. */
	begin();
	windows(100);
	regoverned_finish(g);
	EXPECT_FALSE(g->seen);
	EXPECT_FALSE(g->exact);
	EXPECT_EQ(g->samples + g->decisions, 0);
}

/* A second life with other points. */
TEST(each_start_begins_anew)
{
	struct regoverned *g = &the.again, kept;
	uint64_t samples;

	begin();
	run(500);
	govern("stop", 0, 0);
	samples = g->samples;
	kept = *g;
	memset(g, 0, sizeof(*g));
	begin();
	*g = kept;
	run(500);
	EXPECT_TRUE(g->exact);
	EXPECT_EQ(g->samples, samples + 500);
	EXPECT_EQ(g->phases_same, g->samples);
	EXPECT_EQ(g->decisions_same, g->decisions);
}

static int entry_of(const char *text)
{
	struct recording_entry e = { .time_ns = 7 };
	struct traceline t;
	int ret;

	if (traceline_parse(text, &t))
		return -ENOENT;
	ret = traced_entry(&t, &e);
	if (ret != 1)
		EXPECT_EQ(e.time_ns, 7);
	return ret;
}

TEST(events_of_another_version_are_refused)
{
	static const char *const bad[] = {
		"a-1 [000] ... 1.000000: signal: dev=x valid=0x1 busy_permille=10",
		"a-1 [000] ... 1.000000: signal: dev=x valid=0x1 busy_permille=-1 time_ns=5 window_ns=4",
		"a-1 [000] ... 1.000000: signal: dev=x valid=0x1 busy_permille=1 time_ns=5 window_ns=6",
		"a-1 [000] ... 1.000000: signal: dev=x valid=0x800 busy_permille=1 time_ns=5 window_ns=4",
		"a-1 [000] ... 1.000000: decision: dev=x old_khz=1 new_khz=2 reason=phase",
		"a-1 [000] ... 1.000000: decision: dev=x new_khz=5000000000 reason=a min_khz=1 max_khz=2 set_ns=4",
		"a-1 [000] ... 1.000000: govern: dev=x what=dance time_ns=1 khz=0 mv=0",
		"a-1 [000] ... 1.000000: govern: dev=x what=set time_ns=1 khz=0 mv=0",
		"a-1 [000] ... 1.000000: phase: dev=x old=a new=b workload=c confidence_permille=1",
		"a-1 [000] ... 1.000000: phase: dev=x old=idle new=idle workload=unknown confidence_permille=1001",
		"a-1 [000] ... 1.000000: fallback: dev=x active=1 silent_us=3",
		"a-1 [000] ... 1.000000: policy: dev=x action=set value=3",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (entry_of(bad[i]) != -EINVAL)
			unit_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	EXPECT_EQ(entry_of("a-1 [000] ... 1.000000: guard: dev=x engaged=1"), 0);
	EXPECT_EQ(entry_of("a-1 [000] ... 1.000000: policy: dev=x action=detach key=e value=0"),
		  0);
	EXPECT_EQ(entry_of("a-1 [000] ... 1.0: fallback: dev=x active=0 silent_us=1 time_ns=2"),
		  0);
}
