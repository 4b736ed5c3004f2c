// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages and masks of PCI MSI vectors.  A descriptor that arrives here may be one that was freed:
 * its device is used only when it is known from elsewhere.
 */
#include "pci_config.bpf.h"

enum { MSG_DESC, MSG_MSG };

static __always_inline __u64 desc_known_dev(__u64 desc)
{
	__u64 dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);

	return dev_known(dev) ? dev : 0;
}

SEC("?fentry/__pci_write_msi_msg")
int hook_msg_write(__u64 *ctx)
{
	__u64 desc = hook_arg(ctx, HOOK_msg_write, MSG_DESC);
	struct msi_msg *msg = (void *)hook_arg(ctx, HOOK_msg_write, MSG_MSG);
	struct msi_desc *d = (void *)desc;
	struct msi_ev_msg_write *e;
	struct aff_slot *s;
	__u32 irq, zero = 0;
	__u64 dev, *id;

	dev = desc_known_dev(desc);
	irq = BPF_CORE_READ(d, irq);
	s = bpf_map_lookup_elem(&affs, &zero);
	if (s && s->active && s->irq >= irq && s->irq < irq + BPF_CORE_READ(d, nvec_used))
		s->writes++;
	if (!dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN_STACK(msg_write, MSI_EV_MSG_WRITE, HOOK_msg_write, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	e->index = desc_index(desc);
	e->old_lo = BPF_CORE_READ(d, msg.address_lo);
	e->old_hi = BPF_CORE_READ(d, msg.address_hi);
	e->old_data = BPF_CORE_READ(d, msg.data);
	e->new_lo = BPF_CORE_READ(msg, address_lo);
	e->new_hi = BPF_CORE_READ(msg, address_hi);
	e->new_data = BPF_CORE_READ(msg, data);
	e->flags = desc_flags(desc);
	e->mask = desc_mask(desc);
	e->multiple = desc_multiple(desc);
	e->nvec_used = BPF_CORE_READ(d, nvec_used);
	if (dev && (e->flags & MSI_DESC_PCI)) {
		e->addr_mask = dev_addr_mask(dev);
		if ((e->flags & (MSI_DESC_MSIX | MSI_DESC_VIRTUAL)) == MSI_DESC_MSIX)
			e->decodes = dev_decodes(dev);
	}
	id = bpf_map_lookup_elem(&irqs, &irq);
	if (id && *id) {
		e->irqd = irq_desc_state(*id);
		e->flags |= MSI_DESC_STATE_KNOWN;
	}
	e->in_aff = s && s->active;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* --- masks -------------------------------------------------------------------------------- */

static __always_inline int mask_event(__u64 *ctx, int hook, __u64 desc, __u32 irq, __u32 mask)
{
	__u64 dev = desc_known_dev(desc);
	struct msi_ev_mask *e;

	if (!dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN_STACK(mask, MSI_EV_MASK, hook, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	e->masked = mask;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

static __always_inline int masked(__u64 *ctx, int hook, __u32 mask)
{
	struct irq_data *d = (void *)hook_arg(ctx, hook, 0);
	__u64 desc = d ? irqd_msi_desc(d) : 0;

	return desc ? mask_event(ctx, hook, desc, BPF_CORE_READ(d, irq), mask) : 0;
}

#define MASK_HOOK(name, func, mask)			\
SEC("?fentry/" func)					\
int hook_##name(__u64 *ctx)					\
{							\
	return masked(ctx, HOOK_##name, mask);		\
}

MASK_HOOK(mask, "pci_msi_mask_irq", 1)
MASK_HOOK(unmask, "pci_msi_unmask_irq", 0)
/* v6.2, per-device domains: a chip of each type */
MASK_HOOK(mask_msi, "pci_irq_mask_msi", 1)
MASK_HOOK(unmask_msi, "pci_irq_unmask_msi", 0)
MASK_HOOK(mask_msix, "pci_irq_mask_msix", 1)
MASK_HOOK(unmask_msix, "pci_irq_unmask_msix", 0)
/* v7.x: first unmask and last mask */
MASK_HOOK(startup_msi, "pci_irq_startup_msi", 0)
MASK_HOOK(shutdown_msi, "pci_irq_shutdown_msi", 1)
MASK_HOOK(startup_msix, "pci_irq_startup_msix", 0)
MASK_HOOK(shutdown_msix, "pci_irq_shutdown_msix", 1)

/*
 * All masks of MSI (not MSI-X) end here.  The callbacks of the irq chip above are seen already; what is
 * left is the PCI core itself, while it enables or disables MSI, with the mutex held.
 */
static __always_inline bool holds_mutex_of(__u64 dev)
{
	__u64 md = dev_md(dev);

	return md && mutex_owner(md_mutex(md)) == bpf_get_current_task();
}

enum { UPDATE_DESC, UPDATE_SET = 2 };

SEC("?fentry/pci_msi_update_mask")
int hook_update_mask(__u64 *ctx)
{
	__u64 desc = hook_arg(ctx, HOOK_update_mask, UPDATE_DESC);
	__u64 dev = desc_known_dev(desc);

	if (dev && !holds_mutex_of(dev))
		return 0;
	return mask_event(ctx, HOOK_update_mask, desc, BPF_CORE_READ((struct msi_desc *)desc, irq),
			  !!hook_arg(ctx, HOOK_update_mask, UPDATE_SET));
}
