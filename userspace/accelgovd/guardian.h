/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - a process that puts accelerators back when the daemon can't
 *
 * The kernel takes back what it set when the daemon dies. What the daemon set
 * through a vendor's library stays set: no kernel knows of it. So a second process
 * waits on a socket. The daemon's end closes with the daemon, however it dies, and
 * each beat on it says for how long the next one may take. When either fails the
 * guardian opens the libraries itself and restores what is on record.
 */
#ifndef ACCELGOVD_GUARDIAN_H
#define ACCELGOVD_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>

struct guardian;

/**
 * guardian_start() - start the process
 * @state_path: record of changes, as it will be when the daemon dies
 * @ret_guardian: set on success
 *
 * Return: 0 or a negative errno.
 */
int guardian_start(const char *state_path, struct guardian **ret_guardian);

/**
 * guardian_beat() - the daemon lives
 * @g: the guardian
 * @patience_ms: until the next beat; 0 for as long as it takes
 *
 * Return: false when the guardian itself has died.
 */
bool guardian_beat(struct guardian *g, uint32_t patience_ms);

/**
 * guardian_free() - let it go; when there is a record it restores that first
 * @g: may be NULL
 *
 * Return: NULL.
 */
struct guardian *guardian_free(struct guardian *g);

/**
 * guardian_main() - be the guardian
 * @argc: of main()
 * @argv: of main()
 * @ret_code: exit code
 *
 * Return: false when this process is not meant to be one.
 */
bool guardian_main(int argc, char **argv, int *ret_code);

#endif /* ACCELGOVD_GUARDIAN_H */
