// SPDX-License-Identifier: GPL-2.0-only
/* Descriptor iterators: msi_first_desc(), msi_domain_first_desc(), msi_next_desc().  */
#include "msitrace.bpf.h"

enum { ITER_DEV, ITER_DOMID, ITER_FILTER };

static __always_inline int iterated(__u64 *ctx, int hook, __u32 type)
{
	__u64 dev = hook_arg(ctx, hook, ITER_DEV);
	__u64 desc = hook_ret(ctx, hook);
	struct msi_ev_first *e;

	if (!note_dev(dev))
		return 0;
	lock_flush_current();
	e = EVENT_BEGIN_STACK(first, type, hook, dev);
	if (!e)
		return 0;
	event_owner(e, dev);
	e->desc = desc;
	e->domid = hook_arg(ctx, hook, ITER_DOMID);
	e->filter = hook_arg(ctx, hook, ITER_FILTER);
	e->index = desc_index(desc);
	if (desc) {
		e->irq = BPF_CORE_READ((struct msi_desc *)desc, irq);
		e->foreign = (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev) != dev;
	}
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}

SEC("?fexit/msi_domain_first_desc")
int hook_first(__u64 *ctx)
{
	return iterated(ctx, HOOK_first, MSI_EV_FIRST);
}

SEC("?fexit/msi_next_desc")
int hook_next(__u64 *ctx)
{
	return iterated(ctx, HOOK_next, MSI_EV_NEXT);
}
