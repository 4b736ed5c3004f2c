#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vectors.t - when the vectors of two CPUs run out, when they are promised twice, and when a CPU cannot
# go offline for them: vec_exhaustion and vec_offline_headroom
. "$(dirname "$0")/lib.sh"

require
machine=()
for n in {1..7}; do
	machine+=(--device "rocker,name=r$n,len-ports=30")
done

# COMMAND's stdout is mixed with ours: what is not JSON is its.
of() { out "$1" | grep '^{' | jq -r "$2" 2>&1; }
said() { out "$1" | grep -v '^{' | paste -sd,; }
verdict() { of "$1" "select(.type == \"result\" and .rule == \"$2\").verdict"; }
messages() { of "$1" "select(.type == \"finding\" and .rule == \"$2\").message"; }

# fired SECTION RULES: exactly these, and nothing lost.
fired() {
	is "$kernel: $1: fires ${2:-nothing}" "$(rules_of "$1")" "$2"
	ends "$1" "$([ -n "$2" ] && echo 1 || echo 0)" "$kernel: $1"
	is "$kernel: $1: nothing lost" "$(of "$1" 'select(.type == "summary").lost')" 0
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot vectors "$kernel" vectors.sh "${machine[@]}"

	for section in idle room room.cpu managed after; do
		fired $section ""
		for rule in vec_exhaustion vec_offline_headroom; do
			is "$kernel: $section: $rule has passed" "$(verdict $section $rule)" pass
		done
	done
	is "$kernel: room: all were set up" "$(said room)" "0 failed"
	is "$kernel: room.cpu: it went" "$(said room.cpu)" "CPU 1 went"

	fired full vec_exhaustion,vec_offline_headroom
	is "$kernel: full: the last device got none" "$(said full)" "1 failed"
	like "$kernel: full: which interrupt of which device" "$(messages full vec_exhaustion)" \
		'virq [0-9]+ of 0000:00:07.0 cannot be started: it needs one vector, 0 x86 vectors are free on 2 CPUs'
	like "$kernel: full: more is promised than there is" "$(messages full vec_exhaustion)" \
		'interrupts hold a reservation, and 0 x86 vectors are free'
	like "$kernel: full: the offence names the driver's request" "$(offenders_of full | paste -sd,)" \
		'mt_vectors_request_some'
	like "$kernel: full: who holds them" "$(messages full vec_exhaustion)" \
		'most interrupts: 0000:00:07.0 64 \([0-9]+ idle\), 0000:00:0[1-6].0 64 \(0 idle\)'

	fired full.late vec_offline_headroom
	like "$kernel: full.late: before anybody tries" "$(messages full.late vec_offline_headroom)" \
		'CPU 1 cannot go offline: [0-9]+ x86 vectors to move, [0-9]+ free elsewhere \(predicted\)'
	fired full.cpu vec_offline_headroom
	is "$kernel: full.cpu: the kernel agrees" "$(said full.cpu)" "CPU 1 stays"
	like "$kernel: full.cpu: and is quoted" "$(messages full.cpu vec_offline_headroom)" \
		'CPU 1 was refused to go offline \([a-z]+\[[0-9]+\] asked for it\): [0-9]+ x86 vectors to move'

	fired reserved vec_exhaustion
	like "$kernel: reserved: by how many" "$(messages reserved vec_exhaustion)" \
		'^4[0-9][0-9] interrupts hold a reservation, and [0-9]+ x86 vectors are free on 2 CPUs: a later request_irq'
	is "$kernel: after: it goes" "$(said after)" "CPU 1 went"
done
done_testing
