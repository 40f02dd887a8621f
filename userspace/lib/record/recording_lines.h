/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a recording, between text and structures.
 */
#ifndef _LIB_RECORDING_LINES_H
#define _LIB_RECORDING_LINES_H

#include "recording.h"

/* Longest line, its end included: a device with 512 clocks has 6 KiB. */
#define RECORDING_LINE_MAX	16384

/**
 * recording_amount_name() - name of a signal that is an amount over its window
 * @signal: which; backend_signal_name() names it as a rate
 *
 * Return: "busy_ns" and so on.
 */
const char *recording_amount_name(enum accelgov_signal signal);

/**
 * recording_format_head() - the first line
 * @head: the beginning
 *
 * Return: the line without its end, to be freed; NULL without memory.
 */
char *recording_format_head(const struct recording_head *head);

/**
 * recording_format_device() - one of the lines that follow
 * @device: the device
 * @index: its number
 *
 * Return: as recording_format_head().
 */
char *recording_format_device(const struct recording_device *device,
			      uint32_t index);

/**
 * recording_format_entry() - any other line
 * @entry: what it tells
 * @start_ns: of the beginning, no later than the entry
 * @buf: result
 * @size: of @buf, %RECORDING_LINE_MAX is always enough
 *
 * Return: its length.
 */
size_t recording_format_entry(const struct recording_entry *entry,
			      uint64_t start_ns, char *buf, size_t size);

/**
 * recording_parse_head() - read the first line
 * @line: the text
 * @len: of it
 * @ret_head: filled on success
 * @reason: why not, %RECORDING_TEXT_LEN bytes
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int recording_parse_head(const char *line, size_t len,
			 struct recording_head *ret_head, char *reason);

/**
 * recording_parse_device() - read the line of a device
 * @line: the text
 * @len: of it
 * @index: number that it must have
 * @ret_device: filled on success
 * @reason: why not
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int recording_parse_device(const char *line, size_t len, uint32_t index,
			   struct recording_device *ret_device, char *reason);

/**
 * recording_parse_entry() - read any other line
 * @line: the text
 * @len: of it
 * @head: the beginning
 * @ret_entry: filled on success
 * @reason: why not
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int recording_parse_entry(const char *line, size_t len,
			  const struct recording_head *head,
			  struct recording_entry *ret_entry, char *reason);

#endif /* _LIB_RECORDING_LINES_H */
