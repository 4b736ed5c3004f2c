/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BPF programs and their loader share beyond the event ABI: the list of hooks, the argument
 * positions and configuration that the loader puts into read-only data, and map values.  None of
 * this is written to files, so it may change freely.
 */
#ifndef MSITRACE_HOOK_IDS_H
#define MSITRACE_HOOK_IDS_H

#include "msitrace/event.h"
#include "msitrace/stats.h"

/*
 * X(ID, event): one BPF program each, named hook_ID in lower case; event is the type of the events
 * that it makes, or that the hook of the next row makes of what it noted.  LOST, which no hook makes,
 * stands for none: it only measures, and when it is skipped nothing but a duration is lost.
 * src/collect/hooks.c says where each is attached.  They are attached in this order: unlock before
 * lock, so that no lock is noted whose release is not seen.
 */
#define MSI_HOOKS(X) \
X(data_setup,		DATA_SETUP) \
X(data_setup_domain,	DOM_CREATE) \
X(data_release,		DATA_RELEASE) \
X(unlock,		UNLOCK) \
X(lock,			LOCK) \
X(lock_got,		LOST) \
X(first,		FIRST) \
X(next,			NEXT) \
X(insert,		INSERT) \
X(insert_add,		INSERT) \
X(insert_simple,	INSERT) \
X(desc_free,		DESC_FREE) \
X(desc_free_range,	DESC_FREE) \
X(desc_dead,		DESC_DEAD) \
X(alloc,		ALLOC) \
X(alloc_end,		ALLOC_END) \
X(alloc_all_locked,	ALLOC) \
X(alloc_range_locked,	ALLOC) \
X(alloc_descs_locked,	ALLOC) \
X(alloc_descs_end,	ALLOC_END) \
X(alloc_core,		ALLOC) \
X(alloc_core_end,	ALLOC_END) \
X(free_all_locked,	FREE) \
X(free_range_locked,	FREE) \
X(free_descs_locked,	FREE) \
X(assoc_off,		ASSOC) \
X(assoc,		ASSOC) \
X(lookup,		LOOKUP) \
X(irq_alloc,		IRQ_ALLOC) \
X(irq_free,		IRQ_FREE) \
X(irq_free_end,		FREE_END) \
X(vector_alloc,		LOST) \
X(activate_entry,	LOST) \
X(activate,		ACTIVATE) \
X(deactivate,		DEACTIVATE) \
X(msg_write,		MSG_WRITE) \
X(msg_read,		MSG_READ) \
X(aff_entry,		AFF) \
X(aff,			AFF) \
X(aff_ir_entry,		AFF) \
X(aff_ir,		AFF) \
X(aff_ask,		AFF_ASK) \
X(aff_write,		AFF_WRITE) \
X(aff_write_list,	AFF_WRITE) \
X(mask,			MASK) \
X(unmask,		MASK) \
X(mask_msi,		MASK) \
X(unmask_msi,		MASK) \
X(mask_msix,		MASK) \
X(unmask_msix,		MASK) \
X(startup_msi,		MASK) \
X(shutdown_msi,		MASK) \
X(startup_msix,		MASK) \
X(shutdown_msix,	MASK) \
X(update_mask,		MASK) \
X(request,		REQUEST) \
X(unrequest,		UNREQUEST) \
X(fired,			LOST) \
X(pci_enable,		PCI_ENABLE) \
X(pci_enable_end,	PCI_ENABLE_END) \
X(pci_vectors,		PCI_VECTORS) \
X(pci_disable,		PCI_DISABLE) \
X(pci_restore,		PCI_RESTORE) \
X(pci_probe,		BIND) \
X(pci_probe_end,	BIND) \
X(pci_remove,		BIND) \
X(pci_remove_end,	BIND) \
X(platform_probe,	BIND) \
X(platform_probe_end,	BIND) \
X(platform_remove,	BIND) \
X(platform_remove_end,	BIND) \
X(devres_released,	BIND) \
X(task_exit,		TASK_EXIT) \
X(cpus_read_lock,	EDGE) \
X(sem_read,		EDGE) \
X(sem_write,		EDGE) \
X(sem_read_done,	EDGE) \
X(cpu_offline,		LOST) \
X(cpu_unplug,		CPU_HP) \
X(sysfs_add,		SYSFS) \
X(sysfs_del,		SYSFS) \
X(module_load,		MODULE) \
X(snap_dev,		STORE_ENTRY) \
X(snap_irq,		SNAP_IRQ)

#define MSI_X_HOOK(name, event) HOOK_##name,
enum msi_hook { HOOK_none, MSI_HOOKS(MSI_X_HOOK) HOOK_MAX };
#undef MSI_X_HOOK

#define HOOK_ARGS 6

/* Where the arguments of a hooked function are, by meaning; -1: it has none of the kind.  */
struct msi_hook_args {
	__s8 pos[HOOK_ARGS];
	__s8 nargs;
	__s8 pad;
};

/* What the hooks of the baseline are to look at, msi_look: set by user space, which then reads.  */
enum msi_look {
	MSI_LOOK_BASELINE,
	MSI_LOOK_FILES,		/* what a SYSFS_LIST is compared with */
	MSI_LOOK_MATRIX,
	MSI_LOOK_IRQS,		/* what interrupts are at the end */
	MSI_LOOK_ALL_IRQS,	/* the same, and all others of the x86 vector allocator */
	MSI_LOOK_TOTALS,	/* of struct msi_books */
	MSI_LOOK_BOOKS,		/* the rest of it */
	MSI_LOOK_DOMAINS,	/* the next of the irq domains */
};

/*
 * The totals of the x86 vector allocator, and what its interrupts hold, summed up one by one.  User space
 * resets it and looks at totals, interrupts, and totals again.
 */
struct msi_books {
	__u64 ns;		/* when the totals were looked at */
	__u64 since;		/* set by user space: the ns of the first look, */
	__u32 quiet;		/* and nothing changed since */
	__u32 locked;		/* somebody was changing the totals */
	__u32 all_reserved, all_allocated;	/* the totals */
	__u32 irqs, hold, reserved, moving;
};

/* --locks: which locks around descriptor mutexes are looked at.  */
enum msi_locks { MSI_LOCKS_OFF, MSI_LOCKS_MSI, MSI_LOCKS_FULL };

#define MSI_IMAGE_START 0xffffffff80000000ull	/* x86-64: of the kernel and its modules */

/*
 * Locks that are variables, of which --locks=full looks whether a task holds them when it takes a descriptor
 * mutex: pci_bus_sem, and those that were taken below one.  The flag, in bit 0: it is an rw_semaphore.
 */
#define MSI_WATCHED_MAX 9
#define MSI_WATCHED_BUS_SEM 0	/* set by user space */
#define MSI_WATCHED_SEM 1ull

struct msi_config {
	__u64 events;		/* bit MSI_EV_*: types to send */
	__u32 self_tgid;
	__u32 hist;		/* fill the histograms */
	__u32 filter_tgid;	/* 0: all */
	__u32 filter_comm;	/* comm is set */
	__u32 filter_dev;	/* device is set: dev_name() or name of the driver */
	char comm[MSI_COMM_LEN];
	char device[MSI_NAME_LEN];
	/* Bits of irq_common_data::state_use_accessors in this kernel, 0: it has no such bit.  */
	__u32 irqd_activated, irqd_started, irqd_masked, irqd_disabled;
	__u32 irqd_managed, irqd_managed_shutdown, irqd_can_reserve, irqd_pending;
	__u32 irqd_move_pcntxt;	/* before v6.15 */
	__u32 irqd_no_affinity;	/* IRQD_PER_CPU, IRQD_NO_BALANCING */
	__u32 irqchip_move_deferred;	/* of irq_chip::flags, v6.15 */
	__u32 nr_cpus;		/* that there may be */
	__u32 msi_flag_dev_sysfs;	/* of msi_domain_info::flags, 0: no such flag */
	__u32 locks;		/* enum msi_locks */
	__u32 preempt_wide;	/* preempt_count has 64 bits, and other fields */
	__u32 domain_flag_msi_device;	/* of irq_domain::flags, 0: no such flag (before 6.2) */
	__u32 msi_flag_dyn;	/* of msi_domain_info::flags, 0: no such flag (before 6.2) */
	__u32 msi_flag_simple_descs;	/* of msi_domain_info::flags: the core makes the descriptors */
	__u32 msi_flag_contiguous;	/* the same: MSI-X without gaps */
	__u32 msi_flag_multi;	/* the same, and of msi_parent_ops::supported_flags: more than one MSI of a device */
	__u32 domain_flag_msi, domain_flag_msi_parent;	/* of irq_domain::flags; the latter since 6.2 */
	__u32 storm_limit;	/* interrupts per second, 0: none; all handlers are counted */
};

struct msi_hist_key {
	__u64 dev;
	__u32 op;
	__u32 pad;
};

#endif
