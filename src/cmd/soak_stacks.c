// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1	/* an object that could not be added has no hh.tbl */
#include <uthash.h>

#include "base/util.h"
#include "soak_stacks.h"
#include "validator/stackdepot.h"

struct seen {
	UT_hash_handle hh;
	uint32_t irq;
	uint32_t stack;		/* id in the depot */
};

/* One `seen` per number of an interrupt, of which a kernel has not that many; stacks are kept once.  */
struct soak_stacks {
	struct stackdepot *depot;
	struct seen *seen;
	uint32_t *numbers;	/* [number - 1]: id in the depot */
	size_t nr;
};

struct soak_stacks *soak_stacks__new(void)
{
	struct soak_stacks *ss = calloc(1, sizeof(*ss));

	if (!ss)
		return NULL;
	ss->depot = stackdepot__new();
	if (ss->depot)
		return ss;
	free(ss);
	return NULL;
}

void soak_stacks__free(struct soak_stacks *ss)
{
	struct seen *s, *next;

	if (!ss)
		return;
	HASH_ITER(hh, ss->seen, s, next) {
		HASH_DEL(ss->seen, s);
		free(s);
	}
	stackdepot__free(ss->depot);
	free(ss->numbers);
	free(ss);
}

static struct seen *find(struct soak_stacks *ss, uint32_t irq)
{
	struct seen *s;

	HASH_FIND(hh, ss->seen, &irq, sizeof(irq), s);
	return s;
}

int soak_stacks__event(struct soak_stacks *ss, const struct msi_event_hdr *e)
{
	const struct msi_ev_assoc *a = (const void *)e;
	struct seen *s;

	if (e->type != MSI_EV_ASSOC || !a->desc || a->ret)
		return 0;
	s = find(ss, a->irq);
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
	return stackdepot__intern(ss->depot, &a->stack, &s->stack);
}

uint32_t soak_stacks__number(struct soak_stacks *ss, uint32_t irq)
{
	const struct seen *s = find(ss, irq);
	uint32_t *grown;
	size_t i;

	if (!s || !s->stack)
		return 0;
	for (i = 0; i < ss->nr; i++)
		if (ss->numbers[i] == s->stack)
			return i + 1;
	grown = reallocarray(ss->numbers, ss->nr + 1, sizeof(*grown));
	if (!grown)
		return 0;
	ss->numbers = grown;
	ss->numbers[ss->nr++] = s->stack;
	return ss->nr;
}

const uint64_t *soak_stacks__frames(const struct soak_stacks *ss, uint32_t number, uint32_t *nr)
{
	*nr = 0;
	if (!number || number > ss->nr)
		return NULL;
	return stackdepot__frames(ss->depot, ss->numbers[number - 1], nr);
}
