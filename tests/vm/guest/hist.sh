# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# hist.sh - durations of everything that is measured, in every format

# 4 rebinds of nvme (2 or 3 vectors each) and AHCI, and moves for set_affinity; nothing on stdout, for
# it would be in the middle of ours.
load='rebind 4 nvme ahci >/dev/null; move-ahci 10 >/dev/null'

for format in prometheus json text; do
	section $format msitrace hist --format $format -- sh -c "$load"
done
section device msitrace hist --format json --device nvme -- sh -c "$load"
section command msitrace hist --format json -- sh -c "$load; exit 3"
