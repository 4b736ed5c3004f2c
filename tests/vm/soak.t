#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# soak.t - healthy drivers for many cycles: nothing is found but the known bug of AHCI, nothing is lost
#
# MSITRACE_SOAK_CYCLES (20): 200 take about half an hour per kernel.
. "$(dirname "$0")/lib.sh"

require
cycles=${MSITRACE_SOAK_CYCLES:-20}
export timeout=$((300 + cycles * 60))
real_drivers
for id in net0 net1; do
	machine+=(--qemu "-netdev user,id=$id,restrict=on")
done
machine+=(--device pcie-root-port,id=slot0,slot=1,chassis=1 --device e1000e,id=hot0,bus=slot0
	--device nvme,serial=a,drive=nvme0 --device e1000e,netdev=net0 --device virtio-net-pci,netdev=net1
	--device virtio-blk-pci,drive=vblk0 --device ide-hd,drive=disk0,bus=ide.0)

# monitor FIFO: what the guest asks for goes to QEMU's monitor, until this test ends.
monitor() {
	tail -f --pid=$$ -n +1 "$sections/.stdout" 2>/dev/null | sed -un 's/^@monitor //p' >"$1.in" 2>/dev/null &
	cat "$1.out" >/dev/null 2>&1 &
}

kmod=	# none; of boot
echo "$cycles" >"$base/cycles"
for kernel in $kernels; do
	fifo=$base/monitor-$kernel
	mkfifo "$fifo.in" "$fifo.out"
	sections=$base/soak-$kernel
	mkdir -p "$sections"
	: >"$sections/.stdout"
	monitor "$fifo"
	boot soak "$kernel" soak.sh "${machine[@]}" --file "$base/cycles:/cycles" \
		--qemu "-chardev pipe,id=mon,path=$fifo -mon chardev=mon"
	is "$kernel: soak: all was done" "$(err soak | sed 's/[0-9]* moves/N moves/')" \
		"$cycles cycles, N moves, $cycles offlines, $((cycles / 5)) plugs, $((cycles / 5)) suspends"
	like "$kernel: soak: nothing found but the known bug" "$(rules_of soak)" '^(act_affinity_dance)?$'
	is "$kernel: soak: of AHCI" "$(of soak 'select(.type == "finding") | .driver + " " + .known' | sort -u)" \
		"ahci x86-msi-dance-inverted"
	# A preemptible kernel skips a program that is preempted inside, on that CPU: that is not to be helped.
	is "$kernel: soak: nothing lost but programs that the kernel skipped" \
		"$(of soak 'select(.type == "summary").lost_by | keys[]' | grep -vx miss)" ""
	skipped=$(of soak 'select(.type == "summary") | .lost_by.miss // 0')
	[ "$skipped" -gt 0 ] || is "$kernel: soak: no rule is inconclusive" \
		"$(of soak 'select(.type == "result" and .verdict == "inconclusive").rule')" ""
	ok "$kernel: soak: few were skipped ($skipped)" test "$skipped" -lt 100
	diag "$(of soak 'select(.type == "summary") | "\(.events) events"'), $skipped skipped, $(err soak)"
done
done_testing
