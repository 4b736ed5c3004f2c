// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  desc->msi_index = 0 of a descriptor that a loop comes to later
 * nearest that does not:  another loop, which begins at the lowest index again
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_next *ev = (const struct msi_ev_next *)e;
	const struct scene *sc = rc->scene;
	struct report r = { .e = e, .what = "went back", .key = ev->index };
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	struct finding *f;

	if (!sc->iter_goes_on)
		return;
	rule_judged(rc);
	if (ev->index > sc->iter_before)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", ev->index);
	finding_message(f,
			"%s() called by %s on %s yields index %u after %u: indices only ascend, so somebody "
			"has changed the index of a descriptor or the cursor, and the loop misses "
			"descriptors or sees them twice",
			event_function(rc, e), word_task(e->comm, e->tid).s, word_device(rc, &r).s,
			ev->index, sc->iter_before);
	finding_inserted(rc, f, d);
	if (sc->md)
		finding_life(rc, f, "mutex taken", &sc->md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_order = {
	.id = "iter_order",
	.severity = SEV_STATE,
	.check = check,
	.summary = "walk over MSI descriptors that went back",
	.doc = "The store is an xarray: msi_next_desc() looks for the first descriptor behind the cursor "
	       "(xa_for_each_start() from ++__iter_idx, kernel/irq/msi.c), so that the indices of one walk "
	       "strictly increase, whatever is inserted or freed meanwhile. Drivers that set up their "
	       "vectors in this order count on it.",
	.advice = "Never write to desc->msi_index of a descriptor that is in the store.",
	.blind = "Walks of the core itself from 6.2 on, which do not use the iterators; walks with "
		 "others inside of them, see iter_nested.",
	.wrong = "msi_for_each_desc(desc, dev, MSI_DESC_ALL)\n"
		 "    desc->msi_index = hw_index(desc);",
	.right = "msi_for_each_desc(desc, dev, MSI_DESC_ALL)\n"
		 "    priv->hw_index[desc->msi_index] = hw_index(desc);",
	.alike = "Another walk, which begins anew.\n"
		 "Descriptors that are inserted or freed while one walks.",
	.wants = EV(NEXT),
	.needs = EV(FIRST) | EV(NEXT),
	.uses = EV(LOCK) | EV(UNLOCK) | EV(FIRST),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
