# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# loss.sh - events that are lost, ends of all kinds, two at once

a=0000:00:01.0 edu=0000:00:02.0

check_tiny() { name=$1; shift; section "$name" msitrace check --format json --buffer-size 4 -- "$@"; }

check_tiny tiny provoke "setup $a 83" "teardown $a" "setup $a 83" "teardown $a"
check_tiny tiny-finding provoke "setup $a 83" "lock_iter_unlocked $a" "teardown $a"

# start N: msitrace in the background, once it has read what exists.
start()
{
	n=$1
	msitrace check --events --format json >/tmp/out.$n 2>/tmp/err.$n &
	eval "pid$n=$!"
	for _ in $(seq 300); do
		! grep -q '"event":"baseline".*"phase":"end"' /tmp/out.$n || return 0
		sleep 0.1
	done
	echo "msitrace $n is not attached after 30 seconds"
}

# stop N SIGNAL SECTION
stop()
{
	eval "pid=\$pid$1"
	kill -"$2" "$pid"
	wait "$pid"
	echo $? >/tmp/status
	section "$3" sh -c "cat /tmp/err.$1 >&2; grep -v '\"type\":\"event\"' /tmp/out.$1; exit \$(cat /tmp/status)"
}

# The kernel takes its time to let go of programs after the last reference.
settle()
{
	for _ in $(seq 50); do
		[ "$(attached)" != "$before" ] || break
		sleep 0.2
	done
}

attached >/dev/null	# bpftool attaches programs of its own, for as long as it runs
before=$(attached)
section before attached
for signal in INT TERM HUP KILL; do
	start 1
	provoke "good $a"
	section during-$signal attached
	stop 1 $signal ended-$signal
	settle
	section after-$signal attached
done

start 1
start 2
provoke "lock_iter_unlocked $a"
stop 1 INT two-first
provoke "good $a"
stop 2 INT two-second
settle
section after-two attached

# Nobody reads for a while: what the kernel skips then may be missing anywhere among what is read later.
provoke "setup $edu"
start 1
kill -STOP $pid1
provoke "loss.nested $edu"
kill -CONT $pid1
stop 1 INT slow
section slow-order sh -c "grep -n '\"event\":\"mask\"' /tmp/out.1 | tail -n 1 | sed 's/:.*/ mask/'
	grep -n '\"event\":\"lost\".*\"to_here\"' /tmp/out.1 | tail -n 1 | sed 's/:.*/ to_here/'"

# COMMAND is ended by the signal that we get.
msitrace check --format json -- sleep 1000 >/tmp/out.1 2>/tmp/err.1 &
pid1=$!
for _ in $(seq 300); do
	! pidof sleep >/dev/null || break
	sleep 0.1
done
stop 1 TERM command-TERM
section command-left sh -c 'pidof sleep || echo none'
