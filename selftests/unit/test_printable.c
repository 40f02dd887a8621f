// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests: foreign text that a terminal may get, and where it comes in
 */
#include "tree.h"

#include "backends/backend.h"
#include "backends/file.h"
#include "device.h"
#include "printable.h"
#include "unit.h"

#define EVIL	"Evil \033[31mRED\007\177\233\377"
#define TAMED	"Evil ?[31mRED????"

TEST(only_printable_ascii_is_left)
{
	char line[] = EVIL "\n\t", lines[] = EVIL "\n\t", none[] = "";

	EXPECT_STREQ(printable(line), TAMED "??");
	EXPECT_STREQ(printable_lines(lines), TAMED "\n\t");
	EXPECT_STREQ(printable(none), "");
	EXPECT_TRUE(is_printable(" ~"));
	EXPECT_TRUE(is_printable(""));
	EXPECT_FALSE(is_printable("a\033"));
	EXPECT_FALSE(is_printable("a\200"));
}

TEST(what_a_tree_says_is_tamed)
{
	char text[64], reason[BACKEND_WHY_LEN] = "";
	struct accelerators list;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("sys/class/drm/card0/device/uevent",
		  "DRIVER=amd\033gpu\nPCI_CLASS=30000\nPCI_ID=1002:67DF\nPCI_SLOT_NAME=0000:03:00.0\n");
	tree_file("sys/class/drm/card0/device/product_name", EVIL "\nmore\n");
	EXPECT_EQ(accelerators_scan(&sysfs, &list, NULL, NULL), 0);
	if (EXPECT_EQ(list.nr, 1)) {
		EXPECT_STREQ(list.item[0]->model, TAMED "?more");
		EXPECT_STREQ(list.item[0]->driver, "amd?gpu");
	}
	accelerators_free(&list);
	file_number(&sysfs, "sys/class/drm/card0/device/", "product_name", 0, 9, reason);
	EXPECT_TRUE(is_printable(reason));
	EXPECT_EQ(sysfs_read(&sysfs, text, sizeof(text),
			     "sys/class/drm/card0/device/product_name"), 0);
	EXPECT_STREQ(text, TAMED "\nmore");
	tree_end(&sysfs);
}

TEST(names_of_devices_are_plain)
{
	struct sysfs sysfs;
	struct names names;

	EXPECT_FALSE(device_name_valid("chip\033[2J"));
	tree_begin(&sysfs);
	tree_file("sys/class/devfreq/chip.0/governor", "x\n");
	tree_file("sys/class/devfreq/chip\033[2J/governor", "x\n");
	EXPECT_EQ(device_names(&sysfs, &names), 0);
	if (EXPECT_EQ(names.nr, 1))
		EXPECT_STREQ(names.name[0], "chip.0");
	names_free(&names);
	tree_end(&sysfs);
}

