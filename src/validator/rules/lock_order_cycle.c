// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  the mutex of device A, then that of B; and somewhere else B, then A
 * nearest that does not:  always A before B
 *
 * The graph is in lock_graph.c.  Two locks of which one is the irq_domain mutex are the business of
 * lock_irq_domain_order.
 */
#include "../rule_ctx.h"

static bool is_domain_order(const struct lock_cycle *c)
{
	return c->nr == 2 && (c->edge[0]->from->class == MSI_EDGE_DOMAIN ||
			      c->edge[0]->to->class == MSI_EDGE_DOMAIN);
}

static void message(struct rule_ctx *rc, struct finding *f, const struct msi_event_hdr *e,
		    const struct lock_cycle *c)
{
	const char *how = lock_cycle_blocked(c) ? "actual deadlock, they wait for each other" :
						  "potential deadlock";
	const struct moment *other = &c->edge[1]->taken;
	const struct lock_edge *le = c->edge[0];

	if (c->nr == 2)
		finding_message(f, "%s takes the %s while it holds the %s; %s took them in the opposite "
				"order: %s", word_task(e->comm, e->tid).s, lock_name(rc, le->to).s,
				lock_name(rc, le->from).s, word_task(other->comm, other->tid).s, how);
	else
		finding_message(f, "%s takes the %s while it holds the %s, which closes a cycle of %u "
				"locks: %s", word_task(e->comm, e->tid).s, lock_name(rc, le->to).s,
				lock_name(rc, le->from).s, c->nr, how);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_data *md = rc->scene->md;
	struct lock_edge *le = rc->scene->edge;
	struct report r = { .e = e, .dev = md ? md->dev : NULL };
	struct lock_cycle c;
	struct finding *f;

	if (e->type == MSI_EV_UNLOCK) {	/* a whole section in which it could have happened */
		if (md_held_by(md, e->tid) && md->locked.how == MOMENT_SEEN)
			rule_judged(rc);
		return;
	}
	if (!le)
		return;
	rule_judged(rc);
	if (!lock_cycle_new(rc, &c) || is_domain_order(&c))
		return;
	r.key = le->from->key ^ le->to->key << 1;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_cycle(rc, f, &c);
	message(rc, f, e, &c);
	rule_emit(rc, f);
}

const struct rule rule_lock_order_cycle = {
	.id = "lock_order_cycle",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptor mutexes and other locks taken in opposite orders",
	.doc = "\"Two locks can not be taken in inverse order\", which \"could lead to the two contexts "
	       "waiting for each other permanently\" (Documentation/locking/lockdep-design.rst). "
	       "lockdep watches over it on debug kernels only, and there takes all descriptor mutexes "
	       "for one.",
	.advice = "Decide on one order for these locks, or release the first before taking the second.",
	.blind = "With --locks msi, locks other than cpu_hotplug_lock and the mutexes of descriptors and "
		 "irq domains. With --locks full, spinlocks, and locks in allocated memory (they are named "
		 "in events, no cycle is looked for); a variable counts from when it was first taken below "
		 "a descriptor mutex on, readers of rw_semaphores but pci_bus_sem do not. A lock that all "
		 "tasks hold meanwhile makes it harmless, and may be one that is not seen.",
	.wrong = "msi_lock_descs(a); msi_lock_descs(b); /* one task */\n"
		 "msi_lock_descs(b); msi_lock_descs(a); /* another */",
	.right = "msi_lock_descs(a); msi_lock_descs(b); /* every task */",
	.alike = "Two devices that are always locked in the same order.\n"
		 "request_irq() with the mutex held (NTB): an edge, no cycle.\n"
		 "pci_bus_sem, then the mutexes of all devices of a bus, one after the other.\n"
		 "Opposite orders of which each is always below one more common lock.\n"
		 "mutex_trylock(): does not wait, so it is no edge.",
	.wants = EV(EDGE) | EV(UNLOCK),
	.uses = EV(LOCK) | EV(DATA_RELEASE) | EV(MODULE),
	.needs = EV(EDGE) | EV(LOCK) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
