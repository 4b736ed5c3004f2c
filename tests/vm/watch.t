#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# watch.t - vectors --watch tells what failed between two lists, who filled the CPU, and who allocated what nobody uses; a move
# that does not end is one only if it does not end
. "$(dirname "$0")/lib.sh"

require
real_drivers
machine+=(--device nvme,serial=a,drive=nvme0,addr=8 --device ide-hd,drive=disk0,bus=ide.0)
for n in 1 2 3 4; do
	machine+=(--device "rocker,name=r$n,len-ports=30,addr=$n")
done

# folded SECTION: on one line, with single blanks.
folded() { out "$1" | tr -s ' \n' ' '; }

# why SECTION BDF WHY: how many vectors of the device are that in its last list.
why() { out "$1" | jq -s "map(select(.idle)) | last | [.idle[] | select(.device == \"$2\" and .why == \"$3\")] | length" 2>&1; }

# of_last SECTION BDF EXPRESSION: of its vectors in the last list that nobody has requested.
of_last() { out "$1" | jq -rs "map(select(.idle)) | last | .idle[] | select(.device == \"$2\" and .why == \"unrequested\") | $3" 2>&1 | sort -u; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot watch "$kernel" watch.sh "${machine[@]}"
	for section in full idle moving moved quiet; do
		is "$kernel: $section: exit status" "$(status $section)" 0
		is "$kernel: $section: nothing on stderr" "$(err $section)" ""
	done

	ok "$kernel: full: it was listed several times" [ "$(out full | grep -c '^HOLDER')" -ge 3 ]
	ok "$kernel: full: no terminal, so nothing is cleared" [ -z "$(out full | tr -dc '\033')" ]
	is "$kernel: full: at first nothing has failed" "$(out full | sed -n '/since the last view/{p;q}')" \
		"nothing failed since the last view"
	is "$kernel: full: at last nothing more" "$(out full | grep 'since the last view' | tail -1)" \
		"nothing failed since the last view"
	like "$kernel: full: what failed, and who has the CPU" "$(folded full)" \
		'act_affinity_broken \(state\) dev 0000:00:04.0 \(msitrace_test\) virq [0-9]+ of 0000:00:04.0 was to stay on CPU 0, and goes to CPU 1 since it was started: it needs one vector, and none was free for it on CPU 0; [0-9]+ x86 vectors are free on 2 CPUs object: virq [0-9]+, descriptor index [0-9]+ held by: vectors of CPU 0, at that moment: 0000:00:0[123].0 \(msitrace_test\) 6[0-9], .* by: sh\[[0-9]+\] in mt_vectors_request_some\(\) \[msitrace_test\], uptime'
	like "$kernel: full: a move that failed, and who asked for it" "$(folded full)" \
		'of 0000:00:1f.2 cannot be moved: it needs one vector, 0 are free on CPU 0, .* before: affinity asked for by: sh\['
	like "$kernel: full: the map" "$(out full)" '^CPU 0    #[.1]$'

	is "$kernel: idle: vectors that nobody requested" "$(why idle 0000:00:01.0 unrequested)" 63
	is "$kernel: idle: who allocated them" "$(of_last idle 0000:00:01.0 .allocatedby)" mt_vectors_alloc
	like "$kernel: idle: and how" "$(of_last idle 0000:00:01.0 .stack)" \
		'^irq_set_msi_desc.* < pci_alloc_irq_vectors_affinity < mt_vectors_alloc < .*mt_vec_never_requested < '
	for section in idle moving; do
		is "$kernel: $section: a move that does not end" "$(why $section 0000:00:02.0 moving)" 1
	done
	is "$kernel: moving: its allocation was not seen" "$(of_last moving 0000:00:01.0 .allocatedby)" null
	is "$kernel: moving: the holder has it" "$(out holders | jq '.holders[] | select(.holder == "0000:00:02.0").moving')" 1
	is "$kernel: moved: it has fired, so the move is over" "$(why moved 0000:00:02.0 moving)" 0

	is "$kernel: quiet: it ended by itself, and nothing failed" "$(out quiet | grep 'since the last view' | sort -u)" \
		"nothing failed since the last view"
	ok "$kernel: quiet: two lists at least" [ "$(out quiet | grep -c '^HOLDER')" -ge 2 ]
done
done_testing
