# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# vfio.sh - a user of vfio-pci gets more MSI-X vectors one by one, and gives some back

a=0000:00:02.0

echo vfio-pci >/sys/bus/pci/devices/$a/driver_override
echo $a >/sys/bus/pci/drivers/vfio-pci/bind
# A second rocker, whose driver asks for vectors and requests none.
provoke "vec_never_requested.not_open 0000:00:03.0"

section unsafe cat /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
check busy vfio-user $a info grow=1 busy run='sleep 1' heard grow=4 heard
check quiet vfio-user $a grow=1 run='sleep 1' grow=4 heard
section trace msitrace trace --format json -- vfio-user $a grow=4
section idle vfio-user $a grow=4 drop=2 heard run='msitrace vectors --idle --json'
section rows vfio-user $a grow=4 drop=2 run='msitrace snapshot --json -o +FIRED'
# shellcheck disable=SC2046 # one word per vector
section unused vfio-user $a grow=12 $(seq 11 | sed 's/^/drop=/') run='msitrace check --format json \
	--rule vec_never_requested --set vec_never_requested.seconds=1 --set vec_never_requested.unused=1 \
	--device vfio-pci --duration 2 || [ $? -eq 2 ]'
section soak vfio-user $a grow=2 turn run='msitrace soak --json --cycles 6 -- sh -c "kill -USR1 $VFIO_USER; sleep 0.3"'
section after msitrace snapshot --json -d $a
check unbind sh -c "echo $a >/sys/bus/pci/drivers/vfio-pci/unbind"
