// SPDX-License-Identifier: GPL-2.0-only
/*
 * The baseline: what existed before msitrace attached.  User space reads an attribute of every
 * device that has MSI data, and /sys/kernel/irq/N/actions of every interrupt; the kernfs nodes pin
 * the objects while the hooks below look at them.  Readers other than msitrace are not looked at.
 */
#include "domain_list.bpf.h"
#include "matrix.bpf.h"
#include "msi_store.bpf.h"
#include "msi_target.bpf.h"

static __always_inline bool is_self(void)
{
	return (bpf_get_current_pid_tgid() >> 32) == cfg.self_tgid;
}

/*
 * The task that holds the mutex since before attaching, 0: nobody does.  Who took it since is in
 * `holders`, and who is just about to release it has been seen entering mutex_unlock().
 */
static __always_inline __u64 note_holder(__u64 dev, __u64 md)
{
	__u64 mutex = md_mutex(md), task = mutex_owner(mutex);
	struct mutex_state *ms = bpf_map_lookup_elem(&mutexes, &mutex);
	struct held *h;

	if (!task || !ms || ms->releasing == task || held_by(task))
		return 0;
	h = holder_new(task);
	if (!h || h->lock[0].mutex)
		return 0;
	h->pid = BPF_CORE_READ((struct task_struct *)task, tgid);
	h->tid = BPF_CORE_READ((struct task_struct *)task, pid);
	h->lock[0].mutex = mutex;
	h->lock[0].md = md;
	h->lock[0].dev = dev;
	if (mutex_owner(mutex) == task && ms->releasing != task)
		return task;
	holder_gone(task);	/* it went while we looked */
	return 0;
}

__u32 msi_look = MSI_LOOK_BASELINE;

/* ssize_t dev_attr_show(struct kobject *kobj, struct attribute *attr, char *buf) */
SEC("?fentry/dev_attr_show")
int hook_snap_dev(__u64 *ctx)
{
	__u64 kobj = hook_arg(ctx, HOOK_snap_dev, 0);
	struct walk w = { .last = 0xffff, .hook = HOOK_snap_dev };

	if (!is_self())
		return 0;
	w.dev = kobj - bpf_core_field_offset(struct device, kobj);
	w.md = dev_md(w.dev);
	if (!w.md || !note_dev(w.dev))
		return 0;
	if (msi_look == MSI_LOOK_FILES) {
		w.owner = mutex_owner(md_mutex(w.md));
		store_list(&w, MSI_EV_SYSFS_LIST, 1);
		return 0;
	}
	w.owner = note_holder(w.dev, w.md);
	store_list(&w, MSI_EV_BASELINE, 1);
	return 0;
}

/* Adds up what the interrupts hold, whatever they belong to.  */
static __always_inline void note_books(__u64 irq_desc)
{
	__u32 books = apic_books(as_number(irq_desc + bpf_core_field_offset(struct irq_desc, irq_data)));

	if (!(books & MSI_BOOKS_KNOWN))
		return;
	msi_books.irqs++;
	if (books & MSI_BOOKS_VECTOR)
		msi_books.hold++;
	if (books & MSI_BOOKS_RESERVED)
		msi_books.reserved++;
	if (books & MSI_BOOKS_MOVING) {
		msi_books.hold++;
		msi_books.moving++;
	}
}

#define DOMAIN_NAME(to, d) bpf_probe_read_kernel_str(to, sizeof(to), BPF_CORE_READ(d, domain, name))

/* From the domain of its device up to the one that its CPU's vector comes from.  Returns the last that was looked at.  */
static __always_inline struct irq_data *look_at_domains(struct irq_data *d, struct msi_ev_irq_look *e)
{
	struct irq_data *parent;

	DOMAIN_NAME(e->domain, d);
	parent = BPF_CORE_READ(d, parent_data);
	if (!parent)
		return d;
	d = parent;
	DOMAIN_NAME(e->parent, d);
	e->parent_hwirq = BPF_CORE_READ(d, hwirq);
	parent = BPF_CORE_READ(d, parent_data);
	if (!parent)
		return d;
	d = parent;
	DOMAIN_NAME(e->above, d);
	parent = BPF_CORE_READ(d, parent_data);
	if (!parent)
		return d;
	DOMAIN_NAME(e->top, parent);
	return parent;
}

/* What only a look tells: its place in the hierarchy of domains, and the vectors that it holds.  */
static __always_inline void look_at_place(struct irq_desc *id, struct msi_ev_irq_look *e)
{
	struct irq_data *d = (void *)id + bpf_core_field_offset(struct irq_desc, irq_data);
	struct apic_chip_data *apic;

	e->hwirq = BPF_CORE_READ(d, hwirq);
	bpf_probe_read_kernel_str(e->chip, sizeof(e->chip), BPF_CORE_READ(d, chip, name));
	apic = apic_data(look_at_domains(d, e));
	if (!apic)
		return;
	e->held = BPF_CORE_READ(apic, vector);
	e->held_at = BPF_CORE_READ(apic, cpu);
	e->left = BPF_CORE_READ(apic, prev_vector);
	e->left_at = BPF_CORE_READ(apic, prev_cpu);
}

/* Whether user space may move it, and whether that happens at once: MSI_IRQD_* of a look only.  */
static __always_inline __u32 affinity_bits(struct irq_desc *id)
{
	__u32 raw = BPF_CORE_READ(id, irq_common_data.state_use_accessors), b = 0;
	struct irq_chip *chip = BPF_CORE_READ(id, irq_data.chip);

	if ((raw & cfg.irqd_no_affinity) || !BPF_CORE_READ(chip, irq_set_affinity))
		b |= MSI_IRQD_NO_AFFINITY;
	if (cfg.irqchip_move_deferred ? !(BPF_CORE_READ(chip, flags) & cfg.irqchip_move_deferred) :
	    raw & cfg.irqd_move_pcntxt)
		b |= MSI_IRQD_MOVE_PCNTXT;
	return b;
}

/* An interrupt as it is.  A global function: looked at once by the verifier.  desc is 0: no MSI.  */
__weak int look_at_irq(__u64 irq_desc, __u64 desc)
{
	__u64 dev = desc ? (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev) : 0;
	struct irq_desc *id = (void *)irq_desc;
	struct msi_ev_irq_look *e;
	struct msi_now now = {};

	if (!note_dev(dev))
		return 0;
	if (desc) {
		target_unlocked(irq_desc, desc, &now);
	} else {
		now.books = apic_books(irq_desc + bpf_core_field_offset(struct irq_desc, irq_data));
		now.irqd = irq_desc_state(irq_desc);
		if (!now.books)
			return 0;
	}
	now.irqd |= affinity_bits(id);
	e = EVENT_BEGIN(irq_look, MSI_EV_IRQ_LOOK, HOOK_snap_irq, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = BPF_CORE_READ(id, irq_data.irq);
	e->index = desc_index(desc);
	e->fired = BPF_CORE_READ(id, tot_count);
	e->effective = cpus_of(effective_mask(&id->irq_common_data));
	e->online = cpus_of(msi_cpu_online_mask);
	event_action(e, id);
	e->thread_fn = (__u64)BPF_CORE_READ(id, action, thread_fn);
	__builtin_memcpy(&e->now_irqd, &now, sizeof(now));
	look_at_place(id, e);
	event_submit(e);
	return 0;
}

/* ssize_t actions_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf) */
SEC("?fentry/actions_show")
int hook_snap_irq(__u64 *ctx)
{
	__u64 desc, dev, kobj = hook_arg(ctx, HOOK_snap_irq, 0);
	struct msi_ev_snap_irq *e;
	struct irq_desc *id;
	__u32 irq;

	if (!is_self())
		return 0;
	if (msi_look == MSI_LOOK_MATRIX) {
		matrix_look(0);
		return 0;
	}
	if (msi_look == MSI_LOOK_TOTALS) {
		books_totals();
		return 0;
	}
	if (msi_look == MSI_LOOK_DOMAINS) {
		domains_look();
		return 0;
	}
	id = (void *)(kobj - bpf_core_field_offset(struct irq_desc, kobj));
	if (msi_look == MSI_LOOK_BOOKS) {
		note_books((__u64)id);
		return 0;
	}
	desc = (__u64)BPF_CORE_READ(id, irq_common_data.msi_desc);
	if (msi_look == MSI_LOOK_ALL_IRQS || (desc && msi_look == MSI_LOOK_IRQS)) {
		look_at_irq(as_number((__u64)id), as_number(desc));
		return 0;	/* the verifier does not know that of a global function */
	}
	if (!desc)
		return 0;
	irq = BPF_CORE_READ(id, irq_data.irq);
	note_irq(irq, (__u64)id);
	dev = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
	if (!note_dev(dev))
		return 0;
	e = EVENT_BEGIN(snap_irq, MSI_EV_SNAP_IRQ, HOOK_snap_irq, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	e->irqd = irq_desc_state((__u64)id);
	e->index = desc_index(desc);
	e->flags = desc_flags(desc) | MSI_DESC_STATE_KNOWN;
	event_action(e, id);
	if (e->handler)
		watch_fired(irq, e->name);
	event_submit(e);
	return 0;
}
