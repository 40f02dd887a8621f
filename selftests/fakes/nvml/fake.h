/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A libnvidia-ml.so.1 without GPUs, played from a text file
 *
 *	ACCELGOV_FAKE_NVML=FILE LD_LIBRARY_PATH=build/selftests/fakes PROGRAM
 *
 * build/selftests/fakes/libnvidia-ml.so.1 has the functions of a driver of today,
 * build/selftests/fakes/old/libnvidia-ml.so.1 those of one from 2018: no field
 * values, GPM, MIG, power profiles or locked memory clocks.
 *
 * FILE is read again whenever it has changed, so a test moves GPUs by writing a new
 * one (rename(2) it into place: half a file is half a machine). Lines are
 * KEY=VALUE, "#" begins a comment. Before the first [gpu]:
 *
 *	driver=590.48.01        driver version
 *	init=9                  what nvmlInit() returns (9: driver not loaded), default 0
 *
 * With ACCELGOV_FAKE_NVML_STILL=1 FILE is read once and what was set is not looked for,
 * which is for measuring what a program does beside calling this library.
 *
 * Every [gpu] begins a GPU, in the order of their index:
 *
 *	uuid=GPU-1  bus=0000:3b:00.0  name=NVIDIA H100 80GB HBM3  arch=9
 *	clocks=1980 1965 345    supported core clocks, MHz; A-B/S for a range
 *	mem_clocks=2619 1593    supported memory clocks, MHz
 *	sm_mhz=1980  mem_mhz=2619             clocks, below what is locked
 *	util_gpu=97  util_mem=43              utilisation rates, percent
 *	power_mw=629000  power_average_mw=630100  energy_mj=123456
 *	temp_c=59  mem_total_mib=81559  mem_reserved_mib=479  mem_used_mib=19818
 *	reasons=4               clocks event reasons, a mask
 *	processes=3             with a compute context, of which nothing is told
 *	process=PID:MIB:PERCENT one with a compute context, as often as needed; with
 *				":PERCENT" of the multiprocessors' time, or without
 *	process_bytes=32        length of an entry of that list; 24, or 16 in the first
 *				version of the function
 *	cap_mw=700000  cap_min_mw=200000  cap_max_mw=700000
 *	nvlink=18:26562         links, MB/s of each; nvlink_kib=N counts both ways
 *	pcie=5:16               generation, lanes; pcie_bytes=N counts both ways
 *	gpm=1                   it has GPM; gpm.10=43.5 is metric 10
 *	profiles=0 3 5          workload power profiles that there are
 *	mig=1                   MIG is on; instance=GI:CI:UUID is one, as often as
 *				needed; of one whose UUID begins with ? it can't be
 *				asked for, and with ! it is not found by that
 *	lost=1                  has fallen off the bus
 *	resets=N                another N than before: it was reset, what was set is
 *				gone, and handles from before are lost
 *	refuse=FUNCTION:CODE    that function returns CODE for it; as often as needed
 *	spin=FUNCTION:US        it takes so many microseconds of CPU time, as often as needed
 *	hang=FUNCTION           that function does not return while this line is
 *				there; "*" for each
 *	sim=accelsim.N          it is a front of that simulated accelerator, see below
 *
 * A number may change with time: "power_mw=70000 400000@500" is 400 W from 500 ms
 * after the first nvmlInit() of the process. What is not told is not supported.
 *
 * What was set lies in FILE.state, one line per GPU, and outlives processes as it
 * outlives them in a driver:
 *
 *	UUID resets=N core=MIN-MAX mem=MIN-MAX cap=MW profiles=HEX
 *
 * 0-0 and 0 mean not set. FILE.log has a line per call that sets something:
 *
 *	FUNCTION UUID ARGUMENTS = CODE
 *
 * A GPU with sim= works on /sys/bus/platform/devices/accelsim.N: engines (GPM and
 * utilisation), contexts and energy come from its perf PMU, power and the power
 * limit from its hwmon, supported clocks from its devfreq device, the clock from
 * effective_freq_hz. A locked range sets min_freq and max_freq of
 * /sys/class/devfreq/accelsim.N both to its upper end, no range to the top clock, as
 * a GPU runs as fast as it may. 100 % of NVLink and PCIe is what nvlink= and pcie=
 * say, so both must be told. The device unbound is a GPU that is lost; bound again
 * it is there for the next nvmlInit(). Keys that are told besides win for
 * temperature, reasons and memory, which the simulation does not have.
 */
#ifndef FAKE_NVML_H
#define FAKE_NVML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../userspace/backends/nvml_api.h"

#define FAKE_GPUS		16
#define FAKE_STEPS		16
#define FAKE_INSTANCES		8
#define FAKE_RULES		16
#define FAKE_PROCESSES		16
#define FAKE_METRICS		128
#define FAKE_CLOCKS		512

/* A number over time. */
struct series {
	unsigned int nr;
	struct {
		uint64_t ms;
		double value;
	} step[FAKE_STEPS];
};

struct rule {
	char function[64];
	int code;
};

struct instance {
	unsigned int gi;
	unsigned int ci;
	char uuid[64];
};

enum number {
	SM_MHZ, MEM_MHZ, UTIL_GPU, UTIL_MEM, POWER_MW, POWER_AVERAGE_MW, ENERGY_MJ,
	TEMP_C, MEM_TOTAL_MIB, MEM_RESERVED_MIB, MEM_USED_MIB, REASONS, PROCESSES,
	PROCESS_BYTES, CAP_MW, CAP_MIN_MW, CAP_MAX_MW, NVLINK_KIB, PCIE_BYTES, ARCH, GPM, MIG, LOST,
	RESETS, NUMBERS
};

struct process {
	unsigned int pid;
	unsigned int mem_mib;
	int percent;		/* -1 for not told */
};

struct fake_gpu {
	char uuid[64];
	char bus[32];
	char name[96];
	char sim[32];
	struct series number[NUMBERS];
	struct series metric[FAKE_METRICS];
	uint32_t clock[FAKE_CLOCKS];
	unsigned int nr_clocks;
	uint32_t mem_clock[32];
	unsigned int nr_mem_clocks;
	unsigned int links;
	unsigned int link_mb_s;
	unsigned int pcie_generation;
	unsigned int pcie_lanes;
	struct nvml_mask profiles;
	bool has_profiles;
	struct process process[FAKE_PROCESSES];
	unsigned int nr_processes;
	struct instance instance[FAKE_INSTANCES];
	unsigned int nr_instances;
	struct rule refuse[FAKE_RULES];
	unsigned int nr_refuse;
	struct rule spin[FAKE_RULES];
	unsigned int nr_spin;
	char hang[FAKE_RULES][64];
	unsigned int nr_hang;
};

struct script {
	char driver[80];
	int init;
	struct fake_gpu gpu[FAKE_GPUS];
	unsigned int nr;
};

/* What was set on one GPU. */
struct set {
	uint64_t resets;
	uint32_t core[2];
	uint32_t mem[2];
	uint32_t cap_mw;
	struct nvml_mask profiles;
};

/* What the PMU of a simulated accelerator counts, in this order. */
enum counter { BUSY, COMPUTE, MEMORY, LINK, HOST, CONTEXTS, COUNTERS };

struct counters {
	uint64_t ns;
	uint64_t value[COUNTERS];
};

/* What a handle points to. */
struct nvml_device {
	char uuid[64];		/* of the GPU */
	int instance;		/* index into its instances, -1 for the whole GPU */
	unsigned int born;	/* in which start of the library */
	uint64_t resets;
	struct nvml_device *next;
};

/*
 * device.c: begin a call: hangs, refuses, or finds the GPU and holds the lock that
 * fake_leave() gives back. With @device NULL it is no call for a GPU.
 */
int fake_enter(const char *function, struct nvml_device *device,
	       const struct fake_gpu **ret_gpu);
int fake_leave(int ret);

/* script.c */
const char *fake_path(void);
bool fake_still(void);
const struct script *fake_script(void);
bool fake_number(const struct fake_gpu *gpu, enum number which, double *ret_value);
bool fake_value(const struct series *series, double *ret_value);
void fake_start_time(void);
uint64_t fake_now_ns(void);

/* state.c */
void fake_get_set(const struct fake_gpu *gpu, struct set *ret_set);
void fake_put_set(const struct fake_gpu *gpu, const struct set *set);
void fake_log(const char *function, const char *uuid, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* sim.c; each false when the device does not tell */
bool sim_there(const struct fake_gpu *gpu);
bool sim_counters(const struct fake_gpu *gpu, struct counters *ret_counters);
bool sim_hwmon(const struct fake_gpu *gpu, const char *file, uint64_t *ret_value);
bool sim_clock_mhz(const struct fake_gpu *gpu, uint32_t *ret_mhz);
unsigned int sim_clocks(const struct fake_gpu *gpu, uint32_t *ret_mhz,
			unsigned int max);
int sim_apply(const struct fake_gpu *gpu, const struct set *set);
void sim_close_all(void);

#endif /* FAKE_NVML_H */
