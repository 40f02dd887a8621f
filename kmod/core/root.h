/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_ROOT_H
#define _AG_ROOT_H

#include "types.h"

/* Numbers whose roots ag_root() takes lie below this. */
#define AG_ROOT_LIMIT	BIT_ULL(60)

u32 ag_root(u64 v);

#endif /* _AG_ROOT_H */
