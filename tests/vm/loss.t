#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# loss.t - what is lost is never a pass; however msitrace ends, nothing of it stays in the kernel
. "$(dirname "$0")/lib.sh"

require
bpftool=$(PATH=$PATH:/usr/sbin command -v bpftool) || skip_all "bpftool is not installed; try scripts/setup"

summary() { of "$1" "select(.type == \"summary\").$2"; }

# count SECTION WHAT
count() { out "$1" | awk -v what="$2" '$1 == what { print $2 }'; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot loss "$kernel" loss.sh --file "$bpftool:/bin/bpftool" --device rocker,name=a,len-ports=40 --device edu

	is "$kernel: tiny buffer: inconclusive" "$(summary tiny verdict)" inconclusive
	is "$kernel: tiny buffer: exit status" "$(status tiny)" 2
	ok "$kernel: tiny buffer: events were lost" test "$(summary tiny lost)" -gt 0
	is "$kernel: tiny buffer: no rule that needs them all has passed" \
		"$(of tiny 'select(.type == "result" and .verdict == "pass") | .rule' |
			grep -E '^(iter_|life_use_after_free)')" ""
	like "$kernel: tiny buffer: says what to do" "$(of tiny 'select(.type == "result").reason')" 'lost'
	ok "$kernel: tiny buffer: it was the ring buffer" test "$(summary tiny lost_by.ring)" -gt 0
	is "$kernel: tiny buffer: no false finding" "$(rules_of tiny)" ""
	like "$kernel: tiny buffer with a real finding: never clean" "$(status tiny-finding)" '^[12]$'
	is "$kernel: tiny buffer with a real finding: no other" \
		"$(rules_of tiny-finding | tr ',' '\n' | grep -v '^lock_iter_unlocked$')" ""

	for signal in INT TERM HUP KILL; do
		for what in programs functions kprobes; do
			ok "$kernel: SIG$signal: $what were attached" test \
				"$(count during-$signal $what)" -gt "$(count before $what)"
		done
		is "$kernel: SIG$signal: nothing is left" "$(out after-$signal)" "$(out before)"
	done
	# bpftool was at work meanwhile: while one looks into a map, the kernel skips the kprobes of others.
	clean=0
	for signal in INT TERM HUP; do
		skipped=$(summary ended-$signal lost_by | jq -c 'keys == ["miss"]')
		ends ended-$signal "$([ "$skipped" = true ] && echo 2 || echo 0)" "$kernel: SIG$signal"
		is "$kernel: SIG$signal: a verdict" "$(summary ended-$signal verdict)" \
			"$([ "$skipped" = true ] && echo inconclusive || echo pass)"
		[ "$skipped" = true ] || clean=$((clean + 1))
	done
	ok "$kernel: signals: most were clean" test $clean -ge 2
	is "$kernel: SIGKILL: exit status" "$(status ended-KILL)" 137

	is "$kernel: two at once: the first has the finding" "$(rules_of two-first)" lock_iter_unlocked
	is "$kernel: two at once: so has the second" "$(rules_of two-second)" lock_iter_unlocked
	is "$kernel: two at once: nothing is left" "$(out after-two)" "$(out before)"

	ok "$kernel: slow reader: the kernel has skipped something" test "$(summary slow lost_by.miss)" -gt 0
	is "$kernel: slow reader: the loss lasts until all is read" "$(out slow-order | sort -n | cut -d' ' -f2 | xargs)" \
		"mask to_here"

	is "$kernel: SIGTERM with COMMAND: the same signal ended it" \
		"$(summary command-TERM command.signal)" 15
	is "$kernel: SIGTERM with COMMAND: it is gone" "$(out command-left)" none
done
done_testing
