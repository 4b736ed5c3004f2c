#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# output.t - a full disk, a reader that is gone, a closed standard output: exit status 3 and one line

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

unwritten=(
	"rules" "rules --json" "explain iter_nested" "explain --json iter_nested"
	"help" "version" "check --help"
)
[ ! -r /sys/kernel/btf/vmlinux ] || unwritten+=("doctor --btf /sys/kernel/btf/vmlinux"
	"doctor --json --btf /sys/kernel/btf/vmlinux")

# unwritable NAME REGEX: the last run, whose stdout was of no use. (EIO: libc forgot what it was.)
unwritable() {
	err=$(cat "$base/err")
	refuses "$1" 3 "cannot write .*$2"
}

for args in "${unwritten[@]}"; do
	if [ -w /dev/full ]; then
		status=0
		# shellcheck disable=SC2086 # words
		"$MSITRACE" $args >/dev/full 2>"$base/err" || status=$?
		unwritable "$args, disk full" "(No space left on device|Input/output error)"
	else
		skip "$args, disk full" "there is no /dev/full"
	fi

	# The reader is gone before the first byte.
	mkfifo "$base/pipe"
	true <"$base/pipe" &
	exec 5>"$base/pipe"
	wait $!
	status=0
	# shellcheck disable=SC2086
	"$MSITRACE" $args >&5 2>"$base/err" || status=$?
	exec 5>&-
	rm "$base/pipe"
	unwritable "$args, reader gone" "(Broken pipe|Input/output error)"

	status=0
	# shellcheck disable=SC2086
	"$MSITRACE" $args >&- 2>"$base/err" || status=$?
	unwritable "$args, stdout closed" "Bad file descriptor"
done

# Whatever stops the live commands first, nothing but the status may come of it.
for command in check trace hist snapshot soak doctor; do
	status=0
	args=()
	[[ $command =~ ^(doctor|snapshot|soak)$ ]] || args=(--duration 0.2)
	[ $command != soak ] || args=(--cycles 1 -- true)
	"$MSITRACE" $command "${args[@]}" >/dev/full 2>"$base/err" || status=$?
	err=$(cat "$base/err")
	is "$command, disk full: exit status" "$status" 3
	if one_line; then pass "$command, disk full: one line"; else fail "$command, disk full: one line" "$err"; fi
done

# Files that are no snapshots: said before anything is loaded.
no_snapshot() {
	run snapshot --diff "$base/snapshot"
	refuses "--diff: $1" 3 "$2"
}
no_snapshot "no file" 'No such file.*--save'
echo '{ "vectors": [ { "device": "a" } ] }' >"$base/snapshot"
no_snapshot "a key is missing" 'vector 0 has no "driver".*--save'
echo '{ "vectors": [ 1 ] }' >"$base/snapshot"
no_snapshot "no rows" 'vector 0 has no "device"'
echo '{ "rules": [] }' >"$base/snapshot"
no_snapshot "another list" 'no list of vectors'
echo '[]' >"$base/snapshot"
no_snapshot "no object" 'no list of vectors'
echo 'x' >"$base/snapshot"
no_snapshot "no JSON" 'not JSON'
: >"$base/snapshot"
no_snapshot "empty" 'not JSON'

done_testing
