// SPDX-License-Identifier: GPL-2.0-only
/* kernel/irq/irqdomain.c: virqs allocated, freed, activated, deactivated.  Only those of MSIs are
 * reported; a virq is known to be one from its association, its activation or the baseline.  */
#include "msitrace.bpf.h"

enum { ALLOC_DOMAIN, ALLOC_VIRQ, ALLOC_NR };

/* The allocation callback of MSI domains; sits in an ops table, so that no caller can inline it.  */
SEC("?fexit/msi_domain_alloc")
int hook_irq_alloc(__u64 *ctx)
{
	__u64 domain = hook_arg(ctx, HOOK_irq_alloc, ALLOC_DOMAIN);
	__s32 ret = hook_ret(ctx, HOOK_irq_alloc);
	struct msi_ev_irq_alloc *e;

	if (cfg.filter_dev)	/* the call names no device; ASSOC follows */
		return 0;
	e = EVENT_BEGIN_STACK(irq_alloc, MSI_EV_IRQ_ALLOC, HOOK_irq_alloc, 0);
	if (!e)
		return 0;
	e->domain = domain;
	e->irq = hook_arg(ctx, HOOK_irq_alloc, ALLOC_VIRQ);
	e->nr = hook_arg(ctx, HOOK_irq_alloc, ALLOC_NR);
	e->ret = ret;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name),
				  BPF_CORE_READ((struct irq_domain *)domain, name));
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

enum { FREE_VIRQ, FREE_NR };
#define FREE_MAX 64	/* of one call: multi-MSI has at most 32 */

struct freed {
	__u64 *ctx;
	__u32 virq, nr;
};

static __always_inline int irq_freed(__u64 *ctx, __u32 virq)
{
	struct msi_ev_irq_free *e;
	struct irq_desc *id = NULL;
	struct irqaction *action;
	__u64 *known, desc = 0, dev = 0;

	known = bpf_map_lookup_elem(&irqs, &virq);
	if (!known)
		return 0;
	id = (void *)*known;
	bpf_map_delete_elem(&irqs, &virq);
	if (id)
		desc = (__u64)BPF_CORE_READ(id, irq_common_data.msi_desc);
	if (desc)
		dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!dev_known(dev))
		dev = 0;
	if (!dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN_STACK(irq_free, MSI_EV_IRQ_FREE, HOOK_irq_free, dev);
	if (!e)
		return 0;
	e->irq = virq;
	e->desc = desc;
	if (id) {
		e->known = 1;
		e->irqd = irq_desc_state((__u64)id);
		action = BPF_CORE_READ(id, action);
		if (action) {
			e->handler = (__u64)BPF_CORE_READ(action, handler);
			bpf_probe_read_kernel_str(e->name, sizeof(e->name),
						  BPF_CORE_READ(action, name));
		}
	}
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

static long freed_step(__u32 i, struct freed *f)
{
	if (i >= f->nr)
		return 1;
	irq_freed(f->ctx, f->virq + i);
	return 0;
}

SEC("?fentry/irq_domain_free_irqs")
int hook_irq_free(__u64 *ctx)
{
	__u32 virq = hook_arg(ctx, HOOK_irq_free, FREE_VIRQ);
	__u32 nr = hook_arg(ctx, HOOK_irq_free, FREE_NR);
	__u64 *known = bpf_map_lookup_elem(&irqs, &virq);
	__u64 desc = 0, dev = 0;
	struct freed f = { .ctx = ctx, .virq = virq, .nr = nr };

	if (known && *known && (cfg.hist || event_wanted(MSI_EV_FREE_END))) {
		desc = (__u64)BPF_CORE_READ((struct irq_desc *)*known, irq_common_data.msi_desc);
		if (desc)
			dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
		if (dev_known(dev))
			call_begin(HOOK_irq_free, dev);
	}
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) {	/* v5.17 */
		bpf_loop(FREE_MAX, freed_step, &f, 0);
		if (nr > FREE_MAX)
			lost_ring(MSI_EV_IRQ_FREE);
	} else {
		irq_freed(ctx, virq);
		if (nr > 1)
			lost_ring(MSI_EV_IRQ_FREE);
	}
	return 0;
}

SEC("?fexit/irq_domain_free_irqs")
int hook_irq_free_end(__u64 *ctx)
{
	struct msi_ev_free_end *e;
	__u64 ns, dev = 0;

	if (!call_end(HOOK_irq_free, &ns, &dev))
		return 0;
	hist_add(dev, MSI_OP_IRQ_FREE, ns);
	if (!dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN(free_end, MSI_EV_FREE_END, HOOK_irq_free_end, dev);
	if (!e)
		return 0;
	e->duration_ns = ns;
	event_submit(e);
	return 0;
}

/* --- activation --------------------------------------------------------------------------- */

enum { ACT_IRQD, ACT_RESERVE };

SEC("?fentry/irq_domain_activate_irq")
int hook_activate_entry(__u64 *ctx)
{
	struct irq_data *d = (void *)hook_arg(ctx, HOOK_activate_entry, ACT_IRQD);

	if (!d || !irqd_msi_desc(d))
		return 0;
	note_irq(BPF_CORE_READ(d, irq), irqd_to_desc((__u64)d));
	call_begin(HOOK_activate_entry, 0);
	return 0;
}

SEC("?fexit/irq_domain_activate_irq")
int hook_activate(__u64 *ctx)
{
	struct irq_data *d = (void *)hook_arg(ctx, HOOK_activate, ACT_IRQD);
	__s32 ret = hook_ret(ctx, HOOK_activate);
	struct msi_ev_activate *e;
	__u64 ns, desc, dev;

	if (!d)
		return 0;
	desc = irqd_msi_desc(d);
	if (!desc)
		return 0;
	call_end(HOOK_activate_entry, &ns, NULL);
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	hist_add(dev, MSI_OP_ACTIVATE, ns);
	e = EVENT_BEGIN_STACK(activate, MSI_EV_ACTIVATE, HOOK_activate, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->duration_ns = ns;
	e->irq = BPF_CORE_READ(d, irq);
	e->reserve = hook_arg(ctx, HOOK_activate, ACT_RESERVE) & 0xff;
	e->ret = ret;
	e->irqd = irqd_state(d);
	e->flags = desc_flags(desc) | MSI_DESC_STATE_KNOWN;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fentry/irq_domain_deactivate_irq")
int hook_deactivate(__u64 *ctx)
{
	struct irq_data *d = (void *)hook_arg(ctx, HOOK_deactivate, ACT_IRQD);
	struct msi_ev_deactivate *e;
	__u64 desc, dev;

	if (!d)
		return 0;
	desc = irqd_msi_desc(d);
	if (!desc)
		return 0;
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(deactivate, MSI_EV_DEACTIVATE, HOOK_deactivate, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = BPF_CORE_READ(d, irq);
	e->irqd = irqd_state(d);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
