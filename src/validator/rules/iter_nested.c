// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_for_each_desc() { msi_for_each_desc() { } }
 * nearest that does not:  msi_for_each_desc() { break; } msi_for_each_desc() { }
 *
 * The machine, and what counts as proof, is in iter.c.
 */
#include <stdio.h>

#include "../rule_ctx.h"

static struct phrase consequence(const struct scene *sc, const struct msi_ev_next *e)
{
	struct phrase t;

	if (sc->iter == ITER_RESTARTS)
		snprintf(t.s, sizeof(t.s), "the outer loop restarts for ever, at index %u again",
			 e->index);
	else if (!e->desc && sc->md->nr_descs > sc->outer.yields)
		snprintf(t.s, sizeof(t.s), "the outer loop is cut short after %u of %u descriptors",
			 sc->outer.yields, sc->md->nr_descs);
	else if (!e->desc)
		snprintf(t.s, sizeof(t.s), "the outer loop is cut short after %u descriptors",
			 sc->outer.yields);
	else if (e->index <= sc->outer.index)
		snprintf(t.s, sizeof(t.s),
			 "the outer loop goes back from index %u to %u and may never end",
			 sc->outer.index, e->index);
	else
		snprintf(t.s, sizeof(t.s), "the outer loop jumps from index %u to %u",
			 sc->outer.index, e->index);
	return t;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_next *ev = (const struct msi_ev_next *)e;
	const struct scene *sc = rc->scene;
	struct report r = { .e = e, .what = "continued an iteration that another one took over" };
	struct finding *f;

	if (!sc->md || sc->iter == ITER_NOT_JUDGED)
		return;
	rule_judged(rc);
	if (sc->iter < ITER_TAKEN_OVER)
		return;
	r.dev = sc->md->dev;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "iteration over domain id %u", ev->domid);
	if (sc->iter == ITER_OTHER_DOMAIN)
		finding_message(f,
				"%s() called by %s on %s for domain id %u continues an iteration "
				"over domain id %u",
				event_function(rc, e), word_task(e->comm, e->tid).s,
				word_device(rc, &r).s, ev->domid, sc->inner.domid);
	else
		finding_message(f,
				"%s() called by %s on %s after a nested iteration moved the "
				"cursor: %s",
				event_function(rc, e), word_task(e->comm, e->tid).s,
				word_device(rc, &r).s, consequence(sc, ev).s);
	finding_setup(rc, f, "nested iteration started", &sc->inner.first);
	if (sc->has_outer)
		finding_life(rc, f, "outer iteration started", &sc->outer.first);
	if (sc->md->lock == LOCK_STATE_HELD)
		finding_life(rc, f, "mutex taken", &sc->md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_nested = {
	.id = "iter_nested",
	.severity = SEV_LOST,
	.check = check,
	.summary = "iteration over MSI descriptors continued after a nested one",
	.doc = "A device has one cursor for all iterations over its descriptors "
	       "(msi_device_data::__iter_idx): msi_for_each_desc() must not be nested on a device, "
	       "nor must its body call anything that walks the descriptors. The kernel has no "
	       "check for it.",
	.advice = "Collect what the inner walk needs before the loop, or leave the outer loop "
		  "before the inner walk starts.",
	.blind = "A lookup with first() in the body of a loop is seen only when the loop continued "
		 "before, or never ends: the same calls are legal when the lookup is the head of "
		 "the loop.",
	.wrong = "msi_for_each_desc(outer, dev, MSI_DESC_ALL)\n"
		 "    msi_for_each_desc(inner, dev, MSI_DESC_ALL) /* one cursor */\n"
		 "        use(outer, inner);",
	.right = "msi_for_each_desc(desc, dev, MSI_DESC_ALL)\n"
		 "    collect(desc);",
	.alike = "first() again in the same section, also as a mere lookup.\n"
		 "A loop that is left early, and another one after it.",
	.wants = EV(NEXT),
	.uses = EV(FIRST) | EV(LOCK) | EV(UNLOCK) | EV(DATA_SETUP) | EV(DATA_RELEASE),
	.needs = EV(FIRST) | EV(NEXT) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
