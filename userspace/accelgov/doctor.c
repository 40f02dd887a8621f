// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov doctor - what this machine supports and what is missing
 *
 * One line per check: what was found and, unless that is good, what to do about
 * it. A check that the main job can't do without fails; the others warn.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "accelerators.h"
#include "cmd.h"
#include "device.h"
#include "notes.h"
#include "pmu.h"

#define KERNEL_MAJOR 6
#define KERNEL_MINOR 12

static const char help[] =
	"usage: accelgov doctor [--json] [--root DIR] [--socket PATH]\n"
	"\n"
	"Looks at kernel, module, BPF, perf, devices and daemon, and says what is missing\n"
	"and what to do about it; then, for each accelerator, which signals and actuators\n"
	"work and what would make the rest work.\n"
	"\n"
	"  --json         JSON, schema 1\n"
	"  --root DIR     a recorded /sys and /proc instead of the live ones\n"
	"  --socket PATH  of accelgovd\n"
	"\n"
	"Exit codes: 0 the main job can work here, or nothing in a recorded part of a host\n"
	"stands in its way; 3 it can't, see the lines with \"FAIL\"; 4 its files may not be\n"
	"read.\n";

enum verdict {
	GOOD,
	WARN,
	FAIL,
	UNKNOWN,
};

/* What one check found. */
struct finding {
	enum verdict rank;
	char found[BACKEND_NOTE_LEN + 100];
	char advice[200];
};

struct exam {
	const struct sysfs *sysfs;
	const struct cmd_options *options;
	struct names devices;
	struct accelerators accelerators;
	json_t *notes;
	json_t *list;
	/* There is a kernel to judge: no recording of an accelerator alone. */
	bool whole;
	bool failed;
};

static void __attribute__((format(printf, 4, 5)))
conclude(struct finding *f, enum verdict rank, const char *advice,
	 const char *fmt, ...)
{
	va_list args;

	f->rank = rank;
	snprintf(f->advice, sizeof(f->advice), "%s",
		 rank == GOOD ? "" : advice);
	va_start(args, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, args);
	va_end(args);
}

static void check_kernel(struct exam *e, struct finding *f)
{
	char release[96];
	int major, minor;

	if (sysfs_read(e->sysfs, release, sizeof(release),
		       "proc/sys/kernel/osrelease") ||
	    sscanf(release, "%d.%d", &major, &minor) != 2) {
		conclude(f, UNKNOWN, "", "version unknown");
		return;
	}
	conclude(f, major > KERNEL_MAJOR || (major == KERNEL_MAJOR &&
					     minor >= KERNEL_MINOR) ?
		 GOOD : FAIL, "6.12 or newer is needed: on Debian 12 install linux-image-6.12-amd64",
		 "%s", release);
}

static void check_devfreq(struct exam *e, struct finding *f)
{
	bool there = sysfs_exists(e->sysfs, "sys/class/devfreq");

	conclude(f, there ? GOOD : FAIL,
		 "the kernel is built without CONFIG_PM_DEVFREQ (cloud kernels are): install the full one",
		 there ? "available" : "missing");
}

static void check_module(struct exam *e, struct finding *f)
{
	bool there = sysfs_exists(e->sysfs, "sys/module/accelgov");
	char version[32] = "";

	if (there)
		sysfs_read(e->sysfs, version, sizeof(version),
			   "sys/module/accelgov/version");
	conclude(f, there ? GOOD : FAIL,
		 "modprobe accelgov, or from the source tree: insmod build/kmod/accelgov.ko",
		 "%s%s%s", there ? "loaded" : "not loaded",
		 version[0] ? ", version " : "", version);
}

static void check_module_btf(struct exam *e, struct finding *f)
{
	if (!sysfs_exists(e->sysfs, "sys/module/accelgov")) {
		conclude(f, UNKNOWN, "", "unknown until the module is loaded");
		return;
	}
	if (sysfs_exists(e->sysfs, "sys/kernel/btf/accelgov"))
		conclude(f, GOOD, "", "available, accelgov_push() can be called");
	else
		conclude(f, FAIL,
			 "build the module where pahole and the kernel's vmlinux with BTF are",
			 "missing: no BPF program can push signals");
}

static void check_kernel_btf(struct exam *e, struct finding *f)
{
	bool there = sysfs_exists(e->sysfs, "sys/kernel/btf/vmlinux");

	conclude(f, there ? GOOD : FAIL,
		 "a kernel with CONFIG_DEBUG_INFO_BTF is needed",
		 there ? "available" : "missing");
}

static void check_bpf(struct exam *e, struct finding *f)
{
	int ret;

	if (!e->sysfs->live) {
		conclude(f, UNKNOWN, "", "not tried, the tree is recorded");
		return;
	}
	libbpf_set_print(NULL);
	ret = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_PERF_EVENT, NULL);
	if (ret > 0)
		conclude(f, GOOD, "", "perf event programs load (libbpf %s)",
			 libbpf_version_string());
	else if (ret == -EPERM || geteuid())
		conclude(f, UNKNOWN, "run accelgov doctor as root to know",
			 "not permitted to try (libbpf %s)",
			 libbpf_version_string());
	else
		conclude(f, FAIL,
			 "CONFIG_BPF_SYSCALL is needed, and no lockdown that forbids it",
			 "perf event programs don't load (libbpf %s)",
			 libbpf_version_string());
}

static void check_perf(struct exam *e, struct finding *f)
{
	struct reading paranoid, rate;

	paranoid = sysfs_reading(e->sysfs,
				 "proc/sys/kernel/perf_event_paranoid");
	rate = sysfs_reading(e->sysfs,
			     "proc/sys/kernel/perf_event_max_sample_rate");
	if (!paranoid.known)
		conclude(f, FAIL, "a kernel with CONFIG_PERF_EVENTS is needed",
			 "missing");
	else if (rate.known && rate.value < 1000)
		conclude(f, WARN,
			 "sysctl kernel.perf_event_max_sample_rate=100000",
			 "limited to %lld samples a second",
			 (long long)rate.value);
	else
		conclude(f, GOOD, "",
			 "available, paranoid level %lld (the daemon may all the same)",
			 (long long)paranoid.value);
}

static void check_lockdown(struct exam *e, struct finding *f)
{
	char mode[64];

	if (sysfs_read(e->sysfs, mode, sizeof(mode),
		       "sys/kernel/security/lockdown")) {
		conclude(f, UNKNOWN, "", "unknown");
		return;
	}
	if (strstr(mode, "[none]"))
		conclude(f, GOOD, "", "off");
	else if (strstr(mode, "[integrity]"))
		conclude(f, WARN,
			 "unsigned modules are refused: sign accelgov.ko with an enrolled key (mokutil)",
			 "integrity");
	else
		conclude(f, FAIL,
			 "BPF may not read kernel memory: boot with lockdown=integrity or none",
			 "confidentiality");
}

static const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

static void check_backends(struct exam *e, struct finding *f)
{
	char text[BACKEND_NOTE_LEN + 80];
	size_t nr = notes_left_out(e->notes, text, sizeof(text));

	if (nr)
		conclude(f, WARN,
			 "do what it says; the driver's own reason is in the kernel log: dmesg",
			 "less was found than there may be: %s", text);
	else
		conclude(f, GOOD, "", "%zu accelerator%s, none left out",
			 e->accelerators.nr, plural(e->accelerators.nr));
}

/* Those that devfreq does not show, with something that can be set. */
static size_t settable(const struct exam *e)
{
	const struct accelerator *acc;
	size_t i, nr = 0;

	for (i = 0; i < e->accelerators.nr; i++) {
		acc = e->accelerators.item[i];
		nr += !acc->devfreq[0] && !acc->parent[0] &&
		      acc->actuator[BACKEND_CLOCK].there && acc->nr_clocks;
	}
	return nr;
}

static void check_devices(struct exam *e, struct finding *f)
{
	size_t others = settable(e);
	char names[100] = "";
	size_t i, len;

	for (i = 0; i < e->devices.nr; i++) {
		len = strlen(names);
		if (len + strlen(e->devices.name[i]) + 6 > sizeof(names)) {
			strcpy(names + len, " ...");
			break;
		}
		snprintf(names + len, sizeof(names) - len, " %s",
			 e->devices.name[i]);
	}
	if (!e->devices.nr && others)
		conclude(f, WARN,
			 "accelgovd makes one for each accelerator below that it can set",
			 "0, and %zu accelerator%s that could have one", others,
			 plural(others));
	else if (!e->devices.nr && notes_left_out(e->notes, NULL, 0))
		conclude(f, FAIL,
			 "what was left out, see back ends above, comes first; insmod build/kmod/accelsim.ko makes simulated ones",
			 "0");
	else
		conclude(f, e->devices.nr ? GOOD : FAIL,
			 "no driver here registers with devfreq; insmod build/kmod/accelsim.ko makes simulated ones",
			 "%zu%s%s", e->devices.nr, e->devices.nr ? ":" : "",
			 names);
}

/*
 * How many devices have something, for checks that look at each. An accelerator
 * with a devfreq device is counted there, a part of one (MIG) with the whole.
 */
struct tally {
	size_t devices;
	size_t governable;
	size_t governed;
	size_t with_pmu;
	size_t with_busy;
	size_t scheduled;
	size_t with_hwmon;
	size_t with_runtime_pm;
	size_t odd;
};

/* What no counter tells, the scheduler's trace events may. */
static void count_signals(const struct sysfs *sysfs, const struct device *d,
			  struct tally *t)
{
	struct pmu pmu = { 0 };

	if (d->pmu[0] && !pmu_load(sysfs, d->pmu, &pmu)) {
		t->with_pmu++;
		t->odd += !!pmu.odd;
	}
	if (pmu.signals & (1U << ACCELGOV_SIG_BUSY))
		t->with_busy++;
	else
		t->scheduled += device_scheduled(sysfs, d->name);
}

static void count_accelerators(const struct exam *e, struct tally *t)
{
	const struct accelerator *acc;
	size_t i;

	for (i = 0; i < e->accelerators.nr; i++) {
		acc = e->accelerators.item[i];
		if (acc->devfreq[0] || acc->parent[0])
			continue;
		t->devices++;
		t->governable += acc->nr_clocks > 1;
		t->with_busy += !!(acc->signals & (1U << ACCELGOV_SIG_BUSY));
		t->with_hwmon += !!(acc->signals & (1U << ACCELGOV_SIG_POWER));
		t->with_runtime_pm += acc->actuator[BACKEND_AUTOSUSPEND].there;
	}
}

static struct tally count(struct exam *e)
{
	struct tally t = { .devices = e->devices.nr };
	struct device d;
	size_t i;

	count_accelerators(e, &t);
	for (i = 0; i < e->devices.nr; i++) {
		if (device_load(e->sysfs, e->devices.name[i], &d))
			continue;
		t.governed += d.governed;
		t.governable += d.nr_freqs > 1;
		t.with_hwmon += !!d.hwmon[0];
		t.with_runtime_pm += d.runtime_status[0] &&
				     strcmp(d.runtime_status, "unsupported");
		count_signals(e->sysfs, &d, &t);
	}
	return t;
}

static void check_points(struct exam *e, struct finding *f)
{
	struct tally t = count(e);

	conclude(f, t.governable ? GOOD : FAIL,
		 "a governor needs at least two frequencies to choose from",
		 "%zu of %zu devices have more than one", t.governable,
		 t.devices);
}

static void check_signals(struct exam *e, struct finding *f)
{
	struct tally t = count(e);

	if (t.odd)
		conclude(f, WARN,
			 "a unit or a format is not understood: accelgov devices tells which",
			 "%zu of %zu devices have signals, %zu of them in part",
			 t.with_busy + t.scheduled, t.devices, t.odd);
	else if (t.scheduled && !t.with_busy)
		conclude(f, WARN,
			 "no counter tells compute from memory, so less can be saved: a driver with a perf PMU would",
			 "%zu of %zu devices have signals, busy and queue of the GPU scheduler",
			 t.scheduled, t.devices);
	else
		conclude(f, t.with_busy ? GOOD : FAIL,
			 "without counters accelgov is no better than simple_ondemand: a driver with a perf PMU, or a back end that reads the device, is needed",
			 "%zu of %zu devices have signals",
			 t.with_busy + t.scheduled, t.devices);
}

static void check_hwmon(struct exam *e, struct finding *f)
{
	struct tally t = count(e);

	conclude(f, t.with_hwmon ? GOOD : WARN,
		 "power can't be shown; saving works without it",
		 "%zu of %zu devices", t.with_hwmon, t.devices);
}

static void check_runtime_pm(struct exam *e, struct finding *f)
{
	struct tally t = count(e);

	conclude(f, t.with_runtime_pm ? GOOD : WARN,
		 "idle devices stay on: only their clock is lowered",
		 "%zu of %zu devices", t.with_runtime_pm, t.devices);
}

static void check_governed(struct exam *e, struct finding *f)
{
	struct tally t = count(e);

	conclude(f, t.governed ? GOOD : WARN,
		 "Governor=accelgov in /etc/accelgov/accelgov.conf, or echo accelgov > /sys/class/devfreq/DEVICE/governor",
		 "%zu of %zu devices", t.governed, e->devices.nr);
}

static void check_daemon(struct exam *e, struct finding *f)
{
	json_t *answer;
	int ret;

	if (!e->sysfs->live && !e->options->socket) {
		conclude(f, UNKNOWN, "", "not asked, the tree is recorded");
		return;
	}
	ret = client_call(e->options->socket, "devices", &answer);
	if (ret) {
		conclude(f, WARN, "systemctl start accelgovd",
			 ret == -ECONNREFUSED ? "does not run" :
			 "does not answer");
		return;
	}
	conclude(f, GOOD, "", "runs, knows %zu devices",
		 json_array_size(json_object_get(answer, "devices")));
	json_decref(answer);
}

/* A check of the kernel has no answer where only an accelerator was recorded. */
static const struct {
	const char *id;
	const char *name;
	void (*run)(struct exam *e, struct finding *f);
	bool of_kernel;
} checks[] = {
	{ "kernel", "kernel", check_kernel, true },
	{ "devfreq", "devfreq", check_devfreq, true },
	{ "kernel_btf", "kernel types (BTF)", check_kernel_btf, true },
	{ "bpf", "BPF", check_bpf, true },
	{ "perf", "perf events", check_perf, true },
	{ "lockdown", "lockdown", check_lockdown, true },
	{ "module", "module", check_module, true },
	{ "module_btf", "module types (BTF)", check_module_btf, true },
	{ "backends", "back ends", check_backends, false },
	{ "devices", "devfreq devices", check_devices, false },
	{ "frequencies", "frequencies", check_points, false },
	{ "signals", "signals", check_signals, false },
	{ "power", "power sensor", check_hwmon, false },
	{ "runtime_pm", "runtime PM", check_runtime_pm, false },
	{ "governed", "governed", check_governed, false },
	{ "daemon", "accelgovd", check_daemon, false },
};

static void print(const char *name, const struct finding *f)
{
	static const char *const words[] = { "ok", "warn", "FAIL", "-" };
	const char *style = f->rank == GOOD ? style_good :
			    f->rank == WARN ? style_warn :
			    f->rank == FAIL ? style_bad : "";

	printf("%s%-4s%s  %-18s  %s\n", style, words[f->rank], style_off,
	       name, f->found);
	if (f->advice[0])
		printf("      %-18s  -> %s\n", "", f->advice);
}

static json_t *to_json(const char *id, const struct finding *f)
{
	static const char *const words[] = { "ok", "warn", "fail", "unknown" };

	return json_pack("{s:s, s:s, s:s, s:o}", "check", id, "result",
			 words[f->rank], "found", f->found, "advice",
			 json_text(f->advice));
}

static void examine(struct exam *e)
{
	struct finding f;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		f = (struct finding){ 0 };
		if (checks[i].of_kernel && !e->whole)
			conclude(&f, UNKNOWN, "",
				 "unknown, nothing of the kernel was recorded");
		else
			checks[i].run(e, &f);
		e->failed |= f.rank == FAIL;
		if (e->list)
			json_array_append_new(e->list,
					      to_json(checks[i].id, &f));
		else
			print(checks[i].name, &f);
	}
}

static const char *verdict(const struct exam *e)
{
	if (e->failed)
		return "The main job can't work here yet.";
	return e->whole ? "The main job can work here." :
	       "The main job can work with these accelerators; their host was not recorded.";
}

static int conclude_all(const struct exam *e)
{
	if (e->list)
		return cmd_print_json(json_pack("{s:i, s:o, s:o, s:o}",
			"schema", 1, "can_work",
			e->failed || e->whole ? json_boolean(!e->failed) :
			json_null(), "checks", e->list, "accelerators",
			accelerators_verdict_json(&e->accelerators)));
	if (e->accelerators.nr) {
		putchar('\n');
		accelerators_verdict_show(&e->accelerators);
	}
	printf("\n%s\n", verdict(e));
	return CMD_OK;
}

int cmd_doctor(int argc, char **argv)
{
	struct cmd_options options;
	struct exam exam = { 0 };
	struct sysfs sysfs;
	int ret = cmd_begin(argc, argv, help, &options, &sysfs);

	if (ret >= 0)
		return ret;
	/* What may not be looked at is not missing. */
	ret = device_names(&sysfs, &exam.devices);
	if (ret) {
		cmd_error("can't list devfreq devices: %s", strerror(-ret));
		sysfs_close(&sysfs);
		return cmd_exit_code(ret);
	}
	exam.sysfs = &sysfs;
	exam.options = &options;
	exam.whole = sysfs.live ||
		     sysfs_exists(&sysfs, "proc/sys/kernel/osrelease") ||
		     sysfs_exists(&sysfs, "sys/module");
	exam.list = options.json ? json_array() : NULL;
	exam.notes = json_array();
	accelerators_scan(&sysfs, &exam.accelerators, notes_add, exam.notes);
	examine(&exam);
	ret = conclude_all(&exam);
	accelerators_free(&exam.accelerators);
	json_decref(exam.notes);
	names_free(&exam.devices);
	sysfs_close(&sysfs);
	return ret ? ret : exam.failed ? CMD_UNSUPPORTED : CMD_OK;
}
