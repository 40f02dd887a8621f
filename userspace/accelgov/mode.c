// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov activate, accelgov observe - who may be touched
 *
 * The daemon writes the decision down and acts on it; what came of it is seen in
 * its status a moment later, and that is what is told here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

/* How long an accelerator may take to go where it was sent. */
#define SETTLE_MS	5000
#define POLL_MS		50

static const char help_activate[] =
	"usage: accelgov activate [--json] [--socket PATH] [DEVICE]\n"
	"\n"
	"Lets accelgov set the clock and power limit of a device, or of all. That stays,\n"
	"also over restarts, until accelgov observe takes it back: accelgovd writes it to\n"
	"conf.d/90-mode.conf. A devfreq device gets what its Governor= says.\n"
	"\n"
	"  --json         JSON, schema 1\n"
	"  --socket PATH  of accelgovd\n"
	"\n"
	"Exit codes: 0 done; 1 failure, nothing changed; 3 not all of them can be\n"
	"actuated, or there is no such device; 4 permission; 5 accelgovd does not run.\n";

static const char help_observe[] =
	"usage: accelgov observe [--json] [--socket PATH] [DEVICE]\n"
	"\n"
	"Takes accelgov's hands off a device, or off all: what it has set is put back, and\n"
	"from now on it only tells what it would do. That stays, also over restarts, until\n"
	"accelgov activate: accelgovd writes it to conf.d/90-mode.conf.\n"
	"\n"
	"  --json         JSON, schema 1\n"
	"  --socket PATH  of accelgovd\n"
	"\n"
	"Exit codes: 0 done; 1 failure; 3 there is no such device; 4 permission;\n"
	"5 accelgovd does not run.\n";

struct request {
	const char *method;
	const char *device;
	struct cmd_options options;
};

static const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static int fail(json_t *answer)
{
	const char *error = text_of(answer, "error");

	cmd_error("%s", text_of(answer, "text"));
	if (!strcmp(error, "PermissionDenied"))
		return CMD_PERMISSION;
	if (!strcmp(error, "NoSuchDevice"))
		return CMD_UNSUPPORTED;
	return CMD_FAILURE;
}

static int ask(const struct request *r, json_t **ret_answer)
{
	json_t *request = json_pack("{s:s}", "method", r->method);
	int ret;

	if (r->device)
		json_object_set_new(request, "device", json_string(r->device));
	ret = client_request(r->options.socket, request, ret_answer);
	json_decref(request);
	if (ret) {
		cmd_error("accelgovd %s (systemctl start accelgovd)",
			  ret == -ECONNREFUSED ? "does not run" :
						 "does not answer");
		return CMD_NO_DAEMON;
	}
	if (!text_of(*ret_answer, "error"))
		return CMD_OK;
	ret = fail(*ret_answer);
	json_decref(*ret_answer);
	return ret;
}

static bool is_meant(const struct request *r, json_t *object)
{
	const char *name = text_of(object, "name");

	return name && (!r->device || !strcmp(name, r->device));
}

/* Where it was sent, or where a problem keeps it. */
static bool has_settled(const struct request *r, json_t *accelerator)
{
	const char *state = text_of(accelerator, "state");

	if (!state)
		return true;
	if (!strcmp(r->method, "activate"))
		return !strcmp(state, "active") ||
		       text_of(accelerator, "problem");
	return strcmp(state, "active") && strcmp(state, "preparing");
}

static bool all_settled(const struct request *r, json_t *status)
{
	json_t *accelerator;
	size_t i;

	json_array_foreach(json_object_get(status, "accelerators"), i,
			   accelerator)
		if (is_meant(r, accelerator) && !has_settled(r, accelerator))
			return false;
	return true;
}

static json_t *wait_for(const struct request *r)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	json_t *status = NULL;
	int ms;

	for (ms = 0; ms < SETTLE_MS; ms += POLL_MS) {
		nanosleep(&pause, NULL);
		json_decref(status);
		status = NULL;
		if (client_call(r->options.socket, "status", &status))
			break;
		if (all_settled(r, status))
			break;
	}
	return status;
}

/* Return: what to say about an accelerator; "" when it is where it was sent. */
static json_t *describe(const struct request *r, json_t *accelerator)
{
	const char *state = text_of(accelerator, "state");
	const char *why = text_of(accelerator, "problem");
	bool active = state && !strcmp(state, "active");

	return json_pack("{s:O, s:O, s:b, s:s}", "name",
			 json_object_get(accelerator, "name"), "state",
			 json_object_get(accelerator, "state"), "done",
			 active == !strcmp(r->method, "activate"),
			 "text", active ? "active, a devfreq device with its name is governed" :
			 why ? why : "observed, nothing is set");
}

static json_t *describe_device(const struct request *r, json_t *device)
{
	bool governed = json_is_true(json_object_get(device, "governed"));

	return json_pack("{s:O, s:s, s:b, s:s}", "name",
			 json_object_get(device, "name"), "state",
			 governed ? "active" : "observing", "done", 1, "text",
			 governed ? "governed by accelgov" :
			 strcmp(r->method, "activate") ?
			 "its governor is left alone" :
			 "its governor is left alone: no Governor=accelgov is configured for it");
}

static bool is_proxy(json_t *accelerators, json_t *device)
{
	const char *name = text_of(device, "name"), *other;
	json_t *accelerator;
	size_t i;

	json_array_foreach(accelerators, i, accelerator) {
		other = text_of(accelerator, "name");
		if (name && other && !strcmp(name, other))
			return true;
	}
	return false;
}

static json_t *describe_all(const struct request *r, json_t *status)
{
	json_t *accelerators = json_object_get(status, "accelerators");
	json_t *list = json_array(), *one;
	size_t i;

	json_array_foreach(accelerators, i, one)
		if (is_meant(r, one))
			json_array_append_new(list, describe(r, one));
	json_array_foreach(json_object_get(status, "devices"), i, one)
		if (is_meant(r, one) && !is_proxy(accelerators, one))
			json_array_append_new(list, describe_device(r, one));
	return list;
}

static int tell(const struct request *r, json_t *answer, json_t *list)
{
	int ret = CMD_OK;
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		if (!json_is_true(json_object_get(one, "done")))
			ret = CMD_UNSUPPORTED;
		if (!r->options.json)
			printf("%s: %s\n", text_of(one, "name"),
			       text_of(one, "text"));
	}
	if (r->options.json)
		return cmd_print_json(json_pack("{s:i, s:O, s:O, s:O}",
						"schema", 1, "mode",
						json_object_get(answer, "mode"),
						"file",
						json_object_get(answer, "file"),
						"devices", list)) ? CMD_FAILURE : ret;
	if (!json_array_size(list))
		puts("there is no device yet; this holds for those that come");
	printf("written to %s\n", text_of(answer, "file"));
	return ret;
}

static int run(struct request *r, int argc, char **argv, const char *help)
{
	json_t *answer, *status, *list;
	int first, ret;

	first = cmd_parse(argc, argv, help, &r->options);
	if (first < 0)
		return -1 - first;
	if (argc - first > 1) {
		cmd_error("one device, or none for all of them");
		return cmd_usage();
	}
	r->device = first < argc ? argv[first] : NULL;
	ret = ask(r, &answer);
	if (ret)
		return ret;
	status = wait_for(r);
	list = describe_all(r, status);
	ret = tell(r, answer, list);
	json_decref(list);
	json_decref(status);
	json_decref(answer);
	return ret;
}

int cmd_activate(int argc, char **argv)
{
	struct request r = { .method = "activate" };

	return run(&r, argc, argv, help_activate);
}

int cmd_observe(int argc, char **argv)
{
	struct request r = { .method = "observe" };

	return run(&r, argc, argv, help_observe);
}
