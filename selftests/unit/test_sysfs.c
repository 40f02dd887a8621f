// SPDX-License-Identifier: GPL-2.0
/*
 * Reading sysfs below a root: values, unknown values, links that lead out.
 */
#include "tree.h"
#include <errno.h>
#include "unit.h"

TEST(text_loses_its_newline)
{
	struct sysfs sysfs;
	char buf[16] = "before";

	tree_begin(&sysfs);
	tree_file("a", "accelgov\n");
	tree_file("empty", "");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "a"), 0);
	EXPECT_STREQ(buf, "accelgov");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "empty"), 0);
	EXPECT_STREQ(buf, "");
	tree_end(&sysfs);
}

TEST(failure_leaves_the_result_alone)
{
	struct sysfs sysfs;
	char buf[8] = "before";
	int64_t value = 7;

	tree_begin(&sysfs);
	tree_file("long", "12345678\n");
	tree_bytes("nul", "a\0b", 3);
	tree_file("word", "fast\n");
	tree_file("huge", "99999999999999999999\n");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "none"), -ENOENT);
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "long"), -EFBIG);
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "nul"), -EINVAL);
	EXPECT_STREQ(buf, "before");
	EXPECT_EQ(sysfs_read_int(&sysfs, &value, "word"), -EBADMSG);
	EXPECT_EQ(sysfs_read_int(&sysfs, &value, "huge"), -ERANGE);
	EXPECT_EQ(value, 7);
	tree_end(&sysfs);
}

TEST(unknown_is_not_zero)
{
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("zero", "0\n");
	tree_file("minus", "-1\n");
	tree_file("blank", "\n");
	tree_file("space", " 1\n");
	tree_file("unit", "1 W\n");
	EXPECT_TRUE(sysfs_reading(&sysfs, "zero").known);
	EXPECT_EQ(sysfs_reading(&sysfs, "minus").value, -1);
	EXPECT_TRUE(!sysfs_reading(&sysfs, "none").known);
	EXPECT_TRUE(!sysfs_reading(&sysfs, "blank").known);
	EXPECT_TRUE(!sysfs_reading(&sysfs, "space").known);
	EXPECT_TRUE(!sysfs_reading(&sysfs, "unit").known);
	tree_end(&sysfs);
}

TEST(writing_replaces_the_value)
{
	struct sysfs sysfs;
	char buf[16];

	tree_begin(&sysfs);
	tree_file("dir/a", "123456\n");
	EXPECT_EQ(sysfs_write(&sysfs, "42", "dir/%s", "a"), 0);
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "dir/a"), 0);
	EXPECT_STREQ(buf, "42");
	EXPECT_EQ(sysfs_write(&sysfs, "42", "dir/b"), -ENOENT);
	tree_end(&sysfs);
}

TEST(links_stay_below_the_root)
{
	struct sysfs sysfs;
	char buf[64] = "before";

	tree_begin(&sysfs);
	tree_file("sys/devices/x/value", "inside\n");
	tree_link("sys/class/x", "../devices/x");
	tree_link("absolute", "/sys/devices/x/value");
	tree_link("out", "/etc/hostname");
	tree_link("up", "../../../../../../../etc/hostname");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "sys/class/x/value"), 0);
	EXPECT_STREQ(buf, "inside");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "absolute"), 0);
	EXPECT_STREQ(buf, "inside");
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "out"), -ENOENT);
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "up"), -ENOENT);
	EXPECT_EQ(sysfs_link_name(&sysfs, buf, sizeof(buf), "sys/class/x"), 0);
	EXPECT_STREQ(buf, "x");
	EXPECT_EQ(sysfs_link_name(&sysfs, buf, sizeof(buf), "sys"), -EINVAL);
	tree_end(&sysfs);
}

TEST(lists_sort_as_people_count)
{
	struct names names;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	tree_file("d/accelsim.10", "");
	tree_file("d/accelsim.2", "");
	tree_file("d/accelsim.1", "");
	ASSERT_EQ(sysfs_list(&sysfs, &names, "d"), 0);
	EXPECT_EQ(names.nr, 3);
	EXPECT_STREQ(names.name[0], "accelsim.1");
	EXPECT_STREQ(names.name[1], "accelsim.2");
	EXPECT_STREQ(names.name[2], "accelsim.10");
	names_free(&names);
	EXPECT_EQ(sysfs_list(&sysfs, &names, "none"), -ENOENT);
	tree_end(&sysfs);
}

TEST(a_new_file_by_the_same_name_is_another)
{
	struct sysfs sysfs;
	uint64_t first;

	tree_begin(&sysfs);
	tree_file("a", "");
	first = sysfs_inode(&sysfs, "a");
	EXPECT_TRUE(first);
	EXPECT_EQ(sysfs_inode(&sysfs, "a"), first);
	tree_file("b", "");
	EXPECT_TRUE(sysfs_inode(&sysfs, "b") != first);
	EXPECT_EQ(sysfs_inode(&sysfs, "c"), 0);
	tree_end(&sysfs);
}

TEST(a_path_too_long_is_refused)
{
	char name[600], buf[8];
	struct sysfs sysfs;

	tree_begin(&sysfs);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	EXPECT_EQ(sysfs_read(&sysfs, buf, sizeof(buf), "%s", name),
		  -ENAMETOOLONG);
	tree_end(&sysfs);
}
