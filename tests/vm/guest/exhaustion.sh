# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# exhaustion.sh - CPUs 0 and 1 of three without vectors, and all that fails then; CPU 2 is where things go
#
# Seven devices with 64 vectors each, of which default_smp_affinity says where they go; a CPU has some 200.

device() { echo "0000:00:0$1.0"; }
cpu() { echo "/sys/devices/system/cpu/cpu$1/online"; }
defaults() { echo "$1" >/proc/irq/default_smp_affinity; }
irq() { awk -v name="$1" '$NF == name { sub(":", ""); print $1; exit }' /proc/interrupts; }

# to CPUMASK INTERRUPT: its affinity, and it fires: the disk of AHCI is read
to()
{
	sh -c 'echo "$0" >"/proc/irq/$1/smp_affinity"' "$1" "$2" 2>/dev/null || echo "refused"
	dd if=/dev/sda of=/dev/null bs=4k count=20 iflag=direct 2>/dev/null
}

# offline CPU, online CPU
offline() { if echo 0 2>/dev/null >"$(cpu "$1")"; then echo "CPU $1 went"; else echo "CPU $1 stays"; fi; }
online() { echo 1 >"$(cpu "$1")"; }

# setup N VECTORS [WORD]: device N; says whether it failed.
setup()
{
	sh -c 'echo "$0" >/sys/kernel/msitrace_test/run' "setup $(device "$1") $2 $3" 2>/dev/null || echo "failed"
}

teardown() { for n; do sh -c 'echo "$0" >/sys/kernel/msitrace_test/run' "teardown $(device "$n")"; done; }

# look NAME COMMAND...: the rules, around functions of this script.
look()
{
	name=$1
	shift
	printf '%s\n' ". /guest/lib.sh" "$(sed '/^# ---/,$d' /guest/exhaustion.sh)" "$*" >/tmp/command
	section "$name" msitrace check --format json --rule vec_exhaustion --rule vec_offline_headroom \
		--rule act_affinity_broken -- sh /tmp/command
}
# --- what follows runs once

ahci=$(irq 'ahci[0000:00:1f.2]')
queue=$(irq nvme0q1)
[ ! -e /remapped ] || {
	to 2 "$ahci"
	defaults 1
	for n in 1 2 3; do setup $n 64; done
	setup 4 10	# more than CPU 0 has left
	look written "to 1 $ahci"
	return 0
}
offline 2

# while there is room
look room "defaults 3; setup 1 64; to 1 $ahci; to 2 $ahci; to 3 $ahci; teardown 1; offline 1; online 1"
to 2 "$ahci"
defaults 1
for n in 1 2 3; do setup $n 64; done

# CPU 0 has three vectors left
look started 'setup 4 20'
look moved "to 1 $ahci"
look managed "to 1 $queue"
look nowhere "to 4 $ahci"
online 2
to 4 "$ahci"
look offline 'offline 2'
online 2
to 3 "$ahci"
look broken 'offline 1'
online 1
offline 2

# CPU 1 has none, either
defaults 3
setup 5 64
setup 6 64
look refused 'setup 7 64'
look headroom 'offline 1'
teardown 4
look none 'setup 4 30 affinity'
teardown 2 3
echo 0000:00:08.0 >/sys/bus/pci/drivers/nvme/unbind
defaults 2
setup 2 64
setup 3 20
defaults 3
look fewer 'echo 0000:00:08.0 >/sys/bus/pci/drivers/nvme/bind'
teardown 1 2 3 4 5 6
look after 'offline 1; online 1'
