// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the daemon's configuration
 *
 * A loaded configuration is the list of its assignments in the order they were
 * read. What applies to a device is found by walking the list: the last match
 * of each key wins.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../kmod/uapi/accelgov_proxy.h"
#include "callbudget.h"
#include "config.h"
#include "ini.h"
#include "pace.h"
#include "suggest.h"
#include "textfile.h"
#include "units.h"

#define FILE_MAX (1 << 20)

enum section {
	SECTION_DAEMON,
	SECTION_DEVICE,
	SECTION_PHASE,
	SECTION_NR,
	/* Its header was bad: what it holds is skipped, not misread. */
	SECTION_BROKEN = SECTION_NR,
};

static const char *const section_names[] = {
	[SECTION_DAEMON] = "Daemon",
	[SECTION_DEVICE] = "Device",
	[SECTION_PHASE] = "Phase",
	NULL
};

enum key {
	KEY_LEASE,
	KEY_SAMPLE_PERIOD_ALL,
	KEY_MODE_ALL,
	KEY_PROBES,
	KEY_PROBES_COST,
	KEY_READINGS_COST,
	KEY_GOVERNOR,
	KEY_MODE,
	KEY_BUDGET,
	KEY_CAP,
	KEY_SAMPLE_PERIOD,
	KEY_IDLE,
	KEY_BREAK_EVEN,
	KEY_MAX_LATENCY,
	KEY_WAKE_LATENCY,
	KEY_MAX_MEM,
	KEY_PROFILE,
	KEY_SWITCH,
	KEY_HALT,
	KEY_PHASE_MIN,
	KEY_PHASE_MAX,
	KEY_PHASE_BUDGET,
	KEY_NR,
};

/* Ranges are those of the sysfs files: see Documentation/ABI/testing. */
static const struct {
	enum section section;
	const char *name;
	enum unit unit;
	int64_t min;
	int64_t max;
} keys[KEY_NR] = {
	[KEY_LEASE] = { SECTION_DAEMON, "Lease", UNIT_TIME,
			1000000, 60000000 },
	[KEY_SAMPLE_PERIOD_ALL] = { SECTION_DAEMON, "SamplePeriod", UNIT_TIME,
				    1000, 100000 },
	[KEY_MODE_ALL] = { SECTION_DAEMON, "Mode" },
	[KEY_PROBES] = { SECTION_DAEMON, "Probes", UNIT_BOOL, 0, 1 },
	[KEY_PROBES_COST] = { SECTION_DAEMON, "ProbesCost", UNIT_SHARE, 1, 100 },
	[KEY_READINGS_COST] = { SECTION_DAEMON, "ReadingsCost", UNIT_SHARE, 1, 1000 },
	[KEY_GOVERNOR] = { SECTION_DEVICE, "Governor" },
	[KEY_MODE] = { SECTION_DEVICE, "Mode" },
	[KEY_BUDGET] = { SECTION_DEVICE, "SlowdownBudget", UNIT_SHARE,
			 0, 1000 },
	[KEY_CAP] = { SECTION_DEVICE, "PowerCap", UNIT_POWER,
		      0, 100000000000 },
	[KEY_SAMPLE_PERIOD] = { SECTION_DEVICE, "SamplePeriod", UNIT_TIME,
				1000, 100000 },
	[KEY_IDLE] = { SECTION_DEVICE, "Idle", UNIT_BOOL, 0, 1 },
	[KEY_BREAK_EVEN] = { SECTION_DEVICE, "BreakEven", UNIT_TIME,
			     0, 3600000000 },
	[KEY_MAX_LATENCY] = { SECTION_DEVICE, "MaxWakeLatency", UNIT_TIME,
			      0, 3600000000 },
	[KEY_WAKE_LATENCY] = { SECTION_DEVICE, "WakeLatency", UNIT_TIME,
			       0, 3600000000 },
	[KEY_MAX_MEM] = { SECTION_DEVICE, "MaxMemoryFreq", UNIT_FREQ,
			  1000000, 100000000000 },
	[KEY_PROFILE] = { SECTION_DEVICE, "PowerProfile", UNIT_COUNT, 0, 254 },
	[KEY_SWITCH] = { SECTION_DEVICE, "ClockSwitch", UNIT_TIME,
			 0, ACCELGOV_PROXY_SWITCH_MAX_US },
	[KEY_HALT] = { SECTION_DEVICE, "ClockHalt", UNIT_TIME,
		       0, ACCELGOV_PROXY_SWITCH_MAX_US },
	[KEY_PHASE_MIN] = { SECTION_PHASE, "MinFreq", UNIT_FREQ,
			    0, 100000000000 },
	[KEY_PHASE_MAX] = { SECTION_PHASE, "MaxFreq", UNIT_FREQ,
			    0, 100000000000 },
	[KEY_PHASE_BUDGET] = { SECTION_PHASE, "SlowdownBudget", UNIT_SHARE,
			       0, 1000 },
};

/* One assignment. */
struct entry {
	enum key key;
	char glob[DEVICE_NAME_LEN];
	unsigned int phase;
	bool reset;
	int64_t value;
	char text[DEVICE_GOVERNOR_LEN + 1];
};

struct config {
	struct entry *entry;
	size_t nr;
	struct names files;
};

/* State of reading one file. */
struct loader {
	struct config *config;
	config_problem_fn *problem;
	void *arg;
	const char *file;
	enum section section;
	char glob[DEVICE_NAME_LEN];
	unsigned int phase;
	bool bad;
	int error;
};

static void __attribute__((format(printf, 3, 4)))
complain(struct loader *l, unsigned int line, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	l->bad = true;
	l->problem(l->arg, l->file, line, text);
}

static void on_problem(void *arg, unsigned int line, const char *text)
{
	complain(arg, line, "%s", text);
}

static void complain_unknown(struct loader *l, unsigned int line,
			     const char *what, const char *word,
			     const char *const *known)
{
	const char *near = suggest(word, known);

	complain(l, line, "unknown %s \"%.64s\"%s%s%s", what, word,
		 near ? ", did you mean \"" : "", near ? near : "",
		 near ? "\"?" : "");
}

static bool take_glob(struct loader *l, unsigned int line, const char *glob)
{
	if (strlen(glob) >= sizeof(l->glob) || strpbrk(glob, "/ \t")) {
		complain(l, line,
			 "\"%.80s\" can't match a device: names of /sys/class/devfreq with *, ? and [] are expected",
			 glob);
		return false;
	}
	strcpy(l->glob, glob);
	return true;
}

static bool take_phase(struct loader *l, unsigned int line, const char *name)
{
	const char *known[ACCELGOV_PHASE_NR + 1] = { 0 };
	unsigned int phase, nr = 0;

	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		if (!phase_name(phase))
			continue;
		if (!strcmp(phase_name(phase), name)) {
			l->phase = phase;
			return true;
		}
		known[nr++] = phase_name(phase);
	}
	complain_unknown(l, line, "phase", name, known);
	return false;
}

static bool take_section_args(struct loader *l, unsigned int line,
			      enum section section, char *args)
{
	char *name;

	switch (section) {
	case SECTION_DAEMON:
		if (!args)
			return true;
		complain(l, line, "[Daemon] takes no argument");
		return false;
	case SECTION_DEVICE:
		if (args)
			return take_glob(l, line, args);
		complain(l, line,
			 "[Device] needs the device it is for, such as [Device accelsim.*]");
		return false;
	default:
		name = strsep(&args, " \t");
		if (!name) {
			complain(l, line,
				 "[Phase] needs the phase it is for, such as [Phase memory]");
			return false;
		}
		while (args && (*args == ' ' || *args == '\t'))
			args++;
		return take_phase(l, line, name) &&
		       take_glob(l, line, args ? args : "*");
	}
}

static void on_section(void *arg, unsigned int line, const char *header)
{
	struct loader *l = arg;
	char text[256], *args = text, *name;
	unsigned int section;

	l->section = SECTION_BROKEN;
	if (!header)
		return;
	if (strlen(header) >= sizeof(text)) {
		complain(l, line, "the section header is too long");
		return;
	}
	strcpy(text, header);
	name = strsep(&args, " \t");
	while (args && (*args == ' ' || *args == '\t'))
		args++;
	for (section = 0; section < SECTION_NR; section++)
		if (!strcmp(section_names[section], name))
			break;
	if (section == SECTION_NR)
		complain_unknown(l, line, "section", name, section_names);
	else if (take_section_args(l, line, section, args))
		l->section = section;
}

static int find_key(const struct loader *l, const char *name)
{
	int key;

	for (key = 0; key < KEY_NR; key++)
		if (keys[key].section == l->section &&
		    !strcmp(keys[key].name, name))
			return key;
	return -ENOENT;
}

static void complain_key(struct loader *l, unsigned int line, const char *name)
{
	const char *known[KEY_NR + 1] = { 0 };
	char what[48];
	int key, nr = 0;

	for (key = 0; key < KEY_NR; key++)
		if (keys[key].section == l->section)
			known[nr++] = keys[key].name;
	snprintf(what, sizeof(what), "key in [%s]", section_names[l->section]);
	complain_unknown(l, line, what, name, known);
}

static bool take_governor(struct loader *l, unsigned int line,
			  struct entry *entry, const char *value)
{
	if (strlen(value) > DEVICE_GOVERNOR_LEN - 1 || strpbrk(value, "/ \t")) {
		complain(l, line,
			 "Governor=%.64s can't be a governor: a name such as accelgov, or keep, is expected",
			 value);
		return false;
	}
	/* "keep" is what no assignment means. */
	entry->reset = !strcmp(value, "keep");
	if (!entry->reset)
		strcpy(entry->text, value);
	return true;
}

static bool take_mode(struct loader *l, unsigned int line, struct entry *entry,
		      const char *value)
{
	if (!strcmp(value, "observe")) {
		entry->value = CONFIG_MODE_OBSERVE;
	} else if (!strcmp(value, "active")) {
		entry->value = CONFIG_MODE_ACTIVE;
	} else {
		complain(l, line,
			 "Mode=%.64s is not understood: observe or active is expected",
			 value);
		return false;
	}
	return true;
}

static bool take_number(struct loader *l, unsigned int line,
			struct entry *entry, const char *value)
{
	char low[24], high[24];
	enum key key = entry->key;
	int ret = unit_parse(keys[key].unit, value, &entry->value);

	if (ret == -EDOM) {
		complain(l, line, "%s=%.64s is finer than can be set",
			 keys[key].name, value);
		return false;
	}
	if (ret && ret != -ERANGE) {
		complain(l, line, "%s=%.64s is not understood: %s is expected",
			 keys[key].name, value, unit_example(keys[key].unit));
		return false;
	}
	if (ret || entry->value < keys[key].min ||
	    entry->value > keys[key].max) {
		complain(l, line, "%s=%.64s is out of range: %s to %s",
			 keys[key].name, value,
			 unit_format(keys[key].unit, keys[key].min, low,
				     sizeof(low)),
			 unit_format(keys[key].unit, keys[key].max, high,
				     sizeof(high)));
		return false;
	}
	return true;
}

/* Back ends count memory clocks in kHz. */
static bool take_mem_clock(struct loader *l, unsigned int line,
			   struct entry *entry, const char *value)
{
	if (!take_number(l, line, entry, value))
		return false;
	if (entry->value % 1000) {
		complain(l, line, "MaxMemoryFreq=%.64s is finer than can be set",
			 value);
		return false;
	}
	entry->value /= 1000;
	return true;
}

static bool take_profile(struct loader *l, unsigned int line,
			 struct entry *entry, const char *value)
{
	if (strcmp(value, "none"))
		return take_number(l, line, entry, value);
	entry->value = -1;
	return true;
}

static bool take_value(struct loader *l, unsigned int line,
		       struct entry *entry, const char *value)
{
	entry->reset = !*value;
	if (entry->reset)
		return true;
	switch (entry->key) {
	case KEY_GOVERNOR:
		return take_governor(l, line, entry, value);
	case KEY_MODE:
	case KEY_MODE_ALL:
		return take_mode(l, line, entry, value);
	case KEY_MAX_MEM:
		return take_mem_clock(l, line, entry, value);
	case KEY_PROFILE:
		return take_profile(l, line, entry, value);
	default:
		return take_number(l, line, entry, value);
	}
}

static void add_entry(struct loader *l, const struct entry *entry)
{
	struct config *c = l->config;
	struct entry *more;

	more = reallocarray(c->entry, c->nr + 1, sizeof(*more));
	if (!more) {
		l->error = -ENOMEM;
		return;
	}
	c->entry = more;
	more[c->nr++] = *entry;
}

static void on_value(void *arg, unsigned int line, const char *name,
		     const char *value)
{
	struct loader *l = arg;
	struct entry entry = { .phase = l->phase };
	int key;

	if (l->section == SECTION_BROKEN)
		return;
	key = find_key(l, name);
	if (key < 0) {
		complain_key(l, line, name);
		return;
	}
	entry.key = key;
	strcpy(entry.glob, l->glob);
	if (take_value(l, line, &entry, value))
		add_entry(l, &entry);
}

static int remember_file(struct config *config, const char *path)
{
	struct names *files = &config->files;
	char **more;

	more = reallocarray(files->name, files->nr + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	files->name = more;
	more[files->nr] = strdup(path);
	if (!more[files->nr])
		return -ENOMEM;
	files->nr++;
	return 0;
}

static void load_file(struct loader *l, const char *path)
{
	const struct ini_handler handler = {
		.section = on_section,
		.value = on_value,
		.problem = on_problem,
		.arg = l,
	};
	char *text = NULL;
	size_t len = 0;
	int ret;

	l->file = path;
	l->section = SECTION_BROKEN;
	ret = textfile_read(path, FILE_MAX, &text, &len);
	if (ret) {
		complain(l, 0, "can't be read: %s", textfile_error(ret));
		return;
	}
	ini_parse(text, len, &handler);
	free(text);
	if (!l->error)
		l->error = remember_file(l->config, path);
}

static bool is_drop_in(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf");
}

/* Byte order, as systemd sorts its drop-ins: 10-a.conf before 9-b.conf. */
static int compare_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load_drop_ins(struct loader *l, const char *dir)
{
	struct sysfs root;
	struct names names;
	char path[512];
	size_t i;

	if (sysfs_open(&root, dir))
		return;
	if (!sysfs_list(&root, &names, "conf.d")) {
		if (names.nr)
			qsort(names.name, names.nr, sizeof(*names.name),
			      compare_bytes);
		for (i = 0; i < names.nr; i++) {
			if (!is_drop_in(names.name[i]))
				continue;
			snprintf(path, sizeof(path), "%s/conf.d/%s", dir,
				 names.name[i]);
			load_file(l, path);
		}
		names_free(&names);
	}
	sysfs_close(&root);
}

int config_load(const char *dir, struct config **ret_config,
		config_problem_fn *problem, void *arg)
{
	struct loader l = { .problem = problem, .arg = arg };
	char path[512];

	l.config = calloc(1, sizeof(*l.config));
	if (!l.config)
		return -ENOMEM;
	if (access(dir, F_OK) && strcmp(dir, CONFIG_DIR)) {
		l.file = dir;
		complain(&l, 0, "can't be read: %s", strerror(errno));
	}
	snprintf(path, sizeof(path), "%s/accelgov.conf", dir);
	if (!access(path, F_OK))
		load_file(&l, path);
	load_drop_ins(&l, dir);

	if (l.bad || l.error) {
		config_free(l.config);
		return l.error ? l.error : -EINVAL;
	}
	*ret_config = l.config;
	return 0;
}

struct config *config_free(struct config *config)
{
	if (config) {
		names_free(&config->files);
		free(config->entry);
		free(config);
	}
	return NULL;
}

const struct names *config_files(const struct config *config)
{
	return &config->files;
}

/* The last assignment to a key of the daemon's section counts; an empty one is none. */
static int64_t daemon_value(const struct config *config, enum key key,
			    int64_t value)
{
	int64_t fallback = value;
	size_t i;

	for (i = 0; i < config->nr; i++)
		if (config->entry[i].key == key)
			value = config->entry[i].reset ?
				fallback : config->entry[i].value;
	return value;
}

int64_t config_lease_us(const struct config *config)
{
	return daemon_value(config, KEY_LEASE, CONFIG_LEASE_US);
}

bool config_probes(const struct config *config)
{
	return daemon_value(config, KEY_PROBES, true);
}

uint32_t config_probes_permille(const struct config *config)
{
	return (uint32_t)daemon_value(config, KEY_PROBES_COST,
				      CALLBUDGET_PERMILLE);
}

uint32_t config_readings_permille(const struct config *config)
{
	return (uint32_t)daemon_value(config, KEY_READINGS_COST, PACE_PERMILLE);
}

static struct reading *target(struct config_device *dev,
			      const struct entry *entry)
{
	struct config_phase *phase = &dev->phase[entry->phase];

	switch (entry->key) {
	case KEY_BUDGET:
		return &dev->budget_permille;
	case KEY_CAP:
		return &dev->cap_uw;
	case KEY_SAMPLE_PERIOD:
		return &dev->sample_period_us;
	case KEY_IDLE:
		return &dev->idle;
	case KEY_BREAK_EVEN:
		return &dev->break_even_us;
	case KEY_MAX_LATENCY:
		return &dev->max_latency_us;
	case KEY_WAKE_LATENCY:
		return &dev->wake_latency_us;
	case KEY_MAX_MEM:
		return &dev->max_mem_khz;
	case KEY_PROFILE:
		return &dev->power_profile;
	case KEY_SWITCH:
		return &dev->switch_us;
	case KEY_HALT:
		return &dev->halt_us;
	case KEY_PHASE_MIN:
		return &phase->min_freq_hz;
	case KEY_PHASE_MAX:
		return &phase->max_freq_hz;
	case KEY_PHASE_BUDGET:
		return &phase->budget_permille;
	default:
		return NULL;
	}
}

static enum config_mode mode_of(const struct entry *entry)
{
	return entry->reset ? CONFIG_MODE_UNSET :
			      (enum config_mode)entry->value;
}

/* Keys of [Device] that are no numbers. */
static void take_word(struct config_device *dev, const struct entry *entry)
{
	if (entry->key == KEY_GOVERNOR)
		strcpy(dev->governor, entry->text);
	else if (entry->key == KEY_MODE)
		dev->mode = mode_of(entry);
}

void config_device(const struct config *config, const char *name,
		   struct config_device *ret_device)
{
	enum config_mode mode = CONFIG_MODE_UNSET;
	struct reading sample_period_us = { 0 }, *r;
	struct config_device dev = { 0 };
	const struct entry *entry;
	size_t i;

	for (i = 0; i < config->nr; i++) {
		entry = &config->entry[i];
		r = entry->key == KEY_SAMPLE_PERIOD_ALL ? &sample_period_us :
		    entry->glob[0] && !fnmatch(entry->glob, name, 0) ?
		    target(&dev, entry) : NULL;
		if (r)
			*r = (struct reading){ entry->value, !entry->reset };
		else if (entry->key == KEY_MODE_ALL)
			mode = mode_of(entry);
		else if (entry->glob[0] && !fnmatch(entry->glob, name, 0))
			take_word(&dev, entry);
	}
	if (!dev.mode)
		dev.mode = mode;
	if (!dev.sample_period_us.known)
		dev.sample_period_us = sample_period_us;
	*ret_device = dev;
}
