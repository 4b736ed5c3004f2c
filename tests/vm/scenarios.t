#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scenarios.t - every scenario of the test module fires its rules and no others, `good` none
. "$(dirname "$0")/lib.sh"

require
export timeout=1800	# there are many
a=0000:00:01.0 edu=0000:00:03.0

# A hook that the kernel skipped, since it was running already: nothing is wrong, nothing is proven.
skipped_hooks() {
	is "$kernel: loss.nested: the scenario ran" "$(of loss.nested 'select(.type == "summary").command.exited')" 0
	ok "$kernel: loss.nested: hooks were skipped" test \
		"$(of loss.nested 'select(.type == "summary").lost')" -gt 0
	is "$kernel: loss.nested: inconclusive" "$(status loss.nested)" 2
	is "$kernel: loss.nested: no finding" "$(rules_of loss.nested)" ""
}

# What is right at the end of a run, and was judged.
quiet() {
	is "$kernel: $1: no finding" "$(rules_of "$1")" ""
	is "$kernel: $1: sysfs_set_mismatch has passed" \
		"$(of "$1" 'select(.type == "result" and .rule == "sysfs_set_mismatch").verdict')" pass
}

# One test: the guest has run every scenario that the module has, so that none is forgotten here.
complete() {
	local scenario missing=()

	for scenario in $(out expected | cut -d' ' -f1); do
		case $scenario in
		hold.end | lock_unbalanced.end | bench*) ;;	# second halves, and a load
		lock_no_device_data.lock | store_empty_while_enabled.disable) ;;	# of bugs.t
		msg_ir_rewrite) ;;			# below, with interrupt remapping
		*) [ -e "$sections/$scenario.status" ] || missing+=("$scenario") ;;
		esac
	done
	is "$kernel: all scenarios were run" "${missing[*]}" ""
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot scenarios "$kernel" scenarios.sh --device rocker,name=a,len-ports=30 \
		--device rocker,name=b,len-ports=30 --device edu
	complete
	for section in $(cd "$sections" && ls -tr -- *.status); do
		section=${section%.status}
		case $section in
		expected) continue ;;
		loss.nested) skipped_hooks; continue ;;
		act_default_irq | act_initial_mask.enable | act_reserve_mode | life_use_after_free | msg_multi_alignment | store_empty_while_enabled | store_multi_msi_shape) bdf=$edu ;;
		edu.*) bdf=$edu ;;
		full | empty) quiet "$section"; continue ;;
		*) bdf=$a ;;
		esac
		fires "${section#edu.}" "$section" $bdf
		[ -z "$(expected "${section#edu.}")" ] ||
			names "${section#edu.}" "$section" setup "$kernel: $section"
	done
	like "$kernel: good.order, --locks=full: mutexes have the names of their variables" \
		"$(of good.order 'select(.event == "edge").fields.name')" '^sparse_irq_lock$'

	boot scenarios-remapped "$kernel" scenarios-remapped.sh --device intel-iommu,intremap=on \
		--device rocker,name=a,len-ports=30
	fires msg_ir_rewrite msg_ir_rewrite $a
	for section in good good.soft good.affinity; do
		fires $section $section $a
		is "$kernel: remapped: $section: msg_ir_rewrite has passed" \
			"$(of $section 'select(.type == "result" and .rule == "msg_ir_rewrite").verdict')" pass
	done
done
done_testing
