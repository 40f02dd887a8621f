/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelsim - contexts on a device, whoever they belong to
 */
#ifndef _ACCELSIM_CLIENT_H
#define _ACCELSIM_CLIENT_H

#include <linux/mutex.h>

#include "sim.h"

/**
 * struct accelsim_file - one context, as a rule an open file
 * @adev: device, referenced
 * @read_lock: one reader at a time, so that entries leave the ring only after
 *	they reached the reader
 * @reserved: may use the places of the queue that are kept free
 * @queued: items in the model's queue
 * @first: index of the oldest unread completion
 * @unread: completions in @ring
 * @ring: completions
 */
struct accelsim_file {
	struct accelsim_device *adev;
	struct mutex read_lock; /* serialises readers */
	bool reserved;
	u32 queued;
	u32 first;
	u32 unread;
	struct accelsim_done ring[ACCELSIM_FILE_ITEMS];
};

/**
 * struct accelsim_listener - who wants to know at once that items are done
 * @finished: called without locks, maybe from an interrupt, maybe on several
 *	CPUs, inside an RCU read-side section
 */
struct accelsim_listener {
	void (*finished)(struct accelsim_listener *listener);
};

struct accelsim_file *accelsim_client_open(struct accelsim_device *adev,
					   bool reserved);
void accelsim_client_close(struct accelsim_file *file);
bool accelsim_client_room(const struct accelsim_file *file);
int accelsim_client_submit(struct accelsim_file *file,
			   const struct accelsim_item *item, u64 ref_ns);
void accelsim_client_cancel(struct accelsim_file *file);
bool accelsim_client_take(struct accelsim_file *file,
			  struct accelsim_done *ret_done);
bool accelsim_client_item(const struct accelsim_device *adev,
			  const struct accelsim_item *item, u64 *ret_ref_ns);
int accelsim_client_power(struct accelsim_device *adev);
void accelsim_client_unpower(struct accelsim_device *adev);
void accelsim_listen(struct accelsim_device *adev,
		     struct accelsim_listener *listener);

#endif /* _ACCELSIM_CLIENT_H */
