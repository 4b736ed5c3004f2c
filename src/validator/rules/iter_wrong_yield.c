// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_next_desc(dev, domid, MSI_DESC_ASSOCIATED) that yields a descriptor without interrupt
 * nearest that does not:  one that gets its interrupt in the body of the loop
 */
#include "../rule_ctx.h"

enum { ALL, NOTASSOCIATED, ASSOCIATED };	/* enum msi_desc_filter */

static const char *wrong(const struct msi_ev_first *ev)
{
	if (ev->foreign)
		return "which points to another device";
	if (ev->filter == NOTASSOCIATED && ev->irq)
		return "which has an interrupt, although those without were asked for";
	if (ev->filter == ASSOCIATED && !ev->irq)
		return "which has no interrupt, although those that have one were asked for";
	return NULL;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_first *ev = (const struct msi_ev_first *)e;
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	struct report r = { .e = e, .what = "yielded", .key = ev->index };
	const char *what;
	struct finding *f;

	if (!ev->desc || !ev->owner_current)	/* without the mutex it may have changed since */
		return;
	rule_judged(rc);
	what = wrong(ev);
	if (!what)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u, filter %u", ev->index, ev->filter);
	finding_message(f, "%s() called by %s on %s yields descriptor %u, %s", event_function(rc, e),
			word_task(e->comm, e->tid).s, word_device(rc, &r).s, ev->index, what);
	finding_inserted(rc, f, d);
	if (rc->scene->md && rc->scene->md->lock == LOCK_STATE_HELD)
		finding_life(rc, f, "mutex taken", &rc->scene->md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_wrong_yield = {
	.id = "iter_wrong_yield",
	.severity = SEV_STATE,
	.check = check,
	.summary = "walk over MSI descriptors that yielded one which was not asked for",
	.doc = "msi_desc_match() (kernel/irq/msi.c) asks \"desc->irq\" for MSI_DESC_ASSOCIATED and \"!desc->irq\" "
	       "for MSI_DESC_NOTASSOCIATED, and the store of a device holds its own descriptors only: "
	       "msi_alloc_desc() sets desc->dev. Who walks uses the interrupt, or the registers, of what "
	       "it gets without another look.",
	.advice = "Never write to desc->dev or desc->irq of a descriptor that is in a store; the core "
		  "does, with the mutex held.",
	.blind = "Walks of the core itself from 6.2 on, which do not use the iterators; walks without "
		 "the mutex, see lock_iter_unlocked.",
	.wrong = "desc->dev = &alias->dev; /* and somebody walks */",
	.right = "pci_add_dma_alias(pdev, devfn, 1); /* the requester id is another matter */",
	.alike = "A descriptor that gets its interrupt in the loop that yielded it.\n"
		 "Descriptors with and without interrupt where all were asked for.",
	.wants = EV(FIRST) | EV(NEXT),
	.needs = EV(FIRST) | EV(NEXT),
	.uses = EV(LOCK) | EV(UNLOCK),
	.since = KVER(5, 17),
};
