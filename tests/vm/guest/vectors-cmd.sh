# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# vectors-cmd.sh - what `vectors` says of real drivers, of a device whose vectors never fire, and of one that requests none

a=0000:00:01.0

section cpus msitrace snapshot --by cpu --json
section holders msitrace vectors --json
section text msitrace vectors
section cpu0 msitrace vectors --cpu 0 --json
section cpu1 msitrace vectors --cpu 1 --json
section none msitrace vectors --cpu 99
section before msitrace vectors --idle --json
provoke "setup $a 6"
section silent msitrace vectors --idle --json
provoke "teardown $a" "vec_never_requested.not_open $a"
section unrequested msitrace vectors --idle --json
section unrequested.holders msitrace vectors --json
section unrequested.names ls /sys/bus/pci/devices/$a/msi_irqs
provoke "teardown $a"
section after msitrace vectors --idle --json
