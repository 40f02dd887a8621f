// SPDX-License-Identifier: GPL-2.0
/*
 * A libnccl.so.2 that does nothing: functions that accelgovd probes, with the
 * arguments that nccl.h gives them.
 */
#include <stddef.h>

struct fake_id {
	char internal[128];
};

int ncclCommInitRank(void **comm, int ranks, struct fake_id id, int rank);
int ncclAllReduce(const void *from, void *to, size_t count, int type, int op,
		  void *comm, void *stream);
int ncclReduce(const void *from, void *to, size_t count, int type, int op,
	       int root, void *comm, void *stream);
int ncclAllGather(const void *from, void *to, size_t count, int type,
		  void *comm, void *stream);

static unsigned long calls;
static char comms[8];

int ncclCommInitRank(void **comm, int ranks, struct fake_id id, int rank)
{
	*comm = &comms[rank & 7];
	return 0;
}

int ncclAllReduce(const void *from, void *to, size_t count, int type, int op,
		  void *comm, void *stream)
{
	calls++;
	return 0;
}

int ncclReduce(const void *from, void *to, size_t count, int type, int op,
	       int root, void *comm, void *stream)
{
	calls++;
	return 0;
}

int ncclAllGather(const void *from, void *to, size_t count, int type,
		  void *comm, void *stream)
{
	calls++;
	return 0;
}
