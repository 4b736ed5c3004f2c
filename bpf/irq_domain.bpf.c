// SPDX-License-Identifier: GPL-2.0-only
/* kernel/irq/irqdomain.c: virqs allocated, freed, activated, deactivated.  Only those of MSIs are
 * reported; a virq is known to be one from its association, its activation or the baseline.  */
#include "matrix.bpf.h"
#include "msi_target.bpf.h"

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
#define FREE_MAX 32	/* of one call: what multi-MSI has at most */

/*
 * One of the virqs of a call; the stack of all of them is in free_stack.  A global function: looked
 * at once by the verifier, not once for each round of the loop.
 */
__weak int irq_freed(__u32 virq)
{
	__u64 *known = bpf_map_lookup_elem(&irqs, &virq);
	struct msi_ev_irq_free *e;
	__u64 desc = 0, dev = 0;
	struct msi_stack *stack;
	struct irq_desc *id;
	__u32 zero = 0;

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
	stack = bpf_map_lookup_elem(&free_stack, &zero);
	if (!stack || !dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN_STACK(irq_free, MSI_EV_IRQ_FREE, HOOK_irq_free, dev);
	if (!e)
		return 0;
	e->irq = virq;
	e->desc = desc;
	if (id) {
		e->known = 1;
		e->irqd = irq_desc_state((__u64)id);
		event_action(e, id);
	}
	__builtin_memcpy(&e->stack, stack, sizeof(*stack));
	event_submit(e);
	return 0;
}

SEC("?fentry/irq_domain_free_irqs")
int hook_irq_free(__u64 *ctx)
{
	__u32 virq = hook_arg(ctx, HOOK_irq_free, FREE_VIRQ);
	__u32 nr = hook_arg(ctx, HOOK_irq_free, FREE_NR);
	__u64 *known = bpf_map_lookup_elem(&irqs, &virq);
	struct msi_stack *stack;
	__u64 desc = 0, dev = 0;
	__u32 i, zero = 0;

	if (!known)
		return 0;
	if (*known && (cfg.hist || event_wanted(MSI_EV_FREE_END))) {
		desc = (__u64)BPF_CORE_READ((struct irq_desc *)*known, irq_common_data.msi_desc);
		if (desc)
			dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
		if (dev_known(dev))
			call_begin(HOOK_irq_free, dev);
	}
	stack = bpf_map_lookup_elem(&free_stack, &zero);
	if (stack)
		event_stack(ctx, stack);
	for (i = 0; i < FREE_MAX; i++) {
		if (i >= nr)
			return 0;
		irq_freed(virq + i);
	}
	if (nr > FREE_MAX)
		lost_ring();
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

/* --- vectors ------------------------------------------------------------------------------ */

/* Here the vectors that the same device was given before are still taken: its caller gives them back.  */
SEC("?fexit/x86_vector_alloc_irqs")
int hook_vector_alloc(__u64 *ctx)
{
	matrix_if_full(HOOK_vector_alloc, hook_ret(ctx, HOOK_vector_alloc));
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
	call_begin(HOOK_activate_entry, 0);
	return 0;
}

#define DOMAINS_MAX	8	/* that an interrupt is in */

/* "INTEL-IR", "AMD-IR": chips of drivers/iommu that remap.  */
static __always_inline bool chip_remaps(struct irq_data *d)
{
	const char *name = BPF_CORE_READ(d, chip, name);
	char s[9] = "";

	if (!name)
		return false;
	bpf_probe_read_kernel_str(s, sizeof(s), name);
	if (s[0] == 'A')
		return s[1] == 'M' && s[2] == 'D' && s[3] == '-' && s[4] == 'I' && s[5] == 'R';
	return s[0] == 'I' && s[1] == 'N' && s[2] == 'T' && s[3] == 'E' && s[4] == 'L' && s[5] == '-' &&
	       s[6] == 'I' && s[7] == 'R';
}

static __always_inline void event_hierarchy(struct msi_ev_activate *e, struct irq_data *d)
{
	__u64 domain = 0;
	__u32 i;

	e->domain = (__u64)BPF_CORE_READ(d, domain);
	for (i = 0; d && i < DOMAINS_MAX; i++) {
		domain = (__u64)BPF_CORE_READ(d, domain);
		e->depth = i + 1;
		e->remapped |= chip_remaps(d);
		d = BPF_CORE_READ(d, parent_data);
	}
	if (!d)
		e->root = domain;
}

/* It got a vector, and not where it was to stay.  A global function: looked at once by the verifier.  */
__weak int start_is_broken(__u64 icd, __u32 reserve)
{
	struct irq_common_data *c = (void *)icd;

	return !reserve && !(BPF_CORE_READ(c, state_use_accessors) & cfg.irqd_managed) && aff_is_broken(c);
}

SEC("?fexit/irq_domain_activate_irq")
int hook_activate(__u64 *ctx)
{
	struct irq_data *d = (void *)hook_arg(ctx, HOOK_activate, ACT_IRQD);
	__s32 ret = hook_ret(ctx, HOOK_activate);
	struct irq_common_data *icd;
	struct msi_ev_activate *e;
	__u64 ns, desc, dev;
	__u32 irq;

	if (!d)
		return 0;
	desc = irqd_msi_desc(d);
	irq = BPF_CORE_READ(d, irq);
	if (desc || bpf_map_lookup_elem(&irqs, &irq))	/* it has one, or should have */
		note_irq(irq, irqd_to_desc((__u64)d));
	if (!desc)
		return 0;
	call_end(HOOK_activate_entry, &ns, NULL);
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	hist_add(dev, MSI_OP_ACTIVATE, ns);
	icd = BPF_CORE_READ(d, common);
	if (ret || start_is_broken(as_number((__u64)icd), hook_arg(ctx, HOOK_activate, ACT_RESERVE) & 0xff))
		matrix_if_full(HOOK_activate, ret ?: MATRIX_ENOSPC);
	e = EVENT_BEGIN_STACK(activate, MSI_EV_ACTIVATE, HOOK_activate, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->duration_ns = ns;
	e->irq = irq;
	e->reserve = hook_arg(ctx, HOOK_activate, ACT_RESERVE) & 0xff;
	e->ret = ret;
	e->irqd = irqd_state(d);
	e->flags = desc_flags(desc) | MSI_DESC_STATE_KNOWN;
	event_hierarchy(e, d);
	e->wanted = cpus_of(wanted_mask(icd));
	e->effective = cpus_of(effective_mask(icd));
	e->online = cpus_of(msi_cpu_online_mask);
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
