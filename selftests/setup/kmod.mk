# SPDX-License-Identifier: GPL-2.0
#
# Builds the modules in $(BUILD)/kbuild, a tree of links to kmod/, and copies
# the results to $(BUILD)/kmod, without DWARF but with BTF. Called by the top
# Makefile, one at a time.

tree := $(abspath $(BUILD))/kbuild
kernel := $(realpath $(KDIR))

.PHONY: modules
modules: mirror
	$(if $(filter 1,$(V)),,@)$(MAKE) -C $(KDIR) M=$(tree) modules \
		$(if $(filter 1,$(WERROR)),KCFLAGS=-Werror)
	@mkdir -p $(BUILD)/kmod
	@for ko in $(tree)/kmod/*.ko $(tree)/kmod/*/*.ko $(tree)/kmod/sim/drm/*.ko; do \
		[ -e $$ko ] || continue; \
		to=$(BUILD)/kmod/$${ko##*/}; \
		[ $$to -nt $$ko ] || $(or $(STRIP),strip) -g -o $$to $$ko || exit; \
	done

# Objects of another kernel are of no use. Links of files that are gone would
# still match the wildcards in Kbuild.
.PHONY: mirror
mirror:
	@if [ "$$(cat $(tree)/.kernel 2>/dev/null)" != '$(kernel)' ]; then \
		rm -rf $(tree) $(BUILD)/kmod; \
	fi
	@mkdir -p $(tree)
	@cp -rsf $(CURDIR)/Kbuild $(CURDIR)/kmod $(tree)/
	@find $(tree) -xtype l -delete
	@echo '$(kernel)' >$(tree)/.kernel
