# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# scenarios.sh - every scenario of the test module, each under a msitrace of its own
#
# $a and $b are devices with MSI-X, $edu has one MSI that cannot be masked.

a=0000:00:01.0 b=0000:00:02.0 edu=0000:00:03.0

section expected cat $MT/expected

for s in $(cut -d' ' -f1 $MT/expected); do
	case $s in
	life_store_not_empty.native) ;;		# last: the guest does not recover
	lock_unbalanced.begin | lock_unbalanced.exit | lock_unbalanced.probe)
		check $s provoke "$s $a" "lock_unbalanced.end $a" "teardown $a" ;;
	lock_unbalanced.end | bench*) ;;		# the second half of those; a load to measure with
	lock_self_deadlock) check $s provoke "$s $a" ;;
	lock_self_deadlock.end) check $s provoke "$s $a" ;;	# the kthread of the one before
	hold.begin*) check $s provoke "setup $a" "$s $a" "hold.end $a" "teardown $a" ;;
	hold.end) ;;
	hold.end.bad) check $s provoke "setup $a" "hold.begin $a" "$s $a" "teardown $a" ;;
	*.other | lock_order_cycle | good.order)
		more=
		[ $s != good.order ] || more='--locks=full --events'
		provoke "setup $b"
		# shellcheck disable=SC2086 # options
		section $s msitrace check --format json $more -- provoke "setup $a" "$s $a" "teardown $a"
		provoke "teardown $b"
		;;
	life_use_after_free)
		for _ in 1 2 3 4 5; do	# -EAGAIN: somebody else got the memory
			check $s provoke "$s $edu"
			[ $status -eq 4 ] || break
		done
		;;
	vec_never_requested*)
		section $s msitrace check --format json --set vec_never_requested.seconds=0 -- provoke "$s $a" ;;
	life_use_after_free.kfree)
		section $s msitrace check --format json --kfree -- provoke "$s $a" "teardown $a" ;;
	act_reserve_mode) check $s provoke "$s $edu" ;;
	loss.nested) check $s provoke "$s $edu" ;;
	*) check $s provoke "$s $a" ;;
	esac
	[ $s = lock_self_deadlock ] || provoke "teardown $a" 2>/dev/null
done
for s in good good.pcim lock_iter_unlocked lock_unbalanced life_free_with_action; do
	check edu.$s provoke "$s $edu"
done
# The healthy look-alikes: the directory full at the end, and empty.
check full provoke "setup $a"
check empty provoke "teardown $a"
check life_store_not_empty.native provoke "life_store_not_empty.native $a"
