#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
sensors.py - how fast and how truly an NVIDIA GPU tells what it does

  sensors.py --out FILE.csv [--seconds S]

A second process works and rests in turns (matrix products, 400 ms each, then none) and
notes when. This one reads GPM, power, energy and utilisation every 10, 20, 50 and 100
ms. Each line of FILE has what one reading said and the share of its window in which the
GPU had work. What each call of the library takes is told by nvmlcost (selftests/progs).

Reads sensors only. Needs PyTorch and NVIDIA's own binding of the library, nvidia-ml-py.
"""
import argparse
import csv
import multiprocessing
import time

import pynvml as nvml

METRICS = {
    "graphics": nvml.NVML_GPM_METRIC_GRAPHICS_UTIL,
    "sm": nvml.NVML_GPM_METRIC_SM_UTIL,
    "tensor": nvml.NVML_GPM_METRIC_ANY_TENSOR_UTIL,
    "dram": nvml.NVML_GPM_METRIC_DRAM_BW_UTIL,
}


def wave(kind, ready, stop, pipe):
    import torch

    a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
    big = torch.empty(1 << 30, device="cuda", dtype=torch.bfloat16)

    def work():
        if kind == "compute":
            for _ in range(8):
                a @ a
        else:
            big.add_(1)
        torch.cuda.synchronize()

    work()
    ready.set()
    spans = []
    while not stop.is_set():
        begin = time.monotonic()
        while time.monotonic() < begin + 0.4:
            work()
        spans.append((begin, time.monotonic()))
        time.sleep(0.4)
    pipe.send(spans)


class Gpm:
    def __init__(self, gpu):
        self.gpu = gpu
        self.old, self.new = nvml.nvmlGpmSampleAlloc(), nvml.nvmlGpmSampleAlloc()
        nvml.nvmlGpmSampleGet(gpu, self.old)
        self.at = time.monotonic()

    def read(self):
        nvml.nvmlGpmSampleGet(self.gpu, self.new)
        before, self.at = self.at, time.monotonic()
        get = nvml.c_nvmlGpmMetricsGet_t()
        get.version = nvml.NVML_GPM_METRICS_GET_VERSION
        get.numMetrics = len(METRICS)
        get.sample1, get.sample2 = self.old, self.new
        for i, number in enumerate(METRICS.values()):
            get.metrics[i].metricId = number
        nvml.nvmlGpmMetricsGet(get)
        self.old, self.new = self.new, self.old
        return before, self.at, {
            name: get.metrics[i].value if not get.metrics[i].nvmlReturn else None
            for i, name in enumerate(METRICS)}


def field(gpu, number):
    value = nvml.nvmlDeviceGetFieldValues(gpu, [number])[0]
    return None if value.nvmlReturn else value.value.uiVal


def share(spans, begin, end):
    return sum(max(0, min(e, end) - max(b, begin)) for b, e in spans) / (end - begin)


def readings(gpu, kind, period, seconds):
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    here, there = context.Pipe()
    process = context.Process(target=wave, args=(kind, ready, stop, there))
    process.start()
    ready.wait()
    gpm, rows, due = Gpm(gpu), [], time.monotonic()
    end = due + seconds
    while due < end:
        due += period
        time.sleep(max(0, due - time.monotonic()))
        try:
            before, at, metrics = gpm.read()
        except nvml.NVMLError as error:
            before, at, metrics = gpm.at, time.monotonic(), {"graphics": str(error)}
        rows.append((before, at, metrics, field(gpu, 186), field(gpu, 185),
                     nvml.nvmlDeviceGetTotalEnergyConsumption(gpu),
                     nvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
                     nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_SM)))
    stop.set()
    spans = here.recv()
    process.join()
    for before, at, metrics, instant, average, energy, use, clock in rows:
        yield [kind, round(period * 1000), f"{before:.4f}", f"{at:.4f}",
               f"{share(spans, before, at):.3f}",
               *(metrics.get(name) for name in METRICS), instant, average, energy, use, clock]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seconds", type=float, default=4)
    arguments = parser.parse_args()
    nvml.nvmlInit()
    gpu = nvml.nvmlDeviceGetHandleByIndex(0)
    with open(arguments.out, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["kind", "period_ms", "begin_s", "end_s", "worked", *METRICS,
                        "instant_mw", "average_mw", "energy_mj", "use_percent", "clock_mhz"])
        for kind, ms in (("compute", 10), ("compute", 20), ("compute", 50),
                         ("compute", 100), ("memory", 20), ("memory", 100)):
            table.writerows(readings(gpu, kind, ms / 1000, arguments.seconds))


if __name__ == "__main__":
    main()
