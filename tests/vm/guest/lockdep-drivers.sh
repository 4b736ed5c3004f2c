# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# lockdep-drivers.sh - real drivers on a kernel with lockdep

dmesg -c >/dev/null
check drivers sh -c 'rebind 2 nvme e1000e virtio-pci ahci >/dev/null'
section dmesg.drivers dmesg
section drivers.stats cat /proc/lockdep_stats
