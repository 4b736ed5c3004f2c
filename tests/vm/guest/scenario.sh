# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# scenario.sh - how each scenario of the test module is run, under a msitrace of its own
#
# $a and $b are devices with MSI-X, $edu has one MSI that cannot be masked.

a=0000:00:01.0 b=0000:00:02.0 edu=0000:00:03.0

# scenario NAME: the section NAME.
scenario()
{
	case $1 in
	life_store_not_empty.native) ;;		# last: the guest does not recover
	lock_unbalanced.begin | lock_unbalanced.exit | lock_unbalanced.probe)
		check $1 provoke "$1 $a" "lock_unbalanced.end $a" "teardown $a" ;;
	lock_unbalanced.end | bench*) ;;		# the second half of those; a load to measure with
	lock_self_deadlock) check $1 provoke "$1 $a" ;;
	lock_self_deadlock.end) check $1 provoke "$1 $a" ;;	# the kthread of the one before
	hold.begin*) check $1 provoke "setup $a" "$1 $a" "hold.end $a" "teardown $a" ;;
	hold.end) ;;
	hold.end.bad) check $1 provoke "setup $a" "hold.begin $a" "$1 $a" "teardown $a" ;;
	*.other | lock_order_cycle | good.order)
		more=
		[ $1 != good.order ] || more='--locks=full --events'
		provoke "setup $b"
		# shellcheck disable=SC2086 # options
		section $1 msitrace check --format json $more -- provoke "setup $a" "$1 $a" "teardown $a"
		provoke "teardown $b"
		;;
	lock_order_cycle.*)
		section $1 msitrace check --format json --locks=full -- provoke "setup $a" "$1 $a" "teardown $a" ;;
	life_use_after_free)
		for _ in 1 2 3 4 5; do	# -EAGAIN: somebody else got the memory
			check $1 provoke "$1 $edu"
			[ $status -eq 4 ] || break
		done
		;;
	act_affinity_pending*)
		section $1 msitrace check --format json --set act_affinity_pending.after_ms=250 -- provoke "$1 $a" ;;
	act_irq_storm)
		section $1 msitrace check --format json --set act_irq_storm.per_second=10 -- provoke "$1 $a" ;;
	lock_hold_time)
		section $1 msitrace check --format json --set lock_hold_time.hold_us=1000000 -- provoke "$1 $a" ;;
	lock_hold_time.wait)
		section $1 msitrace check --format json --set lock_hold_time.wait_us=1000000 -- provoke "$1 $a" ;;
	vec_never_fired)
		section $1 msitrace check --format json --set vec_never_fired.seconds=1 -- provoke "$1 $a" ;;
	vec_never_requested*)
		section $1 msitrace check --format json --set vec_never_requested.seconds=0 -- provoke "$1 $a" ;;
	msg_memory_off)
		section $1 msitrace check --format json --config-space -- provoke "$1 $a" "teardown $a" ;;
	life_use_after_free.kfree)
		section $1 msitrace check --format json --kfree -- provoke "$1 $a" "teardown $a" ;;
	lock_no_device_data.lock | store_empty_while_enabled.disable) ;;	# bugs/B08, B16: oopses
	msg_ir_rewrite) ;;		# of a guest with interrupt remapping
	act_default_irq | act_initial_mask.enable | act_reserve_mode | msg_multi_alignment | store_empty_while_enabled | store_multi_msi_shape) check $1 provoke "$1 $edu" ;;
	loss.nested) check $1 provoke "$1 $edu" ;;
	*) check $1 provoke "$1 $a" ;;
	esac
	[ $1 = lock_self_deadlock ] || provoke "teardown $a" 2>/dev/null
}
