// SPDX-License-Identifier: GPL-2.0
/*
 * libcalls - a process that calls into a libcuda.so.1 and a libnccl.so.2
 *
 * Opens them, then does what its arguments say, in their order. Exit code: 0, 1 when
 * something failed, 2 for bad arguments.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "accelsim.h"

#define TURN_S	5
#define ASK_S	600

static const char usage[] =
	"usage: libcalls CUDA NCCL KEY=VALUE...\n"
	"  comm=RANK          make a communicator of 8 ranks\n"
	"  launch=N           launch N times\n"
	"  pace=US            from now on with such a pause after each launch\n"
	"  burst=N            or only after N of them\n"
	"  in=BYTES out=BYTES copy to the device, from it\n"
	"  allreduce=S        begin a collective on stream S\n"
	"  reduce=S allgather=S\n"
	"  record=S           put the event on stream S\n"
	"  follow=S           make stream S wait for it\n"
	"  wait=MS            from now on all that waits does so for this long\n"
	"  stream=S           wait for stream S\n"
	"  event=1            wait for the event\n"
	"  all=1              wait for everything\n"
	"  maps=N             have N more mappings\n"
	"  time=N             print how many ns each of N launches takes\n"
	"  use=DEVICE         give an accelerator 60 s of waiting on its interconnect\n"
	"  touch=DEVICE       give it nothing much\n"
	"  serve=PORT         take one connection and wait for data on it, in turns\n"
	"                     of 5 s\n"
	"  ask=PORT           connect to such a one and wait for data, in turns, for\n"
	"                     10 min\n"
	"  save=FILE          write to a file and have it on disk, for 8 s\n"
	"  sleep=MS\n";

struct id {
	char internal[128];
};

static struct {
	int (*launch)(void *f, unsigned int gx, unsigned int gy,
		      unsigned int gz, unsigned int bx, unsigned int by,
		      unsigned int bz, unsigned int shared, void *stream,
		      void **params, void **extra);
	int (*in)(unsigned long long to, const void *from, size_t bytes,
		  void *stream);
	int (*out)(void *to, unsigned long long from, size_t bytes,
		   void *stream);
	int (*record)(void *event, void *stream);
	int (*follow)(void *stream, void *event, unsigned int flags);
	int (*stream)(void *stream);
	int (*event)(void *event);
	int (*all)(void);
	unsigned int *wait_us;
	int (*init)(void **comm, int ranks, struct id id, int rank);
	int (*allreduce)(const void *from, void *to, size_t count, int type,
			 int op, void *comm, void *stream);
	int (*reduce)(const void *from, void *to, size_t count, int type,
		      int op, int root, void *comm, void *stream);
	int (*allgather)(const void *from, void *to, size_t count, int type,
			 void *comm, void *stream);
} lib;

static char streams[16], event;
static void *comm;
static unsigned long pace_us, burst = 1;

static void *symbol(void *handle, const char *name)
{
	void *found = dlsym(handle, name);

	if (!found) {
		fprintf(stderr, "libcalls: %s\n", dlerror());
		exit(1);
	}
	return found;
}

static void *open_lib(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW);

	if (!handle) {
		fprintf(stderr, "libcalls: %s\n", dlerror());
		exit(1);
	}
	return handle;
}

static void open_cuda(const char *path)
{
	void *handle = open_lib(path);

	lib.launch = symbol(handle, "cuLaunchKernel");
	lib.in = symbol(handle, "cuMemcpyHtoDAsync_v2");
	lib.out = symbol(handle, "cuMemcpyDtoHAsync_v2");
	lib.record = symbol(handle, "cuEventRecord");
	lib.follow = symbol(handle, "cuStreamWaitEvent");
	lib.stream = symbol(handle, "cuStreamSynchronize");
	lib.event = symbol(handle, "cuEventSynchronize");
	lib.all = symbol(handle, "cuCtxSynchronize");
	lib.wait_us = symbol(handle, "fake_wait_us");
}

static void open_nccl(const char *path)
{
	void *handle = open_lib(path);

	lib.init = symbol(handle, "ncclCommInitRank");
	lib.allreduce = symbol(handle, "ncclAllReduce");
	lib.reduce = symbol(handle, "ncclReduce");
	lib.allgather = symbol(handle, "ncclAllGather");
}

static void launch(unsigned long n)
{
	while (n--) {
		lib.launch(NULL, 1, 1, 1, 1, 1, 1, 0, streams, NULL, NULL);
		if (pace_us && !(n % burst))
			usleep(pace_us);
	}
}

static unsigned long timed_ns(unsigned long n)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	launch(n);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * 1000000000UL + b.tv_nsec - a.tv_nsec;
}

/* In tenths, of which the best counts: in the others something else ran. */
static void time_launches(unsigned long n)
{
	unsigned long best_ns = -1UL, ns;
	int i;

	for (i = 0; i < 10; i++) {
		ns = timed_ns(n / 10);
		if (ns < best_ns)
			best_ns = ns;
	}
	printf("%lu\n", best_ns / (n / 10));
	fflush(stdout);
}

static void make_comm(int rank)
{
	struct id id = { "accelgov" };

	lib.init(&comm, 8, id, rank);
}

/* Neighbours that may do the same would be one. */
static void map(unsigned int n)
{
	while (n--)
		if (mmap(NULL, 4096, n % 2 ? PROT_READ : PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			perror("mmap");
}

static void use(const char *device, unsigned long long link_ns)
{
	struct accelsim_item item = { .link_ns = link_ns };
	int fd = open(device, O_RDWR);

	if (fd < 0 || write(fd, &item, sizeof(item)) < 0) {
		perror(device);
		exit(1);
	}
}

static void give_up(const char *what)
{
	perror(what);
	exit(1);
}

static int local(unsigned int port, struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	if (fd < 0)
		give_up("socket");
	return fd;
}

/*
 * Waits for data for @patience_s, in turns: who listens to waits sees those that begin
 * after it came.
 */
static bool wait_for_data(int fd, int patience_s)
{
	struct timeval turn = { .tv_sec = TURN_S };
	char byte;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &turn, sizeof(turn));
	for (; patience_s > 0; patience_s -= TURN_S)
		if (recv(fd, &byte, 1, 0) >= 0)
			return true;
		else if (errno != EAGAIN)
			return false;
	return false;
}

static void serve(unsigned int port)
{
	struct sockaddr_in address;
	int fd = local(port, &address), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1))
		give_up("serve");
	fd = accept(fd, NULL, NULL);
	if (fd < 0 || !wait_for_data(fd, INT_MAX))
		give_up("serve");
}

static void ask(unsigned int port)
{
	struct sockaddr_in address;
	int fd = local(port, &address);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    !wait_for_data(fd, ASK_S))
		give_up("ask");
}

static void save(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	static char block[65536];
	struct timespec now;
	time_t end;

	if (fd < 0)
		give_up(path);
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + 8;
	while (now.tv_sec < end) {
		block[0]++;
		if (pwrite(fd, block, sizeof(block), 0) < 0 || fsync(fd))
			give_up("save");
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
}

/* Return: false when there is no such thing to do. */
static bool act(const char *key, const char *text)
{
	unsigned long n = strtoul(text, NULL, 0);
	void *stream = &streams[n & 15];

	if (!strcmp(key, "comm"))
		make_comm(n);
	else if (!strcmp(key, "launch"))
		launch(n);
	else if (!strcmp(key, "pace"))
		pace_us = n;
	else if (!strcmp(key, "burst"))
		burst = n ? n : 1;
	else if (!strcmp(key, "in"))
		lib.in(0, NULL, n, streams);
	else if (!strcmp(key, "out"))
		lib.out(NULL, 0, n, streams);
	else if (!strcmp(key, "allreduce"))
		lib.allreduce(NULL, NULL, 1, 0, 0, comm, stream);
	else if (!strcmp(key, "reduce"))
		lib.reduce(NULL, NULL, 1, 0, 0, 0, comm, stream);
	else if (!strcmp(key, "allgather"))
		lib.allgather(NULL, NULL, 1, 0, comm, stream);
	else if (!strcmp(key, "record"))
		lib.record(&event, stream);
	else if (!strcmp(key, "follow"))
		lib.follow(stream, &event, 0);
	else if (!strcmp(key, "wait"))
		*lib.wait_us = n * 1000;
	else if (!strcmp(key, "stream"))
		lib.stream(stream);
	else if (!strcmp(key, "event"))
		lib.event(&event);
	else if (!strcmp(key, "all"))
		lib.all();
	else if (!strcmp(key, "maps"))
		map(n);
	else if (!strcmp(key, "time"))
		time_launches(n);
	else if (!strcmp(key, "use"))
		use(text, 60000000000ULL);
	else if (!strcmp(key, "touch"))
		use(text, 1000000);
	else if (!strcmp(key, "serve"))
		serve(n);
	else if (!strcmp(key, "ask"))
		ask(n);
	else if (!strcmp(key, "save"))
		save(text);
	else if (!strcmp(key, "sleep"))
		usleep(n * 1000);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	char *equals;
	int i;

	if (argc < 3) {
		fputs(usage, stderr);
		return 2;
	}
	open_cuda(argv[1]);
	open_nccl(argv[2]);
	for (i = 3; i < argc; i++) {
		equals = strchr(argv[i], '=');
		if (equals)
			*equals = '\0';
		if (!equals || !act(argv[i], equals + 1)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	return 0;
}
