#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts.t - shellcheck has nothing to say about our shell scripts
. "$(dirname "$0")/../lib.sh"

command -v shellcheck >/dev/null || skip_all "shellcheck is not installed; try scripts/setup check"
cd "$top" || exit 1

scripts=$(grep -lE '^#!/bin/(bash|sh|busybox sh)|shellcheck shell=' -r scripts tests .ci --include='*' 2>/dev/null | sort)
for s in $scripts; do
	case $s in
	# Libraries are read with what includes them; variables cross from one to the other.
	tests/*) said=$(shellcheck -x -P SCRIPTDIR -S warning -e SC2154,SC2034,SC2054 "$s") ;;
	*) said=$(shellcheck -x "$s") ;;
	esac
	is "$s" "$said" ""
done
done_testing
