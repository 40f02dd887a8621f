# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The machine of vm.sh: which accelerator, which kernel, how QEMU is started
# and watched. Sourced by vm.sh, whose variables it uses.
# shellcheck disable=SC2154,SC2034

qemu='qemu-system-x86_64'

# /dev/kvm may exist and still hang every guest (nested, no vmx or svm): it
# counts only once the kernel has run to its "no root" panic through it.
kvm_works() {
	local mark

	grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo && [[ -w /dev/kvm ]] || return
	mark=$(cache_path kvm "$(cat /proc/sys/kernel/random/boot_id)") || return
	if [[ ! -e $mark ]]; then
		if timeout -k 1 20 "$qemu" -accel kvm -cpu host -m 256M -nodefaults \
			-nographic -no-reboot -kernel "$kernel" \
			-append 'panic=-1' </dev/null >/dev/null 2>&1; then
			echo yes >"$mark"
		else
			echo no >"$mark"
		fi
	fi
	[[ $(cat "$mark") == yes ]]
}

# An emulated string instruction is a loop over bytes: with the kernel's own loops over
# words a program starts with a third fewer instructions. QEMU 7.2 seems to compute the
# flags of cmpxchg16b from what may be stale: a kernel was seen to trap after it, as if
# it were stepped through.
emulated_cpu='max,-erms,-fsrm,-cx16'

# Verdicts must not depend on the emulator's own races: one thread for all CPUs.
pick_accel() {
	case ${ACCELGOV_ACCEL:-} in
	kvm) accel=(-accel kvm -cpu host) ;;
	tcg) accel=(-accel 'tcg,thread=single' -cpu "$emulated_cpu") ;;
	tcg-multi) accel=(-accel 'tcg,thread=multi' -cpu "$emulated_cpu") ;;
	'')
		if kvm_works; then
			accel=(-accel kvm -cpu host)
		else
			accel=(-accel 'tcg,thread=single' -cpu "$emulated_cpu")
		fi
		;;
	*) die 125 "ACCELGOV_ACCEL is '$ACCELGOV_ACCEL': only tcg, tcg-multi and kvm are known" ;;
	esac
}

# Only emulation can count.
count_instructions() {
	accel=(-accel 'tcg,thread=single' -cpu "$emulated_cpu" -icount 'shift=0')
}

# The debug kernel is slow enough that on a busy host the clock's ticks alone would
# take all of its time: its time is that of its instructions. The older board's
# interrupt table is a loop of ACPI code, which takes it minutes.
machine_of_kernel() {
	machine='pc'
	[[ ${ACCELGOV_KERNEL:-} == debug ]] || return 0
	machine='q35'
	[[ ${accel[1]} == kvm ]] || count_instructions
}

prepare_machine() {
	local setup=$here/../setup/kernel.sh release root

	command -v "$qemu" >/dev/null ||
		die 125 "$qemu is missing: install qemu-system-x86, or run 'make deps'"
	release=$("$setup" release) || exit 125
	root=$("$setup" root) || exit 125
	kernel=$("$setup" boot) || exit 125
	initrd=$("$here/initramfs.sh" "$release" "$root") || exit 125
	[[ -z $root ]] ||
		quoted ACCELGOV_MODULES "$root/lib/modules/$release" >>"$run/guest.env"
	pick_accel
	machine_of_kernel
	if [[ -n $icount ]]; then
		count_instructions
		smp=1
	fi
}

# norandmaps: code at another address is code to be translated once more, half of
# what starting a program costs where CPUs are emulated.
cmdline() {
	printf '%s ' console=ttyS0 loglevel=7 panic=-1 oops=panic panic_on_warn=1 \
		mitigations=off norandmaps audit=0 apparmor=0 selinux=0 random.trust_cpu=on \
		rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60 \
		"accelgov.run=$run" "accelgov.src=$ACCELGOV_SRC" "$append"
}

start_qemu() {
	local p9=security_model=none,multidevs=remap
	local args=("${accel[@]}" -machine "$machine" -smp "$smp" -m "$mem"
		-nodefaults -no-user-config -nographic -no-reboot
		-kernel "$kernel" -initrd "$initrd" -append "$(cmdline)"
		-serial "file:$run/console.log"
		-device virtio-serial-pci
		-device 'virtconsole,chardev=output'
		-chardev "file,id=status,path=$run/status"
		-device 'virtserialport,chardev=status,name=org.accelgov.status'
		-fsdev "local,id=root,path=/,readonly=on,$p9"
		-device 'virtio-9p-pci,fsdev=root,mount_tag=root'
		-fsdev "local,id=out,path=$out,$p9"
		-device 'virtio-9p-pci,fsdev=out,mount_tag=out'
		-device virtio-rng-pci)

	if [[ -n $shell ]]; then
		# Foreground: the terminal is the guest's until it powers off.
		"$qemu" "${args[@]}" -chardev 'stdio,id=output,mux=on,signal=off' \
			8>&- 2>"$run/qemu.log"
		return
	fi
	"$qemu" "${args[@]}" -chardev "file,id=output,path=$run/output.log" \
		</dev/null >/dev/null 2>"$run/qemu.log" 8>&- &
	pid=$!
}

show_output() {
	[[ -z $quiet ]] || return 0
	tail -n +1 -s 0.1 --pid="$pid" -f -- "$run/output.log" 2>/dev/null 8>&- &
	viewer=$!
}

# Milliseconds that CPUs of this host were taken by others of its own host.
stolen_ms() {
	local word user nice system idle iowait irq softirq steal

	read -r word user nice system idle iowait irq softirq steal _ </proc/stat
	printf '%s\n' "$((${steal:-0} * 1000 / $(getconf CLK_TCK)))"
}

# Sets ran_ns, what threads of QEMU ran so far, and queued_ms, how long they were ready
# to run and no CPU was free.
look_at_threads() {
	local task run_ns wait_ns

	ran_ns=0 queued_ms=0
	for task in /proc/"$pid"/task/[0-9]*; do
		read -r run_ns wait_ns _ <"$task/schedstat" || continue
		ran_ns=$((ran_ns + run_ns))
		queued_ms=$((queued_ms + wait_ns / 1000000))
	done 2>/dev/null
}

# What the VM waited for CPUs, of what it ran: "MILLISECONDS OF-MILLISECONDS". The
# last word stands when QEMU ends; a test that measures time can ask for it.
note_waiting() {
	local waited=$(($(stolen_ms) - stolen0 + queued_ms))

	[[ -d /proc/$pid/task ]] || return 0
	printf '%s %s\n' "$waited" "$(((SECONDS - began) * 1000))" >"$run/waited"
}

# SIGALRM makes one turn of QEMU's main loop and nothing else: the loop reads it from a
# descriptor, and has no handler for it. Before there is that descriptor it would kill.
reads_alarms() {
	local blocked

	blocked=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
	((16#${blocked:-0} >> (14 - 1) & 1))
}

# A machine that counts instructions gets its next timer interrupt from the main loop,
# and QEMU 7.2 was seen to stand still for good, all of its threads waiting. By its
# source it may lose a timer that it set in one turn of the loop, and then there is no
# other turn. Such a QEMU takes no CPU time at all, which one whose guest has nothing to
# do hardly ever does for a second, and another turn does no harm. If nothing happens all
# the same for $standstill_s seconds, there is no use in waiting for what it was started
# for.
nudge() {
	if ((ran_ns == ran_before_ns)); then
		still_s=$((still_s + 1))
		! reads_alarms || kill -ALRM "$pid" 2>/dev/null
		printf 'second %s: nothing ran\n' "$((SECONDS - began))" >>"$run/nudged"
	else
		still_s=0
	fi
	ran_before_ns=$ran_ns
}

# It ends by itself, unless it stands still so that nothing reaches it.
stop_qemu() {
	local tries

	kill "$pid" 2>/dev/null
	for ((tries = 0; tries < 50; tries++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# Waits for the end; sets ended to exit, boot, timeout or standstill.
watch_qemu() {
	local start=$SECONDS ready='' leave=0 said began=$SECONDS stolen0 noted=0
	local ran_ns=0 queued_ms=0 ran_before_ns=0 still_s=0

	ended='exit'
	stolen0=$(stolen_ms)
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.1
		if ((SECONDS > noted)); then
			noted=$SECONDS
			look_at_threads
			note_waiting
			nudge
		fi
		said=$(<"$run/status")
		if ((still_s >= standstill_s)); then
			ended='standstill'
			stop_qemu
		elif [[ -z $ready ]]; then
			if [[ -n $said ]]; then
				ready=1
				start=$SECONDS
			elif ((SECONDS - start >= boot_timeout)); then
				ended='boot'
				stop_qemu
			fi
		elif [[ $said == *exit* ]]; then
			# The verdict is in; powering off may not hang the run.
			((leave)) || leave=$SECONDS
			((SECONDS - leave < 15)) || stop_qemu
		elif ((SECONDS - start >= timeout)); then
			ended='timeout'
			stop_qemu
		fi
	done
	wait "$pid" 2>/dev/null
}

boot() {
	local pid='' viewer=''

	: >"$run/status"
	: >"$run/output.log"
	: >"$run/console.log"
	ended='exit'
	if [[ -n $shell ]]; then
		start_qemu
		return
	fi
	start_qemu
	trap 'stop_qemu; exit 130' INT TERM HUP
	show_output
	watch_qemu
	trap - INT TERM HUP
	[[ -z $viewer ]] || wait "$viewer" 2>/dev/null
}
