// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - foreign text that a terminal may get
 *
 * A recorded tree comes from anybody, a process gives itself its name: an escape
 * sequence in there could clear what was printed before it, or fake it.
 */
#include "printable.h"

static bool plain(char byte)
{
	return byte >= 0x20 && byte <= 0x7e;
}

char *printable(char *text)
{
	char *at;

	for (at = text; *at; at++)
		if (!plain(*at))
			*at = '?';
	return text;
}

char *printable_lines(char *text)
{
	char *at;

	for (at = text; *at; at++)
		if (!plain(*at) && *at != '\n' && *at != '\t')
			*at = '?';
	return text;
}

bool is_printable(const char *text)
{
	while (*text && plain(*text))
		text++;
	return !*text;
}
