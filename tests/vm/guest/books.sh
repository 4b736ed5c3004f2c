# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# books.sh - who has which vector, by msitrace and by the kernel's own books, while nothing moves

pci=/sys/bus/pci/devices tracing=/sys/kernel/tracing
net=$(ls $pci/0000:00:02.0/net)

# "IRQ CHIP COUNT" of all that are numbers.
interrupts()
{
	awk 'NR == 1 { cpus = NF; next } $1 ~ /^[0-9]+:$/ {
		for (n = 0, i = 2; i < 2 + cpus; i++) n += $i
		sub(":", "", $1); print $1, $(2 + cpus), n }' /proc/interrupts
}

# facts NAME COMMAND...: as section, of what the kernel says.
facts()
{
	name=$1
	shift
	echo "@begin $name"
	"$@" 2>&1 | sed 's/^/>/'
	echo "@end $name 0"
}

places() { for f in /proc/irq/*/effective_affinity_list; do i=${f%/effective_affinity_list}; echo "${i##*/} $(cat "$f")"; done; }
chips() { for f in /sys/kernel/irq/*/chip_name; do i=${f%/chip_name}; echo "${i##*/} $(cat "$f")"; done; }
files() { for f in $pci/*/msi_irqs/*; do d=${f%/msi_irqs/*}; echo "${d##*/} ${f##*/}"; done; }

# The last things that the vector allocator does are traced: with its counters, of each CPU and in all.
mount -t tracefs none $tracing 2>/dev/null
ifconfig "$net" down
echo 1 >$tracing/events/irq_matrix/enable
ifconfig "$net" up
sleep 1
echo 0 >$tracing/events/irq_matrix/enable

facts matrix grep irq_matrix_ $tracing/trace
facts places places
facts chips chips
facts files files
facts before interrupts
section rows msitrace snapshot --json -o +CHIP,FIRED
facts after interrupts
section cpus msitrace snapshot --by cpu --json
section devices msitrace snapshot --by device --json
section holders msitrace vectors --json
section cpu0 msitrace vectors --cpu 0 --json
section cpu1 msitrace vectors --cpu 1 --json

# Managed interrupts of a CPU that is offline hold nothing; what is set aside for them stays so.
echo 0 >/sys/devices/system/cpu/cpu1/online
section offline msitrace snapshot --by cpu --json
echo 1 >/sys/devices/system/cpu/cpu1/online
section online msitrace snapshot --by cpu --json
