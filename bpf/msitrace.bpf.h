/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For BPF programs only: maps, configuration, event reserve and submit, filters, the state that is
 * kept per device.  Shared by all files, which are compiled as one
 * (__weak: they can also be linked).
 */
#ifndef MSITRACE_BPF_H
#define MSITRACE_BPF_H

#include "msi_compat.bpf.h"
#include "msitrace/hook_ids.h"

/*
 * Loading costs more by the subprogram than by the instruction: what is called from one place is
 * inlined.  __unused_ok: helpers that not every object uses.
 */
#define __unused_ok __attribute__((unused))

/* What is known of a device.  */
struct dev_state {
	__u64 md;
	__u64 driver;
	__u32 allowed;		/* by the device filter */
	__u32 pad;
};

struct mutex_state {
	__u64 md;
	__u64 dev;
	__u64 releasing;	/* task that entered mutex_unlock() last, until it locks again */
	__u64 born;		/* ns, tells the mutexes apart that one address has had */
};

#define HELD_MAX 4		/* descriptor mutexes that one task holds at a time */

struct held_lock {
	__u64 mutex;		/* 0: the slot is free */
	__u64 md, dev;
	__u64 since;		/* when mutex_lock() was entered or, if seen, returned; 0: before attaching */
	__u64 wait;		/* ns, 0: not measured */
	__u32 pending;		/* the LOCK event is still to be sent */
	__u32 context;		/* MSI_CTX_* */
	struct msi_stack stack;
};

struct held {
	__u32 pid, tid;
	char comm[MSI_COMM_LEN];
	struct held_lock lock[HELD_MAX];
};

struct call_key {
	__u64 task;
	__u64 hook;
};

struct call {
	__u64 ts;
	__u64 val;
};

/* msi_set_affinity() runs with interrupts off: one at a time per CPU.  */
struct aff_slot {
	__u64 ts;
	__u32 active;
	__u32 irq;
	__u32 vector, dest;
	__u32 irqd;
	__u32 writes;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);	/* bytes; --buffer-size */
} events __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);	/* nobody tells when a device goes; one that is back is told of again */
	__uint(max_entries, 8192);
	__type(key, __u64);		/* struct device * */
	__type(value, struct dev_state);
} devs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);		/* struct mutex * of MSI device data */
	__type(value, struct mutex_state);
} mutexes __weak SEC(".maps");

/*
 * What every mutex_lock() of the system looks at first, and with --kfree every kfree(): a byte that is 0
 * says that no descriptor mutex, and no descriptor, has an address with this hash.
 */
#define FILTER_BITS 15

struct addr_filter {
	__u8 maybe[1 << FILTER_BITS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct addr_filter);
} addr_filter __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);	/* 1 without --kfree */
	__type(key, __u64);		/* struct msi_desc * that was in a store, until it is freed */
	__type(value, __u64);		/* its struct device * */
} live_descs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);		/* task_struct * that holds a descriptor mutex */
	__type(value, struct held);
} holders __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct call_key);
	__type(value, struct call);
} calls __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);		/* virq of an MSI */
	__type(value, __u64);		/* struct irq_desc *, 0: not seen yet */
} irqs __weak SEC(".maps");

/* Calls of a handler.  */
struct fired {
	__u64 since, last;	/* ns */
	__u32 count;
	__u32 in_window;	/* of count: since */
	__u64 window;		/* ns; a second long, begins with an interrupt */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);		/* virq whose handler is one of vfio, or with a limit any */
	__type(value, struct fired);
} fired __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aff_slot);
} affs __weak SEC(".maps");

/* Of hook_irq_free only: it cannot be entered twice on a CPU.  */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct msi_stack);
} free_stack __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct msi_hist_key);
	__type(value, struct msi_hist);
} hists __weak SEC(".maps");

const volatile struct msi_config cfg __weak = {};
const volatile struct msi_hook_args hook_args[HOOK_MAX] __weak = {};
const volatile struct msi_hist hist_zero __weak = {};	/* too large for the stack, both */
static const volatile struct held held_zero __unused_ok = {};
__u64 msi_lost_total __weak = 0;	/* events that found no room */
__u64 msi_lost_map __weak = 0;	/* times that a map had no room */
__u64 msi_lost_hist __weak = 0;	/* durations that found no room */
__u64 msi_lost_told __weak = 0;		/* those of them that a LOST event stands for */
__u32 msi_calibrate __weak = 0;	/* user space is making calls of mutex_lock() that are fine */
__u32 msi_preempt_base __weak = 0;	/* preempt_count in hook_lock of such a call, and 1; 0: not known */
__u64 msi_domain_mutex __weak = 0;	/* &irq_domain_mutex, 0: not known */
__u64 msi_page_offset_base __weak = 0;	/* &page_offset_base, x86-64; 0: not known */
__u64 msi_objects_start __weak = 0;	/* page_offset_base, 0: not read yet */
__u64 msi_watched[MSI_WATCHED_MAX] __weak = {};	/* see hook_ids.h */
__u32 msi_nr_watched __weak = 0;	/* taken below a descriptor mutex, in all */
__u64 msi_modules_loaded __weak = 0;
__u64 msi_nr_holders __weak = 0;	/* entries of holders */
__u64 msi_fired_since __weak = 0;	/* ns, when hook_fired was attached; 0: it is not */
__u32 msi_stop __weak = 0;	/* set by user space: the run is over, send nothing more */

/* --- arguments ---------------------------------------------------------------------------- */

/*
 * Both helpers are from v5.17; before, the context is read at a constant place, in assembly, since
 * the compiler would make one variable access of it, which the verifier refuses.
 */
#define CTX_AT(n) case n: asm volatile("%0 = *(u64 *)(%1 + 8 * " #n ")" : "=r"(v) : "r"(ctx)); break

static __always_inline __u64 ctx_at(__u64 *ctx, int n)
{
	__u64 v = 0;

	switch (n) {
	CTX_AT(0);
	CTX_AT(1);
	CTX_AT(2);
	CTX_AT(3);
	CTX_AT(4);
	CTX_AT(5);
	CTX_AT(6);
	}
	return v;
}

static __always_inline __u64 hook_arg(__u64 *ctx, int hook, int slot)
{
	__s8 n = hook_args[hook].pos[slot];
	__u64 v = 0;

	if (n < 0)
		return 0;
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_arg))
		return ctx_at(ctx, n);
	bpf_get_func_arg(ctx, n, &v);
	return v;
}

/* The same for a pointer to a function, which no program may look at before v5.17.  */
static __always_inline __u64 hook_arg_func(__u64 *ctx, int hook, int slot)
{
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_arg))
		return 0;
	return hook_arg(ctx, hook, slot);
}

static __always_inline __u64 hook_ret(__u64 *ctx, int hook)
{
	__u64 v = 0;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ret))
		return ctx_at(ctx, hook_args[hook].nargs);
	bpf_get_func_ret(ctx, &v);
	return v;
}

/* --- loss --------------------------------------------------------------------------------- */

static __always_inline void lost_ring(void)
{
	__sync_fetch_and_add(&msi_lost_total, 1);
}

static __always_inline void lost_map(void)
{
	__sync_fetch_and_add(&msi_lost_map, 1);
}

/* --- events ------------------------------------------------------------------------------- */

static __always_inline bool task_allowed(void)
{
	char comm[MSI_COMM_LEN];
	int i;

	if (msi_stop)
		return false;
	if (cfg.filter_tgid && (bpf_get_current_pid_tgid() >> 32) != cfg.filter_tgid)
		return false;
	if (!cfg.filter_comm)
		return true;
	if (bpf_get_current_comm(comm, sizeof(comm)))
		return false;
	for (i = 0; i < MSI_COMM_LEN; i++) {
		if (comm[i] != cfg.comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

static __always_inline bool event_wanted(__u32 type)
{
	return cfg.events & (1ULL << type);
}

static __always_inline void event_header(struct msi_event_hdr *h, __u16 type, __u16 size, __u16 hook,
					 __u64 dev)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->type = type;
	h->size = size;
	h->cpu = bpf_get_smp_processor_id();
	h->hook = hook;
	h->ts_ns = bpf_ktime_get_ns();
	h->dev = dev;
	h->pid = id >> 32;
	h->tid = id;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/*
 * A reservation: before the first one that succeeds after a loss, a LOST event, so that its place in
 * the stream is where the gap is.  As long as there is no room for that, there is none for others.
 */
__weak int tell_loss(void)
{
	__u64 total = msi_lost_total;
	struct msi_ev_lost *e;

	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return -1;
	__builtin_memset(e, 0, sizeof(*e));
	event_header(&e->h, MSI_EV_LOST, sizeof(*e), 0, 0);
	e->count = total - msi_lost_told;
	e->source = MSI_LOST_RING;
	msi_lost_told = total;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#define RESERVE(size)									\
	(msi_lost_total != msi_lost_told && tell_loss() ? NULL : bpf_ringbuf_reserve(&events, size, 0))

static __always_inline struct held *held_by(__u64 task)
{
	return bpf_map_lookup_elem(&holders, &task);
}

/* Entries of `holders` come and go here only: they are counted, so that nobody looks for none.  */
static __always_inline struct held *holder_new(__u64 task)
{
	if (!bpf_map_update_elem(&holders, &task, (void *)&held_zero, BPF_NOEXIST))
		__sync_fetch_and_add(&msi_nr_holders, 1);
	return held_by(task);
}

static __always_inline void holder_gone(__u64 task)
{
	if (!bpf_map_delete_elem(&holders, &task))
		__sync_fetch_and_add(&msi_nr_holders, -1);
}

/* Entries are what was seen; the mutex itself says whether it is so.  */
static __always_inline bool really_holds(struct held_lock *l, __u64 task)
{
	return l->mutex && mutex_owner(l->mutex) == task;
}

/* The byte of addr_filter for an address; NULL: never.  */
static __always_inline __u8 *addr_maybe(__u64 addr)
{
	__u32 zero = 0, i = (addr >> 3) * 0x9e3779b97f4a7c15ULL >> (64 - FILTER_BITS);
	struct addr_filter *f = bpf_map_lookup_elem(&addr_filter, &zero);

	return f ? &f->maybe[i & ((1 << FILTER_BITS) - 1)] : NULL;
}

static __always_inline struct mutex_state *mutex_known(__u64 mutex)
{
	__u8 *maybe = addr_maybe(mutex);

	return maybe && *maybe ? bpf_map_lookup_elem(&mutexes, &mutex) : NULL;
}

/*
 * LOCK events are sent late: mutex_lock() is watched at its entry only (see msi_lock.bpf.c), and what
 * a task does next proves that it has the mutex.  So each hook whose events are judged by sections
 * sends them first.
 */
__weak int lock_flush(__u64 task)
{
	struct held *h = held_by(task);
	struct msi_ev_lock *e;
	struct held_lock *l;
	__u32 i, nested = 0;

	if (!h || !task_allowed())
		return 0;
	for (i = 0; i < HELD_MAX; i++) {
		l = &h->lock[i];
		if (!l->mutex)
			continue;
		nested++;
		if (!l->pending)
			continue;
		l->pending = 0;
		e = RESERVE(sizeof(*e));
		if (!e) {
			lost_ring();
			continue;
		}
		__builtin_memset(e, 0, __builtin_offsetof(struct msi_ev_lock, stack));
		event_header(&e->h, MSI_EV_LOCK, sizeof(*e), HOOK_lock, l->dev);
		e->h.ts_ns = l->since;
		e->h.pid = h->pid;
		e->h.tid = h->tid;
		__builtin_memcpy(e->h.comm, h->comm, sizeof(h->comm));
		e->md = l->md;
		e->wait_ns = l->wait;
		e->nested = nested - 1;
		e->context = l->context;
		__builtin_memcpy(&e->stack, &l->stack, sizeof(l->stack));
		bpf_ringbuf_submit(e, 0);
	}
	return 0;
}

static __always_inline void lock_flush_current(void)
{
	if (event_wanted(MSI_EV_LOCK))
		lock_flush(bpf_get_current_task());
}

/* A zeroed record, or NULL: the type is not wanted, or there is no room.  */
#define EVENT_BEGIN_SIZED(NAME, TYPE, hook, dev, zeroed) ({				\
	struct msi_ev_##NAME *__e = NULL;						\
	if (event_wanted(TYPE) && task_allowed()) {					\
		__e = RESERVE(sizeof(*__e));						\
		if (__e) {								\
			__builtin_memset(__e, 0, zeroed);				\
			event_header(&__e->h, TYPE, sizeof(*__e), hook, dev);		\
		} else {								\
			lost_ring();						\
		}									\
	}										\
	__e; })

#define EVENT_BEGIN(NAME, TYPE, hook, dev) \
	EVENT_BEGIN_SIZED(NAME, TYPE, hook, dev, sizeof(struct msi_ev_##NAME))

/* The same for a type with a stack, which the caller fills with event_stack().  */
#define EVENT_BEGIN_STACK(NAME, TYPE, hook, dev) \
	EVENT_BEGIN_SIZED(NAME, TYPE, hook, dev, __builtin_offsetof(struct msi_ev_##NAME, stack))

static __always_inline void event_submit(void *e)
{
	bpf_ringbuf_submit(e, 0);
}

/* bpf_get_stack() clears what it does not fill.  */
static __always_inline void event_stack(void *ctx, struct msi_stack *s)
{
	long n = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);

	s->nr = n > 0 ? n / sizeof(s->ip[0]) : 0;
	s->pad = 0;
}

/* --- devices ------------------------------------------------------------------------------ */

static __always_inline __u64 dev_md(__u64 dev)
{
	struct device *d = (void *)dev;

	if (!dev || !bpf_core_field_exists(d->msi))
		return 0;
	return (__u64)BPF_CORE_READ(d, msi.data);
}

static __always_inline bool str_is(const char *s, const volatile char *want)
{
	int i;

	for (i = 0; i < MSI_NAME_LEN; i++) {
		if (s[i] != want[i])
			return false;
		if (!s[i])
			break;
	}
	return true;
}

static __always_inline int dev_info(__u64 dev, __u64 md)
{
	struct msi_ev_dev_info *e;
	struct device *d = (void *)dev;

	/* Not subject to the task filter: a name is needed whoever came first.  */
	if (msi_stop || !event_wanted(MSI_EV_DEV_INFO))
		return 0;
	e = RESERVE(sizeof(*e));
	if (!e) {
		lost_ring();
		return 0;
	}
	__builtin_memset(e, 0, sizeof(*e));
	event_header(&e->h, MSI_EV_DEV_INFO, sizeof(*e), 0, dev);
	e->md = md;
	e->mutex = md ? md_mutex(md) : 0;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(d, kobj.name));
	bpf_probe_read_kernel_str(e->driver, sizeof(e->driver), BPF_CORE_READ(d, driver, name));
	bpf_probe_read_kernel_str(e->bus, sizeof(e->bus), BPF_CORE_READ(d, bus, name));
	event_submit(e);
	return 0;
}

static __always_inline int dev_matches(__u64 dev)
{
	struct device *d = (void *)dev;
	char s[MSI_NAME_LEN] = {};

	if (!cfg.filter_dev)
		return 1;
	bpf_probe_read_kernel_str(s, sizeof(s), BPF_CORE_READ(d, kobj.name));
	if (str_is(s, cfg.device))
		return 1;
	__builtin_memset(s, 0, sizeof(s));
	bpf_probe_read_kernel_str(s, sizeof(s), BPF_CORE_READ(d, driver, name));
	return str_is(s, cfg.device);
}

/*
 * To be called with every device that a trusted argument names: announces it when it, its data or
 * its driver is new, makes its mutex known, and says whether the filter lets it through.
 */
static __noinline __unused_ok int note_dev(__u64 dev)
{
	struct device *d = (void *)dev;
	struct dev_state n = {}, *ds;
	struct mutex_state ms = {};
	__u64 mutex;
	__u8 *maybe;

	if (!dev)
		return !cfg.filter_dev;
	n.md = dev_md(dev);
	n.driver = (__u64)BPF_CORE_READ(d, driver);
	ds = bpf_map_lookup_elem(&devs, &dev);
	if (ds && ds->md == n.md && (!n.driver || ds->driver == n.driver))
		return ds->allowed;
	n.allowed = dev_matches(dev);
	if (n.md) {
		ms.md = n.md;
		ms.dev = dev;
		ms.born = bpf_ktime_get_ns();
		mutex = md_mutex(n.md);
		maybe = addr_maybe(mutex);
		if (maybe)
			*maybe = 1;
		if (bpf_map_update_elem(&mutexes, &mutex, &ms, BPF_ANY))
			lost_map();
	}
	if (bpf_map_update_elem(&devs, &dev, &n, BPF_ANY))
		lost_map();
	if (n.allowed)
		dev_info(dev, n.md);
	return n.allowed;
}

/*
 * For a device that an untrusted object names (a descriptor that may be freed): never reads behind
 * the pointer.
 */
static __always_inline bool dev_known(__u64 dev)
{
	return dev && bpf_map_lookup_elem(&devs, &dev);
}

static __always_inline bool dev_allowed(__u64 dev)
{
	struct dev_state *ds;

	if (!cfg.filter_dev)
		return true;
	ds = bpf_map_lookup_elem(&devs, &dev);
	return ds && ds->allowed;
}

static __always_inline __u64 pdev_dev(__u64 pdev)
{
	return pdev ? pdev + bpf_core_field_offset(struct pci_dev, dev) : 0;
}

static __always_inline struct pci_dev *dev_pdev(__u64 dev)
{
	return (void *)(dev - bpf_core_field_offset(struct pci_dev, dev));
}

#define ERROR_PERM_FAILURE 3	/* include/linux/pci.h: pci_channel_io_perm_failure, a define */

/* Unplugged, or given up: the kernel does not touch its registers any more.  */
static __always_inline bool pdev_lost(struct pci_dev *pdev)
{
	return BPF_CORE_READ(pdev, error_state) == ERROR_PERM_FAILURE;
}

/* --- the descriptor mutex ----------------------------------------------------------------- */

/* 0: of nobody.  */
static __always_inline __u32 task_tid(__u64 task)
{
	return task ? BPF_CORE_READ((struct task_struct *)task, pid) : 0;
}

/* Fills md, owner_tid and owner_current of a zeroed event: who holds the mutex of `dev`.  */
#define event_owner(e, dev) ({								\
	__u64 __md = dev_md(dev), __task = __md ? mutex_owner(md_mutex(__md)) : 0;	\
											\
	(e)->md = __md;									\
	(e)->owner_current = __task == bpf_get_current_task();				\
	(e)->owner_tid = task_tid(__task); })

/* --- descriptors -------------------------------------------------------------------------- */

static __always_inline void watch_desc(__u64 desc, __u64 dev)
{
	__u8 *maybe;

	if (!event_wanted(MSI_EV_DESC_DEAD) || !desc)
		return;
	maybe = addr_maybe(desc);
	if (maybe)
		*maybe = 1;
	if (bpf_map_update_elem(&live_descs, &desc, &dev, BPF_ANY))
		lost_map();
}

static __always_inline bool dev_is_pci(__u64 dev)
{
	char bus[4] = {};

	bpf_probe_read_kernel_str(bus, sizeof(bus), BPF_CORE_READ((struct device *)dev, bus, name));
	return bus[0] == 'p' && bus[1] == 'c' && bus[2] == 'i' && !bus[3];
}

static __noinline __unused_ok __u32 desc_flags(__u64 desc)
{
	struct msi_desc *d = (void *)desc;
	struct msi_desc___v510 *old = (void *)desc;
	__u32 f = 0;

	if (!desc || !dev_is_pci((__u64)BPF_CORE_READ(d, dev)))
		return 0;
	f = MSI_DESC_PCI;
	if (!bpf_core_field_exists(d->pci)) {
		if (BPF_CORE_READ_BITFIELD_PROBED(old, msi_attrib.is_msix))
			f |= MSI_DESC_MSIX | MSI_DESC_CAN_MASK;
		if (BPF_CORE_READ_BITFIELD_PROBED(old, msi_attrib.maskbit))
			f |= MSI_DESC_CAN_MASK;
		return f;
	}
	if (BPF_CORE_READ(d, affinity))
		f |= MSI_DESC_AFFINITY;
	if (BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.is_msix))
		f |= MSI_DESC_MSIX;
	if (BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.can_mask))
		f |= MSI_DESC_CAN_MASK;
	if (BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.is_virtual))
		f |= MSI_DESC_VIRTUAL;
	if (BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.is_64))
		f |= MSI_DESC_64;
	return f;
}

static __always_inline __u32 desc_index(__u64 desc)
{
	struct msi_desc *d = (void *)desc;
	struct msi_desc___v510 *old = (void *)desc;

	if (!desc)
		return 0;
	if (bpf_core_field_exists(d->msi_index))
		return BPF_CORE_READ(d, msi_index);
	return BPF_CORE_READ(old, msi_attrib.entry_nr);
}

static __always_inline __u32 desc_mask(__u64 desc)
{
	struct msi_desc *d = (void *)desc;
	struct msi_desc___v510 *old = (void *)desc;

	if (bpf_core_field_exists(d->pci))
		return BPF_CORE_READ(d, pci.msi_mask);	/* of MSI-X: msix_ctrl, in the same place */
	return BPF_CORE_READ(old, masked);
}

static __always_inline __u32 desc_multiple(__u64 desc)
{
	struct msi_desc *d = (void *)desc;
	struct msi_desc___v510 *old = (void *)desc;

	if (bpf_core_field_exists(d->pci))
		return BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.multiple);
	return BPF_CORE_READ_BITFIELD_PROBED(old, msi_attrib.multiple);
}

/* --- interrupts --------------------------------------------------------------------------- */

static __always_inline __u64 irqd_to_desc(__u64 irqd)
{
	return irqd - bpf_core_field_offset(struct irq_desc, irq_data);
}

static __always_inline __u32 irqd_bits(__u32 raw)
{
	__u32 b = 0;

	if (raw & cfg.irqd_activated)
		b |= MSI_IRQD_ACTIVATED;
	if (raw & cfg.irqd_started)
		b |= MSI_IRQD_STARTED;
	if (raw & cfg.irqd_masked)
		b |= MSI_IRQD_MASKED;
	if (raw & cfg.irqd_disabled)
		b |= MSI_IRQD_DISABLED;
	if (raw & cfg.irqd_managed)
		b |= MSI_IRQD_MANAGED;
	if (raw & cfg.irqd_managed_shutdown)
		b |= MSI_IRQD_MANAGED_SHUTDOWN;
	if (raw & cfg.irqd_can_reserve)
		b |= MSI_IRQD_CAN_RESERVE;
	if (raw & cfg.irqd_pending)
		b |= MSI_IRQD_SETAFFINITY_PENDING;
	return b;
}

static __always_inline __u32 irqd_state(struct irq_data *d)
{
	return irqd_bits(BPF_CORE_READ(d, common, state_use_accessors));
}

static __always_inline __u64 irqd_msi_desc(struct irq_data *d)
{
	return (__u64)BPF_CORE_READ(d, common, msi_desc);
}

static __always_inline __u32 irq_desc_state(__u64 irq_desc)
{
	struct irq_desc *d = (void *)irq_desc;

	return irqd_bits(BPF_CORE_READ(d, irq_common_data.state_use_accessors));
}

/* Fills handler and name of a zeroed event: those of the first action of an irq_desc.  */
#define event_action(e, of) ({								\
	struct irqaction *__action = BPF_CORE_READ((struct irq_desc *)(of), action);	\
											\
	if (__action) {									\
		(e)->handler = (__u64)BPF_CORE_READ(__action, handler);			\
		bpf_probe_read_kernel_str((e)->name, sizeof((e)->name),			\
					  BPF_CORE_READ(__action, name));		\
	} })

static __always_inline void note_irq(__u32 virq, __u64 irq_desc)
{
	__u64 *known = bpf_map_lookup_elem(&irqs, &virq);

	if (known) {
		if (irq_desc)
			*known = irq_desc;
	} else if (bpf_map_update_elem(&irqs, &virq, &irq_desc, BPF_ANY)) {
		lost_map();
	}
}

/*
 * Interrupts that vfio has given to a guest: only of these the calls of handlers are counted, since it
 * costs every interrupt of the system something.
 */
static __always_inline void watch_fired(__u32 irq, const char *action)
{
	struct fired f = { .since = bpf_ktime_get_ns() };
	__u32 i;

	for (i = 0; i < sizeof(MSI_VFIO_ACTION) - 1 && !cfg.storm_limit; i++)
		if (action[i] != MSI_VFIO_ACTION[i])
			return;
	if (bpf_map_update_elem(&fired, &irq, &f, BPF_ANY))
		lost_map();
}

/* For how long calls of the handler were counted, 0: they were not.  */
static __always_inline __u64 fired_watched(const struct fired *f, __u64 now)
{
	__u64 since = msi_fired_since;

	if (!since)
		return 0;
	if (f->since > since)
		since = f->since;
	return now > since ? now - since : 0;
}

/* --- time between entry and exit ---------------------------------------------------------- */

static __always_inline void call_begin(int hook, __u64 val)
{
	struct call_key k = { .task = bpf_get_current_task(), .hook = hook };
	struct call c = { .ts = bpf_ktime_get_ns(), .val = val };

	if (bpf_map_update_elem(&calls, &k, &c, BPF_ANY))
		lost_map();
}

/* False: the entry was not seen.  */
static __always_inline bool call_end(int hook, __u64 *ns, __u64 *val)
{
	struct call_key k = { .task = bpf_get_current_task(), .hook = hook };
	struct call *c = bpf_map_lookup_elem(&calls, &k);

	*ns = 0;
	if (!c)
		return false;
	*ns = bpf_ktime_get_ns() - c->ts;
	if (val)
		*val = c->val;
	bpf_map_delete_elem(&calls, &k);
	return true;
}

static __always_inline __u32 log2_ns(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) { v >>= 32; r += 32; }
	if (v >> 16) { v >>= 16; r += 16; }
	if (v >> 8) { v >>= 8; r += 8; }
	if (v >> 4) { v >>= 4; r += 4; }
	if (v >> 2) { v >>= 2; r += 2; }
	if (v >> 1)
		r += 1;
	return r;
}

static __noinline __unused_ok int hist_count(__u64 dev, __u32 op, __u64 ns)
{
	struct msi_hist_key k = { .dev = dev, .op = op };
	struct msi_hist *h;
	__u32 slot;

	if (!ns || !task_allowed() || !dev_allowed(dev))
		return 0;
	h = bpf_map_lookup_elem(&hists, &k);
	if (!h) {
		bpf_map_update_elem(&hists, &k, (void *)&hist_zero, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&hists, &k);
	}
	if (!h) {
		__sync_fetch_and_add(&msi_lost_hist, 1);
		return 0;
	}
	slot = log2_ns(ns);
	if (slot >= MSI_HIST_SLOTS)
		slot = MSI_HIST_SLOTS - 1;
	__sync_fetch_and_add(&h->count, 1);
	__sync_fetch_and_add(&h->sum_ns, ns);
	__sync_fetch_and_add(&h->slots[slot], 1);
	if (ns > h->max_ns)	/* racy: two maxima at once may leave the smaller */
		h->max_ns = ns;
	return 0;
}

/* Outside of it, so that the verifier drops the call where there are no histograms.  */
static __always_inline void hist_add(__u64 dev, __u32 op, __u64 ns)
{
	if (cfg.hist)
		hist_count(dev, op, ns);
}

#endif
