#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vectors-cmd.t - vectors puts every x86 vector that is taken down to somebody, and names those that nobody uses
. "$(dirname "$0")/lib.sh"

require
real_drivers
a=0000:00:01.0

# rows SECTION EXPRESSION: of each row, sorted.
rows() { of "$1" ".[][] | $2" | sort; }

total() { awk '{ n += $1 } END { print n + 0 }'; }

# idle SECTION WHY: how many vectors of the test module's device are so.
idle() { rows "$1" "select(.device == \"$a\" and .why == \"$2\").virq" | grep -c .; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot vectors-cmd "$kernel" vectors-cmd.sh --device rocker,name=a,len-ports=30,addr=1 \
		--device nvme,serial=a,drive=nvme0,addr=2 --device e1000e,addr=3 "${machine[@]}"
	for section in cpus holders text cpu0 cpu1 before silent unrequested unrequested.holders after; do
		is "$kernel: $section: exit status" "$(status $section)" 0
		is "$kernel: $section: nothing on stderr" "$(err $section)" ""
	done
	is "$kernel: what holders have is what CPUs have" "$(rows holders .vectors | total)" \
		"$(rows cpus .allocated | total)"
	for cpu in 0 1; do
		is "$kernel: CPU $cpu: a row for each vector that is taken" "$(rows cpu$cpu .vector | grep -c .)" \
			"$(rows cpus "select(.cpu == $cpu).allocated")"
		is "$kernel: CPU $cpu: nobody holds none" "$(rows cpu$cpu 'select(.holder == "nobody").vector')" ""
	done
	like "$kernel: nvme is a holder" "$(rows holders '"\(.holder) \(.driver)"')" '^0000:00:02.0 nvme$'
	like "$kernel: so are interrupts that are no MSIs" "$(rows holders 'select(.driver == null and .vectors > 0).holder')" '^IO-APIC$'
	like "$kernel: the map" "$(out text)" '^CPU 0    \.\.$'
	like "$kernel: what it is about" "$(out text)" '^2 of 2 CPUs online, [0-9]+ vectors taken, [0-9]+ free; [0-9]+ reserved'
	is "$kernel: no such CPU: exit status" "$(status none)" 3
	like "$kernel: no such CPU: how many there are" "$(err none)" 'no CPU 99; the kernel has vectors for 2 CPUs'

	is "$kernel: before: the device is not there" "$(rows before "select(.device == \"$a\").virq")" ""
	is "$kernel: 6 vectors are requested and never fired" "$(idle silent silent) $(idle silent unrequested)" "6 0"
	is "$kernel: vectors that nobody requested" "$(idle unrequested unrequested)" "$(out unrequested.names | grep -c .)"
	is "$kernel: the holder has so many" "$(rows unrequested.holders "select(.holder == \"$a\").unrequested")" \
		"$(out unrequested.names | grep -c .)"
	is "$kernel: after: the device is not there" "$(rows after "select(.device == \"$a\").virq")" ""
done
done_testing
