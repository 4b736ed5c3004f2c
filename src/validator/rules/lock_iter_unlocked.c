// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  first() by a task that does not hold the mutex
 * nearest that does not:  the same below a function that took it
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_first *ev = (const struct msi_ev_first *)
		e; /* NEXT has the same fields */
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e,
			    .what = "walked without the mutex",
			    .dev = md ? md->dev : NULL };
	struct finding *f;

	if (!ev->md)		/* no device data: not this rule's business */
		return;
	rule_judged(rc);
	if (event_owner_is_current(e))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	if (ev->desc)
		finding_object(f, "descriptor index %u", ev->index);
	else
		finding_object(f, "descriptors of domain id %u", ev->domid);
	finding_message(f, "%s() called by %s without the descriptor mutex of %s; %s",
			event_function(rc, e), word_task(e->comm, e->tid).s, word_device(rc, &r).s,
			phrase_holder(md, e).s);
	if (md && event_owner_tid(e) && md->owner_tid == event_owner_tid(e))
		finding_setup(rc, f, "mutex taken by its holder", &md->locked);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

const struct rule rule_lock_iter_unlocked = {
	.id = "lock_iter_unlocked",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "MSI descriptors walked without the descriptor mutex",
	.doc = "msi_domain_first_desc() and msi_next_desc() \"must be called with the MSI "
	       "descriptor mutex held\" (kernel/irq/msi.c), which lockdep_assert_held() checks on "
	       "debug kernels only.",
	.advice = "Put guard(msi_descs_lock)(dev), or msi_lock_descs() and msi_unlock_descs(), "
		  "around the whole loop.",
	.blind = "Walks inside kernel/irq/msi.c that the compiler inlined.",
	.wrong = "msi_for_each_desc(desc, dev, MSI_DESC_ALL)\n"
		 "    use(desc);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_for_each_desc(desc, dev, MSI_DESC_ALL)\n"
		 "    use(desc);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Callbacks of a caller that holds the mutex.",
	.wants = EV(FIRST) | EV(NEXT),
	.needs = EV(FIRST) | EV(NEXT),
	.since = KVER(5, 17),
};
