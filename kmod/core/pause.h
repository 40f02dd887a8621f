/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PAUSE_H
#define _AG_PAUSE_H

#include "types.h"

/**
 * struct ag_pause - quiet stretches of a job that trains
 * @quiet_ns: how long no engine has been busy
 * @copied_us: how long something has gone over the host link meanwhile, slowly
 * @wait_us: longest wait for input of late, 0 before the first
 * @work_ns: time not quiet since the last save
 * @every_ns: the same between the last two saves
 * @longest_ns: longest pause of late
 * @regular: saves came at equal distances
 * @proofs: how often they did, less what speaks against it
 */
struct ag_pause {
	u64 quiet_ns;
	u32 copied_us;
	u32 wait_us;
	u64 work_ns;
	u64 every_ns;
	u64 longest_ns;
	bool regular;
	u8 proofs;
};

void ag_pause_update(struct ag_pause *p, bool quiet, bool copied, u64 ns);
bool ag_pause_is_save(const struct ag_pause *p);
bool ag_pause_is_copy(const struct ag_pause *p);
bool ag_pause_is_regular(const struct ag_pause *p);
bool ag_pause_is_end(const struct ag_pause *p);

#endif /* _AG_PAUSE_H */
