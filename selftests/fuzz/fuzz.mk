# SPDX-License-Identifier: GPL-2.0
#
# make fuzz [F=NAME...] [SECONDS=300]: fuzzers with libFuzzer, the sanitizers and
# the sources of core and library compiled for them. One program per file in
# selftests/fuzz.

fuzz_src := $(call files,selftests/fuzz/*.c)
fuzz_bin := $(patsubst %.c,$(BUILD)/%,$(fuzz_src))
fuzzed = $(patsubst %.c,$(BUILD)/obj-fuzz/%.o,$(1))
fuzz_flags := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wno-missing-field-initializers
SECONDS ?= 300

.PHONY: fuzz fuzzers
fuzzers: $(fuzz_bin)

fuzz: fuzzers
	$(Q)selftests/fuzz/run --seconds '$(SECONDS)' $(F)

$(BUILD)/obj-fuzz/%.o: %.c | need-userspace need-fuzz $(skel) $(TOOLCHAIN)/lib/libbpf.a
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(all_cflags) -Iselftests/unit $(fuzz_flags) \
		-fsanitize=fuzzer-no-link -c $< -o $@

fuzz_archives := $(BUILD)/obj-fuzz/liba.a $(BUILD)/obj-fuzz/libcore.a
$(BUILD)/obj-fuzz/libcore.a: $(call fuzzed,$(core_src))
$(BUILD)/obj-fuzz/liba.a: $(call fuzzed,$(lib_src))

$(BUILD)/selftests/fuzz/%: $(BUILD)/obj-fuzz/selftests/fuzz/%.o $(fuzz_archives)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS) $(fuzz_flags) -fsanitize=fuzzer -o $@ $< \
		$(fuzz_archives) $(libs)
