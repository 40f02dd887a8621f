// SPDX-License-Identifier: GPL-2.0
/*
 * fdinfo of DRM files: old and new keys, nanoseconds and cycles, and /proc with
 * several processes.
 */
#include "tree.h"

#include <errno.h>

#include "backends/fdinfo.h"
#include "unit.h"

TEST(nanoseconds)
{
	struct fdinfo f;

	ASSERT_EQ(fdinfo_parse("pos:\t0\ndrm-driver:\tamdgpu\ndrm-pdev:\t0000:08:00.0\ndrm-client-id:\t217\ndrm-memory-vram:\t2068 KiB\ndrm-engine-gfx:\t107322799 ns\ndrm-engine-compute:\t5 ns\n",
			       &f), 0);
	EXPECT_STREQ(f.driver, "amdgpu");
	EXPECT_STREQ(f.pdev, "0000:08:00.0");
	EXPECT_EQ(f.client_id.value, 217);
	EXPECT_EQ(f.memory_bytes.value, 2068 * 1024);
	ASSERT_EQ(f.nr_engines, 2);
	EXPECT_STREQ(f.engine[0].name, "gfx");
	EXPECT_EQ(f.engine[0].busy_ns.value, 107322799);
	EXPECT_EQ(f.engine[1].busy_ns.value, 5);
	EXPECT_FALSE(f.engine[0].cycles.known);
}

TEST(cycles_and_capacity)
{
	struct fdinfo f;

	ASSERT_EQ(fdinfo_parse("drm-driver:     xe\ndrm-client-id:  3\ndrm-pdev:       0000:03:00.0\ndrm-resident-vram0:     16 MiB\ndrm-cycles-vcs: 10\ndrm-total-cycles-vcs:   7655183225\ndrm-engine-capacity-vcs:        2\n",
			       &f), 0);
	ASSERT_EQ(f.nr_engines, 1);
	EXPECT_EQ(f.engine[0].cycles.value, 10);
	EXPECT_EQ(f.engine[0].total_cycles.value, 7655183225);
	EXPECT_EQ(f.engine[0].capacity, 2);
	EXPECT_FALSE(f.engine[0].busy_ns.known);
	EXPECT_EQ(f.memory_bytes.value, 16 * 1024 * 1024);
}

TEST(new_keys_go_before_old_ones)
{
	struct fdinfo f;

	ASSERT_EQ(fdinfo_parse("drm-driver: amdgpu\ndrm-resident-vram: 7 KiB\ndrm-memory-vram: 9 KiB\n",
			       &f), 0);
	EXPECT_EQ(f.memory_bytes.value, 7 * 1024);
}

TEST(malformed_values_are_unknown)
{
	struct fdinfo f;

	EXPECT_EQ(fdinfo_parse("", &f), -ENODATA);
	EXPECT_EQ(fdinfo_parse("pos:\t0\nflags:\t02\n", &f), -ENODATA);
	ASSERT_EQ(fdinfo_parse("drm-driver: x\ndrm-client-id: -1\ndrm-engine-a: 5 us\ndrm-engine-b: ns\ndrm-engine-c: 99999999999999999999 ns\ndrm-engine-d: 5\ndrm-engine-: 5 ns\ndrm-engine-capacity-a: 0\ndrm-resident-vram: 99999999999999999 GiB\nno colon\n:\n",
			       &f), 0);
	EXPECT_FALSE(f.client_id.known);
	EXPECT_FALSE(f.memory_bytes.known);
	ASSERT_EQ(f.nr_engines, 4);
	EXPECT_FALSE(f.engine[0].busy_ns.known);
	EXPECT_EQ(f.engine[0].capacity, 1);
	EXPECT_FALSE(f.engine[1].busy_ns.known);
	EXPECT_FALSE(f.engine[2].busy_ns.known);
	EXPECT_FALSE(f.engine[3].busy_ns.known);
}

#define INFO(client, engine)						\
	"drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t"	\
	client "\ndrm-engine-compute:\t" engine " ns\n"

TEST(clients_are_counted_once)
{
	struct fdinfos list;
	struct sysfs sysfs;

	tree_begin(&sysfs);
	EXPECT_EQ(fdinfo_scan(&sysfs, "0000:03:00.0", &list), -ENOENT);
	tree_file("proc/10/fdinfo/0", "pos:\t0\n");
	tree_file("proc/10/fdinfo/3", INFO("1", "100"));
	tree_file("proc/10/fdinfo/4", INFO("1", "100"));
	tree_file("proc/11/fdinfo/5", INFO("2", "50"));
	tree_file("proc/12/fdinfo/5",
		  "drm-driver:\tamdgpu\ndrm-pdev:\t0000:04:00.0\n");
	tree_file("proc/12/fdinfo/junk", INFO("3", "1"));
	tree_file("proc/self/fdinfo/5", INFO("4", "1"));
	ASSERT_EQ(fdinfo_scan(&sysfs, "0000:03:00.0", &list), 0);
	EXPECT_EQ(list.processes, 3);
	EXPECT_EQ(list.hidden, 0);
	EXPECT_EQ(list.nr, 2);
	EXPECT_EQ(list.item[0].pid, 10);
	EXPECT_EQ(list.item[1].pid, 11);
	EXPECT_EQ(fdinfos_busy_ns(&list).value, 150);
	fdinfos_free(&list);
	EXPECT_EQ(list.nr, 0);
	EXPECT_FALSE(fdinfos_busy_ns(&list).known);
	tree_end(&sysfs);
}

/* Texts of real kernels, in the recordings beside the source. */
TEST(recorded_texts)
{
	const char *root = getenv("ACCELGOV_DATA");
	char dir[400], text[8192];
	struct sysfs sysfs;
	struct fdinfo f;

	snprintf(dir, sizeof(dir), "%s/sysfs/fdinfo-samples",
		 root ? root : "../shared/data");
	if (sysfs_open(&sysfs, dir))
		SKIP("no recordings beside the source");
	ASSERT_EQ(sysfs_read(&sysfs, text, sizeof(text),
			     "amdgpu_compute_new_keys.txt"), 0);
	ASSERT_EQ(fdinfo_parse(text, &f), 0);
	EXPECT_STREQ(f.pdev, "0000:04:00.0");
	EXPECT_EQ(f.engine[0].busy_ns.value, 46464671);
	EXPECT_EQ(f.memory_bytes.value, 44564 * 1024);
	ASSERT_EQ(sysfs_read(&sysfs, text, sizeof(text),
			     "xe_kernel_doc_example.txt"), 0);
	ASSERT_EQ(fdinfo_parse(text, &f), 0);
	EXPECT_EQ(f.nr_engines, 5);
	EXPECT_EQ(f.engine[0].cycles.value, 28257900);
	EXPECT_EQ(f.engine[4].capacity, 4);
	EXPECT_EQ(f.memory_bytes.value, 23992 * 1024);
	ASSERT_EQ(sysfs_read(&sysfs, text, sizeof(text),
			     "amdxdna_npu_2024.txt"), 0);
	ASSERT_EQ(fdinfo_parse(text, &f), 0);
	EXPECT_STREQ(f.driver, "amdxdna_accel_driver");
	EXPECT_STREQ(f.engine[0].name, "npu-amdxdna");
	EXPECT_TRUE(f.engine[0].busy_ns.known);
	sysfs_close(&sysfs);
}
