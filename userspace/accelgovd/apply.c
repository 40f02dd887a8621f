// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - configuration to sysfs, and back
 *
 * Each change is recorded on disk before it is made, with the value that was
 * there before; one that can't be recorded is not made. Values of a governed
 * device are written while a lease runs, so that the kernel withdraws them by
 * itself when this daemon stops to be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "bridge.h"
#include "log.h"

#define CLASS "sys/class/devfreq/%s/"

static bool has_changes(const struct state_device *dev)
{
	return dev->leased || dev->governor_was[0] || dev->nr_knobs;
}

/* Said once, however often it is tried. */
static int note_record(struct daemon *d, int ret)
{
	bool before = d->record_problem[0];

	if (!ret) {
		if (before)
			log_notice("changes can be recorded in %s again",
				   d->state_path);
		d->record_problem[0] = '\0';
		return 0;
	}
	snprintf(d->record_problem, sizeof(d->record_problem),
		 "%s can't be written: %s", d->state_path, strerror(-ret));
	if (!before)
		log_err("%s; what can't be recorded is not changed, and limits are given up until it can",
			d->record_problem);
	return ret;
}

int apply_save(struct daemon *d)
{
	struct state state = {
		.pid = getpid(),
		.start_time = process_start_time(getpid()),
	};
	size_t i;
	int ret;

	state.device = calloc(d->nr_devices + 1, sizeof(*state.device));
	if (!state.device || bridges_record(d->bridges, &state)) {
		state_free(&state);
		return note_record(d, -ENOMEM);
	}
	for (i = 0; i < d->nr_devices; i++)
		if (has_changes(&d->device[i]->changes))
			state.device[state.nr_devices++] =
				d->device[i]->changes;
	ret = state_save(&state, d->state_path);
	state_free(&state);
	return note_record(d, ret);
}

static void __attribute__((format(printf, 2, 3)))
complain(struct managed *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->policy_problem, sizeof(m->policy_problem), fmt, args);
	va_end(args);
	log_warn("%s: %s", m->changes.name, m->policy_problem);
}

static void set_governor(struct daemon *d, struct managed *m,
			 const char *current, const char *wanted)
{
	struct state_device *dev = &m->changes;
	bool first = !dev->governor_was[0];
	int ret;

	if (first)
		strcpy(dev->governor_was, current);
	strcpy(dev->governor_now, wanted);
	if (apply_save(d)) {
		if (first)
			dev->governor_was[0] = '\0';
		strcpy(dev->governor_now, current);
		complain(m, "governor %s is not set: %s", wanted,
			 d->record_problem);
		return;
	}
	ret = sysfs_write(&d->sysfs, wanted, CLASS "governor", dev->name);
	if (!ret) {
		m->policy_problem[0] = '\0';
		log_info("%s: governor %s (was %s)", dev->name, wanted,
			 current);
		return;
	}
	if (first)
		dev->governor_was[0] = '\0';
	strcpy(dev->governor_now, current);
	apply_save(d);
	complain(m, "governor %s can't be set: %s%s", wanted, strerror(-ret),
		 ret == -EINVAL ? "; is its module loaded?" : "");
}

static void give_back_governor(struct daemon *d, struct managed *m,
			       const char *current)
{
	struct state_device *dev = &m->changes;
	int ret = 0;

	if (!strcmp(current, dev->governor_now))
		ret = sysfs_write(&d->sysfs, dev->governor_was,
				  CLASS "governor", dev->name);
	if (ret)
		log_warn("%s: governor %s can't be set back: %s", dev->name,
			 dev->governor_was, strerror(-ret));
	else
		log_info("%s: governor %s is back", dev->name,
			 dev->governor_was);
	dev->governor_was[0] = '\0';
	apply_save(d);
}

int apply_governor(struct daemon *d, struct managed *m,
		   const struct config_device *config)
{
	char current[DEVICE_GOVERNOR_LEN + 1];
	struct state_device *dev = &m->changes;

	/* A recorded file that is just being written is empty, and nobody's choice. */
	if (sysfs_read(&d->sysfs, current, sizeof(current), CLASS "governor",
		       dev->name) || !current[0])
		return -EAGAIN;
	if (!config->governor[0]) {
		if (dev->governor_was[0])
			give_back_governor(d, m, current);
		return 0;
	}
	if (!m->governor_tried && strcmp(current, config->governor)) {
		set_governor(d, m, current, config->governor);
	} else if (m->governor_tried && dev->governor_was[0] &&
		   strcmp(current, dev->governor_now)) {
		log_notice("%s: somebody chose governor %s, leaving it",
			   dev->name, current);
		dev->governor_was[0] = '\0';
		apply_save(d);
	}
	m->governor_tried = true;
	return 0;
}

int apply_lease(struct daemon *d, struct managed *m)
{
	char value[24];
	int ret;

	if (!m->changes.leased) {
		m->changes.leased = true;
		ret = apply_save(d);
		if (ret) {
			m->changes.leased = false;
			return ret;
		}
	}
	snprintf(value, sizeof(value), "%" PRId64,
		 config_lease_us(d->config) / 1000);
	ret = sysfs_write(&d->sysfs, value, CLASS "accelgov/lease_ms",
			  m->changes.name);
	if (ret && ret != -ENOENT && ret != -ENODEV)
		log_warn("%s: lease of %s ms can't be set: %s",
			 m->changes.name, value, strerror(-ret));
	return ret;
}

static struct state_knob *find_knob(struct state_device *dev, const char *attr)
{
	size_t i;

	for (i = 0; i < dev->nr_knobs; i++)
		if (!strcmp(dev->knob[i].attr, attr))
			return &dev->knob[i];
	return NULL;
}

static void drop_knob(struct state_device *dev, struct state_knob *knob)
{
	struct state_knob *end = &dev->knob[dev->nr_knobs];

	memmove(knob, knob + 1, (char *)end - (char *)(knob + 1));
	dev->nr_knobs--;
}

/*
 * Record what is there before it is written over.
 *
 * Return: 0, or a negative errno when it can't be read, which is told unless it is
 * not there and that is @fine.
 */
static int record_knob(struct daemon *d, struct managed *m,
		       const struct policy_knob *want, bool fine)
{
	struct state_device *dev = &m->changes;
	struct state_knob *knob = find_knob(dev, want->attr);
	char was[POLICY_VALUE_LEN];
	int ret;

	if (!knob) {
		ret = sysfs_read(&d->sysfs, was, sizeof(was), CLASS "%s",
				 dev->name, want->attr);
		if (ret) {
			if (ret != -ENOENT || !fine)
				complain(m, "%s can't be read: %s", want->attr,
					 strerror(-ret));
			return ret;
		}
		knob = &dev->knob[dev->nr_knobs++];
		strcpy(knob->attr, want->attr);
		strcpy(knob->was, was);
	}
	strcpy(knob->now, want->value);
	return 0;
}

/* Return: false when another try may succeed, unless it is the @last. */
static bool write_knob(struct daemon *d, struct managed *m,
		       const struct policy_knob *want, bool last)
{
	struct state_device *dev = &m->changes;
	struct state_knob *knob = find_knob(dev, want->attr);
	int ret;

	ret = sysfs_write(&d->sysfs, want->value, CLASS "%s", dev->name,
			  want->attr);
	if (ret == -EINVAL && !last)
		return false;
	if (ret) {
		complain(m, "%s does not take %s: %s", want->attr, want->value,
			 strerror(-ret));
		drop_knob(dev, knob);
		return true;
	}
	log_debug("%s: %s %s (was %s)", dev->name, want->attr, want->value,
		  knob->was);
	/* The kernel may have rounded it: what it shows is what is ours. */
	sysfs_read(&d->sysfs, knob->now, sizeof(knob->now), CLASS "%s",
		   dev->name, want->attr);
	return true;
}

static bool wanted(const struct policy_knob *want, size_t nr, const char *attr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(want[i].attr, attr))
			return true;
	return false;
}

/* Take back knobs that a reload dropped, unless somebody else set them since. */
static void withdraw_knobs(struct daemon *d, struct managed *m,
			   const struct policy_knob *want, size_t nr)
{
	struct state_device *dev = &m->changes;
	char value[POLICY_VALUE_LEN];
	struct state_knob *knob;
	size_t i;

	for (i = dev->nr_knobs; i-- > 0;) {
		knob = &dev->knob[i];
		if (wanted(want, nr, knob->attr))
			continue;
		if (!sysfs_read(&d->sysfs, value, sizeof(value), CLASS "%s",
				dev->name, knob->attr) &&
		    !strcmp(value, knob->now) &&
		    sysfs_write(&d->sysfs, knob->was, CLASS "%s", dev->name,
				knob->attr))
			log_warn("%s: %s can't be set back to %s", dev->name,
				 knob->attr, knob->was);
		drop_knob(dev, knob);
	}
}

/* Written one by one, half of such a pair would be taken. */
static void drop_contradictions(struct managed *m, struct config_device *config)
{
	struct config_phase *p;
	unsigned int phase;

	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		p = &config->phase[phase];
		if (!p->min_freq_hz.known || !p->max_freq_hz.known ||
		    !p->max_freq_hz.value ||
		    p->min_freq_hz.value <= p->max_freq_hz.value)
			continue;
		complain(m, "[Phase %s] has MinFreq= above MaxFreq=, neither is set",
			 phase_name(phase));
		p->min_freq_hz.known = false;
		p->max_freq_hz.known = false;
	}
}

bool apply_knobs(struct daemon *d, struct managed *m,
		 const struct config_device *config, bool again)
{
	struct policy_knob want[POLICY_KNOBS];
	struct config_device checked = *config;
	struct state_device before;
	bool todo[POLICY_KNOBS], complete = true;
	size_t nr, i;
	int ret;

	drop_contradictions(m, &checked);
	nr = policy_knobs(&checked, want);
	withdraw_knobs(d, m, want, nr);
	before = m->changes;
	for (i = 0; i < nr; i++) {
		ret = record_knob(d, m, &want[i], again);
		todo[i] = !ret;
		complete &= ret != -ENOENT;
	}
	if (apply_save(d)) {
		m->changes = before;
		complain(m, "policy is not set: %s", d->record_problem);
		return true;
	}
	/*
	 * The kernel refuses a lower limit above the upper one. Going from one
	 * valid pair to another may pass such a state in one order, not in both.
	 */
	for (i = 0; i < nr; i++)
		if (todo[i])
			todo[i] = !write_knob(d, m, &want[i], false);
	for (i = 0; i < nr; i++)
		if (todo[i])
			write_knob(d, m, &want[i], true);
	apply_save(d);
	return complete || !again;
}

void apply_forget(struct managed *m)
{
	m->changes.leased = false;
	m->changes.nr_knobs = 0;
}

void apply_give_up(struct daemon *d, struct managed *m)
{
	struct state_device limits = m->changes;

	limits.governor_was[0] = '\0';
	state_undo_device(&d->sysfs, &limits, NULL, NULL);
	apply_forget(m);
	complain(m, "no policy is set: %s", d->record_problem);
}

static void log_undone(void *arg, const char *device, const char *attr,
		       const char *was, enum undo_result result, int error)
{
	if (result == UNDO_DONE)
		log_debug("%s: %s is %s again", device, attr, was);
	else if (result == UNDO_FOREIGN)
		log_notice("%s: somebody changed %s, leaving it", device, attr);
	else if (result == UNDO_FAILED)
		log_warn("%s: %s can't be set back to %s: %s", device, attr,
			 was, strerror(-error));
}

void apply_undo(struct daemon *d, struct managed *m)
{
	state_undo_device(&d->sysfs, &m->changes, log_undone, NULL);
	m->changes.leased = false;
	m->changes.nr_knobs = 0;
	m->changes.governor_was[0] = '\0';
}
