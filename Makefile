# SPDX-License-Identifier: GPL-2.0
#
# accelgov: kernel modules, BPF programs and userspace. 'make help' lists what
# can be made. Everything made lies under build/; sources are never touched.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

VERSION := 0.1

# Where things come from
KDIR ?= /lib/modules/$(shell uname -r)/build
CLANG ?= clang
PAHOLE ?= pahole
CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin AR),default)
AR := ar
endif

# Where things go
BUILD ?= build
export ACCELGOV_BUILD := $(abspath $(BUILD))
DESTDIR ?=
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
SYSTEMDUNITDIR ?= /lib/systemd/system

WERROR ?= 1
SETUP := selftests/setup
TOOLCHAIN := $(shell $(SETUP)/toolchain.sh path)
BPFTOOL ?= $(TOOLCHAIN)/bin/bpftool

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s%s\n' '$(1)' '$(2)'
MAKEFLAGS += --no-print-directory
endif

# Sources: every file in these folders counts, none is named here.
files = $(sort $(wildcard $(1)))
core_src := $(call files,kmod/core/*.c $(addprefix kmod/sim/,model.c physics.c profile.c sensor.c))
lib_src := $(call files,userspace/lib/*.c userspace/lib/*/*.c userspace/backends/*.c)
cli_src := $(call files,userspace/accelgov/*.c)
daemon_src := $(call files,userspace/accelgovd/*.c)
bpf_src := $(call files,bpf/*.bpf.c)
policy_src := $(call files,bpf/policies/*.bpf.c)
unit_src := $(call files,selftests/unit/test_*.c)
prog_src := $(call files,selftests/progs/*.c)
testbpf_src := $(call files,selftests/bpf/*.bpf.c)
fake_src := $(call files,selftests/fakes/nvml/*.c)
kmod_src := $(shell find Kbuild kmod -type f)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
san = $(patsubst %.c,$(BUILD)/obj-san/%.o,$(1))
bpf_obj := $(patsubst bpf/%.c,$(BUILD)/bpf/%.o,$(bpf_src))
policy_obj := $(patsubst bpf/%.c,$(BUILD)/bpf/%.o,$(policy_src))
skel := $(patsubst bpf/%.bpf.c,$(BUILD)/bpf/%.skel.h,$(bpf_src))
unit_bin := $(patsubst %.c,$(BUILD)/%,$(unit_src))
prog_bin := $(patsubst %.c,$(BUILD)/%,$(prog_src))
testbpf_obj := $(patsubst %.c,$(BUILD)/%.o,$(testbpf_src))
fakes := $(addprefix $(BUILD)/selftests/fakes/,libnvidia-ml.so.1 old/libnvidia-ml.so.1)
fake_calls := $(addprefix $(BUILD)/selftests/fakes/,libcuda.so.1 libnccl.so.2)
bin := $(BUILD)/bin/accelgov $(BUILD)/bin/accelgovd
ko := $(BUILD)/kmod/accelgov.ko $(BUILD)/kmod/accelsim.ko
# Built where the kernel has DRM accel devices.
ko += $(wildcard $(BUILD)/kmod/accelsim_drm.ko)

# Flags
CFLAGS ?= -O2 -g
warnings := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wno-unused-parameter -Wno-sign-compare $(if $(filter 1,$(WERROR)),-Werror)
includes := -Ikmod/uapi -Ikmod/core -Ikmod/sim -Iuserspace/lib -Iuserspace -Ibpf \
	-I$(BUILD)/bpf -isystem $(TOOLCHAIN)/include
all_cflags = -std=gnu11 $(includes) $(warnings) -DACCELGOV_VERSION='"$(VERSION)"' \
	-fno-strict-aliasing -MMD -MP $(CFLAGS)
san_flags := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
libs := $(TOOLCHAIN)/lib/libbpf.a -lelf -lz -lsystemd -ljansson -lm
# Where a function's arguments are.
bpf_arch := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
bpf_flags := -target bpf -mcpu=v3 -D__TARGET_ARCH_$(bpf_arch) -g -O2 -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-declarations $(if $(filter 1,$(WERROR)),-Werror) \
	-Ibpf -Ikmod/uapi -I$(BUILD)/bpf -isystem $(TOOLCHAIN)/include

.PHONY: all
all: modules bpf userspace

.PHONY: modules bpf userspace unit progs
bpf: $(bpf_obj) $(policy_obj) $(skel)
userspace: $(bin)
unit: $(unit_bin)
progs: $(prog_bin) $(testbpf_obj) $(fakes) $(fake_calls)

# What a step needs is checked before it, by name of the Debian package.
.PHONY: need-modules need-bpf need-userspace need-fuzz
need-modules need-bpf need-userspace need-fuzz: need-%:
	$(Q)CC='$(CC)' CLANG='$(CLANG)' PAHOLE='$(PAHOLE)' $(SETUP)/check.sh $* '$(KDIR)'

# Modules: kbuild writes beside its sources, so it gets a tree of links to them.
modules: need-modules
	$(call say,KBUILD,$(KDIR))
	$(Q)mkdir -p $(BUILD)
	+$(Q)flock $(BUILD)/kbuild.lock $(MAKE) -f selftests/setup/kmod.mk \
		BUILD='$(BUILD)' KDIR='$(KDIR)' WERROR='$(WERROR)'

# BPF
$(TOOLCHAIN)/bin/bpftool: | need-bpf
	$(Q)$(SETUP)/toolchain.sh build >/dev/null
$(TOOLCHAIN)/lib/libbpf.a $(TOOLCHAIN)/scripts/checkpatch.pl: $(TOOLCHAIN)/bin/bpftool

btf := $(firstword $(wildcard $(KDIR)/vmlinux /sys/kernel/btf/vmlinux))
$(BUILD)/bpf/vmlinux.h: $(btf) $(BPFTOOL) | need-bpf
	$(call say,VMLINUX,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) btf dump file $(btf) format c >$@

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(BUILD)/bpf/vmlinux.h | need-bpf
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -c $< -o $@

$(BUILD)/selftests/bpf/%.bpf.o: selftests/bpf/%.bpf.c $(BUILD)/bpf/vmlinux.h | need-bpf
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -c $< -o $@

# Somebody's own policy, wherever it lies: make /tmp/my_first.bpf.o
%.bpf.o: %.bpf.c $(BUILD)/bpf/vmlinux.h bpf/accelgov_policy.h | need-bpf
	$(call say,CLANG,$@)
	$(Q)$(CLANG) $(bpf_flags) -c $< -o $@

%.skel.h: %.bpf.o $(BPFTOOL)
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$(basename $(basename $(@F))))_bpf >$@

# Userspace
$(BUILD)/obj/%.o: %.c | need-userspace $(skel) $(TOOLCHAIN)/lib/libbpf.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -c $< -o $@

$(BUILD)/obj/libcore.a: $(call obj,$(core_src))
$(BUILD)/obj/liba.a: $(call obj,$(lib_src))
$(BUILD)/obj-san/libcore.a: $(call san,$(core_src))
$(BUILD)/obj-san/liba.a: $(call san,$(lib_src))
$(BUILD)/%.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

archives := $(BUILD)/obj/liba.a $(BUILD)/obj/libcore.a
$(BUILD)/bin/accelgov: $(call obj,$(cli_src)) $(archives)
$(BUILD)/bin/accelgovd: $(call obj,$(daemon_src)) $(archives)
$(bin):
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(archives) $(libs)

$(BUILD)/selftests/progs/%: $(BUILD)/obj/selftests/progs/%.o $(archives)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(archives) $(libs)

# A vendor's library that is played from a file; the second one is an old version.
$(BUILD)/selftests/fakes/old/libnvidia-ml.so.1: private fake_flags := -DFAKE_OLD
$(fakes): $(fake_src) selftests/fakes/nvml/fake.h userspace/backends/nvml_api.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(warnings) $(CFLAGS) $(LDFLAGS) $(fake_flags) -fPIC -shared \
		-Wl,-soname,libnvidia-ml.so.1 -o $@ $(fake_src)
$(BUILD)/selftests/unit/test_nvml $(BUILD)/selftests/unit/test_nvml_set $(BUILD)/selftests/unit/test_nvml_captures: | $(fakes)

# Libraries that do nothing, for the probes on their functions: each of which begins
# with a push, as those of vendors do for the most part; on x86 those of the first one
# with a mark for indirect branch tracking, as compilers of some distributions put there.
ifeq ($(bpf_arch),x86)
$(BUILD)/selftests/fakes/libcuda.so.1: private fake_flags := -fcf-protection=branch
endif
$(BUILD)/selftests/fakes/libcuda.so.1: selftests/fakes/calls/cuda.c Makefile
$(BUILD)/selftests/fakes/libnccl.so.2: selftests/fakes/calls/nccl.c Makefile
$(fake_calls):
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(warnings) $(CFLAGS) $(LDFLAGS) $(fake_flags) -fPIC -shared \
		-O0 -Wl,-soname,$(@F) -o $@ $<
$(BUILD)/selftests/unit/test_calls: | $(fake_calls)

# Unit tests run under the address and undefined-behaviour sanitizers.
$(BUILD)/obj-san/%.o: %.c | need-userspace $(skel) $(TOOLCHAIN)/lib/libbpf.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -Iselftests/lib $(san_flags) -c $< -o $@

san_archives := $(BUILD)/obj-san/liba.a $(BUILD)/obj-san/libcore.a
$(BUILD)/selftests/unit/%: $(BUILD)/obj-san/selftests/unit/%.o $(san_archives)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(san_flags) -o $@ $< $(san_archives) $(libs)

-include $(shell find $(BUILD) -name '*.d' -not -path '*/kbuild/*' 2>/dev/null)

# Demo and tests run in a VM with Debian's 6.12 kernel, whatever runs here.
.PHONY: deps demo test test-newer test-debug coverage style
deps:
	$(Q)$(SETUP)/deps.sh

demo:
	+$(Q)MAKE='$(MAKE)' $(SETUP)/demo.sh

test:
	+$(Q)MAKE='$(MAKE)' selftests/run $(T)

test-newer:
	+$(Q)MAKE='$(MAKE)' selftests/run --kernel newer $(T)

test-debug:
	+$(Q)MAKE='$(MAKE)' selftests/run --kernel debug $(T)

coverage: test-debug
	$(Q)cat $(BUILD)/debug/test/coverage

style:
	+$(Q)MAKE='$(MAKE)' selftests/run --only static

include selftests/setup/install.mk
include selftests/bench/bench.mk
include selftests/fuzz/fuzz.mk

.PHONY: clean
clean:
	$(call say,CLEAN,$(BUILD))
	$(Q)rm -rf $(BUILD)

.PHONY: help
help:
	@printf '%s\n' \
	'accelgov - what make can make' '' \
	'  make               modules, BPF and userspace, into $(BUILD)/{kmod,bpf,bin}' \
	'  make modules       accelgov.ko, accelsim.ko, accelsim_drm.ko' \
	'  make bpf           BPF collectors and their skeletons' \
	'  make userspace     accelgov and accelgovd (needs bpf, makes it)' \
	'  make PATH.bpf.o    a policy of your own from PATH.bpf.c (see the policy guide)' \
	'  make deps          install the Debian packages that all of this needs' \
	'  make demo          boot a VM, play workloads, write $(BUILD)/demo/report.html' \
	'  make test          all tests; T="NAME..." for some of them' \
	'  make test-newer    suites of the modules on the newest kernel that Debian has' \
	'  make test-debug    the same and KUnit on a kernel that checks memory and locks' \
	'  make coverage      that, then how many lines of each file of the modules ran' \
	'  make style         static checks of the sources' \
	'  make bench         savings and costs into $(BUILD)/bench; B="PART..." for some' \
	'                     of them (energy frontier phases cost scale), FULL=1' \
	'  make fuzz          fuzzers, each for SECONDS=300; F="NAME..." for some of them' \
	'  make install       modules, programs, service, configuration, documents' \
	'  make uninstall     take away exactly that' \
	'  make dkms-install  modules through DKMS, rebuilt for every new kernel;' \
	'                     make dkms-uninstall undoes it' \
	'  make clean         remove $(BUILD)' '' \
	'Variables' '' \
	'  KDIR=DIR           kernel build folder (now $(KDIR))' \
	'  DESTDIR=, PREFIX=  staging folder; where programs go (now $(PREFIX))' \
	'  REQUESTS=FILE      a request trace of your own for make demo' \
	'  V=1  W=1  C=1      show commands; more warnings; sparse' \
	'  WERROR=0           warnings stop nothing' \
	'  CC=, CLANG=        compilers'
