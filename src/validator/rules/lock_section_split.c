// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(); insert; msi_unlock_descs(); msi_lock_descs(); allocate; msi_unlock_descs()
 * nearest that does not:  both in one section
 */
#include "../rule_ctx.h"

/* Waits for an interrupt since before this section; up to 6.1 an allocation serves all that do.  */
static bool waits(const struct rule_ctx *rc, const struct msi_data *md, const struct msi_ev_alloc *ev,
		  const struct desc *d)
{
	if (d->irq || !d->seq || d->seq >= md->section_seq)
		return false;
	if (d->epoch != rc->model->desc_epoch || d->virq_epoch != rc->model->virq_epoch)
		return false;
	return d->domid == ev->domid &&
	       (!ev->hwsize || (d->index >= ev->first && d->index <= ev->last));
}

static const struct desc *from_before(const struct rule_ctx *rc, const struct msi_data *md,
				      const struct msi_ev_alloc *ev)
{
	for (const struct link *l = md->descs.next; l != &md->descs; l = l->next) {
		const struct desc *d = link_entry(l, struct desc, node);

		if (waits(rc, md, ev, d))
			return d;
	}
	return NULL;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_alloc *ev = (const struct msi_ev_alloc *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "allocated in a later section" };
	const struct desc *d;
	struct finding *f;

	/* Of the functions that call one another, the one that does it.  */
	if (ev->bracket == MSI_BRACKET_NONE || !md_held_by(md, e->tid))
		return;
	if (md->locked.how != MOMENT_SEEN || md->nr_descs > RANGE_WALK_MAX)
		return;
	rule_judged(rc);
	d = from_before(rc, md, ev);
	if (!d)
		return;
	r.dev = md->dev;
	r.key = d->index;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", d->index);
	finding_message(f,
			"%s allocates the interrupt of descriptor %u of %s, which was inserted in an earlier "
			"section of the descriptor mutex: in between, another task could have freed it, or "
			"allocated for it",
			word_task(e->comm, e->tid).s, d->index, word_device(rc, &r).s);
	finding_inserted(rc, f, d);
	finding_life(rc, f, "mutex taken", &md->locked);
	rule_emit(rc, f);
}

const struct rule rule_lock_section_split = {
	.id = "lock_section_split",
	.severity = SEV_STATE,
	.check = check,
	.summary = "interrupts allocated for descriptors of an earlier lock section",
	.doc = "Descriptors are added and their interrupts allocated with the mutex held all the while: "
	       "msi_domain_alloc_irqs_all_locked(), msi_domain_alloc_irqs_descs_locked() up to 6.1, \"Must be "
	       "invoked from within a msi_lock_descs() / msi_unlock_descs() pair. Use this for MSI irqdomains "
	       "which implement their own descriptor allocation/free\" (kernel/irq/msi.c). A descriptor without "
	       "interrupt means that somebody is at work on it.",
	.advice = "Insert and allocate in one msi_lock_descs() section.",
	.wrong = "msi_lock_descs(dev);\n"
		 "msi_insert_msi_desc(dev, &desc);\n"
		 "msi_unlock_descs(dev);\n"
		 "msi_domain_alloc_irqs_range(dev, MSI_DEFAULT_DOMAIN, i, i);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_insert_msi_desc(dev, &desc);\n"
		 "msi_domain_alloc_irqs_range_locked(dev, MSI_DEFAULT_DOMAIN, i, i);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Descriptors left without interrupt, and freed, since there were not so many.\n"
		 "A walk over descriptors without interrupt that gives each one.\n"
		 "Allocation again for a descriptor that has had an interrupt.",
	.blind = "Descriptors that wait, and for which nobody allocates. Allocation of a single index, "
		 "msi_domain_alloc_irq_at(), inserts its descriptor itself.",
	.wants = EV(ALLOC),
	.needs = EV(ALLOC) | EV(INSERT) | EV(LOCK) | EV(UNLOCK) | EV(ASSOC),
	.uses = EV(DATA_SETUP) | EV(DATA_RELEASE) | EV(INSERT) | EV(DESC_FREE) | EV(LOCK) | EV(UNLOCK) |
		EV(ASSOC) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
