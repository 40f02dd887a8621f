/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespaces of symbols are named by a string since Linux 6.13, by a word before.
 */
#ifndef _ACCELGOV_COMPAT_KUNIT_H
#define _ACCELGOV_COMPAT_KUNIT_H

#include <linux/module.h>
#include <linux/version.h>
#include <kunit/visibility.h>

#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
#define ACCELGOV_KUNIT_NS	"EXPORTED_FOR_KUNIT_TESTING"
#else
#define ACCELGOV_KUNIT_NS	EXPORTED_FOR_KUNIT_TESTING
#endif

/* For symbols of files that know nothing of modules, from a file that does. */
#define ACCELGOV_FOR_KUNIT(symbol)	EXPORT_SYMBOL_IF_KUNIT(symbol)

#endif /* _ACCELGOV_COMPAT_KUNIT_H */
