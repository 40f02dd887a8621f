// SPDX-License-Identifier: GPL-2.0
/*
 * accelsim - simulated accelerators for machines without one
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "sim.h"

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of devices, 1 to 256");

static char *profile[ACCELSIM_MAX_DEVICES] = { "a100-sxm" };
static unsigned int nr_profile = 1;
module_param_array(profile, charp, &nr_profile, 0444);
MODULE_PARM_DESC(profile, "a100-sxm, h100-sxm or npu-edge for each device, the last one repeats");

static char *sensor = "nvml";
module_param(sensor, charp, 0444);
MODULE_PARM_DESC(sensor, "nvml (sampled and late) or ideal");

static unsigned int sensor_gain_permille[ACCELSIM_MAX_DEVICES] = { 1000 };
static unsigned int nr_gain = 1;
module_param_array(sensor_gain_permille, uint, &nr_gain, 0444);
MODULE_PARM_DESC(sensor_gain_permille, "what each power sensor shows for 1000, 500 to 1500, the last one repeats");

static bool pmu = true;
module_param(pmu, bool, 0444);
MODULE_PARM_DESC(pmu, "perf counters; without them the GPU scheduler alone knows how busy a device is");

static char *governor = "simple_ondemand";
module_param(governor, charp, 0444);
MODULE_PARM_DESC(governor, "devfreq governor to start with");

static struct asim_chip *accelsim_chips;
static struct platform_device *accelsim_devices[ACCELSIM_MAX_DEVICES];
static unsigned int nr_made;

static const struct asim_profile *accelsim_profile_of(unsigned int id)
{
	return asim_profile_find(profile[min(id, nr_profile - 1)]);
}

/**
 * accelsim_settings() - what the module was told about one device
 * @id: number of the device
 *
 * Return: its settings.
 */
struct accelsim_settings accelsim_settings(int id)
{
	return (struct accelsim_settings){
		.chip = &accelsim_chips[accelsim_profile_of(id) -
					asim_profiles],
		.governor = governor,
		.ideal_sensor = sysfs_streq(sensor, "ideal"),
		.pmu = pmu,
		.gain_permille = sensor_gain_permille[min_t(unsigned int, id,
							    nr_gain - 1)],
	};
}

static int accelsim_check_profiles(void)
{
	unsigned int i;

	for (i = 0; i < nr_profile; i++) {
		if (asim_profile_find(profile[i]))
			continue;
		pr_err("profile=%s is unknown, use a100-sxm, h100-sxm or npu-edge\n",
		       profile[i]);
		return -EINVAL;
	}
	return 0;
}

static int accelsim_check_gains(void)
{
	unsigned int i;

	for (i = 0; i < nr_gain; i++) {
		if (sensor_gain_permille[i] >= 500 &&
		    sensor_gain_permille[i] <= 1500)
			continue;
		pr_err("sensor_gain_permille=%u is not within 500 to 1500\n",
		       sensor_gain_permille[i]);
		return -EINVAL;
	}
	return 0;
}

static int accelsim_check_parameters(void)
{
	int ret;

	if (!devices || devices > ACCELSIM_MAX_DEVICES) {
		pr_err("devices=%u is not within 1 to %d\n", devices,
		       ACCELSIM_MAX_DEVICES);
		return -EINVAL;
	}
	if (!sysfs_streq(sensor, "nvml") && !sysfs_streq(sensor, "ideal")) {
		pr_err("sensor=%s is unknown, use nvml or ideal\n", sensor);
		return -EINVAL;
	}
	ret = accelsim_check_profiles();
	return ret ? ret : accelsim_check_gains();
}

static int accelsim_make_chips(void)
{
	unsigned int i;
	int ret = 0;

	accelsim_chips = kvcalloc(asim_nr_profiles, sizeof(*accelsim_chips),
				  GFP_KERNEL);
	if (!accelsim_chips)
		return -ENOMEM;
	for (i = 0; !ret && i < asim_nr_profiles; i++)
		ret = asim_chip_init(&accelsim_chips[i], &asim_profiles[i]);
	if (ret)
		kvfree(accelsim_chips);
	return ret;
}

static void accelsim_remove_devices(void)
{
	while (nr_made)
		platform_device_unregister(accelsim_devices[--nr_made]);
}

static int accelsim_make_devices(void)
{
	struct platform_device *pdev;

	while (nr_made < devices) {
		pdev = platform_device_register_simple(ACCELSIM_NAME, nr_made,
						       NULL, 0);
		if (IS_ERR(pdev))
			return PTR_ERR(pdev);
		accelsim_devices[nr_made++] = pdev;
	}
	return 0;
}

static int __init accelsim_init(void)
{
	int ret;

	ret = accelsim_check_parameters();
	if (ret)
		return ret;
	ret = accelsim_make_chips();
	if (ret)
		return ret;
	ret = accelsim_queue_init();
	if (ret)
		goto err_chips;
	ret = accelsim_pmu_init(devices);
	if (ret)
		goto err_queue;
	ret = platform_driver_register(&accelsim_driver);
	if (ret)
		goto err_pmu;
	ret = accelsim_make_devices();
	if (ret)
		goto err_driver;
	return 0;

err_driver:
	platform_driver_unregister(&accelsim_driver);
	accelsim_remove_devices();
err_pmu:
	accelsim_pmu_exit();
err_queue:
	accelsim_queue_exit();
err_chips:
	kvfree(accelsim_chips);
	return ret;
}
module_init(accelsim_init);

/*
 * The driver leaves first: when a device does, its PM QoS is gone before the driver
 * hears of it, and the kernel's cooling device warns about a request that it still
 * holds there.
 */
static void __exit accelsim_exit(void)
{
	platform_driver_unregister(&accelsim_driver);
	accelsim_remove_devices();
	accelsim_pmu_exit();
	accelsim_queue_exit();
	kvfree(accelsim_chips);
}
module_exit(accelsim_exit);

MODULE_DESCRIPTION("Simulated AI accelerators with clocks, power and work");
MODULE_AUTHOR("accelgov developers");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: governor_simpleondemand");
