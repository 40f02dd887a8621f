#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# System sleep under the governor. The usual VM would lose its disk: 9p does not
# survive the sleep of its device. This one has all it needs in memory; see
# sleep-init for what happens inside. Any kernel will do: ACCELGOV_KERNEL=debug and
# ACCELGOV_BUILD=build/debug for the one that checks itself.

# shellcheck source=selftests/lib/host.sh
. "${0%/*}/../lib/host.sh"
# shellcheck source=selftests/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
here=$(cd -- "${0%/*}" && pwd -P)
# shellcheck source=selftests/vm/qemu.sh
. "$here/qemu.sh"

setup=$here/../setup/kernel.sh
run=$ACCELGOV_BUILD/test/sleep
root=$run/root

# Where module $1 of the kernel is, unpacked to file $2.
kernel_module() {
	local path

	path=$(modinfo ${modules:+-b "$modules"} -k "$release" -n "$1") || return
	case $path in
	*.xz) xz -dc -- "$path" ;;
	*.zst) zstd -dcq -- "$path" ;;
	*) cat -- "$path" ;;
	esac >"$2"
}

# The program and every library that it is linked with, at their own paths.
program() {
	local library

	cp -- "$1" "$root/bin/"
	ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do
		cp -L --parents -- "$library" "$root/"
	done
}

fill() {
	rm -rf -- "$root"
	mkdir -p "$root"/{bin,proc,sys,dev,selftests/bpf} || return
	cp -- "$(command -v busybox)" "$root/bin/busybox" || return
	cp -- "$here/sleep-init" "$root/init" || return
	cp -- "$ACCELGOV_BUILD"/kmod/accel{gov,sim}.ko "$root/" || return
	strip --strip-debug "$root"/*.ko || return
	cp -- "$ACCELGOV_BUILD/selftests/bpf/push.bpf.o" "$root/selftests/bpf/" || return
	kernel_module governor_simpleondemand "$root/governor_simpleondemand.ko" || return
	program "$ACCELGOV_BUILD/selftests/progs/push"
}

sleeping_vm() {
	timeout -k 5 $((450 + 300 * (slowness > 1))) \
		"$qemu" "${accel[@]}" -machine "$machine" -smp 2 -m 1G -nodefaults \
		-no-user-config -nographic -no-reboot -kernel "$kernel" \
		-initrd "$run/initrd" -serial "file:$run/console.log" \
		-serial "file:$run/results.tap" \
		-append "console=ttyS0 loglevel=7 panic=-1 oops=panic panic_on_warn=1 mitigations=off random.trust_cpu=on slowness=$slowness" \
		</dev/null >"$run/qemu.log" 2>&1
}

release=$("$setup" release) || bail "no kernel"
kernel=$("$setup" boot) || bail "no kernel"
modules=$("$setup" root) || bail "no kernel"
slowness=$("$setup" slowness) || bail "no kernel"
mkdir -p "$run"
fill || bail "the VM's files could not be put together"
(cd "$root" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$run/initrd" ||
	bail "no initramfs"
rm -rf -- "$root" "$run"/{console.log,results.tap}
pick_accel
machine_of_kernel
# How often the governor missed signals is judged, and no busy host has a part in that.
[[ ${accel[1]} == kvm ]] || count_instructions
sleeping_vm
rc=$?

while read -r line; do
	case $line in
	"ok "*) ok "${line#* - }" ;;
	"not ok "*) not_ok "${line#* - }" ;;
	"#"*) diag "${line#\# }" ;;
	esac
done < <(tr -d '\r' <"$run/results.tap")
check "the guest came to its end" grep -qE "^1\.\.$tap_count\$" <(tr -d '\r' <"$run/results.tap")
is "and powered off" "$rc" 0
refuse "without a complaint" \
	grep -E 'WARNING: |BUG: |Oops|Call Trace|Kernel panic|UBSAN: |ODEBUG: |INFO: lockdep' "$run/console.log"
finish
