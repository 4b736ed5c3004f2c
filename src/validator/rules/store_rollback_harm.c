// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_domain_alloc_irqs_range() over an index in use: it fails, and the older go with it
 * nearest that does not:  the same over unused indices, where the domain has no vector left
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../rule_ctx.h"

#define HARMED_MAX 256	/* interrupts that are told apart; there may be more */

struct harmed {
	uint32_t irq, index;
	struct moment associated;
};

/* What a call that may still fail has taken from older ones.  */
struct harm {
	struct harm *next;
	uint64_t md, seq;	/* seq: of the call */
	bool known;		/* the bug of stock kernels, see kernel_bug() */
	uint32_t nr, freed;	/* the others lost their descriptors */
	struct harmed irqs[HARMED_MAX];
	union {			/* the first of the events */
		struct msi_event_hdr h;
		char bytes[MSI_EVENT_SIZE_MAX];
	} first;
};

struct state {
	struct harm *list;
};

static void harm_drop(struct state *st, uint64_t md)
{
	struct harm **pp = &st->list, *h;

	while ((h = *pp)) {
		if (h->md != md) {
			pp = &h->next;
			continue;
		}
		*pp = h->next;
		free(h);
	}
}

/* Of this call; NULL: none, or no memory.  */
static struct harm *harm_get(struct rule_ctx *rc, const struct msi_event_hdr *make)
{
	const struct alloc_call *call = rc->scene->call;
	struct state *st = rc->state;
	struct harm *h;

	for (h = st->list; h; h = h->next)
		if (h->md == call->ev.md && h->seq == call->seq)
			return h;
	if (!make)
		return NULL;
	harm_drop(st, call->ev.md);
	h = calloc(1, sizeof(*h));
	if (!h) {
		rule_inconclusive(rc, "out of memory");
		return NULL;
	}
	h->md = call->ev.md;
	h->seq = call->seq;
	memcpy(h->first.bytes, make, make->size < sizeof(h->first) ? make->size : sizeof(h->first));
	h->next = st->list;
	st->list = h;
	return h;
}

static void note(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct virq *vq,
		 uint32_t index, bool known)
{
	struct harm *h = harm_get(rc, e);

	if (!h)
		return;
	h->known |= known;
	for (uint32_t i = 0; i < h->nr && i < HARMED_MAX; i++)
		if (h->irqs[i].irq == vq->irq)
			return;
	if (h->nr < HARMED_MAX)
		h->irqs[h->nr] = (struct harmed){ .irq = vq->irq, .index = index,
						  .associated = vq->associated };
	h->nr++;
	h->freed += e->type == MSI_EV_IRQ_FREE;
}

static bool older(const struct rule_ctx *rc, const struct virq *vq)
{
	return vq && vq->desc && vq->seq < rc->scene->call->seq;
}

/*
 * msi_domain_add_simple_msi_descs(): when it cannot insert all, it frees the whole range, and not
 * what it has inserted.
 */
static bool kernel_bug(const struct alloc_call *call)
{
	return call->ev.bracket == MSI_BRACKET_UNDONE_AFTER && call->state == CALL_OPEN;
}

/* Descriptors without interrupt are the caller's, for this call.  */
static void descs_freed(struct rule_ctx *rc, const struct msi_ev_desc_free *ev)
{
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];
		const struct virq *vq = row->irq ? model__virq(rc->model, row->irq) : NULL;

		if (row->index < ev->first || row->index > ev->last)
			continue;
		if (older(rc, vq) && vq->desc == row->desc)
			note(rc, &ev->h, vq, row->index, kernel_bug(rc->scene->call));
	}
}

static void say_harmed(struct finding *f, const struct harm *h)
{
	size_t len, room = sizeof(f->object);
	uint32_t i, nr = h->nr < HARMED_MAX ? h->nr : HARMED_MAX;

	len = snprintf(f->object, room, "%u interrupt%s", h->nr, h->nr == 1 ? "" : "s");
	for (i = 0; i < nr && len + 32 < room; i++)
		len += snprintf(f->object + len, room - len, "%s index %u (virq %u)", i ? "," : ":",
				h->irqs[i].index, h->irqs[i].irq);
	if (i < h->nr)
		snprintf(f->object + len, room - len, ", ...");
}

/* "dropped the descriptors of 4 and freed 1 interrupt" */
static struct phrase taken(const struct harm *h)
{
	uint32_t dropped = h->nr - h->freed;
	const char *s = h->nr == 1 ? "" : "s";
	struct phrase p;

	if (!h->freed)
		snprintf(p.s, sizeof(p.s), "dropped the descriptors of %u interrupt%s", dropped, s);
	else if (!dropped)
		snprintf(p.s, sizeof(p.s), "freed %u interrupt%s", h->freed, s);
	else
		snprintf(p.s, sizeof(p.s), "dropped the descriptors of %u and freed %u interrupts",
			 dropped, h->freed);
	return p;
}

static void report(struct rule_ctx *rc, const struct harm *h)
{
	const struct alloc_call *call = rc->scene->call;
	struct report r = { .e = &h->first.h, .dev = rc->scene->md ? rc->scene->md->dev : NULL,
			    .what = "taken by an allocation that failed" };
	struct finding *f;

	if (h->known) {
		r.known = "msi-range-rollback";
		r.known_text = "6.2 and later: what could not be inserted takes the whole range "
			       "with it; no fix is known";
	}
	f = rule_report(rc, &r);
	if (!f)
		return;
	say_harmed(f, h);
	finding_message(f,
			"%s failed to allocate interrupts of %s (%d), and undoing that %s that "
			"%s there before",
			word_task(call->ev.h.comm, call->ev.h.tid).s, word_device(rc, &r).s,
			call->ret, taken(h).s, h->nr == 1 ? "was" : "were");
	finding_setup(rc, f, "interrupt associated", &h->irqs[0].associated);
	finding_life(rc, f, "interrupt associated", &h->irqs[0].associated);
	finding_life(rc, f, "allocation entered", &call->entered);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct scene *sc = rc->scene;
	struct harm *h;

	if (sc->call_inside && e->type == MSI_EV_IRQ_FREE && older(rc, sc->virq))
		note(rc, e, sc->virq, sc->virq->index, false);
	if (sc->call_inside && e->type == MSI_EV_DESC_FREE)
		descs_freed(rc, (const struct msi_ev_desc_free *)e);
	if (!sc->call_failed)
		return;
	rule_judged(rc);
	h = harm_get(rc, NULL);
	if (h)
		report(rc, h);
	harm_drop(rc->state, sc->call->ev.md);
}

static void destroy(struct rule_ctx *rc)
{
	struct state *st = rc->state;

	while (st && st->list)
		harm_drop(st, st->list->md);
}

const struct rule rule_store_rollback_harm = {
	.id = "store_rollback_harm",
	.severity = SEV_CORRUPT,
	.check = check,
	.destroy = destroy,
	.state_size = sizeof(struct state),
	.summary = "failed allocation took older interrupts with it",
	.doc = "\"In case of an error everything is undone\": everything that the call did. Up to 6.1 "
	       "msi_domain_alloc_irqs_descs_locked() frees all interrupts of the device instead, "
	       "and from 6.2 on msi_domain_alloc_irqs_range() those of the whole range; where one "
	       "of its indices is in use, it drops their descriptors and the interrupts live on, "
	       "out of reach.",
	.advice = "Allocate no range that overlaps what the device has, and no more interrupts while "
		  "others are in use, unless it is one by one.",
	.blind = "msi_domain_alloc_irq_at(), which returns a struct and cannot be traced; it undoes "
		 "a single index.",
	.wrong = "msi_domain_alloc_irqs_range(dev, 0, 0, 3);\n"
		 "msi_domain_alloc_irqs_range(dev, 0, 2, 5); /* -EBUSY, 2 and 3 lost */",
	.right = "msi_domain_alloc_irqs_range(dev, 0, 0, 3);\n"
		 "msi_domain_alloc_irqs_range(dev, 0, 4, 5);",
	.alike = "The first allocation of a device fails: no descriptor had an interrupt yet.\n"
		 "PCI frees once more, or tries again with fewer vectors, after a failure.",
	.wants = EV(ALLOC) | EV(ALLOC_END) | EV(FREE) | EV(IRQ_FREE) | EV(DESC_FREE) | EV(UNLOCK) |
		 EV(DATA_RELEASE),
	.uses = EV(ASSOC) | EV(SNAP_IRQ) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(ALLOC) | EV(ALLOC_END) | EV(FREE) | EV(ASSOC) | EV(IRQ_FREE) | EV(DESC_FREE) |
		 EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
