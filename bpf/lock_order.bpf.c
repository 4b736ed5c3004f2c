// SPDX-License-Identifier: GPL-2.0-only
/* What a task does that holds a descriptor mutex: takes another lock, or exits.  */
#include "lock_order.bpf.h"

/* A kprobe for the same reason as those of msi_lock.bpf.c.  */
SEC("?kprobe/cpus_read_lock")
int hook_cpus_read_lock(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_task();
	struct held *h = msi_nr_holders ? held_by(task) : NULL;
	struct msi_ev_edge *e;
	__u32 i;

	if (!h)
		return 0;
	lock_flush(task);
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < HELD_MAX; i++) {
		if (!really_holds(&h->lock[i], task) || !dev_allowed(h->lock[i].dev))
			continue;
		e = EVENT_BEGIN_STACK(edge, MSI_EV_EDGE, HOOK_cpus_read_lock, h->lock[i].dev);
		if (!e)
			continue;
		e->md = h->lock[i].md;
		e->class = MSI_EDGE_CPU_HOTPLUG;
		event_stack(ctx, &e->stack);
		event_submit(e);
	}
	return 0;
}

static __always_inline void other_sem(struct pt_regs *ctx, __u64 sem, __u32 hook)
{
	__u64 task = bpf_get_current_task();
	struct held *h = msi_nr_holders ? held_by(task) : NULL;
	__u32 i;

	if (!h || sem_writer(sem) == task)
		return;
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < HELD_MAX; i++)
		if (really_holds(&h->lock[i], task))
			edge_to_sem(ctx, &h->lock[i], sem, hook);
}

static __always_inline bool is_bus_sem(__u64 sem)
{
	return (sem | MSI_WATCHED_SEM) == msi_watched[MSI_WATCHED_BUS_SEM];
}

SEC("?kprobe/down_read")
int hook_sem_read(struct pt_regs *ctx)
{
	__u64 sem = PT_REGS_PARM1(ctx), task = bpf_get_current_task();
	__u32 one = 1;

	other_sem(ctx, sem, HOOK_sem_read);
	if (is_bus_sem(sem))
		bpf_map_update_elem(&bus_readers, &task, &one, BPF_ANY);
	return 0;
}

SEC("?kprobe/down_write")
int hook_sem_write(struct pt_regs *ctx)
{
	other_sem(ctx, PT_REGS_PARM1(ctx), HOOK_sem_write);
	return 0;
}

SEC("?kprobe/up_read")
int hook_sem_read_done(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_task();

	if (is_bus_sem(PT_REGS_PARM1(ctx)))
		bpf_map_delete_elem(&bus_readers, &task);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int hook_task_exit(__u64 *ctx)
{
	__u64 task = bpf_get_current_task();
	struct held *h = held_by(task);
	struct msi_ev_task_exit *e;
	__u32 i;

	if (!h)
		return 0;
	lock_flush(task);
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < HELD_MAX; i++) {
		if (!really_holds(&h->lock[i], task) || !dev_allowed(h->lock[i].dev))
			continue;
		e = EVENT_BEGIN(task_exit, MSI_EV_TASK_EXIT, HOOK_task_exit, h->lock[i].dev);
		if (!e)
			continue;
		e->md = h->lock[i].md;
		e->hold_ns = h->lock[i].since ? bpf_ktime_get_ns() - h->lock[i].since : 0;
		event_submit(e);
	}
	holder_gone(task);
	return 0;
}
