// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1	/* an object that could not be added has no hh.tbl */
#include <uthash.h>

#include "base/util.h"
#include "soak_stacks.h"

#define STACKS_MAX 4096		/* a kernel has few ways to an allocation; those that come later are forgotten */

struct stack {
	UT_hash_handle hh;
	uint32_t number;	/* 0: it was not asked for */
	uint32_t nr;
	uint64_t ip[];		/* innermost first; the key */
};

struct seen {
	UT_hash_handle hh;
	uint32_t irq;
	struct stack *stack;	/* NULL: none, or forgotten */
};

/* One `seen` per number of an interrupt, of which a kernel has not that many; stacks are kept once.  */
struct soak_stacks {
	struct stack *stacks;
	struct seen *seen;
	uint32_t asked;		/* numbers that were given */
};

struct soak_stacks *soak_stacks__new(void)
{
	return calloc(1, sizeof(struct soak_stacks));
}

void soak_stacks__free(struct soak_stacks *ss)
{
	struct seen *s, *next;
	struct stack *st, *next_st;

	if (!ss)
		return;
	HASH_ITER(hh, ss->seen, s, next) {
		HASH_DEL(ss->seen, s);
		free(s);
	}
	HASH_ITER(hh, ss->stacks, st, next_st) {
		HASH_DEL(ss->stacks, st);
		free(st);
	}
	free(ss);
}

/* The one copy of a stack.  0, or -ENOMEM with *out untouched.  */
static int intern(struct soak_stacks *ss, const struct msi_stack *from, struct stack **out)
{
	uint32_t nr = from->nr < MSI_STACK_MAX ? from->nr : MSI_STACK_MAX;
	struct stack *st = NULL;

	if (nr)
		HASH_FIND(hh, ss->stacks, from->ip, nr * sizeof(st->ip[0]), st);
	if (st || !nr || HASH_COUNT(ss->stacks) >= STACKS_MAX) {
		*out = st;
		return 0;
	}
	st = calloc(1, sizeof(*st) + nr * sizeof(st->ip[0]));
	if (!st)
		return -ENOMEM;
	st->nr = nr;
	memcpy(st->ip, from->ip, nr * sizeof(st->ip[0]));
	HASH_ADD_KEYPTR(hh, ss->stacks, st->ip, nr * sizeof(st->ip[0]), st);
	if (!st->hh.tbl) {
		free(st);
		return -ENOMEM;
	}
	*out = st;
	return 0;
}

static struct seen *find(struct soak_stacks *ss, uint32_t irq)
{
	struct seen *s;

	HASH_FIND(hh, ss->seen, &irq, sizeof(irq), s);
	return s;
}

static int allocated(struct soak_stacks *ss, const struct msi_ev_assoc *a)
{
	struct seen *s = find(ss, a->irq);

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->irq = a->irq;
		HASH_ADD(hh, ss->seen, irq, sizeof(s->irq), s);
		if (!s->hh.tbl) {
			free(s);
			return -ENOMEM;
		}
	}
	return intern(ss, &a->stack, &s->stack);
}

/* Its number may be that of another interrupt next.  */
static void freed(struct soak_stacks *ss, uint32_t irq)
{
	struct seen *s = find(ss, irq);

	if (s)
		s->stack = NULL;
}

int soak_stacks__event(struct soak_stacks *ss, const struct msi_event_hdr *e)
{
	const struct msi_ev_assoc *a = (const void *)e;

	if (e->type == MSI_EV_IRQ_FREE)
		freed(ss, ((const struct msi_ev_irq_free *)e)->irq);
	return e->type == MSI_EV_ASSOC && a->desc && !a->ret ? allocated(ss, a) : 0;
}

uint32_t soak_stacks__number(struct soak_stacks *ss, uint32_t irq)
{
	const struct seen *s = find(ss, irq);

	if (!s || !s->stack)
		return 0;
	if (!s->stack->number)
		s->stack->number = ++ss->asked;
	return s->stack->number;
}

const uint64_t *soak_stacks__frames(const struct soak_stacks *ss, uint32_t number, uint32_t *nr)
{
	struct stack *st;

	*nr = 0;
	for (st = ss->stacks; number && st; st = st->hh.next) {
		if (st->number != number)
			continue;
		*nr = st->nr;
		return st->ip;
	}
	return NULL;
}
