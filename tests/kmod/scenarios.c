// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of scenarios: the list and expected files and the checks before a scenario runs derive
 * from it. What each does to the kernel, and how it is run, is in README.md.
 */
#include "msitrace_test.h"

#define BY_KERNEL(before_6_2, since_6_2) (MT_HAS_DOMAIN_IDS ? (since_6_2) : (before_6_2))

const struct mt_scenario mt_scenarios[] = {
	{
		.name = "good",
		.summary = "everything right, legal look-alikes included",
		.run = mt_good,
		.also = "sysfs_late_vectors",
	},
	{
		.name = "good.soft",
		.summary = "the same in the software domain",
		.run = mt_good,
		.setup = MT_SETUP_SOFT,
		.also = "sysfs_late_vectors",
	},
	{
		.name = "good.pcim",
		.summary = "the same, then unbind: devres frees the vectors",
		.run = mt_good_managed,
		.setup = MT_SETUP_MANAGED,
		.also = "sysfs_late_vectors",
	},
	{
		.name = "good.affinity",
		.summary = "the same with managed interrupts",
		.run = mt_good,
		.setup = MT_SETUP_AFFINITY,
		.also = "sysfs_late_vectors",
	},
	{
		.name = "good.failed",
		.summary = "allocations that fail, and leave nothing",
		.run = mt_good_failed,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MANY,
		.also = "sysfs_late_vectors,vec_never_requested",
	},
	{
		.name = "good.insert",
		.summary = "a descriptor that gets no interrupt, and goes with the others",
		.run = mt_good_insert,
		.flags = MT_MSIX | MT_STAYS,
		.also = "sysfs_late_vectors",
	},
	{
		.name = "good.unrequested",
		.summary = "vectors that nobody requests",
		.run = mt_good_unrequested,
		.setup = MT_SETUP_SOFT,
		.also = "vec_never_requested",
	},

	{
		.name = "act_affinity_desc",
		.summary = "an irq domain that gives descriptors masks of CPUs",
		.run = mt_act_affinity_desc,
		.setup = MT_SETUP_SOFT,
		.rules = "act_affinity_desc",
	},
	{
		.name = "act_affinity_pending",
		.summary = "an affinity that is asked for, and an interrupt long after",
		.run = mt_act_affinity_pending,
		.rules = "act_affinity_pending",
	},
	{
		.name = "act_affinity_pending.idle",
		.summary = "the same, and no interrupt",
		.run = mt_act_affinity_pending_idle,
		.flags = MT_STAYS,
		.rules = "act_affinity_pending",
	},
	{
		.name = "act_affinity_pending.moved",
		.summary = "the same, and an interrupt at once: legal",
		.run = mt_act_affinity_pending_moved,
	},

	{
		.name = "act_affinity_result",
		.summary = "the irq domain does not write the message of a move",
		.run = mt_act_affinity_result,
		.setup = MT_SETUP_SOFT,
		.rules = "act_affinity_result",
	},

	{
		.name = "act_dead_cpu",
		.summary = "a CPU goes, and an interrupt of it cannot be moved",
		.run = mt_act_dead_cpu,
		.flags = MT_STAYS,
		.setup = MT_SETUP_SOFT,
		.rules = "act_dead_cpu",
	},

	{
		.name = "act_default_irq",
		.summary = "somebody writes to pci_dev::irq while MSI is freed",
		.run = mt_act_default_irq,
		.flags = MT_MSI_NOMASK,
		.setup = MT_SETUP_SOFT,
		.rules = "act_default_irq",
	},

	{
		.name = "act_enable_unactivated",
		.summary = "an irq domain that does not activate early",
		.run = mt_act_enable_unactivated,
		.setup = MT_SETUP_SOFT,
		.rules = "act_enable_unactivated",
	},

	{
		.name = "act_error_swallowed",
		.summary = "the irq domain cannot activate a managed interrupt",
		.run = mt_act_error_swallowed,
		.setup = MT_SETUP_SOFT | MT_SETUP_AFFINITY,
		.rules = "act_error_swallowed",
	},

	{
		.name = "act_initial_mask",
		.summary = "an irq domain that unmasks what it frees",
		.run = mt_act_initial_mask,
		.flags = MT_MSIX,
		.setup = MT_SETUP_SOFT,
		.rules = "act_initial_mask",
	},
	{
		.name = "act_initial_mask.enable",
		.summary = "an MSI that is not masked when it is set up",
		.run = mt_act_initial_mask_enable,
		.flags = MT_MSI_NOMASK,
		.setup = MT_SETUP_SOFT,
		.rules = "act_initial_mask",
	},

	{
		.name = "act_irq_storm",
		.summary = "200 interrupts in a row",
		.run = mt_act_irq_storm,
		.rules = "act_irq_storm",
	},

	{
		.name = "act_placeholder_started",
		.summary = "an interrupt marked as activated is requested",
		.run = mt_act_placeholder_started,
		.setup = MT_SETUP_SOFT,
		.rules = "act_placeholder_started,msg_stale",
	},

	{
		.name = "act_reserve_mode",
		.summary = "reservation allowed for an MSI that cannot be masked",
		.run = mt_act_reserve_mode,
		.flags = MT_MSI_NOMASK,
		.setup = MT_SETUP_SOFT,
		.rules = "act_reserve_mode",
	},
	{
		.name = "good.reserve",
		.summary = "the same with MSI-X: nothing wrong",
		.run = mt_act_reserve_mode,
		.flags = MT_MSIX,
		.setup = MT_SETUP_SOFT,
		.also = "sysfs_late_vectors",
	},

	{
		.name = "act_mask_state",
		.summary = "mask a vector below the interrupt core",
		.run = mt_act_mask_state,
		.flags = MT_MSIX,
		.rules = "act_mask_state",
	},

	{
		.name = "api_error_lost",
		.summary = "the PCI core returns another error than the irq domain",
		.run = mt_api_error_lost,
		.flags = MT_MSIX,
		.setup = MT_SETUP_SOFT,
		.rules = "api_error_lost",
	},
	{
		.name = "api_msix_entry_vector",
		.summary = "pci_enable_msix_range() with indices 5, 3, 1",
		.run = mt_api_msix_entry_vector,
		.flags = MT_MSIX,
		.rules = "api_msix_entry_vector",
	},

	{
		.name = "api_dyn_unsupported",
		.summary = "a descriptor more in an irq domain that cannot do that",
		.run = mt_api_dyn_unsupported,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = BY_KERNEL(NULL, "api_dyn_unsupported"),
	},
	{
		.name = "api_virq_lookup",
		.summary = "a lookup while two descriptors have each other's interrupt",
		.run = mt_api_virq_lookup,
		.flags = MT_MANY,
		.rules = "api_virq_lookup",
	},

	{
		.name = "dom_create_remove_pair",
		.summary = "an irq domain is made for a device that has one",
		.run = mt_dom_create_remove_pair,
		.rules = BY_KERNEL(NULL, "dom_create_remove_pair"),
	},
	{
		.name = "dom_hierarchy_changed",
		.summary = "an interrupt that is moved to another irq domain",
		.run = mt_dom_hierarchy_changed,
		.rules = "dom_hierarchy_changed",
	},
	{
		.name = "dom_parent_flags",
		.summary = "the parent lets a flag through that it does not support",
		.run = mt_dom_parent_flags,
		.flags = MT_UNBOUND,
		.rules = BY_KERNEL(NULL, "dom_parent_flags"),
	},

	{
		.name = "good.order",
		.summary = "two mutexes in one order; a handler requested with one held",
		.run = mt_good_order,
	},

	{
		.name = "lock_iter_unlocked",
		.summary = "one first() without the mutex",
		.run = mt_lock_iter_unlocked,
		.flags = MT_WHILE_HELD,
		.rules = "lock_iter_unlocked",
		.also = "iter_cursor_left",
	},
	{
		.name = "lock_iter_unlocked.walk",
		.summary = "a whole loop without the mutex",
		.run = mt_lock_iter_unlocked_walk,
		.flags = MT_WHILE_HELD,
		.rules = "lock_iter_unlocked",
	},
	{
		.name = "lock_iter_unlocked.other",
		.summary = "first() with the mutex of another device",
		.run = mt_lock_iter_unlocked_other,
		.rules = "lock_iter_unlocked",
		.also = "iter_cursor_left",
	},

	{
		.name = "lock_mutate_unlocked",
		.summary = "insert and free one descriptor without the mutex",
		.run = mt_lock_mutate_unlocked,
		.flags = MT_MSIX,
		.rules = "lock_mutate_unlocked",
	},
	{
		.name = "lock_mutate_unlocked.insert",
		.summary = "insert without, free with the mutex",
		.run = mt_lock_mutate_unlocked_insert,
		.flags = MT_MSIX,
		.rules = "lock_mutate_unlocked",
	},
	{
		.name = "lock_mutate_unlocked.free",
		.summary = "insert with, free without the mutex",
		.run = mt_lock_mutate_unlocked_free,
		.flags = MT_MSIX,
		.rules = "lock_mutate_unlocked",
		.also = "lock_section_split",
	},

	{
		.name = "lock_entry_unlocked",
		.summary = "a *_locked function without the mutex: free before 6.2, else alloc",
		.run = mt_lock_entry_unlocked,
		.rules = "lock_entry_unlocked",
		.also = BY_KERNEL(NULL, "iter_cursor_left"),
	},
	{
		.name = "lock_entry_unlocked.alloc",
		.summary = "the allocating one, nothing to allocate",
		.run = mt_lock_entry_unlocked_alloc,
		.rules = BY_KERNEL("lock_entry_unlocked,lock_iter_unlocked",
				   "lock_entry_unlocked"),
		.also = BY_KERNEL(NULL, "iter_cursor_left"),
	},
	{
		.name = "lock_entry_unlocked.free",
		.summary = "the freeing one on an empty store",
		.run = mt_lock_entry_unlocked_free,
		.rules = BY_KERNEL("lock_entry_unlocked",
				   "lock_entry_unlocked,lock_mutate_unlocked"),
	},

	{
		.name = "lock_unbalanced",
		.summary = "taken by a kthread, released by the writing task",
		.run = mt_lock_unbalanced,
		.rules = "lock_unbalanced",
	},
	{
		.name = "lock_unbalanced.begin",
		.summary = "the writing task keeps the mutex",
		.run = mt_lock_unbalanced_begin,
		.flags = MT_STAYS,
		.rules = "lock_unbalanced",
	},
	{
		.name = "lock_unbalanced.exit",
		.summary = "a kthread exits with the mutex",
		.run = mt_lock_unbalanced_exit,
		.flags = MT_STAYS,
		.rules = "lock_unbalanced",
	},
	{
		.name = "lock_unbalanced.probe",
		.summary = "probe returns with the mutex",
		.run = mt_lock_unbalanced_probe,
		.flags = MT_UNBOUND | MT_STAYS,
		.rules = "lock_unbalanced",
	},
	{
		.name = "lock_unbalanced.end",
		.summary = "release what .begin, .exit or .probe left",
		.run = mt_lock_unbalanced_end,
		.flags = MT_WHILE_HELD | MT_PHASE,
		.rules = "lock_unbalanced",
	},
	{
		.name = "lock_unbalanced.unlocked",
		.summary = "release the mutex although nobody holds it",
		.run = mt_lock_unbalanced_twice,
		.rules = "lock_unbalanced",
	},

	{
		.name = "lock_cpu_hotplug_order",
		.summary = "cpus_read_lock() with the mutex held",
		.run = mt_lock_cpu_hotplug_order,
		.rules = "lock_cpu_hotplug_order",
	},

	{
		.name = "lock_irq_domain_order",
		.summary = "the mutex below that of the irq domain, and above it",
		.run = mt_lock_irq_domain_order,
		.rules = "lock_irq_domain_order",
	},
	{
		.name = "lock_order_cycle",
		.summary = "the mutexes of two devices in both orders",
		.run = mt_lock_order_cycle,
		.rules = "lock_order_cycle",
	},
	{
		.name = "lock_order_cycle.variable",
		.summary = "a mutex that is a variable inside of the section, and the section inside of it",
		.run = mt_lock_order_cycle_variable,
		.rules = "lock_order_cycle",
	},
	{
		.name = "lock_order_cycle.bus",
		.summary = "the same with pci_bus_sem, read",
		.run = mt_lock_order_cycle_bus,
		.rules = "lock_order_cycle",
	},

	{
		.name = "lock_atomic",
		.summary = "a timer callback looks a vector up",
		.run = mt_lock_atomic,
		.rules = "lock_atomic",
	},
	{
		.name = "lock_atomic.hardirq",
		.summary = "a hard interrupt does",
		.run = mt_lock_atomic_hardirq,
		.rules = "lock_atomic",
	},
	{
		.name = "lock_atomic.spinlock",
		.summary = "the writing task does, with a spinlock held",
		.run = mt_lock_atomic_spinlock,
		.rules = "lock_atomic",
	},
	{
		.name = "lock_atomic.irqs_off",
		.summary = "the writing task does, with interrupts disabled",
		.run = mt_lock_atomic_irqs_off,
		.rules = "lock_atomic",
	},

	{
		.name = "lock_data_swapped",
		.summary = "unbind while a kthread holds the mutex",
		.run = mt_lock_data_swapped,
		.rules = "lock_data_swapped",
	},

	{
		.name = "lock_hold_time",
		.summary = "one task holds the mutex for long, one waits for it: the former",
		.run = mt_lock_hold_time,
		.rules = "lock_hold_time",
	},
	{
		.name = "lock_hold_time.wait",
		.summary = "the same: the latter",
		.run = mt_lock_hold_time,
		.rules = "lock_hold_time",
	},
	{
		.name = "lock_no_device_data",
		.summary = "an iterator for a device that never had an MSI",
		.run = mt_lock_no_device_data,
		.flags = MT_UNBOUND,
		.rules = "lock_no_device_data",
	},
	{
		.name = "lock_no_device_data.lock",
		.summary = "the same with its mutex",
		.run = mt_lock_no_device_data_lock,
		.flags = MT_UNBOUND,
		.rules = "lock_no_device_data",
	},

	{
		.name = "lock_section_split",
		.summary = "insert in one section, allocate in the next",
		.run = mt_lock_section_split,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = BY_KERNEL("lock_section_split", "api_dyn_unsupported,lock_section_split"),
	},
	{
		.name = "lock_self_deadlock",
		.summary = "a kthread looks a vector up with the mutex held",
		.run = mt_lock_self_deadlock,
		.flags = MT_STAYS,
		.rules = "lock_self_deadlock",
	},
	{
		.name = "lock_self_deadlock.end",
		.summary = "release the mutex, so that it goes on",
		.run = mt_lock_self_deadlock_end,
		.flags = MT_WHILE_HELD | MT_PHASE,
		.rules = "lock_unbalanced",
	},

	{
		.name = "iter_bad_filter",
		.summary = "first() with filter 7",
		.run = mt_iter_bad_filter,
		.rules = "iter_bad_filter",
	},
	{
		.name = "iter_cursor_left",
		.summary = "mutex_unlock() in the middle of a walk",
		.run = mt_iter_cursor_left,
		.rules = "iter_cursor_left",
	},
	{
		.name = "iter_wrong_yield",
		.summary = "walk over descriptors of another device and index",
		.run = mt_iter_wrong_yield,
		.flags = MT_MANY,
		.rules = "iter_order,iter_wrong_yield",
	},
	{
		.name = "iter_next_invalid",
		.summary = ".idle, then .done in another section",
		.run = mt_iter_next_invalid,
		.rules = "iter_next_invalid",
	},
	{
		.name = "iter_next_invalid.idle",
		.summary = "next() without first()",
		.run = mt_iter_next_invalid_idle,
		.rules = "iter_next_invalid",
	},
	{
		.name = "iter_next_invalid.done",
		.summary = "next() after the end of a loop",
		.run = mt_iter_next_invalid_done,
		.rules = "iter_next_invalid",
	},

	{
		.name = "iter_nested",
		.summary = "complete inner loop: the outer one ends after 1",
		.run = mt_iter_nested,
		.flags = MT_MANY,
		.rules = "iter_nested",
	},
	{
		.name = "iter_nested.restart",
		.summary = "inner loop left at 0: the outer one starts over",
		.run = mt_iter_nested_restart,
		.flags = MT_MANY,
		.rules = "iter_nested",
	},

	{
		.name = "life_active_at_free",
		.summary = "free vectors without deactivating them",
		.run = mt_life_active_at_free,
		.setup = MT_SETUP_SOFT,
		.rules = "life_active_at_free",
		.also = "vec_never_requested",
	},

	{
		.name = "life_free_with_action",
		.summary = "free the vectors with one handler installed",
		.run = mt_life_free_with_action,
		.rules = "life_free_with_action",
	},

	{
		.name = "life_failed_alloc_residue",
		.summary = "an allocation fails, two interrupts live on",
		.run = mt_life_failed_alloc_residue,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MANY,
		.rules = "life_failed_alloc_residue",
		.also = "vec_accounting",
	},

	{
		.name = "life_free_associated",
		.summary = "free descriptors, their interrupts live on",
		.run = mt_life_free_associated,
		.setup = MT_SETUP_SOFT,
		.rules = "life_free_associated",
		.also = BY_KERNEL("life_irq_left_after_free,vec_accounting", "vec_accounting"),
	},

	{
		.name = "life_msgcb_dangling",
		.summary = "free a descriptor whose messages somebody listens to",
		.run = mt_life_msgcb_dangling,
		.rules = "life_msgcb_dangling",
	},

	{
		.name = "life_setup_race",
		.summary = "set up MSI data that another task has set up meanwhile",
		.run = mt_life_setup_race,
		.rules = "life_setup_race",
	},

	{
		.name = "life_store_not_empty",
		.summary = "unbind without freeing; repairable",
		.run = mt_life_store_not_empty,
		.setup = MT_SETUP_SOFT,
		.rules = "life_store_not_empty",
	},
	{
		.name = "life_store_not_empty.native",
		.summary = "the same in the kernel's domain; boot again",
		.run = mt_life_store_not_empty,
		.rules = BY_KERNEL("life_store_not_empty", "dom_removed_in_use,life_store_not_empty"),
	},
	{
		.name = "life_store_not_empty.probe",
		.summary = "probe allocates and fails; repairable",
		.run = mt_life_store_not_empty_probe,
		.flags = MT_UNBOUND,
		.rules = "life_store_not_empty",
	},

	{
		.name = "life_unbind_leak",
		.summary = "unbind, empty store, interrupts live on",
		.run = mt_life_unbind_leak,
		.setup = MT_SETUP_SOFT,
		.rules = "life_unbind_leak",
		.also = "vec_accounting",
	},
	{
		.name = "life_unbind_leak.one",
		.summary = "the same, and one of them only",
		.run = mt_life_unbind_leak_one,
		.setup = MT_SETUP_SOFT,
		.rules = "life_unbind_leak",
		.also = "vec_accounting",
	},
	{
		.name = "life_unbind_leak.probe",
		.summary = "failed probe, empty store, interrupts live on",
		.run = mt_life_unbind_leak_probe,
		.flags = MT_UNBOUND,
		.rules = "life_unbind_leak",
		.also = "vec_accounting",
	},

	{
		.name = "life_irq_left_after_free",
		.summary = "interrupts freed, their numbers left in the descriptors",
		.run = mt_life_irq_left_after_free,
		.setup = MT_SETUP_SOFT,
		.rules = "life_irq_left_after_free",
	},
	{
		.name = "life_state_order",
		.summary = "free_irq() of a handler that was freed",
		.run = mt_life_state_order,
		.rules = "life_state_order",
	},
	{
		.name = "life_devres_order",
		.summary = "managed vectors are freed after the MSI data",
		.run = mt_life_devres_order,
		.flags = MT_UNBOUND,
		.rules = "life_devres_order",
		.also = "sysfs_late_vectors,vec_never_requested",
	},

	{
		.name = "life_backpointer",
		.summary = "interrupts that forget their descriptor",
		.run = mt_life_backpointer,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MANY,
		.rules = "life_backpointer",
		.also = "sysfs_late_vectors,vec_never_requested",
	},

	{
		.name = "life_use_after_free",
		.summary = "mask through a descriptor that was freed",
		.run = mt_life_use_after_free,
		.flags = MT_MSI_NOMASK,
		.rules = "life_use_after_free",
	},
	{
		.name = "life_use_after_free.kfree",
		.summary = "free the memory of a descriptor in the store",
		.run = mt_life_use_after_free_kfree,
		.rules = "life_use_after_free",
	},

	{
		.name = "msg_above_device_mask",
		.summary = "an address above what the device can write to",
		.run = mt_msg_above_device_mask,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = "msg_above_device_mask",
	},
	{
		.name = "msg_bad_context",
		.summary = "a driver changes a message, and back",
		.run = mt_msg_bad_context,
		.rules = "msg_bad_context",
	},
	{
		.name = "msg_ir_rewrite",
		.summary = "an irq domain that writes the message of a remapped interrupt that is moved",
		.run = mt_msg_ir_rewrite,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = "msg_ir_rewrite",
	},
	{
		.name = "msg_memory_off",
		.summary = "write a message to a device that decodes no memory",
		.run = mt_msg_memory_off,
		.flags = MT_MSIX,
		.rules = "msg_memory_off",
	},
	{
		.name = "msg_multi_alignment",
		.summary = "tell a device with one MSI that it has 128",
		.run = mt_msg_multi_alignment,
		.flags = MT_MSI_NOMASK,
		.rules = "msg_multi_alignment,msg_multiple_changed",
	},
	{
		.name = "msg_snooped",
		.summary = "a driver keeps the message of before request_irq()",
		.run = mt_msg_snooped,
		.flags = MT_MSIX,
		.rules = "msg_snooped",
	},
	{
		.name = "msg_stale",
		.summary = "the irq domain writes the message of another vector",
		.run = mt_msg_stale,
		.setup = MT_SETUP_SOFT,
		.rules = "msg_stale",
	},
	{
		.name = "msg_stale.driver",
		.summary = "a driver writes it",
		.run = mt_msg_stale_driver,
		.rules = "msg_bad_context,msg_stale",
	},

	{
		.name = "store_virtual_touched",
		.summary = "vectors beyond the MSI-X table",
		.run = mt_store_virtual_touched,
		.flags = MT_UNBOUND | MT_MSIX,
		.rules = BY_KERNEL(NULL, "store_virtual_touched"),
	},

	{
		.name = "store_count",
		.summary = "take a descriptor out of the store, and put it back",
		.run = mt_store_count,
		.flags = MT_MSIX,
		.rules = "store_count",
	},

	{
		.name = "store_duplicate_index",
		.summary = "insert a descriptor at an index in use",
		.run = mt_store_duplicate_index,
		.flags = MT_MSIX,
		.rules = "store_duplicate_index",
	},

	{
		.name = "store_empty_on_alloc",
		.summary = "allocate an interrupt for which there is no descriptor",
		.run = mt_store_empty_on_alloc,
		.setup = MT_SETUP_SOFT,
		.rules = "store_empty_on_alloc",
	},

	{
		.name = "store_empty_while_enabled",
		.summary = "free the interrupts of an MSI behind PCI's back",
		.run = mt_store_empty_while_enabled,
		.flags = MT_MSI_NOMASK,
		.rules = "store_empty_while_enabled",
	},
	{
		.name = "store_empty_while_enabled.disable",
		.summary = "the same, then disable MSI; boot again",
		.run = mt_store_empty_while_enabled_disable,
		.flags = MT_MSI_NOMASK | MT_STAYS,
		.rules = "lock_unbalanced,store_empty_while_enabled",
	},

	{
		.name = "store_gap",
		.summary = "entries 0 and 2 in a domain without gaps",
		.run = mt_store_gap,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = "store_gap",
	},

	{
		.name = "store_index_bounds",
		.summary = "insert beyond the domain; 6.2+: two ranges that are not in it",
		.run = mt_store_index_bounds,
		.flags = MT_MSIX,
		.rules = BY_KERNEL("store_index_bounds,store_key_mismatch", "store_index_bounds"),
	},

	{
		.name = "store_multi_msi_shape",
		.summary = "one MSI with four messages",
		.run = mt_store_multi_msi_shape,
		.flags = MT_MSI_NOMASK,
		.rules = "store_multi_msi_shape",
	},

	{
		.name = "store_nvec_zero",
		.summary = "insert a descriptor without vectors, free a reversed range",
		.run = mt_store_nvec_zero,
		.flags = MT_MSIX,
		.rules = "store_free_range_args,store_nvec_zero",
	},
	{
		.name = "store_wrong_device",
		.summary = "a descriptor of another device and index",
		.run = mt_store_wrong_device,
		.flags = MT_MSIX,
		.rules = "store_key_mismatch,store_wrong_device",
	},

	{
		.name = "store_rollback_harm",
		.summary = "one vector more is not to be had, and all go",
		.run = mt_store_rollback_harm,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MSIX,
		.rules = BY_KERNEL("store_rollback_harm", "api_dyn_unsupported,store_rollback_harm"),
	},
	{
		.name = "store_rollback_harm.range",
		.summary = "allocate indices in use; 6.2+: they are lost",
		.run = mt_store_rollback_harm_range,
		.setup = MT_SETUP_SOFT,
		.flags = MT_MANY,
		.rules = BY_KERNEL("store_duplicate_index",
				   "life_free_associated,store_duplicate_index,store_rollback_harm"),
		.also = BY_KERNEL(NULL, "vec_accounting"),
	},

	{
		.name = "sysfs_double_populate",
		.summary = "make the files of a descriptor again",
		.run = mt_sysfs_double_populate,
		.rules = "sysfs_double_populate",
	},
	{
		.name = "sysfs_group_lifetime",
		.summary = "a directory msi_irqs/ is there before",
		.run = mt_sysfs_group_lifetime,
		.flags = MT_UNBOUND,
		.rules = "sysfs_group_lifetime",
	},
	{
		.name = "sysfs_missing",
		.summary = "the irq domain makes files of one interrupt, and leaves them",
		.run = mt_sysfs_missing,
		.setup = MT_SETUP_SOFT,
		.rules = "sysfs_missing,sysfs_stale_attr",
	},
	{
		.name = "sysfs_populate_early",
		.summary = "make the file of interrupt 0",
		.run = mt_sysfs_populate_early,
		.rules = "sysfs_populate_early",
	},
	{
		.name = "sysfs_set_mismatch",
		.summary = "remove a file from msi_irqs/",
		.run = mt_sysfs_set_mismatch,
		.flags = MT_STAYS,
		.rules = "sysfs_set_mismatch",
		.also = "sysfs_stale_attr",
	},
	{
		.name = "sysfs_set_mismatch.surplus",
		.summary = "add a file to msi_irqs/",
		.run = mt_sysfs_set_mismatch_surplus,
		.flags = MT_STAYS,
		.rules = "sysfs_set_mismatch",
		.also = "sysfs_stale_attr",
	},

	{
		.name = "vec_accounting",
		.summary = "a reservation that belongs to no interrupt",
		.run = mt_vec_accounting,
		.flags = MT_STAYS,
		.rules = "vec_accounting",
	},
	{
		.name = "vec_idle_real_vector",
		.summary = "vectors instead of reservations, and nobody requests them",
		.run = mt_vec_idle_real_vector,
		.flags = MT_STAYS,
		.setup = MT_SETUP_SOFT,
		.rules = "vec_idle_real_vector",
	},
	{
		.name = "vec_never_fired",
		.summary = "all interrupts fire but one",
		.run = mt_vec_never_fired,
		.flags = MT_STAYS,
		.rules = "vec_never_fired",
	},
	{
		.name = "vec_never_requested",
		.summary = "many vectors, one handler",
		.run = mt_vec_never_requested,
		.flags = MT_MSIX | MT_STAYS,
		.rules = "vec_never_requested",
	},
	{
		.name = "vec_never_requested.not_open",
		.summary = "many vectors, no handler: legal",
		.run = mt_vec_never_requested_not_open,
		.flags = MT_MSIX | MT_STAYS,
	},

	{
		.name = "vfio_msix_resize_gap",
		.summary = "handlers named as vfio's: more vectors while interrupts come",
		.run = mt_vfio_msix_resize_gap,
		.flags = MT_MSIX,
		.rules = "vfio_msix_resize_gap",
	},
	{
		.name = "vfio_msix_resize_gap.quiet",
		.summary = "the same while none come: legal",
		.run = mt_vfio_msix_resize_gap_quiet,
		.flags = MT_MSIX,
	},
	{
		.name = "vfio_msix_resize_gap.shrink",
		.summary = "fewer vectors: legal",
		.run = mt_vfio_msix_resize_gap_shrink,
		.flags = MT_MSIX,
	},

	{
		.name = "bench",
		.summary = "nothing wrong: nanoseconds of hooked operations",
		.run = mt_bench,
	},

	{
		.name = "loss.nested",
		.summary = "calls from interrupts that a tracer must miss (two CPUs)",
		.run = mt_loss_nested,
		.flags = MT_MSI_NOMASK,
	},

	{
		.name = "hold.begin",
		.summary = "a kthread takes the mutex and keeps it",
		.run = mt_hold_begin,
		.flags = MT_STAYS,
	},
	{
		.name = "hold.begin_iter",
		.summary = "the same, and calls first()",
		.run = mt_hold_begin_iter,
		.flags = MT_STAYS,
	},
	{
		.name = "hold.end",
		.summary = "it walks (or goes on with next()) and releases",
		.run = mt_hold_end,
		.flags = MT_WHILE_HELD | MT_PHASE,
	},
	{
		.name = "hold.end.bad",
		.summary = "it takes the cpu hotplug lock before",
		.run = mt_hold_end_bad,
		.flags = MT_WHILE_HELD | MT_PHASE,
		.rules = "lock_cpu_hotplug_order",
	},
	{}
};
