# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# bugs.sh - every bug of tests/bugs, each under a msitrace of its own

for bug in /bugs/*/run; do
	id=${bug%/run}
	id=${id##*/}
	if [ -e /write-findings ]; then
		section "$id" msitrace check -- "$bug"
	else
		check "$id" "$bug"
	fi
	provoke "teardown 0000:00:01.0" 2>/dev/null
done
