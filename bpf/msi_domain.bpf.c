// SPDX-License-Identifier: GPL-2.0-only
/* kernel/irq/msi.c: MSI device data, and the calls that allocate and free the interrupts of a
 * device.  */
#include "msi_store.bpf.h"

static __always_inline bool domain_is_own(struct irq_domain *d)
{
	return BPF_CORE_READ(d, flags) & cfg.domain_flag_msi_device;
}

/* Device data that was not there before: announced, and its mutex known.  */
static __always_inline int data_set_up(__u64 *ctx, int hook, __s32 ret)
{
	__u64 dev = hook_arg(ctx, hook, 0), md = dev_md(dev);
	struct dev_state *ds = bpf_map_lookup_elem(&devs, &dev);
	__u64 before = ds ? ds->md : 0;
	struct msi_ev_data_setup *e;

	if (!ret && before == md && md)
		return 0;
	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(data_setup, MSI_EV_DATA_SETUP, hook, dev);
	if (!e)
		return 0;
	e->md = md;
	e->ret = ret;
	if (before != md)
		e->replaced = before;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fexit/msi_setup_device_data")
int hook_data_setup(__u64 *ctx)
{
	return data_set_up(ctx, HOOK_data_setup, hook_ret(ctx, HOOK_data_setup));
}

/* What made the domain, or would not.  */
static __always_inline void domain_flags(struct msi_ev_dom_create *e, struct irq_domain *d)
{
	struct irq_domain___v62 *parent = (void *)BPF_CORE_READ(d, parent);
	const struct msi_parent_ops___v62 *ops;
	struct msi_domain_info *info;

	info = (void *)BPF_CORE_READ(d, host_data);
	e->parent = (__u64)parent;
	e->own = domain_is_own(d);
	e->pci = domain_is_pci(d);
	e->flags = BPF_CORE_READ(info, flags);
	if (!bpf_core_field_exists(parent->msi_parent_ops))
		return;
	ops = BPF_CORE_READ(parent, msi_parent_ops);
	e->ops = !!ops;
	e->supported = BPF_CORE_READ(ops, supported_flags);
	if (bpf_core_field_exists(ops->required_flags))
		e->required = BPF_CORE_READ(ops, required_flags);
}

/* Sends a DATA_SETUP, too: from v7.2 on the call to msi_setup_device_data() in it is inlined.  */
SEC("?fexit/msi_create_device_irq_domain")
int hook_data_setup_domain(__u64 *ctx)
{
	__u64 dev = hook_arg(ctx, HOOK_data_setup_domain, 0), md = dev_md(dev);
	struct msi_ev_dom_create *e;
	struct irq_domain *d;

	if (!md)
		return 0;
	data_set_up(ctx, HOOK_data_setup_domain, 0);
	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(dom_create, MSI_EV_DOM_CREATE, HOOK_data_setup_domain, dev);
	if (!e)
		return 0;
	d = (void *)md_domain(dev, md);
	e->md = md;
	e->domain = (__u64)d;
	e->domid = hook_arg(ctx, HOOK_data_setup_domain, 1);
	e->created = hook_ret(ctx, HOOK_data_setup_domain) & 0xff;
	if (d)
		domain_flags(e, d);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* msi_remove_device_irq_domain() leaves domains alone that the device does not own.  */
static __always_inline void domain_goes(struct msi_ev_data_release *e, __u64 dev)
{
	struct irq_domain *d = (void *)md_domain(dev, e->md);

	if (!d || !domain_is_own(d))
		return;
	e->own_domain = 1;
	e->mapped = BPF_CORE_READ(d, mapcount);
}

static __always_inline void data_managed(struct msi_ev_data_release *e, __u64 dev)
{
	struct pci_dev *pdev = dev_pdev(dev);

	if (!dev_is_pci(dev))
		return;
	e->managed = BPF_CORE_READ_BITFIELD_PROBED(pdev, is_managed);
	e->unfreed = BPF_CORE_READ_BITFIELD_PROBED(pdev, is_msi_managed);
}

SEC("?fentry/msi_device_data_release")
int hook_data_release(__u64 *ctx)
{
	struct walk w = {
		.dev = hook_arg(ctx, HOOK_data_release, 0),
		.last = 0xffff,
		.hook = HOOK_data_release,
	};
	struct msi_ev_data_release *e;
	struct dev_state *ds;
	__u64 mutex, dev = w.dev;
	int ndescs;

	w.md = dev_md(dev);
	if (!w.md)
		return 0;
	if (note_dev(dev)) {
		if (event_wanted(MSI_EV_LOCK))	/* who holds it may not have done anything else yet */
			lock_flush(mutex_owner(md_mutex(w.md)));
		ndescs = store_list(&w, MSI_EV_DATA_RELEASE, 0);
		e = EVENT_BEGIN_STACK(data_release, MSI_EV_DATA_RELEASE, HOOK_data_release, dev);
		if (e) {
			e->md = w.md;
			e->ndescs = ndescs;
			e->list = w.list;
			e->holder_tid = task_tid(mutex_owner(md_mutex(w.md)));
			domain_goes(e, dev);
			data_managed(e, dev);
			event_stack(ctx, &e->stack);
			event_submit(e);
		}
	}
	mutex = md_mutex(w.md);
	bpf_map_delete_elem(&mutexes, &mutex);
	ds = bpf_map_lookup_elem(&devs, &dev);
	if (ds)		/* the next data may have the same address */
		ds->md = 0;
	return 0;
}

/* --- calls that allocate and free --------------------------------------------------------- */

/* Argument slots of the calls below.  */
enum { CALL_DEV, CALL_DOMID, CALL_FIRST, CALL_LAST, CALL_NVEC, CALL_CTRL };

/* What the descriptors are asked for: the core's domains of devices that are not PCI's make them.  */
static __always_inline void descs_there(struct msi_ev_alloc *e, __u64 dev)
{
	struct irq_domain *domain = (void *)md_domain(dev, e->md);
	struct msi_domain_info *info = (void *)BPF_CORE_READ(domain, host_data);

	e->empty = md_store_empty(e->md);
	e->finds_descs = domain && domain_is_pci(domain) &&
			 !(BPF_CORE_READ(info, flags) & cfg.msi_flag_simple_descs);
}

static __always_inline int call_entered(__u64 *ctx, int hook, __u32 type, __u32 locking,
					__u32 bracket)
{
	struct msi_ctrl___v62 *ctrl = (void *)hook_arg(ctx, hook, CALL_CTRL);
	__u64 dev = hook_arg(ctx, hook, CALL_DEV);
	struct msi_ev_alloc *e;

	if (!note_dev(dev))
		return 0;
	lock_flush_current();
	e = EVENT_BEGIN_STACK(alloc, type, hook, dev);
	if (!e)
		return 0;
	event_owner(e, dev);
	e->locking = locking;
	e->domid = hook_arg(ctx, hook, CALL_DOMID);
	e->first = hook_arg(ctx, hook, CALL_FIRST);
	e->last = hook_arg(ctx, hook, CALL_LAST);
	if (hook_args[hook].pos[CALL_NVEC] >= 0)
		e->last = (__u32)hook_arg(ctx, hook, CALL_NVEC) - 1;
	if (ctrl && bpf_core_type_exists(struct msi_ctrl___v62)) {
		e->domid = BPF_CORE_READ(ctrl, domid);
		e->first = BPF_CORE_READ(ctrl, first);
		e->last = BPF_CORE_READ(ctrl, last);
	}
	e->hwsize = md_hwsize(e->md);
	e->bracket = bracket;
	if (type == MSI_EV_ALLOC && e->md)
		descs_there(e, dev);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

static __always_inline int call_returned(__u64 *ctx, int hook, __u64 ns, __u32 bracket)
{
	__u64 dev = hook_arg(ctx, hook, CALL_DEV);
	__s32 ret = hook_ret(ctx, hook);
	struct msi_ev_alloc_end *e;

	if (!note_dev(dev))
		return 0;
	hist_add(dev, MSI_OP_IRQ_ALLOC, ns);	/* nothing where ns is 0 */
	e = EVENT_BEGIN(alloc_end, MSI_EV_ALLOC_END, hook, dev);
	if (!e)
		return 0;
	e->md = dev_md(dev);
	e->duration_ns = ns;
	e->ret = ret;
	e->bracket = bracket;
	event_submit(e);
	return 0;
}

#define NEEDS_LOCK(name, TYPE, func, bracket)						\
SEC("?fentry/" func)									\
int hook_##name(__u64 *ctx)									\
{											\
	return call_entered(ctx, HOOK_##name, TYPE, MSI_CALL_NEEDS_LOCK, bracket);	\
}

NEEDS_LOCK(alloc_all_locked, MSI_EV_ALLOC, "msi_domain_alloc_irqs_all_locked", MSI_BRACKET_NONE)
NEEDS_LOCK(alloc_range_locked, MSI_EV_ALLOC, "msi_domain_alloc_irqs_range_locked", MSI_BRACKET_NONE)
NEEDS_LOCK(alloc_descs_locked, MSI_EV_ALLOC, "msi_domain_alloc_irqs_descs_locked", MSI_BRACKET_WHOLE)
NEEDS_LOCK(free_all_locked, MSI_EV_FREE, "msi_domain_free_irqs_all_locked", MSI_BRACKET_NONE)
NEEDS_LOCK(free_range_locked, MSI_EV_FREE, "msi_domain_free_irqs_range_locked", MSI_BRACKET_NONE)
NEEDS_LOCK(free_descs_locked, MSI_EV_FREE, "msi_domain_free_irqs_descs_locked", MSI_BRACKET_NONE)

/* Before v6.2: what every allocation comes down to, and undoes when it fails.  */
SEC("?fexit/msi_domain_alloc_irqs_descs_locked")
int hook_alloc_descs_end(__u64 *ctx)
{
	return call_returned(ctx, HOOK_alloc_descs_end, 0, MSI_BRACKET_WHOLE);
}

/*
 * v6.2: what every allocation comes down to but that of a single index, msi_domain_alloc_irq_at(),
 * which returns a struct and cannot be traced.  Its caller undoes what it did.
 */
SEC("?fentry/__msi_domain_alloc_locked")
int hook_alloc_core(__u64 *ctx)
{
	return call_entered(ctx, HOOK_alloc_core, MSI_EV_ALLOC, MSI_CALL_TAKES_LOCK,
			    MSI_BRACKET_UNDONE_AFTER);
}

SEC("?fexit/__msi_domain_alloc_locked")
int hook_alloc_core_end(__u64 *ctx)
{
	return call_returned(ctx, HOOK_alloc_core_end, 0, MSI_BRACKET_UNDONE_AFTER);
}

/* What every allocation comes down to; its arguments changed places in v6.2.  */
SEC("?fentry/__msi_domain_alloc_irqs")
int hook_alloc(__u64 *ctx)
{
	call_begin(HOOK_alloc, 0);
	return call_entered(ctx, HOOK_alloc, MSI_EV_ALLOC, MSI_CALL_TAKES_LOCK, MSI_BRACKET_NONE);
}

SEC("?fexit/__msi_domain_alloc_irqs")
int hook_alloc_end(__u64 *ctx)
{
	__u64 ns;

	call_end(HOOK_alloc, &ns, NULL);
	return call_returned(ctx, HOOK_alloc_end, ns, MSI_BRACKET_NONE);
}
