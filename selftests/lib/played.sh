# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# GPUs that the fake libnvidia-ml plays from the file $gpus; needs tap.sh and tree.sh.

# shellcheck disable=SC2154 # tree.sh has it
gpus=$tmp/gpus
fakes=$ACCELGOV_BUILD/selftests/fakes
[[ -e $fakes/libnvidia-ml.so.1 ]] || bail "no fake library: make progs"
export ACCELGOV_FAKE_NVML=$gpus LD_LIBRARY_PATH=$fakes
