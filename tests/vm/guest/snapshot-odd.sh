# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# snapshot-odd.sh - what real drivers do not have: a descriptor without an interrupt, many vectors, vectors of an
# interrupt that moves, and a reservation that belongs to nobody

a=0000:00:01.0 b=0000:00:02.0

provoke "good.insert $a"
section insert msitrace snapshot --json
section insert.devices msitrace snapshot --json --by device
provoke "teardown $a" "setup $a 126"
section many msitrace snapshot --json -o +OLDVECTOR,OLDCPU
section many.names ls /sys/bus/pci/devices/$a/msi_irqs
section many.cpus msitrace snapshot --json --by cpu

# All to CPU 1, then to CPU 0: those that fire in between leave the old one.
virqs=$(ls /sys/bus/pci/devices/$a/msi_irqs)
msitrace snapshot --save /tmp/saved
for irq in $virqs; do echo 1 >"/proc/irq/$irq"/smp_affinity; done
for irq in $virqs; do echo 2 >"/proc/irq/$irq"/smp_affinity; done
section moved msitrace snapshot --json -o +OLDVECTOR,OLDCPU
section moved.cpus msitrace snapshot --json --by cpu
section moved.diff msitrace snapshot --json --diff /tmp/saved -d $a
provoke "teardown $a"

# CPU 1 goes and comes back.
echo 0 >/sys/devices/system/cpu/cpu1/online
section offline msitrace snapshot --json --by cpu
echo 1 >/sys/devices/system/cpu/cpu1/online
section online msitrace snapshot --json --by cpu

# Vectors come and go all the while.
(while :; do provoke "setup $b 30" "teardown $b"; done) >/dev/null 2>&1 &
load=$!
for n in $(seq 10); do
	section "busy.$n" msitrace snapshot --json
done
kill $load
wait $load 2>/dev/null
provoke "teardown $b" 2>/dev/null
section rested msitrace snapshot --json --by cpu

provoke "vec_accounting $a"
section reservation msitrace snapshot --json
