/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of msitrace_test.ko share: the device under test, the table row of a scenario, and
 * the helpers to set both up. How it is used from a shell is in README.md.
 */
#ifndef MSITRACE_TEST_H
#define MSITRACE_TEST_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/sched.h>

#include "compat.h"

#define MT_NAME "msitrace_test"
#define MT_DEFAULT_VECTORS 8

/*
 * An offending act: a function of its own with a telling name, because the finding shows its stack.
 * No inlining, and no clones either, whose symbols have a suffix.
 */
#define mt_act noinline __noclone

/* How a device is set up; the words of the "setup" command, and what a scenario asks for. */
enum mt_setup {
	MT_SETUP_SOFT		= BIT(0), /* vectors come from our own irq domain: soft_domain.c */
	MT_SETUP_MANAGED	= BIT(1), /* pcim_enable_device(): devres frees the vectors */
	MT_SETUP_AFFINITY	= BIT(2), /* managed interrupts, PCI_IRQ_AFFINITY */
	MT_SETUP_IDLE		= BIT(11), /* nobody requests the vectors */
	MT_SETUP_USER		= MT_SETUP_SOFT | MT_SETUP_MANAGED | MT_SETUP_AFFINITY | MT_SETUP_IDLE,

	MT_SETUP_VIRTUAL	= BIT(7), /* more vectors than the MSI-X table has: virtual.c */
	MT_SETUP_NO_VECTORS	= BIT(6), /* so it never has MSI device data */
	MT_PROBE_FAILS		= BIT(8), /* probe fails and leaves its vectors allocated */
	MT_PROBE_FREES_FAILS	= BIT(9), /* probe frees its vectors and fails */
	MT_PROBE_KEEPS_LOCK	= BIT(10), /* probe returns with the descriptor mutex held */
};

struct mt_device;
struct mt_hold;

struct mt_vector {
	struct mt_device *dev;
	unsigned int virq;
	bool requested;
	atomic_t hits;
	char name[24];
};

/* A device that our driver is bound to. Lives from probe to remove. */
struct mt_device {
	struct list_head node;
	struct pci_dev *pdev;
	const struct mt_model *model;	/* NULL: cannot raise interrupts on demand */
	void __iomem *bar0;
	unsigned int setup;		/* enum mt_setup */
	unsigned int nvec;
	struct mt_vector *vec;
	bool leave_vectors;		/* remove() "forgets" to free them */
	struct task_struct *stray_owner;/* took the mutex and went away with it, see lock.c */
	struct task_struct *deadlocked;	/* waits for the mutex that it holds, see lock.c */
	struct mt_hold *hold;		/* kthread that holds the mutex, see hold.c */
};

/* What a scenario works on. dev is NULL for MT_UNBOUND scenarios. */
struct mt_run {
	struct pci_dev *pdev;
	struct mt_device *dev;
};

enum mt_flags {
	MT_UNBOUND	= BIT(0), /* binds the device itself, so it must not be set up */
	MT_MSIX		= BIT(1), /* needs MSI-X, and one entry of the table free */
	MT_MSI_NOMASK	= BIT(2), /* needs an MSI that cannot be masked */
	MT_MANY		= BIT(3), /* needs four descriptors */
	MT_WHILE_HELD	= BIT(4), /* does not take the mutex: may run while somebody keeps it */
	MT_STAYS	= BIT(5), /* first half of two: do not tear the device down after it */
	MT_PHASE	= BIT(6), /* second half: the device must have been set up */
};

struct mt_scenario {
	const char *name;
	const char *summary;
	int (*run)(struct mt_run *run);
	unsigned int flags;	/* enum mt_flags */
	unsigned int setup;	/* enum mt_setup that the device must have been set up with */
	const char *rules;	/* of the first tier, comma separated, that must report it */
	const char *also;	/* of the other tiers, that may */
};

extern const struct mt_scenario mt_scenarios[];	/* ends with an empty row */

/* main.c: one line of text for the result file; called with no descriptor mutex held */
__printf(1, 2) void mt_note(const char *fmt, ...);

/* device.c */
int mt_driver_register(void);
void mt_driver_unregister(void);
struct mt_device *mt_device_find(const struct pci_dev *pdev);
struct mt_device *mt_device_only(void);
struct mt_device *mt_device_other(const struct mt_device *dev);
int mt_bind(struct pci_dev *pdev, unsigned int nvec, unsigned int setup);
void mt_unbind(struct mt_device *dev);
int mt_vectors_alloc(struct mt_device *dev, unsigned int min, unsigned int max);
int mt_vectors_request(struct mt_device *dev);
int mt_vector_request(struct mt_device *dev, unsigned int index);
int mt_vectors_request_some(struct mt_device *dev, unsigned int nr);
void mt_vectors_free_irq(struct mt_device *dev, unsigned int first);
void mt_vectors_free(struct mt_device *dev);
int mt_vector_raise(struct mt_device *dev, unsigned int index);
unsigned int mt_count_descs(struct device *dev);

/* lose.c */
int mt_lose(const char *what);
void mt_lose_repair(void);

/* soft_domain.c */
enum mt_lose {
	MT_LOSE_NOTHING,	/* free the interrupts, as one should */
	MT_LOSE_DISSOCIATED,	/* take them from their descriptors, do not free them */
	MT_LOSE_ONE,		/* so the first, and no other */
	MT_LOSE_ASSOCIATED,	/* do nothing */
	MT_LOSE_ACTIVATED,	/* free them as they are */
	MT_LOSE_NUMBER,		/* free them, and leave their numbers in the descriptors */
};

int mt_soft_domain_attach(struct pci_dev *pdev);
void mt_soft_domain_detach(struct pci_dev *pdev);
void mt_soft_domain_lose(enum mt_lose how);
void mt_soft_domain_spoil(bool spoil);
void mt_soft_domain_send_high(bool high);
void mt_soft_domain_forget(bool forget);
int mt_soft_domain_swallow(unsigned int nth);
void mt_soft_domain_activate_early(bool early);
void mt_soft_domain_allow_reservation(bool allow);
void mt_soft_domain_refuse_moves(unsigned int virq, bool refuse);
void mt_soft_domain_fail_activation(bool fail);
void mt_soft_domain_spread(bool spread);
void mt_soft_domain_maskable(bool maskable);
void mt_soft_domain_unmask_freed(bool unmask);
void mt_soft_domain_keep_pci_irq(bool keep);
int mt_soft_domain_write_moves(unsigned int virq, bool write);
void mt_soft_domain_reserve(bool reserve);
void mt_soft_domain_fail_at(unsigned int nth);
void mt_soft_domain_contiguous(bool contiguous);
void mt_soft_domain_contiguous_late(bool late);
void mt_soft_domain_files_from(unsigned int nth);
void mt_soft_domain_simple_descs(bool simple);
void mt_soft_domain_remember(unsigned int virq);
void mt_soft_domain_adopt(struct mt_device *dev);
void mt_soft_domain_repair(void);
void mt_soft_domain_exit(void);
unsigned int mt_soft_domain_lost(void);

/* symbols.c */
void mt_symbols_init(void);
void *mt_symbol(const char *name);

/* doomed.c */
int mt_run_doomed(struct mt_device *dev, void (*act)(struct mt_device *dev));

/* scenarios, by file */
int mt_good(struct mt_run *run);
int mt_good_managed(struct mt_run *run);
int mt_good_unrequested(struct mt_run *run);
int mt_good_failed(struct mt_run *run);
int mt_good_insert(struct mt_run *run);

int mt_act_affinity_desc(struct mt_run *run);
int mt_act_affinity_pending(struct mt_run *run);
int mt_act_affinity_pending_idle(struct mt_run *run);
int mt_act_affinity_pending_moved(struct mt_run *run);
int mt_act_affinity_result(struct mt_run *run);
int mt_act_default_irq(struct mt_run *run);
int mt_act_enable_unactivated(struct mt_run *run);
int mt_act_error_swallowed(struct mt_run *run);
int mt_act_placeholder_started(struct mt_run *run);
int mt_act_dead_cpu(struct mt_run *run);
int mt_act_initial_mask(struct mt_run *run);
int mt_act_initial_mask_enable(struct mt_run *run);
int mt_act_irq_storm(struct mt_run *run);
void mt_act_repair(void);
int mt_act_mask_state(struct mt_run *run);
int mt_act_reserve_mode(struct mt_run *run);

int mt_api_error_lost(struct mt_run *run);
int mt_api_msix_entry_vector(struct mt_run *run);
int mt_api_dyn_unsupported(struct mt_run *run);
int mt_api_virq_lookup(struct mt_run *run);

int mt_dom_create_remove_pair(struct mt_run *run);
int mt_dom_hierarchy_changed(struct mt_run *run);
int mt_dom_parent_flags(struct mt_run *run);

int mt_lock_iter_unlocked(struct mt_run *run);
int mt_lock_iter_unlocked_walk(struct mt_run *run);
int mt_lock_iter_unlocked_other(struct mt_run *run);
int mt_lock_mutate_unlocked(struct mt_run *run);
int mt_lock_mutate_unlocked_insert(struct mt_run *run);
int mt_lock_mutate_unlocked_free(struct mt_run *run);
int mt_lock_entry_unlocked(struct mt_run *run);
int mt_lock_entry_unlocked_alloc(struct mt_run *run);
int mt_lock_entry_unlocked_free(struct mt_run *run);
int mt_lock_unbalanced(struct mt_run *run);
int mt_lock_unbalanced_begin(struct mt_run *run);
int mt_lock_unbalanced_exit(struct mt_run *run);
int mt_lock_unbalanced_probe(struct mt_run *run);
int mt_lock_unbalanced_end(struct mt_run *run);
int mt_lock_unbalanced_twice(struct mt_run *run);
int mt_lock_cpu_hotplug_order(struct mt_run *run);
int mt_good_order(struct mt_run *run);
int mt_lock_order_cycle(struct mt_run *run);
int mt_lock_order_cycle_variable(struct mt_run *run);
int mt_lock_order_cycle_bus(struct mt_run *run);
int mt_lock_irq_domain_order(struct mt_run *run);
int mt_lock_atomic(struct mt_run *run);
int mt_lock_atomic_hardirq(struct mt_run *run);
int mt_lock_atomic_spinlock(struct mt_run *run);
int mt_lock_atomic_irqs_off(struct mt_run *run);
int mt_lock_data_swapped(struct mt_run *run);
void mt_lock_end_waiter(void);
int mt_lock_no_device_data(struct mt_run *run);
int mt_lock_no_device_data_lock(struct mt_run *run);
int mt_lock_section_split(struct mt_run *run);
int mt_lock_self_deadlock(struct mt_run *run);
int mt_lock_self_deadlock_end(struct mt_run *run);
int mt_lock_hold_time(struct mt_run *run);
void mt_lock_release_deadlocked(struct mt_device *dev);
void mt_lock_set_stray(struct mt_device *dev);
void mt_lock_release_stray(struct mt_device *dev);
void mt_prepare_desc(struct mt_device *dev, unsigned int index, struct msi_desc *init);

int mt_hold_begin(struct mt_run *run);
int mt_hold_begin_iter(struct mt_run *run);
int mt_hold_end(struct mt_run *run);
int mt_hold_end_bad(struct mt_run *run);
void mt_hold_stop(struct mt_device *dev);

int mt_iter_next_invalid(struct mt_run *run);
int mt_iter_next_invalid_idle(struct mt_run *run);
int mt_iter_next_invalid_done(struct mt_run *run);
int mt_iter_bad_filter(struct mt_run *run);
int mt_iter_cursor_left(struct mt_run *run);
int mt_iter_wrong_yield(struct mt_run *run);
int mt_iter_nested(struct mt_run *run);
int mt_iter_nested_restart(struct mt_run *run);

int mt_life_active_at_free(struct mt_run *run);
int mt_life_free_with_action(struct mt_run *run);
int mt_life_failed_alloc_residue(struct mt_run *run);
int mt_life_free_associated(struct mt_run *run);
int mt_life_msgcb_dangling(struct mt_run *run);
int mt_life_setup_race(struct mt_run *run);
int mt_life_store_not_empty(struct mt_run *run);
int mt_life_store_not_empty_probe(struct mt_run *run);
int mt_life_unbind_leak(struct mt_run *run);
int mt_life_unbind_leak_one(struct mt_run *run);
int mt_life_unbind_leak_probe(struct mt_run *run);
int mt_life_irq_left_after_free(struct mt_run *run);
int mt_life_state_order(struct mt_run *run);
int mt_life_devres_order(struct mt_run *run);
int mt_life_backpointer(struct mt_run *run);
int mt_life_use_after_free(struct mt_run *run);
int mt_life_use_after_free_kfree(struct mt_run *run);

int mt_msg_above_device_mask(struct mt_run *run);
int mt_msg_bad_context(struct mt_run *run);
int mt_msg_ir_rewrite(struct mt_run *run);
int mt_msg_memory_off(struct mt_run *run);
int mt_msg_multi_alignment(struct mt_run *run);
int mt_msg_snooped(struct mt_run *run);
int mt_msg_stale(struct mt_run *run);
int mt_msg_stale_driver(struct mt_run *run);

int mt_alloc_vectors_beyond_table(struct pci_dev *pdev, unsigned int nvec);
int mt_store_virtual_touched(struct mt_run *run);

int mt_sysfs_double_populate(struct mt_run *run);
int mt_sysfs_group_lifetime(struct mt_run *run);
int mt_sysfs_missing(struct mt_run *run);
int mt_sysfs_populate_early(struct mt_run *run);
int mt_sysfs_set_mismatch(struct mt_run *run);
int mt_sysfs_set_mismatch_surplus(struct mt_run *run);
int mt_vec_accounting(struct mt_run *run);
int mt_vec_idle_real_vector(struct mt_run *run);
int mt_vec_never_fired(struct mt_run *run);
void mt_vec_repair(void);
int mt_vec_never_requested(struct mt_run *run);
int mt_vec_never_requested_not_open(struct mt_run *run);
int mt_vfio_msix_resize_gap(struct mt_run *run);
int mt_vfio_msix_resize_gap_quiet(struct mt_run *run);
int mt_vfio_msix_resize_gap_shrink(struct mt_run *run);
int mt_store_count(struct mt_run *run);
int mt_store_duplicate_index(struct mt_run *run);
int mt_store_gap(struct mt_run *run);
int mt_store_multi_msi_shape(struct mt_run *run);
int mt_store_index_bounds(struct mt_run *run);
int mt_store_nvec_zero(struct mt_run *run);
int mt_store_wrong_device(struct mt_run *run);
int mt_store_empty_on_alloc(struct mt_run *run);
int mt_store_empty_while_enabled(struct mt_run *run);
int mt_store_empty_while_enabled_disable(struct mt_run *run);
int mt_store_rollback_harm(struct mt_run *run);
int mt_store_rollback_harm_range(struct mt_run *run);

int mt_loss_nested(struct mt_run *run);
int mt_bench(struct mt_run *run);

#endif /* MSITRACE_TEST_H */
