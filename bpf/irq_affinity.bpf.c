// SPDX-License-Identifier: GPL-2.0-only
/*
 * Affinity set in the chip: msi_set_affinity() (x86 without interrupt remapping) and
 * msi_domain_set_affinity() (with it, and other architectures).  The messages written in between
 * are counted by msi_msg.bpf.c.
 */
#include "matrix.bpf.h"
#include "msi_target.bpf.h"

enum { AFF_IRQD, AFF_MASK };

static __always_inline __u64 cpus_of(void *mask)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), mask);
	return v;
}

static __always_inline __u64 fired_in_all(struct irq_common_data *icd)
{
	struct irq_desc *id = (void *)icd - bpf_core_field_offset(struct irq_desc, irq_common_data);

	return BPF_CORE_READ(id, tot_count);
}

static __always_inline int aff_begin(__u64 *ctx, int hook, bool vectors)
{
	struct irq_data *d = (void *)hook_arg(ctx, hook, AFF_IRQD);
	struct aff_slot *s;
	__u32 zero = 0;

	s = bpf_map_lookup_elem(&affs, &zero);
	if (!d || !s || !irqd_msi_desc(d))
		return 0;
	s->active = 1;
	s->irq = BPF_CORE_READ(d, irq);
	s->irqd = irqd_state(d);
	s->writes = 0;
	if (vectors)
		x86_vector(d, &s->vector, &s->dest);
	s->ts = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int aff_end(__u64 *ctx, int hook, bool vectors)
{
	struct irq_data *d = (void *)hook_arg(ctx, hook, AFF_IRQD);
	__u64 ns, desc, dev, ended = bpf_ktime_get_ns();
	__s32 ret = hook_ret(ctx, hook);
	struct irq_common_data *icd;
	struct msi_now now = {};
	struct msi_ev_aff *e;
	struct aff_slot *s;
	__u32 zero = 0;

	s = bpf_map_lookup_elem(&affs, &zero);
	if (!d || !s || !s->active || s->irq != BPF_CORE_READ(d, irq))
		return 0;
	s->active = 0;
	ns = ended - s->ts;
	desc = irqd_msi_desc(d);
	if (!desc)
		return 0;
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	hist_add(dev, MSI_OP_SET_AFFINITY, ns);
	target_locked(d, desc, &now);
	matrix_if_full(hook, ret);
	e = EVENT_BEGIN_STACK(aff, MSI_EV_AFF, hook, dev);
	if (!e)
		return 0;
	icd = BPF_CORE_READ(d, common);
	e->desc = desc;
	e->requested = cpus_of((void *)hook_arg(ctx, hook, AFF_MASK));
	e->effective = cpus_of((void *)effective_mask(icd));
	e->duration_ns = ns;
	e->irq = s->irq;
	e->ret = ret;
	e->writes = s->writes;
	e->irqd = s->irqd;
	e->flags = desc_flags(desc) | MSI_DESC_STATE_KNOWN;
	if (vectors) {
		e->old_vector = s->vector;
		e->old_dest = s->dest;
		e->new_vector = now.vector;
		e->new_dest = now.dest;
	}
	__builtin_memcpy(&e->now_irqd, &now, sizeof(now));
	e->fired = fired_in_all(icd);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fentry/msi_set_affinity")
int hook_aff_entry(__u64 *ctx)
{
	return aff_begin(ctx, HOOK_aff_entry, true);
}

SEC("?fexit/msi_set_affinity")
int hook_aff(__u64 *ctx)
{
	return aff_end(ctx, HOOK_aff, true);
}

SEC("?fentry/msi_domain_set_affinity")
int hook_aff_ir_entry(__u64 *ctx)
{
	return aff_begin(ctx, HOOK_aff_ir_entry, false);
}

SEC("?fexit/msi_domain_set_affinity")
int hook_aff_ir(__u64 *ctx)
{
	return aff_end(ctx, HOOK_aff_ir, false);
}

/* Whoever asks comes through here, with the lock of the interrupt held; what it does is an AFF, now or later.  */
SEC("?fexit/irq_set_affinity_locked")
int hook_aff_ask(__u64 *ctx)
{
	struct irq_data *d = (void *)hook_arg(ctx, HOOK_aff_ask, AFF_IRQD);
	__s32 ret = hook_ret(ctx, HOOK_aff_ask);
	struct msi_ev_aff_ask *e;
	__u64 desc, dev;

	desc = d ? irqd_msi_desc(d) : 0;
	if (!desc)
		return 0;
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN_STACK(aff_ask, MSI_EV_AFF_ASK, HOOK_aff_ask, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->requested = cpus_of((void *)hook_arg(ctx, HOOK_aff_ask, AFF_MASK));
	e->fired = fired_in_all(BPF_CORE_READ(d, common));
	e->irq = BPF_CORE_READ(d, irq);
	e->ret = ret;
	e->irqd = irqd_state(d);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* Asked on the CPU that is to go.  */
SEC("?fexit/lapic_can_unplug_cpu")
int hook_cpu_unplug(__u64 *ctx)
{
	__s32 ret = hook_ret(ctx, HOOK_cpu_unplug);
	struct msi_ev_cpu_hp *e;

	matrix_look(HOOK_cpu_unplug);
	e = EVENT_BEGIN_STACK(cpu_hp, MSI_EV_CPU_HP, HOOK_cpu_unplug, 0);
	if (!e)
		return 0;
	e->at = e->h.cpu;
	e->ret = ret;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
