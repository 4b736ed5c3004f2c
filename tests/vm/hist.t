#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# hist.t - histograms that others can read, with plausible numbers
. "$(dirname "$0")/lib.sh"

require
kmod=
operations='irq_alloc irq_free activate set_affinity lock_wait lock_hold'

# total SECTION DEVICE OPERATION: how often, in JSON.
total() {
	of "$1" "select(.type == \"histogram\" and .device == \"$2\" and .op == \"$3\").count" | head -n 1
}

for kernel in $kernels; do
	boot hist "$kernel" hist.sh --load nvme --load ahci --load sd_mod \
		--drive driver=null-co,size=16M,if=none,id=d0 --device nvme,serial=a \
		--device ide-hd,drive=d0,bus=ide.0
	for section in prometheus json text device; do
		is "$kernel: $section: exit status" "$(status $section)" 0
	done
	is "$kernel: COMMAND that fails" "$(status command)" 4

	if command -v promtool >/dev/null; then
		said=$(out prometheus | promtool check metrics 2>&1)
		is "$kernel: promtool accepts the metrics" "$?: $said" "0: "
		nok "$kernel: promtool would notice what is wrong" \
			bash -c "sed 's/^# TYPE.*//' '$sections/prometheus.out' | promtool check metrics >/dev/null 2>&1"
	else
		skip "$kernel: promtool accepts the metrics" "promtool is not installed; try scripts/setup check"
	fi

	ok "$kernel: json parses" is_json "$sections/json.out"
	for op in $operations; do
		for format in prometheus json text; do
			like "$kernel: $format has $op" "$(out $format)" "$op"
		done
	done
	nvme=$(of json 'select(.type == "histogram" and .driver == "nvme").device' | head -n 1)
	for op in irq_alloc irq_free activate lock_wait lock_hold; do
		ok "$kernel: nvme: at least 4 of $op" test "$(total json "$nvme" $op || echo 0)" -ge 4
	done
	ok "$kernel: ahci: at least 4 of irq_alloc" test "$(total json 0000:00:1f.2 irq_alloc)" -ge 4
	ok "$kernel: ahci: set_affinity was measured" test "$(total json 0000:00:1f.2 set_affinity)" -ge 4
	is "$kernel: --device nvme: no other" \
		"$(of device 'select(.type == "histogram").driver' | sort -u)" nvme
	is "$kernel: buckets add up to the count" \
		"$(of json 'select(.type == "histogram") | select(([.slots[].count] | add) != .count).op')" ""
done
done_testing
