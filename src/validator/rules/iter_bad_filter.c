// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_domain_first_desc(dev, domid, 7)
 * nearest that does not:  msi_domain_first_desc(dev, domid, MSI_DESC_ASSOCIATED), the last of the enum
 */
#include "../rule_ctx.h"

#define FILTER_LAST 2	/* MSI_DESC_ASSOCIATED */

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_first *ev = (const struct msi_ev_first *)e;
	struct report r = { .e = e, .what = "filter that there is none of", .key = ev->filter };
	struct finding *f;

	rule_judged(rc);
	if (ev->filter <= FILTER_LAST)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "filter %u, domain id %u", ev->filter, ev->domid);
	finding_message(f,
			"%s() called by %s on %s with filter %u, which is none of enum msi_desc_filter: it "
			"matches nothing, so the caller sees a device without descriptors",
			event_function(rc, e), word_task(e->comm, e->tid).s, word_device(rc, &r).s,
			ev->filter);
	if (rc->scene->md && rc->scene->md->lock == LOCK_STATE_HELD)
		finding_life(rc, f, "mutex taken", &rc->scene->md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_bad_filter = {
	.id = "iter_bad_filter",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI descriptors walked with a filter that does not exist",
	.doc = "msi_desc_match() knows MSI_DESC_ALL, MSI_DESC_NOTASSOCIATED and MSI_DESC_ASSOCIATED; for "
	       "any other value it does \"WARN_ON_ONCE(1); return false\" (kernel/irq/msi.c): the warning "
	       "comes once, every later caller just finds nothing.",
	.advice = "Pass one of enum msi_desc_filter; look for an argument that is uninitialised or that "
		  "changed places with the domain id.",
	.blind = "Walks of the core itself from 6.2 on, which do not use the iterators.",
	.wrong = "desc = msi_domain_first_desc(dev, MSI_DESC_ALL, domid); /* swapped */",
	.right = "desc = msi_domain_first_desc(dev, domid, MSI_DESC_ALL);",
	.alike = "A filter that matches no descriptor of the device.",
	.wants = EV(FIRST) | EV(NEXT),
	.uses = EV(LOCK) | EV(UNLOCK),
	.needs = EV(FIRST) | EV(NEXT),
	.since = KVER(5, 17),
};
