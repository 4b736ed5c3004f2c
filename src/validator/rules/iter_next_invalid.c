// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(); msi_next_desc();
 * nearest that does not:  msi_lock_descs(); first(); first(); msi_next_desc();
 *
 * The machine is in iter.c; an iteration that another one took over is iter_nested's.
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_next *ev = (const struct msi_ev_next *)e;
	const struct scene *sc = rc->scene;
	struct report r = { .e = e };
	const char *when = sc->iter == ITER_NO_FIRST ?
				   "with no iteration started in this lock section" :
				   "after the iteration had ended with NULL";
	struct finding *f;

	if (!sc->md || sc->iter == ITER_NOT_JUDGED)
		return;
	rule_judged(rc);
	if (sc->iter != ITER_NO_FIRST && sc->iter != ITER_AFTER_END)
		return;
	r.dev = sc->md->dev;
	r.what = sc->iter == ITER_NO_FIRST ? "continued what was not started" :
					     "continued past the end";
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "iteration over domain id %u", ev->domid);
	finding_message(f, "%s() called by %s on %s %s: it returned %s", event_function(rc, e),
			word_task(e->comm, e->tid).s, word_device(rc, &r).s, when,
			ev->desc ? "a descriptor, from wherever the cursor stood" :
				   "NULL, the caller saw no descriptors");
	if (sc->iter == ITER_AFTER_END)
		finding_setup(rc, f, "iteration started", &sc->inner.first);
	if (sc->md->lock == LOCK_STATE_HELD)
		finding_life(rc, f, "mutex taken", &sc->md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_next_invalid = {
	.id = "iter_next_invalid",
	.severity = SEV_STATE,
	.check = check,
	.summary = "msi_next_desc() without a running iteration",
	.doc = "\"The first invocation of msi_next_desc() has to be preceeded by a successful "
	       "invocation of msi_first_desc(). Consecutive invocations are only valid if the "
	       "previous one was successful. All these operations have to be done within the same "
	       "MSI mutex held region\" (kernel/irq/msi.c).",
	.advice = "Use msi_for_each_desc(), or call msi_domain_first_desc() before the first "
		  "msi_next_desc() of each lock section and stop at NULL.",
	.wrong = "msi_lock_descs(dev);\n"
		 "desc = msi_next_desc(dev, MSI_DESC_DEFAULT_DOMAIN, MSI_DESC_ALL);",
	.right = "msi_lock_descs(dev);\n"
		 "desc = msi_domain_first_desc(dev, MSI_DESC_DEFAULT_DOMAIN, MSI_DESC_ALL);\n"
		 "if (desc)\n"
		 "    desc = msi_next_desc(dev, MSI_DESC_DEFAULT_DOMAIN, MSI_DESC_ALL);",
	.alike = "first() in any state; first() without next(); a loop that is left early.",
	.wants = EV(NEXT),
	.uses = EV(FIRST) | EV(LOCK) | EV(UNLOCK) | EV(DATA_SETUP) | EV(DATA_RELEASE),
	.needs = EV(FIRST) | EV(NEXT) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
