// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "vectors.h"

#define CPUS_SHOWN	3

static bool more(const struct vector_holder *a, const struct vector_holder *b)
{
	return a->idle != b->idle ? a->idle > b->idle : a->nr > b->nr;
}

static void count(const struct device *dev, struct vector_holder *h)
{
	*h = (struct vector_holder){ .dev = dev };
	for (struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		const struct virq *vq = link_entry(l, struct virq, node);

		h->nr++;
		h->idle += !vq->used;
		if (!h->one || (!vq->used && h->one->used))
			h->one = vq;
	}
}

uint32_t vector_holders(const struct model *m, struct vector_holder *top)
{
	const struct map_node *pos = NULL;
	const struct device *dev;
	struct vector_holder h;
	uint32_t nr = 0, i;

	while ((dev = map_next(&m->devices, &pos))) {
		count(dev, &h);
		if (!h.nr)
			continue;
		for (i = nr; i && more(&h, &top[i - 1]); i--)
			if (i < VECTOR_HOLDERS)
				top[i] = top[i - 1];
		if (i == VECTOR_HOLDERS)
			continue;
		top[i] = h;
		nr += nr < VECTOR_HOLDERS;
	}
	return nr;
}

struct vector_text vector_holders_text(const struct vector_holder *top, uint32_t nr)
{
	struct vector_text t = { "" };
	size_t len = 0;

	for (uint32_t i = 0; i < nr && len < sizeof(t.s); i++)
		len += snprintf(t.s + len, sizeof(t.s) - len, "%s%.20s %u (%u idle)",
				i ? ", " : "; most interrupts: ",
				top[i].dev->name[0] ? top[i].dev->name : "a device", top[i].nr,
				top[i].idle);
	return t;
}

bool vectors_counted(struct rule_ctx *rc, const struct msi_ev_matrix *e)
{
	const struct matrix *mx = &rc->model->matrix;

	if (!e->cpus)
		rule_not_judged(rc, "the vector counters of the kernel are hidden (kernel.kptr_restrict)");
	return mx->known && mx->stable;
}

void vectors_object(struct finding *f, const struct matrix *mx)
{
	size_t len = snprintf(f->object, sizeof(f->object), "x86 vectors");
	uint32_t shown = 0;

	for (uint32_t i = 0; i < mx->nr && len < sizeof(f->object); i++) {
		const struct matrix_cpu *c = &mx->cpus[i];

		if (!c->online)
			continue;
		if (shown++ == CPUS_SHOWN) {
			snprintf(f->object + len, sizeof(f->object) - len, "; ...");
			return;
		}
		len += snprintf(f->object + len, sizeof(f->object) - len, "%s CPU %u: %u free, %u taken",
				shown == 1 ? "," : ";", c->cpu, c->available, c->allocated);
	}
}
