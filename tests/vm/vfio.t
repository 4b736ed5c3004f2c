#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vfio.t - more MSI-X vectors for a user of vfio-pci: torn down and enabled anew (6.1), or added one by one (7.2),
# and what vfio keeps is neither a leak nor idle
. "$(dirname "$0")/lib.sh"

require
user=$O/tests/vm/vfio-user
[ -x "$user" ] || skip_all "$user is not built; try make tests-build"
a=0000:00:02.0
machine=(--device "intel-iommu,intremap=on" --device "rocker,name=a,len-ports=30,addr=2"
	--device "rocker,name=b,len-ports=30,addr=3" --load vfio-pci --load vfio_iommu_type1 --file "$user")

of() { out "$1" | grep '^{' | jq -r "$2" 2>&1; }

# rows SECTION EXPRESSION: of each row of a listing.
rows() { out "$1" | jq -r ".[][] | $2" 2>&1; }

# judged SECTION: verdict of the rule, and of how many.
judged() { of "$1" 'select(.type == "result" and .rule == "vfio_msix_resize_gap") | "\(.verdict) \(.judged)"'; }

# calls SECTION TYPE: how many such events of the device there were.
calls() { events "$1" | grep -cx "$2"; }

# events SECTION: of the device.
events() { of "$1" "select(.type == \"event\" and .device == \"$a\").event"; }

# longest off|down: of the times that MSI-X was off, as msitrace says, or that the user took to tear it down and have more, in us.
longest() {
	{ of busy 'select(.type == "finding").message'; err busy; } | awk -v what="$1 for" 'BEGIN { us["us"] = 1; us["ms"] = 1000; us["s"] = 1e6 }
		i = index($0, what " ") { split(substr($0, i + length(what) + 1), w, " "); t = w[1] * us[w[2]]; if (t > max) max = t }
		END { printf "%d\n", max }'
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot vfio "$kernel" vfio.sh "${machine[@]}"
	resizes=no
	[ "$kernel" != 7.2 ] || resizes=yes
	is "$kernel: with interrupt remapping, vfio needs no unsafe interrupts" "$(out unsafe)" N
	like "$kernel: the kernel says whether it can add vectors" "$(err busy)" \
		"^64 vectors, $([ $resizes = yes ] && echo 'one can be added' || echo 'all or none')$"
	for section in busy quiet unbind; do
		is "$kernel: $section: the user's work went well" "$(of $section 'select(.type == "summary").command.exited')" 0
		is "$kernel: $section: nothing lost" "$(of $section 'select(.type == "summary").lost')" 0
	done
	is "$kernel: quiet: nothing found" "$(rules_of quiet)" ""
	is "$kernel: quiet: three vectors more are judged" "$(judged quiet)" "pass 3"
	is "$kernel: unbind: nothing found" "$(rules_of unbind)" ""

	if [ $resizes = yes ]; then
		is "$kernel: busy: nothing found" "$(rules_of busy)" ""
		ends busy 0 "$kernel: busy"
		is "$kernel: busy: three were added" "$(judged busy)" "pass 3"
		is "$kernel: trace: enabled once, disabled once, 4 associated, 4 freed" \
			"$(calls trace pci_enable) $(calls trace pci_disable) $(calls trace assoc) $(calls trace irq_free)" "1 1 4 4"
		is "$kernel: trace: three came by msi_domain_alloc_irq_at()" "$(of trace \
			'select(.event == "assoc") | [.stack[].symbol] | any(. == "msi_domain_alloc_irq_at")' | xargs)" "false true true true"
		is "$kernel: trace: nothing was freed before the last was there" \
			"$(events trace | grep -xE 'assoc|irq_free' | uniq -c | xargs)" "4 assoc 4 irq_free"
	else
		is "$kernel: busy: exactly the gap is found" "$(rules_of busy)" vfio_msix_resize_gap
		ends busy 1 "$kernel: busy"
		like "$kernel: busy: how long MSI-X was off, and what was in use" "$(of busy 'select(.type == "finding").message')" \
			"^MSI-X of $a was off for [0-9.]+ [mnu]s to go from [123] to [234] vectors while .*1 of [123] handlers were called"
		ok "$kernel: busy: not longer than the user was without ($(longest off) us of $(longest down) us)" \
			test "$(longest off)" -gt 0 -a "$(longest off)" -le "$(longest down)"
		is "$kernel: busy: the device and its driver" "$(of busy 'select(.type == "finding") | .device + " " + .driver' | sort -u)" \
			"$a vfio-pci"
		for f in vfio_msi_set_vector_signal vfio_pci_set_msi_trigger; do
			ok "$kernel: busy: the offence names $f" grep -qx $f <<<"$(functions offence busy)"
			ok "$kernel: busy: the setup names $f" grep -qx $f <<<"$(functions setup busy)"
		done
		is "$kernel: trace: each time all are torn down and made anew" "$(calls trace pci_enable) $(calls trace pci_disable) \
$(calls trace assoc) $(calls trace irq_free)" "4 4 10 10"
		is "$kernel: trace: so the order is" "$(events trace | grep -xE 'assoc|irq_free' | uniq -c | xargs)" \
			"1 assoc 1 irq_free 2 assoc 2 irq_free 3 assoc 3 irq_free 4 assoc 4 irq_free"
	fi

	is "$kernel: idle: exit status" "$(status idle)" 0
	is "$kernel: idle: nothing of vfio" "$(rows idle "select(.device == \"$a\")")" ""
	is "$kernel: idle: all of a driver that requests none" "$(rows idle 'select(.device == "0000:00:03.0").why' | uniq -c | xargs)" \
		"$(rows rows 'select(.device == "0000:00:03.0").index' | wc -l) unrequested"
	is "$kernel: rows: what vfio keeps" "$(rows rows 'select(.state | test("kept")) | "\(.device) \(.index) \(.handler)"')" "$a 2 null"
	is "$kernel: unused: nothing found" "$(rules_of unused)" ""
	is "$kernel: unused: looked at it" "$(status unused) $(of unused 'select(.type == "summary").lost')" "0 0"
	is "$kernel: soak: exit status" "$(status soak)" 0
	is "$kernel: soak: interrupts are kept and do not count" "$(out soak |
		jq -r 'select(.growth) | .growth[] | select(.kind == "virqs" or .kind == "descriptors") | "\(.growth) \(.slope * 10)"' | sort -u)" "none 0"
	is "$kernel: soak: all cycles count" "$(out soak | jq -r 'select(.cycles) | .cycles[] | .command' | xargs)" "null 0 0 0 0 0 0"
	is "$kernel: after: nothing is left" "$(status after) $(rows after .virq)" "0 "
done
done_testing
