#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# drivers.t - real drivers are clean, but for the one bug of the kernel that AHCI traffic shows
. "$(dirname "$0")/lib.sh"

require
real_drivers
machine+=(--device nvme,serial=a,drive=nvme0 --device e1000e --device virtio-net-pci
	--device virtio-blk-pci,drive=vblk0 --device ide-hd,drive=disk0,bus=ide.0)

# clean SECTION BINDS: nothing found, and so many devices were bound.
clean() {
	is "$kernel: $1: no finding" "$(rules_of "$1")" ""
	ends "$1" 0 "$kernel: $1"
	is "$kernel: $1: COMMAND ended well" "$(of "$1" 'select(.type == "summary").command.exited')" 0
	is "$kernel: $1: nothing lost" "$(of "$1" 'select(.type == "summary").lost')" 0
	like "$kernel: $1: drivers were bound" "$(bound "$1")" "^$2\$"
}

# COMMAND's stdout is mixed with ours: what is not JSON is its.
bound() { out "$1" | sed -n 's/ binds$//p'; }

of() { out "$1" | grep '^{' | jq -r "$2" 2>&1; }

for kernel in $kernels; do
	kmod=
	boot drivers "$kernel" drivers.sh "${machine[@]}"
	for d in nvme0q0 virtio0 virtio1 ahci; do
		like "$kernel: $d has an MSI" "$(out interrupts)" "MSI.*$d"
	done
	for d in nvme e1000e ahci; do
		clean "$d" 3
	done
	clean virtio-pci 6
	clean all 10
	for r in lock_unbalanced lock_iter_unlocked life_store_not_empty life_unbind_leak life_use_after_free \
		life_active_at_free life_free_associated store_duplicate_index store_index_bounds \
		life_free_with_action iter_next_invalid lock_mutate_unlocked lock_entry_unlocked; do
		is "$kernel: all: $r had something to judge" \
			"$(of all "select(.type == \"result\" and .rule == \"$r\").verdict")" pass
	done

	is "$kernel: vectors: all are used" "$(of vectors 'select(.type == "result").verdict')" pass

	is "$kernel: move: exactly act_affinity_dance" "$(rules_of move)" act_affinity_dance
	is "$kernel: move: exit status" "$(status move)" 1
	is "$kernel: move: tagged with the known bug" \
		"$(of move 'select(.type == "finding").known' | sort -u)" x86-msi-dance-inverted
	is "$kernel: move: the AHCI controller" \
		"$(of move 'select(.type == "finding") | .device + " " + .driver' | sort -u)" "0000:00:1f.2 ahci"
	ok "$kernel: move: msi_set_affinity is in the stack" grep -qx msi_set_affinity <<<"$(functions offence move)"

	bad=
	for section in $(cd "$sections" && ls -- start-*.status); do
		section=${section%.status}
		[ -z "$(rules_of "$section")" ] || bad+=" $section: $(rules_of "$section")"
		case $(status "$section") in
		0 | 2) ;;
		*) bad+=" $section: exit status $(status "$section")" ;;
		esac
	done
	is "$kernel: 20 starts under load: no false finding" "$bad" ""
	# Four at once: while one looks into a map, the kernel skips the kprobes of the others on that CPU.
	is "$kernel: 20 starts under load: nothing lost but programs that the kernel skipped" \
		"$(for n in {1..20}; do of "start-$n" 'select(.type == "summary").lost_by | keys[]'; done |
			grep -vx miss | sort -u)" ""
	is "$kernel: 20 starts under load: all were made" "$(cd "$sections" && ls -- start-*.status | wc -l)" 20
	judged=$(for n in {1..20}; do of "start-$n" 'select(.type == "result" and .verdict == "pass").rule'; done | wc -l)
	ok "$kernel: 20 starts under load: some were judged ($judged passes)" test "$judged" -gt 20

	boot remapped "$kernel" remapped.sh --device intel-iommu,intremap=on "${machine[@]}"
	like "$kernel: remapped: ahci has a remapped MSI" "$(out interrupts)" 'IR-PCI-MSI.*ahci'
	is "$kernel: remapped: no finding" "$(rules_of move)$(rules_of rebind)$(rules_of only)" ""
	is "$kernel: remapped: act_affinity_dance is n/a" \
		"$(of move 'select(.type == "result" and .rule == "act_affinity_dance").verdict')" n/a
	is "$kernel: remapped: asked for by name, that is inconclusive" "$(status only)" 2
	clean rebind 10
done
done_testing
