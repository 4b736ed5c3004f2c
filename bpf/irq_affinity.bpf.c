// SPDX-License-Identifier: GPL-2.0-only
/*
 * Affinity set in the chip: msi_set_affinity() (x86 without interrupt remapping) and
 * msi_domain_set_affinity() (with it, and other architectures).  The messages written in between
 * are counted by msi_msg.bpf.c.
 */
#include "matrix.bpf.h"
#include "msi_target.bpf.h"

enum { AFF_IRQD, AFF_MASK };

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
	icd = BPF_CORE_READ(d, common);
	/* the wanted mask of another move is the one before it; a CPU that goes offline moves its interrupts itself */
	matrix_if_full(hook, !cpu_is_online(bpf_get_smp_processor_id()) && aff_is_broken(icd) ? MATRIX_ENOSPC : ret);
	e = EVENT_BEGIN_STACK(aff, MSI_EV_AFF, hook, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->requested = cpus_of(hook_arg(ctx, hook, AFF_MASK));
	e->effective = cpus_of(effective_mask(icd));
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
	e->wanted = cpus_of(wanted_mask(icd));
	e->online = cpus_of(msi_cpu_online_mask);
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
	e->requested = cpus_of(hook_arg(ctx, HOOK_aff_ask, AFF_MASK));
	e->fired = fired_in_all(BPF_CORE_READ(d, common));
	e->irq = BPF_CORE_READ(d, irq);
	e->ret = ret;
	e->irqd = irqd_state(d);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

enum { WRITE_FILE, WRITE_BUFFER, WRITE_COUNT };

/* A write to a file of /proc/irq/N: what succeeds is an AFF_ASK.  */
static __always_inline int aff_written(__u64 *ctx, int hook, bool list)
{
	struct file *file = (void *)hook_arg(ctx, hook, WRITE_FILE);
	__u32 count = hook_arg(ctx, hook, WRITE_COUNT);
	__s32 ret = hook_ret(ctx, hook);
	struct msi_ev_aff_write *e;
	struct irq_desc *id;
	__u64 *known, desc, dev;
	__u32 irq;

	if (!file || ret >= 0)
		return 0;
	irq = proc_data((__u64)BPF_CORE_READ(file, f_inode));
	known = bpf_map_lookup_elem(&irqs, &irq);
	if (!known || !*known)
		return 0;
	id = (void *)*known;
	desc = (__u64)BPF_CORE_READ(id, irq_common_data.msi_desc);
	dev = desc ? (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev) : 0;
	if (!dev || !note_dev(dev))
		return 0;
	matrix_if_full(hook, ret);
	e = EVENT_BEGIN_STACK(aff_write, MSI_EV_AFF_WRITE, hook, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->wanted = cpus_of(wanted_mask(&id->irq_common_data));
	e->irq = irq;
	e->ret = ret;
	e->irqd = irq_desc_state((__u64)id);
	e->list = list;
	if (count > sizeof(e->text) - 1)
		count = sizeof(e->text) - 1;
	asm volatile("" : "+r"(count));		/* the verifier believes the mask only */
	bpf_probe_read_user(e->text, count & (sizeof(e->text) - 1), (void *)hook_arg(ctx, hook, WRITE_BUFFER));
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fexit/irq_affinity_proc_write")
int hook_aff_write(__u64 *ctx)
{
	return aff_written(ctx, HOOK_aff_write, false);
}

SEC("?fexit/irq_affinity_list_proc_write")
int hook_aff_write_list(__u64 *ctx)
{
	return aff_written(ctx, HOOK_aff_write_list, true);
}

#define OFFLINE_NS	5000000000ull	/* who asked longer ago has failed before, and this is somebody else's */

/* One at a time: cpu_add_remove_lock.  */
static struct {
	__u64 ts;
	__u32 pid, tid, cpu;
	char comm[MSI_COMM_LEN];
} offline_asker;

/* Whoever writes to the file `online` of a CPU; what follows is done by its stopper.  */
SEC("?fentry/cpu_subsys_offline")
int hook_cpu_offline(__u64 *ctx)
{
	struct device *dev = (void *)hook_arg(ctx, HOOK_cpu_offline, 0);
	__u64 id = bpf_get_current_pid_tgid();

	offline_asker.ts = bpf_ktime_get_ns();
	offline_asker.pid = id >> 32;
	offline_asker.tid = id;
	offline_asker.cpu = BPF_CORE_READ(dev, id);
	bpf_get_current_comm(offline_asker.comm, sizeof(offline_asker.comm));
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
	if (offline_asker.tid && offline_asker.cpu == e->at && e->h.ts_ns - offline_asker.ts < OFFLINE_NS) {
		e->by_pid = offline_asker.pid;
		e->by_tid = offline_asker.tid;
		__builtin_memcpy(e->by_comm, offline_asker.comm, sizeof(e->by_comm));
	}
	offline_asker.tid = 0;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
