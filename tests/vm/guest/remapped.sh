# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# remapped.sh - the same with interrupt remapping: messages never change, so there is nothing to judge

section interrupts cat /proc/interrupts
check move move-ahci 20
section only msitrace check --format json --rule act_affinity_dance -- move-ahci 20
check rebind rebind 2 nvme e1000e virtio-pci ahci
