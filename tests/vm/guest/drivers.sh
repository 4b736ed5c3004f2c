# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# drivers.sh - real drivers, bound and unbound

drivers='nvme e1000e virtio-pci ahci'

section interrupts cat /proc/interrupts
for d in $drivers; do
	check $d rebind 3 $d
done
check all rebind 2 $drivers
check move move-ahci 20

section vectors msitrace check --format json --rule vec_never_requested \
	--set vec_never_requested.seconds=1 --set vec_never_requested.unused=1 --duration 2

# Attached while things come and go; four at once, since attaching is mostly waiting.
(while :; do rebind 1 $drivers >/dev/null 2>&1; done) &
load=$!
for n in $(seq 20); do
	{
		msitrace check --format json --duration 0.3 >/tmp/out.$n 2>/tmp/err.$n
		echo $? >/tmp/status.$n
	} &
	pids="$pids $!"
	[ $((n % 4)) -ne 0 ] || { wait $pids; pids=''; }
done
kill $load
wait $load 2>/dev/null
for n in $(seq 20); do
	section start-$n sh -c "cat /tmp/out.$n; cat /tmp/err.$n >&2; exit \$(cat /tmp/status.$n)"
done
