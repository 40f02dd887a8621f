// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: decisions.
 *
 * Where accelgov governs a device, what the module publishes is read after each
 * sample; everybody may. Elsewhere the policy core looks on in this process, as it
 * does in accelgovd.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "record_cmd.h"
#include "report/score.h"

#define GOVERNOR "sys/class/devfreq/%s/accelgov/"

void record_begin_deciding(const struct record *r, struct record_source *s)
{
	const struct config_device config = { 0 };
	uint32_t khz[AG_OPP_MAX], nr;
	struct ag_config cfg;

	if (s->has_native && s->native.governed) {
		strcpy(s->info.decider, "governor");
		return;
	}
	nr = observer_thin(s->info.clock_khz, s->info.nr_clocks, khz);
	s->observer = calloc(1, sizeof(*s->observer));
	if (!s->observer)
		return;
	observer_config(&config, s->info.period_us, &cfg);
	if (!observer_init(s->observer, khz, nr, &cfg, record_now_ns())) {
		strcpy(s->info.decider, "observer");
		return;
	}
	free(s->observer);
	s->observer = NULL;
}

static uint32_t workload_by_name(const char *name)
{
	uint32_t w = ACCELGOV_WORKLOAD_NR;

	while (w-- > 1)
		if (!strcmp(name, ag_workload_name(w)))
			return w;
	return ACCELGOV_WORKLOAD_UNKNOWN;
}

/*
 * What can't be read is not known: the governor may have gone meanwhile. Nor is what a
 * recorded tree says that no governor would, for nobody could read the recording.
 */
static void ask_governor(const struct record *r, const struct record_source *s,
			 struct recording_decision *ret)
{
	const struct sysfs *sysfs = &r->sysfs;
	const char *name = s->native.name;
	char phase[32], workload[16];
	struct reading hz;

	*ret = (struct recording_decision){ 0 };
	if (sysfs_read(sysfs, phase, sizeof(phase), GOVERNOR "phase", name) ||
	    sysfs_read(sysfs, workload, sizeof(workload), GOVERNOR "workload",
		       name))
		return;
	ret->phase = phase_from_name(phase);
	if (ret->phase >= ACCELGOV_PHASE_NR)
		ret->phase = ACCELGOV_PHASE_UNKNOWN;
	ret->workload = workload_by_name(workload);
	ret->confidence_permille =
		sysfs_reading(sysfs, GOVERNOR "confidence_permille", name);
	if (ret->confidence_permille.value < 0 || ret->confidence_permille.value > 1000)
		ret->confidence_permille = (struct reading){ 0 };
	hz = sysfs_reading(sysfs, "sys/class/devfreq/%s/target_freq", name);
	if (hz.known && hz.value >= 0 && hz.value / 1000 <= UINT32_MAX)
		ret->clock_khz = (struct reading){ hz.value / 1000, true };
}

static void ask_observer(struct record_source *s,
			 const struct accelgov_sample *sample,
			 struct recording_decision *ret)
{
	struct observer *o = s->observer;

	*ret = s->decision;
	if (observer_sample(o, sample) < 0)
		return;
	*ret = (struct recording_decision){
		.phase = o->core.phase.now,
		.workload = o->core.workload.now,
		.confidence_permille = { o->core.phase.confidence, true },
		.clock_khz = { o->would_khz, o->would_khz > 0 },
		.saving_permille = { observer_saving_permille(o), true },
	};
	snprintf(ret->reason, sizeof(ret->reason), "%s",
		 ag_reason_name(o->reason));
}

/* Confidence and saving move all the time and are no decisions. */
static bool same(const struct recording_decision *a,
		 const struct recording_decision *b)
{
	return a->phase == b->phase && a->workload == b->workload &&
	       a->clock_khz.known == b->clock_khz.known &&
	       a->clock_khz.value == b->clock_khz.value &&
	       !strcmp(a->reason, b->reason);
}

bool record_decide(const struct record *r, struct record_source *s,
		   const struct accelgov_sample *sample)
{
	struct recording_decision now;

	if (s->observer)
		ask_observer(s, sample, &now);
	else if (s->info.decider[0])
		ask_governor(r, s, &now);
	else
		return false;
	if (s->decided && same(&s->decision, &now))
		return false;
	s->decision = now;
	s->decided = true;
	return true;
}
