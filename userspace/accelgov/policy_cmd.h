/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov policy - its parts: settings in policy.c, policies in BPF in
 * policy_bpf.c
 */
#ifndef ACCELGOV_POLICY_CMD_H
#define ACCELGOV_POLICY_CMD_H

#include "cmd.h"

/* Knobs of a policy in BPF are called policy/NAME among a device's settings. */
#define POLICY_KNOB_PREFIX	"policy/"

/**
 * policy_load() - accelgov policy load
 * @args: operands behind the action
 * @nr: how many
 * @device: from --device, or NULL
 *
 * Return: an exit code.
 */
int policy_load(char **args, int nr, const char *device);

/**
 * policy_unload() - accelgov policy unload
 * @nr: operands behind the action
 * @device: from --device, or NULL
 *
 * Return: an exit code.
 */
int policy_unload(int nr, const char *device);

/**
 * policy_list() - accelgov policy list
 * @sysfs: tree
 * @nr: operands behind the action
 * @json: write JSON
 *
 * Return: an exit code.
 */
int policy_list(const struct sysfs *sysfs, int nr, bool json);

/**
 * policy_show() - which policy decides about a device, and why not another
 * @sysfs: tree
 * @device: governed device
 */
void policy_show(const struct sysfs *sysfs, const char *device);

/**
 * policy_json() - the same for machines
 * @sysfs: tree
 * @device: governed device
 *
 * Return: a new reference.
 */
json_t *policy_json(const struct sysfs *sysfs, const char *device);

/**
 * policy_set_knob() - change a knob of the policy that decides about a device
 * @device: governed device
 * @setting: policy/NAME=VALUE
 *
 * Return: an exit code.
 */
int policy_set_knob(const char *device, const char *setting);

#endif /* ACCELGOV_POLICY_CMD_H */
