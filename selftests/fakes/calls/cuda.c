// SPDX-License-Identifier: GPL-2.0
/*
 * A libcuda.so.1 that does nothing: the functions that accelgovd probes, with the
 * arguments that cuda.h gives them. What waits does so for fake_wait_us.
 */
#include <stddef.h>
#include <unistd.h>

int cuLaunchKernel(void *function, unsigned int grid_x, unsigned int grid_y,
		   unsigned int grid_z, unsigned int block_x,
		   unsigned int block_y, unsigned int block_z,
		   unsigned int shared, void *stream, void **params,
		   void **extra);
int cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, size_t bytes,
			 void *stream);
int cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, size_t bytes,
			 void *stream);
int cuEventRecord(void *event, void *stream);
int cuStreamWaitEvent(void *stream, void *event, unsigned int flags);
int cuStreamSynchronize(void *stream);
int cuEventSynchronize(void *event);
int cuCtxSynchronize(void);

unsigned int fake_wait_us;
static unsigned long calls;

static int work(unsigned long n)
{
	calls += n;
	return 0;
}

int cuLaunchKernel(void *function, unsigned int grid_x, unsigned int grid_y,
		   unsigned int grid_z, unsigned int block_x,
		   unsigned int block_y, unsigned int block_z,
		   unsigned int shared, void *stream, void **params,
		   void **extra)
{
	return work(grid_x + block_x);
}

int cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, size_t bytes,
			 void *stream)
{
	return work(bytes);
}

int cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, size_t bytes,
			 void *stream)
{
	return work(bytes + 1);
}

int cuEventRecord(void *event, void *stream)
{
	return work((unsigned long)event);
}

int cuStreamWaitEvent(void *stream, void *event, unsigned int flags)
{
	return work((unsigned long)event + flags);
}

int cuStreamSynchronize(void *stream)
{
	return usleep(fake_wait_us);
}

int cuEventSynchronize(void *event)
{
	return work((unsigned long)event) + usleep(fake_wait_us);
}

int cuCtxSynchronize(void)
{
	return work(0) + usleep(fake_wait_us);
}
