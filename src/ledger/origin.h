/* SPDX-License-Identifier: GPL-2.0-only */
/* Who allocated the interrupts that are there now, of those whose allocation was seen: the last stack of each.  */
#ifndef MSITRACE_LEDGER_ORIGIN_H
#define MSITRACE_LEDGER_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

/* Shared by all interrupts that came by it, and kept.  */
struct origin_stack {
	uint32_t nr;
	const uint64_t *ip;	/* innermost first */
};

struct origin {
	uint32_t irq;		/* virq */
	uint32_t pid, tid;
	uint64_t ts_ns;
	char comm[MSI_COMM_LEN];
	const struct origin_stack *stack;
};

struct origins;

/* 0, or -ENOMEM.  */
int origins__new(struct origins **out);

/* Takes ASSOC, IRQ_FREE and LOST, which event_check() has let through; others are ignored.  0 or -ENOMEM.  */
int origins__event(struct origins *o, const struct msi_event_hdr *e);

/* NULL: it was not seen.  Valid until the next event.  */
const struct origin *origins__get(const struct origins *o, uint32_t irq);
void origins__free(struct origins *o);

#endif
