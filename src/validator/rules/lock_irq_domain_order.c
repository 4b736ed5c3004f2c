// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an irq domain's .alloc that takes the descriptor mutex of a device whose vectors were
 *	    allocated the normal way
 * nearest that does not:  a device that has only this order, as platform device domains had on 6.1
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_edge *ev = (const struct msi_ev_edge *)e;
	const struct msi_data *md = rc->scene->md;
	struct lock_edge *le = rc->scene->edge;
	struct report r = { .e = e, .dev = md ? md->dev : NULL };
	const struct moment *other;
	struct lock_cycle c;
	struct finding *f;

	if (!le || ev->class != MSI_EDGE_DOMAIN)
		return;
	rule_judged(rc);
	if (!lock_cycle_new(rc, &c) || c.nr != 2)
		return;
	r.key = le->from->key ^ le->to->key << 1;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_cycle(rc, f, &c);
	other = &c.edge[1]->taken;
	finding_message(f, "%s takes the %s while it holds the %s; %s took them the other way round: "
			"two tasks doing this at once never wake up%s",
			word_task(e->comm, e->tid).s, lock_name(rc, le->to).s,
			lock_name(rc, le->from).s, word_task(other->comm, other->tid).s,
			lock_cycle_blocked(&c) ? "; these two did" : "");
	rule_emit(rc, f);
}

const struct rule rule_lock_irq_domain_order = {
	.id = "lock_irq_domain_order",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptor mutex and irq_domain mutex of one device taken in both orders",
	.doc = "Allocating and freeing MSIs takes the descriptor mutex, then the mutex of the irq "
	       "domain: irq_domain_mutex, on later kernels that of the root domain. An irq domain callback "
	       "that locks descriptors makes \"the lock order reverse to the regular MSI alloc/free "
	       "functions vs. the domain mutex\" (\"platform-msi: Let the core code handle MSI "
	       "descriptors\", 5.17).",
	.advice = "Do not lock descriptors in .alloc, .free, .activate or .translate of an irq domain; "
		  "what is needed of them travels in the allocation argument.",
	.blind = "Only the order is seen where nobody had to wait.",
	.wrong = "static int alloc(struct irq_domain *d, ...)\n"
		 "{\n"
		 "    guard(msi_descs_lock)(dev); /* below the domain's mutex */\n"
		 "}",
	.right = "guard(msi_descs_lock)(dev);\n"
		 "msi_domain_alloc_irqs_range_locked(dev, ...); /* takes the domain's */",
	.alike = "Platform device domains of 5.17 to 6.1: they have the other order only.\n"
		 "Two devices that have one order each.",
	.wants = EV(EDGE),
	.uses = EV(LOCK) | EV(UNLOCK) | EV(DATA_RELEASE),
	.needs = EV(EDGE) | EV(LOCK) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
