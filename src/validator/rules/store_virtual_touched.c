// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_alloc_irq_vectors(pdev, 70, 70, PCI_IRQ_MSIX | PCI_IRQ_VIRTUAL) of a 64-entry table
 *          on a kernel that leaves can_mask set in the descriptors of entries 64 to 69
 * nearest that does not:  the same on a kernel that clears it
 */
#include "../rule_ctx.h"

struct seen {
	const struct msi_event_hdr *e;
	uint64_t desc;
	uint32_t index, irq, flags;
};

static bool look(const struct rule_ctx *rc, const struct msi_event_hdr *e, struct seen *s)
{
	const struct msi_ev_store_entry *row = (const struct msi_ev_store_entry *)e;
	const struct msi_ev_insert *ins = (const struct msi_ev_insert *)e;

	if (e->type == MSI_EV_STORE_ENTRY) {
		*s = (struct seen){ e, row->desc, row->index, row->irq, row->flags };
		return !map_get(&rc->model->descs, row->desc);	/* else judged when it was inserted */
	}
	*s = (struct seen){ e, ins->desc, ins->index, 0, ins->flags };
	return !ins->ret && ins->desc;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct report r = { .e = e, .what = "made maskable although it is virtual",
			    .known = "pci-msix-virtual-can-mask",
			    .known_text = "msix_setup_msi_descs() keeps can_mask of the entry before it "
					  "in its template; no fix is known" };
	struct finding *f;
	struct seen s;

	if (!look(rc, e, &s) || !(s.flags & MSI_DESC_VIRTUAL))
		return;
	rule_judged(rc);
	if (!(s.flags & MSI_DESC_CAN_MASK))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u (virtual)", s.index);
	finding_message(f,
			"descriptor %u of %s is virtual, it has no entry in the MSI-X table, but the "
			"kernel believes that it can be masked: masking it writes 4 bytes at offset "
			"0x%x of the table, past its end",
			s.index, word_device(rc, &r).s, s.index * 16 + 12);
	rule_emit(rc, f);
}

const struct rule rule_store_virtual_touched = {
	.id = "store_virtual_touched",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "virtual MSI-X descriptor that the kernel would mask",
	.doc = "A virtual descriptor (PCI_IRQ_VIRTUAL) has an index beyond the MSI-X table of the "
	       "device. Nothing may be read or written there: pci_msi_mask() and "
	       "pci_msix_write_vector_ctrl() rely on msi_attrib.can_mask, which the kernel sets \"if "
	       "(!desc->pci.msi_attrib.is_virtual)\".",
	.advice = "Do not ask for PCI_IRQ_VIRTUAL on this kernel: what lies behind the MSI-X table in "
		  "the BAR is written whenever such a vector is masked or freed.",
	.wrong = "pci_alloc_irq_vectors(pdev, 70, 70, PCI_IRQ_MSIX | PCI_IRQ_VIRTUAL);",
	.right = "pci_alloc_irq_vectors(pdev, 64, 64, PCI_IRQ_MSIX);",
	.alike = "Virtual descriptors that cannot be masked; others that can.",
	.blind = "Descriptors beyond the table that are not marked as virtual: the size of the "
		 "table is not looked at.",
	.wants = EV(INSERT) | EV(STORE_ENTRY),
	.needs = EV(INSERT),
	.since = KVER(5, 17),
};
