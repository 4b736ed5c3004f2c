# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# bugs.sh - the bugs of tests/bugs that /ids names, each under a msitrace of its own

for id in $(cat /ids); do
	bug=/bugs/$id/run
	if [ -e /write-findings ]; then
		section "$id" msitrace check -- "$bug"
	else
		check "$id" "$bug"
	fi
	provoke "teardown 0000:00:01.0" 2>/dev/null
done
