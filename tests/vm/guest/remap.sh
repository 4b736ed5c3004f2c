# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# remap.sh - what interrupt remapping changes: a user of vfio-pci, whose interrupt is moved, one that asks for four MSIs, and
# a driver that can do with no less

a=0000:00:02.0 x=0000:00:04.0 y=0000:00:05.0

for d in "$a" "$x"; do
	echo vfio-pci >/sys/bus/pci/devices/"$d"/driver_override
	echo "$d" >/sys/bus/pci/drivers/vfio-pci/bind
done
section safe vfio-user $a info
section safe.log sh -c 'dmesg | grep vfio_iommu_type1'
echo 1 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts

cat >/tmp/others <<EOT
vfio-user $a grow=3 run="msitrace snapshot --save /tmp/rows" &&
vfio-user $x msi=4 run="msitrace snapshot --json -d $x -o +HIERARCHY,IRTE >/tmp/msi" &&
vfio-user $x msi=1 || exit 1
provoke "setup $y 4"
provoke "teardown $y"
:
EOT
section move vfio-user $a grow=1 busy heard run='msitrace trace --format json -- move-vfio 10'
section text vfio-user $a grow=1 busy heard run="msitrace trace -- sh -c 'move-vfio 2; vfio-user $x msi=4'"
section others msitrace trace --format json -- sh /tmp/others
section rows cat /tmp/rows
section msi.rows cat /tmp/msi
