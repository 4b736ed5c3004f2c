#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# remap.t - with interrupt remapping a move writes no message, a device may have several MSIs, and the hierarchy has one
# level more; without it a move writes one message, or two (CPU and vector change), a device has one MSI, and msitrace says why
. "$(dirname "$0")/lib.sh"

require
user=$O/tests/vm/vfio-user
[ -x "$user" ] || skip_all "$user is not built; try make tests-build"
a=0000:00:02.0 x=0000:00:04.0 y=0000:00:05.0
xhci=nec-usb-xhci,msix=off,msi=on,intrs=16
machine=(--device "rocker,name=a,len-ports=30,addr=2" --device "$xhci,addr=4" --device "$xhci,addr=5"
	--load vfio-pci --load vfio_iommu_type1 --file "$user")

of() { out "$1" | grep '^{' | jq -r "$2" 2>&1; }

# rows SECTION EXPRESSION: of each row of a listing.
rows() { out "$1" | jq -r ".[][] | $2" 2>&1; }

# moves EXPRESSION: of each change of the affinity that was carried out.
moves() { of move "select(.event == \"aff\" and .device == \"$a\" and .fields.ret >= 0) | $1"; }

# irte_of DEVICE: "VIRQ ENTRY" of messages in the format that is remapped: address bits 19 to 5, and 2 for the highest one.
irte_of() {
	of others "select(.event == \"msg_write\" and .device == \"$1\" and .fields.new_lo > 0 and .fields.context == \"activation\") |
		.fields | \"\(.irq) \((.new_lo / 32 | floor) % 32768 + (.new_lo / 4 | floor) % 2 * 32768)\"" | sort -u
}

# granted DEVICE: the least and the most MSIs that were asked for, and how many were given.
granted() { of others "select(.event == \"pci_vectors\" and .device == \"$1\") | .fields | \"\(.min) \(.max) \(.ret) \(.single_msi)\""; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	for remapping in off on; do
		l="$kernel: remapping $remapping"
		boot "remap-$remapping" "$kernel" remap.sh --device "intel-iommu,intremap=$remapping" "${machine[@]}"
		is "$l: 10 moves" "$(err move | tail -n 1) $(status move) $(moves .event | wc -l)" "moved 10 times 0 10"
		is "$l: the others went well" "$(of others 'select(.type == "summary").command.exited')" 0
		is "$l: nothing lost" "$(of move 'select(.type == "summary").lost') $(of others 'select(.type == "summary").lost')" "0 0"
		is "$l: messages that moves wrote are those that were written" "$(moves .fields.writes | awk '{ n += $1 } END { print n }')" \
			"$(of move 'select(.event == "msg_write" and .fields.context == "affinity").event' | wc -l)"
		if [ $remapping = on ]; then
			is "$l: vfio has no objection" "$(status safe)" 0
			is "$l: a move writes no message" "$(moves .fields.writes | sort -u)" 0
			like "$l: text says so" "$(out text)" ' aff .* messages 0 '
			is "$l: four MSIs are given" "$(granted $x)" $'1 4 4 false\n1 1 1 false'
			is "$l: and to who can do with no less" "$(granted $y)" "4 4 4 false"
			is "$l: there is nothing to explain" "$(out text | grep -c 'one MSI per device')" 0
			like "$l: three domains" "$(rows rows "select(.device == \"$a\").hierarchy" | sort -u)" \
				'^(INTEL-IR-MSI-0-[0-9]+|IR-PCI-MSIX-0000:00:02.0-[0-9]+) > INTEL-IR-0(-[0-9]+)? > VECTOR$'
			is "$l: the entry is the one that the message names" \
				"$(rows rows "select(.device == \"$a\") | \"\(.virq) \(.irte)\"" | sort)" "$(irte_of $a)"
			is "$l: that of each of four MSIs, beginning with the one of the message" \
				"$(rows msi.rows .irte | xargs)" "$(irte_of $x | { read -r _ n && seq "$n" $((n + 3)) | xargs; })"
		else
			is "$l: vfio wants to be told that it is unsafe" "$(status safe)" 1
			like "$l: so does the kernel's log" "$(out safe.log)" 'No interrupt remapping support.*allow_unsafe_interrupts'
			is "$l: a move writes one message, or two if the vector changes too" \
				"$(moves '.fields | .writes - (if .old_vector == .new_vector then 1 else 2 end)' | sort -u)" 0
			like "$l: text says so" "$(out text)" ' aff .* messages [12] '
			is "$l: one MSI is given, and why" "$(granted $x)" $'1 4 1 true\n1 1 1 false'
			is "$l: none to who can do with no less, and why" "$(granted $y)" "4 4 -28 true"
			like "$l: text says why" "$(out text)" \
				' pci_vectors +min 1 max 4 \{msi\} ret 1 \(its domain has one MSI per device; on x86, interrupt remapping has more\)$'
			like "$l: two domains" "$(rows rows "select(.device == \"$a\").hierarchy" | sort -u)" '^PCI-MSIX?[-0-9:.]+ > VECTOR$'
			is "$l: there is no entry" "$(rows rows .irte | sort -u)" null
		fi
	done
done
done_testing
