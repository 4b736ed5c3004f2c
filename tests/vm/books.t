#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# books.t - on an idle guest the ledger is what the kernel's own books say, entry by entry: the counters of the vector
# allocator as its tracepoints have them, /proc/interrupts, and the files in msi_irqs/; also before 5.17
. "$(dirname "$0")/lib.sh"

require
kernels=${MSITRACE_TEST_KERNELS:-5.10 6.1 7.2}
real_drivers
devices=(--device "nvme,serial=a,drive=nvme0,addr=1" --device "e1000e,addr=2" --device "virtio-net-pci,addr=3"
	--device "virtio-blk-pci,drive=vblk0,num-queues=2,addr=5" --device "pcie-root-port,addr=4")

# rows SECTION EXPRESSION: of each row, sorted.
rows() { of "$1" ".[][] | $2" | sort; }

# last FIELD...: of the tracepoints that have all of them, what the last one of each CPU said; without cpu the last.
last() {
	out matrix | awk -v fields="$*" '
		{ split("", v); for (i = 1; i <= NF; i++) { sub(",", "", $i); if (split($i, p, "=") == 2) v[p[1]] = p[2] }
		  n = split(fields, f, " "); line = ""
		  for (i = 1; i <= n; i++) { if (!(f[i] in v)) next; line = line (i > 1 ? " " : "") v[f[i]] }
		  said[f[1] == "cpu" ? v["cpu"] : ""] = line }
		END { for (c in said) print said[c] }' | sort
}

for kernel in $kernels; do
	kmod=
	boot books "$kernel" books.sh "${machine[@]}" "${devices[@]}"
	for s in rows cpus devices holders cpu0 cpu1; do
		is "$kernel: $s: exit status" "$(status $s)" 0
	done
	is "$kernel: cpus: nothing on stderr" "$(err cpus)" ""
	is "$kernel: no vector is unexplained" "$(rows cpus 'select(.unexplained != 0)')" ""

	is "$kernel: matrix: each CPU: available, allocated, managed" "$(rows cpus '"\(.cpu) \(.available) \(.allocated) \(.managed)"')" \
		"$(last cpu avl alloc managed)"
	is "$kernel: matrix: in all: CPUs, available, allocated" \
		"$(of cpus '[.cpus[] | select(.online)] | "\(length) \(map(.available) | add) \(map(.allocated) | add)"')" \
		"$(last online_maps global_avl total_alloc)"
	is "$kernel: matrix: reserved" "$(of holders '[.holders[].reserved] | add')" "$(last global_rsvd)"
	is "$kernel: managed: each CPU: taken, and those who hold them" "$(rows cpus '"\(.cpu) \(.managedused)"')" \
		"$(for c in 0 1; do echo "$c $(rows rows "select(.vector and .cpu == $c and (.state | test(\"managed\"))).virq" | wc -l)"; done)"
	is "$kernel: managed: each CPU has some, of nvme and virtio-blk" "$(rows cpus '.managedused' | paste -sd,)" 2,2
	is "$kernel: managed: set aside are those that are taken" "$(rows cpus 'select(.managed != .managedused)')" ""
	is "$kernel: managed: of a CPU that is offline" "$(rows offline 'select(.cpu == 1) | "\(.online) \(.managed) \(.managedused) \(.unexplained)"')" \
		"false 2 0 0"
	is "$kernel: managed: of one that came back" "$(rows online 'select(.cpu == 1) | "\(.online) \(.managed) \(.managedused) \(.unexplained)"')" \
		"true 2 2 0"

	is "$kernel: /proc/interrupts: who has a vector, and where" \
		"$(for c in 0 1; do rows cpu$c "select(.virq) | \"\(.virq) $c\""; done | sort)" \
		"$(join <(out before | cut -d' ' -f1 | sort) <(out places | sort))"
	is "$kernel: /proc/interrupts: who has a handler" \
		"$({ rows rows 'select(.handler).virq'; of cpu0 '.[][] | select(.virq and .index == null).virq'
		     of cpu1 '.[][] | select(.virq and .index == null).virq'; } | sort -u)" "$(out before | cut -d' ' -f1 | sort)"
	is "$kernel: /proc/interrupts: counts are between those before and after" "$(join <(join <(out before | cut -d' ' -f1,3 | sort) \
		<(rows rows '"\(.virq) \(.fired)"')) <(out after | cut -d' ' -f1,3 | sort) | awk '$3 < $2 || $3 > $4')" ""
	is "$kernel: chips" "$(rows rows '"\(.virq) \(.chip)"')" "$(join <(rows rows .virq) <(out chips | sort))"
	is "$kernel: msi_irqs/: each file is an interrupt of its device" "$(rows rows '"\(.device) \(.virq)"')" "$(out files | sort)"
	[ "$kernel" = 5.10 ] ||
		is "$kernel: stores: as many descriptors as files" "$(rows devices '"\(.device) \(.descs)"')" \
			"$(out files | cut -d' ' -f1 | sort | uniq -c | awk '{ print $2, $1 }')"
done
done_testing
