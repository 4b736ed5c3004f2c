#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# plan.t - what plan says, the kernel does: CPUs go offline or stay, with vectors at random
#
# MSITRACE_PLAN_TRIALS=N: as many trials on each kernel and number of CPUs (default 5, each asks for every CPU).
. "$(dirname "$0")/lib.sh"

require
export timeout=1800
echo "${MSITRACE_PLAN_TRIALS:-5}" >"$base/trials"
machine=(--file "$base/trials:/trials")
for n in {1..7}; do
	machine+=(--device "rocker,name=r$n,len-ports=30,addr=$n")
done

# lines WHAT: how many lines of the trials are so.
lines() { out trials | grep -cE "$1"; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	for cpus in 2 4; do
		boot "plan-$cpus" "$kernel" plan.sh --smp $cpus "${machine[@]}"
		l="$kernel: $cpus CPUs"
		is "$l: all trials were made" "$(lines .)" "$((cpus * $(cat "$base/trials")))"
		is "$l: no wrong yes" "$(out trials | grep -E ' yes [0-9]+ stays')" ""
		is "$l: no wrong no" "$(out trials | grep -E ' no [0-9]+ went')" ""
		is "$l: the exit status goes with the answer" "$(out trials | grep -vE ' (yes 0|no 1|maybe 2) ')" ""
		ok "$l: some went ($(lines went))" test "$(lines went)" -gt 0
		ok "$l: some stayed ($(lines stays))" test "$(lines stays)" -gt 0

		is "$l: room: exit status" "$(status room)" 0
		is "$l: room: yes" "$(of room '.cpus[] | "\(.cpu) \(.offline)"')" "1 yes"
		[ $cpus -eq 2 ] || continue	# what fills two CPUs does not fill four
		is "$l: full: exit status" "$(status full)" 1
		is "$l: full: no" "$(of full '.cpus[] | "\(.cpu) \(.offline) \(.move > .room)"')" "1 no true"
		like "$l: full: what to do" "$(err full)" 'CPU 1: [0-9]+ vectors to move and [0-9]+ free elsewhere: free [0-9]+ first'
		like "$l: full: who has them" "$(err full)" '0000:00:0[1-7].0 \(msitrace_test\) has [0-9]+ vectors'
		is "$l: full: the kernel agrees" "$(status full.kernel)" 1
		is "$l: CPU 99" "$(of others '.cpus[] | select(.cpu == 99) | .why')" "there is no such CPU"
	done
done
done_testing
