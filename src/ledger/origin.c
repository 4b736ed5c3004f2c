// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1	/* what could not be added has no hh.tbl */
#include <uthash.h>

#include "origin.h"

struct stack_node {
	struct origin_stack stack;
	UT_hash_handle hh;
	uint64_t ip[];
};

struct node {
	struct origin origin;
	UT_hash_handle hh;
};

struct origins {
	struct stack_node *stacks;	/* by their frames */
	struct node *nodes;		/* by virq */
};

int origins__new(struct origins **out)
{
	struct origins *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	*out = o;
	return 0;
}

static const struct origin_stack *stack_get(struct origins *o, const struct msi_stack *st)
{
	size_t size = st->nr * sizeof(st->ip[0]);
	struct stack_node *sn;

	HASH_FIND(hh, o->stacks, st->ip, size, sn);
	if (sn)
		return &sn->stack;
	sn = calloc(1, sizeof(*sn) + size);
	if (!sn)
		return NULL;
	memcpy(sn->ip, st->ip, size);
	sn->stack = (struct origin_stack){ st->nr, sn->ip };
	HASH_ADD_KEYPTR(hh, o->stacks, sn->ip, size, sn);
	if (!sn->hh.tbl) {
		free(sn);
		return NULL;
	}
	return &sn->stack;
}

static void drop(struct origins *o, uint32_t irq)
{
	struct node *n;

	HASH_FIND(hh, o->nodes, &irq, sizeof(irq), n);
	if (!n)
		return;
	HASH_DEL(o->nodes, n);
	free(n);
}

static int add(struct origins *o, const struct msi_ev_assoc *ev)
{
	struct node *n;

	drop(o, ev->irq);
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->origin = (struct origin){ .irq = ev->irq, .pid = ev->h.pid, .tid = ev->h.tid, .ts_ns = ev->h.ts_ns };
	memcpy(n->origin.comm, ev->h.comm, sizeof(n->origin.comm));
	n->origin.stack = stack_get(o, &ev->stack);
	if (n->origin.stack)
		HASH_ADD(hh, o->nodes, origin.irq, sizeof(n->origin.irq), n);
	if (n->hh.tbl)
		return 0;
	free(n);
	return -ENOMEM;
}

/* A number may be that of another interrupt now.  */
static void forget(struct origins *o)
{
	struct node *n, *next;

	HASH_ITER(hh, o->nodes, n, next) {
		HASH_DEL(o->nodes, n);
		free(n);
	}
}

int origins__event(struct origins *o, const struct msi_event_hdr *e)
{
	const struct msi_ev_assoc *assoc = (const struct msi_ev_assoc *)e;

	if (e->type == MSI_EV_LOST && ((const struct msi_ev_lost *)e)->count)
		forget(o);
	if (e->type == MSI_EV_IRQ_FREE)
		drop(o, ((const struct msi_ev_irq_free *)e)->irq);
	/* one whose descriptor goes is still there until it is freed */
	return e->type == MSI_EV_ASSOC && assoc->desc && !assoc->ret ? add(o, assoc) : 0;
}

const struct origin *origins__get(const struct origins *o, uint32_t irq)
{
	struct node *n;

	HASH_FIND(hh, o->nodes, &irq, sizeof(irq), n);
	return n ? &n->origin : NULL;
}

void origins__free(struct origins *o)
{
	struct stack_node *sn, *next_stack;

	if (!o)
		return;
	forget(o);
	HASH_ITER(hh, o->stacks, sn, next_stack) {
		HASH_DEL(o->stacks, sn);
		free(sn);
	}
	free(o);
}
