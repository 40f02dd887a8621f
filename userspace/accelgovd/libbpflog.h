/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - what libbpf says, in the daemon's log
 */
#ifndef ACCELGOVD_LIBBPFLOG_H
#define ACCELGOVD_LIBBPFLOG_H

#include <stdbool.h>

/**
 * libbpflog_init() - let libbpf log from now on
 */
void libbpflog_init(void);

/**
 * libbpflog_expect() - the calling thread tries what not every kernel can
 * @failure: one would be no news, and the caller says itself what follows from it:
 *	libbpf's warnings are for -v alone
 */
void libbpflog_expect(bool failure);

#endif /* ACCELGOVD_LIBBPFLOG_H */
