#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vm.sh - run one command as root inside a VM with the stock Debian kernel
#
# The guest sees the host's root read-only with a RAM layer over it, so every
# path and every program is the same inside, and nothing it does stays. Only
# the output folder (ACCELGOV_OUT, same path on both sides) is shared for real.
# See usage() for options and exit codes. Half of the variables are for qemu.sh.
# shellcheck disable=SC2034,SC2154

set -u
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck source=selftests/lib/host.sh
. "$here/../lib/host.sh"
# shellcheck source=selftests/vm/qemu.sh
. "$here/qemu.sh"

usage() {
	cat <<-'TEXT'
	usage: vm.sh [options] [--] COMMAND [ARGUMENT...]
	       vm.sh [options] --shell

	  --name NAME         logs go to build/test/NAME (default: the command's name)
	  --out DIR           writable folder, same path inside (default: build/test/NAME/out)
	  --env NAME=VALUE    set in the guest; may be given often
	  --timeout S         seconds for the command (default 600)
	  --boot-timeout S    seconds until the guest is ready (default 240, more for a
	                      slow kernel)
	  --standstill S      seconds without any CPU time until the emulator counts as
	                      hung (default 60)
	  --smp N  --mem SIZE (default 2 and 2G; 1G for the debug kernel)
	  --append WORDS      more words for the kernel command line
	  --no-scan           don't judge the console log
	  --icount            one CPU whose every instruction takes a nanosecond, however
	                      busy the host is: CPU time becomes a count of instructions
	  --quiet             don't show the command's output, only keep output.log
	  --shell             interactive shell; leave it with exit, or Ctrl-A x

	In the guest: ACCELGOV_SRC, ACCELGOV_BUILD, ACCELGOV_OUT, ACCELGOV_VM=1,
	ACCELGOV_SLOWNESS (of the kernel, stock is 1); the working folder is the top of
	the tree.

	Exit code: the command's own, or
	  120  the kernel complained (WARNING, BUG, Oops, ...): see console.log
	  121  the guest did not come up
	  122  the guest died before the command ended
	  123  the emulator stood still: nothing is known of the command
	  124  the command ran out of time
	  125  the VM could not be set up
	Environment: ACCELGOV_ACCEL=tcg|tcg-multi|kvm, ACCELGOV_KERNEL=RELEASE|newer|debug,
	ACCELGOV_CACHE=DIR
	TEXT
}

name='' out='' timeout=600 boot_timeout='' smp=2 mem='' append='' scan=1 quiet=''
icount='' standstill_s=60
shell='' env=()

while (($#)); do
	case $1 in
	--name) name=$2 && shift ;;
	--out) out=$2 && shift ;;
	--env) env+=("$2") && shift ;;
	--timeout) timeout=$2 && shift ;;
	--boot-timeout) boot_timeout=$2 && shift ;;
	--standstill) standstill_s=$2 && shift ;;
	--smp) smp=$2 && shift ;;
	--mem) mem=$2 && shift ;;
	--append) append=$2 && shift ;;
	--no-scan) scan='' ;;
	--icount) icount=1 ;;
	--quiet) quiet=1 ;;
	--shell) shell=1 ;;
	-h | --help) usage && exit ;;
	--) shift && break ;;
	-*) die 125 "unknown option $1 (see --help)" ;;
	*) break ;;
	esac
	shift
done
[[ -n $shell ]] || (($#)) || die 125 "no command given (see --help)"

# quoted NAME VALUE: an assignment that any shell reads back as it was.
quoted() {
	printf "%s='%s'\n" "$1" "${2//\'/\'\\\'\'}"
}

# Several VMs may run at once: a folder in use is left alone.
take_folder() {
	local base=$ACCELGOV_BUILD/test/$1 try=$1 n=1

	while :; do
		run=$ACCELGOV_BUILD/test/$try
		mkdir -p -- "$run" || die 125 "$run can't be made"
		exec 8>"$run/lock"
		flock -n 8 && break
		n=$((n + 1))
		try=$1.$n
		((n < 100)) || die 125 "$base and 98 more are in use"
	done
	rm -f -- "$run"/{console.log,output.log,status,qemu.log,waited,nudged,guest.env,command.sh}
}

write_command() {
	local item

	{
		quoted ACCELGOV_SRC "$ACCELGOV_SRC"
		quoted ACCELGOV_BUILD "$ACCELGOV_BUILD"
		quoted ACCELGOV_OUT "$out"
		quoted ACCELGOV_VM 1
		quoted ACCELGOV_SLOWNESS "$slowness"
		quoted ACCELGOV_SHELL "$shell"
		quoted ACCELGOV_TTY "$tty"
		quoted TERM "${TERM:-dumb}"
		quoted COLUMNS "${columns:-80}"
		quoted LINES "${lines:-24}"
		for item in "${env[@]}"; do
			quoted "${item%%=*}" "${item#*=}"
		done
	} >"$run/guest.env"
	{
		printf 'exec'
		((!$#)) || printf ' %q' "$@"
		printf '\n'
	} >"$run/command.sh"
}

# Prints what made the console log bad, if anything.
complaints() {
	grep -nE 'WARNING: |BUG: |Oops|Call Trace|Kernel panic|kernel BUG at|general protection fault|possible recursive locking|possible circular locking|inconsistent lock state|suspicious RCU usage|refcount_t: |unreferenced object|INFO: task .* blocked|detected stalls? on|soft lockup|INFO: lockdep|UBSAN: |ODEBUG: |kmemleak: .*disabled' \
		"$run/console.log" | head -n 20
}

# QEMU's software emulation can patch a jump label under a running CPU. That
# one oops says nothing about the modules: it alone is worth another try.
spurious_int3() {
	grep -aqE 'Oops: int3' "$run/console.log" &&
		grep -aqE 'text_poke|jump_label|int3' "$run/console.log" &&
		! grep -aqE '\[accel(gov|sim|sim_drm)\]' "$run/console.log"
}

tail_of() {
	printf -- '--- last lines of %s\n' "$1" >&2
	tail -n 25 -- "$1" | tr -d '\r' >&2
	printf -- '---\n' >&2
}

verdict() {
	local said bad=''

	said=$(tail -n 1 "$run/status" 2>/dev/null)
	[[ -z $scan ]] || bad=$(complaints)
	if [[ -n $bad ]]; then
		warn "the kernel complained in $run/console.log:"
		printf '%s\n' "$bad" >&2
		return 120
	fi
	case $ended-$said in
	boot-*)
		tail_of "$run/console.log"
		warn "the guest was not ready within $boot_timeout s"
		return 121
		;;
	timeout-*)
		tail_of "$run/output.log"
		warn "the command ran out of time ($timeout s); output: $run/output.log"
		return 124
		;;
	*-exit\ *) return "${said#exit }" ;;
	standstill-*)
		tail_of "$run/output.log"
		warn "QEMU took no CPU time for $standstill_s s: it hangs, whatever the guest did"
		return 123
		;;
	exit-ready)
		tail_of "$run/console.log"
		warn "the guest died before the command ended"
		return 122
		;;
	*)
		tail_of "$run/qemu.log"
		tail_of "$run/console.log"
		warn "the guest did not come up"
		return 121
		;;
	esac
}

tty='' columns='' lines=''
if [[ -t 1 ]]; then
	tty=1
	read -r lines columns < <(stty size </dev/tty 2>/dev/null)
fi

# The kernel command line has no quoting, and the guest has its own /run.
case $ACCELGOV_SRC in
*[[:space:]]*) die 125 "$ACCELGOV_SRC: a tree below a name with blanks can't be tested" ;;
/run/* | /dev/* | /var/run/*) die 125 "$ACCELGOV_SRC is hidden in the guest: use another folder" ;;
esac

name=${name:-$(basename -- "${1:-shell}" .sh)}
take_folder "$name"
out=${out:-$run/out}
mkdir -p -- "$out" || die 125 "$out can't be made"
slowness=$("$here/../setup/kernel.sh" slowness) || exit 125
: "${boot_timeout:=$((240 * slowness))}"
# The fewer pages there are, the less a search for leaks has to look through.
if [[ ${ACCELGOV_KERNEL:-} == debug ]]; then
	: "${mem:=1G}"
else
	: "${mem:=2G}"
fi
out=$(cd -- "$out" && pwd -P)
write_command "$@"
prepare_machine

rc=0
for attempt in 1 2; do
	boot
	verdict
	rc=$?
	((rc == 120 && attempt == 1)) || break
	spurious_int3 || break
	warn "one 'Oops: int3' outside our modules, a known emulator race: trying once more"
	mv -f -- "$run/console.log" "$run/console.int3.log"
done
exit "$rc"
