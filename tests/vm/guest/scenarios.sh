# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# scenarios.sh - every scenario of the test module, each under a msitrace of its own

. /guest/scenario.sh

section expected cat $MT/expected

for s in $(cut -d' ' -f1 $MT/expected); do
	scenario $s
done
for s in good good.pcim lock_iter_unlocked lock_unbalanced life_free_with_action; do
	check edu.$s provoke "$s $edu"
done
# The healthy look-alikes: the directory full at the end, and empty.
check full provoke "setup $a"
check empty provoke "teardown $a"
check life_store_not_empty.native provoke "life_store_not_empty.native $a"
