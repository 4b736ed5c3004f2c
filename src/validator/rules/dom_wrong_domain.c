// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an interrupt allocated in one irq domain whose descriptor is in the store of another
 * nearest that does not:  a global PCI/MSI domain, which is copied into the slot of the store
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_store_entry *ev = (const struct msi_ev_store_entry *)e;
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct report r = { .e = e, .what = "found in the store", .dev = d ? d->dev : NULL,
			    .key = ev->index };
	struct finding *f;

	if (!(ev->flags & (MSI_DESC_IN_DOMAIN | MSI_DESC_NOT_IN_DOMAIN)))
		return;
	rule_judged(rc);
	if (!(ev->flags & MSI_DESC_NOT_IN_DOMAIN))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "virq %u, descriptor index %u", ev->irq, ev->index);
	finding_message(f,
			"virq %u of %s is not in the irq domain that descriptor %u has it from: it is "
			"masked and its message written by another chip, and freed in the wrong domain",
			ev->irq, word_device(rc, &r).s, ev->index);
	if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_dom_wrong_domain = {
	.id = "dom_wrong_domain",
	.severity = SEV_LOST,
	.check = check,
	.summary = "interrupt that is in another irq domain than its descriptor",
	.doc = "Since 6.2 each domain id of a device has a store and an irq domain: \"struct "
	       "msi_dev_domain - Per device MSI domain\" (kernel/irq/msi.c). What is in the store was "
	       "allocated in that domain, and is freed in it.",
	.advice = "Do not change dev->msi.domain, or the device's irq domain, while it has interrupts.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);\n"
		 "dev_set_msi_domain(&pdev->dev, other);",
	.right = "dev_set_msi_domain(&pdev->dev, other);\n"
		 "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);",
	.alike = "A global domain, which many devices share.\n"
		 "No irq domain at all (legacy).",
	.blind = "Interrupts in no list: lists are read when MSI is enabled, and at begin and end.",
	.wants = EV(STORE_ENTRY),
	.needs = EV(PCI_ENABLE),
	.since = KVER(6, 2),
};
