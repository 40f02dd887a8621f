// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - functions of vendors' libraries that are probed
 *
 * Numbers of arguments are those of the public headers: cuda.h, hip_runtime_api.h,
 * nccl.h. A name with _ptsz or _ptds is the same function for programs that have one
 * default stream per thread. ncclBcast is missing since it calls ncclBroadcast.
 */
#include <string.h>

#include "callmap.h"

#define LAUNCH(name) \
	{ name, CALLC_GROUP_LAUNCH, CALLC_COOKIE(CALLC_LAUNCH, 0, 0, 0) }
#define COPY(name, way, bytes, by) \
	{ name, CALLC_GROUP_COPY, \
	  CALLC_COOKIE(CALLC_COPY, CALLC_COPY_##way, bytes, by) }
#define ORDER(name, op, kind, a, b) \
	{ name, CALLC_GROUP_ORDER, CALLC_COOKIE(CALLC_##op, kind, a, b) }
#define COLLECTIVE(name, what, comm, stream) \
	ORDER(name, COLLECTIVE, CALLC_##what, comm, stream)

static const struct callmap_function cuda[] = {
	LAUNCH("cuLaunchKernel"),
	LAUNCH("cuLaunchKernel_ptsz"),
	LAUNCH("cuLaunchKernelEx"),
	LAUNCH("cuLaunchKernelEx_ptsz"),
	LAUNCH("cuLaunchCooperativeKernel"),
	LAUNCH("cuLaunchCooperativeKernel_ptsz"),
	LAUNCH("cuGraphLaunch"),
	LAUNCH("cuGraphLaunch_ptsz"),
	COPY("cuMemcpy", ANY, 3, 0),
	COPY("cuMemcpyAsync", ANY, 3, 0),
	COPY("cuMemcpyAsync_ptsz", ANY, 3, 0),
	COPY("cuMemcpyHtoD_v2", TO_DEVICE, 3, 0),
	COPY("cuMemcpyHtoD_v2_ptds", TO_DEVICE, 3, 0),
	COPY("cuMemcpyHtoDAsync_v2", TO_DEVICE, 3, 0),
	COPY("cuMemcpyHtoDAsync_v2_ptsz", TO_DEVICE, 3, 0),
	COPY("cuMemcpyDtoH_v2", FROM_DEVICE, 3, 0),
	COPY("cuMemcpyDtoH_v2_ptds", FROM_DEVICE, 3, 0),
	COPY("cuMemcpyDtoHAsync_v2", FROM_DEVICE, 3, 0),
	COPY("cuMemcpyDtoHAsync_v2_ptsz", FROM_DEVICE, 3, 0),
	COPY("cuMemcpyDtoD_v2", ON_DEVICE, 3, 0),
	COPY("cuMemcpyDtoDAsync_v2", ON_DEVICE, 3, 0),
	COPY("cuMemcpyDtoDAsync_v2_ptsz", ON_DEVICE, 3, 0),
	ORDER("cuEventRecord", RECORD, 0, 1, 2),
	ORDER("cuEventRecord_ptsz", RECORD, 0, 1, 2),
	ORDER("cuEventRecordWithFlags", RECORD, 0, 1, 2),
	ORDER("cuEventRecordWithFlags_ptsz", RECORD, 0, 1, 2),
	ORDER("cuStreamWaitEvent", FOLLOW, 0, 1, 2),
	ORDER("cuStreamWaitEvent_ptsz", FOLLOW, 0, 1, 2),
	ORDER("cuStreamSynchronize", SYNC_STREAM, 0, 1, 0),
	ORDER("cuStreamSynchronize_ptsz", SYNC_STREAM, 0, 1, 0),
	ORDER("cuEventSynchronize", SYNC_EVENT, 0, 1, 0),
	ORDER("cuCtxSynchronize", SYNC_ALL, 0, 0, 0),
	{ }
};

static const struct callmap_function hip[] = {
	LAUNCH("hipLaunchKernel"),
	LAUNCH("hipLaunchKernel_spt"),
	LAUNCH("hipExtLaunchKernel"),
	LAUNCH("hipModuleLaunchKernel"),
	LAUNCH("hipExtModuleLaunchKernel"),
	LAUNCH("hipLaunchCooperativeKernel"),
	LAUNCH("hipGraphLaunch"),
	COPY("hipMemcpy", ANY, 3, 4),
	COPY("hipMemcpyAsync", ANY, 3, 4),
	COPY("hipMemcpyWithStream", ANY, 3, 4),
	COPY("hipMemcpyHtoD", TO_DEVICE, 3, 0),
	COPY("hipMemcpyHtoDAsync", TO_DEVICE, 3, 0),
	COPY("hipMemcpyDtoH", FROM_DEVICE, 3, 0),
	COPY("hipMemcpyDtoHAsync", FROM_DEVICE, 3, 0),
	COPY("hipMemcpyDtoD", ON_DEVICE, 3, 0),
	COPY("hipMemcpyDtoDAsync", ON_DEVICE, 3, 0),
	ORDER("hipEventRecord", RECORD, 0, 1, 2),
	ORDER("hipEventRecordWithFlags", RECORD, 0, 1, 2),
	ORDER("hipStreamWaitEvent", FOLLOW, 0, 1, 2),
	ORDER("hipStreamSynchronize", SYNC_STREAM, 0, 1, 0),
	ORDER("hipEventSynchronize", SYNC_EVENT, 0, 1, 0),
	ORDER("hipDeviceSynchronize", SYNC_ALL, 0, 0, 0),
	{ }
};

static const struct callmap_function nccl[] = {
	COLLECTIVE("ncclAllReduce", ALL_REDUCE, 6, 7),
	COLLECTIVE("ncclReduce", REDUCE, 7, 8),
	COLLECTIVE("ncclBroadcast", BROADCAST, 6, 7),
	COLLECTIVE("ncclAllGather", ALL_GATHER, 5, 6),
	COLLECTIVE("ncclReduceScatter", REDUCE_SCATTER, 6, 7),
	COLLECTIVE("ncclAllToAll", ALL_TO_ALL, 5, 6),
	COLLECTIVE("ncclAlltoAll", ALL_TO_ALL, 5, 6),
	COLLECTIVE("ncclSend", SEND, 5, 6),
	COLLECTIVE("ncclRecv", RECEIVE, 5, 6),
	ORDER("ncclCommInitRank", COMM_INIT, 0, 1, 2),
	ORDER("ncclCommInitRankConfig", COMM_INIT, 0, 1, 2),
	{ }
};

static const struct {
	const char *prefix;
	struct callmap map;
} files[] = {
	{ "libcuda.so", { "cuda", cuda } },
	{ "libamdhip64.so", { "hip", hip } },
	{ "libnccl.so", { "nccl", nccl } },
	{ "librccl.so", { "nccl", nccl } },
};

const struct callmap *callmap_find(const char *path)
{
	const char *name = strrchr(path, '/');
	size_t i, len;

	name = name ? name + 1 : path;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		len = strlen(files[i].prefix);
		if (!strncmp(name, files[i].prefix, len) &&
		    (!name[len] || name[len] == '.' || name[len] == ' '))
			return &files[i].map;
	}
	return NULL;
}

int callmap_ends(uint64_t cookie)
{
	switch (CALLC_OP(cookie)) {
	case CALLC_SYNC_STREAM:
	case CALLC_SYNC_EVENT:
	case CALLC_SYNC_ALL:
	case CALLC_COMM_INIT:
		return 1;
	default:
		return 0;
	}
}

const char *callmap_what(uint32_t what)
{
	static const char *const names[CALLC_WHATS] = {
		[CALLC_ALL_REDUCE] = "all-reduce",
		[CALLC_REDUCE] = "reduce",
		[CALLC_BROADCAST] = "broadcast",
		[CALLC_ALL_GATHER] = "all-gather",
		[CALLC_REDUCE_SCATTER] = "reduce-scatter",
		[CALLC_ALL_TO_ALL] = "all-to-all",
		[CALLC_SEND] = "send",
		[CALLC_RECEIVE] = "receive",
	};

	return what < CALLC_WHATS ? names[what] : NULL;
}

uint64_t callmap_budget(uint64_t window_us, uint32_t permille, uint32_t cost_ns)
{
	uint64_t hits = window_us * permille / (cost_ns ? cost_ns : 10000);

	return hits ? hits : 1;
}
