// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  two interrupts of a device, the second in other irq domains than the first, which is still there
 * nearest that does not:  the same after the first was freed: MSI, then MSI-X
 */
#include "../rule_ctx.h"

#define DOMID_UNKNOWN (-1)

static int domid_of(const struct rule_ctx *rc, const struct virq *vq)
{
	const struct desc *d = map_get(&rc->model->descs, vq->desc);

	return d && d->inserted.how != MOMENT_NONE ? d->domid : DOMID_UNKNOWN;
}

/* An interrupt of the device whose domains are known: itself, from before, or any other.  */
static const struct virq *other(const struct rule_ctx *rc, const struct virq *vq)
{
	const struct link *all = vq->dev ? &vq->dev->virqs : NULL;
	int domid = domid_of(rc, vq);

	if (vq->in.domain)
		return vq;
	if (domid == DOMID_UNKNOWN)
		return NULL;
	for (const struct link *l = all ? all->next : NULL; l && l != all; l = l->next) {
		const struct virq *o = link_entry(l, struct virq, node);

		if (o->in.domain && !o->freed && o->epoch == rc->model->virq_epoch &&
		    domid_of(rc, o) == domid)
			return o;
	}
	return NULL;
}

static void report(struct rule_ctx *rc, const struct msi_ev_activate *ev, const struct virq *vq,
		   const struct virq *o)
{
	struct report r = { .e = &ev->h, .what = "activated in other irq domains", .dev = vq->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	if (o == vq)
		finding_message(f,
				"virq %u of %s is in other irq domains than when it was activated before: the "
				"one that frees it is not the one that it was allocated in",
				ev->irq, word_device(rc, &r).s);
	else
		finding_message(f,
				"virq %u of %s is in other irq domains than its virq %u, which is still there: "
				"what the device is torn down with knows one of them only",
				ev->irq, word_device(rc, &r).s, o->irq);
	/* of itself, the last activation is this one */
	finding_setup(rc, f, o == vq ? "associated" : "the other activated",
		      o == vq ? &vq->associated : &o->activated);
	finding_life_virq(rc, f, o);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_activate *ev = (const struct msi_ev_activate *)e;
	const struct virq *vq = rc->scene->virq, *o;

	if (!vq || !ev->domain || !ev->root)
		return;
	o = other(rc, vq);
	if (!o)
		return;
	rule_judged(rc);
	if (o->in.domain != ev->domain || o->in.root != ev->root || o->in.depth != ev->depth)
		report(rc, ev, vq, o);
}

const struct rule rule_dom_hierarchy_changed = {
	.id = "dom_hierarchy_changed",
	.severity = SEV_STATE,
	.check = check,
	.summary = "irq domains of a device changed while it has interrupts",
	.doc = "\"The base hierarchy is established at boot or device detection time\" (Thomas Gleixner, in the "
	       "discussion of the MSI rework). The core finds the domain by the device (dev->msi.domain; since "
	       "6.2 msi_device_data::__domains), not by the interrupt: what was allocated in one domain is "
	       "freed in the one that the device has then.",
	.advice = "Call dev_set_msi_domain() before the driver is bound, and not again.",
	.blind = "A domain that was changed and changed back before an interrupt was activated. Domains of "
		 "interrupts that were not activated since msitrace attached.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX);\n"
		 "dev_set_msi_domain(&pdev->dev, other);",
	.right = "dev_set_msi_domain(&pdev->dev, other);\n"
		 "pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX);",
	.alike = "From MSI to MSI-X, and back: the interrupts of the one are freed before.\n"
		 "Several domain ids of one device (6.2): each has a domain of its own.",
	.wants = EV(ACTIVATE),
	.needs = EV(ACTIVATE) | EV(IRQ_FREE) | EV(INSERT),
	.uses = EV(IRQ_FREE) | EV(ASSOC) | EV(INSERT) | EV(STORE_ENTRY),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
