#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# plan.t - what plan says, the kernel does: CPUs go offline or stay, interrupts move or do not, devices get vectors or
# fewer, drawn at random; then each answer once for sure
#
# MSITRACE_PLAN_TRIALS=N: as many trials on each kernel and machine (default 8).
. "$(dirname "$0")/lib.sh"

require
trials=${MSITRACE_PLAN_TRIALS:-8}
export timeout=$((600 + 8 * trials))

# rockers N, nvme ADDR: adds them to $machine, and to $devices with how many vectors they have.
rockers() {
	local n

	for ((n = 1; n <= $1; n++)); do
		machine+=(--device "rocker,name=r$n,len-ports=30,addr=$n")
		devices+=" 0000:00:0$n.0=62"
	done
}
nvme() {
	machine+=(--device "nvme,serial=n$1,max_ioqpairs=64,msix_qsize=2048,addr=$1")
	devices+=" 0000:00:0$1.0=2048"
}

# trial PATTERN: the lines of the trials that match.
trial() { out trials | grep -E "$1"; }
count() { trial "$1" | wc -l; }

# agree LABEL: what plan said and what the kernel did.
agree() {
	local kind

	is "$1: all trials were made" "$(count .)" "$trials"
	is "$1: no wrong yes" "$(trial '=> yes .*=> no')" ""
	is "$1: no wrong no" "$(trial '=> no .*=> yes')" ""
	is "$1: the exit status goes with the answer" "$(trial . | grep -vE '=> (yes 0|no 1|maybe 2) ')" ""
	is "$1: what a write gives" "$(trial '^affinity' | awk '$7 != $11')" ""
	is "$1: the CPU that it goes to" "$(trial '=> yes .*=> yes ok' | awk '$8 != $12')" ""
	for kind in alloc affinity offline; do
		ok "$1: $kind was tried" test "$(count "^$kind")" -gt 0
		trial "^$kind" >>"$base/all-$kernel"
	done
	diag "$1: $(count '=> yes$') can, $(count '=> no$') cannot, $(count '=> maybe') maybe; affinity: $(count \
		'=> yes ok') and $(count '=> no [a-zE]')"
}

answers() { is "$l: $1: the answer" "$(of "$1" ".[][] | \"\\(.$2) \\(.why)\"")" "$3"; }

# full_machine: what plan.sh asks when each vector is taken; $now: moves are made at once.
full_machine() {
	local irq here there full

	read -r irq here < <(out where)
	there=$((1 - here))
	full="no vector is free on these CPUs"
	[ -n "$now" ] || full+=": the move is tried when it fires next, and then dropped without a word"
	answers room offline "yes the other CPUs have room for what it has"
	is "$l: full: exit status" "$(status full)" 1
	answers full offline "no the other CPUs have less room than it has vectors to move"
	like "$l: full: what to do" "$(err full)" 'CPU 1: [0-9]+ vectors to move and 0 free elsewhere: free [0-9]+ first'
	like "$l: full: who has them" "$(err full)" '0000:00:0[1-8].0 \(msitrace_test\) has [0-9]+ vectors'
	is "$l: full: the kernel agrees" "$(status full.kernel)" 1
	is "$l: CPU 99" "$(of others '.cpus[] | select(.cpu == 99) | .why')" "there is no such CPU"

	answers alloc.full alloc \
		"no fewer vectors are free: the allocation succeeds, and request_irq() fails when they are used up"
	is "$l: alloc.full: the kernel agrees" "$(status alloc.full.kernel)" 1
	answers stay affinity "yes it is on one of these CPUs already, and stays there"
	answers move affinity "no $full"
	is "$l: move: exit status" "$(status move)" 1
	like "$l: move: who has CPU $there" "$(err move)" "CPU $there: 0000:00:0[1-8].0 \(msitrace_test\) has [0-9]+ vectors"
	is "$l: move: the kernel" "$(out move.kernel)" "$here"
	is "$l: move: what the write gives" "$(of move '.affinity[].write')" \
		"$([ "$(status move.kernel)" -eq 0 ] && echo ok || echo ENOSPC)"
	is "$l: why: a row for each answer" "$(of why.json '.why[] | "\(.cpus) \(.affinity) \(.free) \(.virq) \(.now)"' | sort)" \
		"$(printf '%s\n' "$here yes 0 $irq $here" "$there no 0 $irq $here" | sort)"
	like "$l: why: what it is" "$(out why)" "interrupt $irq \(msitrace_test-0\) of 0000:00:02.0 \(msitrace_test\)"
	like "$l: why: where it is" "$(out why)" "active,started; vector [0-9]+ on CPU $here; fired 0 times"
	like "$l: why: what was asked for" "$(out why)" "asked for: CPUs 0-1, in effect: $here"
	if [ -z "$now" ]; then
		like "$l: pending: said" "$(out why.pending)" "asked for: CPUs $there, in effect: $here; the move is pending"
		like "$l: pending: and that it fails" "$(err why.pending)" "the move to CPUs $there that is pending will not be made"
	fi
}

# each_answer: the rest of what plan.sh asks.
each_answer() {
	answers kept affinity "yes it is not active: the list is kept for when it is requested, and there is room"
	is "$l: kept: nothing to say" "$(err kept)" ""
	like "$l: kept.first: no file" "$(err kept.first)" 'interrupt [0-9]+ has no file smp_affinity before it is requested for the first'
	is "$l: kept: it goes there" "$(out kept.kernel)" 1
	answers managed affinity "no it is managed: the kernel has spread it over the CPUs, and lets nobody move it"
	is "$l: managed: refused" "$(of managed '.why[].write') $(status managed.kernel)" "refused 1"
	answers nowhere affinity "no none of these CPUs is online"
	is "$l: nowhere: EINVAL" "$(of nowhere '.affinity[].write') $(err nowhere.kernel)" "EINVAL sh: write error: Invalid argument"
	if [ -n "$now" ]; then
		answers multi alloc "yes there are vectors for all of them"
	else
		answers multi alloc "no more than one MSI of a device takes interrupt remapping, which is off"
	fi
	is "$l: multi: the kernel agrees" "$(status multi.kernel)" "$(status multi)"
	is "$l: no such CPU" "$(status no-cpu)" 3
	like "$l: no such CPU: said" "$(err no-cpu)" "there is no CPU 77, and there cannot be one: the last is 1"
	is "$l: no such interrupt" "$(status no-irq)" 3
	like "$l: no such interrupt: said" "$(err no-irq)" 'no interrupt 9999 among those that a look finds'
	is "$l: no such device" "$(status no-device)" 3
	like "$l: no such device: said" "$(err no-device)" 'no PCI device 0000:77:00.0'
}

# of_machine NAME CPUS [SCRIPT]: the trials; SCRIPT asks for sure, too.
of_machine() {
	local l="$kernel: $1"

	echo "$(($2 * 7919)) $trials$devices" >"$base/trials"
	boot "plan-$1" "$kernel" "${3:-plan-random.sh}" --smp "$2" --file "$base/trials:/trials" "${machine[@]}"
	agree "$l"
	[ -n "${3:-}" ] || return 0
	each_answer
	full_machine
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	now='' machine=() devices=''
	rockers 4
	of_machine one 1
	machine=() devices=''
	rockers 3
	nvme 5
	of_machine four 4
	of_machine eight 8
	machine=(--device nec-usb-xhci,msix=off,addr=9 --load e1000e --device e1000e,addr=10) devices=''
	rockers 8
	of_machine two 2 plan.sh
	machine=(--device intel-iommu,intremap=on "${machine[@]}") now=1
	of_machine remapped 2 plan.sh
	for kind in alloc affinity offline; do
		for did in yes no; do
			ok "$kernel: $kind: some trials ended with $did" grep -qE "^$kind.* => $did( |\$)" "$base/all-$kernel"
		done
	done
done
done_testing
