/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Formats in which somebody may have written down what a device has to do.
 */
#ifndef _LIB_INPUT_FORMAT_H
#define _LIB_INPUT_FORMAT_H

#include <stddef.h>

/**
 * enum input_format - a format
 * @INPUT_AZURE: requests, Azure LLM inference traces, CSV
 * @INPUT_MOONCAKE: requests, Mooncake traces, JSON lines
 * @INPUT_SERVEGEN: rates of arrival by window, ServeGen, CSV
 * @INPUT_PHASES: a list of what the device does, CSV
 * @INPUT_FORMAT_NR: number of formats, also for "none"
 */
enum input_format {
	INPUT_AZURE,
	INPUT_MOONCAKE,
	INPUT_SERVEGEN,
	INPUT_PHASES,
	INPUT_FORMAT_NR
};

/**
 * input_format_name() - what users call a format
 * @format: the format
 *
 * Return: the name, NULL for %INPUT_FORMAT_NR.
 */
const char *input_format_name(enum input_format format);

/**
 * input_format_shape() - what a text in this format looks like
 * @format: the format
 *
 * Return: half a sentence for error messages.
 */
const char *input_format_shape(enum input_format format);

/**
 * input_format_find() - look a format up
 * @name: for example ``azure``
 *
 * Return: the format or %INPUT_FORMAT_NR.
 */
enum input_format input_format_find(const char *name);

/**
 * input_format_detect() - tell a format from the first line of a text
 * @text: the text
 * @len: its length
 *
 * Return: the only format whose texts begin like that, %INPUT_FORMAT_NR when
 * none does.
 */
enum input_format input_format_detect(const char *text, size_t len);

#endif /* _LIB_INPUT_FORMAT_H */
