# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# watch.sh - `vectors --watch` while CPU 0 is filled, an interrupt cannot move there, and vectors are allocated that nobody uses

device() { echo "0000:00:0$1.0"; }
setup() { provoke "setup $(device "$1") $2"; }
irq() { awk -v name="$1" '$NF == name { sub(":", ""); print $1; exit }' /proc/interrupts; }
ahci=$(irq 'ahci[0000:00:1f.2]')

# to CPUMASK: the interrupt of AHCI, which moves when it fires: its disk is read
to()
{
	sh -c 'echo "$0" >"/proc/irq/$1/smp_affinity"' "$1" "$ahci"
	dd if=/dev/sda of=/dev/null bs=4k count=20 iflag=direct 2>/dev/null
}

# views N: waits until the list was printed so often, or it takes too long.
views()
{
	for _ in $(seq 100); do
		[ "$(grep -c "$mark" /tmp/watched)" -lt "$1" ] || return 0
		sleep 0.3
	done
}

# watch MARK OPTION...: begins to watch; a list has one line with MARK.
watch()
{
	mark=$1
	shift
	msitrace vectors "$@" >/tmp/watched 2>/tmp/watched.err &
	pid=$!
	views 1
}

# seen NAME [SIGNAL]: ends it with SIGNAL, or waits for its end.
seen()
{
	[ -z "$2" ] || kill "-$2" $pid
	status=0
	wait $pid || status=$?
	cat /tmp/watched.err >&2
	section "$1" sh -c "cat /tmp/watched; exit $status"
}

to 2
watch ^HOLDER --watch 1
echo 1 >/proc/irq/default_smp_affinity
for n in 1 2 3; do setup $n 64; done
setup 4 10
to 1
views $(($(grep -c "$mark" /tmp/watched) + 2))
seen full INT
provoke "teardown $(device 1)" "teardown $(device 2)" "teardown $(device 3)" "teardown $(device 4)"

# the first vector of device 2 is moved, and fires no more where it is now
setup 2 3
watch '"idle"' --watch 0.5 --idle --json
provoke "vec_never_requested $(device 1)" "act_affinity_pending.moved $(device 2)"
views $(($(grep -c "$mark" /tmp/watched) + 4))
seen idle TERM
section moving msitrace vectors --idle --json
section holders msitrace vectors --json
provoke "act_affinity_pending.moved $(device 2)"
section moved msitrace vectors --idle --json
watch ^HOLDER --watch 1 --duration 2
seen quiet
