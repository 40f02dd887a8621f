// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: the daemon's configuration, accelgov.conf and one drop-in, with a byte
 * 0xff between them, down to what would be written to sysfs.
 */
#include "scratch.h"

#include <errno.h>

#include "config.h"
#include "policy.h"

static unsigned int problems;

static void problem(void *arg, const char *file, unsigned int line,
		    const char *text)
{
	HOLDS(file[0] && text[0]);
	problems++;
}

static void check_device(const struct config *config, const char *name)
{
	struct policy_knob knobs[POLICY_KNOBS];
	struct config_device dev;
	int64_t value;
	size_t nr;

	config_device(config, name, &dev);
	HOLDS(strlen(dev.governor) < DEVICE_GOVERNOR_LEN);
	nr = policy_knobs(&dev, knobs);
	HOLDS(nr <= POLICY_KNOBS);
	for (size_t i = 0; i < nr; i++) {
		HOLDS(!strncmp(knobs[i].attr, "accelgov/", 9));
		HOLDS(policy_find(knobs[i].attr + 9));
		HOLDS(!parse_int(knobs[i].value, &value) && value >= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, data + size };
	struct config *config;
	int ret;

	scratch_begin();
	scratch_put(&in, "accelgov.conf");
	scratch_put(&in, "conf.d/10.conf");
	problems = 0;
	ret = config_load(tree_root, &config, problem, NULL);
	if (ret) {
		HOLDS(ret == -ENOMEM || problems);
		return 0;
	}
	HOLDS(!problems);
	HOLDS(config_lease_us(config) >= 1000000 &&
	      config_lease_us(config) <= 60000000);
	check_device(config, "accelsim.0");
	check_device(config, "13000000.gpu");
	config_free(config);
	return 0;
}
