// SPDX-License-Identifier: GPL-2.0
/*
 * accelsim_drm - simulated accelerators as DRM accel devices
 *
 * accelsim.ko needs nothing of DRM. It gives each device a child, accelsim-drm.<N>;
 * this module binds to those and registers /dev/accel/accel<N>, whose jobs run
 * through the kernel's GPU scheduler. So its trace events, the fences' and fdinfo are
 * the real ones.
 */
#include <linux/dma-fence.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include <drm/drm_accel.h>
#include <drm/drm_managed.h>

#include "drm.h"

/* Jobs that the scheduler gives to a device at a time: one runs, one follows. */
#define ACCELSIM_DRM_CREDITS	2

static_assert(ACCELSIM_DRM_CREDITS <= ASIM_QUEUE_RESERVED);

static const struct drm_driver accelsim_drm_driver = {
	.driver_features = DRIVER_COMPUTE_ACCEL,
	.open = accelsim_drm_open,
	.postclose = accelsim_drm_postclose,
	.show_fdinfo = accelsim_drm_show_fdinfo,
	.fops = &accelsim_drm_fops,
	.name = ACCELSIM_NAME,
	.desc = "Simulated accelerator",
#ifdef COMPAT_DRIVER_DATE
	.date = "20250101",
#endif
	.major = 1,
};

static int accelsim_drm_start(struct accelsim_drm *ad)
{
	int ret;

	mutex_init(&ad->mutex);
	spin_lock_init(&ad->lock);
	spin_lock_init(&ad->fence_lock);
	INIT_LIST_HEAD(&ad->clients);
	init_waitqueue_head(&ad->wait);
	ad->context = dma_fence_context_alloc(1);
	ad->listener.finished = accelsim_drm_finished;
	ret = compat_drm_sched_init(&ad->sched, &accelsim_sched_ops,
				    ACCELSIM_DRM_CREDITS, "engine",
				    ad->adev->dev);
	if (ret)
		return ret;
	accelsim_listen(ad->adev, &ad->listener);
	return 0;
}

static void accelsim_drm_end(struct accelsim_drm *ad)
{
	accelsim_listen(ad->adev, NULL);
	drm_sched_fini(&ad->sched);
}

static bool accelsim_drm_no_jobs(struct accelsim_drm *ad)
{
	unsigned long flags;
	bool none;

	spin_lock_irqsave(&ad->lock, flags);
	none = !ad->jobs;
	spin_unlock_irqrestore(&ad->lock, flags);
	return none;
}

static int accelsim_drm_probe(struct platform_device *pdev)
{
	struct accelsim_device *adev = dev_get_drvdata(pdev->dev.parent);
	struct drm_device *drm;
	struct accelsim_drm *ad;
	int ret;

	drm = drm_dev_alloc(&accelsim_drm_driver, adev->dev);
	if (IS_ERR(drm))
		return PTR_ERR(drm);
	ad = drmm_kzalloc(drm, sizeof(*ad), GFP_KERNEL);
	ret = ad ? 0 : -ENOMEM;
	if (ret)
		goto err_drm;
	ad->drm = drm;
	ad->adev = adev;
	drm->dev_private = ad;
	ret = accelsim_drm_start(ad);
	if (ret)
		goto err_drm;
	ret = drm_dev_register(drm, 0);
	if (ret)
		goto err_start;
	platform_set_drvdata(pdev, ad);
	return 0;

err_start:
	accelsim_drm_end(ad);
err_drm:
	drm_dev_put(drm);
	return ret;
}

/* Files may stay open: they see -ENODEV, and keep the structure. */
static void accelsim_drm_remove(struct platform_device *pdev)
{
	struct accelsim_drm *ad = platform_get_drvdata(pdev);
	struct accelsim_drm_client *c;

	WRITE_ONCE(ad->gone, true);
	wake_up_all(&ad->wait);
	drm_dev_unplug(ad->drm);

	mutex_lock(&ad->mutex);
	list_for_each_entry(c, &ad->clients, node)
		accelsim_drm_stop(c, -ENODEV);
	mutex_unlock(&ad->mutex);
	wait_event(ad->wait, accelsim_drm_no_jobs(ad));
	accelsim_drm_end(ad);
	drm_dev_put(ad->drm);
}

static const struct platform_device_id accelsim_drm_ids[] = {
	{ ACCELSIM_NAME "-drm", 0 },
	{}
};
MODULE_DEVICE_TABLE(platform, accelsim_drm_ids);

static struct platform_driver accelsim_drm_platform_driver = {
	.probe = accelsim_drm_probe,
	.remove = accelsim_drm_remove,
	.id_table = accelsim_drm_ids,
	.driver = {
		.name = ACCELSIM_NAME "-drm",
	},
};
module_platform_driver(accelsim_drm_platform_driver);

MODULE_DESCRIPTION("Simulated AI accelerators as DRM accel devices");
MODULE_AUTHOR("accelgov developers");
MODULE_LICENSE("GPL");
