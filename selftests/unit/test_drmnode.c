// SPDX-License-Identifier: GPL-2.0
/*
 * Which device's DRM node runs the jobs of a devfreq device: the same one, but on
 * Qualcomm's chips.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "device.h"
#include "drmnode.h"
#include "tree.h"
#include "unit.h"

static struct sysfs sysfs;

static void link_to(const char *path, const char *target)
{
	char full[512];

	tree_path(full, sizeof(full), path);
	if (symlink(target, full)) {
		printf("Bail out! can't link %s\n", full);
		exit(1);
	}
}

/* A device of a platform, its driver, and what hangs on it. */
static void device(const char *name, const char *driver)
{
	char path[200], to[100];

	snprintf(path, sizeof(path), "sys/devices/platform/%s/driver", name);
	snprintf(to, sizeof(to), "../../../bus/platform/drivers/%s", driver);
	link_to(path, to);
}

static void hang(const char *class, const char *node, const char *name)
{
	char path[200], to[100];

	snprintf(path, sizeof(path), "sys/class/%s/%s/device", class, node);
	snprintf(to, sizeof(to), "../../../devices/platform/%s", name);
	link_to(path, to);
}

/* What is on a chip by Qualcomm beside the GPU's node. */
static void chip(void)
{
	tree_begin(&sysfs);
	device("5000000.gpu", "adreno");
	device("ae01000.display-controller", "msm_dpu");
	device("ae94000.dsi", "msm_dsi");
	hang("devfreq", "5000000.gpu", "5000000.gpu");
	hang("drm", "card0-DSI-1", "ae94000.dsi");
}

static void expect(const char *devfreq, const char *name)
{
	char buf[64] = "";

	EXPECT_EQ(drmnode_device(&sysfs, devfreq, buf, sizeof(buf)), 0);
	EXPECT_STREQ(buf, name);
}

TEST(names_of_nodes)
{
	EXPECT_TRUE(drmnode_is("card0", "card"));
	EXPECT_TRUE(drmnode_is("accel12", "accel"));
	EXPECT_FALSE(drmnode_is("card", "card"));
	EXPECT_FALSE(drmnode_is("card0-HDMI-A-1", "card"));
	EXPECT_FALSE(drmnode_is("renderD128", "card"));
}

TEST(one_device_has_both)
{
	char buf[64];

	tree_begin(&sysfs);
	device("fb000000.gpu", "panthor");
	device("ae01000.display-controller", "msm_dpu");
	hang("devfreq", "fb000000.gpu", "fb000000.gpu");
	hang("drm", "card0", "ae01000.display-controller");
	hang("drm", "card1", "fb000000.gpu");
	expect("fb000000.gpu", "fb000000.gpu");
	EXPECT_EQ(drmnode_device(&sysfs, "none", buf, sizeof(buf)), -ENOENT);
	tree_end(&sysfs);
}

TEST(the_gpu_of_a_qualcomm_chip_has_its_node_at_the_display)
{
	chip();
	hang("drm", "card0", "ae01000.display-controller");
	expect("5000000.gpu", "ae01000.display-controller");
	EXPECT_TRUE(device_scheduled(&sysfs, "5000000.gpu"));
	tree_end(&sysfs);
	chip();
	device("1a01000.mdp", "msm_mdp");
	hang("drm", "card1", "1a01000.mdp");
	expect("5000000.gpu", "1a01000.mdp");
	tree_end(&sysfs);
}

TEST(unless_it_has_one_of_its_own)
{
	chip();
	hang("drm", "card0", "ae01000.display-controller");
	hang("drm", "card1", "5000000.gpu");
	expect("5000000.gpu", "5000000.gpu");
	tree_end(&sysfs);
}

/* Another driver's display, or one of two. */
TEST(or_nobody_knows)
{
	chip();
	device("display", "simple-framebuffer");
	hang("drm", "card0", "display");
	expect("5000000.gpu", "5000000.gpu");
	EXPECT_FALSE(device_scheduled(&sysfs, "5000000.gpu"));
	device("second", "msm_dpu");
	hang("drm", "card1", "second");
	hang("drm", "card2", "ae01000.display-controller");
	expect("5000000.gpu", "5000000.gpu");
	tree_end(&sysfs);
}
