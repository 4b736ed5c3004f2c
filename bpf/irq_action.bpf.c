// SPDX-License-Identifier: GPL-2.0-only
/* kernel/irq/manage.c: handlers of MSIs requested and freed.  */
#include "msi_target.bpf.h"

enum { REQ_IRQ, REQ_HANDLER, REQ_THREAD, REQ_FLAGS, REQ_NAME };

/* The descriptor and device of a virq that is known to be an MSI; false: it is not.  */
static __always_inline bool irq_msi(__u32 irq, __u64 *irq_desc, __u64 *desc, __u64 *dev)
{
	__u64 *known = bpf_map_lookup_elem(&irqs, &irq);

	if (!known)
		return false;
	*irq_desc = *known;
	*desc = *dev = 0;
	if (*known)
		*desc = (__u64)BPF_CORE_READ((struct irq_desc *)*known, irq_common_data.msi_desc);
	if (*desc)
		*dev = (__u64)BPF_CORE_READ((struct msi_desc *)*desc, dev);
	if (!dev_known(*dev))
		*dev = 0;
	return true;
}

SEC("?fexit/request_threaded_irq")
int hook_request(__u64 *ctx)
{
	__u32 irq = hook_arg(ctx, HOOK_request, REQ_IRQ);
	__s32 ret = hook_ret(ctx, HOOK_request);
	struct msi_ev_request *e;
	struct msi_now now = {};
	__u64 irq_desc, desc, dev;

	if (!irq_msi(irq, &irq_desc, &desc, &dev) || !dev_allowed(dev))
		return 0;
	target_unlocked(irq_desc, desc, &now);
	e = EVENT_BEGIN_STACK(request, MSI_EV_REQUEST, HOOK_request, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	e->handler = hook_arg_func(ctx, HOOK_request, REQ_HANDLER);
	e->thread_fn = hook_arg_func(ctx, HOOK_request, REQ_THREAD);
	e->irqflags = hook_arg(ctx, HOOK_request, REQ_FLAGS);
	e->ret = ret;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name),
				  (void *)hook_arg(ctx, HOOK_request, REQ_NAME));
	if (!ret)
		watch_fired(irq, e->name);
	__builtin_memcpy(&e->now_irqd, &now, sizeof(now));
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

#define STORM_WINDOW	1000000000	/* ns */

static __always_inline void storm(__u32 irq, __u32 count, __u64 ns)
{
	__u64 irq_desc, desc, dev;
	struct irqaction *action;
	struct msi_ev_storm *e;

	if (!irq_msi(irq, &irq_desc, &desc, &dev) || !dev_allowed(dev))
		return;
	e = EVENT_BEGIN(storm, MSI_EV_STORM, HOOK_fired, dev);
	if (!e)
		return;
	e->desc = desc;
	e->irq = irq;
	e->count = count;
	e->window_ns = ns;
	e->flags = desc_flags(desc);
	action = irq_desc ? BPF_CORE_READ((struct irq_desc *)irq_desc, action) : NULL;
	if (action)
		bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(action, name));
	event_submit(e);
}

/* Told once in each second in which it is too often.  */
static __always_inline void limit_rate(__u32 irq, struct fired *f)
{
	if (f->last - f->window >= STORM_WINDOW) {
		f->window = f->last;
		f->in_window = 0;
	}
	if (++f->in_window == cfg.storm_limit + 1)
		storm(irq, f->in_window, f->last - f->window);
}

SEC("?tp_btf/irq_handler_entry")
int hook_fired(__u64 *ctx)
{
	__u32 irq = ctx[0];
	struct fired *f = bpf_map_lookup_elem(&fired, &irq);

	if (!f)
		return 0;
	f->last = bpf_ktime_get_ns();
	f->count++;	/* by one CPU at a time */
	if (cfg.storm_limit)
		limit_rate(irq, f);
	return 0;
}

static __always_inline void fired_until_now(__u32 irq, struct msi_ev_unrequest *e)
{
	struct fired *f = bpf_map_lookup_elem(&fired, &irq);
	__u64 now = bpf_ktime_get_ns();

	if (!f)
		return;
	e->watched_ns = fired_watched(f, now);
	if (f->last)
		e->fired_ns = now - f->last;
	e->fired = f->count;
	bpf_map_delete_elem(&fired, &irq);
}

SEC("?fentry/free_irq")
int hook_unrequest(__u64 *ctx)
{
	__u32 irq = hook_arg(ctx, HOOK_unrequest, REQ_IRQ);
	struct msi_ev_unrequest *e;
	__u64 irq_desc, desc, dev;
	struct msi_now now = {};

	if (!irq_msi(irq, &irq_desc, &desc, &dev) || !dev_allowed(dev))
		return 0;
	target_unlocked(irq_desc, desc, &now);
	e = EVENT_BEGIN_STACK(unrequest, MSI_EV_UNREQUEST, HOOK_unrequest, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	if (irq_desc)
		event_action(e, irq_desc);
	fired_until_now(irq, e);
	if (irq_desc)
		e->total = BPF_CORE_READ((struct irq_desc *)irq_desc, tot_count);
	__builtin_memcpy(&e->now_irqd, &now, sizeof(now));
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

/* The core itself reads messages from descriptors: who calls this is a driver.  */
SEC("?fentry/get_cached_msi_msg")
int hook_msg_read(__u64 *ctx)
{
	__u32 irq = hook_arg(ctx, HOOK_msg_read, 0);
	struct msi_ev_msg_read *e;
	__u64 irq_desc, desc, dev;

	if (!irq_msi(irq, &irq_desc, &desc, &dev) || !dev_allowed(dev))
		return 0;
	e = EVENT_BEGIN_STACK(msg_read, MSI_EV_MSG_READ, HOOK_msg_read, dev);
	if (!e)
		return 0;
	e->desc = desc;
	e->irq = irq;
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
