# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# lockdep.sh - scenarios of the test module on a kernel with lockdep: what msitrace says of each, and
# what the kernel
#
# After most of its reports lockdep turns itself off: what comes after is for another guest.

. /guest/scenario.sh

is_on() { grep -q '^ *debug_locks: *1$' /proc/lockdep_stats; }

section stats cat /proc/lockdep_stats
for s in $(cat /scenarios); do
	is_on || break
	dmesg -c >/dev/null
	scenario $s
	section dmesg.$s dmesg
done
