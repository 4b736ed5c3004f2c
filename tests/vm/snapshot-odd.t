#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# snapshot-odd.t - snapshot of what real drivers do not have: descriptors without interrupt, many vectors, moves,
# a CPU that is offline, change during the look, and a ledger that does not add up
. "$(dirname "$0")/lib.sh"

require
rows() { of "$1" ".[][] | $2" | sort; }

# adds_up SECTION MESSAGE
adds_up() {
	is "$kernel: $1: exit status" "$(status "$1")" 0
	is "$kernel: $1: nothing on stderr" "$(err "$1")" ""
	is "$kernel: $1: no vector is unexplained" "$(rows "$1" 'select(.unexplained != 0 or .allocated != .msi + .other + .legacy)')" ""
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot snapshot-odd "$kernel" snapshot-odd.sh --device "rocker,name=a,len-ports=62" --device "rocker,name=b,len-ports=30"

	is "$kernel: insert: nothing on stderr" "$(err insert)" ""
	is "$kernel: insert: the descriptor that has no interrupt" \
		"$(rows insert 'select(.virq == null) | "\(.device) \(.driver) \(.index) \(.state) \(.vector) \(.domain)"')" \
		"0000:00:01.0 msitrace_test 8 no-irq null null"
	is "$kernel: insert: beside those that have one" "$(rows insert 'select(.virq).index' | paste -sd,)" 0,1,2,3,4,5,6,7
	is "$kernel: insert: devices" "$(rows insert.devices '"\(.device) \(.descs) \(.irqs)"')" "0000:00:01.0 9 8"

	is "$kernel: many: each is there" "$(rows many .virq)" "$(out many.names | sort)"
	is "$kernel: many: indices" "$(of many '.vectors | map(.index) == [range(126)]')" true
	adds_up many.cpus
	is "$kernel: many: all hold a vector" "$(rows many 'select(.vector == null)')" ""

	adds_up moved.cpus
	is "$kernel: moved: each vector is held once" "$(of moved '.vectors[] | select(.vector) | "\(.cpu) \(.vector)", (select(.oldvector) | "\(.oldcpu) \(.oldvector)")' | sort | uniq -d)" ""
	is "$kernel: moved: what is moving says so" \
		"$(rows moved 'select((.oldvector != null) != (.state | test("moving")))')" ""
	is "$kernel: moved.diff: exit status" "$(status moved.diff)" 0
	is "$kernel: moved.diff: moves and states" "$(rows moved.diff 'select(.change != "moved" and .change != "state")')" ""
	is "$kernel: moved.diff: those that were elsewhere" \
		"$(rows moved.diff 'select(.change == "moved").virq')" \
		"$(join <(rows many '"\(.virq) \(.cpu)/\(.vector)"') <(rows moved '"\(.virq) \(.cpu)/\(.vector)"') | awk '$2 != $3 { print $1 }')"

	adds_up offline
	is "$kernel: offline: CPU 1" "$(rows offline 'select(.cpu == 1) | "\(.online) \(.msi)"')" "false 0"
	adds_up online

	for n in {1..10}; do
		ok "$kernel: busy.$n: a list, complete or said not to be" test "$(status busy."$n")" = 0 -o "$(status busy."$n")" = 2
		is "$kernel: busy.$n: what is half known is said to be" "$(rows busy."$n" 'select(.state == null).virq' | wc -l)" \
			"$([ "$(status busy."$n")" = 2 ] && rows busy."$n" 'select(.state == null).virq' | wc -l || echo 0)"
		is "$kernel: busy.$n: no virq is there twice" "$(rows busy."$n" 'select(.virq).virq' | uniq -d)" ""
		is "$kernel: busy.$n: nothing is accused" "$(err busy."$n" | grep -v 'changed hands\|events were lost\|came and went')" ""
	done
	adds_up rested

	is "$kernel: reservation: exit status" "$(status reservation)" 0
	like "$kernel: reservation: one too many is counted" "$(err reservation)" \
		'^msitrace: warning: [0-9]+ reservations are counted, and interrupts hold [0-9]+$'
done
done_testing
