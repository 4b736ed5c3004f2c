/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the descriptor store of a device: an xarray, read without its lock.  Everything is read
 * with probe reads, so a store that changes meanwhile gives wrong entries at worst, never a fault;
 * callers that need more hold the descriptor mutex, or look at its owner before and after.  What is no
 * address of an allocated object is not followed: the kernel warns when a probe read meets one that the
 * CPU takes for malformed, which v6.1 does not see coming where addresses may have 57 bits.
 */
#ifndef MSI_STORE_BPF_H
#define MSI_STORE_BPF_H

#include "msitrace.bpf.h"

#define XA_DEPTH	4	/* indices have 16 bits, a node 6, or 4 with CONFIG_BASE_SMALL */
#define WALK_MAX	8192	/* steps; a step is an entry or a missing subtree */
#define XA_END		(~0u)
#define BACK_MAX	32	/* vectors of one descriptor: multi-MSI has no more */

/* include/linux/xarray.h: xa_is_node(), xa_to_node() */
static __always_inline bool xa_is_node(__u64 entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

/* Where the kernel maps all memory, which is where objects are.  */
static __always_inline bool is_object(__u64 addr)
{
	if (msi_page_offset_base && !msi_objects_start)
		bpf_probe_read_kernel(&msi_objects_start, sizeof(msi_objects_start),
				      (void *)msi_page_offset_base);
	return (__s64)addr < 0 && addr >= msi_objects_start;
}

/* How many entries a node has.  */
static __always_inline __u32 xa_chunk(void)
{
	return bpf_core_field_size(struct xa_node, slots) / 8;
}

/*
 * The entry at an index, 0 when there is none; then *next is where the next one may be.
 */
static __always_inline __u64 xa_get(__u64 head, __u32 index, __u32 *next)
{
	struct xa_node *node;
	__u64 e = head;
	__u8 shift = 0;
	int i;

	*next = index + 1;
	if (!xa_is_node(e)) {		/* a single entry at index 0 is kept in the head */
		*next = XA_END;
		return index ? 0 : e;
	}
	for (i = 0; i < XA_DEPTH; i++) {
		node = (void *)(e - 2);
		if (!is_object(e))
			return 0;
		shift = BPF_CORE_READ(node, shift);
		if (shift > 12)
			break;
		if (!i && index >> shift >= xa_chunk()) {
			*next = XA_END;
			return 0;
		}
		bpf_probe_read_kernel(&e, sizeof(e), (void *)node +
				      bpf_core_field_offset(struct xa_node, slots) +
				      8 * ((index >> shift) & (xa_chunk() - 1)));
		if (!xa_is_node(e))
			break;
	}
	if (xa_is_node(e))
		return 0;
	*next = ((index >> shift) + 1) << shift;
	return e & 3 || !is_object(e) ? 0 : e;	/* value and internal entries are no pointers */
}

struct walk {
	__u64 dev, md, head;
	__u64 owner;		/* holds the mutex since before attaching, 0: nobody */
	__u32 index, last;
	__u32 list;
	__u32 count;
	__u32 hook;
	__u32 filter;		/* enum msi_desc_filter */
	__u32 done;
	__u32 insert;		/* make INSERT events, not entries of a list */
};

/* The virqs that a descriptor says it has, and what they say.  */
struct back {
	__u64 desc;
	__u32 irq, nr;
	__u32 count, unknown;
};

/*
 * The irq_desc of a virq that is alive, 0: not known.  `irqs` forgets a virq when it is freed, but a
 * free may go unseen.
 */
static __always_inline __u64 irq_desc_of(__u32 irq)
{
	__u64 *id = bpf_map_lookup_elem(&irqs, &irq);

	if (!id || !*id || BPF_CORE_READ((struct irq_desc *)*id, irq_data.irq) != irq)
		return 0;
	return *id;
}

static long back_step(__u32 i, struct back *b)
{
	__u64 id;

	if (i >= b->nr)
		return 1;
	id = irq_desc_of(b->irq + i);
	if (!id)
		b->unknown = 1;
	else if ((__u64)BPF_CORE_READ((struct irq_desc *)id, irq_common_data.msi_desc) == b->desc)
		b->count++;
	return 0;
}

static __always_inline __u32 domain_flag(struct msi_ev_store_entry *e, __u64 irq_desc)
{
	__u64 domain = 0;

	if (bpf_core_field_exists(struct msi_device_data___v62, __domains))
		domain = md_domain(0, e->md);
	if (!domain)
		return 0;
	return (__u64)BPF_CORE_READ((struct irq_desc *)irq_desc, irq_data.domain) == domain ?
		       MSI_DESC_IN_DOMAIN : MSI_DESC_NOT_IN_DOMAIN;
}

static __always_inline void entry_irqs(struct msi_ev_store_entry *e)
{
	struct back b = { .desc = e->desc, .irq = e->irq, .nr = e->nvec_used };
	__u64 id;

	if (!e->irq)
		return;
	bpf_loop(BACK_MAX, back_step, &b, 0);
	e->assoc = b.unknown || b.nr > BACK_MAX ? MSI_ASSOC_UNKNOWN : b.count;
	id = irq_desc_of(e->irq);
	if (!id)
		return;
	e->irqd = irq_desc_state(id);
	e->flags |= MSI_DESC_STATE_KNOWN | domain_flag(e, id);
}

/* What of a PCI device and its descriptor the other entries of the store do not say.  */
static __always_inline void entry_pci(struct msi_ev_store_entry *e, struct msi_desc *d)
{
	struct pci_dev *pdev = dev_pdev((__u64)BPF_CORE_READ(d, dev));
	bool on;

	e->multiple = desc_multiple(e->desc);
	e->multi_cap = BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.multi_cap);
	e->mask = desc_mask(e->desc);
	e->default_irq = BPF_CORE_READ(d, pci.msi_attrib.default_irq);
	e->pci_irq = BPF_CORE_READ(pdev, irq);
	on = e->flags & MSI_DESC_MSIX ? BPF_CORE_READ_BITFIELD_PROBED(pdev, msix_enabled) :
					BPF_CORE_READ_BITFIELD_PROBED(pdev, msi_enabled);
	if (on)
		e->flags |= MSI_DESC_ENABLED;
	if (pdev_lost(pdev))
		e->flags |= MSI_DESC_UNREACHABLE;
}

static __always_inline void walk_entry(struct walk *w, __u64 desc, __u32 index)
{
	struct msi_desc *d = (void *)desc;
	struct msi_ev_store_entry *e;

	watch_desc(desc, w->dev);
	e = EVENT_BEGIN(store_entry, MSI_EV_STORE_ENTRY, w->hook, w->dev);
	if (!e)
		return;
	e->md = w->md;
	e->desc = desc;
	e->list = w->list;
	e->index = index;
	e->irq = BPF_CORE_READ(d, irq);
	e->nvec_used = BPF_CORE_READ(d, nvec_used);
	e->flags = desc_flags(desc);
	if (BPF_CORE_READ(d, write_msi_msg))
		e->flags |= MSI_DESC_CALLBACK;
	if ((__u64)BPF_CORE_READ(d, dev) != w->dev)
		e->flags |= MSI_DESC_FOREIGN;
	if (bpf_core_field_exists(d->sysfs_attrs) && BPF_CORE_READ(d, sysfs_attrs))
		e->flags |= MSI_DESC_FILES;
	if (bpf_core_field_exists(d->pci) && (e->flags & MSI_DESC_PCI))
		entry_pci(e, d);
	e->msi_index = desc_index(desc);
	e->msg_lo = BPF_CORE_READ(d, msg.address_lo);
	e->msg_hi = BPF_CORE_READ(d, msg.address_hi);
	entry_irqs(e);
	event_submit(e);
}

/*
 * One step; 0: there are more.  A global function: the verifier looks at it once, by itself, and not
 * again for every state of its callers.
 */
__weak int walk_one(struct walk *w)
{
	__u32 next, irq, index;
	__u64 desc;

	if (!w)
		return 1;
	index = w->index;
	desc = xa_get(w->head, index, &next);
	if (desc) {
		irq = BPF_CORE_READ((struct msi_desc *)desc, irq);
		if (w->filter == MSI_DESC_ALL || (w->filter == MSI_DESC_ASSOCIATED) == !!irq) {
			walk_entry(w, desc, index);
			w->count++;
		}
	}
	w->index = next;
	w->done = next == XA_END || next <= index || next > w->last;
	return w->done;
}

static long walk_step(__u32 i, struct walk *w)
{
	int done = walk_one(w);

	/* The compiler knows that it is 0 or 1, the verifier does not: it must see the test.  */
	asm volatile("" : "+r"(done));
	return done ? 1 : 0;
}

/* What the domain of a device's store asks for, struct msi_domain_info::flags.  */
static __always_inline void store_domain(struct msi_ev_store_begin *b)
{
	struct irq_domain *domain = (void *)md_domain(b->h.dev, b->md);
	struct msi_domain_info *info = (void *)BPF_CORE_READ(domain, host_data);
	__u32 flags = info ? BPF_CORE_READ(info, flags) : 0;

	b->contiguous = !!(flags & cfg.msi_flag_contiguous);
	if (!domain)
		b->files = MSI_SYSFS_LEGACY;
	else if (info && cfg.msi_flag_dev_sysfs)
		b->files = flags & cfg.msi_flag_dev_sysfs ? MSI_SYSFS_CORE : MSI_SYSFS_NONE;
}

/*
 * Sends the descriptors of [first, last] that match the filter as a STORE list, when there are any
 * or `always`.  Returns how many, and the list's id in *list.
 */
static __noinline __unused_ok int store_list(struct walk *w, __u32 why, __u32 always)
{
	struct msi_ev_store_begin *b;
	struct msi_ev_store_end *t;
	__u64 owner;

	if (!w || !w->md || msi_stop)
		return 0;
	bpf_probe_read_kernel(&w->head, sizeof(w->head), (void *)(md_store(w->md) +
			      bpf_core_field_offset(struct xarray, xa_head)));
	if (!w->head && !always)
		return 0;
	w->list = (__u32)bpf_ktime_get_ns() | 1;	/* unique enough beside md */
	owner = w->owner;	/* of its own: w is not a kernel's structure to relocate */
	b = EVENT_BEGIN(store_begin, MSI_EV_STORE_BEGIN, w->hook, w->dev);
	if (b) {
		b->md = w->md;
		b->owner = owner;
		b->list = w->list;
		b->owner_tid = task_tid(owner);
		b->why = why;
		store_domain(b);
		event_submit(b);
	}
	if (!w->head)
		w->done = 1;
	else
		bpf_loop(WALK_MAX, walk_step, w, 0);
	t = EVENT_BEGIN(store_end, MSI_EV_STORE_END, w->hook, w->dev);
	if (t) {
		t->md = w->md;
		t->list = w->list;
		t->count = w->count;
		t->cut = !w->done;
		event_submit(t);
	}
	return w->count;
}

/* The descriptor at an index of a device's store, 0: none.  */
static __always_inline __u64 store_get(__u64 md, __u32 index)
{
	__u64 head = 0;
	__u32 next;

	if (!md)
		return 0;
	bpf_probe_read_kernel(&head, sizeof(head), (void *)(md_store(md) +
			      bpf_core_field_offset(struct xarray, xa_head)));
	return head ? xa_get(head, index, &next) : 0;
}

#endif
