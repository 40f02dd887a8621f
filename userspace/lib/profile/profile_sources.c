// SPDX-License-Identifier: GPL-2.0
/*
 * Where the figures of the simulator's profiles come from, in words that a
 * text can carry. kmod/sim/profile.c says it beside each figure.
 */
#include <string.h>

#include "profile_fields.h"

#define SHEET	"NVIDIA data sheet"
#define SWEEP	"fitted to the GPT-3 sweep of Perseus, SOSP'24"
#define SPLIT	"Llama-2-70B times of Splitwise, ISCA'24"
#define MODEL	"model figure"

static const struct {
	const char *profile;
	const char *section;
	const char *key;
	const char *text;
} sources[] = {
	{ "a100-sxm", "clock", "max", SHEET },
	{ "a100-sxm", "voltage", "210 MHz",
	  "shape " SWEEP "; ratios to the top count" },
	{ "a100-sxm", "rate", "operations_per_cycle",
	  "66 % of 108 SM x 2048: prompt times, " SPLIT },
	{ "a100-sxm", "rate", "memory_bandwidth", "70 % of 2039 GB/s: " SPLIT },
	{ "a100-sxm", "rate", "memory_knee",
	  "0.4 of the top clock, as on RTX 8000 and V100" },
	{ "a100-sxm", "rate", "host_link_bandwidth", "PCIe 4 x16" },
	{ "a100-sxm", "power", "static",
	  "with leakage 62 W loaded at the lowest clock, arXiv 2605.23918" },
	{ "a100-sxm", "power", "idle_clock",
	  "context +33 W, 26 to 50 W in arXiv 2605.23918" },
	{ "a100-sxm", "power", "busy_clock",
	  "88 W in a link wait, NCCL peer-to-peer wait 85 W" },
	{ "a100-sxm", "power", "compute", SWEEP },
	{ "a100-sxm", "power", "data_movement",
	  "decode 290 W, 294 W in Splitwise" },
	{ "a100-sxm", "power", "link", MODEL },
	{ "a100-sxm", "limit", "min", SHEET },
	{ "a100-sxm", "limit", "max", SHEET ", 500 W variant" },
	{ "a100-sxm", "limit", "mean_share", SWEEP ": stays below 482 W" },
	{ "a100-sxm", "switch", "time",
	  MODEL ", within 1 to 500 ms of arXiv 2502.20075" },
	{ "a100-sxm", "idle clock-gated", "power", MODEL },
	{ "a100-sxm", "idle suspended", "power", MODEL },
	{ "h100-sxm", "clock", "max", SHEET },
	{ "h100-sxm", "voltage", "345 MHz",
	  MODEL ", floor at 0.6 of the top clock" },
	{ "h100-sxm", "rate", "operations_per_cycle",
	  "46 % of 132 SM x 4096: prompt times, " SPLIT },
	{ "h100-sxm", "rate", "memory_bandwidth", "70 % of 3350 GB/s: " SPLIT },
	{ "h100-sxm", "rate", "memory_knee", "as for A100" },
	{ "h100-sxm", "rate", "host_link_bandwidth", "PCIe 5 x16" },
	{ "h100-sxm", "power", "static",
	  "122 W loaded at the top clock, arXiv 2605.23918" },
	{ "h100-sxm", "power", "compute",
	  "prefill 600 to 690 W, decode of 70B 400 to 480 W" },
	{ "h100-sxm", "power", "link", MODEL },
	{ "h100-sxm", "limit", "min", SHEET },
	{ "h100-sxm", "limit", "max", SHEET },
	{ "h100-sxm", "switch", "time", MODEL },
	{ "h100-sxm", "idle clock-gated", "power",
	  "70 W without a context, arXiv 2605.23918; latency " MODEL },
	{ "h100-sxm", "idle suspended", "power", MODEL },
	{ "npu-edge", "device", "name", "all figures are model figures" },
};

void profile_sources(struct profile_file *pf)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(sources[i].profile, pf->p.name))
			profile_note(pf, sources[i].section, sources[i].key,
				     sources[i].text);
}
