// SPDX-License-Identifier: GPL-2.0-only
/* What a task does that holds a descriptor mutex: takes another lock, or exits.  */
#include "msitrace.bpf.h"

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
