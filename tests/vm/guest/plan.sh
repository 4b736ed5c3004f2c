# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# plan.sh - plan and kernel at random; then each answer, most of them with all CPUs full

. /guest/plan-random.sh

run() { echo "$*" >"$MT/run"; }

for d in $(cd /sys/bus/pci/devices && echo *); do
	run teardown "$d" 2>/dev/null
done

run setup 0000:00:02.0 2 affinity
# shellcheck disable=SC2012 # numbers
irq=$(ls /sys/bus/pci/devices/0000:00:02.0/msi_irqs | head -1)
section managed msitrace plan --json why "$irq"
section managed.kernel plan-move "$irq" 0
run teardown 0000:00:02.0

run setup 0000:00:02.0 1
echo 0 >/sys/devices/system/cpu/cpu1/online
# shellcheck disable=SC2012 # numbers
irq=$(ls /sys/bus/pci/devices/0000:00:02.0/msi_irqs | head -1)
section nowhere msitrace plan --json affinity "$irq" 1
section nowhere.kernel plan-move "$irq" 1
echo 1 >/sys/devices/system/cpu/cpu1/online
run teardown 0000:00:02.0

# its driver requests them when the interface goes up
# shellcheck disable=SC2012 # numbers
irq=$(ls /sys/bus/pci/devices/0000:00:10.0/msi_irqs | head -1)
section kept.first msitrace plan --json affinity "$irq" 1
ifconfig eth0 up
ifconfig eth0 down
section kept msitrace plan --json affinity "$irq" 1
echo 1 >"/proc/irq/$irq/smp_affinity_list"
ifconfig eth0 up
section kept.kernel cat "/proc/irq/$irq/effective_affinity_list"
ifconfig eth0 down

xhci=0000:00:09.0	# MSI and no MSI-X
section multi msitrace plan --json alloc $xhci 2
section multi.kernel provoke "setup $xhci 2" "teardown $xhci"

section room msitrace plan --json offline 1
for d in 2 3 4 5 6 7 8; do
	free=$(msitrace plan -n --raw -o FREE alloc 0000:00:0$d.0 1)
	run setup 0000:00:0$d.0 "$((free < 62 ? free : 62))" 2>/dev/null
done
# shellcheck disable=SC2012 # numbers
irq=$(ls /sys/bus/pci/devices/0000:00:02.0/msi_irqs | head -1)
here=$(cat "/proc/irq/$irq/effective_affinity_list")
section where echo "$irq $here"
section full msitrace plan --json offline 1
section full.kernel sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
section others msitrace plan --json offline 0,99
section alloc.full msitrace plan --json alloc 0000:00:01.0 1
section alloc.full.kernel provoke "setup 0000:00:01.0 1"
section stay msitrace plan --json affinity "$irq" "$here"
section move msitrace plan --json affinity "$irq" $((1 - here))
section why msitrace plan why "$irq"
section why.json msitrace plan --json why "$irq"
section move.kernel plan-move "$irq" $((1 - here))
echo $((1 - here)) >"/proc/irq/$irq/smp_affinity_list"
section why.pending msitrace plan why "$irq"
section no-cpu msitrace plan affinity "$irq" 0,77
section no-irq msitrace plan why 9999
section no-device msitrace plan alloc 0000:77:00.0 1
