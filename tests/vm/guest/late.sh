# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# late.sh - msitrace comes when the module, the device and its vectors are there already
#
# $a has 84 vectors, of which 83 are set up: more than fit into one node of the kernel's store.

a=0000:00:01.0 b=0000:00:02.0 edu=0000:00:03.0

section expected cat $MT/expected

# late SCENARIO [WORD OF setup]
late()
{
	provoke "setup $a 83 $2"
	check "$1" provoke "$1 $a"
	provoke "teardown $a"
}

for s in lock_iter_unlocked lock_iter_unlocked.walk lock_mutate_unlocked lock_mutate_unlocked.insert \
	lock_mutate_unlocked.free lock_entry_unlocked lock_entry_unlocked.alloc lock_entry_unlocked.free \
	lock_unbalanced lock_unbalanced.unlocked lock_cpu_hotplug_order lock_irq_domain_order lock_atomic iter_next_invalid iter_nested \
	iter_nested.restart life_free_with_action; do
	late $s
done
for s in life_free_associated store_rollback_harm life_store_not_empty life_unbind_leak; do
	late $s soft
done

provoke "setup $a 83"
check lock_self_deadlock provoke "lock_self_deadlock $a"
check lock_self_deadlock.end provoke "lock_self_deadlock.end $a"
provoke "teardown $a"

provoke "setup $b"
late lock_iter_unlocked.other
late lock_order_cycle
late good.order
provoke "teardown $b"

provoke "setup $edu"
for _ in 1 2 3 4 5; do	# -EAGAIN: somebody else got the memory
	check life_use_after_free provoke "life_use_after_free $edu"
	[ $status -eq 4 ] || break
	provoke "teardown $edu" "setup $edu"
done
provoke "teardown $edu"

# Everything legal, and nothing else, to what was there before.
provoke "setup $a 83"
check walk provoke "hold.begin $a" "hold.end $a"
check teardown provoke "teardown $a"

# In the middle of a section; the second half is all that msitrace sees.
provoke "setup $a 83" "hold.begin $a"
check hold.end provoke "hold.end $a"
provoke "hold.begin $a"
check hold.end.bad provoke "hold.end.bad $a"
provoke "hold.begin_iter $a"
check hold.end.iter provoke "hold.end $a"
provoke "lock_unbalanced.begin $a"
check lock_unbalanced.begin provoke "lock_unbalanced.end $a"
provoke "lock_unbalanced.exit $a"
check lock_unbalanced.exit provoke "lock_unbalanced.end $a"
provoke "teardown $a" "lock_unbalanced.probe $a"
check lock_unbalanced.probe provoke "lock_unbalanced.end $a"
provoke "teardown $a"

# Last: the guest does not recover.
late life_store_not_empty.native
