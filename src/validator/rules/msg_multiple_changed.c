// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  desc->pci.msi_attrib.multiple or nvec_used changed between two messages of one MSI
 * nearest that does not:  the core writes the same value with each message
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	const struct written *before = model__written(rc->model, rc->scene->desc);
	struct report r = report_of_write(rc, ev, "number of messages changed");
	struct finding *f;

	if ((ev->flags & (MSI_DESC_PCI | MSI_DESC_MSIX)) != MSI_DESC_PCI || !before ||
	    message_is_empty(ev))	/* deleted: MSI may be off by now */
		return;
	rule_judged(rc);
	if (before->multiple == ev->multiple && before->nvec == ev->nvec_used)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_message(f,
			"%s was told that it may send %u messages for %u vectors, and is told %u for %u "
			"while MSI is enabled: what it sends is not what was set up",
			word_device(rc, &r).s, 1u << (before->multiple & 7), before->nvec,
			1u << (ev->multiple & 7), ev->nvec_used);
	finding_of_write(rc, f, ev);
	rule_emit(rc, f);
}

const struct rule rule_msg_multiple_changed = {
	.id = "msg_multiple_changed",
	.severity = SEV_LOST,
	.check = check,
	.summary = "number of messages of an MSI changed while it is enabled",
	.doc = "__pci_write_msi_msg() writes msi_attrib.multiple into the capability (PCI_MSI_FLAGS_QSIZE) "
	       "with each message. A device may latch it when MSI is enabled, and the low bits of its "
	       "data depend on it; vectors are allocated, and freed, by nvec_used.",
	.advice = "Do not touch descriptors: disable MSI and allocate again to have another number of "
		  "vectors.",
	.wrong = "irq_get_msi_desc(irq)->pci.msi_attrib.multiple = 2;",
	.right = "pci_free_irq_vectors(pdev);\n"
		 "pci_alloc_irq_vectors(pdev, 4, 4, PCI_IRQ_MSI);",
	.alike = "The same value, written with each message.\n"
		 "Another number after MSI was disabled: that is another descriptor.",
	.blind = "What is changed and changed back without a message in between.",
	.wants = EV(MSG_WRITE),
	.uses = EV(INSERT) | EV(DESC_FREE),
	.needs = EV(MSG_WRITE),
	.needs_lossless = true,
	.since = KVER(5, 10),
};
