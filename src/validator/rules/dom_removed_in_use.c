// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a driver that allocates vectors in probe and does nothing in remove (6.2 and later)
 * nearest that does not:  the same in a domain that the device does not own
 */
#include "../rule_ctx.h"

static void rows(struct rule_ctx *rc, struct finding *f)
{
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct virq *vq = sl->rows[i].irq ? model__virq(rc->model, sl->rows[i].irq) : NULL;

		if (!vq)
			continue;
		if (!f->has_setup)
			finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life(rc, f, "interrupt associated", &vq->associated);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_release *ev = (const struct msi_ev_data_release *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "removed with interrupts in it",
			    .dev = md ? md->dev : NULL };
	const char *s = ev->mapped == 1 ? "" : "s";
	struct finding *f;

	if (!ev->own_domain)
		return;
	rule_judged(rc);
	if (!ev->mapped)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "irq domain of %s", word_device(rc, &r).s);
	finding_message(f,
			"the irq domain of %s is removed with %u interrupt%s mapped in it: the irq_data of "
			"the interrupt%s points to freed memory, and nobody can free %s any more",
			word_device(rc, &r).s, ev->mapped, s, s, ev->mapped == 1 ? "it" : "them");
	rows(rc, f);
	rule_emit(rc, f);
}

const struct rule rule_dom_removed_in_use = {
	.id = "dom_removed_in_use",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "irq domain of a device removed with interrupts in it",
	.doc = "Since 6.2 msi_device_data_release() removes the irq domain that the device has of its "
	       "own. irq_domain_remove(): \"The caller must ensure that all mappings within the domain "
	       "have been disposed of prior to use of this function\"; it says WARN_ON() about its tree "
	       "of mappings, and frees the domain all the same.",
	.advice = "Call free_irq() and pci_free_irq_vectors() in remove and in the error paths of probe, "
		  "or enable the device with pcim_enable_device().",
	.wrong = "static void remove(struct pci_dev *pdev)\n"
		 "{\n"
		 "} /* probe allocated vectors */",
	.right = "static void remove(struct pci_dev *pdev)\n"
		 "{\n"
		 "    pci_free_irq_vectors(pdev);\n"
		 "}",
	.alike = "Interrupts left in a domain that several devices share: it stays.\n"
		 "A domain that stays until unbind although the vectors are freed.",
	.blind = "Domains that are removed while the device keeps its MSI data: between MSI and MSI-X, "
		 "and by msi_remove_device_irq_domain() of others.",
	.wants = EV(DATA_RELEASE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(DATA_RELEASE),
	.since = KVER(6, 2),
};
