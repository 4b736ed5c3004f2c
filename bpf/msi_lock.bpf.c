// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptor mutex: mutex_lock() and mutex_unlock() of the mutexes that are known to be one.
 * (msi_lock_descs() itself is inlined in the core on every kernel.)  All other mutexes of the
 * system pay a look at addr_filter, and one hash lookup more while a task is in a section.
 *
 * These two are kprobes: a kprobe's program runs with preemption off, so nothing is missed.  An
 * fentry program that is preempted makes the kernel skip it for every other task on that CPU
 * (recursion_misses), and on a preemptible kernel these functions are hot enough for it to happen in
 * every run.  A kprobe at the entry is also all that is needed: what a task does after it entered
 * mutex_lock() is done with the mutex held.
 */
#include "lock_order.bpf.h"

/* Whoever the task is: sections are followed for all, and filtered when they are sent.  */
static __always_inline bool lock_wanted(__u64 dev)
{
	return (event_wanted(MSI_EV_LOCK) || cfg.hist) && dev_allowed(dev);
}

static __always_inline struct held_lock *held_slot(struct held *h, __u64 mutex)
{
	__u32 i;

	for (i = 0; i < HELD_MAX; i++)
		if (h->lock[i].mutex == mutex)
			return &h->lock[i];
	return NULL;
}

/*
 * include/linux/preempt.h: fields of preempt_count.  v7.3 has 64 bits of them on x86, and counts in
 * between how often interrupts were disabled.
 */
#define PREEMPT_DEPTH		0x000000ff
#define SOFTIRQ_SERVING		0x00000100
#define SOFTIRQ_DISABLED	0x0000fe00
#define HARDIRQ_DEPTH		0x000f0000
#define NMI_DEPTH		0x00f00000
#define NEED_RESCHED		0x80000000	/* inverted, arch/x86/include/asm/preempt.h */
#define WIDE_IRQS_OFF		0x00ff0000
#define WIDE_HARDIRQ_DEPTH	0x0f000000
#define WIDE_NMI_DEPTH		0xf0000000
#define EFLAGS_IF		0x200

static __always_inline bool preempt_count(__u32 *count)
{
	if (!read_preempt_count(count))
		return false;
	if (!cfg.preempt_wide)
		*count &= ~NEED_RESCHED;
	return true;
}

/*
 * What a kprobe adds to preempt_count depends on how the kernel makes it, and on who else looks at
 * the function: it is learnt from calls that user space makes, by the same way as all others.
 */
static __always_inline void calibrate(void)
{
	__u32 count;

	if ((bpf_get_current_pid_tgid() >> 32) == cfg.self_tgid && preempt_count(&count))
		msi_preempt_base = count + 1;
}

static __always_inline __u32 irq_context(__u32 count)
{
	__u32 c = 0;

	if (count & (cfg.preempt_wide ? WIDE_HARDIRQ_DEPTH : HARDIRQ_DEPTH))
		c |= MSI_CTX_HARDIRQ;
	if (count & (cfg.preempt_wide ? WIDE_NMI_DEPTH : NMI_DEPTH))
		c |= MSI_CTX_NMI;
	if (cfg.preempt_wide && (count & WIDE_IRQS_OFF))
		c |= MSI_CTX_IRQS_OFF;
	return c;
}

static __always_inline __u32 lock_context(struct pt_regs *ctx, __u32 *depth)
{
	__u32 count, base = msi_preempt_base;
	__u32 c = ctx->flags & EFLAGS_IF ? 0 : MSI_CTX_IRQS_OFF;

	*depth = 0;
	if (!base || !preempt_count(&count) || count < base - 1)
		return c | MSI_CTX_UNKNOWN;
	count -= base - 1;
	*depth = count & PREEMPT_DEPTH;
	if (*depth)
		c |= MSI_CTX_PREEMPT_OFF;
	if (count & SOFTIRQ_SERVING)
		c |= MSI_CTX_SOFTIRQ;
	if (count & SOFTIRQ_DISABLED)
		c |= MSI_CTX_BH_OFF;
	return c | irq_context(count);
}

static __always_inline void hold_add(void *ctx, __u64 mutex, struct mutex_state *ms, __u32 context)
{
	__u64 id = bpf_get_current_pid_tgid(), task = bpf_get_current_task();
	struct held *h = held_by(task);
	struct held_lock *l = NULL;

	if (!h)
		h = holder_new(task);
	if (h)
		l = held_slot(h, mutex) ?: held_slot(h, 0);	/* the former: its unlock was missed */
	if (!l) {
		lost_map();
		return;
	}
	h->pid = id >> 32;
	h->tid = id;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
	l->mutex = mutex;
	l->md = ms->md;
	l->dev = ms->dev;
	l->since = bpf_ktime_get_ns();
	l->wait = 0;
	l->context = context;
	l->pending = event_wanted(MSI_EV_LOCK) && dev_allowed(ms->dev);
	if (l->pending)
		event_stack(ctx, &l->stack);
}

/* When `task` took the mutex, 0: not known; forgets it.  */
static __always_inline __u64 hold_del(__u64 task, __u64 mutex)
{
	struct held *h = held_by(task);
	struct held_lock *l;
	__u64 since = 0;
	__u32 i, left = 0;

	if (!h)
		return 0;
	lock_flush(task);
	l = held_slot(h, mutex);
	if (l) {
		since = l->since;
		l->mutex = 0;
	}
	for (i = 0; i < HELD_MAX; i++)
		left |= !!h->lock[i].mutex;
	if (!left)
		holder_gone(task);
	return since;
}

/* The holder does something else.  */
static __always_inline void other_mutex(struct pt_regs *ctx, __u64 mutex)
{
	__u64 owner, task = bpf_get_current_task();
	struct held *h = held_by(task);
	__u32 i;

	if (!h)
		return;
	owner = mutex_owner(mutex);
	if (owner == task)
		return;
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < HELD_MAX; i++)
		if (really_holds(&h->lock[i], task))
			edge_to_mutex(ctx, &h->lock[i], mutex, owner);
}

static __always_inline void lock_try(struct pt_regs *ctx, struct mutex_state *ms, __u64 owner,
				     __u32 context, __u32 depth)
{
	struct msi_ev_lock_try *e;

	if (!owner && !(context & MSI_CTX_ATOMIC))
		return;
	if (owner == bpf_get_current_task())	/* it never does anything again */
		lock_flush(owner);
	e = EVENT_BEGIN_STACK(lock_try, MSI_EV_LOCK_TRY, HOOK_lock, ms->dev);
	if (!e)
		return;
	e->md = ms->md;
	e->owner_tid = task_tid(owner);
	e->owner_current = owner == bpf_get_current_task();
	e->context = context;
	e->preempt_depth = depth;
	event_stack(ctx, &e->stack);
	event_submit(e);
}

/* The address of the mutex is what NULL makes of it; which device it was cannot be seen from here.  */
static __always_inline void lock_without_data(struct pt_regs *ctx)
{
	struct msi_ev_lock_try *e;

	e = EVENT_BEGIN_STACK(lock_try, MSI_EV_LOCK_TRY, HOOK_lock, 0);
	if (!e)
		return;
	event_stack(ctx, &e->stack);
	event_submit(e);
}

SEC("?kprobe/mutex_lock")
int hook_lock(struct pt_regs *ctx)
{
	__u64 owner, mutex = PT_REGS_PARM1(ctx);
	struct mutex_state *ms;
	__u32 context, depth;

	if (msi_calibrate)
		calibrate();
	ms = mutex_known(mutex);
	if (!ms) {
		if (mutex == md_mutex(0) && dev_allowed(0))
			lock_without_data(ctx);
		if (cfg.locks && msi_nr_holders)
			other_mutex(ctx, mutex);
		return 0;
	}
	if (!lock_wanted(ms->dev))
		return 0;
	if (ms->releasing == bpf_get_current_task())
		ms->releasing = 0;
	owner = mutex_owner(mutex);
	context = lock_context(ctx, &depth);
	lock_try(ctx, ms, owner, context, depth);
	if (owner == bpf_get_current_task())	/* it will never get it */
		return 0;
	if (cfg.locks)
		edges_to_desc_mutex(ctx, ms, owner);
	hold_add(ctx, mutex, ms, context);
	return 0;
}

/* For the time spent waiting, and to show it at once: measurements may be missed, sections may not.  */
SEC("?fexit/mutex_lock")
int hook_lock_got(__u64 *ctx)
{
	__u64 mutex = hook_arg(ctx, HOOK_lock_got, 0), task = bpf_get_current_task();
	struct mutex_state *ms = mutex_known(mutex);
	struct held_lock *l;
	struct held *h;
	__u64 now;

	if (!ms)
		return 0;
	h = held_by(task);
	l = h ? held_slot(h, mutex) : NULL;
	if (!l || !l->since)
		return 0;
	now = bpf_ktime_get_ns();
	hist_add(ms->dev, MSI_OP_LOCK_WAIT, now - l->since);
	l->wait = now - l->since;
	l->since = now;
	lock_flush(task);
	return 0;
}

/* What the section leaves behind.  */
static __always_inline void left_behind(struct msi_ev_unlock *e, __u64 dev)
{
	struct msi_device_data *md = (void *)e->md;
	__u64 cursor = BPF_CORE_READ(md, __iter_idx);

	e->cursor = cursor > ~0u ? ~0u : cursor;
	e->empty = md_store_empty(e->md);
	e->pci = dev_is_pci(dev);
	if (e->pci)
		e->msi_enabled = BPF_CORE_READ_BITFIELD_PROBED(dev_pdev(dev), msi_enabled);
}

SEC("?kprobe/mutex_unlock")
int hook_unlock(struct pt_regs *ctx)
{
	__u64 owner, since, ns = 0, mutex = PT_REGS_PARM1(ctx);
	struct mutex_state *ms = mutex_known(mutex);
	struct msi_ev_unlock *e;

	if (!ms || !lock_wanted(ms->dev))
		return 0;
	owner = mutex_owner(mutex);
	ms->releasing = owner;
	since = hold_del(owner, mutex);
	if (since)
		ns = bpf_ktime_get_ns() - since;
	hist_add(ms->dev, MSI_OP_LOCK_HOLD, ns);
	e = EVENT_BEGIN_STACK(unlock, MSI_EV_UNLOCK, HOOK_unlock, ms->dev);
	if (!e)
		return 0;
	e->md = ms->md;
	e->hold_ns = ns;
	e->owner_tid = task_tid(owner);
	e->owner_current = owner == bpf_get_current_task();
	left_behind(e, ms->dev);
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
