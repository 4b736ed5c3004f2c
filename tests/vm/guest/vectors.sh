# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# vectors.sh - more interrupts than two CPUs have vectors for
#
# Seven devices with 64 vectors each; a CPU has some 200.

device() { echo "0000:00:0$1.0"; }
all='1 2 3 4 5 6 7'
cpu1=/sys/devices/system/cpu/cpu1/online

# each COMMAND[,WORD]... DEVICE...: COMMAND DEVICE WORD... to the module, one device after the other;
# says on how many it failed.
each()
{
	command=$1 failed=0
	shift
	for n; do
		words=$(echo "$command" | sed "s/,/ $(device "$n") /; t; s/\$/ $(device "$n")/" | tr , ' ')
		sh -c 'echo "$0" >/sys/kernel/msitrace_test/run' "$words" 2>/dev/null || failed=$((failed + 1))
	done
	echo "$failed failed"
}

# offline, online: of CPU 1; says whether the kernel let it.
offline() { if echo 0 2>/dev/null >$cpu1; then echo "CPU 1 went"; else echo "CPU 1 stays"; fi; }
online() { echo 1 >$cpu1; }

rules='--rule vec_exhaustion --rule vec_offline_headroom'

# look NAME COMMAND...: both rules, around functions of this script.
look()
{
	name=$1
	shift
	printf '%s\n' ". /guest/lib.sh" "$(sed '/^# ---/,$d' /guest/vectors.sh)" "$*" >/tmp/command
	# shellcheck disable=SC2086
	section "$name" msitrace check --format json $rules -- sh /tmp/command
}
# --- what follows runs once

section idle msitrace check --format json $rules --duration 0.1
look room each setup,64 1 2
look room.cpu 'offline; online'
look full each setup,64 3 4 5 6 7
section full.late msitrace check --format json $rules --duration 0.1
look full.cpu offline
each teardown $all
look reserved each vec_never_requested.not_open $all
each teardown $all
look managed each setup,64,affinity $all
each teardown $all
look after 'offline; online'
