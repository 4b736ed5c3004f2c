// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an MSI of a device with mask bits that is unmasked before MSI is enabled; a vector of MSI-X that is
 *          unmasked when it is freed
 * nearest that does not:  masked until it is requested; MSI unmasked, and MSI-X masked, when freed
 */
#include "../rule_ctx.h"

struct judged {
	const struct msi_event_hdr *e;
	const char *what, *wrong;
};

static void report(struct rule_ctx *rc, const struct judged *j, const struct store_row *row)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	struct report r = { .e = j->e, .what = j->what, .dev = d ? d->dev : NULL, .key = row->index };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u, mask bits %#x", row->index, row->mask);
	finding_message(f, "descriptor %u of %s is %s", row->index, word_device(rc, &r).s, j->wrong);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

/* The bits of the vectors that the descriptor has.  */
static uint32_t all_bits(const struct store_row *row)
{
	return row->nvec >= 32 ? ~0u : (1u << row->nvec) - 1;
}

static bool can_mask(const struct store_row *row)
{
	const uint32_t known = MSI_DESC_PCI | MSI_DESC_CAN_MASK;

	return (row->flags & known) == known && row->nvec &&
	       !(row->flags & (MSI_DESC_VIRTUAL | MSI_DESC_UNREACHABLE | MSI_DESC_FOREIGN));
}

/* Of MSI-X the copy may be older than pci_msix_mask_all(), which masks what a device came with.  */
static void enabled(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev)
{
	const struct store_list *sl = ev->cap == MSI_CAP_MSI ? enabled_descs(rc, ev) : NULL;
	const struct judged j = { &ev->h, "set up unmasked",
				  "unmasked when its interrupts were set up, and MSI is enabled next: the device "
				  "sends before there is a handler" };

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		if (!can_mask(row) || (row->flags & MSI_DESC_MSIX))
			continue;
		rule_judged(rc);
		if (~row->mask & all_bits(row))
			report(rc, &j, row);
	}
}

/* After the shutdown: a set-up that failed, and one vector of many, are freed while it is enabled.  */
static void freed(struct rule_ctx *rc, const struct msi_ev_desc_free *ev)
{
	const struct judged msi = { &ev->h, "freed with mask bits set",
				    "freed and left masked: who uses its MSI next, and does not know of mask "
				    "bits, gets no interrupt" };
	const struct judged msix = { &ev->h, "freed unmasked",
				     "freed and left unmasked: the device sends as soon as MSI-X is enabled "
				     "again" };
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		if (row->domid != ev->domid || !can_mask(row) || (row->flags & MSI_DESC_ENABLED))
			continue;
		rule_judged(rc);
		if (row->flags & MSI_DESC_MSIX ? !(row->mask & 1) : row->mask & all_bits(row))
			report(rc, row->flags & MSI_DESC_MSIX ? &msix : &msi, row);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_PCI_ENABLE)
		enabled(rc, (const struct msi_ev_pci_enable *)e);
	else
		freed(rc, (const struct msi_ev_desc_free *)e);
}

const struct rule rule_act_initial_mask = {
	.id = "act_initial_mask",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI unmasked before it is enabled, or not in its initial state when freed",
	.doc = "\"All MSIs are unmasked by default; mask them all\", before they are set up; \"Return the "
	       "device with MSI unmasked as initial states\" and \"Return the device with MSI-X masked as "
	       "initial states\" (msi_capability_init(), pci_msi_shutdown() and pci_msix_shutdown() in "
	       "drivers/pci/msi/msi.c).",
	.advice = "Leave mask bits to the interrupt core: disable_irq() and enable_irq(). An irq domain masks "
		  "and unmasks in irq_mask() and irq_unmask() only.",
	.blind = "MSI-X before it is enabled; what is in the device, as against the copy in the descriptor.",
	.wrong = "static void my_free_irqs(struct irq_domain *domain, struct device *dev)\n"
		 "{\n"
		 "    pci_msi_unmask_irq(irq_get_irq_data(virq));",
	.right = "disable_irq(virq);\n"
		 "enable_irq(virq);",
	.alike = "A device without mask bits, one that was unplugged, and virtual entries.\n"
		 "A set-up that failed: its descriptor is freed as it is.\n"
		 "One MSI-X vector that is freed while the others are in use.",
	.wants = EV(PCI_ENABLE) | EV(DESC_FREE),
	.needs = EV(DESC_FREE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.since = KVER(5, 17),
};
