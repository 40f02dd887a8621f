/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - numbers with units, as people write and read them
 *
 * Parsing is strict: a unit is required (except for zero), a value that the
 * base unit can't hold exactly is refused, nothing is rounded.
 */
#ifndef ACCELGOV_LIB_UNITS_H
#define ACCELGOV_LIB_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum unit - what a value measures and the base unit it is kept in
 * @UNIT_TIME: microseconds; written us, ms, s, min, h
 * @UNIT_FREQ: hertz; written Hz, kHz, MHz, GHz
 * @UNIT_POWER: microwatts; written uW, mW, W, kW
 * @UNIT_SHARE: per mille; written % or permille
 * @UNIT_BOOL: 0 or 1; written yes, no, on, off, true, false, 1, 0
 * @UNIT_SPAN: nanoseconds; written ns, us, ms, s
 * @UNIT_VOLTAGE: microvolts; written uV, mV, V
 * @UNIT_BANDWIDTH: 10^6 bytes per second; written MB/s, GB/s, TB/s
 * @UNIT_COUNT: a number without a unit
 */
enum unit {
	UNIT_TIME,
	UNIT_FREQ,
	UNIT_POWER,
	UNIT_SHARE,
	UNIT_BOOL,
	UNIT_SPAN,
	UNIT_VOLTAGE,
	UNIT_BANDWIDTH,
	UNIT_COUNT,
};

/**
 * unit_parse() - parse a value
 * @unit: what it has to be
 * @text: what was written
 * @ret_value: in base units, left as it was on failure
 *
 * Return: 0; -EBADMSG when it is no number or has no or an unknown unit;
 * -EDOM when it is finer than the base unit; -ERANGE when it is too large.
 */
int unit_parse(enum unit unit, const char *text, int64_t *ret_value);

/**
 * unit_example() - how a value of this kind is written
 * @unit: the kind
 *
 * Return: a phrase for error messages.
 */
const char *unit_example(enum unit unit);

/**
 * unit_samples() - what that is, without saying of what kind
 * @unit: kind of the value
 *
 * Return: "500us, 10ms, 3s" and so on, to stand behind "such as".
 */
const char *unit_samples(enum unit unit);

/**
 * unit_format() - write a value for people, three significant digits or so
 * @unit: what it is
 * @value: in base units
 * @buf: result
 * @size: of @buf, 24 is always enough
 *
 * Return: @buf.
 */
const char *unit_format(enum unit unit, int64_t value, char *buf, size_t size);

/**
 * unit_exact() - write a value so that unit_parse() gives the same again
 * @unit: what it is, not %UNIT_BOOL
 * @value: in base units, not negative
 * @buf: result
 * @size: of @buf, 40 is always enough
 *
 * Return: @buf.
 */
const char *unit_exact(enum unit unit, int64_t value, char *buf, size_t size);

/**
 * format_energy() - write an energy for people
 * @energy_uj: microjoules, may be negative
 * @buf: result
 * @size: of @buf, 24 is always enough
 *
 * Return: @buf.
 */
const char *format_energy(int64_t energy_uj, char *buf, size_t size);

#endif /* ACCELGOV_LIB_UNITS_H */
