/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the part of NVIDIA's management library that we use
 *
 * Declared by us from the public description of the interface, the "NVML API
 * Reference Guide" (docs.nvidia.com/deploy/nvml-api), whose names are in the
 * comments: values and layouts are facts of a binary interface. Functions are
 * looked up one by one at run time, newest version first; see nvml_lib.c.
 *
 * Where versions of a struct differ in length only, ours is as long as the
 * longest; where its length tells which one it is (processes), that is in the code
 * that reads it.
 */
#ifndef ACCELGOV_BACKENDS_NVML_API_H
#define ACCELGOV_BACKENDS_NVML_API_H

#include <stdint.h>

/* nvmlReturn_t */
enum nvml_return {
	NVML_OK = 0,
	NVML_UNINITIALIZED = 1,
	NVML_INVALID_ARGUMENT = 2,
	NVML_NOT_SUPPORTED = 3,
	NVML_NO_PERMISSION = 4,
	NVML_NOT_FOUND = 6,
	NVML_INSUFFICIENT_SIZE = 7,
	NVML_DRIVER_NOT_LOADED = 9,
	NVML_TIMEOUT = 10,
	NVML_FUNCTION_NOT_FOUND = 13,
	NVML_GPU_IS_LOST = 15,
	NVML_RESET_REQUIRED = 16,
	NVML_LIB_RM_VERSION_MISMATCH = 18,
	NVML_IN_USE = 19,
	NVML_MEMORY = 20,
	NVML_NO_DATA = 21,
	NVML_FREQ_NOT_SUPPORTED = 24,
	NVML_ARGUMENT_VERSION_MISMATCH = 25,
	NVML_DEPRECATED = 26,
	NVML_NOT_READY = 27,
	NVML_GPU_NOT_FOUND = 28,
	NVML_UNKNOWN = 999,
};

/* nvmlClockType_t */
enum nvml_clock {
	NVML_CLOCK_GRAPHICS = 0,
	NVML_CLOCK_SM = 1,
	NVML_CLOCK_MEM = 2,
};

/* nvmlDeviceArchitecture_t: 5 Volta, 6 Turing, 7 Ampere, 8 Ada, 9 Hopper, 10 ... */
#define NVML_ARCH_AMPERE	7
#define NVML_ARCH_HOPPER	9

/* NVML_FI_DEV_*, for nvmlDeviceGetFieldValues() */
enum nvml_field {
	NVML_FIELD_NVLINK_SPEED = 90,		/* common to all links, MB/s, one way */
	NVML_FIELD_NVLINK_COUNT = 91,
	NVML_FIELD_NVLINK_DATA_TX = 138,	/* KiB, counts up */
	NVML_FIELD_NVLINK_DATA_RX = 139,
	NVML_FIELD_POWER_AVERAGE = 185,		/* mW over 1 s */
	NVML_FIELD_POWER_INSTANT = 186,		/* mW */
	NVML_FIELD_PCIE_TX = 197,		/* bytes, counts up */
	NVML_FIELD_PCIE_RX = 198,
};

/* Scope of a field: all links together; the GPU alone rather than a module. */
#define NVML_SCOPE_ALL_LINKS	UINT32_MAX
#define NVML_SCOPE_GPU		0

/* nvmlValueType_t */
enum nvml_value_type {
	NVML_VALUE_DOUBLE = 0,
	NVML_VALUE_UINT = 1,
	NVML_VALUE_ULONG = 2,
	NVML_VALUE_ULONGLONG = 3,
	NVML_VALUE_LONGLONG = 4,
	NVML_VALUE_INT = 5,
};

/* nvmlGpmMetricId_t; utilisation in percent, links in MiB/s */
enum nvml_metric {
	NVML_METRIC_GRAPHICS_UTIL = 1,
	NVML_METRIC_SM_UTIL = 2,
	NVML_METRIC_TENSOR_UTIL = 5,
	NVML_METRIC_DRAM_UTIL = 10,
	NVML_METRIC_FP64_UTIL = 11,
	NVML_METRIC_FP32_UTIL = 12,
	NVML_METRIC_FP16_UTIL = 13,
	NVML_METRIC_PCIE_TX = 20,
	NVML_METRIC_PCIE_RX = 21,
	NVML_METRIC_NVLINK_RX = 60,
	NVML_METRIC_NVLINK_TX = 61,
};

/* nvmlClocksEventReasons, once nvmlClocksThrottleReasons */
enum nvml_reason {
	NVML_REASON_IDLE = 0x001,
	NVML_REASON_APPLICATION_CLOCKS = 0x002,
	NVML_REASON_SW_POWER_CAP = 0x004,
	NVML_REASON_HW_SLOWDOWN = 0x008,
	NVML_REASON_SYNC_BOOST = 0x010,
	NVML_REASON_SW_THERMAL = 0x020,
	NVML_REASON_HW_THERMAL = 0x040,
	NVML_REASON_HW_POWER_BRAKE = 0x080,
	NVML_REASON_DISPLAY_CLOCK = 0x100,
};

/* nvmlDevice_t, nvmlGpmSample_t: pointers that are only ever handed back */
struct nvml_device;
struct nvml_sample;

/* Versioned structs tell their size and version in the first word. */
#define NVML_VERSION(type, version)	(sizeof(type) | (version) << 24)

/* nvmlPciInfo_t: all three versions begin like this. */
struct nvml_pci {
	char bus_id_legacy[16];
	uint32_t domain;
	uint32_t bus;
	uint32_t device;
	uint32_t rest[32];
};

/* nvmlUtilization_t, percent */
struct nvml_utilization {
	uint32_t gpu;
	uint32_t memory;
};

/* nvmlMemory_t, nvmlMemory_v2_t; bytes */
struct nvml_memory {
	uint64_t total;
	uint64_t free;
	uint64_t used;
};

struct nvml_memory_v2 {
	uint32_t version;
	uint64_t total;
	uint64_t reserved;
	uint64_t free;
	uint64_t used;
};

/* nvmlTemperature_v1_t; sensor 0 is the GPU's, degrees Celsius */
struct nvml_temperature {
	uint32_t version;
	uint32_t sensor;
	int32_t celsius;
};

/* nvmlFieldValue_t */
struct nvml_field_value {
	uint32_t field;
	uint32_t scope;
	int64_t timestamp_us;
	int64_t latency_us;
	uint32_t type;
	uint32_t ret;
	union {
		double d;
		uint32_t ui;
		int32_t i;
		uint64_t ull;
		int64_t ll;
	} value;
};

/* nvmlGpmSupport_t */
struct nvml_gpm_support {
	uint32_t version;
	uint32_t supported;
};

#define NVML_GPM_SUPPORT_VERSION	1

/* nvmlGpmMetric_t */
struct nvml_gpm_metric {
	uint32_t id;
	uint32_t ret;
	double value;
	char *name[3];
};

/*
 * nvmlGpmMetricsGet_t. Its array has grown with the driver (98 in 520, 333 in
 * 580); the library looks at @nr entries only.
 */
#define NVML_GPM_METRICS		512
#define NVML_GPM_METRICS_VERSION	1

struct nvml_gpm_metrics {
	uint32_t version;
	uint32_t nr;
	struct nvml_sample *sample1;
	struct nvml_sample *sample2;
	struct nvml_gpm_metric metric[NVML_GPM_METRICS];
};

/* nvmlMask255_t: bit n of word n / 32 */
struct nvml_mask {
	uint32_t word[8];
};

/* nvmlWorkloadPowerProfileCurrentProfiles_v1_t */
struct nvml_profiles {
	uint32_t version;
	struct nvml_mask there;
	struct nvml_mask requested;
	struct nvml_mask enforced;
};

/* nvmlWorkloadPowerProfileRequestedProfiles_v1_t */
struct nvml_profile_request {
	uint32_t version;
	struct nvml_mask profiles;
};

/*
 * Longer than any nvmlProcessInfo_t. All begin with these two; 16 bytes are all of the
 * first version, 24 with the numbers of MIG instances, 32 with protected memory, which
 * drivers 530 to 535 have under the name of the version before.
 */
struct nvml_process {
	uint32_t pid;
	uint64_t mem_bytes;
	uint64_t rest[6];
};

#define NVML_NOT_AVAILABLE	UINT64_MAX

/* nvmlProcessUtilizationSample_t; percent, and microseconds since 1970 */
struct nvml_process_use {
	uint32_t pid;
	uint64_t taken_us;
	uint32_t sm;
	uint32_t memory;
	uint32_t encoder;
	uint32_t decoder;
};

/*
 * struct nvml_calls - functions of the library, NULL where it has none
 *
 * Each returns an &enum nvml_return. Clocks are in MHz, power in mW, energy in
 * mJ, temperature in degrees Celsius.
 */
struct nvml_calls {
	int (*init)(void);
	int (*shutdown)(void);
	int (*driver_version)(char *text, uint32_t size);
	int (*count)(uint32_t *count);
	int (*by_index)(uint32_t index, struct nvml_device **device);
	int (*by_uuid)(const char *uuid, struct nvml_device **device);
	int (*name)(struct nvml_device *device, char *text, uint32_t size);
	int (*uuid)(struct nvml_device *device, char *text, uint32_t size);
	int (*pci)(struct nvml_device *device, struct nvml_pci *pci);
	int (*architecture)(struct nvml_device *device, uint32_t *architecture);
	int (*pcie_generation)(struct nvml_device *device, uint32_t *generation);
	int (*pcie_width)(struct nvml_device *device, uint32_t *lanes);
	int (*mig_mode)(struct nvml_device *device, uint32_t *now, uint32_t *pending);
	int (*mig_count)(struct nvml_device *device, uint32_t *count);
	int (*mig_by_index)(struct nvml_device *device, uint32_t index, struct nvml_device **mig);
	int (*gpu_instance)(struct nvml_device *mig, uint32_t *id);
	int (*compute_instance)(struct nvml_device *mig, uint32_t *id);
	int (*clock)(struct nvml_device *device, uint32_t type, uint32_t *mhz);
	int (*mem_clocks)(struct nvml_device *device, uint32_t *count, uint32_t *mhz);
	int (*core_clocks)(struct nvml_device *device, uint32_t mem_mhz, uint32_t *count,
			   uint32_t *mhz);
	int (*utilization)(struct nvml_device *device, struct nvml_utilization *utilization);
	int (*power)(struct nvml_device *device, uint32_t *mw);
	int (*energy)(struct nvml_device *device, unsigned long long *mj);
	int (*reasons)(struct nvml_device *device, unsigned long long *reasons);
	int (*temperature_v)(struct nvml_device *device, struct nvml_temperature *value);
	int (*temperature)(struct nvml_device *device, uint32_t sensor, uint32_t *celsius);
	int (*memory)(struct nvml_device *device, struct nvml_memory *memory);
	int (*memory_v2)(struct nvml_device *device, struct nvml_memory_v2 *memory);
	int (*processes)(struct nvml_device *device, uint32_t *count, void *processes);
	int (*process_use)(struct nvml_device *device, struct nvml_process_use *use,
			   uint32_t *count, unsigned long long since_us);
	int (*fields)(struct nvml_device *device, int count, struct nvml_field_value *values);
	int (*cap)(struct nvml_device *device, uint32_t *mw);
	int (*cap_range)(struct nvml_device *device, uint32_t *min_mw, uint32_t *max_mw);
	int (*set_cap)(struct nvml_device *device, uint32_t mw);
	int (*lock_core)(struct nvml_device *device, uint32_t min_mhz, uint32_t max_mhz);
	int (*unlock_core)(struct nvml_device *device);
	int (*lock_mem)(struct nvml_device *device, uint32_t min_mhz, uint32_t max_mhz);
	int (*unlock_mem)(struct nvml_device *device);
	int (*profiles)(struct nvml_device *device, struct nvml_profiles *profiles);
	int (*request_profiles)(struct nvml_device *device, struct nvml_profile_request *request);
	int (*clear_profiles)(struct nvml_device *device, struct nvml_profile_request *request);
	int (*gpm_support)(struct nvml_device *device, struct nvml_gpm_support *support);
	int (*gpm_alloc)(struct nvml_sample **sample);
	int (*gpm_free)(struct nvml_sample *sample);
	int (*gpm_sample)(struct nvml_device *device, struct nvml_sample *sample);
	int (*gpm_mig_sample)(struct nvml_device *device, uint32_t gpu_instance,
			      struct nvml_sample *sample);
	int (*gpm_metrics)(struct nvml_gpm_metrics *metrics);
};

#endif /* ACCELGOV_BACKENDS_NVML_API_H */
