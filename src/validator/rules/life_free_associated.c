// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an irq domain whose domain_free_irqs() does nothing, then pci_free_irq_vectors()
 * nearest that does not:  descriptors are freed first, their interrupts in the same lock section
 */
#include <stdio.h>
#include <stdlib.h>

#include "../rule_ctx.h"

#define NVEC_MAX 32	/* of one descriptor: multi-MSI has no more */

struct left {			/* a descriptor that is freed, and an interrupt that points to it */
	uint64_t desc, seq;	/* seq: of the virq, which tells its lives apart */
	uint32_t irq, index;
	struct moment inserted;
};

/* A free, until its lock section is over: some kernels free the interrupts right after.  */
struct pending {
	struct pending *next;
	struct msi_ev_desc_free ev;
	uint32_t nr, room;
	struct left *left;
};

struct state {
	struct pending *list;
};

static void pending_free(struct pending *p)
{
	free(p->left);
	free(p);
}

static int note_left(struct rule_ctx *rc, struct pending *p, const struct store_row *row,
		     const struct virq *vq)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	struct left *left;

	if (p->nr == p->room) {
		left = realloc(p->left, (p->room ? 2 * p->room : 16) * sizeof(*left));
		if (!left)
			return -1;
		p->left = left;
		p->room = p->room ? 2 * p->room : 16;
	}
	p->left[p->nr] = (struct left){ .desc = row->desc, .seq = vq->seq, .irq = vq->irq,
					.index = row->index };
	if (d)
		p->left[p->nr].inserted = d->inserted;
	p->nr++;
	return 0;
}

static bool points_back(const struct virq *vq, uint64_t desc)
{
	return vq && vq->desc == desc;
}

/* What the kernel itself says, when it could be asked, beats the shadow.  */
static int note_row(struct rule_ctx *rc, struct pending *p, const struct store_row *row)
{
	int err = 0;

	if (!row->irq || !row->assoc)
		return 0;
	for (uint32_t i = 0; i < row->nvec && i < NVEC_MAX && !err; i++) {
		const struct virq *vq = model__virq(rc->model, row->irq + i);

		if (points_back(vq, row->desc))
			err = note_left(rc, p, row, vq);
	}
	return err;
}

static void desc_freed(struct rule_ctx *rc, const struct msi_ev_desc_free *ev)
{
	const struct store_list *sl = rc->scene->list;
	struct state *st = rc->state;
	struct pending *p;
	int err = 0;

	if (!ev->ndescs)
		return;
	if (!sl || !sl->complete || sl->cut) {
		rule_inconclusive(rc, "which descriptors were freed was not seen in full");
		return;
	}
	p = calloc(1, sizeof(*p));
	for (uint32_t i = 0; p && i < sl->nr && !err; i++)
		if (sl->rows[i].index >= ev->first && sl->rows[i].index <= ev->last)
			err = note_row(rc, p, &sl->rows[i]);
	if (!p || err) {
		rule_inconclusive(rc, "out of memory");
	} else if (!p->nr) {
		rule_judged(rc);
	} else {
		p->ev = *ev;
		p->next = st->list;
		st->list = p;
		return;
	}
	if (p)
		pending_free(p);
}

/* Those that are as they were, to the front; how many.  */
static uint32_t still_left(struct rule_ctx *rc, struct pending *p)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < p->nr; i++) {
		const struct virq *vq = model__virq(rc->model, p->left[i].irq);

		if (!points_back(vq, p->left[i].desc) || vq->seq != p->left[i].seq)
			continue;
		if (vq->epoch != rc->model->virq_epoch || !rc->model->irq_free_exact) {
			rule_inconclusive(rc, "whether virq %u was freed was lost", vq->irq);
			continue;
		}
		p->left[nr++] = p->left[i];
	}
	return nr;
}

static void say_left(struct finding *f, const struct pending *p, uint32_t nr)
{
	size_t len, room = sizeof(f->object);
	uint32_t i;

	len = snprintf(f->object, room, "%u interrupt%s", nr, nr == 1 ? "" : "s");
	for (i = 0; i < nr && len + 32 < room; i++)
		len += snprintf(f->object + len, room - len, "%s index %u (virq %u)", i ? "," : ":",
				p->left[i].index, p->left[i].irq);
	if (i < nr)
		snprintf(f->object + len, room - len, ", ...");
}

static void report(struct rule_ctx *rc, const struct pending *p, uint32_t nr)
{
	const struct virq *vq = model__virq(rc->model, p->left[0].irq);
	struct report r = { .e = &p->ev.h, .what = "descriptors freed, interrupts left",
			    .dev = vq->dev };
	struct finding *f = rule_report(rc, &r);

	for (uint32_t i = 1; i < nr; i++)	/* one each, and one text for all */
		rc->result->findings++;
	if (!f)
		return;
	say_left(f, p, nr);
	finding_message(f,
			"%s frees descriptors %u to %u of %s, but %u interrupt%s still "
			"point%s to them; %s",
			word_task(p->ev.h.comm, p->ev.h.tid).s, p->left[0].index,
			p->left[nr - 1].index, word_device(rc, &r).s, nr, nr == 1 ? "" : "s",
			nr == 1 ? "s" : "",
			p->ev.keeps_assoc ?
				"the kernel takes them out of the store and leaks them" :
				"the memory is freed, and use after free follows");
	finding_setup(rc, f, "interrupt associated", &vq->associated);
	finding_life(rc, f, "descriptor inserted", &p->left[0].inserted);
	finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

/* The lock section of this data is over, or the data is.  */
static void decide(struct rule_ctx *rc, uint64_t md)
{
	struct pending **pp = &((struct state *)rc->state)->list, *p;
	uint32_t nr;

	while ((p = *pp)) {
		if (p->ev.md != md) {
			pp = &p->next;
			continue;
		}
		rule_judged(rc);
		nr = still_left(rc, p);
		if (nr)
			report(rc, p, nr);
		*pp = p->next;
		pending_free(p);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_DESC_FREE)
		desc_freed(rc, (const struct msi_ev_desc_free *)e);
	else if (e->type == MSI_EV_UNLOCK)
		decide(rc, ((const struct msi_ev_unlock *)e)->md);
	else
		decide(rc, ((const struct msi_ev_data_release *)e)->md);
}

static void finish(struct rule_ctx *rc)
{
	if (((struct state *)rc->state)->list)
		rule_inconclusive(rc, "the run ended before a free of descriptors did");
}

static void destroy(struct rule_ctx *rc)
{
	struct state *st = rc->state;
	struct pending *p;

	while (st && (p = st->list)) {
		st->list = p->next;
		pending_free(p);
	}
}

const struct rule rule_life_free_associated = {
	.id = "life_free_associated",
	.severity = SEV_CORRUPT,
	.check = check,
	.finish = finish,
	.destroy = destroy,
	.state_size = sizeof(struct state),
	.summary = "descriptor freed while an interrupt points to it",
	.doc = "The interrupts are freed, then their descriptors. From 6.2 on msi_domain_free_descs() "
	       "says WARN_ON_ONCE(desc->irq), \"Leak the descriptor when it is still referenced\"; "
	       "before, it frees the memory that the interrupt keeps pointing to.",
	.advice = "A domain_free_irqs() of your own frees each interrupt of the device, and clears "
		  "desc->irq.",
	.blind = "A descriptor whose irq was cleared although the interrupt lives on.",
	.wrong = "static void domain_free_irqs(struct irq_domain *d, struct device *dev)\n"
		 "{\n"
		 "} /* and the core frees the descriptors */",
	.right = "static void domain_free_irqs(struct irq_domain *d, struct device *dev)\n"
		 "{\n"
		 "    msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {\n"
		 "        irq_domain_free_irqs(desc->irq, desc->nvec_used);\n"
		 "        desc->irq = 0;\n"
		 "    }\n"
		 "}",
	.alike = "desc->irq set, the interrupt freed: platform devices before 0fb7fb713461.\n"
		 "Descriptors first, interrupts right after: judged at the end of the section.",
	.wants = EV(DESC_FREE) | EV(UNLOCK) | EV(DATA_RELEASE),
	.uses = EV(ASSOC) | EV(IRQ_FREE) | EV(SNAP_IRQ) | EV(STORE_BEGIN) | EV(STORE_ENTRY) |
		EV(STORE_END),
	.needs = EV(DESC_FREE) | EV(UNLOCK) | EV(ASSOC) | EV(IRQ_FREE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
