// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_alloc_irq_vectors(.., PCI_IRQ_MSI); msi_domain_free_irqs_all(); pci_disable_msi();
 * nearest that does not:  pci_alloc_irq_vectors(.., PCI_IRQ_MSI); pci_disable_msi();
 */
#include "../rule_ctx.h"

/* The descriptor that was freed last in the section that ends, NULL: none was.  */
static const struct desc *freed_in_section(const struct rule_ctx *rc, const struct msi_data *md)
{
	const struct link *head = &rc->model->tombstones;

	for (const struct link *l = head->prev; l != head; l = l->prev) {
		const struct desc *d = link_entry(l, struct desc, node);

		if (d->freed_seq < md->section_seq)
			return NULL;
		if (d->dev && d->dev == md->dev)
			return d;
	}
	return NULL;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_unlock *ev = (const struct msi_ev_unlock *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "left the store empty", .dev = md ? md->dev : NULL };
	const struct desc *freed;
	struct finding *f;

	if (!ev->pci || !ev->owner_current || !md_held_by(md, e->tid))
		return;
	freed = freed_in_section(rc, md);
	if (!freed)	/* up to 6.12 the flag is set before the section that inserts */
		return;
	rule_judged(rc);
	if (!ev->msi_enabled || !ev->empty)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptors of %s", word_device(rc, &r).s);
	finding_message(f,
			"%s freed the last descriptor of %s and left MSI enabled: pci_disable_msi() will "
			"read the pin interrupt from a descriptor that is not there, and crash",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s);
	finding_inserted(rc, f, freed);
	rule_emit(rc, f);
}

const struct rule rule_store_empty_while_enabled = {
	.id = "store_empty_while_enabled",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "last descriptor freed while MSI is enabled",
	.doc = "pci_dev::msi_enabled implies a descriptor: pci_msi_shutdown() says \"if "
	       "(!WARN_ON_ONCE(!desc))\" about the first one, and then reads "
	       "desc->pci.msi_attrib.default_irq all the same.",
	.advice = "Free the vectors of a PCI device by pci_free_irq_vectors() or pci_disable_msi(), which "
		  "clear msi_enabled, never by the calls of the MSI core below them.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);\n"
		 "msi_domain_free_irqs_all(&pdev->dev, MSI_DEFAULT_DOMAIN);\n"
		 "pci_disable_msi(pdev);",
	.right = "pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);\n"
		 "pci_disable_msi(pdev);",
	.alike = "MSI-X without descriptors: pci_msix_free_irq() frees them one by one.\n"
		 "The flag is set before the first descriptor is there.",
	.blind = "Descriptors that were freed before msitrace attached, or without the mutex.",
	.wants = EV(UNLOCK),
	.needs = EV(UNLOCK) | EV(DESC_FREE),
	.since = KVER(5, 17),
};
