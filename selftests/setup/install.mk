# SPDX-License-Identifier: GPL-2.0
#
# make install, uninstall and dkms-install. Every installed file is written down
# in the manifest; uninstall removes what the manifest names and nothing else.
# Run 'make' first: install builds nothing, so that root need not own the build.

sharedir := $(PREFIX)/share/accelgov
docdir := $(PREFIX)/share/doc/accelgov
manifest := $(sharedir)/manifest
config := $(SYSCONFDIR)/accelgov/accelgov.conf
# Where accelgov looks for policies by name: from its own folder.
policydir := $(PREFIX)/lib/accelgov/policies
includedir := $(PREFIX)/include/accelgov
dkms_src := /usr/src/accelgov-$(VERSION)

# The kernel that the modules were built for, in the modules' own words.
built_for = $(shell modinfo -F vermagic $(BUILD)/kmod/accelgov.ko 2>/dev/null | cut -d' ' -f1)
uapi = $(sort $(wildcard kmod/uapi/accelgov*.h))
documents = $(wildcard README.md COPYING) $(shell find Documentation -type f 2>/dev/null)

.PHONY: install install-check uninstall dkms-install dkms-uninstall
install-check:
	@for file in $(ko) $(bin) $(policy_obj); do \
		[ -e $$file ] || { echo "*** $$file is not built: run 'make' first" >&2; exit 1; }; \
	done

# put FILE,TARGET,MODE: install one file and note it, parents too.
define put
@printf '  %-8s%s\n' INSTALL '$(DESTDIR)$(2)'
@install -D -m $(3) $(1) '$(DESTDIR)$(2)'
@echo '$(2)' >>'$(DESTDIR)$(manifest)'

endef

install: install-check
	@install -d '$(DESTDIR)$(sharedir)'
	$(foreach f,$(ko),$(call put,$(f),/lib/modules/$(built_for)/updates/$(notdir $(f)),644))
	$(call put,$(BUILD)/bin/accelgov,$(PREFIX)/bin/accelgov,755)
	$(call put,$(BUILD)/bin/accelgovd,$(PREFIX)/sbin/accelgovd,755)
	$(call put,kmod/modprobe.conf,$(PREFIX)/lib/modprobe.d/accelgov.conf,644)
	$(call put,kmod/modules-load.conf,$(PREFIX)/lib/modules-load.d/accelgov.conf,644)
	@sed 's,/usr/\(sbin\|bin\|share\)/,$(PREFIX)/\1/,g' \
		userspace/accelgovd/accelgovd.service >$(BUILD)/accelgovd.service
	$(call put,$(BUILD)/accelgovd.service,$(SYSTEMDUNITDIR)/accelgovd.service,644)
	$(call put,userspace/accelgovd/accelgov.conf,$(sharedir)/accelgov.conf,644)
	$(foreach f,$(policy_obj),$(call put,$(f),$(policydir)/$(notdir $(f)),644))
	$(foreach f,$(uapi),$(call put,$(f),$(includedir)/uapi/$(notdir $(f)),644))
	@sed 's,"../kmod/uapi/,"uapi/,' bpf/accelgov_policy.h >$(BUILD)/accelgov_policy.h
	$(call put,$(BUILD)/accelgov_policy.h,$(includedir)/accelgov_policy.h,644)
	$(foreach f,$(documents),$(call put,$(f),$(docdir)/$(patsubst Documentation/%,%,$(f)),644))
	@sort -u -o '$(DESTDIR)$(manifest)' '$(DESTDIR)$(manifest)'
	@install -d '$(DESTDIR)$(SYSCONFDIR)/accelgov/conf.d'
	@if [ ! -e '$(DESTDIR)$(config)' ]; then \
		printf '  %-8s%s\n' INSTALL '$(DESTDIR)$(config)'; \
		install -m 644 userspace/accelgovd/accelgov.conf '$(DESTDIR)$(config)'; \
	else \
		echo "  keeping $(DESTDIR)$(config); the shipped one is $(DESTDIR)$(sharedir)/accelgov.conf"; \
	fi
	@if [ -z '$(DESTDIR)' ]; then \
		depmod -a '$(built_for)'; \
		[ ! -d /run/systemd/system ] || systemctl daemon-reload; \
		echo "  next: modprobe accelgov; systemctl enable --now accelgovd"; \
	fi

# A configuration that somebody changed stays, and so do folders in use.
uninstall:
	@[ -e '$(DESTDIR)$(manifest)' ] || { \
		echo "*** $(DESTDIR)$(manifest) is missing: nothing was installed there" >&2; exit 1; }
	@if [ -z '$(DESTDIR)' ]; then \
		[ ! -d /run/systemd/system ] || systemctl disable --now accelgovd 2>/dev/null || :; \
	fi
	@if cmp -s '$(DESTDIR)$(config)' '$(DESTDIR)$(sharedir)/accelgov.conf'; then \
		rm -f '$(DESTDIR)$(config)'; \
	elif [ -e '$(DESTDIR)$(config)' ]; then \
		echo "  keeping $(DESTDIR)$(config): it was changed"; \
	fi
	@while read -r file; do \
		printf '  %-8s%s\n' REMOVE "$(DESTDIR)$$file"; \
		rm -f "$(DESTDIR)$$file"; \
	done <'$(DESTDIR)$(manifest)'
	@rm -f '$(DESTDIR)$(manifest)'
	@for dir in '$(sharedir)' '$(SYSCONFDIR)/accelgov' '$(includedir)' '$(dir $(policydir))'; do \
		[ ! -d "$(DESTDIR)$$dir" ] || \
			find "$(DESTDIR)$$dir" -depth -type d -empty -delete; \
	done
	@[ ! -d '$(DESTDIR)$(docdir)' ] || \
		find '$(DESTDIR)$(docdir)' -depth -type d -empty -delete
	@if [ -z '$(DESTDIR)' ]; then \
		for dir in /lib/modules/*; do [ ! -e $$dir/modules.dep ] || depmod -a $${dir##*/}; done; \
		[ ! -d /run/systemd/system ] || systemctl daemon-reload; \
	fi

# The modules alone, rebuilt by DKMS for every kernel that comes.
dkms-install:
	@command -v dkms >/dev/null || { \
		echo "*** missing: dkms    Debian package: dkms" >&2; exit 1; }
	@install -d '$(DESTDIR)$(dkms_src)'
	@cp -rL Kbuild kmod COPYING '$(DESTDIR)$(dkms_src)/'
	@sed 's/@VERSION@/$(VERSION)/' kmod/dkms.conf >'$(DESTDIR)$(dkms_src)/dkms.conf'
	@if [ -z '$(DESTDIR)' ]; then \
		dkms add -m accelgov -v $(VERSION) && \
		dkms install -m accelgov -v $(VERSION) $(DKMSFLAGS); \
	fi

dkms-uninstall:
	@[ -n '$(DESTDIR)' ] || dkms remove -m accelgov -v $(VERSION) --all
	@rm -rf '$(DESTDIR)$(dkms_src)'
