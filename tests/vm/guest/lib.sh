# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# lib.sh - for the scripts that run in the guests

export PATH=/guest:$PATH
MT=/sys/kernel/msitrace_test

# section NAME COMMAND...: runs it and prints, for split_sections of tests/vm/lib.sh, what it
# printed and its exit status. What hangs is killed.
section()
{
	name=$1
	shift
	status=0
	timeout -s KILL "${limit:-90}" "$@" >/tmp/out 2>/tmp/err || status=$?
	echo "@begin $name"
	sed 's/^/>/' /tmp/out
	sed 's/^/!/' /tmp/err
	echo "@end $name $status"
}

# check NAME COMMAND...: msitrace check around COMMAND.
check()
{
	name=$1
	shift
	section "$name" msitrace check --format json -- "$@"
}
