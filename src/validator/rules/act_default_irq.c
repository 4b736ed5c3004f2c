// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  MSI of a device is shut down, and pci_dev::irq is not that of its pin
 * nearest that does not:  pci_dev::irq while MSI is enabled; MSI-X, which leaves it alone
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct store_row *row)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	struct report r = { .e = e, .what = "freed, and the interrupt of the pin is not back",
			    .dev = d ? d->dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "pci_dev::irq of %s", word_device(rc, &r).s);
	finding_message(f,
			"MSI of %s is shut down; its pin has interrupt %u, but pci_dev::irq is %u%s: who requests "
			"it next gets the wrong one", word_device(rc, &r).s, row->default_irq, row->pci_irq,
			row->pci_irq && row->pci_irq == row->irq ? ", which is the MSI" : "");
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const uint32_t skip = MSI_DESC_MSIX | MSI_DESC_ENABLED | MSI_DESC_FOREIGN;
	const struct msi_ev_desc_free *ev = (const struct msi_ev_desc_free *)e;
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		/* A failed set-up frees with msi_enabled set, before pci_dev::irq has changed.  */
		if (row->domid != ev->domid || !(row->flags & MSI_DESC_PCI) || (row->flags & skip))
			continue;
		rule_judged(rc);
		if (row->pci_irq != row->default_irq)
			report(rc, e, row);
	}
}

const struct rule rule_act_default_irq = {
	.id = "act_default_irq",
	.severity = SEV_STATE,
	.check = check,
	.summary = "interrupt of the pin not restored when MSI is shut down",
	.doc = "\"Restore dev->irq to its default pin-assertion IRQ\" (pci_msi_shutdown() in "
	       "drivers/pci/msi/msi.c), after msi_enabled was cleared and before the descriptor is freed. "
	       "While MSI is enabled pci_dev::irq is that of the MSI.",
	.advice = "Do not write to pci_dev::irq: pci_irq_vector(pdev, 0) gives the interrupt that is in use.",
	.blind = "What is written to pci_dev::irq after the descriptor was freed, or before MSI is enabled.",
	.wrong = "pdev->irq = pci_irq_vector(pdev, 0);  /* while MSI is being freed */",
	.right = "pci_free_irq_vectors(pdev);",
	.alike = "pci_dev::irq while MSI is enabled.\n"
		 "MSI-X: it leaves pci_dev::irq alone.\n"
		 "A set-up that failed: nothing was changed yet.",
	.wants = EV(DESC_FREE),
	.needs = EV(DESC_FREE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.since = KVER(5, 17),
};
