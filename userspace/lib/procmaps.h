/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - lines of /proc/PID/maps
 */
#ifndef ACCELGOV_LIB_PROCMAPS_H
#define ACCELGOV_LIB_PROCMAPS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct procmap - a mapping of a file
 * @start: first address
 * @end: address behind it
 * @executable: code may run in it
 * @offset: in the file
 * @path: of the file, points into the line
 */
struct procmap {
	uint64_t start;
	uint64_t end;
	bool executable;
	uint64_t offset;
	const char *path;
};

/**
 * procmap_parse() - take a line apart
 * @line: of /proc/PID/maps; its newline is cut off
 * @ret_map: filled on success
 *
 * Return: false when it is not one, or not of a file.
 */
bool procmap_parse(char *line, struct procmap *ret_map);

#endif /* ACCELGOV_LIB_PROCMAPS_H */
