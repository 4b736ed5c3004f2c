// SPDX-License-Identifier: GPL-2.0-only
/* drivers/pci/msi/: MSI and MSI-X of a PCI device set up, torn down, restored.  */
#include "matrix.bpf.h"
#include "msi_store.bpf.h"

enum { PCI_DEV, PCI_NVEC, PCI_TYPE };

SEC("?fexit/pci_msi_setup_msi_irqs")
int hook_pci_enable(__u64 *ctx)
{
	__u64 dev = pdev_dev(hook_arg(ctx, HOOK_pci_enable, PCI_DEV));
	__s32 ret = hook_ret(ctx, HOOK_pci_enable);
	struct walk w = { .dev = dev, .last = 0xffff, .hook = HOOK_pci_enable };
	struct msi_ev_pci_enable *e;
	int ndescs = 0;

	if (!note_dev(dev))
		return 0;
	w.md = dev_md(dev);
	matrix_if_full(HOOK_pci_enable, ret > 0 ? MATRIX_ENOSPC : ret);	/* so many there could have been */
	if (!ret)
		ndescs = store_list(&w, MSI_EV_PCI_ENABLE, 0);
	e = EVENT_BEGIN_STACK(pci_enable, MSI_EV_PCI_ENABLE, HOOK_pci_enable, dev);
	if (!e)
		return 0;
	e->cap = hook_arg(ctx, HOOK_pci_enable, PCI_TYPE);
	e->nvec = hook_arg(ctx, HOOK_pci_enable, PCI_NVEC);
	e->ret = ret;
	e->ndescs = ndescs;
	e->list = w.list;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

enum { RANGE_DEV, RANGE_ENTRIES, RANGE_MIN, RANGE_MAX };

/* The array belongs to the caller, who may do what he likes with it once the call has returned.  */
static __always_inline void copy_entries(struct msi_ev_pci_enable_end *e, __u64 entries)
{
	struct msix_entry *me;
	__u32 i;

	for (i = 0; i < MSI_ENTRIES_MAX; i++) {
		if ((__s32)i >= e->ret)
			return;
		me = (void *)(entries + i * bpf_core_type_size(struct msix_entry));
		e->entry[i] = BPF_CORE_READ(me, entry);
		e->vector[i] = BPF_CORE_READ(me, vector);
		e->nr = i + 1;
	}
}

SEC("?fexit/__pci_enable_msix_range")
int hook_pci_enable_end(__u64 *ctx)
{
	__u64 dev = pdev_dev(hook_arg(ctx, HOOK_pci_enable_end, RANGE_DEV));
	__u64 entries = hook_arg(ctx, HOOK_pci_enable_end, RANGE_ENTRIES);
	__s32 ret = hook_ret(ctx, HOOK_pci_enable_end);
	struct msi_ev_pci_enable_end *e;

	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(pci_enable_end, MSI_EV_PCI_ENABLE_END, HOOK_pci_enable_end, dev);
	if (!e)
		return 0;
	e->min = hook_arg(ctx, HOOK_pci_enable_end, RANGE_MIN);
	e->max = hook_arg(ctx, HOOK_pci_enable_end, RANGE_MAX);
	e->ret = ret;
	if (entries)
		copy_entries(e, entries);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* As pci_msi_domain_supports() asks, since v6.2, and the domain itself before; true: or it is not known.  */
static __always_inline bool domain_has_multi_msi(__u64 dev)
{
	struct msi_domain_info *info;
	struct irq_domain *domain;
	__u32 flags, supported;

	if (!bpf_core_field_exists(struct device, msi) || !cfg.msi_flag_multi || !cfg.domain_flag_msi)
		return true;
	domain = BPF_CORE_READ((struct device *)dev, msi.domain);
	flags = domain ? BPF_CORE_READ(domain, flags) : 0;
	info = domain ? BPF_CORE_READ(domain, host_data) : NULL;
	if (flags & cfg.domain_flag_msi_parent)
		supported = BPF_CORE_READ((struct irq_domain___v62 *)domain, msi_parent_ops, supported_flags);
	else if (!(flags & cfg.domain_flag_msi))
		return true;
	else
		supported = info ? BPF_CORE_READ(info, flags) : cfg.msi_flag_multi;
	return supported & cfg.msi_flag_multi;
}

/* More than one MSI was asked for; and if one was given, the device has more.  */
static __always_inline bool wants_multi_msi(__u64 dev, __u32 min, __u32 max, __s32 ret)
{
	struct pci_dev *pdev = (void *)dev_pdev(dev);
	struct msi_desc *d;

	if (ret < 0)
		return min > 1 && ret == MATRIX_ENOSPC && BPF_CORE_READ(pdev, msi_cap);
	if (ret >= (__s32)max || !BPF_CORE_READ_BITFIELD_PROBED(pdev, msi_enabled))
		return false;
	d = (void *)store_get(dev_md(dev), 0);
	return d && BPF_CORE_READ_BITFIELD_PROBED(d, pci.msi_attrib.multi_cap);
}

enum { VECTORS_DEV, VECTORS_MIN, VECTORS_MAX, VECTORS_FLAGS };

SEC("?fexit/pci_alloc_irq_vectors_affinity")
int hook_pci_vectors(__u64 *ctx)
{
	__u64 dev = pdev_dev(hook_arg(ctx, HOOK_pci_vectors, VECTORS_DEV));
	struct msi_ev_pci_vectors *e;

	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(pci_vectors, MSI_EV_PCI_VECTORS, HOOK_pci_vectors, dev);
	if (!e)
		return 0;
	e->min = hook_arg(ctx, HOOK_pci_vectors, VECTORS_MIN);
	e->max = hook_arg(ctx, HOOK_pci_vectors, VECTORS_MAX);
	e->flags = hook_arg(ctx, HOOK_pci_vectors, VECTORS_FLAGS);
	e->ret = hook_ret(ctx, HOOK_pci_vectors);
	if (e->max > 1 && e->flags & MSI_PCI_IRQ_MSI)
		e->single_msi = wants_multi_msi(dev, e->min, e->max, e->ret) && !domain_has_multi_msi(dev);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fentry/pci_msi_teardown_msi_irqs")
int hook_pci_disable(__u64 *ctx)
{
	__u64 pdev = hook_arg(ctx, HOOK_pci_disable, PCI_DEV), dev = pdev_dev(pdev);
	struct msi_ev_pci_disable *e;

	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(pci_disable, MSI_EV_PCI_DISABLE, HOOK_pci_disable, dev);
	if (!e)
		return 0;
	e->msi_enabled = BPF_CORE_READ_BITFIELD_PROBED((struct pci_dev *)pdev, msi_enabled);
	e->msix_enabled = BPF_CORE_READ_BITFIELD_PROBED((struct pci_dev *)pdev, msix_enabled);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fentry/pci_restore_msi_state")
int hook_pci_restore(__u64 *ctx)
{
	__u64 pdev = hook_arg(ctx, HOOK_pci_restore, PCI_DEV), dev = pdev_dev(pdev);
	struct msi_ev_pci_restore *e;

	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN(pci_restore, MSI_EV_PCI_RESTORE, HOOK_pci_restore, dev);
	if (!e)
		return 0;
	e->msi_enabled = BPF_CORE_READ_BITFIELD_PROBED((struct pci_dev *)pdev, msi_enabled);
	e->msix_enabled = BPF_CORE_READ_BITFIELD_PROBED((struct pci_dev *)pdev, msix_enabled);
	event_submit(e);
	return 0;
}
