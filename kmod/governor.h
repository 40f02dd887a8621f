/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_GOVERNOR_H
#define _ACCELGOV_GOVERNOR_H

int accelgov_governor_register(void);
void accelgov_governor_unregister(void);

#endif /* _ACCELGOV_GOVERNOR_H */
