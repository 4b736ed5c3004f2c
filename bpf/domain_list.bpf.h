/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The irq domains that are registered: irq_domain_list of kernel/irq/irqdomain.c, walked without its mutex, some at a
 * time.  Only a walk that came back to the head has seen all; who reads does it again when one did not.
 */
#ifndef DOMAIN_LIST_BPF_H
#define DOMAIN_LIST_BPF_H

#include "msitrace.bpf.h"

#define DOMAINS_AT_ONCE 128

/* Set by user space: the address of irq_domain_list; where the walk is, 0: it begins.  */
__u64 msi_domain_list __weak = 0;
__u64 msi_domain_at __weak = 0;
__u32 msi_domain_order __weak = 0;

/* The next in the list.  A global function: looked at once by the verifier.  */
__weak int domain_one(__u64 link)
{
	struct irq_domain *d = (void *)(link - bpf_core_field_offset(struct irq_domain, link));
	struct msi_ev_domain_look *e;

	msi_domain_at = (__u64)BPF_CORE_READ(d, link.next);
	e = EVENT_BEGIN(domain_look, MSI_EV_DOMAIN_LOOK, HOOK_snap_irq, 0);
	if (!e)
		return 0;
	e->domain = (__u64)d;
	e->order = msi_domain_order++;
	e->last = msi_domain_at == msi_domain_list;
	e->mapped = BPF_CORE_READ(d, mapcount);
	e->bus_token = BPF_CORE_READ(d, bus_token);
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(d, name));
	bpf_probe_read_kernel_str(e->parent, sizeof(e->parent), BPF_CORE_READ(d, parent, name));
	event_submit(e);
	return 0;
}

__weak int domains_look(void)
{
	struct list_head *head = (void *)msi_domain_list;
	__u32 i;

	if (!head || !event_wanted(MSI_EV_DOMAIN_LOOK))
		return 0;
	if (!msi_domain_at) {
		msi_domain_order = 0;
		msi_domain_at = (__u64)BPF_CORE_READ(head, next);
	}
	for (i = 0; i < DOMAINS_AT_ONCE; i++) {
		if (!msi_domain_at || msi_domain_at == msi_domain_list)
			break;
		domain_one(msi_domain_at);
	}
	return 0;
}

#endif
