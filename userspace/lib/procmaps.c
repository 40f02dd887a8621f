// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - lines of /proc/PID/maps
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "procmaps.h"

bool procmap_parse(char *line, struct procmap *ret_map)
{
	struct procmap map;
	char perms[5];
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n",
		   &map.start, &map.end, perms, &map.offset, &path) != 4 ||
	    !path || line[path] != '/' || map.end <= map.start)
		return false;
	map.executable = strlen(perms) == 4 && perms[2] == 'x';
	map.path = line + path;
	*ret_map = map;
	return true;
}
