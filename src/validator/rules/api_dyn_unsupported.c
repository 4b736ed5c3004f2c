// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_insert_desc() for a device with MSI-X enabled, in a domain that has not said
 *          MSI_FLAG_PCI_MSIX_ALLOC_DYN
 * nearest that does not:  pci_msix_alloc_irq_at() in a domain that has
 */
#include "../rule_ctx.h"

/* An interrupt of the store that is MSI-X: it is enabled. What is inserted may not say yet what it is.  */
static const struct virq *in_use(const struct model *m, const struct msi_data *md)
{
	const struct virq *vq;
	uint32_t n = 0;

	for (struct link *l = md->descs.next; l != &md->descs && n < RANGE_WALK_MAX; l = l->next, n++) {
		vq = model__virq_of(m, link_entry(l, struct desc, node));
		if (vq && vq->state_known && vq->flags & MSI_DESC_MSIX)
			return vq;
	}
	return NULL;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_insert *ev = (const struct msi_ev_insert *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "added to vectors in use" };
	const struct virq *vq;
	struct finding *f;

	if (ev->ret || !md || ev->domid || !ev->has_domain || !(ev->flags & MSI_DESC_PCI))
		return;
	vq = in_use(rc->model, md);
	if (!vq)
		return;
	rule_judged(rc);
	if (ev->dyn)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", ev->index);
	finding_message(f,
			"%s adds MSI-X descriptor %u to those of %s, which is enabled, in an irq domain that "
			"cannot do that: what the domain prepared when MSI-X was enabled has no room for it",
			word_task(e->comm, e->tid).s, ev->index, word_device(rc, &r).s);
	finding_setup(rc, f, "interrupt in use associated", &vq->associated);
	finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

const struct rule rule_api_dyn_unsupported = {
	.id = "api_dyn_unsupported",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI-X vector added to a device in use whose irq domain cannot do that",
	.doc = "\"MSI_FLAG_PCI_MSIX_ALLOC_DYN: PCI/MSI-X vectors can be dynamically allocated/freed post "
	       "MSI-X enable\" (include/linux/msi.h). pci_msix_alloc_irq_at() asks for it, as "
	       "pci_msix_can_alloc_dyn() does for drivers, and gives -ENOTSUPP without.",
	.advice = "Use pci_msix_alloc_irq_at(), ask pci_msix_can_alloc_dyn() before, and allocate all "
		  "vectors at once where it says no.",
	.wrong = "pci_alloc_irq_vectors(pdev, 4, 4, PCI_IRQ_MSIX);\n"
		 "msi_insert_desc(&pdev->dev, desc, MSI_DEFAULT_DOMAIN, 4);",
	.right = "if (pci_msix_can_alloc_dyn(pdev))\n"
		 "    map = pci_msix_alloc_irq_at(pdev, 4, NULL);",
	.alike = "An attempt that is refused.\n"
		 "Descriptors that are added before any has an interrupt: that is enabling.\n"
		 "Devices that are not PCI's, which may add some at any time.",
	.blind = "Stores without an irq domain (legacy); devices with more than 4096 descriptors.",
	.wants = EV(INSERT),
	.uses = EV(ASSOC) | EV(ACTIVATE) | EV(IRQ_FREE) | EV(DESC_FREE),
	.needs = EV(INSERT) | EV(ASSOC) | EV(ACTIVATE) | EV(IRQ_FREE),
	.since = KVER(6, 2),
};
