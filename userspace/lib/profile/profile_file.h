/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device profiles as text: what users read, edit and share. The format is
 * described in Documentation/calibrate.rst; a comment behind a figure says
 * where it comes from, and is kept.
 */
#ifndef _LIB_PROFILE_FILE_H
#define _LIB_PROFILE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../../../kmod/sim/profile.h"

#define PROFILE_NAME_LEN	24
#define PROFILE_LABEL_LEN	64
#define PROFILE_NOTE_LEN	240
#define PROFILE_NOTES_MAX	112
#define PROFILE_PHASES_MAX	64

/**
 * struct profile_note - where a figure comes from
 * @section: section of the text
 * @key: key in it
 * @text: the comment behind the value
 */
struct profile_note {
	char section[PROFILE_LABEL_LEN + 8];
	char key[PROFILE_LABEL_LEN];
	char text[PROFILE_NOTE_LEN];
};

/**
 * struct profile_phase - how work behaved that the profile was fitted to
 * @name: of the phase
 * @sensitivity_permille: share of the fourth power of its time at the top
 *	clock that goes with the clock, *w* in Documentation/governor.rst
 * @time_ns: its time at the top clock, without a power limit
 * @mw: its power there
 */
struct profile_phase {
	char name[PROFILE_LABEL_LEN];
	u32 sensitivity_permille;
	u64 time_ns;
	u32 mw;
};

/**
 * struct profile_file - a profile and what only its text holds
 * @p: the profile; its pointers lead into this structure, so copy one with
 *	profile_file_copy() only
 * @name: storage of @p.name
 * @khz: storage of @p.khz
 * @level_name: storage of the names of idle states
 * @phase: work that it was fitted to
 * @nr_phases: entries of @phase
 * @note: sources of figures
 * @nr_notes: entries of @note
 */
struct profile_file {
	struct asim_profile p;
	char name[PROFILE_NAME_LEN];
	u32 khz[ASIM_MAX_OPPS];
	char level_name[ASIM_MAX_LEVELS][PROFILE_NAME_LEN];
	struct profile_phase phase[PROFILE_PHASES_MAX];
	u32 nr_phases;
	struct profile_note note[PROFILE_NOTES_MAX];
	u32 nr_notes;
};

/**
 * struct profile_error - why a text was refused
 * @line: line number, from 1; 0 when the profile as a whole is wrong
 * @reason: what is wrong with it, for humans
 */
struct profile_error {
	unsigned int line;
	char reason[200];
};

/**
 * profile_parse() - read a profile
 * @text: the whole file, need not end with NUL
 * @len: its length in bytes
 * @ret: the profile, set on success only
 * @err: where and why, set on -EINVAL
 *
 * Nothing is guessed: every figure must be there once, with its unit.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int profile_parse(const char *text, size_t len, struct profile_file *ret,
		  struct profile_error *err);

/**
 * profile_write() - write a profile as text
 * @pf: the profile
 * @f: where to
 *
 * What profile_parse() reads from the text is written as the same text again.
 *
 * Return: 0, or as textfile_flush().
 */
int profile_write(const struct profile_file *pf, FILE *f);

/**
 * profile_check() - does a profile describe a device that can be
 * @p: the profile
 * @reason: filled when it does not
 * @size: of @reason
 *
 * Return: true when it does.
 */
bool profile_check(const struct asim_profile *p, char *reason, size_t size);

/**
 * profile_builtin() - one of the simulator's profiles with its sources
 * @p: the profile
 * @ret: filled
 */
void profile_builtin(const struct asim_profile *p, struct profile_file *ret);

/**
 * profile_file_copy() - copy a profile
 * @from: the original
 * @to: the copy
 */
void profile_file_copy(const struct profile_file *from,
		       struct profile_file *to);

/**
 * profile_rename() - give a profile another name
 * @pf: the profile
 * @name: lower-case letters, digits, dots and dashes, at most 23
 *
 * Return: false when @name is none.
 */
bool profile_rename(struct profile_file *pf, const char *name);

/**
 * profile_note() - say where a figure comes from, or no longer
 * @pf: the profile
 * @section: section of the text
 * @key: key in it
 * @text: the source, "" to forget it; cut when too long
 */
void profile_note(struct profile_file *pf, const char *section,
		  const char *key, const char *text);

/**
 * profile_note_of() - where a figure comes from
 * @pf: the profile
 * @section: section of the text
 * @key: key in it
 *
 * Return: its source, "" when none is known.
 */
const char *profile_note_of(const struct profile_file *pf,
			    const char *section, const char *key);

#endif /* _LIB_PROFILE_FILE_H */
