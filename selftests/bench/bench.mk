# SPDX-License-Identifier: GPL-2.0
#
# make bench [B="PART..."] [FULL=1]: what accelgov saves and what it costs, into
# build/bench. Documentation/bench.rst says what the parts are.

bench_src := $(call files,selftests/bench/*.c)
bench_bin := $(patsubst %.c,$(BUILD)/%,$(bench_src))

.PHONY: bench bench-programs
progs: $(bench_bin)
bench-programs: $(bench_bin)

bench:
	+$(Q)MAKE='$(MAKE)' selftests/bench/run $(if $(FULL),--full) $(B)

$(BUILD)/selftests/bench/%: $(BUILD)/obj/selftests/bench/%.o $(archives)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(archives) $(libs)
