// SPDX-License-Identifier: GPL-2.0-only
/* Descriptors: inserted, freed, associated with a virq, shown in sysfs.  */
#include "msi_store.bpf.h"

static __always_inline void may_add(struct msi_ev_insert *e)
{
	struct irq_domain *domain = e->md ? (void *)md_domain(0, e->md) : NULL;
	struct msi_domain_info *info;

	if (!domain)
		return;
	info = (void *)BPF_CORE_READ(domain, host_data);
	e->has_domain = 1;
	e->dyn = !!(BPF_CORE_READ(info, flags) & cfg.msi_flag_dyn);
}

static __always_inline int inserted(__u64 *ctx, int hook, __u64 dev, __u64 desc, __u32 index,
				    __u32 nvec, __u32 domid, __s32 ret, __u32 nr)
{
	struct msi_ev_insert *e;

	if (!note_dev(dev))
		return 0;
	watch_desc(desc, dev);
	lock_flush_current();
	e = EVENT_BEGIN_STACK(insert, MSI_EV_INSERT, hook, dev);
	if (!e)
		return 0;
	event_owner(e, dev);
	e->desc = desc;
	e->domid = domid;
	e->index = index;
	e->nvec_used = nvec;
	e->ret = ret;
	e->flags = desc_flags(desc);
	e->hwsize = md_hwsize(e->md);
	if (cfg.msi_flag_dyn)
		may_add(e);
	if (ret)
		e->nr = nr;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

enum { INSERT_DEV, INSERT_DESC, INSERT_DOMID, INSERT_INDEX, INSERT_NR };

/* v6.2: int msi_insert_desc(dev, desc, domid, index); frees the descriptor when it fails */
SEC("?fexit/msi_insert_desc")
int hook_insert(__u64 *ctx)
{
	__u64 desc = hook_arg(ctx, HOOK_insert, INSERT_DESC);
	__u32 index = hook_arg(ctx, HOOK_insert, INSERT_INDEX);
	__s32 ret = hook_ret(ctx, HOOK_insert);
	__u32 nvec = 0;

	if (ret) {
		desc = 0;
	} else {
		if (index == MSI_INDEX_ANY)
			index = desc_index(desc);
		nvec = BPF_CORE_READ((struct msi_desc *)desc, nvec_used);
	}
	return inserted(ctx, HOOK_insert, hook_arg(ctx, HOOK_insert, INSERT_DEV), desc, index, nvec,
			hook_arg(ctx, HOOK_insert, INSERT_DOMID), ret, 1);
}

/* Before v6.2: int msi_add_msi_desc(dev, template); the descriptor itself is only in the store */
SEC("?fexit/msi_add_msi_desc")
int hook_insert_add(__u64 *ctx)
{
	__u64 dev = hook_arg(ctx, HOOK_insert_add, INSERT_DEV);
	__u64 template = hook_arg(ctx, HOOK_insert_add, INSERT_DESC);
	__s32 ret = hook_ret(ctx, HOOK_insert_add);
	__u32 index = desc_index(template);

	return inserted(ctx, HOOK_insert_add, dev, ret ? 0 : store_get(dev_md(dev), index), index,
			BPF_CORE_READ((struct msi_desc *)template, nvec_used), 0, ret, 1);
}

struct simple {
	__u64 dev, md;
	__u32 index, nr;
};

/* One of many; the stack and the owner of the mutex are those of all of them.  */
static long simple_step(__u32 i, struct simple *s)
{
	struct msi_ev_insert *e;

	if (i >= s->nr)
		return 1;
	e = EVENT_BEGIN_STACK(insert, MSI_EV_INSERT, HOOK_insert_simple, s->dev);
	if (!e)
		return 0;
	event_owner(e, s->dev);
	e->index = s->index + i;
	e->desc = store_get(s->md, e->index);
	watch_desc(e->desc, s->dev);
	e->nvec_used = 1;
	__builtin_memset(&e->stack, 0, sizeof(e->stack));
	event_submit(e);
	return 0;
}

/* Before v6.2: int msi_add_simple_msi_descs(dev, index, ndesc); undoes everything when it fails */
SEC("?fexit/msi_add_simple_msi_descs")
int hook_insert_simple(__u64 *ctx)
{
	struct simple s = {
		.dev = hook_arg(ctx, HOOK_insert_simple, INSERT_DEV),
		.index = hook_arg(ctx, HOOK_insert_simple, INSERT_INDEX),
		.nr = hook_arg(ctx, HOOK_insert_simple, INSERT_NR),
	};
	__s32 ret = hook_ret(ctx, HOOK_insert_simple);

	if (ret || s.nr == 1)	/* one event, with its stack */
		return inserted(ctx, HOOK_insert_simple, s.dev,
				ret ? 0 : store_get(dev_md(s.dev), s.index), s.index, 1, 0, ret, s.nr);
	if (!note_dev(s.dev))
		return 0;
	lock_flush_current();
	s.md = dev_md(s.dev);
	if (s.nr > WALK_MAX)
		lost_ring();
	bpf_loop(WALK_MAX, simple_step, &s, 0);
	return 0;
}

static __always_inline int range_freed(__u64 *ctx, struct walk *w)
{
	struct msi_ev_desc_free *e;
	__u32 first = w->index;
	int ndescs;

	w->md = dev_md(w->dev);
	if (!note_dev(w->dev))
		return 0;
	lock_flush_current();
	ndescs = store_list(w, MSI_EV_DESC_FREE, 0);
	e = EVENT_BEGIN_STACK(desc_free, MSI_EV_DESC_FREE, w->hook, w->dev);
	if (!e)
		return 0;
	event_owner(e, w->dev);
	e->first = first;
	e->last = w->last;
	e->filter = w->filter;
	e->ndescs = ndescs;
	e->list = w->list;
	e->keeps_assoc = bpf_core_type_exists(struct msi_ctrl___v62);
	e->hwsize = md_hwsize(e->md);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* Of all memory of the kernel, so only with --kfree.  v6.1 lets no tp_btf program see a const void *.  */
SEC("?raw_tp/kfree")
int hook_desc_dead(__u64 *ctx)
{
	__u64 ptr = ctx[1], *dev;
	struct msi_ev_desc_dead *e;
	__u8 *maybe = addr_maybe(ptr);

	if (!maybe || !*maybe)
		return 0;
	dev = bpf_map_lookup_elem(&live_descs, &ptr);
	if (!dev)
		return 0;
	lock_flush_current();
	e = EVENT_BEGIN_STACK(desc_dead, MSI_EV_DESC_DEAD, HOOK_desc_dead, *dev);
	if (e) {
		e->desc = ptr;
		event_stack(ctx, &e->stack);
		event_submit(e);
	}
	bpf_map_delete_elem(&live_descs, &ptr);
	return 0;
}

enum { FREE_DEV, FREE_CTRL, FREE_FILTER, FREE_FIRST, FREE_LAST };

/* v6.2: void msi_domain_free_descs(dev, ctrl); keeps (and leaks) what is still associated */
SEC("?fentry/msi_domain_free_descs")
int hook_desc_free(__u64 *ctx)
{
	struct msi_ctrl___v62 *ctrl = (void *)hook_arg(ctx, HOOK_desc_free, FREE_CTRL);
	struct walk w = {
		.dev = hook_arg(ctx, HOOK_desc_free, FREE_DEV),
		.index = BPF_CORE_READ(ctrl, first),
		.last = BPF_CORE_READ(ctrl, last),
		.hook = HOOK_desc_free,
	};

	return range_freed(ctx, &w);
}

/* Before v6.2: void msi_free_msi_descs_range(dev, filter, first, last) */
SEC("?fentry/msi_free_msi_descs_range")
int hook_desc_free_range(__u64 *ctx)
{
	struct walk w = {
		.dev = hook_arg(ctx, HOOK_desc_free_range, FREE_DEV),
		.index = hook_arg(ctx, HOOK_desc_free_range, FREE_FIRST),
		.last = hook_arg(ctx, HOOK_desc_free_range, FREE_LAST),
		.filter = hook_arg(ctx, HOOK_desc_free_range, FREE_FILTER),
		.hook = HOOK_desc_free_range,
	};

	return range_freed(ctx, &w);
}

/* --- association with virqs --------------------------------------------------------------- */

enum { ASSOC_IRQ, ASSOC_OFFSET, ASSOC_DESC };

static __always_inline int associated(__u64 *ctx, int hook)
{
	__u32 offset = hook_arg(ctx, hook, ASSOC_OFFSET);
	__u32 irq = hook_arg(ctx, hook, ASSOC_IRQ) + offset;
	__u64 desc = hook_arg(ctx, hook, ASSOC_DESC);
	__s32 ret = hook_ret(ctx, hook);
	struct msi_ev_assoc *e;
	__u64 dev = 0;

	if (desc) {
		dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
		if (!note_dev(dev))
			return 0;
		if (!ret)
			note_irq(irq, 0);
	} else if (!bpf_map_lookup_elem(&irqs, &irq)) {
		return 0;
	}
	e = EVENT_BEGIN_STACK(assoc, MSI_EV_ASSOC, hook, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	e->offset = offset;
	e->ret = ret;
	e->index = desc_index(desc);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fexit/irq_set_msi_desc_off")
int hook_assoc_off(__u64 *ctx)
{
	return associated(ctx, HOOK_assoc_off);
}

/* Up to v6.12 it does not call the former; where it does, the event comes twice, which is harmless.  */
SEC("?fexit/irq_set_msi_desc")
int hook_assoc(__u64 *ctx)
{
	return associated(ctx, HOOK_assoc);
}

/* --- looked up ---------------------------------------------------------------------------- */

enum { LOOKUP_DEV, LOOKUP_DOMID, LOOKUP_INDEX };

/* The mutex was taken and released inside: what the store had then, the events so far tell.  */
SEC("?fexit/msi_domain_get_virq")
int hook_lookup(__u64 *ctx)
{
	__u64 dev = hook_arg(ctx, HOOK_lookup, LOOKUP_DEV), md = dev_md(dev);
	struct msi_ev_lookup *e;

	if (!md || !note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(lookup, MSI_EV_LOOKUP, HOOK_lookup, dev);
	if (!e)
		return 0;
	e->md = md;
	e->domid = hook_arg(ctx, HOOK_lookup, LOOKUP_DOMID);
	e->index = hook_arg(ctx, HOOK_lookup, LOOKUP_INDEX);
	e->irq = hook_ret(ctx, HOOK_lookup);
	if (dev_is_pci(dev))
		e->multi = BPF_CORE_READ_BITFIELD_PROBED(dev_pdev(dev), msi_enabled);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* --- sysfs -------------------------------------------------------------------------------- */

enum { SYSFS_DEV, SYSFS_DESC };

static __always_inline int sysfs_changed(__u64 *ctx, int hook, __u32 add)
{
	__u64 dev = hook_arg(ctx, hook, SYSFS_DEV);
	__u64 desc = hook_arg(ctx, hook, SYSFS_DESC);
	struct msi_ev_sysfs *e;

	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(sysfs, MSI_EV_SYSFS, hook, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = BPF_CORE_READ((struct msi_desc *)desc, irq);
	e->add = add;
	e->had = !!BPF_CORE_READ((struct msi_desc *)desc, sysfs_attrs);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fentry/msi_sysfs_populate_desc")
int hook_sysfs_add(__u64 *ctx)
{
	return sysfs_changed(ctx, HOOK_sysfs_add, 1);
}

SEC("?fentry/msi_sysfs_remove_desc")
int hook_sysfs_del(__u64 *ctx)
{
	return sysfs_changed(ctx, HOOK_sysfs_del, 0);
}
