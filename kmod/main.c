// SPDX-License-Identifier: GPL-2.0
/* Main: load and unload. */
#include <linux/module.h>
#include "device.h"
#include "governor.h"
#include "kfunc.h"
#include "proxy/proxy.h"

struct workqueue_struct *accelgov_wq;

static int __init accelgov_init(void)
{
	int err;

	accelgov_wq = alloc_workqueue("accelgov", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!accelgov_wq)
		return -ENOMEM;
	err = accelgov_kfunc_init();
	if (err)
		goto destroy_wq;
	err = accelgov_governor_register();
	if (err)
		goto destroy_wq;
	err = accelgov_proxy_init();
	if (err)
		goto unregister_governor;
	return 0;

unregister_governor:
	accelgov_governor_unregister();
destroy_wq:
	destroy_workqueue(accelgov_wq);
	return err;
}
module_init(accelgov_init);

static void __exit accelgov_exit(void)
{
	accelgov_proxy_exit();
	accelgov_governor_unregister();
	destroy_workqueue(accelgov_wq);
}
module_exit(accelgov_exit);

MODULE_DESCRIPTION("Phase-aware devfreq governor for AI accelerators");
MODULE_AUTHOR("accelgov developers");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
MODULE_ALIAS("governor_accelgov");
