# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# scenarios-remapped.sh - what needs interrupt remapping, and healthy drivers with it

a=0000:00:01.0

section expected cat $MT/expected
for s in msg_ir_rewrite good good.soft good.affinity; do
	check $s provoke "$s $a"
	provoke "teardown $a" 2>/dev/null
done
