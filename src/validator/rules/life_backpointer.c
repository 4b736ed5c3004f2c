// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a domain_alloc_irqs() that sets desc->irq and does not call irq_set_msi_desc()
 * nearest that does not:  the same with the call
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev,
		   const struct store_row *row)
{
	const struct virq *vq = model__virq(rc->model, row->irq);
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	struct report r = { .e = &ev->h, .what = "set up with interrupts of nobody" };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u, virq %u", row->index, row->irq);
	finding_message(f,
			"descriptor %u of %s has %u interrupt%s from virq %u on, and %u point%s back to it: "
			"the chip finds no descriptor for the others, so they are masked and moved in the "
			"wrong place or not at all",
			row->index, word_device(rc, &r).s, row->nvec, row->nvec == 1 ? "" : "s", row->irq,
			row->assoc, row->assoc == 1 ? "s" : "");
	if (vq)
		finding_setup(rc, f, "interrupt associated", &vq->associated);
	if (d && !d->freed)
		finding_life_desc(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_enable *ev = (const struct msi_ev_pci_enable *)e;
	const struct store_list *sl = enabled_descs(rc, ev);

	if (!sl)
		return;
	for (uint32_t i = 0; i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		if (!row->irq)
			continue;
		if (row->assoc == MSI_ASSOC_UNKNOWN) {
			rule_inconclusive(rc, "whose interrupt virq %u is was not seen", row->irq);
			continue;
		}
		rule_judged(rc);
		if (row->assoc != row->nvec)
			report(rc, ev, row);
	}
}

const struct rule rule_life_backpointer = {
	.id = "life_backpointer",
	.severity = SEV_STATE,
	.check = check,
	.summary = "interrupt that does not point back to its descriptor",
	.doc = "desc->irq says which interrupts a descriptor has, and irq_data->common->msi_desc of each says "
	       "whose it is; irq_set_msi_desc_off() sets both (kernel/irq/chip.c), and they agree for as "
	       "long as the interrupt exists. Judged when the PCI core has set up all of them.",
	.advice = "In a domain with domain_alloc_irqs() of its own, call irq_set_msi_desc_off() for each "
		  "interrupt.",
	.blind = "Interrupts that are added while MSI-X is enabled; those of other buses than PCI; the 33rd "
		 "interrupt of a descriptor.",
	.wrong = "desc->irq = virq;",
	.right = "irq_set_msi_desc(virq, desc); /* sets desc->irq, too */",
	.alike = "Between the allocation of an interrupt and its association.\n"
		 "A descriptor without interrupts, when only some could be had.",
	.wants = EV(PCI_ENABLE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(PCI_ENABLE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
