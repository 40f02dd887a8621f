/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - amdgpu's text tables
 *
 * They are text for people, and grew with each generation. What does not look as
 * one of the forms below is skipped; a table in which nothing is left is unknown.
 */
#ifndef ACCELGOV_BACKENDS_DPM_H
#define ACCELGOV_BACKENDS_DPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DPM_LEVELS	32
#define DPM_PROFILES	32

/**
 * struct dpm_table - pp_dpm_sclk and pp_dpm_mclk
 * @mhz: clock per level
 * @nr: levels
 * @current_mhz: where the mark is, 0 when nowhere or on a clock of 0
 * @marked: a mark was found
 * @deep_sleep: the mark is on the line "S:", a clock below all levels
 */
struct dpm_table {
	uint32_t mhz[DPM_LEVELS];
	size_t nr;
	uint32_t current_mhz;
	bool marked;
	bool deep_sleep;
};

/**
 * struct dpm_od - pp_od_clk_voltage, as far as clocks go
 * @sclk_min: lower end of the engine's clock in force; MHz, 0 for none
 * @sclk_max: upper end
 * @levels: number of OD_SCLK lines
 * @voltages: the lines carry voltages: they are a curve, not a range
 * @range_min: lowest that OD_RANGE allows, 0 for none
 * @range_max: highest
 */
struct dpm_od {
	uint32_t sclk_min;
	uint32_t sclk_max;
	size_t levels;
	bool voltages;
	uint32_t range_min;
	uint32_t range_max;
};

/**
 * struct dpm_profiles - pp_power_profile_mode
 * @current: number of the one in force
 * @number: of all, ascending
 * @nr: how many; of more than %DPM_PROFILES the first ones
 */
struct dpm_profiles {
	uint8_t current;
	uint8_t number[DPM_PROFILES];
	size_t nr;
};

/**
 * dpm_parse() - parse pp_dpm_*clk
 * @text: whole file
 * @ret_table: filled on success
 *
 * Lines are "2: 900Mhz *" or "S: 19Mhz *", the mark where the clock is now.
 *
 * Return: 0, or -EBADMSG when there is no line of that form, or levels are missing.
 */
int dpm_parse(const char *text, struct dpm_table *ret_table);

/**
 * dpm_settable() - clocks that levels stand for, ascending
 * @table: parsed
 * @engine: of the engine's clock rather than the memory's
 * @ret_mhz: %DPM_LEVELS of them
 * @ret_level: level of each, may be NULL
 *
 * For an engine's clock without levels the driver writes three lines: lowest, where
 * it is now, highest. The one in the middle is no level. Levels with the same clock
 * are one.
 *
 * Return: how many; 0 when clocks are not ascending or are 0.
 */
size_t dpm_settable(const struct dpm_table *table, bool engine,
		    uint32_t ret_mhz[DPM_LEVELS],
		    uint8_t ret_level[DPM_LEVELS]);

/**
 * dpm_parse_od() - parse pp_od_clk_voltage
 * @text: whole file
 * @ret_od: filled on success
 *
 * Return: 0, or -EBADMSG when there is no OD_SCLK section.
 */
int dpm_parse_od(const char *text, struct dpm_od *ret_od);

/**
 * dpm_parse_profile() - parse pp_power_profile_mode
 * @text: whole file
 * @ret_profiles: filled on success
 *
 * Return: 0, or -EBADMSG when no profile is marked.
 */
int dpm_parse_profile(const char *text, struct dpm_profiles *ret_profiles);

#endif /* ACCELGOV_BACKENDS_DPM_H */
