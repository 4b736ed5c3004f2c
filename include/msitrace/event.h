/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * THE event ABI: what BPF programs put into the ring buffer, what the validator reads and what a
 * recorded trace holds.  One record is one struct below, its header first.
 *
 * Events and fields are rows of the two lists MSI_EVENTS and MSI_FIELDS_*; the structs here and the
 * tables of event_desc.h (names, kinds, documentation, and with them text, JSON, CTF metadata) are
 * both made from these rows, so that they cannot disagree.
 *
 * Rules: only __u8..__u64, __s32 and char arrays; every hole is a field named pad*; values of event
 * types are never reused; a field is only ever appended to its event (a reader takes records that
 * are longer than it knows, and refuses shorter ones).
 */
#ifndef MSITRACE_EVENT_H
#define MSITRACE_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define MSI_STACK_MAX	32	/* frames; the innermost ones are kept */
#define MSI_COMM_LEN	16	/* TASK_COMM_LEN, include/linux/sched.h */
#define MSI_NAME_LEN	32
#define MSI_ACTION_LEN	24	/* irqaction::name is cut to this */
#define MSI_VFIO_ACTION "vfio-msi"	/* vfio_msi_set_vector_signal(): what its irqaction::name begins with */
#define MSI_VFIO_DRIVER "vfio"	/* what names of its drivers have in them: vfio-pci, mlx5_vfio_pci */
#define MSI_CPU_VECTORS	224	/* of a CPU of x86, from FIRST_EXTERNAL_VECTOR, 32, on */
#define MSI_ENTRIES_MAX	32	/* of an array of struct msix_entry, the first ones are kept */

/* Every event begins with it.  */
struct msi_event_hdr {
	__u16 type;		/* MSI_EV_* */
	__u16 size;		/* bytes, header included */
	__u16 cpu;		/* where the hook ran; NR_CPUS is at most 8192 */
	__u16 hook;		/* index of the hook that made it, named by its MSI_EV_ATTACH; 0: user space */
	__u64 ts_ns;		/* CLOCK_MONOTONIC, bpf_ktime_get_ns() */
	__u64 dev;		/* struct device *, 0 when there is none or it is not known */
	__u32 pid, tid;		/* user space's pid and tid: tgid and pid of the task */
	char comm[MSI_COMM_LEN];
};

struct msi_stack {
	__u32 nr;		/* valid entries of ip[] */
	__u32 pad;
	__u64 ip[MSI_STACK_MAX];	/* innermost first; kernel addresses */
};

/* struct msi_desc: what of it travels in `flags` of STORE_ENTRY, ACTIVATE, MSG_WRITE, ...  */
#define MSI_DESC_MSIX		(1u << 0)	/* pci.msi_attrib.is_msix */
#define MSI_DESC_CAN_MASK	(1u << 1)	/* pci.msi_attrib.can_mask */
#define MSI_DESC_VIRTUAL	(1u << 2)	/* pci.msi_attrib.is_virtual */
#define MSI_DESC_64		(1u << 3)	/* pci.msi_attrib.is_64 */
#define MSI_DESC_PCI		(1u << 4)	/* the device sits on the PCI bus: the bits above mean something */
#define MSI_DESC_CALLBACK	(1u << 5)	/* msi_desc::write_msi_msg is set; of STORE_ENTRY only */
#define MSI_DESC_FOREIGN	(1u << 6)	/* msi_desc::dev is another device; of STORE_ENTRY only */
#define MSI_DESC_IN_DOMAIN	(1u << 7)	/* its interrupt is in the domain of its store; of STORE_ENTRY */
#define MSI_DESC_STATE_KNOWN	(1u << 8)	/* irqd is the state of the interrupt, not just 0 */
#define MSI_DESC_NOT_IN_DOMAIN	(1u << 9)	/* it is in another one; neither: not known (before 6.2) */
#define MSI_DESC_FILES		(1u << 10)	/* msi_desc::sysfs_attrs is set; of STORE_ENTRY only */
#define MSI_DESC_AFFINITY	(1u << 11)	/* msi_desc::affinity is set: it was allocated for certain CPUs */
#define MSI_DESC_ENABLED	(1u << 12)	/* pci_dev::msi_enabled or msix_enabled; of STORE_ENTRY only */
#define MSI_DESC_UNREACHABLE	(1u << 13)	/* the device was unplugged, or is lost; of STORE_ENTRY only */

/* STORE_ENTRY: not every virq of the descriptor is one whose irq_desc was seen.  */
#define MSI_ASSOC_UNKNOWN	0xffff

/* irqd: irq_common_data::state_use_accessors in our own encoding (the kernel's bits moved, so they
 * are translated by name at load time; include/linux/irq.h, anonymous enum).  */
#define MSI_IRQD_ACTIVATED	(1u << 0)
#define MSI_IRQD_STARTED	(1u << 1)
#define MSI_IRQD_MASKED		(1u << 2)
#define MSI_IRQD_DISABLED	(1u << 3)
#define MSI_IRQD_MANAGED	(1u << 4)
#define MSI_IRQD_MANAGED_SHUTDOWN (1u << 5)
#define MSI_IRQD_CAN_RESERVE	(1u << 6)
#define MSI_IRQD_SETAFFINITY_PENDING (1u << 7)
/* Of IRQ_LOOK only: irq_can_move_pcntxt() of kernel/irq/internals.h; irq_can_set_affinity_usr() refuses, managed or not.  */
#define MSI_IRQD_MOVE_PCNTXT	(1u << 8)
#define MSI_IRQD_NO_AFFINITY	(1u << 9)

/* What the x86 vector allocator has in its books for an interrupt, struct apic_chip_data.  */
#define MSI_BOOKS_KNOWN		(1u << 0)	/* they were found */
#define MSI_BOOKS_VECTOR	(1u << 1)	/* it holds a vector */
#define MSI_BOOKS_RESERVED	(1u << 2)	/* it holds a reservation, and the placeholder */
#define MSI_BOOKS_MOVING	(1u << 3)	/* it holds one vector more, of the CPU that it was on */

/* Where a task, or the interrupt on top of it, asks for a mutex; 0: where it may sleep.  */
#define MSI_CTX_HARDIRQ		(1u << 0)	/* handling a hard interrupt */
#define MSI_CTX_SOFTIRQ		(1u << 1)	/* handling a softirq */
#define MSI_CTX_NMI		(1u << 2)
#define MSI_CTX_IRQS_OFF	(1u << 3)	/* interrupts are disabled */
#define MSI_CTX_BH_OFF		(1u << 4)	/* softirqs are disabled */
#define MSI_CTX_PREEMPT_OFF	(1u << 5)	/* preemption is disabled; a spinlock does that */
#define MSI_CTX_ATOMIC		0x3fu		/* any of these */
#define MSI_CTX_UNKNOWN		(1u << 8)	/* only IRQS_OFF was looked at */

/* X(NAME, word, how it came, what to do); the first is 1.  */
#define MSI_LOST_SOURCES(X) \
X(RING,		"ring",		"no room in the ring buffer", "make it larger with --buffer-size") \
X(MAP,		"map",		"a BPF map was full", "watch less with --device") \
X(MISS,		"miss",		"the kernel skipped a BPF program that was running already", "try again, or watch less with --device") \
X(RECORD,	"record",	"records of a wrong size or type", "this is a bug of msitrace, please report it")

enum msi_lost_source {
	MSI_LOST_NONE,
#define MSI_X_LOST(NAME, word, how, hint) MSI_LOST_##NAME,
	MSI_LOST_SOURCES(MSI_X_LOST)
#undef MSI_X_LOST
	MSI_LOST_MAX,
};

enum msi_lost_phase {
	MSI_LOST_HERE = 0,	/* in this place of the stream */
	MSI_LOST_FROM_HERE = 1,	/* anywhere from here to the TO_HERE that follows */
	MSI_LOST_TO_HERE = 2,	/* count is 0 */
};

enum msi_attach_status { MSI_ATTACH_ABSENT = 0, MSI_ATTACH_DEGRADED = 1, MSI_ATTACH_LIVE = 2,
			 MSI_ATTACH_OFF = 3 /* not asked for */ };

enum msi_bind_phase {
	MSI_BIND_PROBE = 1,		/* a bus probe function was entered */
	MSI_BIND_PROBE_END = 2,		/* it returned; ret */
	MSI_BIND_REMOVE = 3,		/* a bus remove function was entered */
	MSI_BIND_REMOVE_END = 4,
	MSI_BIND_RELEASED = 5,		/* devres_release_all() returned: end of unbind, or of a failed probe */
};

enum msi_edge_class {
	MSI_EDGE_CPU_HOTPLUG = 1,	/* cpu_hotplug_lock, read side */
	MSI_EDGE_MSI_MUTEX = 2,		/* the descriptor mutex of another device */
	MSI_EDGE_DOMAIN = 3,		/* irq_domain_mutex, or the mutex of the device's root domain */
	MSI_EDGE_DEVICE = 4,		/* device_lock() of the device or its parent */
	MSI_EDGE_REQUEST = 5,		/* irq_desc::request_mutex of an MSI */
	MSI_EDGE_MUTEX = 6,		/* any other mutex */
	MSI_EDGE_RWSEM = 7,		/* an rw_semaphore, as pci_bus_sem */
};

enum msi_sysfs_files {			/* who makes the files in msi_irqs/ of a device */
	MSI_SYSFS_UNKNOWN = 0,
	MSI_SYSFS_CORE = 1,		/* the domain has MSI_FLAG_DEV_SYSFS */
	MSI_SYSFS_NONE = 2,		/* it has not */
	MSI_SYSFS_LEGACY = 3,		/* no domain: the PCI core, after arch_setup_msi_irqs() */
};

enum msi_alloc_locking {		/* what the entry point asks of its caller */
	MSI_CALL_TAKES_LOCK = 0,	/* takes the mutex itself, or runs below a function that does */
	MSI_CALL_NEEDS_LOCK = 1,	/* *_locked, *_descs_locked: the caller holds it */
};

enum msi_call_bracket {			/* what lies between the ALLOC and the ALLOC_END of a call */
	MSI_BRACKET_NONE = 0,		/* not all: another call is around it, or has no ALLOC_END */
	MSI_BRACKET_WHOLE = 1,		/* all that the call does, also what it undoes when it fails */
	MSI_BRACKET_UNDONE_AFTER = 2,	/* its caller undoes, right after it failed (6.2) */
};

#define MSI_INDEX_ANY	0xffffffffu	/* MSI_ANY_INDEX: the kernel chooses one */
#define MSI_INDEX_MAX	65535		/* MSI_MAX_INDEX */

enum msi_context {			/* what the core does when a message is written */
	MSI_CONTEXT_UNKNOWN = 0,	/* no symbols, or the stack was cut */
	MSI_CONTEXT_ACTIVATION = 1,
	MSI_CONTEXT_DEACTIVATION = 2,
	MSI_CONTEXT_AFFINITY = 3,
	MSI_CONTEXT_RESTORE = 4,	/* after resume or reset */
	MSI_CONTEXT_PCI_CORE = 5,	/* MSI or MSI-X is enabled or disabled */
	MSI_CONTEXT_ELSEWHERE = 6,	/* none of these: whoever called */
	MSI_CONTEXT_MAX = 7,
};

enum msi_decodes {			/* of a device that an MSI-X message is written to */
	MSI_DECODES_UNKNOWN = 0,	/* or none is: not in D0, disconnected, a virtual entry */
	MSI_DECODES_YES = 1,		/* PCI_COMMAND_MEMORY is set */
	MSI_DECODES_NO = 2,
};

/*
 * X(ID, name, value, stack, doc): stack says that the record ends with a struct msi_stack.
 * ORDER: by value, append only.
 */
#define MSI_EVENTS(X) \
X(LOST,		lost,		1, 0, "events that are missing from the stream") \
X(ATTACH,	attach,		2, 0, "a hook: which role it fills, which function it is on, or why not") \
X(KERNEL,	kernel,		3, 0, "the kernel that made the stream") \
X(BASELINE,	baseline,	4, 0, "begin and end of the look at what existed before attaching") \
X(DEV_INFO,	dev_info,	5, 0, "a device, before its first event and whenever its data or driver changes") \
X(DATA_SETUP,	data_setup,	6, 1, "MSI device data allocated") \
X(DATA_RELEASE,	data_release,	7, 1, "MSI device data about to be released") \
X(STORE_BEGIN,	store_begin,	8, 0, "begin of a list of the descriptors in a store") \
X(STORE_ENTRY,	store_entry,	9, 0, "one descriptor of that list") \
X(STORE_END,	store_end,	10, 0, "end of that list") \
X(LOCK_TRY,	lock_try,	11, 1, "a descriptor mutex is asked for that somebody holds, or where nobody may sleep") \
X(LOCK,		lock,		12, 1, "a descriptor mutex was taken") \
X(UNLOCK,	unlock,		13, 1, "a descriptor mutex is being released") \
X(FIRST,	first,		14, 1, "an iteration over descriptors was started") \
X(NEXT,		next,		15, 1, "an iteration over descriptors was continued") \
X(INSERT,	insert,		16, 1, "a descriptor was inserted, or could not be") \
X(DESC_FREE,	desc_free,	17, 1, "a range of descriptors is about to be freed") \
X(ALLOC,	alloc,		18, 1, "interrupt allocation entered") \
X(ALLOC_END,	alloc_end,	19, 0, "interrupt allocation returned") \
X(FREE,		free,		20, 1, "interrupt free entered") \
X(FREE_END,	free_end,	21, 0, "interrupt free returned") \
X(ASSOC,	assoc,		22, 1, "a virq was associated with a descriptor, or dissociated") \
X(IRQ_ALLOC,	irq_alloc,	23, 1, "virqs were allocated in an irq domain") \
X(IRQ_FREE,	irq_free,	24, 1, "a virq is about to be freed") \
X(ACTIVATE,	activate,	25, 1, "an interrupt was activated") \
X(DEACTIVATE,	deactivate,	26, 1, "an interrupt is being deactivated") \
X(MSG_WRITE,	msg_write,	27, 1, "a message is being written to the device") \
X(AFF,		aff,		28, 1, "the affinity of an interrupt was set in the chip") \
X(MASK,		mask,		29, 1, "a vector was masked or unmasked") \
X(REQUEST,	request,	30, 1, "a handler was requested") \
X(UNREQUEST,	unrequest,	31, 1, "a handler is being freed") \
X(PCI_ENABLE,	pci_enable,	32, 1, "the PCI core set up MSI or MSI-X interrupts") \
X(PCI_DISABLE,	pci_disable,	33, 1, "the PCI core tears down MSI or MSI-X interrupts") \
X(PCI_RESTORE,	pci_restore,	34, 0, "the PCI core restores messages after resume or reset") \
X(BIND,		bind,		35, 1, "a driver is probed, removed, or its managed resources were released") \
X(TASK_EXIT,	task_exit,	36, 0, "a task exits while it holds a descriptor mutex") \
X(EDGE,		edge,		37, 1, "a lock is taken while another one is held, one of them being a descriptor mutex") \
X(SYSFS,	sysfs,		38, 1, "the msi_irqs/ files of a descriptor were made or removed") \
X(SNAP_IRQ,	snap_irq,	39, 0, "an interrupt that existed before attaching") \
X(MODULE,	module,		40, 0, "a module was loaded; its symbols can be read") \
X(PCI_ENABLE_END, pci_enable_end, 41, 1, "MSI-X was enabled, or could not be") \
X(SYSFS_LIST,	sysfs_list,	42, 0, "what the msi_irqs/ directory of a device names: a run of numbers") \
X(END,		end,		43, 0, "the run ends") \
X(MATRIX_CPU,	matrix_cpu,	44, 0, "x86 vectors of a CPU; the matrix event with their totals follows") \
X(MATRIX,	matrix,		45, 0, "x86 vectors in all: a look at the counters of the vector allocator") \
X(CPU_HP,	cpu_hp,		46, 1, "x86: may this CPU go offline, as far as its vectors go?") \
X(DESC_DEAD,	desc_dead,	47, 1, "kfree() of the memory of a descriptor") \
X(LOOKUP,	lookup,		48, 1, "an interrupt was looked up by its index") \
X(DOM_CREATE,	dom_create,	49, 1, "an irq domain of its own was made for a device, or refused") \
X(IRQ_LOOK,	irq_look,	50, 0, "what an interrupt is when it is looked at: when the run ends, or in a snapshot") \
X(STORM,	storm,		51, 0, "an interrupt fired more often than the limit that the user gave") \
X(MSG_READ,	msg_read,	52, 1, "a driver asks for the message of its interrupt") \
X(PCI_VECTORS,	pci_vectors,	53, 1, "a driver got vectors of a PCI device, or did not") \
X(AFF_ASK,	aff_ask,	54, 1, "an affinity was asked for, which may be set later") \
X(DOMAIN_LOOK,	domain_look,	55, 0, "an irq domain that is registered, of a look at all of them") \
X(MATRIX_IRQS,	matrix_irqs,	56, 0, "whose the x86 vectors of a CPU are; it follows the matrix_cpu of a full one") \
X(AFF_WRITE,	aff_write,	57, 1, "user space wrote an affinity, and was refused")

/*
 * Fields of each event after the header, in order: F(ctype, name, kind, doc) and
 * A(ctype, name, count, kind, doc).  Kinds are enum field_kind of event_desc.h.
 */
#define MSI_FIELDS_lost(F, A) \
F(__u64, count,		DEC,	"how many") \
F(__u32, source,	DEC,	"enum msi_lost_source") \
F(__u32, event,		DEC,	"event type that is missing; 0: any") \
F(__u32, phase,		DEC,	"enum msi_lost_phase") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_attach(F, A) \
F(__u16, event,		DEC,	"event type that the hook makes; 0: helper of others") \
F(__u16, status,	DEC,	"enum msi_attach_status") \
F(__u32, pad,		PAD,	"") \
A(char, role, 32,	STR,	"role in the hook table") \
A(char, func, 64,	STR,	"kernel function or tracepoint") \
A(char, why, 96,	STR,	"reason, when absent or degraded")

#define MSI_FIELDS_kernel(F, A) \
F(__u32, version,	HEX,	"KERNEL_VERSION of it") \
F(__u32, profile,	HEX,	"enum rule_profile bits that hold here") \
A(char, release, 72,	STR,	"uname -r")

#define MSI_FIELDS_baseline(F, A) \
F(__u32, phase,		DEC,	"0 begin, 1 end") \
F(__u32, devices,	DEC,	"devices with MSI data that were read") \
F(__u32, descs,		DEC,	"descriptors found in their stores") \
F(__u32, irqs,		DEC,	"interrupts found") \
F(__u32, failed,	DEC,	"objects that could not be read, or changed while they were") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_dev_info(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *, 0: none yet") \
F(__u64, mutex,		PTR,	"its descriptor mutex") \
A(char, name, MSI_NAME_LEN, STR, "dev_name()") \
A(char, driver, MSI_NAME_LEN, STR, "bound driver, empty when there is none") \
A(char, bus, 16,	STR,	"bus type")

#define MSI_FIELDS_data_setup(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__s32, ret,		RET,	"of msi_setup_device_data()") \
F(__u32, pad,		PAD,	"") \
F(__u64, replaced,	PTR,	"data that the device had, and that was not released; 0: none")

#define MSI_FIELDS_data_release(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, ndescs,	DEC,	"descriptors still in its stores; a STORE list precedes when not 0") \
F(__u32, list,		DEC,	"id of that list") \
F(__u32, own_domain,	BOOL,	"the device has an irq domain of its own, which goes with the data (6.2)") \
F(__u32, mapped,	DEC,	"interrupts that are mapped in that domain") \
F(__u32, holder_tid,	DEC,	"who holds the descriptor mutex, 0: nobody") \
F(__u32, pad,		PAD,	"") \
F(__u32, managed,	BOOL,	"pci_dev::is_managed: devres frees its vectors") \
F(__u32, unfreed,	BOOL,	"pci_dev::is_msi_managed: it has not done so yet")

#define MSI_FIELDS_store_begin(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, owner,		PTR,	"task_struct that holds the mutex, of a baseline: since before attaching; 0: nobody") \
F(__u32, list,		DEC,	"id of the list") \
F(__u32, owner_tid,	DEC,	"tid of the owner") \
F(__u16, why,		DEC,	"event type that the list belongs to") \
F(__u16, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, pad,		PAD,	"") \
F(__u32, files,		DEC,	"enum msi_sysfs_files") \
F(__u32, contiguous,	BOOL,	"the domain has MSI_FLAG_MSIX_CONTIGUOUS")

#define MSI_FIELDS_store_entry(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u32, list,		DEC,	"id of the list") \
F(__u32, index,		DEC,	"key in the store") \
F(__u32, irq,		DEC,	"msi_desc::irq, 0: not associated") \
F(__u32, nvec_used,	DEC,	"msi_desc::nvec_used") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*; without STATE_KNOWN irqd means nothing") \
F(__u32, msi_index,	DEC,	"msi_desc::msi_index") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* of the first virq") \
F(__u32, assoc,		DEC,	"of [irq, irq + nvec_used): how many point back to desc; 65535: not known") \
F(__u32, msg_lo,	HEX,	"cached message: address_lo; 0: none was written, or it was deleted") \
F(__u32, msg_hi,	HEX,	"cached message: address_hi") \
F(__u32, multiple,	DEC,	"pci.msi_attrib.multiple: log2 of the messages that an MSI was given") \
F(__u32, multi_cap,	DEC,	"pci.msi_attrib.multi_cap: log2 of those that the device is capable of") \
F(__u32, mask,		HEX,	"cached mask bits: msi_mask, or msix_ctrl of MSI-X") \
F(__u32, default_irq,	DEC,	"pci.msi_attrib.default_irq: the interrupt of the device's pin") \
F(__u32, pci_irq,	DEC,	"pci_dev::irq") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_store_end(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, list,		DEC,	"id of the list") \
F(__u32, count,		DEC,	"entries sent") \
F(__u32, pad,		PAD,	"") \
F(__u32, cut,		BOOL,	"the walk was given up before the end")

#define MSI_FIELDS_lock_try(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, owner_tid,	DEC,	"who holds it, 0: nobody") \
F(__u32, owner_current,	BOOL,	"the asking task itself holds it") \
F(__u32, context,	CONTEXT, "MSI_CTX_*") \
F(__u32, preempt_depth,	DEC,	"how often preemption was disabled, if that is known")

#define MSI_FIELDS_lock(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, wait_ns,	NS,	"time between asking and getting") \
F(__u32, nested,	DEC,	"descriptor mutexes that the task held already") \
F(__u32, context,	CONTEXT, "MSI_CTX_*, when it was asked for")

#define MSI_FIELDS_unlock(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, hold_ns,	NS,	"time since it was taken, 0: not known") \
F(__u32, owner_tid,	DEC,	"who holds it") \
F(__u32, owner_current,	BOOL,	"the releasing task holds it") \
F(__u32, pci,		BOOL,	"the device sits on the PCI bus: msi_enabled means something") \
F(__u32, msi_enabled,	BOOL,	"pci_dev::msi_enabled") \
F(__u32, empty,		BOOL,	"no descriptor is in the store") \
F(__u32, cursor,	DEC,	"of the iterators; 65535 and above: reset")

#define MSI_FIELDS_iter(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *, 0: the device has none") \
F(__u64, desc,		PTR,	"what it yielded, 0: NULL") \
F(__u64, caller,	IP,	"return address") \
F(__u64, caller_fn,	PTR,	"start of the function that contains it; filled in by user space") \
F(__u32, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, filter,	DEC,	"enum msi_desc_filter") \
F(__u32, index,		DEC,	"msi_index of desc") \
F(__u32, irq,		DEC,	"irq of desc") \
F(__u32, owner_tid,	DEC,	"who holds the descriptor mutex, 0: nobody") \
F(__u32, owner_current,	BOOL,	"the calling task holds it") \
F(__u32, foreign,	BOOL,	"msi_desc::dev of desc is another device") \
F(__u32, pad,		PAD,	"")
#define MSI_FIELDS_first MSI_FIELDS_iter
#define MSI_FIELDS_next MSI_FIELDS_iter

#define MSI_FIELDS_insert(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, desc,		PTR,	"struct msi_desc *, 0: not found in the store") \
F(__u32, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, index,		DEC,	"msi_index; 4294967295: any, when there was none") \
F(__u32, nvec_used,	DEC,	"vectors of the descriptor") \
F(__s32, ret,		RET,	"what the function returned") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*") \
F(__u32, owner_tid,	DEC,	"who holds the descriptor mutex, 0: nobody") \
F(__u32, owner_current,	BOOL,	"the calling task holds it") \
F(__u32, pad,		PAD,	"") \
F(__u32, hwsize,	DEC,	"indices that the domain has, 0: not known (before 6.2)") \
F(__u32, nr,		DEC,	"of a failure: indices from here on that the call was to insert") \
F(__u32, has_domain,	BOOL,	"the store has an irq domain (6.2)") \
F(__u32, dyn,		BOOL,	"which lets MSI-X vectors be added to those that are there")

#define MSI_FIELDS_desc_free(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, first,		DEC,	"first msi_index of the range") \
F(__u32, last,		DEC,	"last msi_index of the range, inclusive") \
F(__u32, filter,	DEC,	"enum msi_desc_filter; 0: all") \
F(__u32, ndescs,	DEC,	"descriptors in the range; a STORE list precedes when not 0") \
F(__u32, list,		DEC,	"id of that list") \
F(__u32, keeps_assoc,	BOOL,	"the kernel leaks a descriptor whose irq is set, instead of freeing it (6.2)") \
F(__u32, owner_tid,	DEC,	"who holds the descriptor mutex, 0: nobody") \
F(__u32, owner_current,	BOOL,	"the calling task holds it") \
F(__u32, hwsize,	DEC,	"indices that the domain has, 0: not known (before 6.2)")

#define MSI_FIELDS_desc_dead(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *")

#define MSI_FIELDS_call(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, locking,	DEC,	"enum msi_alloc_locking") \
F(__u32, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, first,		DEC,	"first msi_index, if the call names one") \
F(__u32, last,		DEC,	"last msi_index, or the number of vectors minus 1") \
F(__u32, owner_tid,	DEC,	"who holds the descriptor mutex, 0: nobody") \
F(__u32, owner_current,	BOOL,	"the calling task holds it") \
F(__u32, hwsize,	DEC,	"indices that the domain has, 0: not known (before 6.2)") \
F(__u32, bracket,	DEC,	"enum msi_call_bracket") \
F(__u32, finds_descs,	BOOL,	"of alloc: the irq domain is one of PCI, whose descriptors are there before") \
F(__u32, empty,		BOOL,	"of alloc: no descriptor is in the store")
#define MSI_FIELDS_alloc MSI_FIELDS_call
#define MSI_FIELDS_free MSI_FIELDS_call

#define MSI_FIELDS_call_end(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, duration_ns,	NS,	"time spent in the call, 0: not known") \
F(__s32, ret,		RET,	"what it returned; 0 for a void function") \
F(__u32, pad,		PAD,	"") \
F(__u32, bracket,	DEC,	"enum msi_call_bracket") \
F(__u32, pad2,		PAD,	"")
#define MSI_FIELDS_alloc_end MSI_FIELDS_call_end
#define MSI_FIELDS_free_end MSI_FIELDS_call_end

#define MSI_FIELDS_assoc(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *, 0: dissociated") \
F(__u32, irq,		DEC,	"virq: irq_base + irq_offset") \
F(__u32, offset,	DEC,	"irq_offset") \
F(__s32, ret,		RET,	"of irq_set_msi_desc_off()") \
F(__u32, index,		DEC,	"msi_index of desc")

#define MSI_FIELDS_irq_alloc(F, A) \
F(__u64, domain,	PTR,	"struct irq_domain *") \
F(__u32, irq,		DEC,	"first virq, 0: failed") \
F(__u32, nr,		DEC,	"how many") \
F(__s32, ret,		RET,	"what the function returned") \
F(__u32, pad,		PAD,	"") \
A(char, name, MSI_NAME_LEN, STR, "name of the domain")

#define MSI_FIELDS_irq_free(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc * of the interrupt") \
F(__u64, handler,	IP,	"irqaction::handler of the first action, 0: none") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_*") \
F(__u32, known,		BOOL,	"irq_desc was known: handler and irqd are what the kernel has") \
F(__u32, pad,		PAD,	"") \
A(char, name, MSI_ACTION_LEN, STR, "irqaction::name")

#define MSI_FIELDS_activate(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u64, duration_ns,	NS,	"time spent in the call, 0: not known") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, reserve,	BOOL,	"reservation mode was asked for") \
F(__s32, ret,		RET,	"of irq_domain_activate_irq()") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* when it returned") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*") \
F(__u32, pad,		PAD,	"") \
F(__u64, domain,	PTR,	"struct irq_domain * that the interrupt is in") \
F(__u64, root,		PTR,	"the outermost of its parents; 0: there are too many") \
F(__u32, depth,		DEC,	"irq domains from domain to root, both counted") \
F(__u32, remapped,	BOOL,	"one of them remaps interrupts") \
F(__u64, wanted,	CPUS,	"mask that is in force, CPUs 0 to 63") \
F(__u64, effective,	CPUS,	"effective mask when it returned, CPUs 0 to 63") \
F(__u64, online,	CPUS,	"CPUs that are online, 0 to 63; none: not known")

#define MSI_FIELDS_deactivate(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* before")

#define MSI_FIELDS_msg_write(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u32, irq,		DEC,	"msi_desc::irq") \
F(__u32, index,		DEC,	"msi_index") \
F(__u32, old_lo,	HEX,	"cached message: address_lo") \
F(__u32, old_hi,	HEX,	"cached message: address_hi") \
F(__u32, old_data,	HEX,	"cached message: data") \
F(__u32, new_lo,	HEX,	"new message: address_lo") \
F(__u32, new_hi,	HEX,	"new message: address_hi") \
F(__u32, new_data,	HEX,	"new message: data") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_*") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*; without STATE_KNOWN irqd means nothing") \
F(__u32, mask,		HEX,	"cached mask bits: msi_mask, or msix_ctrl of MSI-X") \
F(__u32, in_aff,	BOOL,	"below msi_set_affinity()") \
F(__u32, context,	DEC,	"enum msi_context, from the stack; filled in by user space") \
F(__u32, decodes,	DEC,	"enum msi_decodes: does the device take accesses to its memory?") \
F(__u32, multiple,	DEC,	"MSI: log2 of the messages that the device is told it may send") \
F(__u32, nvec_used,	DEC,	"msi_desc::nvec_used") \
F(__u64, addr_mask,	HEX,	"bits of addresses that the device can write to; 0: not known")

#define MSI_FIELDS_msg_read(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *, 0: not known") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, pad,		PAD,	"")

/*
 * Where an interrupt goes and what its device was told, at the moment of the event; struct msi_now.
 * vector is 0 unless x86's local APIC composes the message, without STATE_KNOWN it was being changed.
 */
#define MSI_FIELDS_now(F, A) \
F(__u32, now_irqd,	IRQD,	"MSI_IRQD_*") \
F(__u32, now_flags,	DFLAGS,	"MSI_DESC_*; without STATE_KNOWN the fields may not belong together") \
F(__u32, now_vector,	HEX,	"x86 vector; 0: not known, or not what the message is made of") \
F(__u32, now_dest,	DEC,	"APIC id") \
F(__u32, now_lo,	HEX,	"cached message: address_lo") \
F(__u32, now_hi,	HEX,	"cached message: address_hi") \
F(__u32, now_data,	HEX,	"cached message: data") \
F(__u32, now_offset,	DEC,	"of the virq in its descriptor; the message is that of the first") \
F(__u32, now_books,	HEX,	"MSI_BOOKS_*") \
F(__u32, now_mask,	HEX,	"cached mask bits: msi_mask, or msix_ctrl of MSI-X")

#define MSI_FIELDS_aff(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u64, requested,	CPUS,	"requested mask, CPUs 0 to 63") \
F(__u64, effective,	CPUS,	"effective mask afterwards, CPUs 0 to 63") \
F(__u64, duration_ns,	NS,	"time spent in the call") \
F(__u32, irq,		DEC,	"virq") \
F(__s32, ret,		RET,	"0 OK, 1 NOCOPY, 2 DONE, or -errno") \
F(__u32, old_vector,	HEX,	"x86 vector before; 0: not known") \
F(__u32, new_vector,	HEX,	"x86 vector after") \
F(__u32, old_dest,	DEC,	"APIC id before") \
F(__u32, new_dest,	DEC,	"APIC id after") \
F(__u32, writes,	DEC,	"messages written during the call") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* at entry") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*") \
F(__u32, pad,		PAD,	"") \
MSI_FIELDS_now(F, A) \
F(__u64, fired,		DEC,	"times that it fired since it exists") \
F(__u64, wanted,	CPUS,	"mask that was in force before, CPUs 0 to 63") \
F(__u64, online,	CPUS,	"CPUs that are online, 0 to 63; none: not known")

#define MSI_FIELDS_aff_write(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *; 0: it is no MSI") \
F(__u64, wanted,	CPUS,	"mask that is in force, CPUs 0 to 63") \
F(__u32, irq,		DEC,	"virq") \
F(__s32, ret,		RET,	"of the write") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* when it returned") \
F(__u32, list,		BOOL,	"to smp_affinity_list, else to smp_affinity") \
A(char, text, 32,	STR,	"what was written, its beginning")

#define MSI_FIELDS_aff_ask(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u64, requested,	CPUS,	"requested mask, CPUs 0 to 63") \
F(__u64, fired,		DEC,	"times that it fired since it exists") \
F(__u32, irq,		DEC,	"virq") \
F(__s32, ret,		RET,	"of irq_set_affinity_locked()") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_* when it returned") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_mask(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u32, irq,		DEC,	"irq_data::irq") \
F(__u32, masked,	BOOL,	"1 mask, 0 unmask")

#define MSI_FIELDS_request(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *, 0: not an MSI") \
F(__u64, handler,	IP,	"primary handler") \
F(__u64, thread_fn,	IP,	"threaded handler") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, irqflags,	HEX,	"IRQF_*") \
F(__s32, ret,		RET,	"of request_threaded_irq()") \
F(__u32, pad,		PAD,	"") \
A(char, name, MSI_ACTION_LEN, STR, "device name given") \
MSI_FIELDS_now(F, A)

#define MSI_FIELDS_unrequest(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *, 0: not an MSI") \
F(__u64, handler,	IP,	"handler of the first action, 0: none is installed") \
F(__u64, watched_ns,	NS,	"for how long calls of the handler were counted, 0: they were not") \
F(__u64, fired_ns,	NS,	"how long ago it was called last, if it was") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, fired,		DEC,	"times that it was called since it is watched") \
A(char, name, MSI_ACTION_LEN, STR, "irqaction::name") \
MSI_FIELDS_now(F, A) \
F(__u64, total,		DEC,	"times that it fired since it exists")

enum { MSI_CAP_MSI = 5, MSI_CAP_MSIX = 17 };	/* PCI_CAP_ID_* */
enum {				/* PCI_IRQ_* of include/linux/pci.h, the same since they exist */
	MSI_PCI_IRQ_INTX = 1, MSI_PCI_IRQ_MSI = 2, MSI_PCI_IRQ_MSIX = 4, MSI_PCI_IRQ_AFFINITY = 8,
	MSI_PCI_IRQ_VIRTUAL = 16,	/* 5.2 */
};

#define MSI_FIELDS_pci_enable(F, A) \
F(__u32, cap,		DEC,	"5 MSI, 17 MSI-X: PCI_CAP_ID_*") \
F(__u32, nvec,		DEC,	"vectors asked for") \
F(__s32, ret,		RET,	"0, -errno, or how many there could have been") \
F(__u32, ndescs,	DEC,	"descriptors of the device; a STORE list precedes when not 0") \
F(__u32, list,		DEC,	"id of that list") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_pci_vectors(F, A) \
F(__u32, min,		DEC,	"fewest vectors that will do") \
F(__u32, max,		DEC,	"most vectors asked for") \
F(__u32, flags,		PCI_IRQ, "PCI_IRQ_*") \
F(__s32, ret,		RET,	"vectors given, or -errno") \
F(__u32, single_msi,	BOOL,	"fewer than asked for, since its domain gives a device one MSI only: no MSI_FLAG_MULTI_PCI_MSI") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_pci_disable(F, A) \
F(__u32, msi_enabled,	BOOL,	"pci_dev::msi_enabled") \
F(__u32, msix_enabled,	BOOL,	"pci_dev::msix_enabled")

#define MSI_FIELDS_pci_restore(F, A) \
F(__u32, msi_enabled,	BOOL,	"pci_dev::msi_enabled") \
F(__u32, msix_enabled,	BOOL,	"pci_dev::msix_enabled")

#define MSI_FIELDS_bind(F, A) \
F(__u32, phase,		DEC,	"enum msi_bind_phase") \
F(__s32, ret,		RET,	"of the probe") \
A(char, driver, MSI_NAME_LEN, STR, "driver")

#define MSI_FIELDS_task_exit(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, hold_ns,	NS,	"for how long it has held it")

#define MSI_FIELDS_edge(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data * whose mutex it is about") \
F(__u64, lock,		PTR,	"the other lock; of class msi_mutex its struct msi_device_data *") \
F(__u32, class,		DEC,	"enum msi_edge_class, of the other lock") \
F(__u32, reversed,	BOOL,	"the other lock was held first") \
F(__u64, gate1,		PTR,	"locks that the task held all the while, as far as known: like lock") \
F(__u64, gate2,		PTR,	"") \
F(__u64, gate3,		PTR,	"") \
F(__u32, holder_tid,	DEC,	"who holds the lock that is asked for, 0: nobody, or not known") \
F(__u32, irq,		DEC,	"of class request: virq") \
A(char, name, MSI_NAME_LEN, STR, "of class device: the device; of class mutex and rwsem: the variable that it is, if it is one")

#define MSI_FIELDS_sysfs(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u32, irq,		DEC,	"msi_desc::irq") \
F(__u32, add,		BOOL,	"1 about to be made, 0 about to be removed") \
F(__u32, had,		BOOL,	"it has such files") \
F(__u32, pad,		PAD,	"")

#define MSI_FIELDS_snap_irq(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u64, handler,	IP,	"handler of the first action, 0: none") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, irqd,		IRQD,	"MSI_IRQD_*") \
F(__u32, index,		DEC,	"msi_index") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*") \
A(char, name, MSI_ACTION_LEN, STR, "irqaction::name")

#define MSI_FIELDS_module(F, A) \
A(char, name, 56,	STR,	"module name")

#define MSI_FIELDS_pci_enable_end(F, A) \
F(__u32, min,		DEC,	"fewest vectors that will do") \
F(__u32, max,		DEC,	"most vectors asked for") \
F(__s32, ret,		RET,	"vectors given, or -errno") \
F(__u32, nr,		DEC,	"pairs in the lists below; 0: the caller gave no struct msix_entry") \
A(__u32, entry, MSI_ENTRIES_MAX, LIST, "msix_entry::entry, the index that the caller asks for") \
A(__u32, vector, MSI_ENTRIES_MAX, LIST, "msix_entry::vector, the virq that it was given for it")

/* A STORE list, read at the same time, precedes.  */
#define MSI_FIELDS_sysfs_list(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, list,		DEC,	"id of the STORE list") \
F(__u32, run,		DEC,	"number of this run, from 0; they ascend") \
F(__u32, runs,		DEC,	"how many there are; 0: the directory is empty, and this is no run") \
F(__u32, first,		DEC,	"first virq of the run") \
F(__u32, last,		DEC,	"last virq of the run, inclusive") \
F(__u32, names,		DEC,	"files in the directory")

#define MSI_FIELDS_end(F, A) \
F(__u64, duration_ns,	NS,	"time since everything was attached")

/* struct cpumap of kernel/irq/matrix.c.  */
#define MSI_FIELDS_matrix_cpu(F, A) \
F(__u32, sample,	DEC,	"id of the look that it belongs to") \
F(__u32, at,		DEC,	"number of the CPU") \
F(__u32, available,	DEC,	"vectors that are free") \
F(__u32, allocated,	DEC,	"vectors that are taken") \
F(__u32, managed,	DEC,	"vectors that are set aside for managed interrupts") \
F(__u32, managed_allocated, DEC, "those of them that are taken") \
F(__u32, online,	BOOL,	"interrupts may go there") \
F(__u32, removable,	BOOL,	"it has a file `online`; filled in by user space") \
F(__u64, taken0,	HEX,	"bitmap of the vectors that are taken: 0 to 63") \
F(__u64, taken1,	HEX,	"64 to 127") \
F(__u64, taken2,	HEX,	"128 to 191") \
F(__u64, taken3,	HEX,	"192 to 255")

/* vector_irq[] of arch/x86/kernel/apic/vector.c.  */
#define MSI_FIELDS_matrix_irqs(F, A) \
F(__u32, sample,	DEC,	"id of the look that it belongs to") \
F(__u32, at,		DEC,	"number of the CPU") \
F(__u32, nr,		DEC,	"elements of the list") \
F(__u32, pad,		PAD,	"") \
A(__u32, irq, MSI_CPU_VECTORS, LIST, "virq at vector 32, 33, ...; 0: none")

/* struct irq_matrix.  */
#define MSI_FIELDS_matrix(F, A) \
F(__u32, sample,	DEC,	"id of the look") \
F(__u32, cpus,		DEC,	"CPUs that it has seen; 0: the counters cannot be found") \
F(__u32, available,	DEC,	"free vectors of all CPUs that are online") \
F(__u32, reserved,	DEC,	"interrupts that hold a reservation, and will want a vector") \
F(__u32, allocated,	DEC,	"vectors that are taken") \
F(__u32, online,	DEC,	"CPUs that are online") \
F(__u32, stable,	BOOL,	"the totals did not change meanwhile") \
F(__u32, irqs,		DEC,	"interrupts of the allocator that were looked at before; 0: none were") \
F(__u64, irqs_ns,	HEX,	"when the first of them was, by the clock of the header") \
F(__u32, irqs_hold,	DEC,	"vectors that they hold") \
F(__u32, irqs_reserved,	DEC,	"of them: hold a reservation") \
F(__u32, irqs_moving,	DEC,	"of them: are being moved, and hold two vectors") \
F(__u32, irqs_stable,	BOOL,	"two passes over them said the same, and the totals did not change meanwhile")

#define MSI_FIELDS_irq_look(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *; 0: it is no MSI, but one of the x86 vector allocator") \
F(__u64, handler,	IP,	"handler of the first action, 0: none") \
F(__u64, effective,	CPUS,	"CPUs that it is sent to, 0 to 63; none: not known") \
F(__u64, online,	CPUS,	"CPUs that are online, 0 to 63; none: not known") \
F(__u64, fired,		DEC,	"times that it fired since it exists") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, index,		DEC,	"msi_index") \
A(char, name, MSI_ACTION_LEN, STR, "irqaction::name") \
MSI_FIELDS_now(F, A) \
F(__u64, watched_ns,	NS,	"for how long calls of the handler were counted, 0: they were not") \
F(__u64, hwirq,		DEC,	"irq_data::hwirq, in its domain") \
F(__u64, thread_fn,	IP,	"threaded handler of the first action, 0: none") \
F(__u32, held,		DEC,	"x86 vector that it holds by now_books; 0: none") \
F(__u32, held_at,	DEC,	"CPU of that vector") \
F(__u32, left,		DEC,	"x86 vector that it still holds on the CPU that it was on; 0: none") \
F(__u32, left_at,	DEC,	"CPU of that one") \
A(char, domain, 48,	STR,	"name of its irq domain") \
A(char, parent, 32,	STR,	"name of the domain that this one is on") \
A(char, chip, 32,	STR,	"irq_chip::name") \
A(char, actions, 64,	STR,	"irqaction::name of all actions, with commas; filled in by user space") \
F(__u64, parent_hwirq,	DEC,	"irq_data::hwirq in the parent") \
A(char, above, 32,	STR,	"name of the domain that the parent is on") \
A(char, top, 32,	STR,	"name of the domain that that one is on")

/* struct irq_domain of include/linux/irqdomain.h.  */
#define MSI_FIELDS_domain_look(F, A) \
F(__u64, domain,	PTR,	"struct irq_domain *") \
F(__u32, order,		DEC,	"its place in the list; 0: the first of a look") \
F(__u32, last,		BOOL,	"it is the last one, and all were seen") \
F(__u32, mapped,	DEC,	"interrupts that it has") \
F(__u32, bus_token,	DEC,	"enum irq_domain_bus_token") \
A(char, name, 48,	STR,	"its name") \
A(char, parent, 32,	STR,	"name of the domain that it is on")

#define MSI_FIELDS_storm(F, A) \
F(__u64, desc,		PTR,	"struct msi_desc *") \
F(__u64, window_ns,	NS,	"in what time; at most a second") \
F(__u32, irq,		DEC,	"virq") \
F(__u32, count,		DEC,	"how often") \
F(__u32, flags,		DFLAGS,	"MSI_DESC_*") \
F(__u32, pad,		PAD,	"") \
A(char, name, MSI_ACTION_LEN, STR, "irqaction::name")

#define MSI_FIELDS_cpu_hp(F, A) \
F(__u32, at,		DEC,	"number of the CPU") \
F(__s32, ret,		RET,	"of lapic_can_unplug_cpu(): 0, or -ENOSPC") \
F(__u32, by_pid,	DEC,	"who asked for it through sysfs; 0: not known") \
F(__u32, by_tid,	DEC,	"") \
A(char, by_comm, MSI_COMM_LEN, STR, "")

#define MSI_FIELDS_lookup(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u32, domid,		DEC,	"enum msi_domain_ids") \
F(__u32, index,		DEC,	"msi_index that was asked for") \
F(__u32, irq,		DEC,	"virq that was found, 0: none") \
F(__u32, multi,		BOOL,	"MSI of PCI is enabled: one descriptor has all vectors")

#define MSI_FIELDS_dom_create(F, A) \
F(__u64, md,		PTR,	"struct msi_device_data *") \
F(__u64, domain,	PTR,	"the default irq domain of the device when the call returned, 0: none") \
F(__u64, parent,	PTR,	"its parent") \
F(__u32, domid,		DEC,	"enum msi_domain_ids that the call names; what follows is of the default one") \
F(__u32, created,	BOOL,	"the call has succeeded") \
F(__u32, own,		BOOL,	"the domain belongs to the device alone") \
F(__u32, pci,		BOOL,	"it is one for MSI or MSI-X of PCI") \
F(__u32, flags,		HEX,	"its msi_domain_info::flags, as numbered in this kernel") \
F(__u32, ops,		BOOL,	"the parent says which flags it can do") \
F(__u32, supported,	HEX,	"flags that the parent supports") \
F(__u32, required,	HEX,	"flags that it requires")

/* --- made from the rows above ------------------------------------------------------------- */

#define MSI_X_ENUM(ID, name, value, stack, doc) MSI_EV_##ID = (value),
enum msi_event_type { MSI_EVENTS(MSI_X_ENUM) MSI_EV_MAX };	/* one above the last */
#undef MSI_X_ENUM

#define MSI_X_F(ctype, name, kind, doc) ctype name;
#define MSI_X_A(ctype, name, n, kind, doc) ctype name[n];
#define MSI_X_STACK_0
#define MSI_X_STACK_1 struct msi_stack stack;
#define MSI_X_STRUCT(ID, name, value, has_stack, doc) \
struct msi_ev_##name { \
	struct msi_event_hdr h; \
	MSI_FIELDS_##name(MSI_X_F, MSI_X_A) \
	MSI_X_STACK_##has_stack \
};
MSI_EVENTS(MSI_X_STRUCT)
#undef MSI_X_STRUCT
#undef MSI_X_STACK_0
#undef MSI_X_STACK_1
#undef MSI_X_F
#undef MSI_X_A

/* The fields of MSI_FIELDS_now together.  */
struct msi_now {
	__u32 irqd, flags, vector, dest;
	__u32 lo, hi, data;
	__u32 offset;
	__u32 books;		/* MSI_BOOKS_* */
	__u32 mask;
};

#define MSI_NOW_FITS(name) \
_Static_assert(__builtin_offsetof(struct msi_ev_##name, now_mask) - \
	       __builtin_offsetof(struct msi_ev_##name, now_irqd) + sizeof(__u32) == \
	       sizeof(struct msi_now), "struct msi_now is not what MSI_FIELDS_now makes")
MSI_NOW_FITS(aff);
MSI_NOW_FITS(request);
MSI_NOW_FITS(unrequest);
MSI_NOW_FITS(irq_look);
#undef MSI_NOW_FITS

/* No event is larger; a reader may refuse what claims to be.  */
#define MSI_EVENT_SIZE_MAX 1024

_Static_assert(MSI_DESC_MSIX + MSI_DESC_CAN_MASK + MSI_DESC_VIRTUAL + MSI_DESC_64 + MSI_DESC_PCI +
	       MSI_DESC_CALLBACK + MSI_DESC_FOREIGN + MSI_DESC_IN_DOMAIN + MSI_DESC_NOT_IN_DOMAIN +
	       MSI_DESC_STATE_KNOWN + MSI_DESC_FILES + MSI_DESC_AFFINITY + MSI_DESC_ENABLED +
	       MSI_DESC_UNREACHABLE == (1u << 14) - 1,
	       "two flags of descriptors have the same bit");
_Static_assert(sizeof(struct msi_event_hdr) == 48, "the header is part of the ABI");
_Static_assert(sizeof(struct msi_stack) == 8 + 8 * MSI_STACK_MAX, "the stack is part of the ABI");

/* No compiler-made holes: the size is the sum of the fields, and a multiple of 8.  */
#define MSI_X_F(ctype, name, kind, doc) + sizeof(ctype)
#define MSI_X_A(ctype, name, n, kind, doc) + sizeof(ctype) * (n)
#define MSI_X_SIZE(ID, name, value, has_stack, doc) \
_Static_assert(sizeof(struct msi_ev_##name) == sizeof(struct msi_event_hdr) \
	       MSI_FIELDS_##name(MSI_X_F, MSI_X_A) + (has_stack) * sizeof(struct msi_stack) && \
	       sizeof(struct msi_ev_##name) % 8 == 0 && \
	       sizeof(struct msi_ev_##name) <= MSI_EVENT_SIZE_MAX, \
	       "msi_ev_" #name " has a hole or is too large");
MSI_EVENTS(MSI_X_SIZE)
#undef MSI_X_SIZE
#undef MSI_X_F
#undef MSI_X_A

#endif /* MSITRACE_EVENT_H */
